phase k0;
phase k1;
phase k2;
phase k3;
phase k4;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // where gather
  k0(block, (const int32_t[]){1, 2, 5, 6}, rt->scratch, 0, 4);
  // max sum log
  k1(block, (const int32_t[]){2, 7, 8}, rt->scratch, 0, 4);
  // sum div
  k2(block, (const int32_t[]){1, 6, 7, 8, 3, 9}, rt->scratch, 0, 1);
  // neg
  k3(block, (const int32_t[]){9, 1, 10}, rt->scratch, 0, 4);
  // where
  k4(block, (const int32_t[]){1, 5, 7, 8, 10, 2, 4}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* max sum log */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 max0 = f32x16_splat(-__builtin_inff());
    {
      const i32x16 active = i32x16_first(10);
      const f32x16 x0 = f32x16_load_some(p0 + 10 * i0, active);
      max0 = f32x16_select(active, f32x16_max(max0, x0), max0);
    }
    const f32x16 e0 = f32x16_from(max0, 8);
    max0 = f32x16_max(max0, e0);
    const f32x16 e1 = f32x16_from(max0, 4);
    max0 = f32x16_max(max0, e1);
    const f32x16 e2 = f32x16_from(max0, 2);
    max0 = f32x16_max(max0, e2);
    const f32x16 e3 = f32x16_from(max0, 1);
    max0 = f32x16_max(max0, e3);
    f32x16 sum0 = f32x16_splat(0.0f);
    {
      const i32x16 active0 = i32x16_first(10);
      const f32x16 x1 = f32x16_load_some(p0 + 10 * i0, active0);
      const f32x16 e4 = x1 - max0[0];
      const f32x16 e5 = f32x16_less(f32x16_splat(90.0f), e4);
      const f32x16 e6 = f32x16_greater(f32x16_splat(-105.0f), e5);
      const f32x16 e7 = e6 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e8 = e7 - 12583166.0f;
      const f32x16 e9 = e6 - e8 * 0.693145751953125f - e8 * 0.000001428606765330187f;
      const f32x16 e10 = (0.001383673632517457f * e9 + 0.008367106318473816f) * e9 + 0.04166775196790695f;
      const f32x16 e11 = e9 * e9 * ((e10 * e9 + 0.16666539013385773f) * e9 + 0.4999999701976776f);
      const i32x16 e12 = (i32x16)e7;
      const i32x16 e13 = e12 >> 1;
      const f32x16 e14 = (e9 + e11 + 1.0f) * (f32x16)(e13 << 23) * (f32x16)((e12 - e13) << 23);
      sum0 = f32x16_select(active0, sum0 + e14, sum0);
    }
    const f32x16 e15 = f32x16_from(sum0, 8);
    sum0 = sum0 + e15;
    const f32x16 e16 = f32x16_from(sum0, 4);
    sum0 = sum0 + e16;
    const f32x16 e17 = f32x16_from(sum0, 2);
    sum0 = sum0 + e17;
    const f32x16 e18 = f32x16_from(sum0, 1);
    sum0 = sum0 + e18;
    const i32 e19 = -(sum0[0] < 1.1754943508222875e-38f) != 0 ? (i32_bits_of_f32(sum0[0] * 8388608.0f) - 192937984) : i32_bits_of_f32(sum0[0]);
    const i32 e20 = i32_shr(e19 - 1060439283, 23);
    const f32 e21 = (f32)e20;
    const f32 e22 = f32_bits_of_i32(e19 - i32_shl(e20, 23)) - 1.0f;
    const f32 e23 = e22 * e22 * 0.5f;
    const f32 e24 = e22 / (e22 + 2.0f);
    const f32 e25 = e24 * e24;
    const f32 e26 = (0.29870694875717163f * e25 + 0.3997758626937866f) * e25 + 0.6666677594184875f;
    const f32 e27 = e22 - (e23 - (e24 * (e23 + e25 * e26) + e21 * 0.000001428606765330187f));
    const f32 e28 = -(sum0[0] < __builtin_inff()) != 0 ? (e21 * 0.693145751953125f + e27) : sum0[0];
    const f32 e29 = -(0.0f < sum0[0]) != 0 ? e28 : (-(sum0[0] == 0.0f) != 0 ? -__builtin_inff() : __builtin_nanf(""));
    p1[i0] = max0[0];
    p2[i0] = e29;
  }
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const i32 *restrict p1 = (const i32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[4]].pointer;
  const f32 *restrict p5 = (const f32 *)block[ports[5]].pointer;
  f32 *restrict p6 = (f32 *)block[ports[6]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    const i32 e0 = -(p0[i0] != -100);
    const i32 x0 = p1[i0];
    const f32 x1 = p2[i0];
    const f32 x2 = p3[i0];
    const f32 x3 = p4[i0];
    {
      const i32x16 active = i32x16_first(10);
      const f32x16 e1 = f32x16_load_some(p5 + 10 * i0, active) - x1 - x2;
      const f32x16 e2 = f32x16_less(f32x16_splat(90.0f), e1);
      const f32x16 e3 = f32x16_greater(f32x16_splat(-105.0f), e2);
      const f32x16 e4 = e3 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e5 = e4 - 12583166.0f;
      const f32x16 e6 = e3 - e5 * 0.693145751953125f - e5 * 0.000001428606765330187f;
      const f32x16 e7 = (0.001383673632517457f * e6 + 0.008367106318473816f) * e6 + 0.04166775196790695f;
      const f32x16 e8 = e6 * e6 * ((e7 * e6 + 0.16666539013385773f) * e6 + 0.4999999701976776f);
      const i32x16 e9 = (i32x16)e4;
      const i32x16 e10 = e9 >> 1;
      const f32x16 e11 = (e6 + e8 + 1.0f) * (f32x16)(e10 << 23) * (f32x16)((e9 - e10) << 23);
      const f32x16 e12 = (CONVERT((((i32)0 + i32x16_iota()) == x0) & 1, f32x16) - e11) * x3;
      f32x16_store_some(p6 + 10 * i0, e0 ? e12 : f32x16_splat(0.0f), active);
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where gather */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  i32 *restrict p2 = (i32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const i32x16 x0 = i32x16_load(p0 + i0);
    const i32x16 e0 = i32x16_select(x0 != -100, x0, i32x16_splat(0));
    if (i32x16_any(((u32x16)e0 >= 10u))) fail(block, 1);
    const i32x16 e1 = i32x16_min(i32x16_max(e0, i32x16_splat(0)), i32x16_splat(9));
    f32x16 x1 = {0};
    EACH_LANE(16) x1[lane] = p1[10 * ((i0 + lane)) + (int64_t)e1[lane]];
    i32x16_store(p2 + i0, e0);
    f32x16_store(p3 + i0, x1);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const i32x16 x2 = i32x16_load_some(p0 + i0, active);
    const i32x16 e2 = i32x16_select(x2 != -100, x2, i32x16_splat(0));
    if (i32x16_any(((u32x16)e2 >= 10u) & active)) fail(block, 1);
    const i32x16 e3 = i32x16_min(i32x16_max(e2, i32x16_splat(0)), i32x16_splat(9));
    f32x16 x3 = {0};
    for (i32 lane = 0; lane < hi - i0; lane++) x3[lane] = p1[10 * ((i0 + lane)) + (int64_t)e3[lane]];
    i32x16_store_some(p2 + i0, e2, active);
    f32x16_store_some(p3 + i0, x3, active);
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  f32 sum0 = 0.0f;
  f32 sum1 = 0.0f;
  UNROLL for (int64_t r0_0 = 0; r0_0 < 4; r0_0++) {
    const i32 e0 = -(p0[r0_0] != -100);
    const f32 e1 = e0 ? -(p1[r0_0] - p2[r0_0] - p3[r0_0]) : 0.0f;
    const f32 e2 = e0 ? 1.0f : 0.0f;
    sum0 = sum0 + e1;
    sum1 = sum1 + e2;
  }
  const f32 e3 = sum0 / sum1;
  const f32 e4 = 1.0f / sum1;
  p4[0] = e3;
  p5[0] = e4;
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* neg */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const i32 *restrict p1 = (const i32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 x0 = p0[0];
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const f32x16 e0 = f32x16_select(i32x16_load(p1 + i0) != -100, f32x16_splat(x0), f32x16_splat(0.0f));
    f32x16_store(p2 + i0, -e0);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const f32x16 e1 = f32x16_select(i32x16_load_some(p1 + i0, active) != -100, f32x16_splat(x0), f32x16_splat(0.0f));
    f32x16_store_some(p2 + i0, -e1, active);
  }
}
