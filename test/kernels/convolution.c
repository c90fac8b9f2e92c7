phase k0;
epilogue k1;

program run_0;
static const contraction run_0_c0 = {0, 1, 3, 3, 1, 8192, (const axis[]){{8, 27, 0, 256}, {4, 0, 972, 2048}, {16, 0, 18, 16}, {16, 0, 1, 1}, {3, 9, 324, 0}, {3, 3, 18, 0}, {3, 1, 1, 0}}, k1, (const int32_t[]){4, 6, 2}, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // pad
  k0(block, (const int32_t[]){5, 1}, rt->scratch, 0, 12);
  // conv where
  rt->contract(rt, block, &run_0_c0, (const float *)block[3].pointer, (const float *)block[5].pointer, (float *)block[6].pointer);
  return block[0].status;
}

epilogue k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* where */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    const f32 x0 = p0[m];
    for (int64_t n = c0 / 256; n < (c1 + 255) / 256; n++) {
      int64_t p = c0 > 256 * n ? c0 - 256 * n : 0;
      for (; p + 16 <= (c1 - 256 * n < 256 ? c1 - 256 * n : 256); p += 16) {
        const f32x16 e0 = f32x16_load(p1 + 256 * m + 2048 * n + p) + x0;
        f32x16_store(p2 + 256 * m + 2048 * n + p, f32x16_select(e0 <= 0.0f, f32x16_splat(0.0f), e0));
      }
      if (p < (c1 - 256 * n < 256 ? c1 - 256 * n : 256)) {
        const i32x16 active = i32x16_first((c1 - 256 * n < 256 ? c1 - 256 * n : 256) - p);
        const f32x16 e1 = f32x16_load_some(p1 + 256 * m + 2048 * n + p, active) + x0;
        f32x16_store_some(p2 + 256 * m + 2048 * n + p, f32x16_select(e1 <= 0.0f, f32x16_splat(0.0f), e1), active);
      }
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* pad */
  f32 *restrict p0 = (f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  for (int64_t i0i1 = lo; i0i1 < hi; i0i1++) {
    {
      f32x16_store(p0 + 324 * i0i1, f32x16_splat(0.0f));
    }
    {
      const i32x16 active = i32x16_first(2);
      f32x16_store_some(p0 + 324 * i0i1 + 16, f32x16_splat(0.0f), active);
    }
    for (int64_t i2 = 0; i2 < 16; i2++) {
      p0[324 * i0i1 + 18 * i2 + 18] = 0.0f;
      {
        f32x16_store(p0 + 324 * i0i1 + 18 * i2 + 19, f32x16_load(p1 + 256 * i0i1 + 16 * i2));
      }
      p0[324 * i0i1 + 18 * i2 + 35] = 0.0f;
    }
    {
      f32x16_store(p0 + 324 * i0i1 + 306, f32x16_splat(0.0f));
    }
    {
      const i32x16 active0 = i32x16_first(2);
      f32x16_store_some(p0 + 324 * i0i1 + 322, f32x16_splat(0.0f), active0);
    }
  }
}
