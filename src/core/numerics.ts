/**
 * The elementary functions of float32 and float64, written once over an abstract set of operations.
 *
 * The lowering builds expressions with them, the interpreter runs them on numbers: the same formula in the same order,
 * so every device gives the same bits. Hence straight-line code (`where`, no branch), and products and sums apart: a
 * fused multiply-add would make the result depend on the host.
 * docs/numerics.md has the methods and the errors measured.
 */

import { F32, F64, type Ops, type Short, SIGN, short } from "./float.ts";

/** The unary primitives that are formulas. */
export type ElementaryOp = "exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid" | "erf" | "sin" | "cos";

/** A function of floats of one format, over any operations. */
export type ElementaryFunction = <V>(ops: Ops<V>, x: V) => V;

/**
 * x = n ln 2 + r with |r| ≤ (ln 2)/2 (Cody and Waite): gives eʳ − 1, and an i32 whose lowest bits are n + bias (one more
 * than an exponent has). eʳ − 1 is NaN where x is.
 */
function reduceExp<V>(s: Short<V>, x: V, bias: number): { rest: V; exponent: V } {
  const { integer, ln2, log2e } = s.format;
  const shifted = s.add(s.mul(x, s.f(log2e)), s.f(integer + bias));
  const n = s.sub(shifted, s.f(integer + bias));
  const r = s.sub(s.sub(x, s.mul(n, s.f(ln2[0]))), s.mul(n, s.f(ln2[1])));
  const rest = s.add(r, s.mul(s.mul(r, r), s.polynomial(r, s.format.exp)));
  return { rest, exponent: s.bottom(shifted) };
}

/** 2ⁿ from an i32 whose lowest bits are n + bias (as many as an exponent has, and then a 0). */
const powerOfTwo = <V>(s: Short<V>, exponent: V): V => s.float(s.shl(exponent, s.format.topFraction));

/** x 2ⁿ from an i32 whose lowest bits are n + 2 bias, for any n that gives a finite result, or just not. */
export function scale<V>(s: Short<V>, x: V, exponent: V): V {
  // 2ⁿ = 2ᵃ 2ᵇ, since n is more than one exponent holds: the product with the first is exact, and a subnormal result is
  // rounded once
  const a = s.shr(exponent, 1);
  const b = s.sub(exponent, a);
  return s.mul(s.mul(x, powerOfTwo(s, a)), powerOfTwo(s, b));
}

/** eˣ for x that is not beyond the upper end of its range, or NaN. */
function expUpToEnd<V>(s: Short<V>, x: V): V {
  const { bias, expRange } = s.format;
  const { rest, exponent } = reduceExp(s, s.atLeast(x, expRange[0]), 2 * bias);
  return scale(s, s.add(rest, s.f(1)), exponent);
}

const exp = <V>(s: Short<V>, x: V): V => expUpToEnd(s, s.atMost(x, s.format.expRange[1]));

function expm1<V>(s: Short<V>, x: V): V {
  const { bias, expm1Range, tiny } = s.format;
  // 2ⁿ (eʳ − 1) + (2ⁿ − 1), all halved since 2^(bias + 1) is no float
  const { rest, exponent } = reduceExp(s, s.atMost(s.atLeast(x, expm1Range[0]), expm1Range[1]), bias - 1);
  const half = powerOfTwo(s, exponent);
  const halved = s.add(s.mul(rest, half), s.sub(half, s.f(0.5)));
  // eˣ − 1 rounds to x here: keeps −0 and every bit of subnormals
  return s.where(s.lt(s.abs(x), s.f(tiny)), x, s.add(halved, halved));
}

function sigmoid<V>(s: Short<V>, x: V): V {
  const one = s.f(1);
  // e^−|x| never overflows: 1 / (1 + e^−x) for x ≥ 0, eˣ / (1 + eˣ) for x < 0
  const e = expUpToEnd(
    s,
    s.float(s.or(s.top(x), s.i(SIGN)), () => x),
  );
  const sum = s.add(e, one);
  const lost = s.sub(e, s.sub(sum, one));
  const quotient = s.div(s.where(s.lt(x, s.f(0)), e, one), sum);
  return s.sub(quotient, s.mul(quotient, lost));
}

