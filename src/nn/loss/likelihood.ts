/** Losses of models that predict a distribution. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { customGrad, type Tensor, where } from "../../tensor/index.ts";
import { xLogX } from "./entropy.ts";
import { expectSameShape, Loss, type LossOptions, type Reduction, reduced } from "./loss.ts";

export interface PoissonNLLLossOptions extends LossOptions {
  /** whether the input is the logarithm of the rate; true by default */
  logInput?: boolean;
  /** whether to add Stirling's approximation of log t! where t > 1; false by default */
  full?: boolean;
  /** added to the rate before its logarithm is taken, where the input is the rate; 1e-8 by default */
  eps?: number;
}

/**
 * The negative log-likelihood of counts t under a Poisson distribution: eˣ − t·x, or x − t·log(x + ε) without `logInput`.
 *
 * `full` adds t·log t − t + log(2πt)/2, Stirling's approximation of the constant log t!, where t > 1.
 * Shapes: input and target alike. Throws a ShapeError if they differ, and an ArgumentError unless ε > 0.
 * McCullagh and Nelder, Generalized linear models, 1989, chapter 6.
 *
 * ```ts
 * poissonNllLoss(tensor([0, 1]), tensor([2, 3]), { reduction: "none" }); // tensor([ 1.0000, -0.2817])
 * ```
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNLLLossOptions = {}): Tensor {
  const { logInput = true, full = false, eps = 1e-8, reduction } = options;
  expectSameShape("poissonNllLoss", input, target);
  if (!(eps > 0)) throw new ArgumentError(`poissonNllLoss: eps is greater than 0, but is ${eps}.`);
  const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  return reduced("poissonNllLoss", full ? losses.add(stirling(target)) : losses, reduction);
}

function stirling(target: Tensor): Tensor {
  const large = target.gt(1);
  const t = where(large, target, 2); // so that no logarithm of 0 has a gradient
  const logFactorial = t
    .mul(t.log())
    .sub(t)
    .add(
      t
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return where(large, logFactorial, 0);
}

export interface GaussianNLLLossOptions extends LossOptions {
  /** whether to add the constant log(2π)/2; false by default */
  full?: boolean;
  /** the least variance; 1e-6 by default */
  eps?: number;
}

/**
 * The negative log-likelihood of t under a normal distribution of mean x and variance v: (log v + (x − t)²/v) / 2.
 *
 * v counts as at least ε, and its gradient is as if it were not limited, as in PyTorch.
 * Shapes: input and target alike; the variance too, or with a last dimension of 1 or none: one for all of the last
 * dimension. Throws a ShapeError if they do not fit, and an ArgumentError unless ε > 0.
 * Nix and Weigend, Estimating the mean and variance of the target probability distribution, 1994.
 *
 * ```ts
 * gaussianNllLoss(tensor([1, 2]), tensor([0, 4]), tensor([1, 4]), { reduction: "none" }); // tensor([0.5000, 1.1931])
 * ```
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNLLLossOptions = {},
): Tensor {
  const { full = false, eps = 1e-6, reduction } = options;
  expectSameShape("gaussianNllLoss", input, target);
  if (!(eps > 0)) throw new ArgumentError(`gaussianNllLoss: eps is greater than 0, but is ${eps}.`);
  const limited = customGrad(
    "atLeast",
    (v) => v.clamp(eps),
    (g) => [g],
  )(alongInput(input, variance));
  const error = input.sub(target);
  const losses = limited
    .log()
    .add(error.mul(error.div(limited)))
    .mul(0.5); // error² may overflow where the quotient does not
  return reduced("gaussianNllLoss", full ? losses.add(Math.log(2 * Math.PI) / 2) : losses, reduction);
}

function alongInput(input: Tensor, variance: Tensor): Tensor {
  const rows = input.shape.slice(0, -1);
  if (sameShape(variance.shape, input.shape) || sameShape(variance.shape, [...rows, 1])) return variance;
  if (input.ndim > 0 && sameShape(variance.shape, rows)) return variance.unsqueeze(-1);
  throw new ShapeError(
    `gaussianNllLoss: the variance must be ${showShape(input.shape)}, ${showShape([...rows, 1])} or ${showShape(rows)}, but is ${showShape(variance.shape)}.`,
  );
}

export interface KLDivLossOptions {
  /**
   * `"mean"` by default, which divides by the number of elements, as in PyTorch; `"batchmean"` divides by the first
   * dimension and is the divergence as it is defined
   */
  reduction?: Reduction | "batchmean";
  /** whether the target holds log-probabilities; false by default */
  logTarget?: boolean;
}

/**
 * The Kullback–Leibler divergence Σ t·(log t − x), from log-probabilities x and probabilities t; 0·log 0 = 0.
 *
 * Mind the default reduction. Shapes: input and target alike. Throws a ShapeError if they differ.
 * Kullback and Leibler, On information and sufficiency, 1951.
 *
 * ```ts
 * const logProbabilities = tensor([[0.5, 0.5]]).log();
 * klDiv(logProbabilities, tensor([[1, 0]]), { reduction: "batchmean" }); // tensor(0.6931)
 * klDiv(logProbabilities, tensor([[1, 0]])); // tensor(0.3466)
 * ```
 */
export function klDiv(input: Tensor, target: Tensor, options: KLDivLossOptions = {}): Tensor {
  const { reduction, logTarget = false } = options;
  expectSameShape("klDiv", input, target);
  if (reduction === "batchmean" && input.ndim === 0) {
    throw new ShapeError(`klDiv: a single number has no batch to divide by: choose another reduction.`);
  }
  const losses = logTarget ? fromLogTarget(input, target) : fromTarget(input, target);
  return reduction === "batchmean" ? losses.sum().div(input.shape[0]) : reduced("klDiv", losses, reduction);
}

/** What cannot happen loses nothing, also where the input is −∞. */
const fromTarget = (input: Tensor, target: Tensor): Tensor =>
  xLogX(target).sub(target.mul(where(target.eq(0), 0, input)));

function fromLogTarget(input: Tensor, target: Tensor): Tensor {
  const impossible = target.eq(Number.NEGATIVE_INFINITY);
  const t = where(impossible, 0, target);
  return where(impossible, 0, t.exp().mul(t.sub(where(impossible, 0, input))));
}

/** `poissonNllLoss` with options of its own. */
export class PoissonNLLLoss extends Loss<PoissonNLLLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options);
  }
}

/** `gaussianNllLoss` with options of its own. */
export class GaussianNLLLoss extends Loss<GaussianNLLLossOptions> {
  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, target, variance, this.options);
  }
}

/** `klDiv` with options of its own. */
export class KLDivLoss extends Loss<KLDivLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
