phase k0;
phase k1;
phase k2;
phase k3;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // where
  k0(block, (const int32_t[]){1, 5}, rt->scratch, 0, 4);
  // take sum
  k1(block, (const int32_t[]){5, 2, 6, 3}, rt->scratch, 0, 1);
  // indexAdd base
  k2(block, (const int32_t[]){4}, rt->scratch, 0, 80);
  // indexAdd
  k3(block, (const int32_t[]){5, 6, 4}, rt->scratch, 0, 1);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* take sum */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  for (int64_t j0_0 = 0; j0_0 < 4; j0_0++) {
    const i32 e0 = p0[j0_0];
    if ((u32)e0 >= 10u) fail(block, 1);
    const i32 e1 = i32_min(i32_max(e0, 0), 9);
    {
      const i32x16 active = i32x16_first(8);
      f32x16_store_some(p2 + 8 * j0_0, f32x16_load_some(p1 + 8 * (int64_t)e1, active), active);
    }
  }
  f32x16 sum0 = f32x16_splat(0.0f);
  f32x16 sum1 = f32x16_splat(0.0f);
  {
    const f32x16 x0 = f32x16_load(p2);
    const f32x16 x1 = f32x16_load(p2 + 16);
    sum0 = sum0 + x0 * x0;
    sum1 = sum1 + x1 * x1;
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
  p3[0] = sum0[0];
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* indexAdd */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t s = 0; s < 4; s++) {
    const i32 e0 = p0[s];
    if ((u32)e0 >= 10u) fail(block, 2);
    const i32 e1 = i32_min(i32_max(e0, 0), 9);
    const i32 e2 = -1;
    {
      const i32x16 active = i32x16_first(8);
      const f32x16 x0 = f32x16_load_some(p1 + 8 * s, active);
      f32x16_store_some(p2 + 8 * (int64_t)e1, f32x16_load_some(p2 + 8 * (int64_t)e1, active) + (e2 ? x0 + x0 : f32x16_splat(0.0f)), active);
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  i32 *restrict p1 = (i32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const i32x16 x0 = i32x16_load(p0 + i0);
    i32x16_store(p1 + i0, i32x16_select(x0 < 0, x0 + 10, x0));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const i32x16 x1 = i32x16_load_some(p0 + i0, active);
    i32x16_store_some(p1 + i0, i32x16_select(x1 < 0, x1 + 10, x1), active);
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* indexAdd base */
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
