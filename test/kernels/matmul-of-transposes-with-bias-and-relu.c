epilogue k0;

program run_0;
static const contraction run_0_c0 = {0, 1, 1, 1, 1, 6144, (const axis[]){{64, 1, 0, 96}, {96, 0, 128, 1}, {128, 64, 1, 0}}, k0, (const int32_t[]){5, 3, 4}, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot where
  rt->contract(rt, block, &run_0_c0, (const float *)block[1].pointer, (const float *)block[2].pointer, (float *)block[5].pointer);
  return block[0].status;
}

epilogue k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* where */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    int64_t n = c0;
    for (; n + 16 <= c1; n += 16) {
      const f32x16 e0 = f32x16_load(p0 + 96 * m + n) + f32x16_load(p1 + n);
      f32x16_store(p2 + 96 * m + n, f32x16_select(e0 <= 0.0f, f32x16_splat(0.0f), e0));
    }
    if (n < c1) {
      const i32x16 active = i32x16_first(c1 - n);
      const f32x16 e1 = f32x16_load_some(p0 + 96 * m + n, active) + f32x16_load_some(p1 + n, active);
      f32x16_store_some(p2 + 96 * m + n, f32x16_select(e1 <= 0.0f, f32x16_splat(0.0f), e1), active);
    }
  }
}
