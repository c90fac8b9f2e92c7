/** Losses of embeddings: what belongs together comes close, what does not moves apart. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { arange, cat, type Tensor, where, zeros } from "../../tensor/index.ts";
import { crossEntropy } from "./classification.ts";
import { normalized, scaledDown, vectorNorm } from "./distance.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

export interface ContrastiveLossOptions extends LossOptions {
  /** how far apart dissimilar pairs are wanted; 1 by default */
  margin?: number;
}

export interface CosineEmbeddingLossOptions extends LossOptions {
  /** the cosine up to which dissimilar pairs cost nothing; 0 by default */
  margin?: number;
}

export interface InfoNCELossOptions extends LossOptions {
  /** τ, which divides the cosines; 0.1 by default */
  temperature?: number;
  /** embeddings (M, D) that match no query, or (N, M, D) with some for each; by default the other queries' positives */
  negatives?: Tensor;
}

/** One label a pair of vectors: (N, D) and (N), or (D) and (). */
function expectPairs(op: string, x1: Tensor, x2: Tensor, y: Tensor): void {
  expectSameShape(op, x1, x2);
  const expected = x1.shape.slice(0, -1);
  if (x1.ndim > 0 && sameShape(y.shape, expected)) return;
  throw new ShapeError(
    `${op}: vectors ${showShape(x1.shape)} need a label each, ${showShape(expected)}, but got ${showShape(y.shape)}.`,
  );
}

/**
 * y·d² + (1 − y)·max(0, m − d)² with the distance d = ‖x₁ − x₂‖₂: y is 1 for similar pairs and 0 for dissimilar ones.
 *
 * The paper has the labels the other way round and a factor of ½, which a learning rate takes in. Equal points are a
 * kink, where the derivative is 0.
 *
 * Shapes: x₁ and x₂ (N, D), y (N) ─► (N). Throws a ShapeError if they do not fit.
 *
 * ```ts
 * const [a, b] = [tensor([[0, 0], [0, 0]]), tensor([[0.3, 0.4], [0.3, 0.4]])];
 * contrastiveLoss(a, b, tensor([1, 0]), { reduction: "none" }); // tensor([0.2500, 0.2500])
 * ```
 *
 * Hadsell, Chopra, LeCun, Dimensionality reduction by learning an invariant mapping, 2006.
 */
export function contrastiveLoss(x1: Tensor, x2: Tensor, y: Tensor, options: ContrastiveLossOptions = {}): Tensor {
  const { margin = 1, reduction = "mean" } = options;
  expectPairs("contrastiveLoss", x1, x2, y);
  const distance = vectorNorm(x1.sub(x2), 2, -1).squeeze(-1);
  const missing = distance.neg().add(margin).clamp(0);
  return reduced("contrastiveLoss", y.mul(distance.square()).sub(y.sub(1).mul(missing.square())), reduction);
}

/**
 * 1 − cos(x₁, x₂) where y = 1, max(0, cos(x₁, x₂) − m) where y = −1.
 *
 * The cosine is ⟨x₁, x₂⟩ / √((‖x₁‖² + ε)(‖x₂‖² + ε)) with ε = 1e-12, as in PyTorch.
 *
 * Shapes: x₁ and x₂ (N, D), y (N) ─► (N); or (D), (D) and (). Throws a ShapeError if they do not fit.
 * PyTorch documentation, torch.nn.CosineEmbeddingLoss.
 *
 * ```ts
 * const [a, b] = [tensor([[3, 4], [3, 4]]), tensor([[3, 4], [4, 3]])];
 * cosineEmbeddingLoss(a, b, tensor([1, -1]), { margin: 0.5, reduction: "none" }); // tensor([0.0000, 0.4600])
 * ```
 */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  y: Tensor,
  options: CosineEmbeddingLossOptions = {},
): Tensor {
  const { margin = 0, reduction = "mean" } = options;
  expectPairs("cosineEmbeddingLoss", x1, x2, y);
  const [a] = scaledDown(x1, -1);
  const [b] = scaledDown(x2, -1);
  const square = (x: Tensor): Tensor => x.mul(x).sum(-1).add(1e-12);
  const cosine = a
    .mul(b)
    .sum(-1)
    .div(square(a).mul(square(b)).sqrt()); // (N)
  const apart = where(y.eq(-1), cosine.sub(margin).clamp(0), 0);
  return reduced("cosineEmbeddingLoss", where(y.eq(1), cosine.neg().add(1), apart), reduction);
}

