/**
 * Losses of how far a prediction and a target overlap, from probabilities: give σ(logits), or softmax(logits) and
 * `oneHot` targets. All count softly: TP = Σ p·t, FP = Σ p·(1 − t) and FN = Σ (1 − p)·t.
 */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { type Tensor, where } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

export interface OverlapOptions extends LossOptions {
  /** whether each class (dimension 1) has a ratio of its own, reduced by `reduction`; by default there is one of all elements */
  perClass?: boolean;
  /** s, added above and below, so that what is absent and not predicted loses nothing; 1 by default */
  smooth?: number;
  /** where elements count, as bools that broadcast to the input; everywhere by default */
  mask?: Tensor;
}

/** How much each soft count weighs. */
interface Counts {
  readonly hits: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** 1 − (hits + s) / (hits + errors + s), which is errors / (hits + errors + s); of nothing at all it is 0. */
function overlapLoss(op: string, counts: Counts, input: Tensor, target: Tensor, options: OverlapOptions): Tensor {
  const { perClass = false, smooth = 1, mask, reduction } = options;
  expectSameShape(op, input, target);
  if (!(smooth >= 0)) throw new ArgumentError(`${op}: smooth is at least 0, but is ${smooth}.`);
  if (perClass && input.ndim < 2) {
    throw new ShapeError(`${op}: perClass needs an input (N, C, …), but got ${input.ndim} dimension(s).`);
  }
  const dims = perClass ? input.shape.map((_, i) => i).filter((i) => i !== 1) : undefined;
  const [p, t] = [input, target.to(input.dtype)].map((x) => (mask ? where(mask, x, 0) : x));
  const sum = (x: Tensor, weight: number): Tensor => x.sum(dims).mul(weight);
  const hits = sum(p.mul(t), counts.hits);
  const errors = sum(p.mul(t.neg().add(1)), counts.falsePositives).add(
    sum(p.neg().add(1).mul(t), counts.falseNegatives),
  );
  const total = hits.add(errors).add(smooth);
  return reduced(op, errors.div(where(total.eq(0), 1, total)), reduction);
}

/**
 * The Dice loss 1 − (2·Σp·t + s) / (Σp + Σt + s), from probabilities p: one minus the F1 of soft counts.
 *
 * Shapes: input and target (…) alike, or (N, C, …) with `perClass`. Throws a ShapeError if they differ, and an
 * ArgumentError if s is negative. Milletari, Navab and Ahmadi, V-Net, 2016.
 *
 * ```ts
 * diceLoss(tensor([0.8, 0.4]), tensor([1, 0])); // tensor(0.1875)
 * diceLoss(tensor([[0.8, 0.4]]), tensor([[1, 0]]), { perClass: true, reduction: "none" }); // tensor([0.0714, 0.2857])
 * ```
 */
export function diceLoss(input: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return overlapLoss("diceLoss", { hits: 2, falsePositives: 1, falseNegatives: 1 }, input, target, options);
}

/**
 * The Jaccard loss 1 − (Σp·t + s) / (Σp + Σt − Σp·t + s), from probabilities p: one minus the intersection over the union.
 *
 * Shapes: input and target (…) alike, or (N, C, …) with `perClass`. Throws a ShapeError if they differ, and an
 * ArgumentError if s is negative. Rahman and Wang, Optimizing intersection-over-union in deep neural networks, 2016.
 *
 * ```ts
 * jaccardLoss(tensor([0.8, 0.4]), tensor([1, 0])); // tensor(0.2500)
 * ```
 */
export function jaccardLoss(input: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return overlapLoss("jaccardLoss", { hits: 1, falsePositives: 1, falseNegatives: 1 }, input, target, options);
}

export interface TverskyLossOptions extends OverlapOptions {
  /** α, how much false positives count; 0.5 by default */
  alpha?: number;
  /** β, how much false negatives count; 0.5 by default */
  beta?: number;
}

/**
 * The Tversky loss 1 − (TP + s) / (TP + α·FP + β·FN + s), from probabilities: β above α favours recall.
 *
 * α = β = 0.5 without s is Dice's loss, α = β = 1 Jaccard's. Shapes: input and target (…) alike, or (N, C, …) with
 * `perClass`. Throws a ShapeError if they differ, and an ArgumentError if s, α or β is negative.
 * Salehi, Erdogmus and Gholipour, Tversky loss function for image segmentation, 2017.
 *
 * ```ts
 * tverskyLoss(tensor([0.8, 0.4]), tensor([1, 0]), { alpha: 0.3, beta: 0.7 }); // tensor(0.1262)
 * ```
 */
export function tverskyLoss(input: Tensor, target: Tensor, options: TverskyLossOptions = {}): Tensor {
  const { alpha = 0.5, beta = 0.5 } = options;
  if (!(alpha >= 0 && beta >= 0)) {
    throw new ArgumentError(`tverskyLoss: alpha and beta are at least 0, but are ${alpha} and ${beta}.`);
  }
  return overlapLoss("tverskyLoss", { hits: 1, falsePositives: alpha, falseNegatives: beta }, input, target, options);
}

/**
 * Precision that differentiates: 1 − (TP + s) / (TP + FP + s), from probabilities.
 *
 * Alone it is least for a model that predicts nothing; add it to another loss. Shapes: input and target (…) alike, or
 * (N, C, …) with `perClass`. Throws a ShapeError if they differ, and an ArgumentError if s is negative.
 * Eban et al., Scalable learning of non-decomposable objectives, 2017.
 *
 * ```ts
 * precisionLoss(tensor([0.8, 0.4]), tensor([1, 0])); // tensor(0.1818)
 * ```
 */
export function precisionLoss(input: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return overlapLoss("precisionLoss", { hits: 1, falsePositives: 1, falseNegatives: 0 }, input, target, options);
}

/**
 * Recall that differentiates: 1 − (TP + s) / (TP + FN + s), from probabilities.
 *
 * Alone it is least for a model that predicts everything; add it to another loss. Shapes: input and target (…) alike, or
 * (N, C, …) with `perClass`. Throws a ShapeError if they differ, and an ArgumentError if s is negative.
 * Eban et al., Scalable learning of non-decomposable objectives, 2017.
 *
 * ```ts
 * recallLoss(tensor([0.8, 0.4]), tensor([1, 0])); // tensor(0.1000)
 * ```
 */
export function recallLoss(input: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return overlapLoss("recallLoss", { hits: 1, falsePositives: 0, falseNegatives: 1 }, input, target, options);
}

export interface FBetaLossOptions extends OverlapOptions {
  /** β, how many times as much recall counts as precision; 1 by default, Dice's loss */
  beta?: number;
}

/**
 * F-beta that differentiates: 1 − ((1 + β²)·TP + s) / ((1 + β²)·TP + β²·FN + FP + s), from probabilities.
 *
 * Shapes: input and target (…) alike, or (N, C, …) with `perClass`. Throws a ShapeError if they differ, and an
 * ArgumentError if s or β is negative. van Rijsbergen, Information retrieval, 1979, chapter 7.
 *
 * ```ts
 * fBetaLoss(tensor([0.8, 0.4]), tensor([1, 0]), { beta: 2 }); // tensor(0.1935)
 * ```
 */
export function fBetaLoss(input: Tensor, target: Tensor, options: FBetaLossOptions = {}): Tensor {
  const { beta = 1 } = options;
  if (!(beta >= 0)) throw new ArgumentError(`fBetaLoss: beta is at least 0, but is ${beta}.`);
  const counts = { hits: 1 + beta ** 2, falsePositives: 1, falseNegatives: beta ** 2 };
  return overlapLoss("fBetaLoss", counts, input, target, options);
}

/** `diceLoss` with options of its own. */
export class DiceLoss extends Loss<OverlapOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return diceLoss(input, target, this.options);
  }
}

/** `jaccardLoss` with options of its own. */
export class JaccardLoss extends Loss<OverlapOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return jaccardLoss(input, target, this.options);
  }
}

/** `tverskyLoss` with options of its own. */
export class TverskyLoss extends Loss<TverskyLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return tverskyLoss(input, target, this.options);
  }
}

/** `precisionLoss` with options of its own. */
export class PrecisionLoss extends Loss<OverlapOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return precisionLoss(input, target, this.options);
  }
}

/** `recallLoss` with options of its own. */
export class RecallLoss extends Loss<OverlapOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return recallLoss(input, target, this.options);
  }
}

/** `fBetaLoss` with options of its own. */
export class FBetaLoss extends Loss<FBetaLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return fBetaLoss(input, target, this.options);
  }
}
