phase k0;
phase k1;
phase k2;
phase k3;
phase k4;
phase k5;
phase k6;
phase k7;

program run_0;
static const attention run_0_a0 = {1, 0, 70, 70, 8, 8, 0, {8, 8, 8, 0, 0, 8, 1, 0, 0, 0, 0}, (const attention_axis[]){{6, {560, 560, 560, 0, 0, 560, 70, 0, 0, 0, 0}}}, 0.3535533845424652f, 1.1111111640930176f, 6554};
static const attention run_0_a1 = {1, 0, 70, 70, 8, 8, 0, {8, 8, 8, 0, 0, 8, 1, 8, 8, 8, 8}, (const attention_axis[]){{6, {560, 560, 560, 0, 0, 560, 70, 560, 560, 560, 560}}}, 0.3535533845424652f, 1.1111111640930176f, 6554};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // concat
  k0(block, (const int32_t[]){4, 5}, rt->scratch, 0, 1);
  // concat
  k1(block, (const int32_t[]){4, 5}, rt->scratch, 0, 1);
  // concat
  k2(block, (const int32_t[]){4, 5}, rt->scratch, 0, 1);
  // concat
  k3(block, (const int32_t[]){4, 5}, rt->scratch, 0, 1);
  // attention
  rt->attend(rt, &run_0_a0, (float *const[]){(float *)block[1].pointer, (float *)block[1].pointer, (float *)block[1].pointer, 0, (float *)block[4].pointer, (float *)block[6].pointer, (float *)block[7].pointer, 0, 0, 0, 0});
  // sum
  k4(block, (const int32_t[]){6, 2}, rt->scratch, 0, 1);
  // add
  k5(block, (const int32_t[]){6, 8}, rt->scratch, 0, 3360);
  // attention gradient
  rt->attend_grad(rt, &run_0_a1, (float *const[]){(float *)block[1].pointer, (float *)block[1].pointer, (float *)block[1].pointer, 0, (float *)block[4].pointer, (float *)block[6].pointer, (float *)block[7].pointer, (float *)block[8].pointer, (float *)block[9].pointer, (float *)block[10].pointer, (float *)block[11].pointer});
  // add
  k6(block, (const int32_t[]){9, 10, 11, 3}, rt->scratch, 0, 3360);
  if (block[0].status) return block[0].status;
  // copy
  k7(block, (const int32_t[]){5, 4}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k6;
void k6(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  int64_t i0i1i2i3 = lo;
  for (; i0i1i2i3 + 16 <= hi; i0i1i2i3 += 16) {
    const f32x16 e0 = f32x16_load(p0 + i0i1i2i3) + f32x16_load(p1 + i0i1i2i3) + f32x16_load(p2 + i0i1i2i3);
    f32x16_store(p3 + i0i1i2i3, e0);
  }
  if (i0i1i2i3 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1i2i3);
    const f32x16 e1 = f32x16_load_some(p0 + i0i1i2i3, active) + f32x16_load_some(p1 + i0i1i2i3, active);
    f32x16_store_some(p3 + i0i1i2i3, e1 + f32x16_load_some(p2 + i0i1i2i3, active), active);
  }
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r00 = 0; r00 < 3360; r00 += 32) {
    const f32x16 x0 = f32x16_load(p0 + r00);
    const f32x16 x1 = f32x16_load(p0 + (r00 + 16));
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
  }
  sum0 = sum0 + sum1;
  const f32x16 e0 = f32x16_from(sum0, 8);
  sum0 = sum0 + e0;
  const f32x16 e1 = f32x16_from(sum0, 4);
  sum0 = sum0 + e1;
  const f32x16 e2 = f32x16_from(sum0, 2);
  sum0 = sum0 + e2;
  const f32x16 e3 = f32x16_from(sum0, 1);
  sum0 = sum0 + e3;
  p1[0] = sum0[0];
}

phase k5;
void k5(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0i1i2i3 = lo;
  for (; i0i1i2i3 + 16 <= hi; i0i1i2i3 += 16) {
    const f32x16 x0 = f32x16_load(p0 + i0i1i2i3);
    f32x16_store(p1 + i0i1i2i3, x0 + x0);
  }
  if (i0i1i2i3 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1i2i3);
    const f32x16 x1 = f32x16_load_some(p0 + i0i1i2i3, active);
    f32x16_store_some(p1 + i0i1i2i3, x1 + x1, active);
  }
}

phase k7;
void k7(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* copy */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0, u32x16_load(p0 + i0));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0, u32x16_load_some(p0 + i0, active), active);
  }
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  const u32 x0 = p0[2];
  p1[3] = p0[3] + (u32)(-((x0 + 7350u) < x0) & 1);
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[2] = p0[2] + 7350u;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[0] = p0[0];
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[1] = p0[1];
}
