phase k0;
phase k1;
phase k2;
phase k3;

program run_0;
__attribute__((visibility("default"))) int32_t run_0(runtime *rt, word *block) {
  block[0].number = 0;
  if (block[0].status) return block[0].status;
  // add cast
  k0(block, (const int32_t[]){5, 4, 12, 13}, rt->scratch, 0, 3);
  // add sub
  k1(block, (const int32_t[]){13, 12, 6, 1, 7}, rt->scratch, 0, 200);
  // add sub
  k2(block, (const int32_t[]){13, 12, 8, 2, 9}, rt->scratch, 0, 20);
  // add sub
  k3(block, (const int32_t[]){13, 12, 10, 3, 11}, rt->scratch, 0, 60);
  return block[0].status;
}

phase k0;
void k0(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
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

phase k3;
void k3(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  const f32 x0 = p0[2];
  const f32 x1 = p1[2];
  int64_t i0i1i2 = lo;
  for (; i0i1i2 + 32 <= hi; i0i1i2 += 32) {
    const f32x16 x2 = f32x16_load(p3 + i0i1i2);
    const f32x16 x3 = f32x16_load(p3 + (i0i1i2 + 16));
    const f32x16 e0 = x2 + x2;
    const f32x16 e1 = x3 + x3;
    const f32x16 e2 = f32x16_load(p2 + i0i1i2) * 0.8999999761581421f + e0 * 0.10000000149011612f;
    const f32x16 e3 = f32x16_load(p2 + (i0i1i2 + 16)) * 0.8999999761581421f + e1 * 0.10000000149011612f;
    const f32x16 e4 = f32x16_load(p4 + i0i1i2) * 0.9990000128746033f + e0 * e0 * 0.0010000000474974513f;
    const f32x16 e5 = f32x16_load(p4 + (i0i1i2 + 16)) * 0.9990000128746033f + e1 * e1 * 0.0010000000474974513f;
    const f32x16 e6 = x2 - e2 / (f32x16_sqrt(e4) / x0 + 9.99999993922529e-9f) * x1;
    const f32x16 e7 = x3 - e3 / (f32x16_sqrt(e5) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0i1i2, e2);
    f32x16_store(p2 + (i0i1i2 + 16), e3);
    f32x16_store(p4 + i0i1i2, e4);
    f32x16_store(p4 + (i0i1i2 + 16), e5);
    f32x16_store(p3 + i0i1i2, e6);
    f32x16_store(p3 + (i0i1i2 + 16), e7);
  }
  for (; i0i1i2 + 16 <= hi; i0i1i2 += 16) {
    const f32x16 x4 = f32x16_load(p3 + i0i1i2);
    const f32x16 e8 = x4 + x4;
    const f32x16 e9 = f32x16_load(p2 + i0i1i2) * 0.8999999761581421f + e8 * 0.10000000149011612f;
    const f32x16 e10 = f32x16_load(p4 + i0i1i2) * 0.9990000128746033f + e8 * e8 * 0.0010000000474974513f;
    const f32x16 e11 = x4 - e9 / (f32x16_sqrt(e10) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0i1i2, e9);
    f32x16_store(p4 + i0i1i2, e10);
    f32x16_store(p3 + i0i1i2, e11);
  }
  if (i0i1i2 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1i2);
    const f32x16 x5 = f32x16_load_some(p3 + i0i1i2, active);
    const f32x16 e12 = x5 + x5;
    const f32x16 e13 = f32x16_load_some(p2 + i0i1i2, active) * 0.8999999761581421f + e12 * 0.10000000149011612f;
    const f32x16 e14 = f32x16_load_some(p4 + i0i1i2, active) * 0.9990000128746033f + e12 * e12 * 0.0010000000474974513f;
    const f32x16 e15 = x5 - e13 / (f32x16_sqrt(e14) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store_some(p2 + i0i1i2, e13, active);
    f32x16_store_some(p4 + i0i1i2, e14, active);
    f32x16_store_some(p3 + i0i1i2, e15, active);
  }
}

phase k1;
void k1(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  const f32 x0 = p0[0];
  const f32 x1 = p1[0];
  int64_t i0i1 = lo;
  for (; i0i1 + 32 <= hi; i0i1 += 32) {
    const f32x16 x2 = f32x16_load(p3 + i0i1);
    const f32x16 x3 = f32x16_load(p3 + (i0i1 + 16));
    const f32x16 e0 = x2 + x2;
    const f32x16 e1 = x3 + x3;
    const f32x16 e2 = f32x16_load(p2 + i0i1) * 0.8999999761581421f + e0 * 0.10000000149011612f;
    const f32x16 e3 = f32x16_load(p2 + (i0i1 + 16)) * 0.8999999761581421f + e1 * 0.10000000149011612f;
    const f32x16 e4 = f32x16_load(p4 + i0i1) * 0.9990000128746033f + e0 * e0 * 0.0010000000474974513f;
    const f32x16 e5 = f32x16_load(p4 + (i0i1 + 16)) * 0.9990000128746033f + e1 * e1 * 0.0010000000474974513f;
    const f32x16 e6 = x2 - e2 / (f32x16_sqrt(e4) / x0 + 9.99999993922529e-9f) * x1;
    const f32x16 e7 = x3 - e3 / (f32x16_sqrt(e5) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0i1, e2);
    f32x16_store(p2 + (i0i1 + 16), e3);
    f32x16_store(p4 + i0i1, e4);
    f32x16_store(p4 + (i0i1 + 16), e5);
    f32x16_store(p3 + i0i1, e6);
    f32x16_store(p3 + (i0i1 + 16), e7);
  }
  for (; i0i1 + 16 <= hi; i0i1 += 16) {
    const f32x16 x4 = f32x16_load(p3 + i0i1);
    const f32x16 e8 = x4 + x4;
    const f32x16 e9 = f32x16_load(p2 + i0i1) * 0.8999999761581421f + e8 * 0.10000000149011612f;
    const f32x16 e10 = f32x16_load(p4 + i0i1) * 0.9990000128746033f + e8 * e8 * 0.0010000000474974513f;
    const f32x16 e11 = x4 - e9 / (f32x16_sqrt(e10) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0i1, e9);
    f32x16_store(p4 + i0i1, e10);
    f32x16_store(p3 + i0i1, e11);
  }
  if (i0i1 < hi) {
    const i32x16 active = i32x16_first(hi - i0i1);
    const f32x16 x5 = f32x16_load_some(p3 + i0i1, active);
    const f32x16 e12 = x5 + x5;
    const f32x16 e13 = f32x16_load_some(p2 + i0i1, active) * 0.8999999761581421f + e12 * 0.10000000149011612f;
    const f32x16 e14 = f32x16_load_some(p4 + i0i1, active) * 0.9990000128746033f + e12 * e12 * 0.0010000000474974513f;
    const f32x16 e15 = x5 - e13 / (f32x16_sqrt(e14) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store_some(p2 + i0i1, e13, active);
    f32x16_store_some(p4 + i0i1, e14, active);
    f32x16_store_some(p3 + i0i1, e15, active);
  }
}

phase k2;
void k2(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  /* add sub */
  const f32 *restrict p0 = (const f32 *)block[ports[0]].pointer;
  const f32 *restrict p1 = (const f32 *)block[ports[1]].pointer;
  f32 *restrict p2 = (f32 *)block[ports[2]].pointer;
  f32 *restrict p3 = (f32 *)block[ports[3]].pointer;
  f32 *restrict p4 = (f32 *)block[ports[4]].pointer;
  const f32 x0 = p0[1];
  const f32 x1 = p1[1];
  int64_t i0 = lo;
  for (; i0 + 32 <= hi; i0 += 32) {
    const f32x16 x2 = f32x16_load(p3 + i0);
    const f32x16 x3 = f32x16_load(p3 + (i0 + 16));
    const f32x16 e0 = x2 + x2;
    const f32x16 e1 = x3 + x3;
    const f32x16 e2 = f32x16_load(p2 + i0) * 0.8999999761581421f + e0 * 0.10000000149011612f;
    const f32x16 e3 = f32x16_load(p2 + (i0 + 16)) * 0.8999999761581421f + e1 * 0.10000000149011612f;
    const f32x16 e4 = f32x16_load(p4 + i0) * 0.9990000128746033f + e0 * e0 * 0.0010000000474974513f;
    const f32x16 e5 = f32x16_load(p4 + (i0 + 16)) * 0.9990000128746033f + e1 * e1 * 0.0010000000474974513f;
    const f32x16 e6 = x2 - e2 / (f32x16_sqrt(e4) / x0 + 9.99999993922529e-9f) * x1;
    const f32x16 e7 = x3 - e3 / (f32x16_sqrt(e5) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0, e2);
    f32x16_store(p2 + (i0 + 16), e3);
    f32x16_store(p4 + i0, e4);
    f32x16_store(p4 + (i0 + 16), e5);
    f32x16_store(p3 + i0, e6);
    f32x16_store(p3 + (i0 + 16), e7);
  }
  for (; i0 + 16 <= hi; i0 += 16) {
    const f32x16 x4 = f32x16_load(p3 + i0);
    const f32x16 e8 = x4 + x4;
    const f32x16 e9 = f32x16_load(p2 + i0) * 0.8999999761581421f + e8 * 0.10000000149011612f;
    const f32x16 e10 = f32x16_load(p4 + i0) * 0.9990000128746033f + e8 * e8 * 0.0010000000474974513f;
    const f32x16 e11 = x4 - e9 / (f32x16_sqrt(e10) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store(p2 + i0, e9);
    f32x16_store(p4 + i0, e10);
    f32x16_store(p3 + i0, e11);
  }
  if (i0 < hi) {
    const i32x16 active = i32x16_first(hi - i0);
    const f32x16 x5 = f32x16_load_some(p3 + i0, active);
    const f32x16 e12 = x5 + x5;
    const f32x16 e13 = f32x16_load_some(p2 + i0, active) * 0.8999999761581421f + e12 * 0.10000000149011612f;
    const f32x16 e14 = f32x16_load_some(p4 + i0, active) * 0.9990000128746033f + e12 * e12 * 0.0010000000474974513f;
    const f32x16 e15 = x5 - e13 / (f32x16_sqrt(e14) / x0 + 9.99999993922529e-9f) * x1;
    f32x16_store_some(p2 + i0, e13, active);
    f32x16_store_some(p4 + i0, e14, active);
    f32x16_store_some(p3 + i0, e15, active);
  }
}