/**
 * −log of the share that a query's positive has in Σ exp(cos / τ) over its positive and its negatives.
 *
 * Without `negatives`, a query's negatives are the positives of the others in the batch. The cosine is that of
 * `cosineSimilarity`. It is a lower bound on the mutual information: I ≥ log(number of candidates) − loss.
 *
 * Shapes: query and positive (N, D) ─► (N). Throws a ShapeError if they do not fit, and an ArgumentError for τ ≤ 0.
 *
 * ```ts
 * const [query, positive] = [tensor([[1, 0], [0, 1]]), tensor([[2, 0], [0, 3]])];
 * infoNceLoss(query, positive, { temperature: 1 }); // tensor(0.3133)
 * infoNceLoss(query, positive, { temperature: 1, negatives: tensor([[-1, -1]]) }); // tensor(0.1667)
 * ```
 *
 * van den Oord, Li, Vinyals, Representation learning with contrastive predictive coding, 2018.
 */
export function infoNceLoss(query: Tensor, positive: Tensor, options: InfoNCELossOptions = {}): Tensor {
  const { temperature = 0.1, negatives, reduction = "mean" } = options;
  if (!(temperature > 0)) {
    throw new ArgumentError(`infoNceLoss: the temperature is greater than 0, but is ${temperature}.`);
  }
  expectSameShape("infoNceLoss", query, positive);
  if (query.ndim !== 2) {
    throw new ShapeError(`infoNceLoss needs embeddings (N, D), but got ${showShape(query.shape)}.`);
  }
  const [n, d] = query.shape;
  const q = normalized(query, -1);
  const k = normalized(positive, -1);
  if (!negatives && n > 0) {
    return crossEntropy(q.matmul(k.t()).div(temperature), arange(n, { dtype: "i32" }), { reduction }); // (N, N)
  }
  const given = negatives ?? positive; // in an empty batch there are none
  const { shape } = given;
  if (shape.at(-1) !== d || !(shape.length === 2 || (shape.length === 3 && shape[0] === n))) {
    throw new ShapeError(
      `infoNceLoss: queries ${showShape(query.shape)} need negatives (M, ${d}) or (${n}, M, ${d}), but got ${showShape(shape)}.`,
    );
  }
  const others = normalized(given, -1).transpose(-1, -2); // (D, M) or (N, D, M)
  const wrong = shape.length === 2 ? q.matmul(others) : q.unsqueeze(1).matmul(others).squeeze(1); // (N, M)
  const scores = cat([q.mul(k).sum(1, { keepdim: true }), wrong], 1).div(temperature); // (N, 1 + M)
  return crossEntropy(scores, zeros([n], { dtype: "i32" }), { reduction });
}

/** `contrastiveLoss` with options of its own. */
export class ContrastiveLoss extends Loss<ContrastiveLossOptions> {
  override forward(x1: Tensor, x2: Tensor, y: Tensor): Tensor {
    return contrastiveLoss(x1, x2, y, this.options);
  }
}

/** `cosineEmbeddingLoss` with options of its own. */
export class CosineEmbeddingLoss extends Loss<CosineEmbeddingLossOptions> {
  override forward(x1: Tensor, x2: Tensor, y: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, y, this.options);
  }
}

/** `infoNceLoss` with options of its own; negatives are given to each call. */
export class InfoNCELoss extends Loss<Omit<InfoNCELossOptions, "negatives">> {
  override forward(query: Tensor, positive: Tensor, negatives?: Tensor): Tensor {
    return infoNceLoss(query, positive, { ...this.options, ...(negatives && { negatives }) });
  }
}
