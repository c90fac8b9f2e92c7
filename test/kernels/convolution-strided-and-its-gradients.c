phase k0;
epilogue k1;
phase k2;
epilogue k3;

program run_0;
static const contraction run_0_c0 = {0, 1, 3, 3, 1, 768, (const axis[]){{6, 36, 0, 64}, {2, 0, 1156, 384}, {8, 0, 34, 8}, {8, 0, 2, 1}, {4, 9, 289, 0}, {3, 3, 17, 0}, {3, 1, 1, 0}}, k1, (const int32_t[]){7, 8}, 0, 0};
static const contraction run_0_c1 = {0, 1, 3, 1, 1, 1800, (const axis[]){{4, 9, 0, 225}, {2, 0, 384, 900}, {8, 0, 8, 30}, {8, 0, 1, 2}, {6, 36, 64, 0}}, 0, 0, 0, 0};
static const contraction run_0_c2 = {0, 1, 3, 2, 1, 1800, (const axis[]){{4, 9, 0, 225}, {2, 0, 384, 900}, {8, 0, 8, 30}, {7, 0, 1, 2}, {6, 36, 64, 0}, {2, -2, 1, 0}}, 0, 0, 0, 0};
static const contraction run_0_c3 = {0, 1, 3, 2, 1, 1800, (const axis[]){{4, 9, 0, 225}, {2, 0, 384, 900}, {7, 0, 8, 30}, {8, 0, 1, 2}, {6, 36, 64, 0}, {2, -6, 8, 0}}, 0, 0, 0, 0};
static const contraction run_0_c4 = {0, 1, 3, 3, 1, 1800, (const axis[]){{4, 9, 0, 225}, {2, 0, 384, 900}, {7, 0, 8, 30}, {7, 0, 1, 2}, {6, 36, 64, 0}, {2, -6, 8, 0}, {2, -2, 1, 0}}, 0, 0, 0, 0};
static const contraction run_0_c5 = {0, 1, 3, 3, 1, 216, (const axis[]){{6, 64, 0, 36}, {4, 0, 289, 9}, {3, 0, 17, 3}, {3, 0, 1, 1}, {2, 384, 1156, 0}, {8, 8, 34, 0}, {8, 1, 2, 0}}, k3, (const int32_t[]){9, 5}, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // pad
  k0(block, (const int32_t[]){6, 1}, rt->scratch, 0, 8);
  // conv add
  rt->contract(rt, block, &run_0_c0, (const float *)block[2].pointer, (const float *)block[6].pointer, (float *)block[7].pointer);
  // sum
  k2(block, (const int32_t[]){7, 3}, rt->scratch, 0, 1);
  // conv
  rt->contract(rt, block, &run_0_c1, (const float *)block[2].pointer + 4, (const float *)block[8].pointer, (float *)block[4].pointer);
  // conv
  rt->contract(rt, block, &run_0_c2, (const float *)block[2].pointer + 5, (const float *)block[8].pointer, (float *)block[4].pointer + 1);
  // conv
  rt->contract(rt, block, &run_0_c3, (const float *)block[2].pointer + 7, (const float *)block[8].pointer, (float *)block[4].pointer + 15);
  // conv
  rt->contract(rt, block, &run_0_c4, (const float *)block[2].pointer + 8, (const float *)block[8].pointer, (float *)block[4].pointer + 16);
  // conv permute
  rt->contract(rt, block, &run_0_c5, (const float *)block[8].pointer, (const float *)block[6].pointer, (float *)block[9].pointer);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* pad */
  f32 *restrict p0 = (f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  for (int64_t i0i1 = lo; i0i1 < hi; i0i1++) {
    {
      f32x16_store(p0 + 289 * i0i1, f32x16_splat(0.0f));
    }
    {
      const i32x16 active = i32x16_first(1);
      f32x16_store_some(p0 + 289 * i0i1 + 16, f32x16_splat(0.0f), active);
    }
    for (int64_t i2 = 0; i2 < 15; i2++) {
      p0[289 * i0i1 + 17 * i2 + 17] = 0.0f;
      {
        const i32x16 active0 = i32x16_first(15);
        f32x16_store_some(p0 + 289 * i0i1 + 17 * i2 + 18, f32x16_load_some(p1 + 225 * i0i1 + 15 * i2, active0), active0);
      }
      p0[289 * i0i1 + 17 * i2 + 33] = 0.0f;
    }
    {
      f32x16_store(p0 + 289 * i0i1 + 272, f32x16_splat(0.0f));
    }
    {
      const i32x16 active1 = i32x16_first(1);
      f32x16_store_some(p0 + 289 * i0i1 + 288, f32x16_splat(0.0f), active1);
    }
  }
}

epilogue k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    for (int64_t n = c0 / 64; n < (c1 + 63) / 64; n++) {
      int64_t p = c0 > 64 * n ? c0 - 64 * n : 0;
      for (; p + 16 <= (c1 - 64 * n < 64 ? c1 - 64 * n : 64); p += 16) {
        const f32x16 x0 = f32x16_load(p0 + 64 * m + 384 * n + p);
        f32x16_store(p1 + 64 * m + 384 * n + p, x0 + x0);
      }
      if (p < (c1 - 64 * n < 64 ? c1 - 64 * n : 64)) {
        const i32x16 active = i32x16_first((c1 - 64 * n < 64 ? c1 - 64 * n : 64) - p);
        const f32x16 x1 = f32x16_load_some(p0 + 64 * m + 384 * n + p, active);
        f32x16_store_some(p1 + 64 * m + 384 * n + p, x1 + x1, active);
      }
    }
  }
}

epilogue k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* permute */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    for (int64_t n = c0 / 9; n < (c1 + 8) / 9; n++) {
      int64_t p = c0 > 9 * n ? c0 - 9 * n : 0;
      for (; p + 16 <= (c1 - 9 * n < 9 ? c1 - 9 * n : 9); p += 16) {
        f32x16_store(p1 + 36 * m + 9 * n + p, f32x16_load(p0 + 36 * m + 9 * n + p));
      }
      if (p < (c1 - 9 * n < 9 ? c1 - 9 * n : 9)) {
        const i32x16 active = i32x16_first((c1 - 9 * n < 9 ? c1 - 9 * n : 9) - p);
        f32x16_store_some(p1 + 36 * m + 9 * n + p, f32x16_load_some(p0 + 36 * m + 9 * n + p, active), active);
      }
    }
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r00 = 0; r00 < 768; r00 += 32) {
    const f32x16 x0 = f32x16_load(p0 + r00);
    const f32x16 x1 = f32x16_load(p0 + (r00 + 16));
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
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
