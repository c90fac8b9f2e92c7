/** Arithmetic, functions of one number, comparisons and logic: one output element from the inputs' same element. */

import { isFloat, isInteger } from "../core/dtype.ts";
import { ArgumentError, DTypeError } from "../core/errors.ts";
import { apply1, type BinaryOp, type CompareOp, type UnaryOp } from "../core/primitives.ts";
import { broadcastShapes } from "../core/shape.ts";
import { customGrad } from "./custom.ts";
import { Tensor, wrap } from "./tensor.ts";
import { aligned, castTo, constant, expandTo, expectTensors, meet, type Operand, toFloat } from "./values.ts";

function binary(op: BinaryOp, a: Operand, b: Operand): Tensor {
  return wrap(apply1(op, aligned(op, [a, b], meet([a, b])), {}));
}

function bitwise(name: string, op: "and" | "or" | "xor" | "shl" | "shr", a: Operand, b: Operand): Tensor {
  const dtype = meet([a, b]);
  const shifts = op === "shl" || op === "shr";
  if (isFloat(dtype) || (shifts && dtype === "bool")) {
    throw new DTypeError(
      `${name} needs integers${shifts ? "" : " or bools"}, but got ${dtype}: convert with .to("i32").`,
    );
  }
  return binary(op, a, b);
}

/** Numbers are true where they are not zero. */
function logical(name: string, op: "and" | "or" | "xor", a: Tensor, b: Tensor): Tensor {
  expectTensors(name, a, b);
  return binary(op, a.bool(), b.bool());
}

function compare(op: CompareOp, a: Operand, b: Operand): Tensor {
  return wrap(apply1(op, aligned(op, [a, b], meet([a, b])), {}));
}

/** A function of real numbers: integers and bools become f32. */
function real(op: UnaryOp, x: Tensor): Tensor {
  return wrap(apply1(op, [toFloat(x.value)], {}));
}

function toReal(x: Tensor): Tensor {
  return wrap(toFloat(x.value));
}

/** Rounding leaves integers as they are. */
function rounding(op: UnaryOp, x: Tensor): Tensor {
  return isFloat(x.dtype) ? real(op, x) : x;
}

/**
 * a + b, with broadcasting and dtype promotion; for two bools, logical or.
 *
 * Shapes: (…) and (…), broadcast together. Throws a ShapeError if they do not broadcast.
 *
 * ```ts
 * add(tensor([1, 2]), tensor([[10], [20]])); // tensor([[11., 12.], [21., 22.]])
 * ```
 */
export function add(a: Operand, b: Operand): Tensor {
  return binary(meet([a, b]) === "bool" ? "or" : "add", a, b);
}

/** a − b, with broadcasting and dtype promotion. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary("sub", a, b);
}

/** a · b, with broadcasting and dtype promotion; for two bools, logical and. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary(meet([a, b]) === "bool" ? "and" : "mul", a, b);
}

/**
 * a / b as real numbers (integers become f32), or rounded down (`"floor"`) or towards zero (`"trunc"`) in the operands' dtype.
 *
 * ```ts
 * tensor([7, -7]).div(2); // tensor([ 3.5000, -3.5000])
 * tensor([7, -7], { dtype: "i32" }).div(2, { rounding: "floor" }); // tensor([ 3, -4])
 * ```
 */
export function div(a: Operand, b: Operand, options: { rounding?: "floor" | "trunc" } = {}): Tensor {
  const dtype = meet([a, b]);
  if (!options.rounding) return wrap(apply1("div", aligned("div", [a, b], isFloat(dtype) ? dtype : "f32"), {}));
  if (isFloat(dtype)) return options.rounding === "floor" ? binary("div", a, b).floor() : binary("div", a, b).trunc();
  const quotient = binary("div", a, b); // integer division truncates
  if (options.rounding === "trunc" || dtype !== "i32") return quotient;
  // Towards minus infinity: one less where the signs differ and something remains.
  const remains = fmod(a, b).ne(0);
  const differ = binary("xor", a, b).lt(0);
  return quotient.sub(logicalAnd(remains, differ).to("i32"));
}

/** The remainder with the sign of the divisor, as Python's and PyTorch's `%`: a − b·⌊a / b⌋. */
export function remainder(a: Operand, b: Operand): Tensor {
  const rest = fmod(a, b);
  if (rest.dtype !== "i32" && !isFloat(rest.dtype)) return rest;
  const wrongSign = logicalAnd(rest.ne(0), ne(rest.lt(0), lt(b, 0)));
  return where(wrongSign, add(rest, b), rest);
}

