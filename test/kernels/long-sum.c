phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sum in 2 parts
  rt->share(rt, k0, block, (const int32_t[]){1, 3}, 2, 1);
  // sum of the parts
  k1(block, (const int32_t[]){3, 2}, rt->scratch, 0, 1);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum in 2 parts */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    UNROLL for (int64_t r00 = 0; r00 < 2; r00++) {
      for (int64_t r10 = 0; r10 < 100000; r10 += 32) {
        const f32x16 x0 = (2 * i0 + r00) < 3 ? f32x16_load(p0 + 200000 * i0 + 100000 * r00 + r10) : f32x16_splat(0.0f);
        const f32x16 x1 = (2 * i0 + r00) < 3 ? f32x16_load(p0 + 200000 * i0 + 100000 * r00 + (r10 + 16)) : f32x16_splat(0.0f);
        sum0 = sum0 + ((2 * i0 + r00) < 3 ? x0 : f32x16_splat(0.0f));
        sum1 = sum1 + ((2 * i0 + r00) < 3 ? x1 : f32x16_splat(0.0f));
      }
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
  p1[0] = p0[0] + p0[1];
}
