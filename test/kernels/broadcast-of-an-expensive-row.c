phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // exp
  k0(block, (const int32_t[]){1, 4}, rt->scratch, 0, 100);
  // add
  k1(block, (const int32_t[]){2, 4, 3}, rt->scratch, 0, 64);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* exp */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    const f32x16 x0 = f32x16_load(p0 + i0);
    const f32x16 x1 = f32x16_load(p0 + (i0 + 16));
    const f32x16 e0 = f32x16_less(f32x16_splat(90.0f), x0);
    const f32x16 e1 = f32x16_less(f32x16_splat(90.0f), x1);
    const f32x16 e2 = f32x16_greater(f32x16_splat(-105.0f), e0);
    const f32x16 e3 = f32x16_greater(f32x16_splat(-105.0f), e1);
    const f32x16 e4 = e2 * 1.4426950216293335f + 12583166.0f;
    const f32x16 e5 = e3 * 1.4426950216293335f + 12583166.0f;
    const f32x16 e6 = e4 - 12583166.0f;
    const f32x16 e7 = e5 - 12583166.0f;
    const f32x16 e8 = e2 - e6 * 0.693145751953125f - e6 * 0.000001428606765330187f;
    const f32x16 e9 = e3 - e7 * 0.693145751953125f - e7 * 0.000001428606765330187f;
    const f32x16 e10 = (0.001383673632517457f * e8 + 0.008367106318473816f) * e8 + 0.04166775196790695f;
    const f32x16 e11 = (0.001383673632517457f * e9 + 0.008367106318473816f) * e9 + 0.04166775196790695f;
    const f32x16 e12 = e8 * e8 * ((e10 * e8 + 0.16666539013385773f) * e8 + 0.4999999701976776f);
    const f32x16 e13 = e9 * e9 * ((e11 * e9 + 0.16666539013385773f) * e9 + 0.4999999701976776f);
    const i32x16 e14 = (i32x16)e4;
    const i32x16 e15 = (i32x16)e5;
    const i32x16 e16 = e14 >> 1;
    const i32x16 e17 = e15 >> 1;
    const f32x16 e18 = (e8 + e12 + 1.0f) * (f32x16)(e16 << 23) * (f32x16)((e14 - e16) << 23);
    const f32x16 e19 = (e9 + e13 + 1.0f) * (f32x16)(e17 << 23) * (f32x16)((e15 - e17) << 23);
    f32x16_store(p1 + i0, e18);
    f32x16_store(p1 + (i0 + 16), e19);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    const f32x16 x2 = f32x16_load(p0 + i0);
    const f32x16 e20 = f32x16_less(f32x16_splat(90.0f), x2);
    const f32x16 e21 = f32x16_greater(f32x16_splat(-105.0f), e20);
    const f32x16 e22 = e21 * 1.4426950216293335f + 12583166.0f;
    const f32x16 e23 = e22 - 12583166.0f;
    const f32x16 e24 = e21 - e23 * 0.693145751953125f - e23 * 0.000001428606765330187f;
    const f32x16 e25 = (0.001383673632517457f * e24 + 0.008367106318473816f) * e24 + 0.04166775196790695f;
    const f32x16 e26 = e24 * e24 * ((e25 * e24 + 0.16666539013385773f) * e24 + 0.4999999701976776f);
    const i32x16 e27 = (i32x16)e22;
    const i32x16 e28 = e27 >> 1;
    const f32x16 e29 = (e24 + e26 + 1.0f) * (f32x16)(e28 << 23) * (f32x16)((e27 - e28) << 23);
    f32x16_store(p1 + i0, e29);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const f32x16 x3 = f32x16_load_some(p0 + i0, active);
    const f32x16 e30 = f32x16_less(f32x16_splat(90.0f), x3);
    const f32x16 e31 = f32x16_greater(f32x16_splat(-105.0f), e30);
    const f32x16 e32 = e31 * 1.4426950216293335f + 12583166.0f;
    const f32x16 e33 = e32 - 12583166.0f;
    const f32x16 e34 = e31 - e33 * 0.693145751953125f - e33 * 0.000001428606765330187f;
    const f32x16 e35 = (0.001383673632517457f * e34 + 0.008367106318473816f) * e34 + 0.04166775196790695f;
    const f32x16 e36 = e34 * e34 * ((e35 * e34 + 0.16666539013385773f) * e34 + 0.4999999701976776f);
    const i32x16 e37 = (i32x16)e32;
    const i32x16 e38 = e37 >> 1;
    const f32x16 e39 = (e34 + e36 + 1.0f) * (f32x16)(e38 << 23) * (f32x16)((e37 - e38) << 23);
    f32x16_store_some(p1 + i0, e39, active);
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    for (int64_t i1 = 0; i1 < 96; i1 += 16) {
      f32x16_store(p2 + 100 * i0 + i1, f32x16_load(p0 + 100 * i0 + i1) + f32x16_load(p1 + i1));
    }
    {
      const i32x16 active = i32x16_first(4);
      const f32x16 e0 = f32x16_load_some(p0 + 100 * i0 + 96, active) + f32x16_load_some(p1 + 96, active);
      f32x16_store_some(p2 + 100 * i0 + 96, e0, active);
    }
  }
}
