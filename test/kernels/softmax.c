phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // max exp sum div
  rt->share(rt, k0, block, (const int32_t[]){1, 2}, 32, 1);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* max exp sum div */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 max0 = f32x16_splat(-__builtin_inff());
    f32x16 max1 = f32x16_splat(-__builtin_inff());
    f32x16 max2 = f32x16_splat(-__builtin_inff());
    f32x16 max3 = f32x16_splat(-__builtin_inff());
    {
      max0 = f32x16_max(max0, f32x16_load(p0 + 100 * i0));
      max1 = f32x16_max(max1, f32x16_load(p0 + 100 * i0 + 16));
      max2 = f32x16_max(max2, f32x16_load(p0 + 100 * i0 + 32));
      max3 = f32x16_max(max3, f32x16_load(p0 + 100 * i0 + 48));
    }
    {
      max0 = f32x16_max(max0, f32x16_load(p0 + 100 * i0 + 64));
      max1 = f32x16_max(max1, f32x16_load(p0 + 100 * i0 + 80));
      const i32x16 active = i32x16_first(4);
      max2 = f32x16_select(active, f32x16_max(max2, f32x16_load_some(p0 + 100 * i0 + 96, active)), max2);
    }
    max0 = f32x16_max(max0, max2);
    max1 = f32x16_max(max1, max3);
    max0 = f32x16_max(max0, max1);
    const f32x16 e0 = f32x16_from(max0, 8);
    max0 = f32x16_max(max0, e0);
    const f32x16 e1 = f32x16_from(max0, 4);
    max0 = f32x16_max(max0, e1);
    const f32x16 e2 = f32x16_from(max0, 2);
    max0 = f32x16_max(max0, e2);
    const f32x16 e3 = f32x16_from(max0, 1);
    max0 = f32x16_max(max0, e3);
    for (int64_t j1_0 = 0; j1_0 < 96; j1_0 += 32) {
      const f32x16 e4 = f32x16_load(p0 + 100 * i0 + j1_0) - max0[0];
      const f32x16 e5 = f32x16_load(p0 + 100 * i0 + (j1_0 + 16)) - max0[0];
      const f32x16 e6 = f32x16_less(f32x16_splat(90.0f), e4);
      const f32x16 e7 = f32x16_less(f32x16_splat(90.0f), e5);
      const f32x16 e8 = f32x16_greater(f32x16_splat(-105.0f), e6);
      const f32x16 e9 = f32x16_greater(f32x16_splat(-105.0f), e7);
      const f32x16 e10 = e8 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e11 = e9 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e12 = e10 - 12583166.0f;
      const f32x16 e13 = e11 - 12583166.0f;
      const f32x16 e14 = e8 - e12 * 0.693145751953125f - e12 * 0.000001428606765330187f;
      const f32x16 e15 = e9 - e13 * 0.693145751953125f - e13 * 0.000001428606765330187f;
      const f32x16 e16 = (0.001383673632517457f * e14 + 0.008367106318473816f) * e14 + 0.04166775196790695f;
      const f32x16 e17 = (0.001383673632517457f * e15 + 0.008367106318473816f) * e15 + 0.04166775196790695f;
      const f32x16 e18 = e14 * e14 * ((e16 * e14 + 0.16666539013385773f) * e14 + 0.4999999701976776f);
      const f32x16 e19 = e15 * e15 * ((e17 * e15 + 0.16666539013385773f) * e15 + 0.4999999701976776f);
      const i32x16 e20 = (i32x16)e10;
      const i32x16 e21 = (i32x16)e11;
      const i32x16 e22 = e20 >> 1;
      const i32x16 e23 = e21 >> 1;
      const f32x16 e24 = (e14 + e18 + 1.0f) * (f32x16)(e22 << 23) * (f32x16)((e20 - e22) << 23);
      const f32x16 e25 = (e15 + e19 + 1.0f) * (f32x16)(e23 << 23) * (f32x16)((e21 - e23) << 23);
      f32x16_store(p1 + 100 * i0 + j1_0, e24);
      f32x16_store(p1 + 100 * i0 + (j1_0 + 16), e25);
    }
    {
      const i32x16 active0 = i32x16_first(4);
      const f32x16 e26 = f32x16_load_some(p0 + 100 * i0 + 96, active0) - max0[0];
      const f32x16 e27 = f32x16_less(f32x16_splat(90.0f), e26);
      const f32x16 e28 = f32x16_greater(f32x16_splat(-105.0f), e27);
      const f32x16 e29 = e28 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e30 = e29 - 12583166.0f;
      const f32x16 e31 = e28 - e30 * 0.693145751953125f - e30 * 0.000001428606765330187f;
      const f32x16 e32 = (0.001383673632517457f * e31 + 0.008367106318473816f) * e31 + 0.04166775196790695f;
      const f32x16 e33 = e31 * e31 * ((e32 * e31 + 0.16666539013385773f) * e31 + 0.4999999701976776f);
      const i32x16 e34 = (i32x16)e29;
      const i32x16 e35 = e34 >> 1;
      const f32x16 e36 = (e31 + e33 + 1.0f) * (f32x16)(e35 << 23) * (f32x16)((e34 - e35) << 23);
      f32x16_store_some(p1 + 100 * i0 + 96, e36, active0);
    }
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    for (int64_t r0_00 = 0; r0_00 < 96; r0_00 += 32) {
      sum0 = sum0 + f32x16_load(p1 + 100 * i0 + r0_00);
      sum1 = sum1 + f32x16_load(p1 + 100 * i0 + (r0_00 + 16));
    }
    {
      const i32x16 active1 = i32x16_first(4);
      sum0 = f32x16_select(active1, sum0 + f32x16_load_some(p1 + 100 * i0 + 96, active1), sum0);
    }
    sum0 = sum0 + sum1;
    const f32x16 e37 = f32x16_from(sum0, 8);
    sum0 = sum0 + e37;
    const f32x16 e38 = f32x16_from(sum0, 4);
    sum0 = sum0 + e38;
    const f32x16 e39 = f32x16_from(sum0, 2);
    sum0 = sum0 + e39;
    const f32x16 e40 = f32x16_from(sum0, 1);
    sum0 = sum0 + e40;
    for (int64_t j3_0 = 0; j3_0 < 96; j3_0 += 32) {
      const f32x16 e41 = f32x16_load(p1 + 100 * i0 + j3_0) / sum0[0];
      const f32x16 e42 = f32x16_load(p1 + 100 * i0 + (j3_0 + 16)) / sum0[0];
      f32x16_store(p1 + 100 * i0 + j3_0, e41);
      f32x16_store(p1 + 100 * i0 + (j3_0 + 16), e42);
    }
    {
      const i32x16 active2 = i32x16_first(4);
      f32x16_store_some(p1 + 100 * i0 + 96, f32x16_load_some(p1 + 100 * i0 + 96, active2) / sum0[0], active2);
    }
  }
}
