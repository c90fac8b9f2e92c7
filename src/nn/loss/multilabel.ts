/** Losses of examples that belong to several classes, or to none. */

import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { askedBy, oneHot, relu, type Tensor, where } from "../../tensor/index.ts";
import { binaryCrossEntropyWithLogits } from "./binary.ts";
import { expectClasses } from "./classification.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

/**
 * Σ max(0, 1 − x[i] + x[j]) / C over the target's classes i and all other classes j.
 *
 * A target holds its classes first, then −1: what follows the first −1 does not count. Shapes: input (N, C) or (C), target
 * alike, of integers. Throws a ShapeError if they differ, a DTypeError unless the target holds integers, and an IndexError,
 * when it is computed, for a class ≥ C. Crammer and Singer, A family of additive online algorithms for category ranking, 2003.
 *
 * ```ts
 * const target = tensor([[3, 0, -1, 1]], { dtype: "i32" }); // classes 3 and 0
 * multilabelMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), target); // tensor(0.8500)
 * ```
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const op = "multilabelMarginLoss";
  expectSameShape(op, input, target);
  expectClasses(op, target);
  if (input.ndim < 1 || input.ndim > 2) {
    throw new ShapeError(`${op} needs an input (N, C) or (C), but got ${showShape(input.shape)}.`);
  }
  const classes = input.shape[input.ndim - 1];
  const listed = target.ge(0).to("i32").cumprod(-1).ne(0); // (N, C)
  const index = where(listed, target, 0).to("i32");
  const wanted = askedBy(op, () => input.gather(-1, index)); // (N, C), a score for each listed class
  const other = where(listed.unsqueeze(-1), oneHot(index, classes), 0).sum(-2).eq(0); // (N, C), by class
  const pairs = listed.unsqueeze(-1).logicalAnd(other.unsqueeze(-2)); // (N, listed, other)
  const margins = input.unsqueeze(-2).sub(wanted.unsqueeze(-1)).add(1);
  const losses = relu(where(pairs, margins, 0))
    .sum([-1, -2])
    .div(classes);
  return reduced(op, losses, options.reduction);
}

export interface MultiLabelSoftMarginLossOptions extends LossOptions {
  /** of the classes (C); the mean still divides by their number */
  weight?: Tensor;
}

/**
 * Binary cross-entropy of each class from logits, averaged over the classes: −Σ w · (t·log σ(x) + (1 − t)·log σ(−x)) / C.
 *
 * Shapes: input (…, C), target alike, of 0 and 1; `"none"` gives (…). Throws a ShapeError if they differ, or the weight
 * does not fit. Zhang and Zhou, A review on multi-label learning algorithms, 2014.
 *
 * ```ts
 * multilabelSoftMarginLoss(tensor([[2, -1, 0]]), tensor([[1, 0, 1]])); // tensor(0.3778)
 * ```
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options: MultiLabelSoftMarginLossOptions = {},
): Tensor {
  const { weight, reduction } = options;
  expectSameShape("multilabelSoftMarginLoss", input, target);
  const losses = binaryCrossEntropyWithLogits(input, target, { weight, reduction: "none" });
  return reduced("multilabelSoftMarginLoss", losses.mean(-1), reduction);
}

/** `multilabelMarginLoss` with options of its own. */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this.options);
  }
}

/** `multilabelSoftMarginLoss` with options of its own. */
export class MultiLabelSoftMarginLoss extends Loss<MultiLabelSoftMarginLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.options);
  }
}
