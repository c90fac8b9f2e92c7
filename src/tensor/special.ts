/**
 * Functions of real numbers that are no primitives: formulas that neither overflow nor cancel on the way, in both float
 * dtypes, with their derivatives in closed form.
 */

import { isFloat } from "../core/dtype.ts";
import { fullLike, onesLike } from "./creation.ts";
import { customGrad, type TensorFunction, type Vjp } from "./custom.ts";
import {
  abs,
  cos,
  eq,
  exp,
  expm1,
  log,
  log1p,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  sin,
  sqrt,
  where,
} from "./elementwise.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { aligned, meet, type Operand, toFloat } from "./values.ts";

/** A function of one number, and its derivative from x and y. */
function unary(name: string, x: Tensor, f: (x: Tensor) => Tensor, slope: (x: Tensor, y: Tensor) => Tensor): Tensor {
  return customGrad(name, f, (g, y, input) => [g.mul(slope(input, y))])(wrap(toFloat(x.value)));
}

function binary(name: string, a: Operand, b: Operand, f: TensorFunction, vjp: Vjp): Tensor {
  const dtype = meet([a, b]);
  const operands = aligned(name, [a, b], isFloat(dtype) ? dtype : "f32").map(wrap);
  return customGrad(name, f, vjp)(...operands);
}

/** Below zero; −0 counts. */
const isNegative = (x: Tensor): Tensor => logicalOr(x.lt(0), reciprocal(x).lt(0));

/** The magnitude with the sign bit of another number. */
const copySign = (magnitude: Tensor, from: Tensor): Tensor => where(isNegative(from), neg(magnitude), magnitude);

/** 1 − x², also where x² would be rounded to 1. */
const oneMinusSquare = (x: Tensor): Tensor => x.neg().add(1).mul(x.add(1));

/** c[0]·xⁿ + c[1]·xⁿ⁻¹ + …, by Horner's rule. */
function polynomial(x: Tensor, [first, ...rest]: readonly number[]): Tensor {
  return rest.reduce((sum, c) => sum.mul(x).add(c), fullLike(x, first));
}

// (atan(t)/t − 1)/t² in t², |t| ≤ tan π/8: the Chebyshev fit of 13 terms (mpmath.chebyfit), to 5e-20.
const ATAN = [
  -0.013916943217720123, 0.030634433238927825, -0.04104381417803546, 0.04719381457894017, -0.05258039428979285,
  0.05881925033877709, -0.06666642004996542, 0.07692306735321475, -0.0909090906699066, 0.11111111110754406,
  -0.14285714285711515, 0.19999999999999993, -0.3333333333333333,
];

/** The angle in [0, π/2] of the point (x, y) in the first quadrant. */
function angle(y: Tensor, x: Tensor): Tensor {
  const [low, high] = [minimum(x, y), maximum(x, y)];
  const ratio = where(low.eq(high), where(high.eq(0), high, 1), low.div(high)); // 0 / 0 and ∞ / ∞ too
  // atan(r) = π/4 + atan((r − 1) / (r + 1))
  const far = ratio.gt(Math.SQRT2 - 1);
  const t = where(far, ratio.sub(1).div(ratio.add(1)), ratio);
  const z = t.mul(t);
  const near = t.add(t.mul(z).mul(polynomial(z, ATAN)));
  const a = where(far, near.add(Math.PI / 4), near);
  return where(y.gt(x), neg(a).add(Math.PI / 2), a);
}

/** sin(x) / cos(x). */
export function tan(x: Tensor): Tensor {
  return unary(
    "tan",
    x,
    (v) => sin(v).div(cos(v)),
    (_, y) => y.mul(y).add(1),
  );
}

/** The angle in [−π/2, π/2] whose tangent is x. */
export function atan(x: Tensor): Tensor {
  return unary(
    "atan",
    x,
    (v) => copySign(angle(abs(v), onesLike(v)), v),
    (v) => reciprocal(v.mul(v).add(1)),
  );
}

/** The angle in [−π/2, π/2] whose sine is x; NaN outside of [−1, 1]. */
export function asin(x: Tensor): Tensor {
  return unary(
    "asin",
    x,
    (v) => copySign(angle(abs(v), sqrt(oneMinusSquare(v))), v),
    (v) => reciprocal(sqrt(oneMinusSquare(v))),
  );
}

