phase k0;
phase k1;
phase k2;
phase k3;
phase k4;
phase k5;
phase k6;
phase k7;
phase k8;
phase k9;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // carry
  k0(block, (const int32_t[]){4, 10}, rt->scratch, 0, 20);
  for (int64_t s1 = 0; s1 < 7; s1++) {
    block[1].number = s1;
    // copy
    k1(block, (const int32_t[]){1, 10, 12}, rt->scratch, 0, 20);
    // dot add tanh
    k2(block, (const int32_t[]){1, 10, 3, 5, 13, 16}, rt->scratch, 0, 4);
    // copy
    k3(block, (const int32_t[]){16, 10}, rt->scratch, 0, 20);
    // copy
    k1(block, (const int32_t[]){1, 16, 11}, rt->scratch, 0, 20);
  }
  // sum
  k4(block, (const int32_t[]){11, 6}, rt->scratch, 0, 1);
  // add
  k5(block, (const int32_t[]){11, 14}, rt->scratch, 0, 140);
  // expand
  k6(block, (const int32_t[]){15}, rt->scratch, 0, 20);
  // carry
  k0(block, (const int32_t[]){15, 9}, rt->scratch, 0, 20);
  for (int64_t s2 = 6; s2 >= 0; s2--) {
    block[2].number = s2;
    // mul
    k7(block, (const int32_t[]){2, 9, 14, 13, 7}, rt->scratch, 0, 20);
    // dot
    k8(block, (const int32_t[]){2, 7, 3, 9}, rt->scratch, 0, 4);
  }
  // dot
  k9(block, (const int32_t[]){12, 7, 8}, rt->scratch, 0, 5);
  return block[0].status;
}

