/**
 * The elementary functions of float32, written once over an abstract set of operations.
 *
 * The lowering builds expressions with them (rendered to WebAssembly), the interpreter runs them on numbers:
 * the same formula in the same order, so every device gives the same bits. Hence straight-line code (`where`, no branch),
 * and products and sums apart: a fused multiply-add would make the result depend on the host.
 * docs/numerics.md has the methods and the errors measured over all 2³² inputs; scripts/ulp/minimax.py, the coefficients.
 */

import type { DType } from "./dtype.ts";
import type { BinaryOp, CompareOp, UnaryOp } from "./primitives.ts";

/** What the formulas need: the primitives, on whatever stands for a value. */
export interface Ops<V> {
  constant(value: number, dtype: DType): V;
  unary(op: UnaryOp, x: V): V;
  binary(op: BinaryOp, a: V, b: V): V;
  compare(op: CompareOp, a: V, b: V): V;
  where(condition: V, a: V, b: V): V;
  cast(x: V, dtype: DType): V;
  bitcast(x: V, dtype: DType): V;
}

/** A function of float32, over any operations. */
export type Float32Function = <V>(ops: Ops<V>, x: V) => V;

/** The unary primitives whose float32 formula is ours. */
export type ElementaryOp = "exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid" | "erf" | "sin" | "cos";

/** The operations spelled briefly: numbers are f32 constants, save the i32 ones of bit patterns. */
function short<V>(ops: Ops<V>) {
  const f = (value: number): V => ops.constant(value, "f32");
  const i = (value: number): V => ops.constant(value, "i32");
  const add = (a: V, b: V): V => ops.binary("add", a, b);
  const mul = (a: V, b: V): V => ops.binary("mul", a, b);
  const lt = (a: V, b: V): V => ops.compare("lt", a, b);
  const where = (condition: V, a: V, b: V): V => ops.where(condition, a, b);
  return {
    f,
    i,
    add,
    sub: (a: V, b: V): V => ops.binary("sub", a, b),
    mul,
    div: (a: V, b: V): V => ops.binary("div", a, b),
    abs: (x: V): V => ops.unary("abs", x),
    lt,
    where,
    // NaN stays NaN; spelled so that x86's maxps and minps, wasm's pmax and pmin do it in one instruction
    atLeast: (x: V, low: number): V => where(lt(x, f(low)), f(low), x),
    atMost: (x: V, high: number): V => where(lt(f(high), x), f(high), x),
    bits: (x: V): V => ops.bitcast(x, "i32"),
    fromBits: (x: V): V => ops.bitcast(x, "f32"),
    and: (a: V, b: V): V => ops.binary("and", a, b),
    or: (a: V, b: V): V => ops.binary("or", a, b),
    xor: (a: V, b: V): V => ops.binary("xor", a, b),
    shl: (x: V, count: number): V => ops.binary("shl", x, i(count)),
    shr: (x: V, count: number): V => ops.binary("shr", x, i(count)),
    eq: (a: V, b: V): V => ops.compare("eq", a, b),
    toFloat: (x: V): V => ops.cast(x, "f32"),
    /** c[0] + c[1] x + c[2] x² + … by Horner's rule */
    polynomial: (x: V, c: readonly number[]): V =>
      c.slice(0, -1).reduceRight((sum, coefficient) => add(mul(sum, x), f(coefficient)), f(c[c.length - 1])),
  };
}

type Short<V> = ReturnType<typeof short<V>>;

const f32 = Math.fround;
const SIGN = -(2 ** 31);

// A sum with it, of a float32 within ±2²², has no bit left for a fraction: it is rounded to an integer (half to even),
// which its low bits hold in two's complement.
const INTEGER = 1.5 * 2 ** 23;

// Parts of ln 2: the first has 16 bits, so that its product with an integer of 8 bits is exact.
const LN2 = [0.693145751953125, 1.428606765330187e-6];
const LOG2E = f32(Math.LOG2E);

// eʳ − 1 − r = r² (c[0] + c[1] r + …) for |r| ≤ (ln 2)/2
const EXP = [0.4999999701976776, 0.16666539013385773, 0.04166775196790695, 0.008367106318473816, 0.001383673632517457];

/**
 * x = n ln 2 + r with |r| ≤ (ln 2)/2 (Cody and Waite): gives eʳ − 1, and an i32 whose low 9 bits are n + bias.
 * eʳ − 1 is NaN where x is.
 */
