import { ArgumentError } from "../../core/errors.ts";
import { broadcastShapes, normalizeDim } from "../../core/shape.ts";
import { ones, type Tensor, where } from "../../tensor/index.ts";
import { Module } from "../module.ts";

export interface CosineSimilarityOptions {
  /** the dimension of the vectors; 1 by default */
  dim?: number;
  /** the least norm that is divided by; 1e-8 by default */
  eps?: number;
}

export interface PairwiseDistanceOptions {
  /** of the p-norm, greater than 0; 2 by default */
  p?: number;
  /** added to each difference, so that equal points have a derivative; 1e-6 by default */
  eps?: number;
  /** keep the last dimension, with size 1 */
  keepdim?: boolean;
}

/** Vectors whose squares would overflow, made small; and the factor, which is a constant to derivatives and 1 for others. */
export function scaledDown(x: Tensor, dim: number): [Tensor, Tensor] {
  if (x.numel() === 0) return [x, ones([], { dtype: x.dtype })]; // no elements have no largest
  const top = x.detach().abs().amax(dim, { keepdim: true });
  const scale = where(top.gt(1e15).logicalAnd(top.isfinite()), top, 1);
  return [x.div(scale), scale];
}

/** The p-norm along `dim`, which is kept; no square overflows. */
export function vectorNorm(x: Tensor, p: number, dim: number): Tensor {
  if (p === 0) return x.norm(p, dim, { keepdim: true }); // a number of elements, whatever their size
  const [small, scale] = scaledDown(x, dim);
  return small.norm(p, dim, { keepdim: true }).mul(scale);
}

/** x / max(‖x‖₂, ε) along `dim`. */
export const normalized = (x: Tensor, dim: number, eps = 1e-8): Tensor => x.div(vectorNorm(x, 2, dim).clamp(eps));

/**
 * The cosine of the angle between vectors, ⟨x₁, x₂⟩ / (max(‖x₁‖, ε) · max(‖x₂‖, ε)); a zero vector gives 0.
 *
 * The derivative is that of this formula also where a norm is less than ε; there PyTorch's is another.
 *
 * Shapes: x₁ and x₂ broadcast; the result lacks `dim`. Throws a ShapeError if they do not.
 * PyTorch documentation, torch.nn.functional.cosine_similarity.
 *
 * ```ts
 * cosineSimilarity(tensor([[3, 4], [1, 0]]), tensor([[3, 4], [0, 2]])); // tensor([1., 0.])
 * ```
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const { dim = 1, eps = 1e-8 } = options;
  const shape = broadcastShapes("cosineSimilarity", x1.shape, x2.shape);
  const axis = normalizeDim("cosineSimilarity", dim, shape.length);
  const [a, b] = [x1, x2].map((x) => normalized(x.expand(shape), axis, eps));
  return a.mul(b).sum(axis);
}

/**
 * The distance between vectors, ‖x₁ − x₂ + ε‖ₚ along the last dimension.
 *
 * Up to p = 2 it overflows only where it is itself too large for its dtype.
 *
 * Shapes: (…, D) and (…, D), which broadcast ─► (…). Throws a ShapeError if they do not, an ArgumentError for p ≤ 0.
 * PyTorch documentation, torch.nn.functional.pairwise_distance.
 *
 * ```ts
 * pairwiseDistance(tensor([[1, 2], [0, 0]]), tensor([[4, 6], [0, 0]])); // tensor([5.0000e+00, 1.4142e-06])
 * ```
 */
export function pairwiseDistance(x1: Tensor, x2: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  if (!(p > 0)) throw new ArgumentError(`pairwiseDistance: p is greater than 0, but is ${p}.`);
  broadcastShapes("pairwiseDistance", x1.shape, x2.shape); // or says so in this name
  const distance = vectorNorm(x1.sub(x2).add(eps), p, -1);
  return keepdim ? distance : distance.squeeze(-1);
}

/** `cosineSimilarity` with options of its own. */
export class CosineSimilarity extends Module {
  readonly options: CosineSimilarityOptions;

  constructor(options: CosineSimilarityOptions = {}) {
    super();
    this.options = options;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options);
  }
}

/** `pairwiseDistance` with options of its own. */
export class PairwiseDistance extends Module {
  readonly options: PairwiseDistanceOptions;

  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    this.options = options;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options);
  }
}
