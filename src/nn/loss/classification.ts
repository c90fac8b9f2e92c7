import { ArgumentError, DTypeError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { askedBy, customGrad, oneHot, ones, type Tensor, where } from "../../tensor/index.ts";
import { Loss, type LossOptions, reduced } from "./loss.ts";

export interface NLLLossOptions extends LossOptions {
  /** of the classes (C): the mean divides by the weights of the targets */
  weight?: Tensor;
  /** targets of this number count for nothing; −100 by default */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NLLLossOptions {
  /** ε: the target distribution becomes (1 − ε) · target + ε / C; 0 by default */
  labelSmoothing?: number;
  /** who shares ε: `"all"` classes, ε / C each (the default), or the `"others"` than the target, ε / (C − 1) each */
  smoothing?: "all" | "others";
}

/** The dimension of the classes: (C), (N, C) or (N, C, d₁, …). */
export function classDim(op: string, x: Tensor, weight: Tensor | undefined): number {
  if (x.ndim === 0) throw new ShapeError(`${op} needs an input (N, C, …) or (C), but got a single number.`);
  const dim = x.ndim === 1 ? 0 : 1;
  if (weight && !sameShape(weight.shape, [x.shape[dim]])) {
    throw new ShapeError(
      `${op}: the weight of the classes must be (${x.shape[dim]},) for an input ${showShape(x.shape)}, but is ${showShape(weight.shape)}.`,
    );
  }
  return dim;
}

export function expectClasses(op: string, target: Tensor): void {
  if (target.isFloatingPoint() || target.dtype === "bool") {
    throw new DTypeError(
      `${op} needs class indices, which are integers, but got ${target.dtype}: convert them with .to("i32").`,
    );
  }
}

/** A weight (C) along the classes of a tensor with `ndim` dimensions. */
const alongClasses = (weight: Tensor, dim: number, ndim: number): Tensor =>
  weight.reshape(Array.from({ length: ndim }, (_, i) => (i === dim ? -1 : 1))); // (C) ─► (1, C, 1, …)

/** 1 at the target class and 0 elsewhere: (N, …) ─► (N, C, …). */
export const atClasses = (target: Tensor, classes: number, dim: number): Tensor =>
  oneHot(target, classes).movedim(-1, dim);

/** The element at the target class: (N, C, …) and (N, …) ─► (N, …). The gradient is elementwise: gather's is a scatter. */
export function atTarget(op: string, logProbabilities: Tensor, target: Tensor, dim: number): Tensor {
  return customGrad(
    "atTarget",
    (x) => askedBy(op, () => x.gather(dim, target.unsqueeze(dim)).squeeze(dim)),
    (g, _, x) => [where(atClasses(target, x.shape[dim], dim).ne(0), g.unsqueeze(dim), 0)],
  )(logProbabilities);
}

/**
 * `atTarget` of log softmax, whose gradient (1 at the target − softmax)·g keeps nothing as large as the logits. It is 0
 * where the target does not count, whatever the logits are there.
 */
function logSoftmaxAtTarget(op: string, logits: Tensor, { classes: target, counts, dim }: ClassTargets): Tensor {
  return customGrad(
    "logSoftmaxAtTarget",
    (x) => {
      const top = x.amax(dim, { keepdim: true });
      const total = x.sub(top).exp().sum(dim, { keepdim: true }).log();
      return askedBy(op, () => x.gather(dim, target.unsqueeze(dim)))
        .sub(top)
        .sub(total)
        .squeeze(dim);
    },
    (g, _, x) => {
      const missing = atClasses(target, x.shape[dim], dim).sub(x.logSoftmax(dim).exp());
      return [where(counts.unsqueeze(dim), missing.mul(g.unsqueeze(dim)), 0)];
    },
  )(logits);
}

/** Class indices for an input (N, C, …). */
export interface ClassTargets {
  /** the dimension of the classes */
  readonly dim: number;
  /** the target, with 0 where it is ignored */
  readonly classes: Tensor;
  /** whether a target counts */
  readonly counts: Tensor;
  /** of each target in the mean */
  readonly weights: Tensor;
}

/** Class indices that fit an input. */
export function classTargets(op: string, input: Tensor, target: Tensor, options: NLLLossOptions): ClassTargets {
  const { weight, ignoreIndex = -100 } = options;
  expectClasses(op, target);
  const dim = classDim(op, input, weight);
  const expected = input.shape.filter((_, i) => i !== dim);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `${op}: an input ${showShape(input.shape)} needs class indices ${showShape(expected)}, but got ${showShape(target.shape)}.`,
    );
  }
  const index = target.to("i32");
  const counts = index.ne(ignoreIndex);
  const classes = where(counts, index, 0); // an ignored target need not be a class
  const weights = weight
    ? askedBy(op, () => weight.indexSelect(0, classes.reshape([-1])).reshape(expected))
    : ones([], { dtype: input.dtype });
  return { dim, classes, counts, weights };
}

/** The losses of those targets that count; their mean divides by the weights. */
export function reducedOver(
  op: string,
  { counts, weights }: ClassTargets,
  all: Tensor,
  reduction: LossOptions["reduction"] = "mean",
): Tensor {
  const losses = where(counts, all, 0);
  if (reduction !== "mean") return reduced(op, losses, reduction);
  return losses.sum().div(where(counts, weights, 0).sum());
}

