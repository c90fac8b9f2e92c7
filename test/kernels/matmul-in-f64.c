phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot
  k0(block, (const int32_t[]){1, 2, 3}, rt->scratch, 0, 8);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f64 *restrict p2 = (f64 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      f64x8 dot0 = f64x8_splat(0.0);
      for (int64_t r00 = 0; r00 < 8; r00++) {
        const f64 e0 = (f64)p0[8 * i0 + r00];
        const f64x8 e1 = CONVERT(f32x8_load(p1 + 8 * r00), f64x8);
        dot0 = dot0 + e0 * e1;
      }
      f64x8_store(p2 + 8 * i0, dot0);
    }
  }
}
