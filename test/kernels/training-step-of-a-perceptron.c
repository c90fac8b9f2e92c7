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
phase k11;
phase k12;
phase k13;
phase k14;
phase k15;
phase k16;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  // dot tanh
  k0(block, (const int32_t[]){1, 4, 5, 18}, rt->scratch, 0, 4);
  // dot
  k1(block, (const int32_t[]){18, 6, 19}, rt->scratch, 0, 4);
  // where
  k2(block, (const int32_t[]){2, 20}, rt->scratch, 0, 4);
  // max gather
  k3(block, (const int32_t[]){19, 7, 20, 21, 22}, rt->scratch, 0, 4);
  // sub
  k4(block, (const int32_t[]){21, 19, 7, 23}, rt->scratch, 0, 4);
  // sum log
  k5(block, (const int32_t[]){23, 24}, rt->scratch, 0, 4);
  // sum div
  k6(block, (const int32_t[]){2, 22, 21, 24, 3, 25}, rt->scratch, 0, 1);
  // neg
  k7(block, (const int32_t[]){25, 2, 26}, rt->scratch, 0, 4);
  // where
  k8(block, (const int32_t[]){2, 20, 24, 26, 23, 27}, rt->scratch, 0, 4);
  // dot mul
  k9(block, (const int32_t[]){27, 6, 18, 28}, rt->scratch, 0, 4);
  // dot
  k10(block, (const int32_t[]){18, 27, 29}, rt->scratch, 0, 16);
  // dot
  k11(block, (const int32_t[]){1, 28, 30}, rt->scratch, 0, 2);
  if (block[0].status) return block[0].status;
  // add cast
  k12(block, (const int32_t[]){9, 8, 31, 32}, rt->scratch, 0, 4);
  // add sub
  k13(block, (const int32_t[]){32, 31, 10, 30, 11, 4}, rt->scratch, 0, 16);
  // add sub
  k14(block, (const int32_t[]){32, 31, 14, 29, 15, 6}, rt->scratch, 0, 3);
  // sum add sub
  k15(block, (const int32_t[]){32, 31, 27, 16, 17, 7}, rt->scratch, 0, 3);
  // sum add sub
  k16(block, (const int32_t[]){32, 31, 28, 12, 13, 5}, rt->scratch, 0, 16);
  return block[0].status;
}

