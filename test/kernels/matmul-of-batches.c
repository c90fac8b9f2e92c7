program run_0;
static const contraction run_0_c0 = {1, 1, 1, 1, 1, 1200, (const axis[]){{6, 600, 300, 200}, {20, 30, 0, 10}, {10, 0, 1, 1}, {30, 1, 10, 0}}, 0, 0, 0, 0};
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot
  rt->contract(rt, block, &run_0_c0, (const float *)block[1].pointer, (const float *)block[2].pointer, (float *)block[3].pointer);
  return block[0].status;
}
