phase k0;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot reshape
  k0(block, (const int32_t[]){2, 1, 3}, rt->scratch, 0, 64);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot reshape */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    f32x16 dot0 = f32x16_splat(0.0f);
    f32x16 dot1 = f32x16_splat(0.0f);
    for (int64_t r0_0 = 0; r0_0 < 128; r0_0 += 32) {
      dot0 = dot0 + f32x16_load(p0 + 128 * i0 + r0_0) * f32x16_load(p1 + r0_0);
      dot1 = dot1 + f32x16_load(p0 + 128 * i0 + (r0_0 + 16)) * f32x16_load(p1 + (r0_0 + 16));
    }
    dot0 = dot0 + dot1;
    const f32x16 e0 = f32x16_from(dot0, 8);
    dot0 = dot0 + e0;
    const f32x16 e1 = f32x16_from(dot0, 4);
    dot0 = dot0 + e1;
    const f32x16 e2 = f32x16_from(dot0, 2);
    dot0 = dot0 + e2;
    const f32x16 e3 = f32x16_from(dot0, 1);
    dot0 = dot0 + e3;
    p2[i0] = dot0[0];
  }
}
