phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // concat
  k0(block, (const int32_t[]){3, 1}, rt->scratch, 0, 3);
  // concat
  k1(block, (const int32_t[]){2, 3}, rt->scratch, 0, 3);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  f32 *restrict p0 = (f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    p0[8 * i0] = 1.0f;
    {
      const i32x16 active = i32x16_first(4);
      f32x16_store_some(p0 + 8 * i0 + 1, f32x16_load_some(p1 + 4 * i0, active) + 1.0f, active);
    }
    p0[8 * i0 + 5] = 1.0f;
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(2);
      f32x16_store_some(p1 + 8 * i0 + 6, f32x16_load_some(p0 + 2 * i0, active), active);
    }
  }
}
