/** Which output function and which loss suit a task, and which do not suit each other. */

import { ArgumentError } from "../../core/errors.ts";
import { sigmoid, softmax, type Tensor } from "../../tensor/index.ts";
import {
  GumbelSoftmax,
  Hardsigmoid,
  Hardtanh,
  LogSigmoid,
  LogSoftmax,
  ReLU,
  ReLU6,
  Sigmoid,
  Softmax,
  Softmin,
  Softplus,
  Softsign,
  Tanh,
} from "../activation/index.ts";
import { Flatten, Identity, Sequential } from "../container.ts";
import { Conv1d, Conv2d, Conv3d } from "../convolution.ts";
import { Linear } from "../linear.ts";
import type { Module } from "../module.ts";
import { Dropping } from "../regularization/dropout.ts";
import { BCELoss, BCEWithLogitsLoss, binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./binary.ts";
import { CrossEntropyLoss, crossEntropy, NLLLoss, nllLoss } from "./classification.ts";
import { CTCLoss } from "./ctc.ts";
import { FocalLoss, focalLoss, SigmoidFocalLoss, sigmoidFocalLoss } from "./focal.ts";
import { KLDivLoss, klDiv } from "./likelihood.ts";
import { SoftMarginLoss, softMarginLoss } from "./margin.ts";
import { MultiLabelSoftMarginLoss, multilabelSoftMarginLoss } from "./multilabel.ts";
import { OrdinalLoss, ordinalLoss, ordinalProbabilities } from "./ordinal.ts";
import {
  DiceLoss,
  diceLoss,
  FBetaLoss,
  fBetaLoss,
  JaccardLoss,
  jaccardLoss,
  PrecisionLoss,
  precisionLoss,
  RecallLoss,
  recallLoss,
  TverskyLoss,
  tverskyLoss,
} from "./overlap.ts";
import { rankNetLoss } from "./ranking.ts";
import { mseLoss } from "./regression.ts";
import { SequenceCrossEntropyLoss, sequenceCrossEntropy } from "./sequence.ts";

/** A loss is a function of what the model gives and of the target. */
export type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** What is to be predicted. */
export type Task =
  | "regression"
  | "binary"
  | "multi-class"
  | "multi-label"
  | "ordinal"
  | "sequence"
  | "ranking"
  | "imbalanced";

/** How a model ends, and what it is trained with. */
export interface TaskLoss {
  /** what the last layer gives to the loss */
  readonly lastLayer: string;
  /** what targets look like */
  readonly target: string;
  /** makes predictions of what the last layer gives; the loss must not get them */
  readonly outputFunction: (output: Tensor) => Tensor;
  readonly loss: LossFunction;
  /** why these */
  readonly reasons: string;
}

const same = (output: Tensor): Tensor => output;

/** Of (C), (N, C) or (N, C, d₁, …). */
const overClasses = (logits: Tensor): Tensor => softmax(logits, logits.ndim === 1 ? 0 : 1);

const LOSSES: Readonly<Record<Task, TaskLoss>> = {
  regression: {
    lastLayer: "Linear, a number for each quantity: (N, d)",
    target: "numbers (N, d), best scaled to mean 0 and variance 1",
    outputFunction: same,
    loss: mseLoss,
    reasons:
      "The squared error is the likelihood of normal noise, and its minimum is the mean of the targets. Take huberLoss " +
      "or l1Loss where outliers should not rule (their minimum is near or at the median), quantileLoss for other " +
      "quantiles, poissonNllLoss for counts, and gaussianNllLoss where the noise differs from example to example.",
  },
  binary: {
    lastLayer: "Linear, a logit for each example: (N) or (N, 1)",
    target: "0 or 1, as floats, in the logits' shape",
    outputFunction: sigmoid,
    loss: binaryCrossEntropyWithLogits,
    reasons:
      "It is the likelihood of a coin whose log-odds the model gives. From logits it neither overflows nor loses digits, " +
      "and its gradient, sigmoid(x) − t, does not vanish where the model is surely wrong, as the squared error's does.",
  },
  "multi-class": {
    lastLayer: "Linear, a logit for each class: (N, C)",
    target: "class indices (N), as integers",
    outputFunction: overClasses,
    loss: crossEntropy,
    reasons:
      "Exactly one class is right, so the probabilities share 1: softmax. Its likelihood is cross-entropy, which has " +
      "log softmax within, where it does not overflow, and the gradient softmax(x) − onehot(t).",
  },
  "multi-label": {
    lastLayer: "Linear, a logit for each label: (N, C)",
    target: "0 or 1 for each label, as floats: (N, C)",
    outputFunction: sigmoid,
    loss: binaryCrossEntropyWithLogits,
    reasons:
      "Any number of labels may be right, so each is a question of its own: a sigmoid and a binary cross-entropy each. " +
      "Softmax would make labels compete. Rare labels can weigh more by posWeight.",
  },
  ordinal: {
    lastLayer: "OrdinalLogits(K) after a Linear with one output, or Linear: a logit of y > k for each k: (N, K − 1)",
    target: "grades from 0 to K − 1, as integers: (N)",
    outputFunction: ordinalProbabilities,
    loss: ordinalLoss,
    reasons:
      "Grades have an order, which crossEntropy does not know: to it, one star for five is no worse than four. Cumulative " +
      "logits ask K − 1 times whether the grade is higher, so that a mistake costs more the further it is off; unlike in " +
      "regression, grades need not be equally far apart.",
  },
  sequence: {
    lastLayer: "Linear, a logit for each token of the vocabulary at each place: (N, T, C)",
    target: "token indices (N, T), as integers; −100, a mask or lengths where there is none",
    outputFunction: (logits) => softmax(logits, -1),
    loss: sequenceCrossEntropy,
    reasons:
      "The likelihood of a sequence is the product of its tokens' (the chain rule), so its logarithm is a sum of " +
      "cross-entropies. Padding must not count, and the mean is over tokens: its exponential is the perplexity. Where " +
      "the alignment of inputs and outputs is not known, take ctcLoss.",
  },
  ranking: {
    lastLayer: "Linear, a score for each item of a list: (N, L)",
    target: "relevances (N, L): more is better",
    outputFunction: same,
    loss: rankNetLoss,
    reasons:
      "Only the order counts, so the loss is of differences of scores: the likelihood that the better of each pair comes " +
      "first. Take bprLoss where all that is known is what was chosen, and listNetLoss or listMleLoss where the top of " +
      "the list matters most.",
  },
  imbalanced: {
    lastLayer: "Linear, a logit for each class: (N, C)",
    target: "class indices (N), as integers",
    outputFunction: overClasses,
    loss: focalLoss,
    reasons:
      "Where one class fills most of the data, its easy examples add up to most of the gradient; the focal loss takes " +
      "them back by (1 − p)^γ. Its weight, like crossEntropy's, can be one over each class's frequency. For one logit " +
      "take sigmoidFocalLoss, or binaryCrossEntropyWithLogits with posWeight; for pictures diceLoss or tverskyLoss, " +
      "which do not count what is rightly left out. All of them distort probabilities: choose the threshold on other data.",
  },
};

/**
 * The output function and the loss of a task, with the reasons.
 *
 * Throws an ArgumentError for a task that it does not know. Goodfellow, Bengio and Courville, Deep learning, 2016,
 * section 6.2.
 *
 * ```ts
 * const { loss, outputFunction, lastLayer } = lossFor("multi-class");
 * lastLayer; // "Linear, a logit for each class: (N, C)"
 * const logits = tensor([[2, 0, 0]]);
 * loss(logits, tensor([0], { dtype: "i32" })); // tensor(0.2395)
 * outputFunction(logits); // tensor([[0.7870, 0.1065, 0.1065]])
 * ```
 */
export function lossFor(task: Task): TaskLoss {
  if (!Object.hasOwn(LOSSES, task)) {
    throw new ArgumentError(`lossFor: a task is one of ${Object.keys(LOSSES).join(", ")}, but not "${task}".`);
  }
  return LOSSES[task];
}

/** What a layer gives, or a loss takes. */
type Values = "logits" | "probabilities" | "log-probabilities" | "numbers from 0 on" | "numbers from −1 to 1";

type Class = abstract new (...args: never[]) => Module;

const GIVES: readonly (readonly [Values, readonly Class[]])[] = [
  ["logits", [Linear, Conv1d, Conv2d, Conv3d]],
  ["probabilities", [Sigmoid, Hardsigmoid, Softmax, Softmin, GumbelSoftmax]],
  ["log-probabilities", [LogSigmoid, LogSoftmax]],
  ["numbers from 0 on", [ReLU, ReLU6, Softplus]],
  ["numbers from −1 to 1", [Tanh, Hardtanh, Softsign]],
];

/** Layers that leave open what the layer before them gives. */
const TRANSPARENT: readonly Class[] = [Identity, Flatten, Dropping];

interface Needs {
  readonly values: Values;
  readonly losses: readonly unknown[];
  readonly fix: string;
}

const NEEDS: readonly Needs[] = [
  {
    values: "logits",
    losses: [
      ...[crossEntropy, CrossEntropyLoss, sequenceCrossEntropy, SequenceCrossEntropyLoss, focalLoss, FocalLoss],
      ...[binaryCrossEntropyWithLogits, BCEWithLogitsLoss, sigmoidFocalLoss, SigmoidFocalLoss],
      ...[multilabelSoftMarginLoss, MultiLabelSoftMarginLoss, softMarginLoss, SoftMarginLoss, ordinalLoss, OrdinalLoss],
    ],
    fix: "leave it out of the model, and apply it to predictions only, since the loss has what it needs of it within",
  },
  {
    values: "probabilities",
    losses: [binaryCrossEntropy, BCELoss],
    fix: "end the model in Sigmoid or, which is more accurate, in Linear and take binaryCrossEntropyWithLogits",
  },
  {
    values: "probabilities",
    losses: [
      ...[diceLoss, DiceLoss, jaccardLoss, JaccardLoss, tverskyLoss, TverskyLoss],
      ...[precisionLoss, PrecisionLoss, recallLoss, RecallLoss, fBetaLoss, FBetaLoss],
    ],
    fix: "end the model in Sigmoid or Softmax",
  },
  {
    values: "log-probabilities",
    losses: [nllLoss, NLLLoss],
    fix: "end the model in LogSoftmax, or in Linear and take crossEntropy",
  },
  {
    values: "log-probabilities",
    losses: [klDiv, KLDivLoss, CTCLoss],
    fix: "end the model in LogSoftmax",
  },
];

/**
 * Says why a model's output function and a loss do not belong together, and what to do; undefined where nothing is known
 * against them.
 *
 * Known are the losses here, as functions or modules, and the last layer of a `Sequential`. What a loss of your own takes,
 * or a model of your own gives, is not known: give its last layer instead.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 1), new Sigmoid());
 * lossMismatch(model, binaryCrossEntropy); // undefined
 * const why = lossMismatch(model, new BCEWithLogitsLoss())!;
 * why.split(":")[0]; // "BCEWithLogitsLoss takes logits, but the model ends in Sigmoid, which gives probabilities"
 * ```
 */
export function lossMismatch(model: Module, loss: LossFunction | Module): string | undefined {
  const kind = typeof loss === "function" ? loss : loss.constructor;
  const needs = NEEDS.find(({ losses }) => losses.includes(kind));
  const last = lastLayer(model);
  const gives = GIVES.find(([, layers]) => layers.some((layer) => last instanceof layer))?.[0];
  if (!needs || !gives || gives === needs.values) return undefined;
  return `${kind.name} takes ${needs.values}, but the model ends in ${last?.constructor.name}, which gives ${gives}: ${needs.fix}.`;
}

/** The layer whose kind of numbers a model gives. */
function lastLayer(model: Module): Module | undefined {
  if (!(model instanceof Sequential)) return model;
  const layers = [...model].filter((layer) => !TRANSPARENT.some((kind) => layer instanceof kind));
  const last = layers.at(-1);
  return last && lastLayer(last);
}
