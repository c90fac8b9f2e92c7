phase k0;
phase k1;
phase k2;
phase k3;
phase k4;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // sum div
  k0(block, (const int32_t[]){2, 8, 9, 1, 10}, rt->scratch, 0, 16);
  // sum
  k1(block, (const int32_t[]){8, 9, 2, 1, 3, 4}, rt->scratch, 0, 1);
  // sum
  k2(block, (const int32_t[]){7}, rt->scratch, 0, 64);
  // sum div mul
  k3(block, (const int32_t[]){1, 8, 10, 9, 2, 5}, rt->scratch, 0, 16);
  // sum
  k4(block, (const int32_t[]){9, 2, 8, 6}, rt->scratch, 0, 64);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    for (int64_t r0_0 = 0; r0_0 < 64; r0_0 += 32) {
      const f32x16 x0 = f32x16_load(p0 + 64 * i0 + r0_0);
      const f32x16 x1 = f32x16_load(p0 + 64 * i0 + (r0_0 + 16));
      sum0 = sum0 + x0;
      sum1 = sum1 + x1;
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
    const f32 e4 = sum0[0] / 64.0f;
    p1[i0] = e4;
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t r0_00 = 0; r0_00 < 64; r0_00 += 32) {
      const f32x16 x2 = f32x16_load(p0 + 64 * i0 + r0_00);
      const f32x16 x3 = f32x16_load(p0 + 64 * i0 + (r0_00 + 16));
      const f32x16 e5 = x2 - e4;
      const f32x16 e6 = x3 - e4;
      sum2 = sum2 + e5 * e5;
      sum3 = sum3 + e6 * e6;
    }
    sum2 = sum2 + sum3;
    const f32x16 e7 = f32x16_from(sum2, 8);
    sum2 = sum2 + e7;
    const f32x16 e8 = f32x16_from(sum2, 4);
    sum2 = sum2 + e8;
    const f32x16 e9 = f32x16_from(sum2, 2);
    sum2 = sum2 + e9;
    const f32x16 e10 = f32x16_from(sum2, 1);
    sum2 = sum2 + e10;
    const f32 e11 = 1.0f / f32_sqrt(sum2[0] / 64.0f + 0.000009999999747378752f);
    p2[i0] = e11;
    f32x16 sum4 = f32x16_splat(0.0f);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t r0_01 = 0; r0_01 < 64; r0_01 += 32) {
      const f32x16 x4 = f32x16_load(p0 + 64 * i0 + r0_01);
      const f32x16 x5 = f32x16_load(p0 + 64 * i0 + (r0_01 + 16));
      const f32x16 e12 = x4 - e4;
      const f32x16 e13 = x5 - e4;
      sum4 = sum4 + f32x16_load(p3 + r0_01) * e12;
      sum5 = sum5 + f32x16_load(p3 + (r0_01 + 16)) * e13;
    }
    sum4 = sum4 + sum5;
    const f32x16 e14 = f32x16_from(sum4, 8);
    sum4 = sum4 + e14;
    const f32x16 e15 = f32x16_from(sum4, 4);
    sum4 = sum4 + e15;
    const f32x16 e16 = f32x16_from(sum4, 2);
    sum4 = sum4 + e16;
    const f32x16 e17 = f32x16_from(sum4, 1);
    sum4 = sum4 + e17;
    p4[i0] = sum4[0] * e11 * e11 / 64.0f;
  }
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  int64_t i0 = lo;
  for (; i0 + 64 <= hi; i0 += 64) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t r00 = 0; r00 < 16; r00++) {
      const f32x16 e0 = p0[r00] * (f32x16_load(p1 + i0 + 64 * r00) - p2[r00]);
      const f32x16 e1 = p0[r00] * (f32x16_load(p1 + (i0 + 16) + 64 * r00) - p2[r00]);
      const f32x16 e2 = p0[r00] * (f32x16_load(p1 + (i0 + 32) + 64 * r00) - p2[r00]);
      const f32x16 e3 = p0[r00] * (f32x16_load(p1 + (i0 + 48) + 64 * r00) - p2[r00]);
      sum0 = sum0 + e0;
      sum1 = sum1 + e1;
      sum2 = sum2 + e2;
      sum3 = sum3 + e3;
    }
    f32x16_store(p3 + i0, sum0);
    f32x16_store(p3 + (i0 + 16), sum1);
    f32x16_store(p3 + (i0 + 32), sum2);
    f32x16_store(p3 + (i0 + 48), sum3);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum4 = f32x16_splat(0.0f);
    for (int64_t r01 = 0; r01 < 16; r01++) {
      const f32x16 e4 = p0[r01] * (f32x16_load(p1 + i0 + 64 * r01) - p2[r01]);
      sum4 = sum4 + e4;
    }
    f32x16_store(p3 + i0, sum4);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t r02 = 0; r02 < 16; r02++) {
      const f32x16 e5 = p0[r02] * (f32x16_load_some(p1 + i0 + 64 * r02, active) - p2[r02]);
      sum5 = sum5 + e5;
    }
    f32x16_store_some(p3 + i0, sum5, active);
  }
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div mul */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    for (int64_t r0_0 = 0; r0_0 < 64; r0_0 += 32) {
      sum0 = sum0 + f32x16_load(p0 + r0_0);
      sum1 = sum1 + f32x16_load(p0 + (r0_0 + 16));
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
    const f32 x0 = p1[i0];
    const f32 x1 = p2[i0];
    const f32 e4 = sum0[0] / 64.0f;
    const f32 x2 = p3[i0];
    for (int64_t j2_0 = 0; j2_0 < 64; j2_0 += 16) {
      const f32x16 e5 = f32x16_load(p0 + j2_0) - ((f32x16_load(p4 + 64 * i0 + j2_0) - x0) * x1 + e4);
      f32x16_store(p5 + 64 * i0 + j2_0, e5 * x2);
    }
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  for (int64_t r0o = 0; r0o < 16; r0o++) {
    const f32 x0 = p0[r0o];
    const f32 x1 = p1[r0o];
    for (int64_t r0i = 0; r0i < 64; r0i += 32) {
      const f32x16 e0 = (f32x16_load(p2 + 64 * r0o + r0i) - x0) * (x1 * f32x16_load(p3 + r0i));
      const f32x16 e1 = (f32x16_load(p2 + 64 * r0o + (r0i + 16)) - x0) * (x1 * f32x16_load(p3 + (r0i + 16)));
      sum0 = sum0 + (e0 + f32x16_load(p4 + r0i));
      sum1 = sum1 + (e1 + f32x16_load(p4 + (r0i + 16)));
    }
  }
  sum0 = sum0 + sum1;
  const f32x16 e2 = f32x16_from(sum0, 8);
  sum0 = sum0 + e2;
  const f32x16 e3 = f32x16_from(sum0, 4);
  sum0 = sum0 + e3;
  const f32x16 e4 = f32x16_from(sum0, 2);
  sum0 = sum0 + e4;
  const f32x16 e5 = f32x16_from(sum0, 1);
  sum0 = sum0 + e5;
  p5[0] = sum0[0];
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum */
  f32 *restrict p0 = (f32 *)block[ports[0]].pointer;
  int64_t i0 = lo;
  for (; i0 + 64 <= hi; i0 += 64) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t r00 = 0; r00 < 16; r00++) {
      sum0 = sum0 + 1.0f;
      sum1 = sum1 + 1.0f;
      sum2 = sum2 + 1.0f;
      sum3 = sum3 + 1.0f;
    }
    f32x16_store(p0 + i0, sum0);
    f32x16_store(p0 + (i0 + 16), sum1);
    f32x16_store(p0 + (i0 + 32), sum2);
    f32x16_store(p0 + (i0 + 48), sum3);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum4 = f32x16_splat(0.0f);
    for (int64_t r01 = 0; r01 < 16; r01++) {
      sum4 = sum4 + 1.0f;
    }
    f32x16_store(p0 + i0, sum4);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t r02 = 0; r02 < 16; r02++) {
      sum5 = sum5 + 1.0f;
    }
    f32x16_store_some(p0 + i0, sum5, active);
  }
}
