phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sub
  k0(block, (const int32_t[]){2, 1, 3}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    for (int64_t i1 = 0; i1 < 288; i1 += 16) {
      const f32x16 x0 = f32x16_load(p0 + 300 * i0 + i1);
      const f32x16 e0 = x0 * f32x16_load(p1 + i1) + 1.0f;
      const f32x16 e1 = f32x16_select(e0 <= 0.0f, f32x16_splat(0.0f), e0) - f32x16_sqrt(f32x16_abs(x0));
      f32x16_store(p2 + 300 * i0 + i1, e1);
    }
    {
      const i32x16 active = i32x16_first(12);
      const f32x16 x1 = f32x16_load_some(p0 + 300 * i0 + 288, active);
      const f32x16 e2 = x1 * f32x16_load_some(p1 + 288, active) + 1.0f;
      const f32x16 e3 = f32x16_select(e2 <= 0.0f, f32x16_splat(0.0f), e2) - f32x16_sqrt(f32x16_abs(x1));
      f32x16_store_some(p2 + 300 * i0 + 288, e3, active);
    }
  }
}
