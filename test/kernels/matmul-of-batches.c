phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot
  rt->share(rt, k0, block, (const int32_t[]){1, 2, 3}, 20, 1);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i1 = lo; i1 < hi; i1++) {
    for (int64_t i0 = 0; i0 < 6; i0++) {
      {
        const i32x16 active = i32x16_first(10);
        f32x16 dot0 = f32x16_splat(0.0f);
        for (int64_t r00 = 0; r00 < 30; r00++) {
          const f32 x0 = p0[600 * i0 + 30 * i1 + r00];
          const f32x16 x1 = f32x16_load_some(p1 + 300 * i0 + 10 * r00, active);
          dot0 = dot0 + x0 * x1;
        }
        f32x16_store_some(p2 + 200 * i0 + 10 * i1, dot0, active);
      }
    }
  }
}