phase k12;
void k12(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add cast */
  const f64 *restrict p0 = (const f64 *)block[ports[0]].pointer;
  f64 *restrict p1 = (f64 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  const f64 x0 = p0[0];
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const f64x8 e0 = f64x8_load(p1 + i0) + 1.0;
    const f64x8 e1 = f64x8_load(p1 + (i0 + 8)) + 1.0;
    const f64x8 e2 = e0 * -0.10536051565782628;
    const f64x8 e3 = e1 * -0.10536051565782628;
    const f64x8 e4 = f64x8_less(f64x8_splat(711.0), e2);
    const f64x8 e5 = f64x8_less(f64x8_splat(711.0), e3);
    const f64x8 e6 = f64x8_greater(f64x8_splat(-750.0), e4);
    const f64x8 e7 = f64x8_greater(f64x8_splat(-750.0), e5);
    const f64x8 e8 = e6 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e9 = e7 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e10 = e8 - 6755399441057790.0;
    const f64x8 e11 = e9 - 6755399441057790.0;
    const f64x8 e12 = e6 - e10 * 0.6931471805598903;
    const f64x8 e13 = e7 - e11 * 0.6931471805598903;
    const f64x8 e14 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e0));
    const f64x8 e15 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e1));
    const f64x8 e16 = e0 - e14;
    const f64x8 e17 = e1 - e15;
    const f64x8 e18 = e14 * -0.10536050796508789 - e2 + e14 * -7.692738390741027e-9 + e16 * -0.10536050796508789;
    const f64x8 e19 = e15 * -0.10536050796508789 - e3 + e15 * -7.692738390741027e-9 + e17 * -0.10536050796508789;
    const f64x8 e20 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e2) < 800.0), i32x8), e18 + e16 * -7.692738390741027e-9 + e0 * 4.810124441419451e-18, f64x8_splat(0.0));
    const f64x8 e21 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e3) < 800.0), i32x8), e19 + e17 * -7.692738390741027e-9 + e1 * 4.810124441419451e-18, f64x8_splat(0.0));
    const f64x8 e22 = e20 - e10 * 5.497923018708371e-14;
    const f64x8 e23 = e21 - e11 * 5.497923018708371e-14;
    const f64x8 e24 = e12 + e22;
    const f64x8 e25 = e13 + e23;
    const f64x8 e26 = 1.0 + e24;
    const f64x8 e27 = 1.0 + e25;
    const f64x8 e28 = (2.089684877427704e-9 * e24 + 2.5108677421435823e-8) * e24 + 2.755731483157719e-7;
    const f64x8 e29 = (2.089684877427704e-9 * e25 + 2.5108677421435823e-8) * e25 + 2.755731483157719e-7;
    const f64x8 e30 = (e28 * e24 + 0.000002755724521796762) * e24 + 0.00002480158730054613;
    const f64x8 e31 = (e29 * e25 + 0.000002755724521796762) * e25 + 0.00002480158730054613;
    const f64x8 e32 = (e30 * e24 + 0.0001984126988531848) * e24 + 0.0013888888888883334;
    const f64x8 e33 = (e31 * e25 + 0.0001984126988531848) * e25 + 0.0013888888888883334;
    const f64x8 e34 = ((e32 * e24 + 0.008333333333321745) * e24 + 0.04166666666666669) * e24;
    const f64x8 e35 = ((e33 * e25 + 0.008333333333321745) * e25 + 0.04166666666666669) * e25;
    const f64x8 e36 = e22 - (e24 - e12);
    const f64x8 e37 = e23 - (e25 - e13);
    const f64x8 e38 = e24 * e24 * ((e34 + 0.16666666666666677) * e24 + 0.5) + (e36 + e36 * e24);
    const f64x8 e39 = e25 * e25 * ((e35 + 0.16666666666666677) * e25 + 0.5) + (e37 + e37 * e25);
    const i32x8 e40 = (i32x8)f64x8_low(e8);
    const i32x8 e41 = (i32x8)f64x8_low(e9);
    const i32x8 e42 = e40 >> 1;
    const i32x8 e43 = e41 >> 1;
    const f64x8 e44 = (e26 + (e24 - (e26 - 1.0) + e38)) * f64x8_join(u32x8_splat(0u), (u32x8)(e42 << 20));
    const f64x8 e45 = (e27 + (e25 - (e27 - 1.0) + e39)) * f64x8_join(u32x8_splat(0u), (u32x8)(e43 << 20));
    const f64x8 e46 = f64x8_select(CONVERT((i64x8)(e0 == 0.0), i32x8), f64x8_splat(1.0), e44 * f64x8_join(u32x8_splat(0u), (u32x8)((e40 - e42) << 20)));
    const f64x8 e47 = f64x8_select(CONVERT((i64x8)(e1 == 0.0), i32x8), f64x8_splat(1.0), e45 * f64x8_join(u32x8_splat(0u), (u32x8)((e41 - e43) << 20)));
    const f32x8 e48 = CONVERT(x0 / (-e46 + 1.0), f32x8);
    const f32x8 e49 = CONVERT(x0 / (-e47 + 1.0), f32x8);
    const f64x8 e50 = e0 * -0.0010005003335835344;
    const f64x8 e51 = e1 * -0.0010005003335835344;
    const f64x8 e52 = f64x8_less(f64x8_splat(711.0), e50);
    const f64x8 e53 = f64x8_less(f64x8_splat(711.0), e51);
    const f64x8 e54 = f64x8_greater(f64x8_splat(-750.0), e52);
    const f64x8 e55 = f64x8_greater(f64x8_splat(-750.0), e53);
    const f64x8 e56 = e54 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e57 = e55 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e58 = e56 - 6755399441057790.0;
    const f64x8 e59 = e57 - 6755399441057790.0;
    const f64x8 e60 = e54 - e58 * 0.6931471805598903;
    const f64x8 e61 = e55 - e59 * 0.6931471805598903;
    const f64x8 e62 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e0));
    const f64x8 e63 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e1));
    const f64x8 e64 = e62 * -0.0010005002841353416 - e50 + e62 * -4.944819271927858e-11;
    const f64x8 e65 = e63 * -0.0010005002841353416 - e51 + e63 * -4.944819271927858e-11;
    const f64x8 e66 = e0 - e62;
    const f64x8 e67 = e1 - e63;
    const f64x8 e68 = e64 + e66 * -0.0010005002841353416 + e66 * -4.944819271927858e-11;
    const f64x8 e69 = e65 + e67 * -0.0010005002841353416 + e67 * -4.944819271927858e-11;
    const f64x8 e70 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e50) < 800.0), i32x8), e68 + e0 * -2.5644777003661756e-20, f64x8_splat(0.0));
    const f64x8 e71 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e51) < 800.0), i32x8), e69 + e1 * -2.5644777003661756e-20, f64x8_splat(0.0));
    const f64x8 e72 = e70 - e58 * 5.497923018708371e-14;
    const f64x8 e73 = e71 - e59 * 5.497923018708371e-14;
    const f64x8 e74 = e60 + e72;
    const f64x8 e75 = e61 + e73;
    const f64x8 e76 = 1.0 + e74;
    const f64x8 e77 = 1.0 + e75;
    const f64x8 e78 = (2.089684877427704e-9 * e74 + 2.5108677421435823e-8) * e74 + 2.755731483157719e-7;
    const f64x8 e79 = (2.089684877427704e-9 * e75 + 2.5108677421435823e-8) * e75 + 2.755731483157719e-7;
    const f64x8 e80 = (e78 * e74 + 0.000002755724521796762) * e74 + 0.00002480158730054613;
    const f64x8 e81 = (e79 * e75 + 0.000002755724521796762) * e75 + 0.00002480158730054613;
    const f64x8 e82 = (e80 * e74 + 0.0001984126988531848) * e74 + 0.0013888888888883334;
    const f64x8 e83 = (e81 * e75 + 0.0001984126988531848) * e75 + 0.0013888888888883334;
    const f64x8 e84 = ((e82 * e74 + 0.008333333333321745) * e74 + 0.04166666666666669) * e74;
    const f64x8 e85 = ((e83 * e75 + 0.008333333333321745) * e75 + 0.04166666666666669) * e75;
    const f64x8 e86 = e72 - (e74 - e60);
    const f64x8 e87 = e73 - (e75 - e61);
    const f64x8 e88 = e74 * e74 * ((e84 + 0.16666666666666677) * e74 + 0.5) + (e86 + e86 * e74);
    const f64x8 e89 = e75 * e75 * ((e85 + 0.16666666666666677) * e75 + 0.5) + (e87 + e87 * e75);
    const i32x8 e90 = (i32x8)f64x8_low(e56);
    const i32x8 e91 = (i32x8)f64x8_low(e57);
    const i32x8 e92 = e90 >> 1;
    const i32x8 e93 = e91 >> 1;
    const f64x8 e94 = (e76 + (e74 - (e76 - 1.0) + e88)) * f64x8_join(u32x8_splat(0u), (u32x8)(e92 << 20));
    const f64x8 e95 = (e77 + (e75 - (e77 - 1.0) + e89)) * f64x8_join(u32x8_splat(0u), (u32x8)(e93 << 20));
    const f64x8 e96 = f64x8_select(CONVERT((i64x8)(e0 == 0.0), i32x8), f64x8_splat(1.0), e94 * f64x8_join(u32x8_splat(0u), (u32x8)((e90 - e92) << 20)));
    const f64x8 e97 = f64x8_select(CONVERT((i64x8)(e1 == 0.0), i32x8), f64x8_splat(1.0), e95 * f64x8_join(u32x8_splat(0u), (u32x8)((e91 - e93) << 20)));
    const f32x8 e98 = CONVERT(f64x8_sqrt(-e96 + 1.0), f32x8);
    const f32x8 e99 = CONVERT(f64x8_sqrt(-e97 + 1.0), f32x8);
    f64x8_store(p1 + i0, e0);
    f64x8_store(p1 + (i0 + 8), e1);
    f32x8_store(p2 + i0, e48);
    f32x8_store(p2 + (i0 + 8), e49);
    f32x8_store(p3 + i0, e98);
    f32x8_store(p3 + (i0 + 8), e99);
  }
  for (; i0 + 8 <= hi; i0 += 8) {
    const f64x8 e100 = f64x8_load(p1 + i0) + 1.0;
    const f64x8 e101 = e100 * -0.10536051565782628;
    const f64x8 e102 = f64x8_less(f64x8_splat(711.0), e101);
    const f64x8 e103 = f64x8_greater(f64x8_splat(-750.0), e102);
    const f64x8 e104 = e103 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e105 = e104 - 6755399441057790.0;
    const f64x8 e106 = e103 - e105 * 0.6931471805598903;
    const f64x8 e107 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e100));
    const f64x8 e108 = e107 * -0.10536050796508789 - e101 + e107 * -7.692738390741027e-9;
    const f64x8 e109 = e100 - e107;
    const f64x8 e110 = e108 + e109 * -0.10536050796508789 + e109 * -7.692738390741027e-9;
    const f64x8 e111 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e101) < 800.0), i32x8), e110 + e100 * 4.810124441419451e-18, f64x8_splat(0.0));
    const f64x8 e112 = e111 - e105 * 5.497923018708371e-14;
    const f64x8 e113 = e106 + e112;
    const f64x8 e114 = 1.0 + e113;
    const f64x8 e115 = (2.089684877427704e-9 * e113 + 2.5108677421435823e-8) * e113 + 2.755731483157719e-7;
    const f64x8 e116 = (e115 * e113 + 0.000002755724521796762) * e113 + 0.00002480158730054613;
    const f64x8 e117 = (e116 * e113 + 0.0001984126988531848) * e113 + 0.0013888888888883334;
    const f64x8 e118 = (e117 * e113 + 0.008333333333321745) * e113 + 0.04166666666666669;
    const f64x8 e119 = e112 - (e113 - e106);
    const f64x8 e120 = e113 * e113 * ((e118 * e113 + 0.16666666666666677) * e113 + 0.5) + (e119 + e119 * e113);
    const i32x8 e121 = (i32x8)f64x8_low(e104);
    const i32x8 e122 = e121 >> 1;
    const f64x8 e123 = (e114 + (e113 - (e114 - 1.0) + e120)) * f64x8_join(u32x8_splat(0u), (u32x8)(e122 << 20));
    const f64x8 e124 = f64x8_select(CONVERT((i64x8)(e100 == 0.0), i32x8), f64x8_splat(1.0), e123 * f64x8_join(u32x8_splat(0u), (u32x8)((e121 - e122) << 20)));
    const f32x8 e125 = CONVERT(x0 / (-e124 + 1.0), f32x8);
    const f64x8 e126 = e100 * -0.0010005003335835344;
    const f64x8 e127 = f64x8_less(f64x8_splat(711.0), e126);
    const f64x8 e128 = f64x8_greater(f64x8_splat(-750.0), e127);
    const f64x8 e129 = e128 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e130 = e129 - 6755399441057790.0;
    const f64x8 e131 = e128 - e130 * 0.6931471805598903;
    const f64x8 e132 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e100));
    const f64x8 e133 = e132 * -0.0010005002841353416 - e126 + e132 * -4.944819271927858e-11;
    const f64x8 e134 = e100 - e132;
    const f64x8 e135 = e133 + e134 * -0.0010005002841353416 + e134 * -4.944819271927858e-11;
    const f64x8 e136 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e126) < 800.0), i32x8), e135 + e100 * -2.5644777003661756e-20, f64x8_splat(0.0));
    const f64x8 e137 = e136 - e130 * 5.497923018708371e-14;
    const f64x8 e138 = e131 + e137;
    const f64x8 e139 = 1.0 + e138;
    const f64x8 e140 = (2.089684877427704e-9 * e138 + 2.5108677421435823e-8) * e138 + 2.755731483157719e-7;
    const f64x8 e141 = (e140 * e138 + 0.000002755724521796762) * e138 + 0.00002480158730054613;
    const f64x8 e142 = (e141 * e138 + 0.0001984126988531848) * e138 + 0.0013888888888883334;
    const f64x8 e143 = (e142 * e138 + 0.008333333333321745) * e138 + 0.04166666666666669;
    const f64x8 e144 = e137 - (e138 - e131);
    const f64x8 e145 = e138 * e138 * ((e143 * e138 + 0.16666666666666677) * e138 + 0.5) + (e144 + e144 * e138);
    const i32x8 e146 = (i32x8)f64x8_low(e129);
    const i32x8 e147 = e146 >> 1;
    const f64x8 e148 = (e139 + (e138 - (e139 - 1.0) + e145)) * f64x8_join(u32x8_splat(0u), (u32x8)(e147 << 20));
    const f64x8 e149 = f64x8_select(CONVERT((i64x8)(e100 == 0.0), i32x8), f64x8_splat(1.0), e148 * f64x8_join(u32x8_splat(0u), (u32x8)((e146 - e147) << 20)));
    const f32x8 e150 = CONVERT(f64x8_sqrt(-e149 + 1.0), f32x8);
    f64x8_store(p1 + i0, e100);
    f32x8_store(p2 + i0, e125);
    f32x8_store(p3 + i0, e150);
  }
  if (i0 < hi) {
    const i32x8 active = i32x8_first(hi - i0);
    const f64x8 e151 = f64x8_load_some(p1 + i0, active) + 1.0;
    const f64x8 e152 = e151 * -0.10536051565782628;
    const f64x8 e153 = f64x8_less(f64x8_splat(711.0), e152);
    const f64x8 e154 = f64x8_greater(f64x8_splat(-750.0), e153);
    const f64x8 e155 = e154 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e156 = e155 - 6755399441057790.0;
    const f64x8 e157 = e154 - e156 * 0.6931471805598903;
    const f64x8 e158 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e151));
    const f64x8 e159 = e158 * -0.10536050796508789 - e152 + e158 * -7.692738390741027e-9;
    const f64x8 e160 = e151 - e158;
    const f64x8 e161 = e159 + e160 * -0.10536050796508789 + e160 * -7.692738390741027e-9;
    const f64x8 e162 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e152) < 800.0), i32x8), e161 + e151 * 4.810124441419451e-18, f64x8_splat(0.0));
    const f64x8 e163 = e162 - e156 * 5.497923018708371e-14;
    const f64x8 e164 = e157 + e163;
    const f64x8 e165 = 1.0 + e164;
    const f64x8 e166 = (2.089684877427704e-9 * e164 + 2.5108677421435823e-8) * e164 + 2.755731483157719e-7;
    const f64x8 e167 = (e166 * e164 + 0.000002755724521796762) * e164 + 0.00002480158730054613;
    const f64x8 e168 = (e167 * e164 + 0.0001984126988531848) * e164 + 0.0013888888888883334;
    const f64x8 e169 = (e168 * e164 + 0.008333333333321745) * e164 + 0.04166666666666669;
    const f64x8 e170 = e163 - (e164 - e157);
    const f64x8 e171 = e164 * e164 * ((e169 * e164 + 0.16666666666666677) * e164 + 0.5) + (e170 + e170 * e164);
    const i32x8 e172 = (i32x8)f64x8_low(e155);
    const i32x8 e173 = e172 >> 1;
    const f64x8 e174 = (e165 + (e164 - (e165 - 1.0) + e171)) * f64x8_join(u32x8_splat(0u), (u32x8)(e173 << 20));
    const f64x8 e175 = f64x8_select(CONVERT((i64x8)(e151 == 0.0), i32x8), f64x8_splat(1.0), e174 * f64x8_join(u32x8_splat(0u), (u32x8)((e172 - e173) << 20)));
    const f32x8 e176 = CONVERT(x0 / (-e175 + 1.0), f32x8);
    const f64x8 e177 = e151 * -0.0010005003335835344;
    const f64x8 e178 = f64x8_less(f64x8_splat(711.0), e177);
    const f64x8 e179 = f64x8_greater(f64x8_splat(-750.0), e178);
    const f64x8 e180 = e179 * 1.4426950408889634 + 6755399441057790.0;
    const f64x8 e181 = e180 - 6755399441057790.0;
    const f64x8 e182 = e179 - e181 * 0.6931471805598903;
    const f64x8 e183 = f64x8_join(u32x8_splat(0u), (u32x8)(i32x8)f64x8_high(e151));
    const f64x8 e184 = e183 * -0.0010005002841353416 - e177 + e183 * -4.944819271927858e-11;
    const f64x8 e185 = e151 - e183;
    const f64x8 e186 = e184 + e185 * -0.0010005002841353416 + e185 * -4.944819271927858e-11;
    const f64x8 e187 = f64x8_select(CONVERT((i64x8)(f64x8_abs(e177) < 800.0), i32x8), e186 + e151 * -2.5644777003661756e-20, f64x8_splat(0.0));
    const f64x8 e188 = e187 - e181 * 5.497923018708371e-14;
    const f64x8 e189 = e182 + e188;
    const f64x8 e190 = 1.0 + e189;
    const f64x8 e191 = (2.089684877427704e-9 * e189 + 2.5108677421435823e-8) * e189 + 2.755731483157719e-7;
    const f64x8 e192 = (e191 * e189 + 0.000002755724521796762) * e189 + 0.00002480158730054613;
    const f64x8 e193 = (e192 * e189 + 0.0001984126988531848) * e189 + 0.0013888888888883334;
    const f64x8 e194 = (e193 * e189 + 0.008333333333321745) * e189 + 0.04166666666666669;
    const f64x8 e195 = e188 - (e189 - e182);
    const f64x8 e196 = e189 * e189 * ((e194 * e189 + 0.16666666666666677) * e189 + 0.5) + (e195 + e195 * e189);
    const i32x8 e197 = (i32x8)f64x8_low(e180);
    const i32x8 e198 = e197 >> 1;
    const f64x8 e199 = (e190 + (e189 - (e190 - 1.0) + e196)) * f64x8_join(u32x8_splat(0u), (u32x8)(e198 << 20));
    const f64x8 e200 = f64x8_select(CONVERT((i64x8)(e151 == 0.0), i32x8), f64x8_splat(1.0), e199 * f64x8_join(u32x8_splat(0u), (u32x8)((e197 - e198) << 20)));
    const f32x8 e201 = CONVERT(f64x8_sqrt(-e200 + 1.0), f32x8);
    f64x8_store_some(p1 + i0, e151, active);
    f32x8_store_some(p2 + i0, e176, active);
    f32x8_store_some(p3 + i0, e201, active);
  }
}

