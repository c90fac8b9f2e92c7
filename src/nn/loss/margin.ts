import { ArgumentError } from "../../core/errors.ts";
import { relu, softplus, type Tensor, where } from "../../tensor/index.ts";
import { atClasses, atTarget, classTargets } from "./classification.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

/**
 * The hinge loss max(0, 1 − t·x), with targets of −1 and 1; its derivative at t·x = 1 is 0.
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ. Cortes and Vapnik, Support-vector networks, 1995.
 *
 * ```ts
 * hingeLoss(tensor([0.5, -2]), tensor([1, 1]), { reduction: "none" }); // tensor([0.5000, 3.0000])
 * ```
 */
export function hingeLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("hingeLoss", input, target);
  return reduced("hingeLoss", relu(input.mul(target).neg().add(1)), options.reduction);
}

/**
 * The smooth hinge log(1 + e^(−t·x)), with targets of −1 and 1: no overflow. It is `binaryCrossEntropyWithLogits` in
 * other targets.
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ.
 * Hastie, Tibshirani and Friedman, The elements of statistical learning, 2009, section 10.5.
 *
 * ```ts
 * softMarginLoss(tensor([0, -2]), tensor([1, 1]), { reduction: "none" }); // tensor([0.6931, 2.1269])
 * ```
 */
export function softMarginLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("softMarginLoss", input, target);
  return reduced("softMarginLoss", softplus(input.mul(target).neg()), options.reduction);
}

export interface HingeEmbeddingLossOptions extends LossOptions {
  /** the distance from which dissimilar pairs lose nothing; 1 by default */
  margin?: number;
}

/**
 * A loss of distances x: x itself where t = 1 (similar), max(0, margin − x) where t = −1 (dissimilar).
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ.
 * Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping, 2006.
 *
 * ```ts
 * hingeEmbeddingLoss(tensor([0.2, 0.7, 3]), tensor([1, -1, -1]), { reduction: "none" }); // tensor([0.2000, 0.3000, 0.0000])
 * ```
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options: HingeEmbeddingLossOptions = {}): Tensor {
  const { margin = 1, reduction } = options;
  expectSameShape("hingeEmbeddingLoss", input, target);
  const similar = where(target.ne(-1), input, 0);
  const dissimilar = where(target.ne(1), input.neg().add(margin).clamp(0), 0);
  return reduced("hingeEmbeddingLoss", similar.add(dissimilar), reduction);
}

export interface MultiMarginLossOptions extends LossOptions {
  /** what a difference is raised to: 1 by default, or 2 */
  p?: 1 | 2;
  /** how far the target's score must be above the others; 1 by default */
  margin?: number;
  /** of the classes (C); the mean still divides by the number of targets */
  weight?: Tensor;
}

/**
 * The hinge loss of several classes, w[t] · Σⱼ max(0, margin − x[t] + x[j])ᵖ / C over the classes j other than the target t.
 *
 * Shapes: input (N, C) or (C), target (N) or () of integers. Throws a ShapeError if they do not fit, an ArgumentError
 * unless p is 1 or 2, and an IndexError, when it is computed, for a target outside of [0, C).
 * Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001.
 *
 * ```ts
 * multiMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3], { dtype: "i32" })); // tensor(0.3250)
 * ```
 */
export function multiMarginLoss(input: Tensor, target: Tensor, options: MultiMarginLossOptions = {}): Tensor {
  const { p = 1, margin = 1, weight, reduction } = options;
  const op = "multiMarginLoss";
  if (p !== 1 && p !== 2) throw new ArgumentError(`${op}: p is 1 or 2, but is ${p}.`);
  const { dim, weights } = classTargets(op, input, target, { weight });
  const wanted = atTarget(op, input, target, dim).unsqueeze(dim);
  const others = atClasses(target, input.shape[dim], dim).eq(0);
  const losses = relu(where(others, input.sub(wanted).add(margin), 0))
    .pow(p)
    .mean(dim);
  return reduced(op, losses.mul(weights), reduction);
}

/** `hingeLoss` with options of its own. */
export class HingeLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeLoss(input, target, this.options);
  }
}

/** `softMarginLoss` with options of its own. */
export class SoftMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options);
  }
}

/** `hingeEmbeddingLoss` with options of its own. */
export class HingeEmbeddingLoss extends Loss<HingeEmbeddingLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options);
  }
}

/** `multiMarginLoss` with options of its own. */
export class MultiMarginLoss extends Loss<MultiMarginLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, this.options);
  }
}
