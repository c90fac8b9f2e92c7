import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { grad, linspace, logit, logSigmoid, relu, type Tensor, tensor } from "../../tensor/index.ts";
import { linearActivation, step } from "./perceptron.ts";
import { celu, elu, leakyRelu, prelu, relu6, rrelu, selu, softplus, threshold } from "./rectifiers.ts";
import { gelu, hardswish, mish, silu } from "./self-gated.ts";
import { hardshrink, softshrink, tanhshrink } from "./shrinkage.ts";
import { hardsigmoid, hardtanh, sigmoid, softsign, tanh } from "./sigmoids.ts";

/**
 * The activations of one number, by name, with the defaults of their options: what can be drawn as a curve. `prelu` has
 * the weight that it begins with, `rrelu` its mean slope, and `threshold` gives 0 up to 1.
 */
export const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linearActivation,
  step,
  sigmoid,
  hardsigmoid,
  logSigmoid,
  logit,
  tanh,
  hardtanh,
  softsign,
  relu,
  relu6,
  leakyRelu,
  prelu: (x) => prelu(x, tensor(0.25, { dtype: x.dtype })),
  rrelu,
  elu,
  celu,
  selu,
  softplus,
  threshold: (x) => threshold(x, 1, 0),
  gelu,
  silu,
  mish,
  hardswish,
  tanhshrink,
  softshrink,
  hardshrink,
};

export interface CurveOptions {
  /** the least x; −5 by default */
  from?: number;
  /** the greatest x; 5 by default */
  to?: number;
  /** how many, both ends included; 201 by default */
  points?: number;
}

export interface Curve {
  readonly x: Float64Array;
  /** f(x) */
  readonly y: Float64Array;
  /** f′(x) */
  readonly dy: Float64Array;
}

/**
 * A function's values and derivatives at evenly spaced numbers, in f64.
 *
 * `f` is an activation, or any function that makes each element of its result from the same element of x. Throws an
 * ArgumentError if there is no range or no two points, a ShapeError if `f` gives another shape.
 *
 * ```ts
 * const { x, y, dy } = await activationCurve(relu, { from: -1, to: 1, points: 3 });
 * [...x]; // [ -1, 0, 1 ]
 * [...y]; // [ 0, 0, 1 ]
 * [...dy]; // [ 0, 0, 1 ]
 * ```
 */
export async function activationCurve(f: (x: Tensor) => Tensor, options: CurveOptions = {}): Promise<Curve> {
  const { from = -5, to = 5, points = 201 } = options;
  if (!(from < to && Number.isFinite(to - from))) {
    throw new ArgumentError(`activationCurve needs a range from < to, but got ${from} to ${to}.`);
  }
  if (!Number.isInteger(points) || points < 2) {
    throw new ArgumentError(`activationCurve needs two points or more, but got ${points}.`);
  }
  const x = linspace(from, to, points, { dtype: "f64" });
  const y = f(x);
  if (!sameShape(y.shape, x.shape)) {
    throw new ShapeError(
      `activationCurve draws functions of one number, but from ${showShape(x.shape)} this one made ${showShape(y.shape)}.`,
    );
  }
  const dy = grad((x: Tensor) => f(x).sum())(x);
  const [xs, ys, slopes] = await Promise.all(
    [x, y, dy].map(async (numbers) => Float64Array.from(await numbers.data())),
  );
  return { x: xs, y: ys, dy: slopes };
}