/** The angle in [0, π] whose cosine is x, as 2·atan(√((1 − x) / (1 + x))); NaN outside of [−1, 1]. */
export function acos(x: Tensor): Tensor {
  return unary(
    "acos",
    x,
    (v) => angle(sqrt(neg(v).add(1)), sqrt(v.add(1))).mul(2),
    (v) => neg(reciprocal(sqrt(oneMinusSquare(v)))),
  );
}

/**
 * The angle in [−π, π] of the point (x, y), the signs of zeros included. The gradient at (0, 0) is NaN.
 *
 * ```ts
 * atan2(tensor([1, -1]), tensor([0, -1])); // tensor([ 1.5708, -2.3562])
 * ```
 */
export function atan2(y: Operand, x: Operand): Tensor {
  return binary(
    "atan2",
    y,
    x,
    (b, a) => {
      const acute = angle(abs(b), abs(a));
      return copySign(where(isNegative(a), neg(acute).add(Math.PI), acute), b);
    },
    (g, _, b, a) => {
      const square = a.mul(a).add(b.mul(b));
      return [g.mul(a).div(square), neg(g.mul(b).div(square))];
    },
  );
}

/** (eˣ − e⁻ˣ) / 2, as a difference of expm1 near 0. */
export function sinh(x: Tensor): Tensor {
  return unary(
    "sinh",
    x,
    (v) => {
      const half = exp(abs(v).mul(0.5)); // its square may overflow, while half of that does not
      const far = half.mul(0.5).mul(half).sub(reciprocal(half).mul(0.5).div(half));
      const near = expm1(v)
        .sub(expm1(neg(v)))
        .mul(0.5);
      return where(abs(v).lt(1), near, copySign(far, v));
    },
    cosh,
  );
}

/** (eˣ + e⁻ˣ) / 2. */
export function cosh(x: Tensor): Tensor {
  return unary(
    "cosh",
    x,
    (v) => {
      const half = exp(abs(v).mul(0.5));
      return half.mul(0.5).mul(half).add(reciprocal(half).mul(0.5).div(half));
    },
    sinh,
  );
}

// Where x² + 1 is x² in every dtype: there asinh(x) = acosh(x) = log(2x).
const LARGE = 1e10;

/** log(x + √(x² + 1)), accurate near 0. */
export function asinh(x: Tensor): Tensor {
  return unary(
    "asinh",
    x,
    (v) => {
      const a = minimum(abs(v), LARGE);
      const near = log1p(a.add(a.mul(a.div(sqrt(a.mul(a).add(1)).add(1)))));
      return copySign(where(abs(v).gt(LARGE), log(abs(v)).add(Math.LN2), near), v);
    },
    (v) => reciprocal(hypot(v, 1)),
  );
}

/** log(x + √(x² − 1)), accurate near 1; NaN below 1. */
export function acosh(x: Tensor): Tensor {
  return unary(
    "acosh",
    x,
    (v) => {
      const t = v.sub(1);
      const near = log1p(t.add(sqrt(t).mul(sqrt(t.add(2)))));
      return where(v.gt(LARGE), log(v).add(Math.LN2), near);
    },
    (v) => reciprocal(sqrt(v.sub(1)).mul(sqrt(v.add(1)))),
  );
}

/** log((1 + x) / (1 − x)) / 2, accurate near 0; ±∞ at ±1, NaN beyond. */
export function atanh(x: Tensor): Tensor {
  return unary(
    "atanh",
    x,
    (v) => {
      const a = abs(v);
      return copySign(log1p(a.mul(2).div(neg(a).add(1))).mul(0.5), v);
    },
    (v) => reciprocal(oneMinusSquare(v)),
  );
}

/**
 * √(a² + b²) without overflow on the way. The gradient at (0, 0) is NaN.
 *
 * ```ts
 * hypot(tensor([3]), tensor([4])); // tensor([5.])
 * ```
 */