phase k5;
void k5(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum log */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  f32 *restrict p1 = (f32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_0 = 0; r0_0 < 3; r0_0++) {
      const f32x16 x0 = f32x16_load_apart(p0 + 3 * i0 + r0_0, 3);
      const f32x16 x1 = f32x16_load_apart(p0 + 3 * ((i0 + 16)) + r0_0, 3);
      const f32x16 e0 = f32x16_less(f32x16_splat(90.0f), x0);
      const f32x16 e1 = f32x16_less(f32x16_splat(90.0f), x1);
      const f32x16 e2 = f32x16_greater(f32x16_splat(-105.0f), e0);
      const f32x16 e3 = f32x16_greater(f32x16_splat(-105.0f), e1);
      const f32x16 e4 = e2 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e5 = e3 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e6 = e4 - 12583166.0f;
      const f32x16 e7 = e5 - 12583166.0f;
      const f32x16 e8 = e2 - e6 * 0.693145751953125f - e6 * 0.000001428606765330187f;
      const f32x16 e9 = e3 - e7 * 0.693145751953125f - e7 * 0.000001428606765330187f;
      const f32x16 e10 = (0.001383673632517457f * e8 + 0.008367106318473816f) * e8 + 0.04166775196790695f;
      const f32x16 e11 = (0.001383673632517457f * e9 + 0.008367106318473816f) * e9 + 0.04166775196790695f;
      const f32x16 e12 = e8 * e8 * ((e10 * e8 + 0.16666539013385773f) * e8 + 0.4999999701976776f);
      const f32x16 e13 = e9 * e9 * ((e11 * e9 + 0.16666539013385773f) * e9 + 0.4999999701976776f);
      const i32x16 e14 = (i32x16)e4;
      const i32x16 e15 = (i32x16)e5;
      const i32x16 e16 = e14 >> 1;
      const i32x16 e17 = e15 >> 1;
      const f32x16 e18 = (e8 + e12 + 1.0f) * (f32x16)(e16 << 23) * (f32x16)((e14 - e16) << 23);
      const f32x16 e19 = (e9 + e13 + 1.0f) * (f32x16)(e17 << 23) * (f32x16)((e15 - e17) << 23);
      sum0 = sum0 + e18;
      sum1 = sum1 + e19;
    }
    const i32x16 e20 = i32x16_select(sum0 < 1.1754943508222875e-38f, (i32x16)(sum0 * 8388608.0f) - 192937984, (i32x16)sum0);
    const i32x16 e21 = i32x16_select(sum1 < 1.1754943508222875e-38f, (i32x16)(sum1 * 8388608.0f) - 192937984, (i32x16)sum1);
    const i32x16 e22 = (e20 - 1060439283) >> 23;
    const i32x16 e23 = (e21 - 1060439283) >> 23;
    const f32x16 e24 = CONVERT(e22, f32x16);
    const f32x16 e25 = CONVERT(e23, f32x16);
    const f32x16 e26 = (f32x16)(e20 - (e22 << 23)) - 1.0f;
    const f32x16 e27 = (f32x16)(e21 - (e23 << 23)) - 1.0f;
    const f32x16 e28 = e26 * e26 * 0.5f;
    const f32x16 e29 = e27 * e27 * 0.5f;
    const f32x16 e30 = e26 / (e26 + 2.0f);
    const f32x16 e31 = e27 / (e27 + 2.0f);
    const f32x16 e32 = e30 * e30;
    const f32x16 e33 = e31 * e31;
    const f32x16 e34 = (0.29870694875717163f * e32 + 0.3997758626937866f) * e32 + 0.6666677594184875f;
    const f32x16 e35 = (0.29870694875717163f * e33 + 0.3997758626937866f) * e33 + 0.6666677594184875f;
    const f32x16 e36 = e26 - (e28 - (e30 * (e28 + e32 * e34) + e24 * 0.000001428606765330187f));
    const f32x16 e37 = e27 - (e29 - (e31 * (e29 + e33 * e35) + e25 * 0.000001428606765330187f));
    const f32x16 e38 = f32x16_select(sum0 < __builtin_inff(), e24 * 0.693145751953125f + e36, sum0);
    const f32x16 e39 = f32x16_select(sum1 < __builtin_inff(), e25 * 0.693145751953125f + e37, sum1);
    const f32x16 e40 = f32x16_select(sum0 == 0.0f, f32x16_splat(-__builtin_inff()), f32x16_splat(__builtin_nanf("")));
    const f32x16 e41 = f32x16_select(sum1 == 0.0f, f32x16_splat(-__builtin_inff()), f32x16_splat(__builtin_nanf("")));
    const f32x16 e42 = f32x16_select(0.0f < sum0, e38, e40);
    const f32x16 e43 = f32x16_select(0.0f < sum1, e39, e41);
    f32x16_store(p1 + i0, e42);
    f32x16_store(p1 + (i0 + 16), e43);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum2 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_00 = 0; r0_00 < 3; r0_00++) {
      const f32x16 x2 = f32x16_load_apart(p0 + 3 * i0 + r0_00, 3);
      const f32x16 e44 = f32x16_less(f32x16_splat(90.0f), x2);
      const f32x16 e45 = f32x16_greater(f32x16_splat(-105.0f), e44);
      const f32x16 e46 = e45 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e47 = e46 - 12583166.0f;
      const f32x16 e48 = e45 - e47 * 0.693145751953125f - e47 * 0.000001428606765330187f;
      const f32x16 e49 = (0.001383673632517457f * e48 + 0.008367106318473816f) * e48 + 0.04166775196790695f;
      const f32x16 e50 = e48 * e48 * ((e49 * e48 + 0.16666539013385773f) * e48 + 0.4999999701976776f);
      const i32x16 e51 = (i32x16)e46;
      const i32x16 e52 = e51 >> 1;
      const f32x16 e53 = (e48 + e50 + 1.0f) * (f32x16)(e52 << 23) * (f32x16)((e51 - e52) << 23);
      sum2 = sum2 + e53;
    }
    const i32x16 e54 = i32x16_select(sum2 < 1.1754943508222875e-38f, (i32x16)(sum2 * 8388608.0f) - 192937984, (i32x16)sum2);
    const i32x16 e55 = (e54 - 1060439283) >> 23;
    const f32x16 e56 = CONVERT(e55, f32x16);
    const f32x16 e57 = (f32x16)(e54 - (e55 << 23)) - 1.0f;
    const f32x16 e58 = e57 * e57 * 0.5f;
    const f32x16 e59 = e57 / (e57 + 2.0f);
    const f32x16 e60 = e59 * e59;
    const f32x16 e61 = (0.29870694875717163f * e60 + 0.3997758626937866f) * e60 + 0.6666677594184875f;
    const f32x16 e62 = e57 - (e58 - (e59 * (e58 + e60 * e61) + e56 * 0.000001428606765330187f));
    const f32x16 e63 = f32x16_select(sum2 < __builtin_inff(), e56 * 0.693145751953125f + e62, sum2);
    const f32x16 e64 = f32x16_select(sum2 == 0.0f, f32x16_splat(-__builtin_inff()), f32x16_splat(__builtin_nanf("")));
    f32x16_store(p1 + i0, f32x16_select(0.0f < sum2, e63, e64));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum3 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_01 = 0; r0_01 < 3; r0_01++) {
      const f32x16 x3 = f32x16_load_apart_some(p0 + 3 * i0 + r0_01, 3, active);
      const f32x16 e65 = f32x16_less(f32x16_splat(90.0f), x3);
      const f32x16 e66 = f32x16_greater(f32x16_splat(-105.0f), e65);
      const f32x16 e67 = e66 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e68 = e67 - 12583166.0f;
      const f32x16 e69 = e66 - e68 * 0.693145751953125f - e68 * 0.000001428606765330187f;
      const f32x16 e70 = (0.001383673632517457f * e69 + 0.008367106318473816f) * e69 + 0.04166775196790695f;
      const f32x16 e71 = e69 * e69 * ((e70 * e69 + 0.16666539013385773f) * e69 + 0.4999999701976776f);
      const i32x16 e72 = (i32x16)e67;
      const i32x16 e73 = e72 >> 1;
      const f32x16 e74 = (e69 + e71 + 1.0f) * (f32x16)(e73 << 23) * (f32x16)((e72 - e73) << 23);
      sum3 = sum3 + e74;
    }
    const i32x16 e75 = i32x16_select(sum3 < 1.1754943508222875e-38f, (i32x16)(sum3 * 8388608.0f) - 192937984, (i32x16)sum3);
    const i32x16 e76 = (e75 - 1060439283) >> 23;
    const f32x16 e77 = CONVERT(e76, f32x16);
    const f32x16 e78 = (f32x16)(e75 - (e76 << 23)) - 1.0f;
    const f32x16 e79 = e78 * e78 * 0.5f;
    const f32x16 e80 = e78 / (e78 + 2.0f);
    const f32x16 e81 = e80 * e80;
    const f32x16 e82 = (0.29870694875717163f * e81 + 0.3997758626937866f) * e81 + 0.6666677594184875f;
    const f32x16 e83 = e78 - (e79 - (e80 * (e79 + e81 * e82) + e77 * 0.000001428606765330187f));
    const f32x16 e84 = f32x16_select(sum3 < __builtin_inff(), e77 * 0.693145751953125f + e83, sum3);
    const f32x16 e85 = f32x16_select(sum3 == 0.0f, f32x16_splat(-__builtin_inff()), f32x16_splat(__builtin_nanf("")));
    f32x16_store_some(p1 + i0, f32x16_select(0.0f < sum3, e84, e85), active);
  }
}

