/** Numbers of any size made probabilities along a dimension. */

import { ArgumentError } from "../../core/errors.ts";
import { normalizeDim } from "../../core/shape.ts";
import {
  customGrad,
  type Generator,
  logSoftmax,
  oneHot,
  rand,
  softmax,
  type Tensor,
  where,
} from "../../tensor/index.ts";
import { Activation } from "./activation.ts";

export interface SoftmaxOptions {
  /** along which the results add up to 1 */
  dim: number;
}

abstract class AlongDim extends Activation<SoftmaxOptions> {
  constructor(options: SoftmaxOptions) {
    super(options);
  }
}

/**
 * `softmax` with a dimension of its own.
 *
 * Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
 */
export class Softmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return this.within(() => softmax(x, this.options.dim));
  }
}

/**
 * `logSoftmax` with a dimension of its own.
 *
 * Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
 */
export class LogSoftmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return this.within(() => logSoftmax(x, this.options.dim));
  }
}

/**
 * softmax(−x): the smallest number has the largest probability.
 *
 * Shapes: (…) ─► (…). Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
 *
 * ```ts
 * softmin(tensor([1, 2, 3]), 0); // tensor([0.6652, 0.2447, 0.0900])
 * ```
 */
export function softmin(x: Tensor, dim: number): Tensor {
  return softmax(x.neg(), dim);
}

/** `softmin` with a dimension of its own. */
export class Softmin extends AlongDim {
  override forward(x: Tensor): Tensor {
    return this.within(() => softmin(x, this.options.dim));
  }
}

export interface GumbelSoftmaxOptions {
  /** τ: the lower, the nearer to one-hot; 1 by default */
  tau?: number;
  /** whether the result is one-hot, with the gradient that it had if it were not; false by default */
  hard?: boolean;
  /** along which the results add up to 1; −1 by default */
  dim?: number;
  /** what the noise is drawn from; the default generator if left out */
  generator?: Generator;
}

/**
 * softmax((logits + g) / τ) with g = −log(−log(u)), u uniform in (0, 1): a sample of softmax(logits) that can be
 * differentiated. The largest element falls on i with probability softmax(logits)ᵢ.
 *
 * Shapes: (…) ─► (…). Throws an ArgumentError unless τ > 0. Jang, Gu and Poole, Categorical reparameterization with
 * Gumbel-softmax, 2017.
 *
 * ```ts
 * gumbelSoftmax(tensor([0, 100, 0]), { hard: true }); // tensor([0., 1., 0.])
 * ```
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  const { tau = 1, hard = false, dim = -1, generator } = options;
  if (!(tau > 0)) throw new ArgumentError(`gumbelSoftmax: tau must be above 0, but is ${tau}.`);
  const axis = normalizeDim("gumbelSoftmax", dim, logits.ndim);
  const drawn = rand(logits.shape, { dtype: logits.dtype, generator });
  const noise = where(drawn.eq(0), 2 ** -25, drawn)
    .log()
    .neg()
    .log()
    .neg(); // draws are multiples of 2⁻²⁴
  const soft = softmax(logits.add(noise).div(tau), axis);
  if (!hard) return soft;
  return customGrad(
    "straightThrough",
    (y) => where(y.isnan(), y, oneHot(y.argmax(axis), y.shape[axis]).movedim(-1, axis).to(y.dtype)),
    (g) => [g],
  )(soft);
}

/** `gumbelSoftmax` with options of its own. */
export class GumbelSoftmax extends Activation<GumbelSoftmaxOptions> {
  override forward(logits: Tensor): Tensor {
    return gumbelSoftmax(logits, this.options);
  }
}
