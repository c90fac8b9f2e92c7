phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  if (block[0].status) return block[0].status;
  // add sub
  k0(block, (const int32_t[]){3, 2, 1}, rt->scratch, 0, 30);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f64 *restrict p0 = (const f64 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 e0 = (f32)p0[0];
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const f32x8 x0 = f32x8_load(p2 + i0);
    const f32x8 x1 = f32x8_load(p2 + (i0 + 8));
    const f32x8 e1 = f32x8_load(p1 + i0) * 0.8999999761581421f + (x0 + x0);
    const f32x8 e2 = f32x8_load(p1 + (i0 + 8)) * 0.8999999761581421f + (x1 + x1);
    const f32x8 e3 = x0 - e1 * e0;
    const f32x8 e4 = x1 - e2 * e0;
    f32x8_store(p1 + i0, e1);
    f32x8_store(p1 + (i0 + 8), e2);
    f32x8_store(p2 + i0, e3);
    f32x8_store(p2 + (i0 + 8), e4);
  }
  for (; i0 + 8 <= hi; i0 += 8) {
    const f32x8 x2 = f32x8_load(p2 + i0);
    const f32x8 e5 = f32x8_load(p1 + i0) * 0.8999999761581421f + (x2 + x2);
    const f32x8 e6 = x2 - e5 * e0;
    f32x8_store(p1 + i0, e5);
    f32x8_store(p2 + i0, e6);
  }
  if (i0 < hi) {
    const i32x8 active = i32x8_first(hi - i0);
    const f32x8 x3 = f32x8_load_some(p2 + i0, active);
    const f32x8 e7 = f32x8_load_some(p1 + i0, active) * 0.8999999761581421f + (x3 + x3);
    const f32x8 e8 = x3 - e7 * e0;
    f32x8_store_some(p1 + i0, e7, active);
    f32x8_store_some(p2 + i0, e8, active);
  }
}
