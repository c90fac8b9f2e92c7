/** The remainder of a division of floats, exact, which neither WebAssembly nor a formula of floats has. */

import type { Func, FunctionBuilder, Local, ModuleBuilder } from "./assembler.ts";

const SIGN = 1n << 63n;
const HIDDEN = 1n << 52n;
// a significand of 53 bits has so many to its left
const ROOM = 11;

/** (x: f64, y: f64) ─► x − y trunc(x / y), by long division of the significands, a few bits a step. */
export function renderFmod(module: ModuleBuilder): Func {
  return module.function(["f64", "f64"], ["f64"], (f) => {
    const [x, y] = f.params;
    const [sign, a, b] = [f.local("i64"), f.local("i64"), f.local("i64")];
    const [exponent, exponentB, shift] = [f.local("i64"), f.local("i64"), f.local("i64")];
    f.get(x).op("i64.reinterpret_f64").i64(SIGN).op("i64.and").set(sign);
    for (const [value, bits] of [
      [x, a],
      [y, b],
    ]) {
      f.get(value).op("f64.abs", "i64.reinterpret_f64").set(bits);
    }
    // no remainder of infinity, of NaN, by 0, by NaN
    f.get(x).get(x).op("f64.sub").get(y).op("f64.add").get(y).op("f64.ne");
    f.get(b)
      .op("i64.eqz", "i32.or")
      .if(() => f.f64(Number.NaN).op("return"));
    // magnitudes order as their bits do
    f.get(a)
      .get(b)
      .op("i64.lt_u")
      .if(() => f.get(x).op("return"));
    unpack(f, a, exponent, shift);
    unpack(f, b, exponentB, shift);
    f.get(a).get(b).op("i64.rem_u").set(a);
    f.loop((again) => {
      f.get(exponent).get(exponentB).op("i64.sub").tee(shift).op("i64.eqz", "i32.eqz");
      f.if(() => {
        f.i64(BigInt(ROOM)).get(shift).get(shift).i64(BigInt(ROOM)).op("i64.gt_u", "select").set(shift);
        f.get(a).get(shift).op("i64.shl").get(b).op("i64.rem_u").set(a);
        f.get(exponent).get(shift).op("i64.sub").set(exponent).br(again);
      });
    });
    f.get(a)
      .op("i64.eqz")
      .if(() => f.get(sign).op("f64.reinterpret_i64", "return"));
    normalize(f, a, exponent, shift);
    f.get(exponent).i64(0n).op("i64.gt_s");
    f.if(
      () => f.get(a).i64(HIDDEN).op("i64.sub").get(exponent).i64(52n).op("i64.shl", "i64.or"),
      () => f.get(a).i64(1n).get(exponent).op("i64.sub", "i64.shr_u"),
      "i64",
    );
    f.get(sign).op("i64.or", "f64.reinterpret_i64");
  });
}

/** Bits of a float > 0 ─► its significand, with 53 bits, and its exponent (that of subnormals goes on below 1). */
function unpack(f: FunctionBuilder, bits: Local, exponent: Local, shift: Local): void {
  f.get(bits).i64(52n).op("i64.shr_u").tee(exponent).op("i64.eqz");
  f.if(
    () => f.i64(1n).set(exponent),
    () =>
      f
        .get(bits)
        .i64(HIDDEN - 1n)
        .op("i64.and")
        .i64(HIDDEN)
        .op("i64.or")
        .set(bits),
  );
  normalize(f, bits, exponent, shift);
}

function normalize(f: FunctionBuilder, significand: Local, exponent: Local, shift: Local): void {
  f.get(significand).op("i64.clz").i64(BigInt(ROOM)).op("i64.sub").set(shift);
  f.get(significand).get(shift).op("i64.shl").set(significand);
  f.get(exponent).get(shift).op("i64.sub").set(exponent);
}
