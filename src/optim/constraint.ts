import { ArgumentError } from "../core/errors.ts";
import { maximum, type Tensor, where } from "../tensor/index.ts";

/** What a parameter is made to satisfy after each step. */
export type Constraint = (p: Tensor) => Tensor;

export interface NormConstraintOptions {
  /** the dimensions that each norm runs over; all but the first by default (one norm for each output), a vector's only one */
  dim?: number | readonly number[];
}

/** ‖p‖₂ over the dimensions, kept with size 1. */
function normOf(p: Tensor, { dim }: NormConstraintOptions): Tensor {
  const others = p.ndim > 1 ? p.shape.slice(1).map((_, i) => i + 1) : undefined;
  return p.norm(2, dim ?? others, { keepdim: true });
}

/**
 * A constraint: w ← w / max(1, ‖w‖₂ / c), so that no norm is larger than c = `max`.
 *
 * Throws an ArgumentError unless `max` is greater than 0.
 * Srivastava et al., Dropout: A simple way to prevent neural networks from overfitting, 2014.
 *
 * ```ts
 * maxNorm(1)(tensor([[3, 4], [0.3, 0.4]])); // tensor([[0.6000, 0.8000], [0.3000, 0.4000]])
 * ```
 */
export function maxNorm(max: number, options: NormConstraintOptions = {}): Constraint {
  if (!(max > 0)) throw new ArgumentError(`maxNorm: max must be greater than 0, but is ${max}.`);
  return (p) => p.div(maximum(normOf(p, options).div(max), 1));
}

/**
 * A constraint: w ← w / ‖w‖₂. A vector of zeros stays.
 *
 * Salimans and Kingma, Weight normalization: A simple reparameterization to accelerate training, 2016.
 *
 * ```ts
 * unitNorm()(tensor([[3, 4], [0, 0]])); // tensor([[0.6000, 0.8000], [0.0000, 0.0000]])
 * ```
 */
export function unitNorm(options: NormConstraintOptions = {}): Constraint {
  return (p) => {
    const n = normOf(p, options);
    return p.div(where(n.gt(0), n, 1));
  };
}

/**
 * A constraint: w ← max(w, 0).
 *
 * Lee and Seung, Learning the parts of objects by non-negative matrix factorization, 1999.
 *
 * ```ts
 * nonNegative()(tensor([-1, 2])); // tensor([0., 2.])
 * ```
 */
export function nonNegative(): Constraint {
  return (p) => p.relu();
}
