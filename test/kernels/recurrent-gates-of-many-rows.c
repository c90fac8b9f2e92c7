phase k0;
phase k1;
epilogue k2;
phase k3;
phase k4;
phase k5;
phase k6;
phase k7;
phase k8;
epilogue k9;

program run_0;
static const contraction run_0_c0 = {0, 1, 1, 1, 1, 1248, (const axis[]){{26, 24, 0, 48}, {48, 0, 1, 1}, {24, 1, 48, 0}}, k2, (const int32_t[]){1, 16, 5, 13}, 0, 0};
static void run_0_s1(word *shared, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  runtime alone = *(const runtime *)ports, *rt = &alone;
  alone.threads = 1;
  alone.scratch = scratch;
  word own[21];
  for (int i = 0; i < 21; i++) own[i] = shared[i];
  word *block = own;
  for (int64_t s1 = 0; s1 < 3; s1++) {
    block[1].number = s1;
    // copy
    k1(block, (const int32_t[]){1, 10, 12}, scratch, 24 * lo, 24 * hi);
    // dot add
    contraction run_0_c0_some = run_0_c0;
    run_0_c0_some.from = lo;
    run_0_c0_some.to = hi;
    rt->contract(rt, block, &run_0_c0_some, (const float *)block[10].pointer, (const float *)block[3].pointer, (float *)block[16].pointer);
    // add
    k3(block, (const int32_t[]){1, 10, 13}, scratch, lo, hi);
    // copy
    k1(block, (const int32_t[]){1, 10, 11}, scratch, 24 * lo, 24 * hi);
  }
  if (own[0].status) fail(shared, own[0].status);
}
static const contraction run_0_c2 = {0, 1, 1, 1, 1, 624, (const axis[]){{26, 48, 0, 24}, {24, 0, 48, 1}, {48, 1, 1, 0}}, k9, (const int32_t[]){2, 9, 14, 19, 20}, 0, 0};
static void run_0_s3(word *shared, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  runtime alone = *(const runtime *)ports, *rt = &alone;
  alone.threads = 1;
  alone.scratch = scratch;
  word own[21];
  for (int i = 0; i < 21; i++) own[i] = shared[i];
  word *block = own;
  for (int64_t s2 = 2; s2 >= 0; s2--) {
    block[2].number = s2;
    // sigmoid tanh mul
    k7(block, (const int32_t[]){2, 13, 9, 14, 17, 18, 19}, scratch, lo, hi);
    // add
    k8(block, (const int32_t[]){2, 9, 14, 18, 12, 17, 7, 19}, scratch, lo, hi);
    // dot add
    contraction run_0_c2_some = run_0_c2;
    run_0_c2_some.from = lo;
    run_0_c2_some.to = hi;
    rt->contract(rt, block, &run_0_c2_some, (const float *)block[7].pointer + (1248 * s2), (const float *)block[3].pointer, (float *)block[20].pointer);
  }
  if (own[0].status) fail(shared, own[0].status);
}
static const contraction run_0_c4 = {0, 1, 1, 1, 1, 1152, (const axis[]){{24, 1, 0, 48}, {48, 0, 1, 1}, {78, 24, 48, 0}}, 0, 0, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // carry
  k0(block, (const int32_t[]){4, 10}, rt->scratch, 0, 624);
  if (rt->threads > 1 && 26 >= 8 * rt->threads) {
    rt->share(rt, run_0_s1, block, (const int32_t *)rt, 26, (26 + rt->threads - 1) / rt->threads);
  } else {
    for (int64_t s1 = 0; s1 < 3; s1++) {
      block[1].number = s1;
      // copy
      k1(block, (const int32_t[]){1, 10, 12}, rt->scratch, 0, 624);
      // dot add
      rt->contract(rt, block, &run_0_c0, (const float *)block[10].pointer, (const float *)block[3].pointer, (float *)block[16].pointer);
      // add
      rt->share(rt, k3, block, (const int32_t[]){1, 10, 13}, 26, 1);
      // copy
      k1(block, (const int32_t[]){1, 10, 11}, rt->scratch, 0, 624);
    }
  }
  // sum
  k4(block, (const int32_t[]){11, 6}, rt->scratch, 0, 1);
  // add
  k5(block, (const int32_t[]){11, 14}, rt->scratch, 0, 1872);
  // expand
  k6(block, (const int32_t[]){15}, rt->scratch, 0, 624);
  // carry
  k0(block, (const int32_t[]){15, 9}, rt->scratch, 0, 624);
  if (rt->threads > 1 && 26 >= 8 * rt->threads) {
    rt->share(rt, run_0_s3, block, (const int32_t *)rt, 26, (26 + rt->threads - 1) / rt->threads);
  } else {
    for (int64_t s2 = 2; s2 >= 0; s2--) {
      block[2].number = s2;
      // sigmoid tanh mul
      rt->share(rt, k7, block, (const int32_t[]){2, 13, 9, 14, 17, 18, 19}, 26, 1);
      // add
      k8(block, (const int32_t[]){2, 9, 14, 18, 12, 17, 7, 19}, rt->scratch, 0, 26);
      // dot add
      rt->contract(rt, block, &run_0_c2, (const float *)block[7].pointer + (1248 * s2), (const float *)block[3].pointer, (float *)block[20].pointer);
    }
  }
  // dot
  rt->contract(rt, block, &run_0_c4, (const float *)block[12].pointer, (const float *)block[7].pointer, (float *)block[8].pointer);
  return block[0].status;
}

