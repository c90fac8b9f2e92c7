phase k0;
phase k1;

program run_0;
static const attention run_0_a0 = {1, 1, 70, 70, 8, 8, 0, {8, 8, 8, 0, 0, 8, 1, 0, 0, 0, 0}, (const attention_axis[]){{6, {560, 560, 560, 0, 0, 560, 70, 0, 0, 0, 0}}}, 0.3535533845424652f, 1.0f, 0};
static const attention run_0_a1 = {1, 1, 70, 70, 8, 8, 0, {8, 8, 8, 0, 0, 8, 1, 8, 8, 8, 8}, (const attention_axis[]){{6, {560, 560, 560, 0, 0, 560, 70, 560, 560, 560, 560}}}, 0.3535533845424652f, 1.0f, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // attention
  rt->attend(rt, &run_0_a0, (float *const[]){(float *)block[1].pointer, (float *)block[2].pointer, (float *)block[3].pointer, 0, 0, (float *)block[8].pointer, (float *)block[9].pointer, 0, 0, 0, 0});
  // sum
  k0(block, (const int32_t[]){8, 4}, rt->scratch, 0, 1);
  // add
  k1(block, (const int32_t[]){8, 10}, rt->scratch, 0, 3360);
  // attention gradient
  rt->attend_grad(rt, &run_0_a1, (float *const[]){(float *)block[1].pointer, (float *)block[2].pointer, (float *)block[3].pointer, 0, 0, (float *)block[8].pointer, (float *)block[9].pointer, (float *)block[10].pointer, (float *)block[5].pointer, (float *)block[6].pointer, (float *)block[7].pointer});
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
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

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
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