phase k16;
void k16(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  const f32 x0 = p0[1];
  const f32 x1 = p1[1];
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_0 = 0; r0_0 < 4; r0_0++) {
      const f32x16 x2 = f32x16_load(p2 + i0 + 16 * r0_0);
      const f32x16 x3 = f32x16_load(p2 + (i0 + 16) + 16 * r0_0);
      sum0 = sum0 + x2;
      sum1 = sum1 + x3;
    }
    const f32x16 e0 = f32x16_load(p3 + i0) * 0.8999999761581421f + sum0 * 0.10000000149011612f;
    const f32x16 e1 = f32x16_load(p3 + (i0 + 16)) * 0.8999999761581421f + sum1 * 0.10000000149011612f;
    const f32x16 e2 = f32x16_load(p4 + i0) * 0.9990000128746033f + sum0 * sum0 * 0.0010000000474974513f;
    const f32x16 e3 = f32x16_load(p4 + (i0 + 16)) * 0.9990000128746033f + sum1 * sum1 * 0.0010000000474974513f;
    const f32x16 e4 = f32x16_load(p5 + i0) - e0 / (f32x16_sqrt(e2) / x0 + 9.99999993922529e-9f) * x1;
    const f32x16 e5 = f32x16_load(p5 + (i0 + 16)) - e1 / (f32x16_sqrt(e3) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p3 + i0, e0);
    f32x16_store(p3 + (i0 + 16), e1);
    f32x16_store(p4 + i0, e2);
    f32x16_store(p4 + (i0 + 16), e3);
    f32x16_store(p5 + i0, e4);
    f32x16_store(p5 + (i0 + 16), e5);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum2 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_00 = 0; r0_00 < 4; r0_00++) {
      const f32x16 x4 = f32x16_load(p2 + i0 + 16 * r0_00);
      sum2 = sum2 + x4;
    }
    const f32x16 e6 = f32x16_load(p3 + i0) * 0.8999999761581421f + sum2 * 0.10000000149011612f;
    const f32x16 e7 = f32x16_load(p4 + i0) * 0.9990000128746033f + sum2 * sum2 * 0.0010000000474974513f;
    const f32x16 e8 = f32x16_load(p5 + i0) - e6 / (f32x16_sqrt(e7) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p3 + i0, e6);
    f32x16_store(p4 + i0, e7);
    f32x16_store(p5 + i0, e8);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum3 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_01 = 0; r0_01 < 4; r0_01++) {
      const f32x16 x5 = f32x16_load_some(p2 + i0 + 16 * r0_01, active);
      sum3 = sum3 + x5;
    }
    const f32x16 e9 = f32x16_load_some(p3 + i0, active) * 0.8999999761581421f + sum3 * 0.10000000149011612f;
    const f32x16 e10 = f32x16_load_some(p4 + i0, active) * 0.9990000128746033f + sum3 * sum3 * 0.0010000000474974513f;
    const f32x16 e11 = f32x16_load_some(p5 + i0, active) - e9 / (f32x16_sqrt(e10) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store_some(p3 + i0, e9, active);
    f32x16_store_some(p4 + i0, e10, active);
    f32x16_store_some(p5 + i0, e11, active);
  }
}

