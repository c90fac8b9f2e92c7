phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sum in 16 parts
  rt->share(rt, k0, block, (const int32_t[]){1, 3}, 16, 1);
  // sum of the parts
  k1(block, (const int32_t[]){3, 2}, rt->scratch, 0, 1);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum in 16 parts */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    for (int64_t r00 = 0; r00 < 18720; r00 += 32) {
      sum0 = sum0 + f32x16_load(p0 + 18750 * i0 + r00);
      sum1 = sum1 + f32x16_load(p0 + 18750 * i0 + (r00 + 16));
    }
    {
      sum0 = sum0 + f32x16_load(p0 + 18750 * i0 + 18720);
      const i32x16 active = i32x16_first(14);
      sum1 = f32x16_select(active, sum1 + f32x16_load_some(p0 + 18750 * i0 + 18736, active), sum1);
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

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum of the parts */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  const f32 e0 = p0[0] + p0[8] + (p0[4] + p0[12]) + (p0[2] + p0[10] + (p0[6] + p0[14]));
  const f32 e1 = p0[1] + p0[9] + (p0[5] + p0[13]) + (p0[3] + p0[11] + (p0[7] + p0[15]));
  p1[0] = e0 + e1;
}
