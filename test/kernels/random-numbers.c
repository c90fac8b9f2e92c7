phase k0;
phase k1;
phase k2;
phase k3;
phase k4;
phase k5;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // concat
  k0(block, (const int32_t[]){2, 3}, rt->scratch, 0, 1);
  // concat
  k1(block, (const int32_t[]){2, 3}, rt->scratch, 0, 1);
  // concat
  k2(block, (const int32_t[]){2, 3}, rt->scratch, 0, 1);
  // concat
  k3(block, (const int32_t[]){2, 3}, rt->scratch, 0, 1);
  // mul
  rt->share(rt, k4, block, (const int32_t[]){2, 1}, 1000, 32);
  if (block[0].status) return block[0].status;
  // copy
  k5(block, (const int32_t[]){3, 2}, rt->scratch, 0, 4);
  return block[0].status;
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* mul */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
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
    const f32x16 e79 = CONVERT((e77 + (((e75 << 26) | (e75 >> 6)) ^ e77) + e0) >> 8, f32x16);
    const f32x16 e80 = CONVERT((e78 + (((e76 << 26) | (e76 >> 6)) ^ e78) + e0) >> 8, f32x16);
    const f32x16 e81 = e79 * 5.960464477539063e-8f;
    const f32x16 e82 = e80 * 5.960464477539063e-8f;
    f32x16_store(p1 + i0, e81);
    f32x16_store(p1 + (i0 + 16), e82);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    const u32x16 e83 = x0 + (u32x16)((i32)i0 + i32x16_iota());
    const u32x16 e84 = x2 + (u32x16)((e83 < x0) & 1) + x3;
    const u32x16 e85 = e83 + x1 + e84;
    const u32x16 e86 = ((e84 << 13) | (e84 >> 19)) ^ e85;
    const u32x16 e87 = e85 + e86;
    const u32x16 e88 = ((e86 << 15) | (e86 >> 17)) ^ e87;
    const u32x16 e89 = e87 + e88;
    const u32x16 e90 = ((e88 << 26) | (e88 >> 6)) ^ e89;
    const u32x16 e91 = e89 + e90;
    const u32x16 e92 = (((e90 << 6) | (e90 >> 26)) ^ e91) + e0 + 1u;
    const u32x16 e93 = e91 + x3 + e92;
    const u32x16 e94 = ((e92 << 17) | (e92 >> 15)) ^ e93;
    const u32x16 e95 = e93 + e94;
    const u32x16 e96 = ((e94 << 29) | (e94 >> 3)) ^ e95;
    const u32x16 e97 = e95 + e96;
    const u32x16 e98 = ((e96 << 16) | (e96 >> 16)) ^ e97;
    const u32x16 e99 = e97 + e98;
    const u32x16 e100 = (((e98 << 24) | (e98 >> 8)) ^ e99) + x1 + 2u;
    const u32x16 e101 = e99 + e0 + e100;
    const u32x16 e102 = ((e100 << 13) | (e100 >> 19)) ^ e101;
    const u32x16 e103 = e101 + e102;
    const u32x16 e104 = ((e102 << 15) | (e102 >> 17)) ^ e103;
    const u32x16 e105 = e103 + e104;
    const u32x16 e106 = ((e104 << 26) | (e104 >> 6)) ^ e105;
    const u32x16 e107 = e105 + e106;
    const u32x16 e108 = (((e106 << 6) | (e106 >> 26)) ^ e107) + x3 + 3u;
    const u32x16 e109 = e107 + x1 + e108;
    const u32x16 e110 = ((e108 << 17) | (e108 >> 15)) ^ e109;
    const u32x16 e111 = e109 + e110;
    const u32x16 e112 = ((e110 << 29) | (e110 >> 3)) ^ e111;
    const u32x16 e113 = e111 + e112;
    const u32x16 e114 = ((e112 << 16) | (e112 >> 16)) ^ e113;
    const u32x16 e115 = e113 + e114;
    const u32x16 e116 = (((e114 << 24) | (e114 >> 8)) ^ e115) + e0 + 4u;
    const u32x16 e117 = e115 + x3 + e116;
    const u32x16 e118 = ((e116 << 13) | (e116 >> 19)) ^ e117;
    const u32x16 e119 = e117 + e118;
    const u32x16 e120 = ((e118 << 15) | (e118 >> 17)) ^ e119;
    const u32x16 e121 = e119 + e120;
    const f32x16 e122 = CONVERT((e121 + (((e120 << 26) | (e120 >> 6)) ^ e121) + e0) >> 8, f32x16);
    f32x16_store(p1 + i0, e122 * 5.960464477539063e-8f);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const u32x16 e123 = x0 + (u32x16)((i32)i0 + i32x16_iota());
    const u32x16 e124 = x2 + (u32x16)((e123 < x0) & 1) + x3;
    const u32x16 e125 = e123 + x1 + e124;
    const u32x16 e126 = ((e124 << 13) | (e124 >> 19)) ^ e125;
    const u32x16 e127 = e125 + e126;
    const u32x16 e128 = ((e126 << 15) | (e126 >> 17)) ^ e127;
    const u32x16 e129 = e127 + e128;
    const u32x16 e130 = ((e128 << 26) | (e128 >> 6)) ^ e129;
    const u32x16 e131 = e129 + e130;
    const u32x16 e132 = (((e130 << 6) | (e130 >> 26)) ^ e131) + e0 + 1u;
    const u32x16 e133 = e131 + x3 + e132;
    const u32x16 e134 = ((e132 << 17) | (e132 >> 15)) ^ e133;
    const u32x16 e135 = e133 + e134;
    const u32x16 e136 = ((e134 << 29) | (e134 >> 3)) ^ e135;
    const u32x16 e137 = e135 + e136;
    const u32x16 e138 = ((e136 << 16) | (e136 >> 16)) ^ e137;
    const u32x16 e139 = e137 + e138;
    const u32x16 e140 = (((e138 << 24) | (e138 >> 8)) ^ e139) + x1 + 2u;
    const u32x16 e141 = e139 + e0 + e140;
    const u32x16 e142 = ((e140 << 13) | (e140 >> 19)) ^ e141;
    const u32x16 e143 = e141 + e142;
    const u32x16 e144 = ((e142 << 15) | (e142 >> 17)) ^ e143;
    const u32x16 e145 = e143 + e144;
    const u32x16 e146 = ((e144 << 26) | (e144 >> 6)) ^ e145;
    const u32x16 e147 = e145 + e146;
    const u32x16 e148 = (((e146 << 6) | (e146 >> 26)) ^ e147) + x3 + 3u;
    const u32x16 e149 = e147 + x1 + e148;
    const u32x16 e150 = ((e148 << 17) | (e148 >> 15)) ^ e149;
    const u32x16 e151 = e149 + e150;
    const u32x16 e152 = ((e150 << 29) | (e150 >> 3)) ^ e151;
    const u32x16 e153 = e151 + e152;
    const u32x16 e154 = ((e152 << 16) | (e152 >> 16)) ^ e153;
    const u32x16 e155 = e153 + e154;
    const u32x16 e156 = (((e154 << 24) | (e154 >> 8)) ^ e155) + e0 + 4u;
    const u32x16 e157 = e155 + x3 + e156;
    const u32x16 e158 = ((e156 << 13) | (e156 >> 19)) ^ e157;
    const u32x16 e159 = e157 + e158;
    const u32x16 e160 = ((e158 << 15) | (e158 >> 17)) ^ e159;
    const u32x16 e161 = e159 + e160;
    const f32x16 e162 = CONVERT((e161 + (((e160 << 26) | (e160 >> 6)) ^ e161) + e0) >> 8, f32x16);
    f32x16_store_some(p1 + i0, e162 * 5.960464477539063e-8f, active);
  }
}

phase k5;
void k5(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
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
  p1[3] = p0[3] + (u32)(-((x0 + 1000u) < x0) & 1);
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* concat */
  const u32 *restrict p0 = (const u32 *)block[ports[0]].pointer;
  u32 *restrict p1 = (u32 *)block[ports[1]].pointer;
  p1[2] = p0[2] + 1000u;
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