/** Targets that are class indices. The input is logits for crossEntropy. */
function classLosses(
  op: "nllLoss" | "crossEntropy",
  input: Tensor,
  target: Tensor,
  options: CrossEntropyOptions,
): Tensor {
  const { weight, reduction } = options;
  const targets = classTargets(op, input, target, options);
  const { dim, classes, counts, weights } = targets;
  const found = op === "nllLoss" ? atTarget(op, input, classes, dim) : logSoftmaxAtTarget(op, input, targets);
  let losses = found.mul(weights).neg();
  const smoothing = sharedByAll(options, input.shape[dim]);
  if (smoothing > 0) {
    const logProbabilities = where(counts.unsqueeze(dim), input, 0).logSoftmax(dim);
    const all = weight ? logProbabilities.mul(alongClasses(weight, dim, logProbabilities.ndim)) : logProbabilities;
    const uniform = all.sum(dim).neg();
    losses = losses.mul(1 - smoothing).add(uniform.mul(smoothing / logProbabilities.shape[dim]));
  }
  return reducedOver(op, targets, losses, reduction);
}

/** ε as if all classes shared it: (1 − ε)·target + ε/(C − 1)·(1 − target) is smoothing by ε·C/(C − 1) over all. */
const sharedByAll = ({ labelSmoothing = 0, smoothing = "all" }: CrossEntropyOptions, classes: number): number =>
  smoothing === "all" || classes === 1 ? labelSmoothing : (labelSmoothing * classes) / (classes - 1);

/**
 * The negative log-likelihood of class indices, −w[t] · x[t], from log-probabilities.
 *
 * The mean divides by Σ w[t]. Shapes: input (N, C), (C) or (N, C, d₁, …), target (N), () or (N, d₁, …) of integers.
 * Throws a ShapeError if they do not fit, and an IndexError, when it is computed, for a target outside of [0, C).
 * Bishop, Pattern recognition and machine learning, 2006, section 4.3.
 *
 * ```ts
 * nllLoss(tensor([[-1, -2], [-3, -4]]), tensor([0, 1], { dtype: "i32" })); // tensor(2.5000)
 * ```
 */
export function nllLoss(input: Tensor, target: Tensor, options: NLLLossOptions = {}): Tensor {
  return classLosses("nllLoss", input, target, options);
}

/**
 * The cross-entropy between a target and the softmax of logits, −Σ w · target · log softmax(input).
 *
 * The target is a class index, or a probability for each class. With indices, the mean divides by Σ w[t] over those
 * that are not ignored, and is NaN without any; with probabilities, by N. log softmax is computed without overflow.
 * Logits of ignored targets may be anything: their gradient is 0, where PyTorch's is NaN if they are NaN or infinite.
 *
 * Shapes: input (N, C), (C) or (N, C, d₁, …); target (N), () or (N, d₁, …) of integers, or input's, of floats.
 * Throws a ShapeError if they do not fit, an ArgumentError unless ε lies between 0 and 1, and an IndexError, when it is
 * computed, for a target outside of [0, C). Goodfellow, Bengio and Courville, Deep learning, 2016, section 6.2; label
 * smoothing: Szegedy et al., Rethinking the Inception architecture for computer vision, 2016.
 *
 * ```ts
 * const logits = tensor([[1, 2, 3], [3, 1, 1]]);
 * crossEntropy(logits, tensor([2, 0], { dtype: "i32" })); // tensor(0.3236)
 * crossEntropy(logits, tensor([[0, 0.5, 0.5], [1, 0, 0]])); // tensor(0.5736)
 * ```
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(`crossEntropy: labelSmoothing lies between 0 and 1, but is ${labelSmoothing}.`);
  }
  const dim = classDim("crossEntropy", input, options.weight);
  const logits = input.isFloatingPoint() ? input : input.float();
  if (target.isFloatingPoint() && sameShape(target.shape, input.shape)) {
    if (options.ignoreIndex !== undefined && options.ignoreIndex >= 0)
      throw new ArgumentError(`crossEntropy: ignoreIndex is for class indices, but the target holds probabilities.`);
    return distributionLosses(logits.logSoftmax(dim), target, options);
  }
  return classLosses("crossEntropy", logits, target, options);
}

/** Targets that are probabilities. */
function distributionLosses(logProbabilities: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, reduction } = options;
  const dim = logProbabilities.ndim === 1 ? 0 : 1;
  const classes = logProbabilities.shape[dim];
  const smoothing = sharedByAll(options, classes);
  const smooth = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / classes) : target;
  const terms = smooth.mul(logProbabilities);
  const weighted = weight ? terms.mul(alongClasses(weight, dim, terms.ndim)) : terms;
  return reduced("crossEntropy", weighted.sum(dim).neg(), reduction);
}

/**
 * `crossEntropy` with options of its own.
 *
 * ```ts
 * const loss = new CrossEntropyLoss({ labelSmoothing: 0.1 });
 * loss.forward(tensor([[1, 2, 3]]), tensor([2], { dtype: "i32" })); // tensor(0.5076)
 * ```
 */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.options);
  }
}

/** `nllLoss` with options of its own. */
export class NLLLoss extends Loss<NLLLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.options);
  }
}
