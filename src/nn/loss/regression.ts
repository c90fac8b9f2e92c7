import { ArgumentError } from "../../core/errors.ts";
import { customGrad, relu, type Tensor, where } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

/**
 * The squared error, (x − t)².
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ (PyTorch would broadcast, and warn).
 * Bishop, Pattern recognition and machine learning, 2006, section 1.1.
 *
 * ```ts
 * mseLoss(tensor([1, 2]), tensor([0, 4])); // tensor(2.5000)
 * ```
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("mseLoss", input, target);
  return reduced("mseLoss", input.sub(target).square(), options.reduction);
}

/**
 * The absolute error, |x − t|; its derivative at 0 is 0.
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ.
 * Hastie, Tibshirani and Friedman, The elements of statistical learning, 2009, section 10.6.
 *
 * ```ts
 * l1Loss(tensor([1, 2]), tensor([0, 4])); // tensor(1.5000)
 * ```
 */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("l1Loss", input, target);
  return reduced("l1Loss", input.sub(target).abs(), options.reduction);
}

/** e²/2 up to the bound and bound·(|e| − bound/2) beyond, without e², which would overflow there. */
function quadraticUpTo(bound: number, error: Tensor): Tensor {
  const limited = error.clamp(-bound, bound);
  return limited.mul(error.sub(limited.mul(0.5)));
}

export interface SmoothL1LossOptions extends LossOptions {
  /** where the loss becomes linear, in the target's units; 1 by default */
  beta?: number;
}

/**
 * |x − t| − β/2 where |x − t| ≥ β, and (x − t)² / 2β below; β = 0 is `l1Loss`.
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ, and an ArgumentError if β is negative.
 * Girshick, Fast R-CNN, 2015.
 *
 * ```ts
 * smoothL1Loss(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }); // tensor([0.1250, 2.5000])
 * ```
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  const { beta = 1, reduction } = options;
  expectSameShape("smoothL1Loss", input, target);
  if (!(beta >= 0)) throw new ArgumentError(`smoothL1Loss: beta is at least 0, but is ${beta}.`);
  if (beta === 0) return l1Loss(input, target, options);
  return reduced("smoothL1Loss", quadraticUpTo(beta, input.sub(target)).div(beta), reduction);
}

export interface HuberLossOptions extends LossOptions {
  /** where the loss becomes linear, in the target's units; 1 by default */
  delta?: number;
}

/**
 * (x − t)²/2 where |x − t| ≤ δ, and δ·(|x − t| − δ/2) beyond: δ times `smoothL1Loss` with β = δ.
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ, and an ArgumentError unless δ > 0.
 * Huber, Robust estimation of a location parameter, 1964.
 *
 * ```ts
 * huberLoss(tensor([0.5, 3]), tensor([0, 0]), { delta: 2, reduction: "none" }); // tensor([0.1250, 4.0000])
 * ```
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  const { delta = 1, reduction } = options;
  expectSameShape("huberLoss", input, target);
  if (!(delta > 0)) throw new ArgumentError(`huberLoss: delta is greater than 0, but is ${delta}.`);
  return reduced("huberLoss", quadraticUpTo(delta, input.sub(target)), reduction);
}

/** log cosh, whose two formulas lose digits where the other keeps them. */
const logCosh = customGrad(
  "logCosh",
  (x) => {
    const size = x.abs();
    const small = x.tanh().square().neg().log1p().mul(-0.5); // cosh = (1 − tanh²)^−½
    const large = size.add(size.mul(-2).expm1().div(2).log1p());
    return where(size.lt(0.5), small, large);
  },
  (g, _, x) => [g.mul(x.tanh())],
);

/**
 * log cosh(x − t), as |e| + log1p(expm1(−2|e|)/2) with e = x − t: e²/2 near 0, |e| − log 2 far away, and smooth between.
 *
 * It does not overflow, and its derivative is tanh(e). Shapes: input and target alike. Throws a ShapeError if they differ.
 * Green, Iteratively reweighted least squares for maximum likelihood estimation, 1984.
 *
 * ```ts
 * logCoshLoss(tensor([1e-3, 100]), tensor([0, 0]), { reduction: "none" }); // tensor([5.0000e-07, 9.9307e+01])
 * ```
 */
export function logCoshLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("logCoshLoss", input, target);
  return reduced("logCoshLoss", logCosh(input.sub(target)), options.reduction);
}

export interface QuantileLossOptions extends LossOptions {
  /** τ, between 0 and 1: the share of targets that should lie below the input; 0.5 by default, the median */
  quantile?: number;
}

/**
 * The pinball loss, τ·(t − x) where x ≤ t and (1 − τ)·(x − t) where x > t: least where x is the τ-quantile of t.
 *
 * τ = 0.5 is half of `l1Loss`. The derivative at x = t is 0. Shapes: input and target alike. Throws a ShapeError if they
 * differ, and an ArgumentError unless 0 < τ < 1. Koenker and Bassett, Regression quantiles, 1978.
 *
 * ```ts
 * quantileLoss(tensor([1, 3]), tensor([2, 2]), { quantile: 0.9, reduction: "none" }); // tensor([0.9000, 0.1000])
 * ```
 */
export function quantileLoss(input: Tensor, target: Tensor, options: QuantileLossOptions = {}): Tensor {
  const { quantile = 0.5, reduction } = options;
  expectSameShape("quantileLoss", input, target);
  if (!(quantile > 0 && quantile < 1)) {
    throw new ArgumentError(`quantileLoss: quantile lies between 0 and 1, but is ${quantile}.`);
  }
  const missing = target.sub(input);
  const losses = relu(missing)
    .mul(quantile)
    .add(relu(missing.neg()).mul(1 - quantile));
  return reduced("quantileLoss", losses, reduction);
}

export interface MAPELossOptions extends LossOptions {
  /** the least |t| to divide by; 2⁻⁵² by default, as in scikit-learn */
  eps?: number;
}

/**
 * The absolute percentage error, |x − t| / max(|t|, ε), as a fraction: 0.1 is 10 %.
 *
 * Targets near 0 outweigh all others. Shapes: input and target alike. Throws a ShapeError if they differ, and an
 * ArgumentError unless ε > 0. Hyndman and Koehler, Another look at measures of forecast accuracy, 2006.
 *
 * ```ts
 * mapeLoss(tensor([110, 1.5]), tensor([100, 2])); // tensor(0.1750)
 * ```
 */
export function mapeLoss(input: Tensor, target: Tensor, options: MAPELossOptions = {}): Tensor {
  const { eps = Number.EPSILON, reduction } = options;
  expectSameShape("mapeLoss", input, target);
  if (!(eps > 0)) throw new ArgumentError(`mapeLoss: eps is greater than 0, but is ${eps}.`);
  return reduced("mapeLoss", input.sub(target).abs().div(target.abs().clamp(eps)), reduction);
}

/** `mseLoss` with options of its own. */
export class MSELoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** `l1Loss` with options of its own. */
export class L1Loss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** `smoothL1Loss` with options of its own. */
export class SmoothL1Loss extends Loss<SmoothL1LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** `huberLoss` with options of its own. */
export class HuberLoss extends Loss<HuberLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** `logCoshLoss` with options of its own. */
export class LogCoshLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return logCoshLoss(input, target, this.options);
  }
}

/** `quantileLoss` with options of its own. */
export class QuantileLoss extends Loss<QuantileLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return quantileLoss(input, target, this.options);
  }
}

/** `mapeLoss` with options of its own. */
export class MAPELoss extends Loss<MAPELossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mapeLoss(input, target, this.options);
  }
}
