phase k0;
phase k1;
phase k2;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sum
  k0(block, (const int32_t[]){1, 2}, rt->scratch, 0, 1);
  // sum
  k1(block, (const int32_t[]){1, 3}, rt->scratch, 0, 30);
  // sum
  rt->share(rt, k2, block, (const int32_t[]){1, 4}, 1000, 1);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 64 <= hi; i0 += 64) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t r00 = 0; r00 < 1000; r00++) {
      const f32x16 x0 = f32x16_load(p0 + i0 + 30 * r00);
      const f32x16 x1 = f32x16_load(p0 + (i0 + 16) + 30 * r00);
      const f32x16 x2 = f32x16_load(p0 + (i0 + 32) + 30 * r00);
      const f32x16 x3 = f32x16_load(p0 + (i0 + 48) + 30 * r00);
      sum0 = sum0 + x0;
      sum1 = sum1 + x1;
      sum2 = sum2 + x2;
      sum3 = sum3 + x3;
    }
    f32x16_store(p1 + i0, sum0);
    f32x16_store(p1 + (i0 + 16), sum1);
    f32x16_store(p1 + (i0 + 32), sum2);
    f32x16_store(p1 + (i0 + 48), sum3);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum4 = f32x16_splat(0.0f);
    for (int64_t r01 = 0; r01 < 1000; r01++) {
      const f32x16 x4 = f32x16_load(p0 + i0 + 30 * r01);
      sum4 = sum4 + x4;
    }
    f32x16_store(p1 + i0, sum4);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t r02 = 0; r02 < 1000; r02++) {
      const f32x16 x5 = f32x16_load_some(p0 + i0 + 30 * r02, active);
      sum5 = sum5 + x5;
    }
    f32x16_store_some(p1 + i0, sum5, active);
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    {
      sum0 = sum0 + f32x16_load(p0 + 30 * i0);
      const i32x16 active = i32x16_first(14);
      sum1 = f32x16_select(active, sum1 + f32x16_load_some(p0 + 30 * i0 + 16, active), sum1);
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
    p1[i0] = sum0[0];
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r00 = 0; r00 < 29984; r00 += 32) {
    sum0 = sum0 + f32x16_load(p0 + r00);
    sum1 = sum1 + f32x16_load(p0 + (r00 + 16));
  }
  {
    sum0 = sum0 + f32x16_load(p0 + 29984);
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
