/** Short formulas of elementwise functions. */

import { isInteger } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { iota } from "./creation.ts";
import { abs, add, div, eq, fmod, ge, gt, isnan, logicalOr, mul, pow, where } from "./elementwise.ts";
import { scan } from "./scan.ts";
import { exp2 } from "./special.ts";
import { Tensor, wrap } from "./tensor.ts";
import { aligned, expectTensors, meet, type Operand } from "./values.ts";

/** How much of a product or quotient is added. */
export interface AddedOptions {
  /** factor of what is added; 1 by default */
  value?: number;
}

/**
 * x + value · a · b; all three broadcast.
 *
 * ```ts
 * tensor([1, 2]).addcmul(tensor([3, 4]), tensor([5, 6]), { value: 0.5 }); // tensor([ 8.5000, 14.0000])
 * ```
 */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, options: AddedOptions = {}): Tensor {
  const { value = 1 } = options;
  return add(x, mul(value === 1 ? a : mul(a, value), b));
}

/**
 * x + value · a / b; all three broadcast, and integers become f32.
 *
 * ```ts
 * tensor([1, 2]).addcdiv(tensor([3, 4]), tensor([2, 8])); // tensor([2.5000, 2.5000])
 * ```
 */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, options: AddedOptions = {}): Tensor {
  const { value = 1 } = options;
  return add(x, div(value === 1 ? a : mul(a, value), b));
}

/**
 * The larger of a and b, or the one that is no NaN. At a tie the gradient goes to a.
 *
 * ```ts
 * fmax(tensor([1, NaN]), tensor([0, 3])); // tensor([1., 3.])
 * ```
 */
export function fmax(a: Tensor, b: Tensor): Tensor {
  return where(logicalOr(ge(a, b), isnan(b)), a, b);
}

/**
 * The smaller of a and b, or the one that is no NaN. At a tie the gradient goes to a.
 *
 * ```ts
 * fmin(tensor([1, NaN]), tensor([0, 3])); // tensor([0., 3.])
 * ```
 */
export function fmin(a: Tensor, b: Tensor): Tensor {
  return where(logicalOr(ge(b, a), isnan(b)), a, b);
}

/**
 * x · 2ᵉ; integers become f32.
 *
 * ```ts
 * ldexp(tensor([1, 3]), tensor([2, -1], { dtype: "i32" })); // tensor([4.0000, 1.5000])
 * ```
 */
export function ldexp(x: Tensor, exponent: Tensor): Tensor {
  expectTensors("ldexp", x, exponent);
  return mul(x, exp2(exponent));
}

/**
 * a to the power b in f64, whatever their dtypes.
 *
 * ```ts
 * floatPower(tensor([2, 3], { dtype: "i32" }), -1); // tensor([0.5000, 0.3333], dtype=f64)
 * ```
 */
export function floatPower(a: Operand, b: Operand): Tensor {
  const double = (x: Operand): Operand => (x instanceof Tensor ? x.double() : x);
  return pow(double(a), double(b)).double();
}

/**
 * The step function: 0 where x < 0 or x is NaN, 1 where x > 0, and `values` at 0.
 *
 * ```ts
 * heaviside(tensor([-2, 0, 3]), tensor(0.5)); // tensor([0.0000, 0.5000, 1.0000])
 * ```
 */
export function heaviside(x: Tensor, values: Tensor): Tensor {
  expectTensors("heaviside", x, values);
  return where(eq(x, 0), values, gt(x, 0).to(x.dtype));
}

/**
 * Whether each element is +∞.
 *
 * ```ts
 * isposinf(tensor([1, Infinity, -Infinity])); // tensor([False,  True, False])
 * ```
 */
export function isposinf(x: Tensor): Tensor {
  return eq(x, Number.POSITIVE_INFINITY);
}

/**
 * Whether each element is −∞.
 *
 * ```ts
 * isneginf(tensor([1, Infinity, -Infinity])); // tensor([False, False,  True])
 * ```
 */
export function isneginf(x: Tensor): Tensor {
  return eq(x, Number.NEGATIVE_INFINITY);
}

/**
 * Degrees as radians: x · π / 180.
 *
 * ```ts
 * deg2rad(tensor([180, 90])); // tensor([3.1416, 1.5708])
 * ```
 */
export function deg2rad(x: Tensor): Tensor {
  return mul(x, Math.PI / 180);
}

/**
 * Radians as degrees: x · 180 / π.
 *
 * ```ts
 * rad2deg(tensor([Math.PI, Math.PI / 2])); // tensor([180.,  90.])
 * ```
 */
export function rad2deg(x: Tensor): Tensor {
  return mul(x, 180 / Math.PI);
}

// Euclid's algorithm takes most steps for neighbours in Fibonacci's sequence: 46 of its numbers are below 2³².
const STEPS = 47;

/**
 * The greatest common divisor of whole numbers, by Euclid's algorithm; gcd(x, 0) = |x|. Throws a DTypeError for floats.
 *
 * ```ts
 * gcd(tensor([12, 7], { dtype: "i32" }), tensor([18, 0], { dtype: "i32" })); // tensor([6, 7])
 * ```
 */
export function gcd(a: Tensor, b: Tensor): Tensor {
  const dtype = meet([a, b]);
  if (!isInteger(dtype))
    throw new DTypeError(`gcd and lcm need whole numbers, but got ${a.dtype} and ${b.dtype}: convert with .to("i32").`);
  const [x, y] = aligned("gcd", [a, b], dtype).map((value) => abs(wrap(value)));
  const step = ([larger, smaller]: [Tensor, Tensor], i: Tensor): [[Tensor, Tensor], Tensor] => {
    const done = eq(smaller, 0);
    return [[where(done, larger, smaller), where(done, 0, fmod(larger, where(done, 1, smaller)))], i];
  };
  return scan(step, [x, y], iota([STEPS], 0))[0][0];
}

/**
 * The least common multiple of whole numbers, |a · b| / gcd(a, b); 0 beside a 0. Throws a DTypeError for floats.
 *
 * ```ts
 * lcm(tensor([4, 0], { dtype: "i32" }), tensor([6, 5], { dtype: "i32" })); // tensor([12,  0])
 * ```
 */
export function lcm(a: Tensor, b: Tensor): Tensor {
  const divisor = gcd(a, b);
  return abs(mul(div(a, where(eq(divisor, 0), 1, divisor), { rounding: "trunc" }), b));
}
