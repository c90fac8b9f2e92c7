import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { askedBy, customGrad, oneHot, ones, softplus, type Tensor, where } from "../tensor/index.ts";
import { Module } from "./module.ts";

/** What becomes of the losses of a batch: their mean, their sum, or a tensor of them. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** `"mean"` by default */
  reduction?: Reduction;
}

function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}

// ---- classification

export interface NLLLossOptions extends LossOptions {
  /** of the classes (C): the mean divides by the weights of the targets */
  weight?: Tensor;
  /** targets of this number count for nothing; −100 by default */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NLLLossOptions {
  /** ε: the target distribution becomes (1 − ε) · target + ε / C; 0 by default */
  labelSmoothing?: number;
}

/** The dimension of the classes: (C), (N, C) or (N, C, d₁, …). */
function classDim(op: string, x: Tensor, weight: Tensor | undefined): number {
  if (x.ndim === 0) throw new ShapeError(`${op} needs an input (N, C, …) or (C), but got a single number.`);
  const dim = x.ndim === 1 ? 0 : 1;
  if (weight && !sameShape(weight.shape, [x.shape[dim]])) {
    throw new ShapeError(
      `${op}: the weight of the classes must be (${x.shape[dim]},) for an input ${showShape(x.shape)}, but is ${showShape(weight.shape)}.`,
    );
  }
  return dim;
}

/** A weight (C) along the classes of a tensor with `ndim` dimensions. */
const alongClasses = (weight: Tensor, dim: number, ndim: number): Tensor =>
  weight.reshape(Array.from({ length: ndim }, (_, i) => (i === dim ? -1 : 1))); // (C) ─► (1, C, 1, …)

/** 1 at the target class and 0 elsewhere: (N, …) ─► (N, C, …). */
const atClasses = (target: Tensor, classes: number, dim: number): Tensor => oneHot(target, classes).movedim(-1, dim);

/** The element at the target class: (N, C, …) and (N, …) ─► (N, …). The gradient is elementwise: gather's is a scatter. */
function atTarget(op: string, logProbabilities: Tensor, target: Tensor, dim: number): Tensor {
  return customGrad(
    "atTarget",
    (x) => askedBy(op, () => x.gather(dim, target.unsqueeze(dim)).squeeze(dim)),
    (g, _, x) => [where(atClasses(target, x.shape[dim], dim).ne(0), g.unsqueeze(dim), 0)],
  )(logProbabilities);
}

/** `atTarget` of log softmax, whose gradient (1 at the target − softmax)·g keeps nothing as large as the logits. */
function logSoftmaxAtTarget(op: string, logits: Tensor, target: Tensor, dim: number): Tensor {
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
    (g, _, x) => [atClasses(target, x.shape[dim], dim).sub(x.logSoftmax(dim).exp()).mul(g.unsqueeze(dim))],
  )(logits);
}

/** Targets that are class indices: what is lost at each, and its weight in the mean. The input is logits for crossEntropy. */
function classLosses(
  op: "nllLoss" | "crossEntropy",
  input: Tensor,
  target: Tensor,
  options: CrossEntropyOptions,
): Tensor {
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
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
  let losses = (op === "nllLoss" ? atTarget : logSoftmaxAtTarget)(op, input, classes, dim).mul(weights).neg();
  if (labelSmoothing > 0) {
    const logProbabilities = input.logSoftmax(dim);
    const all = weight ? logProbabilities.mul(alongClasses(weight, dim, logProbabilities.ndim)) : logProbabilities;
    const uniform = all.sum(dim).neg();
    losses = losses.mul(1 - labelSmoothing).add(uniform.mul(labelSmoothing / logProbabilities.shape[dim]));
  }
  losses = where(counts, losses, 0);
  if (reduction !== "mean") return reduced(losses, reduction);
  return losses.sum().div(where(counts, weights, 0).sum());
}

/**
 * The negative log-likelihood of class indices, −w[t] · x[t], from log-probabilities.
 *
 * The mean divides by Σ w[t]. Shapes: input (N, C), (C) or (N, C, d₁, …), target (N), () or (N, d₁, …) of integers.
 * Throws a ShapeError if they do not fit, and an IndexError, when it is computed, for a target outside of [0, C).
 *
 * ```ts
 * nllLoss(tensor([[-1, -2], [-3, -4]]), tensor([0, 1], { dtype: "i32" })); // tensor(2.5000)
 * ```
 */
export function nllLoss(input: Tensor, target: Tensor, options: NLLLossOptions = {}): Tensor {
  expectClasses("nllLoss", target);
  return classLosses("nllLoss", input, target, options);
}

function expectClasses(op: string, target: Tensor): void {
  if (target.isFloatingPoint() || target.dtype === "bool") {
    throw new DTypeError(
      `${op} needs class indices, which are integers, but got ${target.dtype}: convert them with .to("i32").`,
    );
  }
}

