phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // where
  k0(block, (const int32_t[]){1, 3}, rt->scratch, 0, 148);
  rt->argsort((const uint32_t *)block[3].pointer, (int32_t *)block[4].pointer, (uint32_t *)block[5].pointer, 4, 37);
  // gather
  k1(block, (const int32_t[]){4, 1, 2}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* gather */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    for (int64_t i1 = 0; i1 < 32; i1 += 16) {
      const i32x16 e0 = i32x16_load(p0 + 37 * i0 + i1);
      if (i32x16_any(((u32x16)e0 >= 37u))) fail(block, 1);
      const i32x16 e1 = i32x16_min(i32x16_max(e0, i32x16_splat(0)), i32x16_splat(36));
      f32x16 x0 = {0};
      EACH_LANE(16) x0[lane] = p1[37 * i0 + (int64_t)e1[lane]];
      f32x16_store(p2 + 37 * i0 + i1, x0);
    }
    {
      const i32x16 active = i32x16_first(5);
      const i32x16 e2 = i32x16_load_some(p0 + 37 * i0 + 32, active);
      if (i32x16_any(((u32x16)e2 >= 37u) & active)) fail(block, 1);
      const i32x16 e3 = i32x16_min(i32x16_max(e2, i32x16_splat(0)), i32x16_splat(36));
      f32x16 x1 = {0};
      EACH_LANE(5) x1[lane] = p1[37 * i0 + (int64_t)e3[lane]];
      f32x16_store_some(p2 + 37 * i0 + 32, x1, active);
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    const f32x16 x0 = f32x16_load(p0 + i0i1);
    const u32x16 e0 = u32x16_select(x0 < 0.0f, u32x16_splat(4294967295u), u32x16_splat(0u));
    const u32x16 e1 = (u32x16)f32x16_select(x0 == 0.0f, f32x16_splat(0.0f), x0) ^ (e0 | 2147483648u);
    u32x16_store(p1 + i0i1, u32x16_select(x0 != x0, u32x16_splat(4294967295u), e1));
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    const f32x16 x1 = f32x16_load_some(p0 + i0i1, active);
    const u32x16 e2 = u32x16_select(x1 < 0.0f, u32x16_splat(4294967295u), u32x16_splat(0u));
    const u32x16 e3 = (u32x16)f32x16_select(x1 == 0.0f, f32x16_splat(0.0f), x1) ^ (e2 | 2147483648u);
    u32x16_store_some(p1 + i0i1, u32x16_select(x1 != x1, u32x16_splat(4294967295u), e3), active);
  }
}