/** The remainder with the sign of the dividend, as C's and JavaScript's `%`. */
export function fmod(a: Operand, b: Operand): Tensor {
  return binary("mod", a, b);
}

/**
 * a to the power b. Whole powers up to 4 are products, which is faster and exact for integers.
 *
 * ```ts
 * tensor([1, 2, 3]).pow(2); // tensor([1., 4., 9.])
 * ```
 */
export function pow(a: Operand, b: Operand): Tensor {
  if (a instanceof Tensor && a.dtype === "bool" && typeof b === "number") return pow(a.to(meet([a, b])), b);
  if (a instanceof Tensor && typeof b === "number") {
    if (b === 1) return a;
    if (b === 2) return mul(a, a);
    if (b === 3) return mul(mul(a, a), a);
    if (b === 4) return pow(mul(a, a), 2);
    if (b === 0.5) return sqrt(a);
    if (b === -1) return reciprocal(a);
  }
  const dtype = meet([a, b]);
  if (isFloat(dtype)) return binary("pow", a, b);
  if (typeof b === "number" && b < 0) {
    throw new ArgumentError(`pow: an integer tensor has no negative powers, but got ${b}: convert it with .float().`);
  }
  return wrap(castTo(apply1("pow", aligned("pow", [a, b], "f64"), {}), dtype));
}

/** The larger of a and b; NaN where either is NaN. At a tie the gradient is halved. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary(meet([a, b]) === "bool" ? "or" : "maximum", a, b);
}

/** The smaller of a and b; NaN where either is NaN. At a tie the gradient is halved. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary(meet([a, b]) === "bool" ? "and" : "minimum", a, b);
}

/** a = b, as bool. */
export function eq(a: Operand, b: Operand): Tensor {
  return compare("eq", a, b);
}

/** a ≠ b, as bool. */
export function ne(a: Operand, b: Operand): Tensor {
  return compare("ne", a, b);
}

/** a < b, as bool. */
export function lt(a: Operand, b: Operand): Tensor {
  return compare("lt", a, b);
}

/** a ≤ b, as bool. */
export function le(a: Operand, b: Operand): Tensor {
  return compare("le", a, b);
}

/** a > b, as bool. */
export function gt(a: Operand, b: Operand): Tensor {
  return compare("lt", b, a);
}

/** a ≥ b, as bool. */
export function ge(a: Operand, b: Operand): Tensor {
  return compare("le", b, a);
}

/** Logical and: numbers are true where they are not zero. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return logical("logicalAnd", "and", a, b);
}

/** Logical or: numbers are true where they are not zero. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return logical("logicalOr", "or", a, b);
}

/** Logical exclusive or: numbers are true where they are not zero. */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  return logical("logicalXor", "xor", a, b);
}

/** Logical not: true where the element is zero. */
export function logicalNot(x: Tensor): Tensor {
  return wrap(apply1("not", [x.bool().value], {}));
}

/** Bitwise and of integers, logical of bools. Throws a DTypeError for floats. */
export function bitwiseAnd(a: Operand, b: Operand): Tensor {
  return bitwise("bitwiseAnd", "and", a, b);
}

/** Bitwise or of integers, logical of bools. Throws a DTypeError for floats. */
export function bitwiseOr(a: Operand, b: Operand): Tensor {
  return bitwise("bitwiseOr", "or", a, b);
}

/** Bitwise exclusive or of integers, logical of bools. Throws a DTypeError for floats. */
export function bitwiseXor(a: Operand, b: Operand): Tensor {
  return bitwise("bitwiseXor", "xor", a, b);
}

/** Bitwise not of integers, logical of bools. Throws a DTypeError for floats. */
export function bitwiseNot(x: Tensor): Tensor {
  return wrap(apply1("not", [x.value], {}));
}

/** a · 2ᵇ for integers: bits shifted left; the count is taken modulo 32. */
export function bitwiseLeftShift(a: Operand, b: Operand): Tensor {
  return bitwise("bitwiseLeftShift", "shl", a, b);
}

/** Bits shifted right: arithmetic for i32, logical for u32 and u8. */
export function bitwiseRightShift(a: Operand, b: Operand): Tensor {
  return bitwise("bitwiseRightShift", "shr", a, b);
}

