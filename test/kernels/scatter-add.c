phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // indexAdd base
  k0(block, (const int32_t[]){2, 4}, rt->scratch, 0, 80);
  // indexAdd
  k1(block, (const int32_t[]){1, 3, 4}, rt->scratch, 0, 1);
  return block[0].status;
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* indexAdd */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t s = 0; s < 4; s++) {
    const i32 x0 = p0[s];
    const i32 e0 = -(x0 < 0) != 0 ? (x0 + 10) : x0;
    if ((u32)e0 >= 10u) fail(block, 1);
    const i32 e1 = i32_min(i32_max(e0, 0), 9);
    const i32 e2 = -1;
    {
      const i32x16 active = i32x16_first(8);
      f32x16_store_some(p2 + 8 * (int64_t)e1, f32x16_load_some(p2 + 8 * (int64_t)e1, active) + (e2 ? f32x16_load_some(p1 + 8 * s, active) : f32x16_splat(0.0f)), active);
    }
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* indexAdd base */
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