function reduceExp<V>(s: Short<V>, x: V, bias: number): { rest: V; exponent: V } {
  const shifted = s.add(s.mul(x, s.f(LOG2E)), s.f(INTEGER + bias));
  const n = s.sub(shifted, s.f(INTEGER + bias));
  const r = s.sub(s.sub(x, s.mul(n, s.f(LN2[0]))), s.mul(n, s.f(LN2[1])));
  const rest = s.add(r, s.mul(s.mul(r, r), s.polynomial(r, EXP)));
  return { rest, exponent: s.bits(shifted) };
}

/** 2ⁿ from an i32 whose low 8 bits are n + 127 and whose ninth is 0. */
const powerOfTwo = <V>(s: Short<V>, exponent: V): V => s.fromBits(s.shl(exponent, 23));

/** eˣ for x ≤ 90 or NaN. */
function expUpTo90<V>(s: Short<V>, x: V): V {
  // n runs from −151 (rounded to zero) to 130 (infinity), so 2ⁿ = 2ᵃ 2ᵇ: the product with the first is exact, and a
  // subnormal result is rounded once
  const { rest, exponent } = reduceExp(s, s.atLeast(x, -105), 2 * 127);
  const a = s.shr(exponent, 1);
  const b = s.sub(exponent, a);
  return s.mul(s.mul(s.add(rest, s.f(1)), powerOfTwo(s, a)), powerOfTwo(s, b));
}

function exp<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  return expUpTo90(s, s.atMost(x, 90));
}

function expm1<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  // 2ⁿ (eʳ − 1) + (2ⁿ − 1), all halved since 2¹²⁸ is no float32
  const { rest, exponent } = reduceExp(s, s.atMost(s.atLeast(x, -20), 89), 127 - 1);
  const half = powerOfTwo(s, exponent);
  const halved = s.add(s.mul(rest, half), s.sub(half, s.f(0.5)));
  // eˣ − 1 rounds to x here: keeps −0 and every bit of subnormals
  return s.where(s.lt(s.abs(x), s.f(2 ** -25)), x, s.add(halved, halved));
}

function sigmoid<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  const one = s.f(1);
  // e^−|x| never overflows: 1 / (1 + e^−x) for x ≥ 0, eˣ / (1 + eˣ) for x < 0
  const e = expUpTo90(s, s.fromBits(s.or(s.bits(x), s.i(SIGN))));
  const sum = s.add(e, one);
  const lost = s.sub(e, s.sub(sum, one));
  const quotient = s.div(s.where(s.lt(x, s.f(0)), e, one), sum);
  return s.sub(quotient, s.mul(quotient, lost));
}

// tanh y = y + y z (c[0] + c[1] z) / (d[0] + d[1] z + z²), z = y², for y ≤ TANH_SMALL
const TANH_SMALL = 0.875;
const TANH_NUMERATOR = [-21.15890121459961, -0.9340712428092957];
const TANH_DENOMINATOR = [63.47670364379883, 28.192890167236328];

function tanh<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  const y = s.abs(x);
  const z = s.mul(y, y);
  // beyond: 1 − 2 / (e²ʸ + 1), which is 1 from y = 9.02 on
  const { rest, exponent } = reduceExp(s, s.atMost(s.add(y, y), 20), 127);
  const e = s.mul(s.add(rest, s.f(1)), powerOfTwo(s, exponent));
  const small = s.lt(y, s.f(TANH_SMALL));
  const numerator = s.where(small, s.mul(s.mul(y, z), s.polynomial(z, TANH_NUMERATOR)), s.f(-2));
  const denominator = s.where(
    small,
    s.add(s.mul(s.add(z, s.f(TANH_DENOMINATOR[1])), z), s.f(TANH_DENOMINATOR[0])),
    s.add(e, s.f(1)),
  );
  const result = s.add(s.where(small, y, s.f(1)), s.div(numerator, denominator));
  return copySign(s, result, x);
}

/** |result| with the sign of x. */
const copySign = <V>(s: Short<V>, result: V, x: V): V => s.fromBits(s.or(s.bits(result), s.and(s.bits(x), s.i(SIGN))));

// erf y = y + y (c[0] + c[1] z + …), z = y², for y ≤ ERF_SMALL
const ERF_SMALL = 1.125;
const ERF = [
  0.12837916612625122, -0.3761260211467743, 0.11283255368471146, -0.02683917060494423, 0.005160140804946423,
  -0.0007764711044728756, 0.00007060007919790223,
];
// beyond: 1 − erf y = 16 / (c[0] + c[1] y + …)⁸ (Hastings' form; the 16 puts the sum just below 2, where it rounds least)
const ERFC = [
  1.4039634466171265, 0.24822959303855896, 0.027338095009326935, 0.14719481766223907, -0.07226692140102386,
  0.0340808667242527, -0.007382060866802931, 0.0009079548763111234,
];

