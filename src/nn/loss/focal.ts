import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { binaryCrossEntropyWithLogits } from "./binary.ts";
import { classTargets, crossEntropy, type NLLLossOptions, reducedOver } from "./classification.ts";
import { expectSameShape, Loss, type LossOptions, type Reduction, reduced } from "./loss.ts";

export interface SigmoidFocalLossOptions extends LossOptions {
  /** α: positives weigh α and negatives 1 − α; 0.25 by default; a negative number weighs both alike */
  alpha?: number;
  /** γ, how little easy examples count; 2 by default; 0 is binary cross-entropy */
  gamma?: number;
  /** `"none"` by default, as in torchvision */
  reduction?: Reduction;
}

/**
 * The binary focal loss −αₜ · (1 − pₜ)^γ · log pₜ from logits, where pₜ is the probability that sigmoid(x) gives the target.
 *
 * Shapes: input and target (0, 1 or between) alike. Throws a ShapeError if they differ, and an ArgumentError if γ < 0 or
 * α > 1. Lin et al., Focal loss for dense object detection, 2017.
 *
 * ```ts
 * sigmoidFocalLoss(tensor([3, -1]), tensor([1, 1])); // tensor([2.7321e-05, 1.7547e-01])
 * ```
 */
export function sigmoidFocalLoss(input: Tensor, target: Tensor, options: SigmoidFocalLossOptions = {}): Tensor {
  const { alpha = 0.25, gamma = 2, reduction = "none" } = options;
  expectSameShape("sigmoidFocalLoss", input, target);
  if (!(alpha <= 1)) throw new ArgumentError(`sigmoidFocalLoss: alpha is at most 1, but is ${alpha}.`);
  const negative = target.sub(1).neg();
  const surprise = binaryCrossEntropyWithLogits(input, target, { reduction: "none" });
  const missing = target.mul(input.neg().sigmoid()).add(negative.mul(input.sigmoid()));
  const losses = surprise.mul(focus("sigmoidFocalLoss", missing, gamma));
  if (alpha < 0) return reduced("sigmoidFocalLoss", losses, reduction);
  return reduced("sigmoidFocalLoss", losses.mul(target.mul(alpha).add(negative.mul(1 - alpha))), reduction);
}

/** (1 − pₜ)^γ, whose derivative must be finite where nothing is missing. */
function focus(op: string, missing: Tensor, gamma: number): Tensor {
  if (!(gamma >= 0)) throw new ArgumentError(`${op}: gamma is at least 0, but is ${gamma}.`);
  return missing.clamp(1e-37).pow(gamma);
}

export interface FocalLossOptions extends NLLLossOptions {
  /** γ, how little easy examples count; 2 by default; 0 is `crossEntropy` */
  gamma?: number;
}

/**
 * The focal loss of several classes, −w[t] · (1 − pₜ)^γ · log pₜ from logits, where pₜ is softmax's probability of the target.
 *
 * `weight` (C) is α; the mean divides by Σ w[t], as `crossEntropy`'s does. Shapes: input (N, C), (C) or (N, C, d₁, …);
 * target (N), () or (N, d₁, …) of integers. Throws a ShapeError if they do not fit, an ArgumentError if γ < 0, and an
 * IndexError, when it is computed, for a target outside of [0, C). Lin et al., Focal loss for dense object detection, 2017.
 *
 * ```ts
 * const logits = tensor([[4, 0, 0], [1, 2, 0]]);
 * focalLoss(logits, tensor([0, 0], { dtype: "i32" }), { reduction: "none" }); // tensor([4.4924e-05, 8.0295e-01])
 * ```
 */
export function focalLoss(input: Tensor, target: Tensor, options: FocalLossOptions = {}): Tensor {
  const { gamma = 2, ignoreIndex, reduction } = options;
  const targets = classTargets("focalLoss", input, target, options);
  const surprise = crossEntropy(input, target, { ignoreIndex, reduction: "none" });
  const missing = surprise.neg().expm1().neg(); // 1 − pₜ, with all its digits near 0
  const losses = surprise.mul(focus("focalLoss", missing, gamma)).mul(targets.weights);
  return reducedOver("focalLoss", targets, losses, reduction);
}

/** `sigmoidFocalLoss` with options of its own. */
export class SigmoidFocalLoss extends Loss<SigmoidFocalLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return sigmoidFocalLoss(input, target, this.options);
  }
}

/** `focalLoss` with options of its own. */
export class FocalLoss extends Loss<FocalLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return focalLoss(input, target, this.options);
  }
}
