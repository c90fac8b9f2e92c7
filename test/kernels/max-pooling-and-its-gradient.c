phase k0;
phase k1;
phase k2;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // max argmax
  k0(block, (const int32_t[]){1, 4, 5}, rt->scratch, 0, 36);
  // sum
  k1(block, (const int32_t[]){4, 2}, rt->scratch, 0, 1);
  // fold
  k2(block, (const int32_t[]){5, 4, 3}, rt->scratch, 0, 6);
  return block[0].status;
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* fold */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0i1 = lo; i0i1 < hi; i0i1++) {
    for (int64_t i2o = 0; i2o < 6; i2o++) {
      for (int64_t i2i = 0; i2i < 2; i2i++) {
        for (int64_t i3i = 0; i3i < 2; i3i++) {
          {
            const i32x16 active = i32x16_first(6);
            f32x16 sum0 = f32x16_splat(0.0f);
            UNROLL for (int64_t r00 = 0; r00 < 2; r00++) {
              UNROLL for (int64_t r10 = 0; r10 < 2; r10++) {
                const i32x16 e0 = (i32)(((int64_t)((u32)(-r10 + i3i + 2) / 2) - 1)) + i32x16_iota();
                const i32x16 e1 = ((e0 >= 0) & (-(((int64_t)((u32)(-r00 + i2i + 2) % 2)) < 1 && (((int64_t)((u32)(-r00 + i2i + 2) / 2) - 1) + i2o) >= 0 && ((int64_t)((u32)(-r10 + i3i + 2) % 2)) < 1))) & active;
                const i32x16 x0 = i32x16_load_some(p0 + 6 * (((int64_t)((u32)(-r00 + i2i + 2) / 2) - 1)) + ((int64_t)((u32)(-r10 + i3i + 2) / 2) - 1) + 6 * i2o + 36 * i0i1, e1);
                const i32x16 e2 = (i32)(((int64_t)((u32)(-r10 + i3i + 2) / 2) - 1)) + i32x16_iota();
                const i32x16 e3 = ((e2 >= 0) & (-(((int64_t)((u32)(-r00 + i2i + 2) % 2)) < 1 && (((int64_t)((u32)(-r00 + i2i + 2) / 2) - 1) + i2o) >= 0 && ((int64_t)((u32)(-r10 + i3i + 2) % 2)) < 1))) & active;
                const f32x16 x1 = f32x16_load_some(p1 + 6 * (((int64_t)((u32)(-r00 + i2i + 2) / 2) - 1)) + ((int64_t)((u32)(-r10 + i3i + 2) / 2) - 1) + 6 * i2o + 36 * i0i1, e3);
                const f32x16 e4 = f32x16_select((i32)(2 * r00 + r10) == x0, x1 + x1, f32x16_splat(0.0f));
                const i32x16 e5 = (i32)(((int64_t)((u32)(-r10 + i3i + 2) / 2) - 1)) + i32x16_iota();
                const f32x16 e6 = f32x16_select((e5 >= 0) & (-(((int64_t)((u32)(-r00 + i2i + 2) % 2)) < 1 && (((int64_t)((u32)(-r00 + i2i + 2) / 2) - 1) + i2o) >= 0 && ((int64_t)((u32)(-r10 + i3i + 2) % 2)) < 1)), e4, f32x16_splat(0.0f));
                sum0 = sum0 + e6;
              }
            }
            EACH_LANE(6) p2[24 * i2o + 12 * i2i + 2 * lane + i3i + 144 * i0i1] = sum0[lane];
          }
        }
      }
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* max argmax */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  i32 *restrict p2 = (i32 *)block[ports[2]].pointer;
  for (int64_t i0i1i2 = lo; i0i1i2 < hi; i0i1i2++) {
    {
      const i32x16 active = i32x16_first(6);
      f32x16 max0 = f32x16_splat(-__builtin_inff());
      f32x16 argmax0 = f32x16_splat(-__builtin_inff());
      i32x16 at0 = i32x16_splat(0);
      UNROLL for (int64_t r0_0 = 0; r0_0 < 2; r0_0++) {
        UNROLL for (int64_t r0_1 = 0; r0_1 < 2; r0_1++) {
          const f32x16 x0 = f32x16_load_even_some(p0 + 12 * r0_0 + r0_1 + 24 * i0i1i2, active);
          max0 = f32x16_max(max0, x0);
          const f32x16 x1 = x0;
          const i32x16 better0 = ~(x1 <= argmax0) & (argmax0 == argmax0);
          argmax0 = f32x16_select(better0, x1, argmax0);
          at0 = i32x16_select(better0, i32x16_splat((i32)(2 * r0_0 + r0_1)), at0);
        }
      }
      f32x16_store_some(p1 + 6 * i0i1i2, max0, active);
      i32x16_store_some(p2 + 6 * i0i1i2, at0, active);
    }
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r00 = 0; r00 < 192; r00 += 32) {
    const f32x16 x0 = f32x16_load(p0 + r00);
    const f32x16 x1 = f32x16_load(p0 + (r00 + 16));
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
  }
  {
    const f32x16 x2 = f32x16_load(p0 + 192);
    sum0 = sum0 + x2 * x2;
    const i32x16 active = i32x16_first(8);
    const f32x16 x3 = f32x16_load_some(p0 + 208, active);
    sum1 = f32x16_select(active, sum1 + x3 * x3, sum1);
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