export function hypot(a: Operand, b: Operand): Tensor {
  return binary(
    "hypot",
    a,
    b,
    (x, y) => {
      const high = maximum(abs(x), abs(y));
      const ratio = minimum(abs(x), abs(y)).div(high);
      const finite = high.mul(sqrt(ratio.mul(ratio).add(1)));
      const infinite = logicalOr(x.isinf(), y.isinf());
      return where(infinite, Number.POSITIVE_INFINITY, where(eq(high, 0), 0, finite));
    },
    (g, z, x, y) => [g.mul(x.div(z)), g.mul(y.div(z))],
  );
}

/**
 * log(eᵃ + eᵇ) without overflow on the way.
 *
 * ```ts
 * logaddexp(tensor([1000]), tensor([1000])); // tensor([1000.6932])
 * ```
 */
export function logaddexp(a: Operand, b: Operand): Tensor {
  return binary(
    "logaddexp",
    a,
    b,
    (x, y) => where(x.eq(y), x.add(Math.LN2), maximum(x, y).add(log1p(exp(neg(abs(x.sub(y))))))), // ∞ − ∞ is NaN
    (g, _, x, y) => [g.mul(x.sub(y).sigmoid()), g.mul(y.sub(x).sigmoid())],
  );
}

/**
 * log₂(2ᵃ + 2ᵇ) without overflow on the way.
 *
 * ```ts
 * logaddexp2(tensor([1000]), tensor([1000])); // tensor([1001.])
 * ```
 */
export function logaddexp2(a: Operand, b: Operand): Tensor {
  return logaddexp(mul(a, Math.LN2), mul(b, Math.LN2)).div(Math.LN2);
}

/**
 * x · log(y), which is 0 where x is 0, unless y is NaN.
 *
 * ```ts
 * xlogy(tensor([0, 2]), tensor([0, Math.E])); // tensor([0., 2.])
 * ```
 */
export function xlogy(x: Operand, y: Operand): Tensor {
  return binary(
    "xlogy",
    x,
    y,
    (a, b) => where(a.eq(0).logicalAnd(b.eq(b)), 0, a.mul(log(b))),
    (g, _, a, b) => [where(a.eq(0).logicalAnd(b.le(0)), 0, g.mul(log(b))), g.mul(a.div(b))],
  );
}

/**
 * x · log(1 + y), which is 0 where x is 0, unless y is NaN.
 *
 * ```ts
 * xlog1py(tensor([0, 2]), tensor([-1, 1e-6])); // tensor([0.0000e+00, 2.0000e-06])
 * ```
 */
export function xlog1py(x: Operand, y: Operand): Tensor {
  return binary(
    "xlog1py",
    x,
    y,
    (a, b) => where(a.eq(0).logicalAnd(b.eq(b)), 0, a.mul(log1p(b))),
    (g, _, a, b) => [where(a.eq(0).logicalAnd(b.le(-1)), 0, g.mul(log1p(b))), g.mul(a.div(b.add(1)))],
  );
}

/**
 * Entropy's terms, −x · log(x): 0 at 0, −∞ below.
 *
 * ```ts
 * entr(tensor([-1, 0, 0.5])); // tensor([  -inf, 0.0000, 0.3466])
 * ```
 */
export function entr(x: Tensor): Tensor {
  return unary(
    "entr",
    x,
    (v) => where(v.lt(0), Number.NEGATIVE_INFINITY, xlogy(neg(v), v)),
    (v) => neg(log(v).add(1)),
  );
}

/**
 * sin(πx) / (πx), and 1 at 0.
 *
 * ```ts
 * sinc(tensor([0, 0.5])); // tensor([1.0000, 0.6366])
 * ```
 */
export function sinc(x: Tensor): Tensor {
  const zero = x.eq(0);
  const angle = where(zero, 1, x).mul(Math.PI);
  return where(zero, 1, sin(angle).div(angle));
}

/**
 * |a| with the sign of b, of whose zeros and NaN the sign bit counts. The gradient by a is 0 where a is 0.
 *
 * ```ts
 * copysign(tensor([1, -2]), tensor([-0, 3])); // tensor([-1.,  2.])
 * ```
 */
export function copysign(a: Operand, b: Operand): Tensor {
  return binary(
    "copysign",
    a,
    b,
    (x, y) => copySign(abs(x), y),
    (g, z, x, y) => [g.mul(x.sign().mul(z.sign())), y.mul(0)],
  );
}