/**
 * a where the condition holds, b elsewhere; all three broadcast.
 *
 * Only the chosen side gets a gradient. Mind that the other side is still computed: where(x > 0, log(x), 0) has NaN
 * gradients at x < 0 through 0 · ∞, unless x is made safe inside the logarithm too.
 *
 * ```ts
 * const x = tensor([-1, 2]);
 * where(x.gt(0), x, 0); // tensor([0., 2.])
 * ```
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  if (condition.dtype !== "bool") {
    throw new DTypeError(`where needs a bool condition, but got ${condition.dtype}: compare it, as in x.ne(0).`);
  }
  const [x, y] = aligned("where", [a, b], meet([a, b]));
  const shape = broadcastShapes("where", condition.shape, x.shape, y.shape);
  return wrap(apply1("where", [expandTo(condition.value, shape), expandTo(x, shape), expandTo(y, shape)], {}));
}

/** −x. */
export function neg(x: Tensor): Tensor {
  return wrap(apply1("neg", [x.value], {}));
}

/** |x|; the derivative at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return wrap(apply1("abs", [x.value], {}));
}

/** −1, 0 or 1: the sign of x; NaN stays NaN. */
export function sign(x: Tensor): Tensor {
  return x.dtype === "bool" ? x : wrap(apply1("sign", [x.value], {}));
}

/** eˣ. */
export function exp(x: Tensor): Tensor {
  return real("exp", x);
}

/** eˣ − 1, accurate near 0. */
export function expm1(x: Tensor): Tensor {
  return real("expm1", x);
}

/** The natural logarithm; −∞ at 0, NaN below. */
export function log(x: Tensor): Tensor {
  return real("log", x);
}

/** log(1 + x), accurate near 0. */
export function log1p(x: Tensor): Tensor {
  return real("log1p", x);
}

/** log(x) / log(2). */
export function log2(x: Tensor): Tensor {
  return log(x).div(Math.LN2);
}

/** log(x) / log(10). */
export function log10(x: Tensor): Tensor {
  return log(x).div(Math.LN10);
}

/** √x; NaN below 0. */
export function sqrt(x: Tensor): Tensor {
  return real("sqrt", x);
}

/** 1 / √x. */
export function rsqrt(x: Tensor): Tensor {
  return div(1, sqrt(x));
}

/** x². */
export function square(x: Tensor): Tensor {
  return pow(x, 2);
}

/** 1 / x. */
export function reciprocal(x: Tensor): Tensor {
  return div(1, x);
}

/** The sine of an angle in radians. */
export function sin(x: Tensor): Tensor {
  return real("sin", x);
}

/** The cosine of an angle in radians. */
export function cos(x: Tensor): Tensor {
  return real("cos", x);
}

/** The hyperbolic tangent, (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanh(x: Tensor): Tensor {
  return real("tanh", x);
}

/** The logistic function, 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return real("sigmoid", x);
}

/** sigmoid's inverse, log(x / (1 − x)), NaN outside of [0, 1]; `eps` first clamps x to [eps, 1 − eps]. */
export function logit(x: Tensor, options: { eps?: number } = {}): Tensor {
  const { eps } = options;
  return customGrad(
    "logit",
    (p) => log(p.div(sub(1, p))),
    (g, y, p) => [where(isnan(y), Number.NaN, g.div(p.mul(sub(1, p))))],
  )(eps === undefined ? toReal(x) : clamp(toReal(x), eps, 1 - eps));
}

/** The error function, 2/√π · ∫₀ˣ e^(−t²) dt. */
export function erf(x: Tensor): Tensor {
  return real("erf", x);
}

/** max(x, 0); NaN stays NaN, and the derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  // Not maximum(x, 0), which would halve the gradient at 0. (x > 0 is false for NaN, hence the test for x ≤ 0.)
  return where(x.le(0), 0, x);
}

/** log(1 + eˣ), as max(x, 0) + log1p(e^−|x|): no overflow. Its derivative is sigmoid(x). */
export function softplus(x: Tensor): Tensor {
  return customGrad(
    "softplus",
    (y) => relu(y).add(log1p(exp(neg(abs(y))))),
    (g, _, y) => [g.mul(sigmoid(y))],
  )(toReal(x));
}

/** log(sigmoid(x)), as −softplus(−x): no overflow. */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(toReal(x))));
}

/** The largest whole number ≤ x. */
export function floor(x: Tensor): Tensor {
  return rounding("floor", x);
}

/** The smallest whole number ≥ x. */
export function ceil(x: Tensor): Tensor {
  return rounding("ceil", x);
}

