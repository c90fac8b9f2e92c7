/** Terms to add to a loss: of parameters, so that they stay small, or of activities. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { type Tensor, zeros } from "../../tensor/index.ts";

/** Σ over tensors; 0 of none. */
const total = (tensors: readonly Tensor[], term: (x: Tensor) => Tensor): Tensor =>
  tensors.map((x) => term(x).sum()).reduce((a, b) => a.add(b), zeros([]));

/**
 * Σ |w|, whose gradient is sign w (0 at 0): a force towards 0 that does not fade, though steps along it rarely end at
 * exactly 0.
 *
 * Shapes: any ─► (). Tibshirani, Regression shrinkage and selection via the lasso, 1996.
 *
 * ```ts
 * l1Penalty([tensor([1, -2]), tensor([3])]); // tensor(6.)
 * ```
 */
export function l1Penalty(tensors: readonly Tensor[]): Tensor {
  return total(tensors, (x) => x.abs());
}

/**
 * ½ Σ w², whose gradient is w: λ times it is what `weightDecay: λ` does in SGD and Adam.
 *
 * Shapes: any ─► (). Hoerl and Kennard, Ridge regression, 1970.
 *
 * ```ts
 * l2Penalty([tensor([1, -2]), tensor([3])]); // tensor(7.)
 * ```
 */
export function l2Penalty(tensors: readonly Tensor[]): Tensor {
  return total(tensors, (x) => x.square()).div(2);
}

export interface ElasticNetOptions {
  /** ρ: the part of the L1 penalty; 0.5 by default */
  l1Ratio?: number;
}

/**
 * ρ·Σ |w| + (1 − ρ)·½ Σ w².
 *
 * Shapes: any ─► (). Throws an ArgumentError unless 0 ≤ ρ ≤ 1.
 * Zou and Hastie, Regularization and variable selection via the elastic net, 2005 (as scikit-learn weighs it).
 *
 * ```ts
 * elasticNetPenalty([tensor([1, -2]), tensor([3])]); // tensor(6.5000)
 * ```
 */
export function elasticNetPenalty(tensors: readonly Tensor[], options: ElasticNetOptions = {}): Tensor {
  const { l1Ratio = 0.5 } = options;
  if (!(l1Ratio >= 0 && l1Ratio <= 1)) {
    throw new ArgumentError(`elasticNetPenalty: l1Ratio lies between 0 and 1, but is ${l1Ratio}.`);
  }
  if (l1Ratio === 1) return l1Penalty(tensors); // a square that overflows, times 0, would be NaN
  if (l1Ratio === 0) return l2Penalty(tensors);
  return l1Penalty(tensors)
    .mul(l1Ratio)
    .add(l2Penalty(tensors).mul(1 - l1Ratio));
}

/**
 * The elastic net of what layers give, per example: (ρ·Σ |y| + (1 − ρ)·½ Σ y²) / N, with ρ = 1 by default, which makes
 * activities sparse.
 *
 * Shapes: (N, …) ─► (). Throws a ShapeError without a batch or of an empty one, an ArgumentError unless 0 ≤ ρ ≤ 1.
 * Glorot, Bordes and Bengio, Deep sparse rectifier neural networks, 2011.
 *
 * ```ts
 * activityPenalty(tensor([[1, 2], [0, 3]])); // tensor(3.)
 * activityPenalty(tensor([[1, 2], [0, 3]]), { l1Ratio: 0 }); // tensor(3.5000)
 * ```
 */
export function activityPenalty(y: Tensor, options: ElasticNetOptions = {}): Tensor {
  if (y.ndim === 0 || y.shape[0] === 0) {
    throw new ShapeError(`activityPenalty needs a batch (N, …), but got (${y.shape.join(", ")}).`);
  }
  return elasticNetPenalty([y], { l1Ratio: options.l1Ratio ?? 1 }).div(y.shape[0]);
}