/**
 * The cross-entropy between a target and the softmax of logits, −Σ w · target · log softmax(input).
 *
 * The target is a class index, or a probability for each class. With indices, the mean divides by Σ w[t] over those
 * that are not ignored, and is NaN without any; with probabilities, by N. log softmax is computed without overflow.
 *
 * Shapes: input (N, C), (C) or (N, C, d₁, …); target (N), () or (N, d₁, …) of integers, or input's, of floats.
 * Throws a ShapeError if they do not fit, and an IndexError, when it is computed, for a target outside of [0, C).
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
    return distributionLosses(logits.logSoftmax(dim), target, options);
  }
  expectClasses("crossEntropy", target);
  return classLosses("crossEntropy", logits, target, options);
}

/** Targets that are probabilities. */
function distributionLosses(logProbabilities: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, labelSmoothing = 0, reduction = "mean" } = options;
  const dim = logProbabilities.ndim === 1 ? 0 : 1;
  const classes = logProbabilities.shape[dim];
  const smooth = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const terms = smooth.mul(logProbabilities);
  const weighted = weight ? terms.mul(alongClasses(weight, dim, terms.ndim)) : terms;
  return reduced(weighted.sum(dim).neg(), reduction);
}

// ---- regression

/** A target of another shape would broadcast, and the loss be of something else. */
function expectSameShape(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  throw new ShapeError(
    `${op} needs an input and a target of one shape, but got ${showShape(input.shape)} and ${showShape(target.shape)}.`,
  );
}

/**
 * The squared error, (x − t)².
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ (PyTorch would broadcast, and warn).
 *
 * ```ts
 * mseLoss(tensor([1, 2]), tensor([0, 4])); // tensor(2.5000)
 * ```
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("mseLoss", input, target);
  return reduced(input.sub(target).square(), options.reduction ?? "mean");
}

/** The absolute error, |x − t|. Shapes: input and target alike; throws a ShapeError if they differ. */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("l1Loss", input, target);
  return reduced(input.sub(target).abs(), options.reduction ?? "mean");
}

/**
 * |x − t| − β/2 where |x − t| ≥ β, and (x − t)² / 2β below; β = 0 is `l1Loss`. Shapes: input and target alike.
 *
 * ```ts
 * smoothL1Loss(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }); // tensor([0.1250, 2.5000])
 * ```
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: LossOptions & { beta?: number } = {}): Tensor {
  const { beta = 1, reduction = "mean" } = options;
  expectSameShape("smoothL1Loss", input, target);
  if (!(beta >= 0)) throw new ArgumentError(`smoothL1Loss: beta is at least 0, but is ${beta}.`);
  if (beta === 0) return l1Loss(input, target, options);
  const error = input.sub(target);
  const size = error.abs();
  return reduced(where(size.lt(beta), error.square().mul(0.5 / beta), size.sub(beta / 2)), reduction);
}

/** δ · smoothL1 with β = δ: quadratic up to δ, linear beyond (Huber, 1964). Shapes: input and target alike. */
export function huberLoss(input: Tensor, target: Tensor, options: LossOptions & { delta?: number } = {}): Tensor {
  const { delta = 1, reduction = "mean" } = options;
  expectSameShape("huberLoss", input, target);
  if (!(delta > 0)) throw new ArgumentError(`huberLoss: delta is greater than 0, but is ${delta}.`);
  const error = input.sub(target);
  const size = error.abs();
  return reduced(where(size.le(delta), error.square().mul(0.5), size.sub(delta / 2).mul(delta)), reduction);
}

/**
 * −t · log p − (1 − t) · log(1 − p), from probabilities p; logarithms are at least −100, as in PyTorch.
 *
 * Shapes: input and target alike. From logits, `binaryCrossEntropyWithLogits` is more accurate.
 *
 * ```ts
 * binaryCrossEntropy(tensor([0.9, 0.2]), tensor([1, 0])); // tensor(0.1643)
 * ```
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("binaryCrossEntropy", input, target);
  const negative = target.sub(1);
  const losses = customGrad(
    "binaryCrossEntropy",
    (p, t) => negative.mul(p.neg().log1p().clamp(-100)).sub(t.mul(p.log().clamp(-100))),
    // (p − t) / (p·(1 − p)), which PyTorch keeps finite at the ends
    (g, _, p, t) => [
      g.mul(p.sub(t)).div(p.sub(p.mul(p)).clamp(1e-12)),
      g.mul(p.neg().log1p().clamp(-100).sub(p.log().clamp(-100))),
    ],
  )(input, target);
  return reduced(losses, options.reduction ?? "mean");
}

/**
 * Binary cross-entropy of sigmoid(x), as (1 − t) · x + softplus(−x): no overflow and no cancellation.
 *
 * Shapes: input and target alike.
 *
 * ```ts
 * binaryCrossEntropyWithLogits(tensor([2, -1]), tensor([1, 0])); // tensor(0.2201)
 * ```
 */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("binaryCrossEntropyWithLogits", input, target);
  const negative = target.sub(1).neg();
  return reduced(negative.mul(input).add(softplus(input.neg())), options.reduction ?? "mean");
}

// ---- as modules

abstract class Loss<Options extends LossOptions> extends Module {
  readonly options: Options;

  constructor(options: Options) {
    super();
    this.options = options;
  }
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
  constructor(options: CrossEntropyOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.options);
  }
}

/** `nllLoss` with options of its own. */
export class NLLLoss extends Loss<NLLLossOptions> {
  constructor(options: NLLLossOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.options);
  }
}

/** `mseLoss` with options of its own. */
export class MSELoss extends Loss<LossOptions> {
  constructor(options: LossOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}