phase k15;
void k15(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  const f32 x0 = p0[3];
  const f32 x1 = p1[3];
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    f32x16 sum0 = f32x16_splat(0.0f);
    f32x16 sum1 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_0 = 0; r0_0 < 4; r0_0++) {
      const f32x16 x2 = f32x16_load(p2 + i0 + 3 * r0_0);
      const f32x16 x3 = f32x16_load(p2 + (i0 + 16) + 3 * r0_0);
      sum0 = sum0 + x2;
      sum1 = sum1 + x3;
    }
    const f32x16 e0 = f32x16_load(p3 + i0) * 0.8999999761581421f + sum0 * 0.10000000149011612f;
    const f32x16 e1 = f32x16_load(p3 + (i0 + 16)) * 0.8999999761581421f + sum1 * 0.10000000149011612f;
    const f32x16 e2 = f32x16_load(p4 + i0) * 0.9990000128746033f + sum0 * sum0 * 0.0010000000474974513f;
    const f32x16 e3 = f32x16_load(p4 + (i0 + 16)) * 0.9990000128746033f + sum1 * sum1 * 0.0010000000474974513f;
    const f32x16 e4 = f32x16_load(p5 + i0) - e0 / (f32x16_sqrt(e2) / x0 + 9.99999993922529e-9f) * x1;
    const f32x16 e5 = f32x16_load(p5 + (i0 + 16)) - e1 / (f32x16_sqrt(e3) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p3 + i0, e0);
    f32x16_store(p3 + (i0 + 16), e1);
    f32x16_store(p4 + i0, e2);
    f32x16_store(p4 + (i0 + 16), e3);
    f32x16_store(p5 + i0, e4);
    f32x16_store(p5 + (i0 + 16), e5);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 sum2 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_00 = 0; r0_00 < 4; r0_00++) {
      const f32x16 x4 = f32x16_load(p2 + i0 + 3 * r0_00);
      sum2 = sum2 + x4;
    }
    const f32x16 e6 = f32x16_load(p3 + i0) * 0.8999999761581421f + sum2 * 0.10000000149011612f;
    const f32x16 e7 = f32x16_load(p4 + i0) * 0.9990000128746033f + sum2 * sum2 * 0.0010000000474974513f;
    const f32x16 e8 = f32x16_load(p5 + i0) - e6 / (f32x16_sqrt(e7) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p3 + i0, e6);
    f32x16_store(p4 + i0, e7);
    f32x16_store(p5 + i0, e8);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 sum3 = f32x16_splat(0.0f);
    UNROLL for (int64_t r0_01 = 0; r0_01 < 4; r0_01++) {
      const f32x16 x5 = f32x16_load_some(p2 + i0 + 3 * r0_01, active);
      sum3 = sum3 + x5;
    }
    const f32x16 e9 = f32x16_load_some(p3 + i0, active) * 0.8999999761581421f + sum3 * 0.10000000149011612f;
    const f32x16 e10 = f32x16_load_some(p4 + i0, active) * 0.9990000128746033f + sum3 * sum3 * 0.0010000000474974513f;
    const f32x16 e11 = f32x16_load_some(p5 + i0, active) - e9 / (f32x16_sqrt(e10) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store_some(p3 + i0, e9, active);
    f32x16_store_some(p4 + i0, e10, active);
    f32x16_store_some(p5 + i0, e11, active);
  }
}

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* max gather */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const i32 *restrict p2 = (const i32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    f32x16 max0 = f32x16_splat(-__builtin_inff());
    UNROLL for (int64_t r0_0 = 0; r0_0 < 3; r0_0++) {
      const f32x16 e0 = f32x16_load_apart(p0 + 3 * i0 + r0_0, 3) + p1[r0_0];
      max0 = f32x16_max(max0, e0);
    }
    const i32x16 e1 = i32x16_load(p2 + i0);
    if (i32x16_any(((u32x16)e1 >= 3u))) fail(block, 1);
    const i32x16 e2 = i32x16_min(i32x16_max(e1, i32x16_splat(0)), i32x16_splat(2));
    f32x16 x0 = {0};
    EACH_LANE(16) x0[lane] = p0[3 * ((i0 + lane)) + (int64_t)e2[lane]];
    f32x16 x1 = {0};
    EACH_LANE(16) x1[lane] = p1[(int64_t)e2[lane]];
    const f32x16 e3 = x0 + x1;
    f32x16_store(p3 + i0, max0);
    f32x16_store(p4 + i0, e3);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    f32x16 max1 = f32x16_splat(-__builtin_inff());
    UNROLL for (int64_t r0_00 = 0; r0_00 < 3; r0_00++) {
      const f32x16 e4 = f32x16_load_apart_some(p0 + 3 * i0 + r0_00, 3, active) + p1[r0_00];
      max1 = f32x16_max(max1, e4);
    }
    const i32x16 e5 = i32x16_load_some(p2 + i0, active);
    if (i32x16_any(((u32x16)e5 >= 3u) & active)) fail(block, 1);
    const i32x16 e6 = i32x16_min(i32x16_max(e5, i32x16_splat(0)), i32x16_splat(2));
    f32x16 x2 = {0};
    for (i32 lane = 0; lane < hi - i0; lane++) x2[lane] = p0[3 * ((i0 + lane)) + (int64_t)e6[lane]];
    f32x16 x3 = {0};
    for (i32 lane = 0; lane < hi - i0; lane++) x3[lane] = p1[(int64_t)e6[lane]];
    const f32x16 e7 = x2 + x3;
    f32x16_store_some(p3 + i0, max1, active);
    f32x16_store_some(p4 + i0, e7, active);
  }
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot tanh */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      f32x16 dot0 = f32x16_splat(0.0f);
      UNROLL for (int64_t r0_0 = 0; r0_0 < 2; r0_0++) {
        const f32 x0 = p0[2 * i0 + r0_0];
        const f32x16 x1 = f32x16_load_even(p1 + r0_0);
        dot0 = dot0 + x0 * x1;
      }
      const f32x16 e0 = dot0 + f32x16_load(p2);
      const f32x16 e1 = f32x16_abs(e0);
      const i32x16 e2 = e1 < 0.875f;
      const f32x16 e3 = e1 * e1;
      const f32x16 e4 = f32x16_select(e2, e1 * e3 * (-0.9340712428092957f * e3 + -21.15890121459961f), f32x16_splat(-2.0f));
      const f32x16 e5 = e1 + e1;
      const f32x16 e6 = f32x16_less(f32x16_splat(20.0f), e5);
      const f32x16 e7 = e6 * 1.4426950216293335f + 12583039.0f;
      const f32x16 e8 = e7 - 12583039.0f;
      const f32x16 e9 = e6 - e8 * 0.693145751953125f - e8 * 0.000001428606765330187f;
      const f32x16 e10 = (0.001383673632517457f * e9 + 0.008367106318473816f) * e9 + 0.04166775196790695f;
      const f32x16 e11 = e9 * e9 * ((e10 * e9 + 0.16666539013385773f) * e9 + 0.4999999701976776f);
      const f32x16 e12 = f32x16_select(e2, (e3 + 28.192890167236328f) * e3 + 63.47670364379883f, (e9 + e11 + 1.0f) * (f32x16)((i32x16)e7 << 23) + 1.0f);
      const i32x16 e13 = (i32x16)(f32x16_select(e2, e1, f32x16_splat(1.0f)) + e4 / e12) | ((i32x16)e0 & (-2147483647 - 1));
      f32x16_store(p3 + 16 * i0, (f32x16)e13);
    }
  }
}