const TANH_SMALL = 0.875;

function tanh<V>(s: Short<V>, x: V): V {
  const { bias, tanh, tanhEnd } = s.format;
  const y = s.abs(x);
  const z = s.mul(y, y);
  // beyond: 1 − 2 / (e²ʸ + 1)
  const { rest, exponent } = reduceExp(s, s.atMost(s.add(y, y), tanhEnd), bias);
  const e = s.mul(s.add(rest, s.f(1)), powerOfTwo(s, exponent));
  const small = s.lt(y, s.f(TANH_SMALL));
  const numerator = s.where(small, s.mul(s.mul(y, z), s.polynomial(z, tanh.numerator)), s.f(-2));
  const lower = tanh.denominator.slice(0, -1).reverse();
  const highest = s.add(z, s.f(tanh.denominator[tanh.denominator.length - 1]));
  const near = lower.reduce((sum, coefficient) => s.add(s.mul(sum, z), s.f(coefficient)), highest);
  const denominator = s.where(small, near, s.add(e, s.f(1)));
  const result = s.add(s.where(small, y, s.f(1)), s.div(numerator, denominator));
  return copySign(s, result, x);
}

/** |result| with the sign of x. */
const copySign = <V>(s: Short<V>, result: V, x: V): V =>
  s.float(s.or(s.top(result), s.and(s.top(x), s.i(SIGN))), () => result);

const ERF_SMALL = 1.125;

function erf<V>(s: Short<V>, x: V): V {
  const y = s.abs(x);
  const near = s.add(y, s.mul(y, s.polynomial(s.mul(y, y), s.format.erf)));
  let power = s.polynomial(y, s.format.erfc);
  for (let i = 0; i < 3; i++) power = s.mul(power, power);
  const far = s.sub(s.f(1), s.div(s.f(16), power));
  return copySign(s, s.where(s.lt(y, s.f(ERF_SMALL)), near, far), x);
}

/** The exponent k of x = 2ᵏ m with √½ ≤ m < √2, from the top of a normal x > 0. */
export const exponentOf = <V>(s: Short<V>, top: V): V =>
  s.shr(s.sub(top, s.i(s.format.sqrtHalf)), s.format.topFraction);

/** x = 2ᵏ m for any x > 0. */
export function splitExponent<V>(s: Short<V>, x: V): { k: V; m: V } {
  const { fraction, topFraction, smallestNormal } = s.format;
  // a subnormal x is scaled to be normal, and its exponent lowered as much
  const scaled = s.mul(x, s.f(2 ** fraction));
  const subnormal = s.lt(x, s.f(smallestNormal));
  const top = s.where(subnormal, s.sub(s.top(scaled), s.i(fraction * 2 ** topFraction)), s.top(x));
  const k = exponentOf(s, top);
  return { k, m: s.float(s.sub(top, s.shl(k, topFraction)), () => s.where(subnormal, scaled, x)) };
}

/** log(2ᵏ (1 + f)). */
function logOf<V>(s: Short<V>, k: V, f: V): V {
  const { ln2, log } = s.format;
  const n = s.toFloat(k);
  const halfSquare = s.mul(s.mul(f, f), s.f(0.5));
  const quotient = s.div(f, s.add(f, s.f(2)));
  const z = s.mul(quotient, quotient);
  const rest = s.mul(quotient, s.add(halfSquare, s.mul(z, s.polynomial(z, log))));
  const low = s.add(rest, s.mul(n, s.f(ln2[1])));
  return s.add(s.mul(n, s.f(ln2[0])), s.sub(f, s.sub(halfSquare, low)));
}

/** A logarithm's values where its formula has none: ∞ and NaN for themselves, −∞ at 0, NaN below. */
export function logLimits<V>(s: Short<V>, argument: V, result: V): V {
  const finite = s.where(s.lt(argument, s.f(Number.POSITIVE_INFINITY)), result, argument);
  const pole = s.where(s.eq(argument, s.f(0)), s.f(Number.NEGATIVE_INFINITY), s.f(Number.NaN));
  return s.where(s.lt(s.f(0), argument), finite, pole);
}

