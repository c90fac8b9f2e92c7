phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // add
  k0(block, (const int32_t[]){1, 2}, rt->scratch, 0, 15);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    for (int64_t i1o = 0; i1o < 2; i1o++) {
      {
        const i32x16 active = i32x16_first(3);
        f32x16 x0 = {0};
        EACH_LANE(3) x0[lane] = p0[(int64_t)((u32)(6 * i0 - 3 * i1o - lane + 11) / 12) + 48 * ((int64_t)((u32)(2 * i0 - i1o + 3) % 4)) - 16 * lane + 32];
        f32x16_store_some(p1 + 6 * i0 + 3 * i1o, x0 + 1.0f, active);
      }
    }
  }
}