phase k8;
void k8(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const i32 *restrict p1 = (const i32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  const f32 *restrict p4 = (const f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    const i32 e0 = -(p0[i0] != -100);
    const i32 x0 = p1[i0];
    const f32 x1 = p2[i0];
    const f32 x2 = p3[i0];
    {
      const i32x16 active = i32x16_first(3);
      const f32x16 e1 = f32x16_load_some(p4 + 3 * i0, active) - x1;
      const f32x16 e2 = f32x16_less(f32x16_splat(90.0f), e1);
      const f32x16 e3 = f32x16_greater(f32x16_splat(-105.0f), e2);
      const f32x16 e4 = e3 * 1.4426950216293335f + 12583166.0f;
      const f32x16 e5 = e4 - 12583166.0f;
      const f32x16 e6 = e3 - e5 * 0.693145751953125f - e5 * 0.000001428606765330187f;
      const f32x16 e7 = (0.001383673632517457f * e6 + 0.008367106318473816f) * e6 + 0.04166775196790695f;
      const f32x16 e8 = e6 * e6 * ((e7 * e6 + 0.16666539013385773f) * e6 + 0.4999999701976776f);
      const i32x16 e9 = (i32x16)e4;
      const i32x16 e10 = e9 >> 1;
      const f32x16 e11 = (e6 + e8 + 1.0f) * (f32x16)(e10 << 23) * (f32x16)((e9 - e10) << 23);
      const f32x16 e12 = (CONVERT((((i32)0 + i32x16_iota()) == x0) & 1, f32x16) - e11) * x2;
      f32x16_store_some(p5 + 3 * i0, e0 ? e12 : f32x16_splat(0.0f), active);
    }
  }
}

phase k13;
void k13(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  const f32 x0 = p0[0];
  const f32 x1 = p1[0];
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(2);
      const f32x16 x2 = f32x16_load_apart_some(p3 + i0, 16, active);
      const f32x16 e0 = f32x16_load_some(p2 + 2 * i0, active) * 0.8999999761581421f + x2 * 0.10000000149011612f;
      const f32x16 e1 = f32x16_load_some(p4 + 2 * i0, active) * 0.9990000128746033f + x2 * x2 * 0.0010000000474974513f;
      const f32x16 e2 = f32x16_load_some(p5 + 2 * i0, active) - e0 / (f32x16_sqrt(e1) / x0 + 9.99999993922529e-9f) * x1;
      f32x16_store_some(p2 + 2 * i0, e0, active);
      f32x16_store_some(p4 + 2 * i0, e1, active);
      f32x16_store_some(p5 + 2 * i0, e2, active);
    }
  }
}