function log<V>(s: Short<V>, x: V): V {
  const { k, m } = splitExponent(s, x);
  return logLimits(s, x, logOf(s, k, s.sub(m, s.f(1))));
}

function log1p<V>(s: Short<V>, x: V): V {
  // 1 + x = u + c exactly (Knuth's two-sum), u = 2ᵏ m, hence f = (m − 1) + 2⁻ᵏ c
  const one = s.f(1);
  const u = s.add(x, one);
  const v = s.sub(u, one);
  const c = s.add(s.sub(one, s.sub(u, v)), s.sub(x, v));
  const k = exponentOf(s, s.top(u));
  const shift = s.shl(k, s.format.topFraction);
  const m = s.float(s.sub(s.top(u), shift), () => u);
  // 2¹⁻ᵏ, for the last 2⁻ᵏ is beyond the bits of the exponent
  const double = s.float(s.sub(s.i(0x40000000), shift));
  const f = s.add(s.sub(m, one), s.mul(s.mul(c, s.f(0.5)), double));
  const result = logLimits(s, u, logOf(s, k, f));
  // log(1 + x) rounds to x here: keeps −0 and every bit of subnormals
  return s.where(s.lt(s.abs(x), s.f(s.format.tiny)), x, result);
}

/** sin(x + turns π/2), by x = n π/2 + r with |r| ≤ π/4 (Cody and Waite) and the quadrant n + turns. */
function sinTurned<V>(s: Short<V>, argument: V, turns: number): V {
  const { integer, halfPi, twoOverPi } = s.format;
  // where n π/2 has lost its meaning, a finite argument counts as 0; infinity gives NaN
  const x = s.where(s.lt(s.abs(argument), s.f(s.format.turns)), argument, s.mul(argument, s.f(0)));
  const shifted = s.add(s.mul(x, s.f(twoOverPi)), s.f(integer + turns));
  const n = s.sub(shifted, s.f(integer + turns));
  const times = halfPi.map((part) => s.mul(n, s.f(part)));
  const [middle, low, last] = times.slice(-3);
  const coarse = times.slice(0, -3).reduce((rest, part) => s.sub(rest, part), x);
  const fine = s.sub(coarse, middle);
  const lost = s.sub(s.sub(coarse, fine), middle); // in rounding
  const r = s.sub(fine, s.sub(low, lost));
  const z = s.mul(r, r);
  // the last part is too small for a cosine to see
  const sine = s.add(r, s.sub(s.mul(s.mul(r, z), s.polynomial(z, s.format.sin)), last));
  const cosine = s.add(s.sub(s.f(1), s.mul(z, s.f(0.5))), s.mul(s.mul(z, z), s.polynomial(z, s.format.cos)));
  const quadrant = s.bottom(shifted);
  const result = s.where(s.eq(s.and(quadrant, s.i(1)), s.i(0)), sine, cosine);
  return s.float(s.xor(s.top(result), s.and(s.shl(quadrant, 30), s.i(SIGN))), () => result);
}

function sin<V>(s: Short<V>, x: V): V {
  return s.where(s.eq(x, s.f(0)), x, sinTurned(s, x, 0)); // keeps −0
}

function cos<V>(s: Short<V>, x: V): V {
  return sinTurned(s, x, 1);
}

type Formula = <V>(s: Short<V>, x: V) => V;

const FORMULAS: Readonly<Record<ElementaryOp, Formula>> = { exp, expm1, log, log1p, tanh, sigmoid, erf, sin, cos };

function ofFormat(format: typeof F32): Readonly<Record<ElementaryOp, ElementaryFunction>> {
  const bound = Object.entries(FORMULAS).map(([name, formula]): [string, ElementaryFunction] => [
    name,
    (ops, x) => formula(short(ops, format), x),
  ]);
  return Object.fromEntries(bound) as Record<ElementaryOp, ElementaryFunction>;
}

/** exp and the others on float32 and on float64, each over any operations: `FLOAT32.exp(ops, x)`. */
export const FLOAT32: Readonly<Record<ElementaryOp, ElementaryFunction>> = ofFormat(F32);
export const FLOAT64: Readonly<Record<ElementaryOp, ElementaryFunction>> = ofFormat(F64);

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