function erf<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  const y = s.abs(x);
  const near = s.add(y, s.mul(y, s.polynomial(s.mul(y, y), ERF)));
  let power = s.polynomial(y, ERFC);
  for (let i = 0; i < 3; i++) power = s.mul(power, power);
  const far = s.sub(s.f(1), s.div(s.f(16), power));
  return copySign(s, s.where(s.lt(y, s.f(ERF_SMALL)), near, far), x);
}

// log(1 + f) = f − f²/2 + s (f²/2 + R), s = f / (2 + f), R = c[0] s² + c[1] s⁴ + c[2] s⁶
const LOG = [0.6666677594184875, 0.3997758626937866, 0.29870694875717163];
const SQRT_HALF_BITS = 0x3f3504f3;

/** The exponent k of x = 2ᵏ m with √½ ≤ m < √2, from the bits of a normal x > 0. */
const exponentOf = <V>(s: Short<V>, bits: V): V => s.shr(s.sub(bits, s.i(SQRT_HALF_BITS)), 23);

/** log(2ᵏ (1 + f)). */
function logOf<V>(s: Short<V>, k: V, f: V): V {
  const n = s.toFloat(k);
  const halfSquare = s.mul(s.mul(f, f), s.f(0.5));
  const quotient = s.div(f, s.add(f, s.f(2)));
  const z = s.mul(quotient, quotient);
  const rest = s.mul(quotient, s.add(halfSquare, s.mul(z, s.polynomial(z, LOG))));
  const low = s.add(rest, s.mul(n, s.f(LN2[1])));
  return s.add(s.mul(n, s.f(LN2[0])), s.sub(f, s.sub(halfSquare, low)));
}

/** A logarithm's values where its formula has none: ∞ and NaN for themselves, −∞ at 0, NaN below. */
function logLimits<V>(s: Short<V>, argument: V, result: V): V {
  const finite = s.where(s.lt(argument, s.f(Number.POSITIVE_INFINITY)), result, argument);
  const pole = s.where(s.eq(argument, s.f(0)), s.f(Number.NEGATIVE_INFINITY), s.f(Number.NaN));
  return s.where(s.lt(s.f(0), argument), finite, pole);
}

function log<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  // a subnormal x is scaled by 2²³, and its exponent lowered as much
  const scaled = s.sub(s.bits(s.mul(x, s.f(2 ** 23))), s.i(23 * 2 ** 23));
  const bits = s.where(s.lt(x, s.f(2 ** -126)), scaled, s.bits(x));
  const k = exponentOf(s, bits);
  const m = s.fromBits(s.sub(bits, s.shl(k, 23)));
  return logLimits(s, x, logOf(s, k, s.sub(m, s.f(1))));
}

function log1p<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  // 1 + x = u + c exactly (Knuth's two-sum), u = 2ᵏ m, hence f = (m − 1) + 2⁻ᵏ c
  const one = s.f(1);
  const u = s.add(x, one);
  const v = s.sub(u, one);
  const c = s.add(s.sub(one, s.sub(u, v)), s.sub(x, v));
  const k = exponentOf(s, s.bits(u));
  const shift = s.shl(k, 23);
  const m = s.fromBits(s.sub(s.bits(u), shift));
  // 2¹⁻ᵏ, for 2⁻¹²⁸ is beyond the bits of the exponent
  const scale = s.fromBits(s.sub(s.i(0x40000000), shift));
  const f = s.add(s.sub(m, one), s.mul(s.mul(c, s.f(0.5)), scale));
  const result = logLimits(s, u, logOf(s, k, f));
  // log(1 + x) rounds to x here: keeps −0 and every bit of subnormals
  return s.where(s.lt(s.abs(x), s.f(2 ** -25)), x, result);
}

// Parts of π/2: all but the last have so few bits that their products with an integer of 16 bits, and the differences
// from x up to the third, are exact.
const HALF_PI = [
  1.5703125, 0.000484466552734375, -6.556510925292969e-7, 1.594889909029007e-8, -5.5706550483591855e-11,
  6.223371969669989e-14,
];
const TWO_OVER_PI = f32(2 / Math.PI);

// sin r = r + r z (c[0] + c[1] z + …), cos r = 1 − z/2 + z² (c[0] + c[1] z + …), z = r², for |r| ≤ π/4
const SIN = [-0.16666653752326965, 0.008332106284797192, -0.00019507882825564593];
const COS = [0.04166664555668831, -0.0013887302484363317, 0.000024430977646261454];