phase k7;
void k7(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sigmoid tanh mul */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[5]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[6]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const f32x16 x0 = f32x16_load(p0 + 1248 * s0 + 48 * i0);
      const f32x16 e0 = (f32x16)((i32x16)x0 | (-2147483647 - 1));
      const f32x16 e1 = f32x16_greater(f32x16_splat(-105.0f), e0);
      const f32x16 e2 = e1 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e3 = e2 - 12583166.0f;
      const f32x16 e4 = e1 - e3 * 0.693145751953125f - e3 * 0.000001428606765330187f;
      const f32x16 e5 = (0.001383673632517457f * e4 + 0.008367106318473816f) * e4 + 0.04166775196790695f;
      const f32x16 e6 = e4 * e4 * ((e5 * e4 + 0.16666539013385773f) * e4 + 0.4999999701976776f);
      const i32x16 e7 = (i32x16)e2;
      const i32x16 e8 = e7 >> 1;
      const f32x16 e9 = (e4 + e6 + 1.0f) * (f32x16)(e8 << 23) * (f32x16)((e7 - e8) << 23);
      const f32x16 e10 = e9 + 1.0f;
      const f32x16 e11 = f32x16_select(x0 < 0.0f, e9, f32x16_splat(1.0f)) / e10;
      const f32x16 e12 = e11 - e11 * (e9 - (e10 - 1.0f));
      const f32x16 x1 = f32x16_load(p0 + 1248 * s0 + 48 * i0 + 24);
      const f32x16 e13 = f32x16_abs(x1);
      const i32x16 e14 = e13 < 0.875f;
      const f32x16 e15 = e13 * e13;
      const f32x16 e16 = f32x16_select(e14, e13 * e15 * (-0.9340712428092957f * e15 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e17 = e13 + e13;
      const f32x16 e18 = f32x16_less(f32x16_splat(20.0f), e17);
      const f32x16 e19 = e18 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e20 = e19 - 12583039.0f;
      const f32x16 e21 = e18 - e20 * 0.693145751953125f - e20 * 0.000001428606765330187f;
      const f32x16 e22 = (0.001383673632517457f * e21 + 0.008367106318473816f) * e21 + 0.04166775196790695f;
      const f32x16 e23 = e21 * e21 * ((e22 * e21 + 0.16666539013385773f) * e21 + 0.4999999701976776f);
      const f32x16 e24 = f32x16_select(e14, (e15 + 28.192890167236328f) * e15 + 63.47670364379883f, (e21 + e23 + 1.0f) * (f32x16)((i32x16)e19 << 23) + 1.0f);
      const i32x16 e25 = (i32x16)(f32x16_select(e14, e13, f32x16_splat(1.0f)) + e16 / e24);
      const f32x16 e26 = (f32x16)(e25 | ((i32x16)x1 & (-2147483647 - 1)));
      const f32x16 e27 = (f32x16_load(p1 + 24 * i0) + f32x16_load(p2 + 624 * s0 + 24 * i0)) * e12;
      f32x16_store(p3 + 24 * i0, e12);
      f32x16_store(p4 + 24 * i0, e26);
      f32x16_store(p5 + 24 * i0, e27);
    }
    {
      const i32x16 active = i32x16_first(8);
      const f32x16 x2 = f32x16_load_some(p0 + 1248 * s0 + 48 * i0 + 16, active);
      const f32x16 e28 = (f32x16)((i32x16)x2 | (-2147483647 - 1));
      const f32x16 e29 = f32x16_greater(f32x16_splat(-105.0f), e28);
      const f32x16 e30 = e29 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e31 = e30 - 12583166.0f;
      const f32x16 e32 = e29 - e31 * 0.693145751953125f - e31 * 0.000001428606765330187f;
      const f32x16 e33 = (0.001383673632517457f * e32 + 0.008367106318473816f) * e32 + 0.04166775196790695f;
      const f32x16 e34 = e32 * e32 * ((e33 * e32 + 0.16666539013385773f) * e32 + 0.4999999701976776f);
      const i32x16 e35 = (i32x16)e30;
      const i32x16 e36 = e35 >> 1;
      const f32x16 e37 = (e32 + e34 + 1.0f) * (f32x16)(e36 << 23) * (f32x16)((e35 - e36) << 23);
      const f32x16 e38 = e37 + 1.0f;
      const f32x16 e39 = f32x16_select(x2 < 0.0f, e37, f32x16_splat(1.0f)) / e38;
      const f32x16 e40 = e39 - e39 * (e37 - (e38 - 1.0f));
      const f32x16 x3 = f32x16_load_some(p0 + 1248 * s0 + 48 * i0 + 40, active);
      const f32x16 e41 = f32x16_abs(x3);
      const i32x16 e42 = e41 < 0.875f;
      const f32x16 e43 = e41 * e41;
      const f32x16 e44 = f32x16_select(e42, e41 * e43 * (-0.9340712428092957f * e43 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e45 = e41 + e41;
      const f32x16 e46 = f32x16_less(f32x16_splat(20.0f), e45);
      const f32x16 e47 = e46 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e48 = e47 - 12583039.0f;
      const f32x16 e49 = e46 - e48 * 0.693145751953125f - e48 * 0.000001428606765330187f;
      const f32x16 e50 = (0.001383673632517457f * e49 + 0.008367106318473816f) * e49 + 0.04166775196790695f;
      const f32x16 e51 = e49 * e49 * ((e50 * e49 + 0.16666539013385773f) * e49 + 0.4999999701976776f);
      const f32x16 e52 = f32x16_select(e42, (e43 + 28.192890167236328f) * e43 + 63.47670364379883f, (e49 + e51 + 1.0f) * (f32x16)((i32x16)e47 << 23) + 1.0f);
      const i32x16 e53 = (i32x16)(f32x16_select(e42, e41, f32x16_splat(1.0f)) + e44 / e52);
      const f32x16 e54 = (f32x16)(e53 | ((i32x16)x3 & (-2147483647 - 1)));
      const f32x16 e55 = f32x16_load_some(p1 + 24 * i0 + 16, active) + f32x16_load_some(p2 + 624 * s0 + 24 * i0 + 16, active);
      const f32x16 e56 = e55 * e40;
      f32x16_store_some(p3 + 24 * i0 + 16, e40, active);
      f32x16_store_some(p4 + 24 * i0 + 16, e54, active);
      f32x16_store_some(p5 + 24 * i0 + 16, e56, active);
    }
  }
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const int64_t s0 = block[ports[0]].number;
  f32 *restrict p0 = (f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const f32x16 x0 = f32x16_load(p0 + 24 * i0);
      const f32x16 x1 = f32x16_load(p1 + 1248 * s0 + 48 * i0);
      const f32x16 e0 = (f32x16)((i32x16)x1 | (-2147483647 - 1));
      const f32x16 e1 = f32x16_greater(f32x16_splat(-105.0f), e0);
      const f32x16 e2 = e1 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e3 = e2 - 12583166.0f;
      const f32x16 e4 = e1 - e3 * 0.693145751953125f - e3 * 0.000001428606765330187f;
      const f32x16 e5 = (0.001383673632517457f * e4 + 0.008367106318473816f) * e4 + 0.04166775196790695f;
      const f32x16 e6 = e4 * e4 * ((e5 * e4 + 0.16666539013385773f) * e4 + 0.4999999701976776f);
      const i32x16 e7 = (i32x16)e2;
      const i32x16 e8 = e7 >> 1;
      const f32x16 e9 = (e4 + e6 + 1.0f) * (f32x16)(e8 << 23) * (f32x16)((e7 - e8) << 23);
      const f32x16 e10 = e9 + 1.0f;
      const f32x16 e11 = f32x16_select(x1 < 0.0f, e9, f32x16_splat(1.0f)) / e10;
      const f32x16 x2 = f32x16_load(p1 + 1248 * s0 + 48 * i0 + 24);
      const f32x16 e12 = f32x16_abs(x2);
      const i32x16 e13 = e12 < 0.875f;
      const f32x16 e14 = e12 * e12;
      const f32x16 e15 = f32x16_select(e13, e12 * e14 * (-0.9340712428092957f * e14 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e16 = e12 + e12;
      const f32x16 e17 = f32x16_less(f32x16_splat(20.0f), e16);
      const f32x16 e18 = e17 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e19 = e18 - 12583039.0f;
      const f32x16 e20 = e17 - e19 * 0.693145751953125f - e19 * 0.000001428606765330187f;
      const f32x16 e21 = (0.001383673632517457f * e20 + 0.008367106318473816f) * e20 + 0.04166775196790695f;
      const f32x16 e22 = e20 * e20 * ((e21 * e20 + 0.16666539013385773f) * e20 + 0.4999999701976776f);
      const f32x16 e23 = f32x16_select(e13, (e14 + 28.192890167236328f) * e14 + 63.47670364379883f, (e20 + e22 + 1.0f) * (f32x16)((i32x16)e18 << 23) + 1.0f);
      const i32x16 e24 = (i32x16)(f32x16_select(e13, e12, f32x16_splat(1.0f)) + e15 / e23);
      const f32x16 e25 = (e11 - e11 * (e9 - (e10 - 1.0f))) * ((f32x16)(e24 | ((i32x16)x2 & (-2147483647 - 1))) - x0);
      f32x16_store(p0 + 24 * i0, x0 + e25);
    }
    {
      const i32x16 active = i32x16_first(8);
      const f32x16 x3 = f32x16_load_some(p0 + 24 * i0 + 16, active);
      const f32x16 x4 = f32x16_load_some(p1 + 1248 * s0 + 48 * i0 + 16, active);
      const f32x16 e26 = (f32x16)((i32x16)x4 | (-2147483647 - 1));
      const f32x16 e27 = f32x16_greater(f32x16_splat(-105.0f), e26);
      const f32x16 e28 = e27 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e29 = e28 - 12583166.0f;
      const f32x16 e30 = e27 - e29 * 0.693145751953125f - e29 * 0.000001428606765330187f;
      const f32x16 e31 = (0.001383673632517457f * e30 + 0.008367106318473816f) * e30 + 0.04166775196790695f;
      const f32x16 e32 = e30 * e30 * ((e31 * e30 + 0.16666539013385773f) * e30 + 0.4999999701976776f);
      const i32x16 e33 = (i32x16)e28;
      const i32x16 e34 = e33 >> 1;
      const f32x16 e35 = (e30 + e32 + 1.0f) * (f32x16)(e34 << 23) * (f32x16)((e33 - e34) << 23);
      const f32x16 e36 = e35 + 1.0f;
      const f32x16 e37 = f32x16_select(x4 < 0.0f, e35, f32x16_splat(1.0f)) / e36;
      const f32x16 x5 = f32x16_load_some(p1 + 1248 * s0 + 48 * i0 + 40, active);
      const f32x16 e38 = f32x16_abs(x5);
      const i32x16 e39 = e38 < 0.875f;
      const f32x16 e40 = e38 * e38;
      const f32x16 e41 = f32x16_select(e39, e38 * e40 * (-0.9340712428092957f * e40 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e42 = e38 + e38;
      const f32x16 e43 = f32x16_less(f32x16_splat(20.0f), e42);
      const f32x16 e44 = e43 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e45 = e44 - 12583039.0f;
      const f32x16 e46 = e43 - e45 * 0.693145751953125f - e45 * 0.000001428606765330187f;
      const f32x16 e47 = (0.001383673632517457f * e46 + 0.008367106318473816f) * e46 + 0.04166775196790695f;
      const f32x16 e48 = e46 * e46 * ((e47 * e46 + 0.16666539013385773f) * e46 + 0.4999999701976776f);
      const f32x16 e49 = f32x16_select(e39, (e40 + 28.192890167236328f) * e40 + 63.47670364379883f, (e46 + e48 + 1.0f) * (f32x16)((i32x16)e44 << 23) + 1.0f);
      const i32x16 e50 = (i32x16)(f32x16_select(e39, e38, f32x16_splat(1.0f)) + e41 / e49);
      const f32x16 e51 = (e37 - e37 * (e35 - (e36 - 1.0f))) * ((f32x16)(e50 | ((i32x16)x5 & (-2147483647 - 1))) - x3);
      f32x16_store_some(p0 + 24 * i0 + 16, x3 + e51, active);
    }
  }
}

phase k8;
void k8(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[4]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[5]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[6]].pointer;
  const f32 *restrict p6 = (const f32 *)block[ports[7]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const f32x16 e0 = (f32x16_load(p0 + 24 * i0) + f32x16_load(p1 + 624 * s0 + 24 * i0)) * (f32x16_load(p2 + 24 * i0) - f32x16_load(p3 + 624 * s0 + 24 * i0));
      const f32x16 x0 = f32x16_load(p4 + 24 * i0);
      f32x16_store(p5 + 1248 * s0 + 48 * i0, 0.0f + e0 * (x0 * (1.0f - x0)));
    }
    {
      const i32x16 active = i32x16_first(8);
      const f32x16 e1 = f32x16_load_some(p0 + 24 * i0 + 16, active) + f32x16_load_some(p1 + 624 * s0 + 24 * i0 + 16, active);
      const f32x16 e2 = f32x16_load_some(p2 + 24 * i0 + 16, active) - f32x16_load_some(p3 + 624 * s0 + 24 * i0 + 16, active);
      const f32x16 x1 = f32x16_load_some(p4 + 24 * i0 + 16, active);
      f32x16_store_some(p5 + 1248 * s0 + 48 * i0 + 16, 0.0f + e1 * e2 * (x1 * (1.0f - x1)), active);
    }
    {
      const f32x16 x2 = f32x16_load(p2 + 24 * i0);
      f32x16_store(p5 + 1248 * s0 + 48 * i0 + 24, f32x16_load(p6 + 24 * i0) * (1.0f - x2 * x2) + 0.0f);
    }
    {
      const i32x16 active0 = i32x16_first(8);
      const f32x16 x3 = f32x16_load_some(p2 + 24 * i0 + 16, active0);
      const f32x16 e3 = f32x16_load_some(p6 + 24 * i0 + 16, active0) * (1.0f - x3 * x3) + 0.0f;
      f32x16_store_some(p5 + 1248 * s0 + 48 * i0 + 40, e3, active0);
    }
  }
}

epilogue k9;
void k9(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* add */
  const int64_t s0 = block[ports[0]].number;
  f32 *restrict p0 = (f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[4]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    int64_t n = c0;
    for (; n + 16 <= c1; n += 16) {
      const f32x16 e0 = f32x16_load(p0 + 24 * m + n) + f32x16_load(p1 + 624 * s0 + 24 * m + n);
      const f32x16 e1 = e0 + -f32x16_load(p2 + 24 * m + n) + f32x16_load(p3 + 24 * m + n);
      f32x16_store(p0 + 24 * m + n, e1);
    }
    if (n < c1) {
      const i32x16 active = i32x16_first(c1 - n);
      const f32x16 e2 = f32x16_load_some(p0 + 24 * m + n, active) + f32x16_load_some(p1 + 624 * s0 + 24 * m + n, active);
      const f32x16 e3 = e2 + -f32x16_load_some(p2 + 24 * m + n, active) + f32x16_load_some(p3 + 24 * m + n, active);
      f32x16_store_some(p0 + 24 * m + n, e3, active);
    }
  }
}

epilogue k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  /* add */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[3]].pointer;
  for (int64_t m = r0; m < r1; m++) {
    int64_t n = c0;
    for (; n + 16 <= c1; n += 16) {
      const f32x16 e0 = f32x16_load(p0 + 48 * m + n) + f32x16_load(p1 + 1248 * s0 + 48 * m + n);
      f32x16_store(p2 + 1248 * s0 + 48 * m + n, e0);
    }
    if (n < c1) {
      const i32x16 active = i32x16_first(c1 - n);
      const f32x16 e1 = f32x16_load_some(p0 + 48 * m + n, active) + f32x16_load_some(p1 + 1248 * s0 + 48 * m + n, active);
      f32x16_store_some(p2 + 1248 * s0 + 48 * m + n, e1, active);
    }
  }
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r00 = 0; r00 < 1856; r00 += 32) {
    const f32x16 x0 = f32x16_load(p0 + r00);
    const f32x16 x1 = f32x16_load(p0 + (r00 + 16));
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
  }
  {
    const f32x16 x2 = f32x16_load(p0 + 1856);
    sum0 = sum0 + x2 * x2;
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

phase k5;
void k5(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0i1i2 = lo;
  for (; i0i1i2 + 16 <= hi; i0i1i2 += 16) {
    const f32x16 x0 = f32x16_load(p0 + i0i1i2);
    f32x16_store(p1 + i0i1i2, x0 + x0);
  }
  if (i0i1i2 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1i2);
    const f32x16 x1 = f32x16_load_some(p0 + i0i1i2, active);
    f32x16_store_some(p1 + i0i1i2, x1 + x1, active);
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* copy */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[2]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    f32x16_store(p1 + 624 * s0 + i0i1, f32x16_load(p0 + i0i1));
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    f32x16_store_some(p1 + 624 * s0 + i0i1, f32x16_load_some(p0 + i0i1, active), active);
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* carry */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    f32x16_store(p1 + i0i1, f32x16_load(p0 + i0i1));
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    f32x16_store_some(p1 + i0i1, f32x16_load_some(p0 + i0i1, active), active);
  }
}

phase k6;
void k6(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* expand */
  f32 *restrict p0 = (f32 *)block[ports[0]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    f32x16_store(p0 + i0i1, f32x16_splat(0.0f));
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    f32x16_store_some(p0 + i0i1, f32x16_splat(0.0f), active);
  }
}
