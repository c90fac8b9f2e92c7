/**
 * What the formulas of numerics.ts and pow.ts are written in: operations on whatever stands for a value, and the two
 * formats of floats with all that differs between them, coefficients included.
 *
 * scripts/ulp/minimax.py derives the coefficients; docs/numerics.md has the methods.
 */

import type { DType } from "./dtype.ts";
import type { BinaryOp, CompareOp, UnaryOp } from "./primitives.ts";

/** The primitives, on whatever stands for a value. */
export interface Ops<V> {
  constant(value: number, dtype: DType): V;
  unary(op: UnaryOp, x: V): V;
  binary(op: BinaryOp, a: V, b: V): V;
  compare(op: CompareOp, a: V, b: V): V;
  where(condition: V, a: V, b: V): V;
  cast(x: V, dtype: DType): V;
  bitcast(x: V, dtype: DType): V;
  /** one of the two words of an f64 as u32, 0 the low one */
  word(x: V, word: 0 | 1): V;
  /** the f64 of two u32 words */
  join(low: V, high: V): V;
}

/** A format of floats. The "top" of a float is its bits from the sign on, as i32: all of an f32, the high word of an f64. */
export interface Format {
  readonly dtype: "f32" | "f64";
  /** bits of a significand after the point; those of them in the top */
  readonly fraction: number;
  readonly topFraction: number;
  /** of exponents */
  readonly bias: number;
  /** the top of √½, and the smallest float that has all its bits */
  readonly sqrtHalf: number;
  readonly smallestNormal: number;
  /** where x + x²/2 rounds to x */
  readonly tiny: number;
  /** 1.5 · 2^fraction: a sum with it has no bit left for a fraction: it is an integer (half to even) in two's complement */
  readonly integer: number;
  /** ln 2 in two parts: the product of the first with an exponent is exact */
  readonly ln2: readonly [number, number];
  readonly log2e: number;
  /** eʳ − 1 − r = r² (c[0] + c[1] r + …) for |r| ≤ (ln 2)/2 */
  readonly exp: readonly number[];
  /** where eˣ is 0 and where infinity: the same for all x beyond */
  readonly expRange: readonly [number, number];
  /** where eˣ − 1 is −1 and where infinity */
  readonly expm1Range: readonly [number, number];
  /** log(1 + f) = f − f²/2 + s (f²/2 + R), s = f / (2 + f), R = c[0] s² + c[1] s⁴ + … */
  readonly log: readonly number[];
  /** tanh y = y + y z (c[0] + c[1] z + …) / (d[0] + d[1] z + … + z^n), z = y², for y ≤ 0.875 */
  readonly tanh: { readonly numerator: readonly number[]; readonly denominator: readonly number[] };
  /** where 1 − 2 / (e²ʸ + 1) is 1, as 2y */
  readonly tanhEnd: number;
  /** erf y = y + y (c[0] + c[1] z + …), z = y², for y ≤ 1.125 */
  readonly erf: readonly number[];
  /** beyond: 1 − erf y = 16 / (c[0] + c[1] y + …)⁸ (Hastings' form; the 16 puts the sum just below 2, where it rounds least) */
  readonly erfc: readonly number[];
  /**
   * π/2 in parts: products of all but the last with an integer of so many bits as quadrants have, and the differences
   * from x of all but the last three, are exact
   */
  readonly halfPi: readonly number[];
  readonly twoOverPi: number;
  /** from where on the multiple of π/2 has lost its meaning */
  readonly turns: number;
  /** sin r = r + r z (c[0] + c[1] z + …), cos r = 1 − z/2 + z² (c[0] + c[1] z + …), z = r², for |r| ≤ π/4 */
  readonly sin: readonly number[];
  readonly cos: readonly number[];
}

