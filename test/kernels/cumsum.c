phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // cumsum
  k0(block, (const int32_t[]){1, 2}, rt->scratch, 0, 30);
  // cumsum
  k1(block, (const int32_t[]){1, 3}, rt->scratch, 0, 20);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* cumsum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 64 <= hi; i0 += 64) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t c = 0; c < 30; c++) {
      sum0 = sum0 + f32x16_load_apart(p0 + c + 30 * i0, 30);
      EACH_LANE(16) p1[c + 30 * ((i0 + lane))] = sum0[lane];
      sum1 = sum1 + f32x16_load_apart(p0 + c + 30 * ((i0 + 16)), 30);
      EACH_LANE(16) p1[c + 30 * ((i0 + lane + 16))] = sum1[lane];
      sum2 = sum2 + f32x16_load_apart(p0 + c + 30 * ((i0 + 32)), 30);
      EACH_LANE(16) p1[c + 30 * ((i0 + lane + 32))] = sum2[lane];
      sum3 = sum3 + f32x16_load_apart(p0 + c + 30 * ((i0 + 48)), 30);
      EACH_LANE(16) p1[c + 30 * ((i0 + lane + 48))] = sum3[lane];
    }
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum4 = f32x16_splat(0.0f);
    for (int64_t c2 = 0; c2 < 30; c2++) {
      sum4 = sum4 + f32x16_load_apart(p0 + c2 + 30 * i0, 30);
      EACH_LANE(16) p1[c2 + 30 * ((i0 + lane))] = sum4[lane];
    }
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t c3 = 0; c3 < 30; c3++) {
      sum5 = sum5 + f32x16_load_apart_some(p0 + c3 + 30 * i0, 30, active);
      for (i32 lane = 0; lane < hi - i0; lane++) p1[c3 + 30 * ((i0 + lane))] = sum5[lane];
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* cumsum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 64 <= hi; i0 += 64) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    f32x16 sum2 = f32x16_splat(0.0f);
    f32x16 sum3 = f32x16_splat(0.0f);
    for (int64_t c = 0; c < 20; c++) {
      sum0 = sum0 + f32x16_load(p0 + 30 * c + i0);
      f32x16_store(p1 + 30 * c + i0, sum0);
      sum1 = sum1 + f32x16_load(p0 + 30 * c + (i0 + 16));
      f32x16_store(p1 + 30 * c + (i0 + 16), sum1);
      sum2 = sum2 + f32x16_load(p0 + 30 * c + (i0 + 32));
      f32x16_store(p1 + 30 * c + (i0 + 32), sum2);
      sum3 = sum3 + f32x16_load(p0 + 30 * c + (i0 + 48));
      f32x16_store(p1 + 30 * c + (i0 + 48), sum3);
    }
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum4 = f32x16_splat(0.0f);
    for (int64_t c2 = 0; c2 < 20; c2++) {
      sum4 = sum4 + f32x16_load(p0 + 30 * c2 + i0);
      f32x16_store(p1 + 30 * c2 + i0, sum4);
    }
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum5 = f32x16_splat(0.0f);
    for (int64_t c3 = 0; c3 < 20; c3++) {
      sum5 = sum5 + f32x16_load_some(p0 + 30 * c3 + i0, active);
      f32x16_store_some(p1 + 30 * c3 + i0, sum5, active);
    }
  }
}