phase k14;
void k14(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  const f32 x0 = p0[2];
  const f32 x1 = p1[2];
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const f32x16 x2 = f32x16_load_apart(p3 + i0, 3);
      const f32x16 e0 = f32x16_load(p2 + 16 * i0) * 0.8999999761581421f + x2 * 0.10000000149011612f;
      const f32x16 e1 = f32x16_load(p4 + 16 * i0) * 0.9990000128746033f + x2 * x2 * 0.0010000000474974513f;
      const f32x16 e2 = f32x16_load(p5 + 16 * i0) - e0 / (f32x16_sqrt(e1) / x0 + 9.99999993922529e-9f) * x1;
      f32x16_store(p2 + 16 * i0, e0);
      f32x16_store(p4 + 16 * i0, e1);
      f32x16_store(p5 + 16 * i0, e2);
    }
  }
}

phase k6;
void k6(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sum div */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  const f32 *restrict p3 = (const f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  f32 *restrict p5 = (f32 *)block[ports[5]].pointer;
  f32 sum0 = 0.0f;
  f32 sum1 = 0.0f;
  UNROLL for (int64_t r0_0 = 0; r0_0 < 4; r0_0++) {
    const i32 e0 = -(p0[r0_0] != -100);
    const f32 e1 = e0 ? -(p1[r0_0] - p2[r0_0] - p3[r0_0]) : 0.0f;
    const f32 e2 = e0 ? 1.0f : 0.0f;
    sum0 = sum0 + e1;
    sum1 = sum1 + e2;
  }
  const f32 e3 = sum0 / sum1;
  const f32 e4 = 1.0f / sum1;
  p4[0] = e3;
  p5[0] = e4;
}

phase k9;
void k9(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot mul */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      f32x16 dot0 = f32x16_splat(0.0f);
      UNROLL for (int64_t r0_0 = 0; r0_0 < 3; r0_0++) {
        const f32 x0 = p0[3 * i0 + r0_0];
        const f32x16 x1 = f32x16_load(p1 + 16 * r0_0);
        dot0 = dot0 + x0 * x1;
      }
      const f32x16 x2 = f32x16_load(p2 + 16 * i0);
      f32x16_store(p3 + 16 * i0, dot0 * (1.0f - x2 * x2));
    }
  }
}

