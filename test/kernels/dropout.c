phase k0;
phase k1;
phase k2;
phase k3;
phase k4;
phase k5;
phase k6;
phase k7;
phase k8;
phase k9;
phase k10;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // concat
  k0(block, (const int32_t[]){3, 4}, rt->scratch, 0, 1);
  // concat
  k1(block, (const int32_t[]){3, 4}, rt->scratch, 0, 1);
  // concat
  k2(block, (const int32_t[]){3, 4}, rt->scratch, 0, 1);
  // concat
  k3(block, (const int32_t[]){3, 4}, rt->scratch, 0, 1);
  // add threefry
  rt->share(rt, k4, block, (const int32_t[]){3, 5, 6}, 2500, 32);
  // concat
  k5(block, (const int32_t[]){5, 7}, rt->scratch, 0, 2500);
  // concat
  k6(block, (const int32_t[]){5, 7}, rt->scratch, 0, 2500);
  // concat
  k7(block, (const int32_t[]){6, 7}, rt->scratch, 0, 2500);
  // concat
  k8(block, (const int32_t[]){6, 7}, rt->scratch, 0, 2500);
  // where
  rt->share(rt, k9, block, (const int32_t[]){7, 1, 2}, 10000, 16);
  if (block[0].status) return block[0].status;
  // copy
  k10(block, (const int32_t[]){4, 3}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add threefry */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  u32 *restrict p2 = (u32 *)block[ports[2]].pointer;
  const u32 x0 = p0[2];
  const u32 x1 = p0[0];
  const u32 x2 = p0[3];
  const u32 x3 = p0[1];
  const u32 e0 = (x1 ^ x3) ^ 466688986u;
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    const u32x16 e1 = x0 + (u32x16)((i32)i0 + i32x16_iota());
    const u32x16 e2 = x0 + (u32x16)((i32)((i0 + 16)) + i32x16_iota());
    const u32x16 e3 = x2 + (u32x16)((e1 < x0) & 1) + x3;
    const u32x16 e4 = x2 + (u32x16)((e2 < x0) & 1) + x3;
    const u32x16 e5 = e1 + x1 + e3;
    const u32x16 e6 = e2 + x1 + e4;
    const u32x16 e7 = ((e3 << 13) | (e3 >> 19)) ^ e5;
    const u32x16 e8 = ((e4 << 13) | (e4 >> 19)) ^ e6;
    const u32x16 e9 = e5 + e7;
    const u32x16 e10 = e6 + e8;
    const u32x16 e11 = ((e7 << 15) | (e7 >> 17)) ^ e9;
    const u32x16 e12 = ((e8 << 15) | (e8 >> 17)) ^ e10;
    const u32x16 e13 = e9 + e11;
    const u32x16 e14 = e10 + e12;
    const u32x16 e15 = ((e11 << 26) | (e11 >> 6)) ^ e13;
    const u32x16 e16 = ((e12 << 26) | (e12 >> 6)) ^ e14;
    const u32x16 e17 = e13 + e15;
    const u32x16 e18 = e14 + e16;
    const u32x16 e19 = (((e15 << 6) | (e15 >> 26)) ^ e17) + e0 + 1u;
    const u32x16 e20 = (((e16 << 6) | (e16 >> 26)) ^ e18) + e0 + 1u;
    const u32x16 e21 = e17 + x3 + e19;
    const u32x16 e22 = e18 + x3 + e20;
    const u32x16 e23 = ((e19 << 17) | (e19 >> 15)) ^ e21;
    const u32x16 e24 = ((e20 << 17) | (e20 >> 15)) ^ e22;
    const u32x16 e25 = e21 + e23;
    const u32x16 e26 = e22 + e24;
    const u32x16 e27 = ((e23 << 29) | (e23 >> 3)) ^ e25;
    const u32x16 e28 = ((e24 << 29) | (e24 >> 3)) ^ e26;
    const u32x16 e29 = e25 + e27;
    const u32x16 e30 = e26 + e28;
    const u32x16 e31 = ((e27 << 16) | (e27 >> 16)) ^ e29;
    const u32x16 e32 = ((e28 << 16) | (e28 >> 16)) ^ e30;
    const u32x16 e33 = e29 + e31;
    const u32x16 e34 = e30 + e32;
    const u32x16 e35 = (((e31 << 24) | (e31 >> 8)) ^ e33) + x1 + 2u;
    const u32x16 e36 = (((e32 << 24) | (e32 >> 8)) ^ e34) + x1 + 2u;
    const u32x16 e37 = e33 + e0 + e35;
    const u32x16 e38 = e34 + e0 + e36;
    const u32x16 e39 = ((e35 << 13) | (e35 >> 19)) ^ e37;
    const u32x16 e40 = ((e36 << 13) | (e36 >> 19)) ^ e38;
    const u32x16 e41 = e37 + e39;
    const u32x16 e42 = e38 + e40;
    const u32x16 e43 = ((e39 << 15) | (e39 >> 17)) ^ e41;
    const u32x16 e44 = ((e40 << 15) | (e40 >> 17)) ^ e42;
    const u32x16 e45 = e41 + e43;
    const u32x16 e46 = e42 + e44;
    const u32x16 e47 = ((e43 << 26) | (e43 >> 6)) ^ e45;
    const u32x16 e48 = ((e44 << 26) | (e44 >> 6)) ^ e46;
    const u32x16 e49 = e45 + e47;
    const u32x16 e50 = e46 + e48;
    const u32x16 e51 = (((e47 << 6) | (e47 >> 26)) ^ e49) + x3 + 3u;
    const u32x16 e52 = (((e48 << 6) | (e48 >> 26)) ^ e50) + x3 + 3u;
    const u32x16 e53 = e49 + x1 + e51;
    const u32x16 e54 = e50 + x1 + e52;
    const u32x16 e55 = ((e51 << 17) | (e51 >> 15)) ^ e53;
    const u32x16 e56 = ((e52 << 17) | (e52 >> 15)) ^ e54;
    const u32x16 e57 = e53 + e55;
    const u32x16 e58 = e54 + e56;
    const u32x16 e59 = ((e55 << 29) | (e55 >> 3)) ^ e57;
    const u32x16 e60 = ((e56 << 29) | (e56 >> 3)) ^ e58;
    const u32x16 e61 = e57 + e59;
    const u32x16 e62 = e58 + e60;
    const u32x16 e63 = ((e59 << 16) | (e59 >> 16)) ^ e61;
    const u32x16 e64 = ((e60 << 16) | (e60 >> 16)) ^ e62;
    const u32x16 e65 = e61 + e63;
    const u32x16 e66 = e62 + e64;
    const u32x16 e67 = (((e63 << 24) | (e63 >> 8)) ^ e65) + e0 + 4u;
    const u32x16 e68 = (((e64 << 24) | (e64 >> 8)) ^ e66) + e0 + 4u;
    const u32x16 e69 = e65 + x3 + e67;
    const u32x16 e70 = e66 + x3 + e68;
    const u32x16 e71 = ((e67 << 13) | (e67 >> 19)) ^ e69;
    const u32x16 e72 = ((e68 << 13) | (e68 >> 19)) ^ e70;
    const u32x16 e73 = e69 + e71;
    const u32x16 e74 = e70 + e72;
    const u32x16 e75 = ((e71 << 15) | (e71 >> 17)) ^ e73;
    const u32x16 e76 = ((e72 << 15) | (e72 >> 17)) ^ e74;
    const u32x16 e77 = e73 + e75;
    const u32x16 e78 = e74 + e76;
    const u32x16 e79 = ((e75 << 26) | (e75 >> 6)) ^ e77;
    const u32x16 e80 = ((e76 << 26) | (e76 >> 6)) ^ e78;
    const u32x16 e81 = e77 + e79;
    const u32x16 e82 = e78 + e80;
    const u32x16 e83 = e81 + e0;
    const u32x16 e84 = e82 + e0;
    const u32x16 e85 = (((e79 << 6) | (e79 >> 26)) ^ e81) + x1 + 5u;
    const u32x16 e86 = (((e80 << 6) | (e80 >> 26)) ^ e82) + x1 + 5u;
    u32x16_store(p1 + i0, e83);
    u32x16_store(p1 + (i0 + 16), e84);
    u32x16_store(p2 + i0, e85);
    u32x16_store(p2 + (i0 + 16), e86);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    const u32x16 e87 = x0 + (u32x16)((i32)i0 + i32x16_iota());
    const u32x16 e88 = x2 + (u32x16)((e87 < x0) & 1) + x3;
    const u32x16 e89 = e87 + x1 + e88;
    const u32x16 e90 = ((e88 << 13) | (e88 >> 19)) ^ e89;
    const u32x16 e91 = e89 + e90;
    const u32x16 e92 = ((e90 << 15) | (e90 >> 17)) ^ e91;
    const u32x16 e93 = e91 + e92;
    const u32x16 e94 = ((e92 << 26) | (e92 >> 6)) ^ e93;
    const u32x16 e95 = e93 + e94;
    const u32x16 e96 = (((e94 << 6) | (e94 >> 26)) ^ e95) + e0 + 1u;
    const u32x16 e97 = e95 + x3 + e96;
    const u32x16 e98 = ((e96 << 17) | (e96 >> 15)) ^ e97;
    const u32x16 e99 = e97 + e98;
    const u32x16 e100 = ((e98 << 29) | (e98 >> 3)) ^ e99;
    const u32x16 e101 = e99 + e100;
    const u32x16 e102 = ((e100 << 16) | (e100 >> 16)) ^ e101;
    const u32x16 e103 = e101 + e102;
    const u32x16 e104 = (((e102 << 24) | (e102 >> 8)) ^ e103) + x1 + 2u;
    const u32x16 e105 = e103 + e0 + e104;
    const u32x16 e106 = ((e104 << 13) | (e104 >> 19)) ^ e105;
    const u32x16 e107 = e105 + e106;
    const u32x16 e108 = ((e106 << 15) | (e106 >> 17)) ^ e107;
    const u32x16 e109 = e107 + e108;
    const u32x16 e110 = ((e108 << 26) | (e108 >> 6)) ^ e109;
    const u32x16 e111 = e109 + e110;
    const u32x16 e112 = (((e110 << 6) | (e110 >> 26)) ^ e111) + x3 + 3u;
    const u32x16 e113 = e111 + x1 + e112;
    const u32x16 e114 = ((e112 << 17) | (e112 >> 15)) ^ e113;
    const u32x16 e115 = e113 + e114;
    const u32x16 e116 = ((e114 << 29) | (e114 >> 3)) ^ e115;
    const u32x16 e117 = e115 + e116;
    const u32x16 e118 = ((e116 << 16) | (e116 >> 16)) ^ e117;
    const u32x16 e119 = e117 + e118;
    const u32x16 e120 = (((e118 << 24) | (e118 >> 8)) ^ e119) + e0 + 4u;
    const u32x16 e121 = e119 + x3 + e120;
    const u32x16 e122 = ((e120 << 13) | (e120 >> 19)) ^ e121;
    const u32x16 e123 = e121 + e122;
    const u32x16 e124 = ((e122 << 15) | (e122 >> 17)) ^ e123;
    const u32x16 e125 = e123 + e124;
    const u32x16 e126 = ((e124 << 26) | (e124 >> 6)) ^ e125;
    const u32x16 e127 = e125 + e126;
    const u32x16 e128 = e127 + e0;
    const u32x16 e129 = (((e126 << 6) | (e126 >> 26)) ^ e127) + x1 + 5u;
    u32x16_store(p1 + i0, e128);
    u32x16_store(p2 + i0, e129);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const u32x16 e130 = x0 + (u32x16)((i32)i0 + i32x16_iota());
    const u32x16 e131 = x2 + (u32x16)((e130 < x0) & 1) + x3;
    const u32x16 e132 = e130 + x1 + e131;
    const u32x16 e133 = ((e131 << 13) | (e131 >> 19)) ^ e132;
    const u32x16 e134 = e132 + e133;
    const u32x16 e135 = ((e133 << 15) | (e133 >> 17)) ^ e134;
    const u32x16 e136 = e134 + e135;
    const u32x16 e137 = ((e135 << 26) | (e135 >> 6)) ^ e136;
    const u32x16 e138 = e136 + e137;
    const u32x16 e139 = (((e137 << 6) | (e137 >> 26)) ^ e138) + e0 + 1u;
    const u32x16 e140 = e138 + x3 + e139;
    const u32x16 e141 = ((e139 << 17) | (e139 >> 15)) ^ e140;
    const u32x16 e142 = e140 + e141;
    const u32x16 e143 = ((e141 << 29) | (e141 >> 3)) ^ e142;
    const u32x16 e144 = e142 + e143;
    const u32x16 e145 = ((e143 << 16) | (e143 >> 16)) ^ e144;
    const u32x16 e146 = e144 + e145;
    const u32x16 e147 = (((e145 << 24) | (e145 >> 8)) ^ e146) + x1 + 2u;
    const u32x16 e148 = e146 + e0 + e147;
    const u32x16 e149 = ((e147 << 13) | (e147 >> 19)) ^ e148;
    const u32x16 e150 = e148 + e149;
    const u32x16 e151 = ((e149 << 15) | (e149 >> 17)) ^ e150;
    const u32x16 e152 = e150 + e151;
    const u32x16 e153 = ((e151 << 26) | (e151 >> 6)) ^ e152;
    const u32x16 e154 = e152 + e153;
    const u32x16 e155 = (((e153 << 6) | (e153 >> 26)) ^ e154) + x3 + 3u;
    const u32x16 e156 = e154 + x1 + e155;
    const u32x16 e157 = ((e155 << 17) | (e155 >> 15)) ^ e156;
    const u32x16 e158 = e156 + e157;
    const u32x16 e159 = ((e157 << 29) | (e157 >> 3)) ^ e158;
    const u32x16 e160 = e158 + e159;
    const u32x16 e161 = ((e159 << 16) | (e159 >> 16)) ^ e160;
    const u32x16 e162 = e160 + e161;
    const u32x16 e163 = (((e161 << 24) | (e161 >> 8)) ^ e162) + e0 + 4u;
    const u32x16 e164 = e162 + x3 + e163;
    const u32x16 e165 = ((e163 << 13) | (e163 >> 19)) ^ e164;
    const u32x16 e166 = e164 + e165;
    const u32x16 e167 = ((e165 << 15) | (e165 >> 17)) ^ e166;
    const u32x16 e168 = e166 + e167;
    const u32x16 e169 = ((e167 << 26) | (e167 >> 6)) ^ e168;
    const u32x16 e170 = e168 + e169;
    const u32x16 e171 = e170 + e0;
    const u32x16 e172 = (((e169 << 6) | (e169 >> 26)) ^ e170) + x1 + 5u;
    u32x16_store_some(p1 + i0, e171, active);
    u32x16_store_some(p2 + i0, e172, active);
  }
}

