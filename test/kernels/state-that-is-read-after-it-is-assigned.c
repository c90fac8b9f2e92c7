phase k0;
phase k1;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // add sum
  k0(block, (const int32_t[]){2, 3, 1}, rt->scratch, 0, 1);
  if (block[0].status) return block[0].status;
  // copy
  k1(block, (const int32_t[]){3, 2}, rt->scratch, 0, 10);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sum */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  {
    const i32x16 active = i32x16_first(10);
    const f32x16 e0 = f32x16_load_apart_some(p0 + 9, -1, active) + f32x16_load_some(p0, active);
    f32x16_store_some(p1, e0, active);
  }
  f32x16 sum0 = f32x16_splat(0.0f);
  {
    const i32x16 active0 = i32x16_first(10);
    sum0 = f32x16_select(active0, sum0 + f32x16_load_some(p1, active0), sum0);
  }
  const f32x16 e1 = f32x16_from(sum0, 8);
  sum0 = sum0 + e1;
  const f32x16 e2 = f32x16_from(sum0, 4);
  sum0 = sum0 + e2;
  const f32x16 e3 = f32x16_from(sum0, 2);
  sum0 = sum0 + e3;
  const f32x16 e4 = f32x16_from(sum0, 1);
  sum0 = sum0 + e4;
  p2[0] = sum0[0];
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* copy */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16_store(p1 + i0, f32x16_load(p0 + i0));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16_store_some(p1 + i0, f32x16_load_some(p0 + i0, active), active);
  }
}