/**
 * Whether the sign bit is set: for negative numbers and −0.
 *
 * ```ts
 * signbit(tensor([-1, -0, 0])); // tensor([ True,  True, False])
 * ```
 */
export function signbit(x: Tensor): Tensor {
  return isFloat(x.dtype) ? isNegative(x) : x.lt(0);
}

/** 2ˣ. */
export function exp2(x: Tensor): Tensor {
  return pow(2, wrap(toFloat(x.value)));
}

// f32: Giles, "Approximating the erfinv function" (GPU Computing Gems, 2012), in w = −log(1 − x²).
const GILES_CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  2.46640727e-1, 1.50140941,
];
const GILES_TAIL = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];
/** erf's inverse: ±∞ at ±1, NaN beyond. */
export function erfinv(x: Tensor): Tensor {
  return unary(
    "erfinv",
    x,
    (y) => {
      const found = y.dtype === "f64" ? byIteration(y) : byPolynomial(y);
      return where(abs(y).eq(1), y.mul(Number.POSITIVE_INFINITY), found);
    },
    (_, y) => exp(y.mul(y)).mul(Math.sqrt(Math.PI) / 2),
  );
}

function byPolynomial(y: Tensor): Tensor {
  const w = neg(log(oneMinusSquare(y)));
  return y.mul(where(w.lt(5), polynomial(w.sub(2.5), GILES_CENTRE), polynomial(sqrt(w).sub(3), GILES_TAIL)));
}

/** Halley's method from the polynomial, or where that ends (w > 16) from the first terms of erfc's asymptotic series. */
function byIteration(y: Tensor): Tensor {
  const l = neg(log(neg(abs(y)).add(1)));
  const far = sqrt(l.sub(log(l.mul(Math.PI)).mul(0.5)));
  let found = where(oneMinusSquare(y).gt(Math.exp(-16)), byPolynomial(y), copySign(far, y));
  for (let step = 0; step < 3; step++) {
    const slope = exp(neg(found.mul(found))).mul(2 / Math.sqrt(Math.PI));
    const newton = found.erf().sub(y).div(slope);
    found = found.sub(newton.div(found.mul(newton).add(1)));
  }
  return found;
}

// (1 + 2x) · e^(x²) · erfc(x) in (x − 3.75) / (x + 3.75), 0 ≤ x ≤ 30: the Chebyshev fit of 22 terms (mpmath.chebyfit), to
// 1e-16. Its form: Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x)exp(x²)erfc x in 0 ≤ x < ∞", 1981.
const ERFC = [
  5.142416887804027e-9, 2.950812730146936e-8, -2.491499950746027e-9, -2.557003561446673e-7, -2.3952850175213005e-8,
  1.758215300051583e-6, -9.978087804849978e-7, -1.1452665392196282e-5, 2.2395103401350655e-5, 5.165384524096033e-5,
  -2.9015715907478035e-4, 2.937121822011884e-4, 1.755626401506781e-3, -9.746579287352541e-3, 2.8362277359739764e-2,
  -5.8693398617412185e-2, 9.230432116394384e-2, -1.0880393014031887e-1, 8.227673849004413e-2, 3.585415485436103e-3,
  -1.4024059858554608e-1, 1.2375126308378277,
];

/**
 * 1 − erf(x), without the cancellation for large x.
 *
 * ```ts
 * erfc(tensor([0, 5])); // tensor([1.0000e+00, 1.5375e-12])
 * ```
 */
export function erfc(x: Tensor): Tensor {
  return unary(
    "erfc",
    x,
    (v) => {
      const a = minimum(abs(v), 30); // beyond, it is 0
      const high = a.mul(16).trunc().div(16); // whose square is exact: e^(−x²) has no rounded exponent
      const bell = exp(neg(high.mul(high))).mul(exp(neg(a.sub(high).mul(a.add(high)))));
      const tail = polynomial(a.sub(3.75).div(a.add(3.75)), ERFC)
        .mul(bell)
        .div(a.mul(2).add(1));
      return where(v.lt(0), neg(tail).add(2), tail);
    },
    (v) => exp(neg(v.mul(v))).mul(-2 / Math.sqrt(Math.PI)),
  );
}
