phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sum div
  k0(block, (const int32_t[]){1, 2}, rt->scratch, 0, 6);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0i1 = lo; i0i1 < hi; i0i1++) {
    for (int64_t i2 = 0; i2 < 6; i2++) {
      {
        const i32x16 active = i32x16_first(6);
        f32x16 sum0 = f32x16_splat(0.0f);
        UNROLL for (int64_t r0_0 = 0; r0_0 < 3; r0_0++) {
          UNROLL for (int64_t r0_1 = 0; r0_1 < 3; r0_1++) {
            const i32x16 e0 = (i32)(r0_1 - 1) + i32x16_iota() * 2;
            const i32x16 e1 = ((e0 >= 0) & (-((2 * i2 + r0_0 - 1) >= 0))) & active;
            const f32x16 x0 = f32x16_load_even_some(p0 + 24 * i2 + 12 * r0_0 + r0_1 + 144 * i0i1 - 13, e1);
            sum0 = sum0 + x0;
          }
        }
        f32x16_store_some(p1 + 6 * i2 + 36 * i0i1, sum0 / 9.0f, active);
      }
    }
  }
}