/** sin(x + turns π/2), by x = n π/2 + r with |r| ≤ π/4 (Cody and Waite) and the quadrant n + turns. */
function sinTurned<V>(s: Short<V>, argument: V, turns: number): V {
  // where n π/2 has lost its meaning, a finite argument counts as 0; infinity gives NaN
  const x = s.where(s.lt(s.abs(argument), s.f(2 ** 22)), argument, s.mul(argument, s.f(0)));
  const shifted = s.add(s.mul(x, s.f(TWO_OVER_PI)), s.f(INTEGER + turns));
  const n = s.sub(shifted, s.f(INTEGER + turns));
  const times = HALF_PI.map((part) => s.mul(n, s.f(part)));
  const coarse = s.sub(s.sub(s.sub(x, times[0]), times[1]), times[2]);
  const fine = s.sub(coarse, times[3]);
  const lost = s.sub(s.sub(coarse, fine), times[3]); // in rounding
  const r = s.sub(fine, s.sub(times[4], lost));
  const z = s.mul(r, r);
  // the last part is too small for a cosine to see
  const sine = s.add(r, s.sub(s.mul(s.mul(r, z), s.polynomial(z, SIN)), times[5]));
  const cosine = s.add(s.sub(s.f(1), s.mul(z, s.f(0.5))), s.mul(s.mul(z, z), s.polynomial(z, COS)));
  const quadrant = s.bits(shifted);
  const result = s.where(s.eq(s.and(quadrant, s.i(1)), s.i(0)), sine, cosine);
  return s.fromBits(s.xor(s.bits(result), s.and(s.shl(quadrant, 30), s.i(SIGN))));
}

function sin<V>(ops: Ops<V>, x: V): V {
  const s = short(ops);
  return s.where(s.eq(x, s.f(0)), x, sinTurned(s, x, 0)); // keeps −0
}

function cos<V>(ops: Ops<V>, x: V): V {
  return sinTurned(short(ops), x, 1);
}

/** exp and the others on float32, each over any operations: `FLOAT32.exp(ops, x)`. */
export const FLOAT32: Readonly<Record<ElementaryOp, Float32Function>> = {
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  erf,
  sin,
  cos,
};

/** Rotation counts of Threefry2x32's rounds, which repeat after eight. */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/**
 * Threefry2x32-20: 64 random bits from a key (k0, k1) and a counter (c0, c1), all u32.
 *
 * Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (2011).
 */
export function threefry<V>(ops: Ops<V>, k0: V, k1: V, c0: V, c1: V): [V, V] {
  const u = (value: number): V => ops.constant(value, "u32");
  const add = (a: V, b: V): V => ops.binary("add", a, b);
  const xor = (a: V, b: V): V => ops.binary("xor", a, b);
  const rotate = (x: V, count: number): V =>
    ops.binary("or", ops.binary("shl", x, u(count)), ops.binary("shr", x, u(32 - count)));
  const key = [k0, k1, xor(xor(k0, k1), u(0x1bd11bda))];
  let a = add(c0, k0);
  let b = add(c1, k1);
  for (let round = 0; round < 20; round++) {
    a = add(a, b);
    b = xor(rotate(b, ROTATIONS[round % 8]), a);
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      a = add(a, key[injection % 3]);
      b = add(add(b, key[(injection + 1) % 3]), u(injection));
    }
  }
  return [a, b];
}

/**
 * erf of float64, to about 1e-15 relative.
 *
 * A series whose terms are all positive, 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)), and where that is long, one minus the
 * continued fraction of erfc (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
function erf64(x: number): number {
  const y = Math.abs(x);
  if (y < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  if (!(y < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  let fraction = y;
  for (let n = 40; n > 0; n--) fraction = y + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-y * y) / (Math.sqrt(Math.PI) * fraction));
}

function sigmoid64(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

// IEEE's powers of one, where JavaScript's are NaN
function pow64(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1;
  return x ** y;
}

/** The functions on JavaScript's numbers: for float64, and for pow and mod, which float32 rounds from these. */
export const FLOAT64: Readonly<Record<ElementaryOp, (x: number) => number>> & {
  readonly pow: (x: number, y: number) => number;
  readonly mod: (x: number, y: number) => number;
} = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: sigmoid64,
  erf: erf64,
  sin: Math.sin,
  cos: Math.cos,
  pow: pow64,
  mod: (x, y) => x % y,
};