phase k7;
void k7(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* neg */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const i32 *restrict p1 = (const i32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  const f32 x0 = p0[0];
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const f32x16 e0 = f32x16_select(i32x16_load(p1 + i0) != -100, f32x16_splat(x0), f32x16_splat(0.0f));
    f32x16_store(p2 + i0, -e0);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const f32x16 e1 = f32x16_select(i32x16_load_some(p1 + i0, active) != -100, f32x16_splat(x0), f32x16_splat(0.0f));
    f32x16_store_some(p2 + i0, -e1, active);
  }
}

phase k10;
void k10(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(3);
      f32x16 dot0 = f32x16_splat(0.0f);
      UNROLL for (int64_t r00 = 0; r00 < 4; r00++) {
        const f32 x0 = p0[i0 + 16 * r00];
        const f32x16 x1 = f32x16_load_some(p1 + 3 * r00, active);
        dot0 = dot0 + x0 * x1;
      }
      f32x16_store_some(p2 + 3 * i0, dot0, active);
    }
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      const i32x16 active = i32x16_first(3);
      f32x16 dot0 = f32x16_splat(0.0f);
      for (int64_t r00 = 0; r00 < 16; r00++) {
        const f32 x0 = p0[16 * i0 + r00];
        const f32x16 x1 = f32x16_load_apart_some(p1 + r00, 16, active);
        dot0 = dot0 + x0 * x1;
      }
      f32x16_store_some(p2 + 3 * i0, dot0, active);
    }
  }
}

phase k4;
void k4(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  const f32 *restrict p2 = (const f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    const f32 x0 = p0[i0];
    {
      const i32x16 active = i32x16_first(3);
      const f32x16 e0 = f32x16_load_some(p1 + 3 * i0, active) + f32x16_load_some(p2, active);
      f32x16_store_some(p3 + 3 * i0, e0 - x0, active);
    }
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* where */
  const i32 *restrict p0 = (const i32 *)block[ports[0]].pointer;
  i32 *restrict p1 = (i32 *)block[ports[1]].pointer;
  int64_t i0 = lo;
  for (; i0 + 16 <= hi; i0 += 16) {
    const i32x16 x0 = i32x16_load(p0 + i0);
    i32x16_store(p1 + i0, i32x16_select(x0 != -100, x0, i32x16_splat(0)));
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const i32x16 x1 = i32x16_load_some(p0 + i0, active);
    i32x16_store_some(p1 + i0, i32x16_select(x1 != -100, x1, i32x16_splat(0)), active);
  }
}

phase k11;
void k11(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* dot */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  for (int64_t i0 = lo; i0 < hi; i0++) {
    {
      f32x16 dot0 = f32x16_splat(0.0f);
      UNROLL for (int64_t r00 = 0; r00 < 4; r00++) {
        const f32 x0 = p0[i0 + 2 * r00];
        const f32x16 x1 = f32x16_load(p1 + 16 * r00);
        dot0 = dot0 + x0 * x1;
      }
      f32x16_store(p2 + 16 * i0, dot0);
    }
  }
}
