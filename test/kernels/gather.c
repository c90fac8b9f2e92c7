phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // take
  k0(block, (const int32_t[]){1, 2, 3}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* take */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    const i32 x0 = p0[i0];
    const i32 e0 = -(x0 < 0) != 0 ? (x0 + 10) : x0;
    if ((u32)e0 >= 10u) fail(block, 1);
    const i32 e1 = i32_min(i32_max(e0, 0), 9);
    {
      const i32x16 active = i32x16_first(8);
      f32x16_store_some(p2 + 8 * i0, f32x16_load_some(p1 + 8 * (int64_t)e1, active), active);
    }
  }
}