export const F32: Format = {
  dtype: "f32",
  fraction: 23,
  topFraction: 23,
  bias: 127,
  sqrtHalf: 0x3f3504f3,
  smallestNormal: 2 ** -126,
  tiny: 2 ** -25,
  integer: 1.5 * 2 ** 23,
  ln2: [0.693145751953125, 1.428606765330187e-6], // 16 and 24 bits
  log2e: Math.fround(Math.LOG2E),
  exp: [0.4999999701976776, 0.16666539013385773, 0.04166775196790695, 0.008367106318473816, 0.001383673632517457],
  expRange: [-105, 90],
  expm1Range: [-20, 89],
  log: [0.6666677594184875, 0.3997758626937866, 0.29870694875717163],
  tanh: {
    numerator: [-21.15890121459961, -0.9340712428092957],
    denominator: [63.47670364379883, 28.192890167236328],
  },
  tanhEnd: 20,
  erf: [
    0.12837916612625122, -0.3761260211467743, 0.11283255368471146, -0.02683917060494423, 0.005160140804946423,
    -0.0007764711044728756, 0.00007060007919790223,
  ],
  erfc: [
    1.4039634466171265, 0.24822959303855896, 0.027338095009326935, 0.14719481766223907, -0.07226692140102386,
    0.0340808667242527, -0.007382060866802931, 0.0009079548763111234,
  ],
  // 8, 8, 4, 8, 8 and 24 bits
  halfPi: [
    1.5703125, 0.000484466552734375, -6.556510925292969e-7, 1.594889909029007e-8, -5.5706550483591855e-11,
    6.223371969669989e-14,
  ],
  twoOverPi: Math.fround(2 / Math.PI),
  turns: 2 ** 22,
  sin: [-0.16666653752326965, 0.008332106284797192, -0.00019507882825564593],
  cos: [0.04166664555668831, -0.0013887302484363317, 0.000024430977646261454],
};

export const F64: Format = {
  dtype: "f64",
  fraction: 52,
  topFraction: 20,
  bias: 1023,
  sqrtHalf: 0x3fe6a09e,
  smallestNormal: 2 ** -1022,
  tiny: 2 ** -54,
  integer: 1.5 * 2 ** 52,
  ln2: [0.6931471805598903, 5.497923018708371e-14], // 42 and 53 bits
  log2e: Math.LOG2E,
  exp: [
    0.5, 0.16666666666666677, 0.04166666666666669, 0.008333333333321745, 0.0013888888888883334, 0.0001984126988531848,
    0.00002480158730054613, 0.000002755724521796762, 2.755731483157719e-7, 2.5108677421435823e-8, 2.089684877427704e-9,
  ],
  expRange: [-750, 711],
  expm1Range: [-40, 710],
  log: [
    0.6666666666666734, 0.39999999999416935, 0.28571428741933763, 0.22222198616097236, 0.181835622499315,
    0.1531410031382272, 0.1479548133806502,
  ],
  tanh: {
    numerator: [18598904.12554066, 1193042.2705777774, 13478.499188597994],
    denominator: [-55796712.37662198, -25897811.76238208, -1365806.7701137506, -14080.345826367111],
  },
  tanhEnd: 40,
  erf: [
    0.1283791670955126, -0.37612638903184076, 0.11283791670969058, -0.026866170647496253, 0.0052239776463467585,
    -0.0008548328124950575, 0.00012055370278283054, -0.000014926497044552744, 0.0000016475269120798431,
    -1.6506021520793805e-7, 1.5813072553566538e-8, -1.6918279087073383e-9, 2.16010596550211e-10, -1.969338858548106e-11,
  ],
  erfc: [
    1.4142132273965469, 0.1994745622464819, 0.12659054837653522, 0.03475192798167353, 0.004697847050595732,
    0.0019601925061434222, 0.0002886659579184078, 0.00014937366347036695, -0.00012444872295708627, 0.00010287739315817,
    -0.00005357263131862892, 0.000022030153924125013, -0.000007123931603458448, 0.000001844850046432459,
    -3.776678057135248e-7, 6.011686543746524e-8, -7.181667031782572e-9, 6.090804149677083e-10, -3.2817384777275144e-11,
    8.607218161050521e-13,
  ],
  // 33, 33, 33 and 53 bits
  halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  twoOverPi: 2 / Math.PI,
  turns: 2 ** 30,
  sin: [
    -0.1666666666666663, 0.00833333333332184, -0.00019841269829358522, 0.000002755731353851131, -2.5050734388739605e-8,
    1.5895433258863966e-10,
  ],
  cos: [
    0.041666666666666595, -0.0013888888888873342, 0.000024801587289002083, -2.7557314217041116e-7, 2.087570539652121e-9,
    -1.1358749275041827e-11,
  ],
};

