phase k0;

program run_0;
static const contraction run_0_c0 = {0, 1, 1, 1, 4, 16, (const axis[]){{4, 50000, 0, 4}, {4, 0, 1, 1}, {50000, 1, 4, 0}}, 0, 0, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot
  rt->contract(rt, block, &run_0_c0, (const float *)block[1].pointer, (const float *)block[2].pointer, (float *)block[4].pointer);
  // sum of the parts
  k0(block, (const int32_t[]){4, 3}, rt->scratch, 0, 16);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum of the parts */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    const f32x16 e0 = f32x16_load(p0 + i0i1) + f32x16_load(p0 + i0i1 + 32) + (f32x16_load(p0 + i0i1 + 16) + f32x16_load(p0 + i0i1 + 48));
    f32x16_store(p1 + i0i1, e0);
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    const f32x16 e1 = f32x16_load_some(p0 + i0i1, active) + f32x16_load_some(p0 + i0i1 + 32, active);
    const f32x16 e2 = f32x16_load_some(p0 + i0i1 + 16, active) + f32x16_load_some(p0 + i0i1 + 48, active);
    f32x16_store_some(p1 + i0i1, e1 + e2, active);
  }
}