phase k9;
void k9(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  int64_t i0i1 = lo;
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    const f32x16 e0 = f32x16_select(6554u <= u32x16_load(p0 + i0i1), f32x16_load(p1 + i0i1) * 1.1111111640930176f, f32x16_splat(0.0f));
    f32x16_store(p2 + i0i1, e0);
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    const f32x16 e1 = f32x16_select(6554u <= u32x16_load_some(p0 + i0i1, active), f32x16_load_some(p1 + i0i1, active) * 1.1111111640930176f, f32x16_splat(0.0f));
    f32x16_store_some(p2 + i0i1, e1, active);
  }
}

phase k7;
void k7(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0 + 5000, u32x16_load(p0 + i0) & 65535u);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0 + 5000, u32x16_load_some(p0 + i0, active) & 65535u, active);
  }
}

phase k6;
void k6(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0 + 2500, u32x16_load(p0 + i0) >> 16);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0 + 2500, u32x16_load_some(p0 + i0, active) >> 16, active);
  }
}

phase k8;
void k8(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0 + 7500, u32x16_load(p0 + i0) >> 16);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0 + 7500, u32x16_load_some(p0 + i0, active) >> 16, active);
  }
}

phase k5;
void k5(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0, u32x16_load(p0 + i0) & 65535u);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0, u32x16_load_some(p0 + i0, active) & 65535u, active);
  }
}

phase k10;
void k10(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* copy */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    u32x16_store(p1 + i0, u32x16_load(p0 + i0));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    u32x16_store_some(p1 + i0, u32x16_load_some(p0 + i0, active), active);
  }
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  const u32 x0 = p0[2];
  p1[3] = p0[3] + (u32)(-((x0 + 2500u) < x0) & 1);
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[2] = p0[2] + 2500u;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[0] = p0[0];
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[1] = p0[1];
}
