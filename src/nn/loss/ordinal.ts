/** Classes that have an order, such as grades: K of them have K − 1 thresholds between them. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { askedBy, cat, full, ones, Parameter, softplus, type Tensor, zeros } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { binaryCrossEntropyWithLogits } from "./binary.ts";
import { expectClasses } from "./classification.ts";
import { Loss, type LossOptions, reduced } from "./loss.ts";

export interface OrdinalLossOptions extends LossOptions {
  /**
   * `"cumulative"` by default: the binary cross-entropies of "is the class above k?", added up (Frank and Hall, 2001).
   * `"likelihood"`: −log P(y = t) of the proportional odds model (McCullagh, 1980), for logits that fall with k
   */
  form?: "cumulative" | "likelihood";
}

/**
 * The loss of ordered classes from K − 1 cumulative logits, where logit k is that of P(y > k):
 * −Σₖ ([t > k]·log σ(xₖ) + [t ≤ k]·log σ(−xₖ)).
 *
 * A mistake costs more the further it is from the target. Shapes: input (N, K − 1), target (N) of integers from 0 to K − 1;
 * `"none"` gives (N). Throws a ShapeError if they do not fit, and an IndexError, when it is computed, for a target outside
 * of [0, K). Cao, Mirjalili and Raschka, Rank consistent ordinal regression for neural networks, 2020.
 *
 * ```ts
 * const logits = tensor([[3, -1, -4]]); // above 0, but hardly above 1
 * ordinalLoss(logits, tensor([1], { dtype: "i32" })); // tensor(0.3800)
 * ordinalLoss(logits, tensor([3], { dtype: "i32" })); // tensor(5.3800)
 * ```
 */
export function ordinalLoss(input: Tensor, target: Tensor, options: OrdinalLossOptions = {}): Tensor {
  const { form = "cumulative", reduction } = options;
  expectClasses("ordinalLoss", target);
  if (input.ndim !== 2 || !sameShape(target.shape, [input.shape[0]])) {
    throw new ShapeError(
      `ordinalLoss needs logits (N, K − 1) and classes (N), but got ${showShape(input.shape)} and ${showShape(target.shape)}.`,
    );
  }
  return reduced(
    "ordinalLoss",
    (form === "likelihood" ? likelihoodLosses : cumulativeLosses)(input, target),
    reduction,
  );
}

function cumulativeLosses(input: Tensor, target: Tensor): Tensor {
  const classes = input.shape[1] + 1;
  const answers = ones([classes, classes - 1], { dtype: input.dtype }).tril(-1); // row t: whether t > k
  const above = askedBy("ordinalLoss", () => answers.indexSelect(0, target)); // (N, K − 1)
  return binaryCrossEntropyWithLogits(input, above, { reduction: "none" }).sum(1);
}

/** −log(σ(a) − σ(b)) = softplus(−a) + softplus(b) − log(1 − e^(b − a)), with the logits a and b on both sides of the class. */
function likelihoodLosses(input: Tensor, target: Tensor): Tensor {
  const end = full([input.shape[0], 1], 1e30, { dtype: input.dtype });
  const logits = cat([end, input, end.neg()], 1); // (N, K + 1)
  const at = (k: Tensor): Tensor => askedBy("ordinalLoss", () => logits.gather(1, k.unsqueeze(1)).squeeze(1));
  const [a, b] = [at(target), at(target.add(1))];
  return softplus(a.neg()).add(softplus(b)).sub(b.sub(a).expm1().neg().log());
}

/**
 * The probabilities of K ordered classes from K − 1 cumulative logits: P(y = k) = σ(xₖ₋₁) − σ(xₖ), with 1 and 0 at the ends.
 *
 * They are at least 0 where the logits fall with k, as `OrdinalLogits` has them. Shapes: (…, K − 1) ─► (…, K).
 * McCullagh, Regression models for ordinal data, 1980.
 *
 * ```ts
 * ordinalProbabilities(tensor([[3, -1, -4]])); // tensor([[0.0474, 0.6836, 0.2510, 0.0180]])
 * ```
 */
export function ordinalProbabilities(logits: Tensor): Tensor {
  const above = logits.sigmoid();
  const end = [...logits.shape.slice(0, -1), 1];
  const { dtype } = above;
  return cat([ones(end, { dtype }), above], -1).sub(cat([above, zeros(end, { dtype })], -1));
}

/**
 * The last layer of the proportional odds model: a score x becomes K − 1 cumulative logits x − θₖ with learned thresholds
 * θ₀ < θ₁ < …, so that they fall with k.
 *
 * θₖ is θ₀ plus softplus of each of the k gaps; at first they are 1 apart and centred at 0. Shapes: (N, 1) ─► (N, K − 1).
 * Throws an ArgumentError unless there are 2 classes or more. McCullagh, Regression models for ordinal data, 1980.
 *
 * ```ts
 * const layer = new OrdinalLogits(4);
 * layer.forward(tensor([[0.5]])); // tensor([[ 1.5000,  0.5000, -0.5000]], requiresGrad=true)
 * ```
 */
export class OrdinalLogits extends Module {
  readonly classes: number;
  readonly first: Parameter;
  readonly gaps: Parameter;

  constructor(classes: number) {
    super();
    if (!(Number.isInteger(classes) && classes >= 2)) {
      throw new ArgumentError(`OrdinalLogits: classes is a whole number of at least 2, but is ${classes}.`);
    }
    this.classes = classes;
    this.first = new Parameter(full([1], 1 - classes / 2));
    this.gaps = new Parameter(full([classes - 2], Math.log(Math.expm1(1)))); // softplus of it is 1
  }

  /** θ, (K − 1). */
  thresholds(): Tensor {
    return cat([this.first, this.first.add(softplus(this.gaps).cumsum(0))], 0);
  }

  override forward(score: Tensor): Tensor {
    if (score.ndim === 0 || score.shape[score.ndim - 1] !== 1) {
      throw new ShapeError(`OrdinalLogits needs scores (N, 1), but got ${showShape(score.shape)}.`);
    }
    return score.sub(this.thresholds());
  }

  override extraRepr(): string {
    return `${this.classes}`;
  }
}

/** `ordinalLoss` with options of its own. */
export class OrdinalLoss extends Loss<OrdinalLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return ordinalLoss(input, target, this.options);
  }
}