/**
 * The nearest number of so many `decimals`, 0 by default and negative before the point; halves go to the even one.
 *
 * ```ts
 * tensor([2.5, 3.14159]).round(); // tensor([2., 3.])
 * tensor([2.5, 3.14159]).round({ decimals: 2 }); // tensor([2.5000, 3.1400])
 * ```
 */
export function round(x: Tensor, options: { decimals?: number } = {}): Tensor {
  const { decimals = 0 } = options;
  if (decimals === 0 || !isFloat(x.dtype)) return rounding("round", x);
  const scale = 10 ** Math.abs(decimals); // exact, as its reciprocal would not be
  return decimals > 0 ? round(x.mul(scale)).div(scale) : round(x.div(scale)).mul(scale);
}

/** The whole part, towards zero. */
export function trunc(x: Tensor): Tensor {
  return rounding("trunc", x);
}

/** x − trunc(x). */
export function frac(x: Tensor): Tensor {
  return sub(x, trunc(x));
}

/**
 * x limited to [min, max], numbers or tensors that broadcast with x; either may be left out. The derivative by x is 1
 * within and at the bounds, 0 outside, where the bound has it.
 *
 * ```ts
 * tensor([-2, 0.5, 3]).clamp(-1, 1); // tensor([-1.0000,  0.5000,  1.0000])
 * tensor([1, 5]).clamp(tensor([2, 2])); // tensor([2., 5.])
 * ```
 */
export function clamp(x: Tensor, min?: Operand, max?: Operand): Tensor {
  expectTensors("clamp", x);
  if (min === undefined && max === undefined) throw new ArgumentError("clamp needs a minimum, a maximum or both.");
  // Outside, x counts as a constant: the derivative ends there, and NaN stays NaN.
  let limited = x.detach();
  const inside: Tensor[] = [];
  if (min !== undefined) {
    limited = maximum(limited, min);
    inside.push(ge(x, min));
  }
  if (max !== undefined) {
    limited = minimum(limited, max);
    inside.push(le(x, max));
  }
  return where(inside.reduce(logicalAnd), x, limited);
}

/** start + weight · (end − start). */
export function lerp(start: Tensor, end: Tensor, weight: Operand): Tensor {
  return add(start, mul(sub(end, start), weight));
}

/** Whether a and b are close: |a − b| ≤ atol + rtol · |b|, or equal; `equalNan` lets NaN equal NaN. */
export function isclose(
  a: Tensor,
  b: Tensor,
  options: { rtol?: number; atol?: number; equalNan?: boolean } = {},
): Tensor {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  expectTensors("isclose", a, b);
  if (!(rtol >= 0 && atol >= 0))
    throw new ArgumentError(`isclose: tolerances are at least 0, but rtol is ${rtol} and atol ${atol}.`);
  const difference = a.dtype === "bool" && b.dtype === "bool" ? ne(a, b) : sub(a, b);
  const near = le(abs(toReal(difference)), add(atol, mul(rtol, abs(toReal(b)))));
  const close = logicalOr(eq(a, b), logicalAnd(near, isfinite(b)));
  return equalNan ? logicalOr(close, logicalAnd(isnan(a), isnan(b))) : close;
}

/** Whether each element is NaN. */
export function isnan(x: Tensor): Tensor {
  return ne(x, x);
}

/** Whether each element is +∞ or −∞. */
export function isinf(x: Tensor): Tensor {
  return isInteger(x.dtype) || x.dtype === "bool" ? ne(x, x) : eq(abs(x), Number.POSITIVE_INFINITY);
}

/** Whether each element is neither NaN nor infinite. */
export function isfinite(x: Tensor): Tensor {
  return isInteger(x.dtype) || x.dtype === "bool" ? eq(x, x) : lt(abs(x), Number.POSITIVE_INFINITY);
}

/** NaN becomes `nan`, +∞ becomes `posinf`, −∞ becomes `neginf` (the largest and the smallest finite numbers by default). */
export function nanToNum(x: Tensor, options: { nan?: number; posinf?: number; neginf?: number } = {}): Tensor {
  if (!isFloat(x.dtype)) return x;
  const largest = x.dtype === "f32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const { nan = 0, posinf = largest, neginf = -largest } = options;
  const real = where(isnan(x), nan, x);
  const capped = where(eq(real, Number.POSITIVE_INFINITY), posinf, real);
  return where(eq(capped, Number.NEGATIVE_INFINITY), neginf, capped);
}

/** x with `value`, a number or a tensor of one element, where the mask holds. */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  return where(mask, value instanceof Tensor ? value.to(x.dtype) : wrap(constant(Number(value), x.dtype)), x);
}
