phase k0;
phase k1;
phase k2;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  if (block[0].status) return block[0].status;
  // sum div add mul
  k0(block, (const int32_t[]){1, 8, 3, 4, 5, 9}, rt->scratch, 0, 3);
  // add
  k1(block, (const int32_t[]){8, 9, 6, 1, 2}, rt->scratch, 0, 8);
  // add
  k2(block, (const int32_t[]){7}, rt->scratch, 0, 1);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div add mul */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    for (int64_t r0_0 = 0; r0_0 < 8; r0_0++) {
      for (int64_t r0_1 = 0; r0_1 < 96; r0_1 += 32) {
        const f32x16 x0 = f32x16_load(p0 + 100 * i0 + 300 * r0_0 + r0_1);
        const f32x16 x1 = f32x16_load(p0 + 100 * i0 + 300 * r0_0 + (r0_1 + 16));
        sum0 = sum0 + x0;
        sum1 = sum1 + x1;
      }
      {
        const i32x16 active = i32x16_first(4);
        const f32x16 x2 = f32x16_load_some(p0 + 100 * i0 + 300 * r0_0 + 96, active);
        sum0 = f32x16_select(active, sum0 + x2, sum0);
      }
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
    const f32 e4 = sum0[0] / 800.0f;
    p1[i0] = e4;
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t r0_00 = 0; r0_00 < 8; r0_00++) {
      for (int64_t r0_10 = 0; r0_10 < 96; r0_10 += 32) {
        const f32x16 x3 = f32x16_load(p0 + 100 * i0 + 300 * r0_00 + r0_10);
        const f32x16 x4 = f32x16_load(p0 + 100 * i0 + 300 * r0_00 + (r0_10 + 16));
        const f32x16 e5 = x3 - e4;
        const f32x16 e6 = x4 - e4;
        sum2 = sum2 + e5 * e5;
        sum3 = sum3 + e6 * e6;
      }
      {
        const i32x16 active0 = i32x16_first(4);
        const f32x16 x5 = f32x16_load_some(p0 + 100 * i0 + 300 * r0_00 + 96, active0);
        const f32x16 e7 = x5 - e4;
        sum2 = f32x16_select(active0, sum2 + e7 * e7, sum2);
      }
    }
    sum2 = sum2 + sum3;
    const f32x16 e8 = f32x16_from(sum2, 8);
    sum2 = sum2 + e8;
    const f32x16 e9 = f32x16_from(sum2, 4);
    sum2 = sum2 + e9;
    const f32x16 e10 = f32x16_from(sum2, 2);
    sum2 = sum2 + e10;
    const f32x16 e11 = f32x16_from(sum2, 1);
    sum2 = sum2 + e11;
    const f32 e12 = p2[i0] * 0.8999999761581421f + e4 * 0.10000000149011612f;
    const f32 e13 = sum2[0] / 800.0f;
    const f32 e14 = p3[i0] * 0.8999999761581421f + e13 * 1.0012515783309937f * 0.10000000149011612f;
    const f32 e15 = 1.0f / f32_sqrt(e13 + 0.000009999999747378752f) * p4[i0];
    p2[i0] = e12;
    p3[i0] = e14;
    p5[i0] = e15;
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    for (int64_t i1 = 0; i1 < 3; i1++) {
      const f32 x0 = p0[i1];
      const f32 x1 = p1[i1];
      const f32 x2 = p2[i1];
      for (int64_t i2i3 = 0; i2i3 < 96; i2i3 += 16) {
        f32x16_store(p4 + 300 * i0 + 100 * i1 + i2i3, (f32x16_load(p3 + 300 * i0 + 100 * i1 + i2i3) - x0) * x1 + x2);
      }
      {
        const i32x16 active = i32x16_first(4);
        const f32x16 e0 = (f32x16_load_some(p3 + 300 * i0 + 100 * i1 + 96, active) - x0) * x1;
        f32x16_store_some(p4 + 300 * i0 + 100 * i1 + 96, e0 + x2, active);
      }
    }
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  i32 *restrict p0 = (i32 *)block[ports[0]].pointer;
  p0[0] = p0[0] + 1;
}