phase k7;
void k7(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* mul */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[4]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 32 <= hi; i0i1 += 32) {
    const f32x16 x0 = f32x16_load(p2 + 20 * s0 + i0i1);
    const f32x16 x1 = f32x16_load(p2 + 20 * s0 + (i0i1 + 16));
    const f32x16 e0 = f32x16_abs(x0);
    const f32x16 e1 = f32x16_abs(x1);
    const i32x16 e2 = e0 < 0.875f;
    const i32x16 e3 = e1 < 0.875f;
    const f32x16 e4 = e0 * e0;
    const f32x16 e5 = e1 * e1;
    const f32x16 e6 = f32x16_select(e2, e0 * e4 * (-0.9340712428092957f * e4 + -21.15890121459961f), f32x16_splat(-2.0f));
    const f32x16 e7 = f32x16_select(e3, e1 * e5 * (-0.9340712428092957f * e5 + -21.15890121459961f), f32x16_splat(-2.0f));
    const f32x16 e8 = e0 + e0;
    const f32x16 e9 = e1 + e1;
    const f32x16 e10 = f32x16_less(f32x16_splat(20.0f), e8);
    const f32x16 e11 = f32x16_less(f32x16_splat(20.0f), e9);
    const f32x16 e12 = e10 * 1.4426950216293335f + 12583039.0f;
    const f32x16 e13 = e11 * 1.4426950216293335f + 12583039.0f;
    const f32x16 e14 = e12 - 12583039.0f;
    const f32x16 e15 = e13 - 12583039.0f;
    const f32x16 e16 = e10 - e14 * 0.693145751953125f - e14 * 0.000001428606765330187f;
    const f32x16 e17 = e11 - e15 * 0.693145751953125f - e15 * 0.000001428606765330187f;
    const f32x16 e18 = (0.001383673632517457f * e16 + 0.008367106318473816f) * e16 + 0.04166775196790695f;
    const f32x16 e19 = (0.001383673632517457f * e17 + 0.008367106318473816f) * e17 + 0.04166775196790695f;
    const f32x16 e20 = e16 * e16 * ((e18 * e16 + 0.16666539013385773f) * e16 + 0.4999999701976776f);
    const f32x16 e21 = e17 * e17 * ((e19 * e17 + 0.16666539013385773f) * e17 + 0.4999999701976776f);
    const f32x16 e22 = f32x16_select(e2, (e4 + 28.192890167236328f) * e4 + 63.47670364379883f, (e16 + e20 + 1.0f) * (f32x16)((i32x16)e12 << 23) + 1.0f);
    const f32x16 e23 = f32x16_select(e3, (e5 + 28.192890167236328f) * e5 + 63.47670364379883f, (e17 + e21 + 1.0f) * (f32x16)((i32x16)e13 << 23) + 1.0f);
    const i32x16 e24 = (i32x16)(f32x16_select(e2, e0, f32x16_splat(1.0f)) + e6 / e22) | ((i32x16)x0 & (-2147483647 - 1));
    const i32x16 e25 = (i32x16)(f32x16_select(e3, e1, f32x16_splat(1.0f)) + e7 / e23) | ((i32x16)x1 & (-2147483647 - 1));
    const f32x16 e26 = (f32x16)e24;
    const f32x16 e27 = (f32x16)e25;
    const f32x16 e28 = (f32x16_load(p0 + i0i1) + f32x16_load(p1 + 20 * s0 + i0i1)) * (1.0f - e26 * e26);
    const f32x16 e29 = f32x16_load(p0 + (i0i1 + 16)) + f32x16_load(p1 + 20 * s0 + (i0i1 + 16));
    const f32x16 e31 = e29 * (1.0f - e27 * e27);
    f32x16_store(p3 + 20 * s0 + i0i1, e28);
    f32x16_store(p3 + 20 * s0 + (i0i1 + 16), e31);
  }
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    const f32x16 x2 = f32x16_load(p2 + 20 * s0 + i0i1);
    const f32x16 e32 = f32x16_abs(x2);
    const i32x16 e33 = e32 < 0.875f;
    const f32x16 e34 = e32 * e32;
    const f32x16 e35 = f32x16_select(e33, e32 * e34 * (-0.9340712428092957f * e34 + -21.15890121459961f), f32x16_splat(-2.0f));
    const f32x16 e36 = e32 + e32;
    const f32x16 e37 = f32x16_less(f32x16_splat(20.0f), e36);
    const f32x16 e38 = e37 * 1.4426950216293335f + 12583039.0f;
    const f32x16 e39 = e38 - 12583039.0f;
    const f32x16 e40 = e37 - e39 * 0.693145751953125f - e39 * 0.000001428606765330187f;
    const f32x16 e41 = (0.001383673632517457f * e40 + 0.008367106318473816f) * e40 + 0.04166775196790695f;
    const f32x16 e42 = e40 * e40 * ((e41 * e40 + 0.16666539013385773f) * e40 + 0.4999999701976776f);
    const f32x16 e43 = f32x16_select(e33, (e34 + 28.192890167236328f) * e34 + 63.47670364379883f, (e40 + e42 + 1.0f) * (f32x16)((i32x16)e38 << 23) + 1.0f);
    const i32x16 e44 = (i32x16)(f32x16_select(e33, e32, f32x16_splat(1.0f)) + e35 / e43);
    const f32x16 e45 = (f32x16)(e44 | ((i32x16)x2 & (-2147483647 - 1)));
    const f32x16 e46 = (f32x16_load(p0 + i0i1) + f32x16_load(p1 + 20 * s0 + i0i1)) * (1.0f - e45 * e45);
    f32x16_store(p3 + 20 * s0 + i0i1, e46);
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    const f32x16 e47 = f32x16_load_some(p0 + i0i1, active) + f32x16_load_some(p1 + 20 * s0 + i0i1, active);
    const f32x16 x3 = f32x16_load_some(p2 + 20 * s0 + i0i1, active);
    const f32x16 e48 = f32x16_abs(x3);
    const i32x16 e49 = e48 < 0.875f;
    const f32x16 e50 = e48 * e48;
    const f32x16 e51 = f32x16_select(e49, e48 * e50 * (-0.9340712428092957f * e50 + -21.15890121459961f), f32x16_splat(-2.0f));
    const f32x16 e52 = e48 + e48;
    const f32x16 e53 = f32x16_less(f32x16_splat(20.0f), e52);
    const f32x16 e54 = e53 * 1.4426950216293335f + 12583039.0f;
    const f32x16 e55 = e54 - 12583039.0f;
    const f32x16 e56 = e53 - e55 * 0.693145751953125f - e55 * 0.000001428606765330187f;
    const f32x16 e57 = (0.001383673632517457f * e56 + 0.008367106318473816f) * e56 + 0.04166775196790695f;
    const f32x16 e58 = e56 * e56 * ((e57 * e56 + 0.16666539013385773f) * e56 + 0.4999999701976776f);
    const f32x16 e59 = f32x16_select(e49, (e50 + 28.192890167236328f) * e50 + 63.47670364379883f, (e56 + e58 + 1.0f) * (f32x16)((i32x16)e54 << 23) + 1.0f);
    const i32x16 e60 = (i32x16)(f32x16_select(e49, e48, f32x16_splat(1.0f)) + e51 / e59);
    const f32x16 e61 = (f32x16)(e60 | ((i32x16)x3 & (-2147483647 - 1)));
    f32x16_store_some(p3 + 20 * s0 + i0i1, e47 * (1.0f - e61 * e61), active);
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot add tanh */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[5]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(5);
      f32x16 dot0 = f32x16_splat(0.0f);
      for (int64_t r0_0 = 0; r0_0 < 5; r0_0++) {
        const f32 x0 = p0[5 * i0 + r0_0];
        const f32x16 x1 = f32x16_load_some(p1 + 5 * r0_0, active);
        dot0 = dot0 + x0 * x1;
      }
      const f32x16 e0 = dot0 + f32x16_load_some(p2 + 20 * s0 + 5 * i0, active);
      const f32x16 e1 = f32x16_abs(e0);
      const i32x16 e2 = e1 < 0.875f;
      const f32x16 e3 = e1 * e1;
      const f32x16 e4 = f32x16_select(e2, e1 * e3 * (-0.9340712428092957f * e3 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e5 = e1 + e1;
      const f32x16 e6 = f32x16_less(f32x16_splat(20.0f), e5);
      const f32x16 e7 = e6 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e8 = e7 - 12583039.0f;
      const f32x16 e9 = e6 - e8 * 0.693145751953125f - e8 * 0.000001428606765330187f;
      const f32x16 e10 = (0.001383673632517457f * e9 + 0.008367106318473816f) * e9 + 0.04166775196790695f;
      const f32x16 e11 = e9 * e9 * ((e10 * e9 + 0.16666539013385773f) * e9 + 0.4999999701976776f);
      const f32x16 e12 = f32x16_select(e2, (e3 + 28.192890167236328f) * e3 + 63.47670364379883f, (e9 + e11 + 1.0f) * (f32x16)((i32x16)e7 << 23) + 1.0f);
      const i32x16 e13 = (i32x16)(f32x16_select(e2, e1, f32x16_splat(1.0f)) + e4 / e12) | ((i32x16)e0 & (-2147483647 - 1));
      const f32x16 e14 = (f32x16)e13;
      f32x16_store_some(p3 + 20 * s0 + 5 * i0, e0, active);
      f32x16_store_some(p4 + 5 * i0, e14, active);
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
  for (int64_t r00 = 0; r00 < 128; r00 += 32) {
    const f32x16 x0 = f32x16_load(p0 + r00);
    const f32x16 x1 = f32x16_load(p0 + (r00 + 16));
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
  }
  {
    const i32x16 active = i32x16_first(12);
    const f32x16 x2 = f32x16_load_some(p0 + 128, active);
    sum0 = f32x16_select(active, sum0 + x2 * x2, sum0);
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

phase k8;
void k8(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const int64_t s0 = block[ports[0]].number;
  const f32 *restrict p0 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[3]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(5);
      f32x16 dot0 = f32x16_splat(0.0f);
      for (int64_t r00 = 0; r00 < 5; r00++) {
        const f32 x0 = p0[20 * s0 + 5 * i0 + r00];
        const f32x16 x1 = f32x16_load_apart_some(p1 + r00, 5, active);
        dot0 = dot0 + x0 * x1;
      }
      f32x16_store_some(p2 + 5 * i0, dot0, active);
    }
  }
}

phase k9;
void k9(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(5);
      f32x16 dot0 = f32x16_splat(0.0f);
      for (int64_t r00 = 0; r00 < 28; r00++) {
        const f32 x0 = p0[i0 + 5 * r00];
        const f32x16 x1 = f32x16_load_some(p1 + 5 * r00, active);
        dot0 = dot0 + x0 * x1;
      }
      f32x16_store_some(p2 + 5 * i0, dot0, active);
    }
  }
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
    f32x16_store(p1 + 20 * s0 + i0i1, f32x16_load(p0 + i0i1));
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    f32x16_store_some(p1 + 20 * s0 + i0i1, f32x16_load_some(p0 + i0i1, active), active);
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

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* copy */
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
