/**
 * One operation on one number, in a dtype's exact arithmetic.
 *
 * JavaScript's numbers are doubles: one f32 operation is the double one rounded once more (53 bits are enough for
 * add, sub, mul, div and sqrt to round as if once), and 32-bit integers are exact until they wrap.
 */

import type { DType } from "./dtype.ts";
import { isFloat } from "./dtype.ts";
import type { ElementaryOp } from "./numerics.ts";
import type { BinaryOp, CompareOp, ReduceOp, UnaryOp } from "./primitives.ts";

type Scalar1 = (x: number) => number;
type Scalar2 = (a: number, b: number) => number;

/** The operations that round nothing or once; the others are formulas (numerics.ts, pow.ts). */
export type ExactUnaryOp = Exclude<UnaryOp, ElementaryOp>;
export type ExactBinaryOp = Exclude<BinaryOp, "pow">;

/** The nearest value of a dtype: floats round, integers wrap. */
const WRAP: Readonly<Record<DType, Scalar1>> = {
  f32: Math.fround,
  f64: (x) => x,
  i32: (x) => x | 0,
  u32: (x) => x >>> 0,
  u8: (x) => x & 255,
  bool: (x) => x & 1,
};

/** Rounds to the nearest integer, ties to even, keeping the sign of zero. */
export function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x; // whole already, infinite or NaN
  const magnitude = Math.abs(x) + 2 ** 52 - 2 ** 52; // doubles from 2⁵² on are whole: the addition rounds
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude;
}

export function exactUnary(op: ExactUnaryOp, dtype: DType): Scalar1 {
  const wrap = WRAP[dtype];
  switch (op) {
    case "neg":
      return (x) => wrap(-x);
    case "abs":
      return (x) => wrap(Math.abs(x));
    case "sign":
      return (x) => (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0); // 0 for NaN, as in PyTorch
    case "sqrt":
      return (x) => wrap(Math.sqrt(x));
    case "floor":
      return Math.floor;
    case "ceil":
      return Math.ceil;
    case "round":
      return roundHalfEven;
    case "trunc":
      return Math.trunc;
    case "not":
      return (x) => wrap(~x);
  }
}

export function exactBinary(op: ExactBinaryOp, dtype: DType): Scalar2 {
  const wrap = WRAP[dtype];
  const float = isFloat(dtype);
  switch (op) {
    case "add":
      return (a, b) => wrap(a + b);
    case "sub":
      return (a, b) => wrap(a - b);
    case "mul":
      return float ? (a, b) => wrap(a * b) : (a, b) => wrap(Math.imul(a, b));
    case "div":
      return float ? (a, b) => wrap(a / b) : (a, b) => (b === 0 ? 0 : wrap(Math.trunc(a / b)));
    case "mod":
      return float ? (a, b) => wrap(a % b) : (a, b) => (b === 0 ? 0 : wrap(a % b));
    case "maximum":
      return Math.max; // NaN propagates, and −0 < +0
    case "minimum":
      return Math.min;
    case "and":
      return (a, b) => wrap(a & b);
    case "or":
      return (a, b) => wrap(a | b);
    case "xor":
      return (a, b) => wrap(a ^ b);
    case "shl":
      return (a, b) => wrap(a << b);
    case "shr":
      return dtype === "i32" ? (a, b) => a >> b : (a, b) => a >>> b;
  }
}

export const COMPARE: Readonly<Record<CompareOp, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

/** What a reduction does to its accumulator and the next element. */
export const COMBINE: { readonly sum: "add"; readonly prod: "mul"; readonly max: "maximum"; readonly min: "minimum" } =
  {
    sum: "add",
    prod: "mul",
    max: "maximum",
    min: "minimum",
  };

const LOWEST: Readonly<Record<DType, number>> = {
  f32: -Infinity,
  f64: -Infinity,
  i32: -2147483648,
  u32: 0,
  u8: 0,
  bool: 0,
};
const HIGHEST: Readonly<Record<DType, number>> = {
  f32: Infinity,
  f64: Infinity,
  i32: 2147483647,
  u32: 4294967295,
  u8: 255,
  bool: 1,
};

/** The accumulator that a reduction starts from. */
export function identityOf(op: ReduceOp, dtype: DType): number {
  switch (op) {
    case "sum":
      return 0;
    case "prod":
      return 1;
    case "max":
      return LOWEST[dtype];
    case "min":
      return HIGHEST[dtype];
  }
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer); // low word first on every machine that runs JavaScript engines
const bits = new BigInt64Array(double.buffer);
const single = new Float32Array(double.buffer);

/** One of the two words of an f64 as u32, 0 the low one. */
export function wordOf(x: number, word: 0 | 1): number {
  double[0] = x;
  return words[word] >>> 0;
}

/** The f64 of two words. */
export function joinWords(low: number, high: number): number {
  words[0] = low;
  words[1] = high;
  return double[0];
}

/** The bits of an f32, i32 or u32 as another of these. */
export function bitcastValue(x: number, from: DType, to: DType): number {
  if (from === "f32") single[0] = x;
  else words[0] = x;
  return to === "f32" ? single[0] : WRAP[to](words[0]);
}

/**
 * a·b + c of floats, rounded once (the hardware's fused multiply-add).
 *
 * A product of 24-bit significands is exact in a double. The sum is rounded to odd (Boldo and Melquiond, "Emulation of
 * FMA and correctly rounded sums", 2008): an inexact result keeps its last bit set, so that rounding it again to 24 bits
 * cannot mistake it for a tie.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const shadow = sum - product;
  const error = product - (sum - shadow) + (c - shadow);
  double[0] = sum;
  if (error === 0 || Number.isNaN(error) || (words[0] & 1) === 1) return Math.fround(sum);
  bits[0] += error > 0 === sum > 0 ? 1n : -1n;
  return Math.fround(double[0]);
}