export const SIGN: number = -(2 ** 31);

/** The operations on one format, spelled briefly. */
export interface Short<V> {
  readonly format: Format;
  /** a constant of the format; one of i32, as tops are */
  f(value: number): V;
  i(value: number): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  shl(x: V, count: number): V;
  shr(x: V, count: number): V;
  neg(x: V): V;
  abs(x: V): V;
  floor(x: V): V;
  lt(a: V, b: V): V;
  eq(a: V, b: V): V;
  where(condition: V, a: V, b: V): V;
  /** NaN stays NaN; spelled so that x86's maxps and minps, wasm's pmax and pmin do it in one instruction */
  atLeast(x: V, low: number): V;
  atMost(x: V, high: number): V;
  toFloat(x: V): V;
  top(x: V): V;
  /** the float of a top; what else there is of bits comes from another float, or is 0 */
  float(top: V, rest?: () => V): V;
  /** the lowest 32 bits, as i32 */
  bottom(x: V): V;
  /** c[0] + c[1] x + c[2] x² + … by Horner's rule */
  polynomial(x: V, c: readonly number[]): V;
}

export function short<V>(ops: Ops<V>, format: Format): Short<V> {
  const { dtype } = format;
  const f = (value: number): V => ops.constant(value, dtype);
  const i = (value: number): V => ops.constant(value, "i32");
  const add = (a: V, b: V): V => ops.binary("add", a, b);
  const mul = (a: V, b: V): V => ops.binary("mul", a, b);
  const lt = (a: V, b: V): V => ops.compare("lt", a, b);
  const where = (condition: V, a: V, b: V): V => ops.where(condition, a, b);
  const signed = (x: V): V => ops.bitcast(x, "i32");
  const unsigned = (x: V): V => ops.bitcast(x, "u32");
  const bits =
    dtype === "f32"
      ? { top: signed, bottom: signed, float: (top: V): V => ops.bitcast(top, "f32") }
      : {
          top: (x: V): V => signed(ops.word(x, 1)),
          bottom: (x: V): V => signed(ops.word(x, 0)),
          float: (top: V, rest?: () => V): V =>
            ops.join(rest ? ops.word(rest(), 0) : ops.constant(0, "u32"), unsigned(top)),
        };
  return {
    format,
    ...bits,
    f,
    i,
    add,
    sub: (a, b) => ops.binary("sub", a, b),
    mul,
    div: (a, b) => ops.binary("div", a, b),
    and: (a, b) => ops.binary("and", a, b),
    or: (a, b) => ops.binary("or", a, b),
    xor: (a, b) => ops.binary("xor", a, b),
    shl: (x, count) => ops.binary("shl", x, i(count)),
    shr: (x, count) => ops.binary("shr", x, i(count)),
    neg: (x) => ops.unary("neg", x),
    abs: (x) => ops.unary("abs", x),
    floor: (x) => ops.unary("floor", x),
    lt,
    eq: (a, b) => ops.compare("eq", a, b),
    where,
    atLeast: (x, low) => where(lt(x, f(low)), f(low), x),
    atMost: (x, high) => where(lt(f(high), x), f(high), x),
    toFloat: (x) => ops.cast(x, dtype),
    polynomial: (x, c) =>
      c.slice(0, -1).reduceRight((sum, coefficient) => add(mul(sum, x), f(coefficient)), f(c[c.length - 1])),
  };
}
