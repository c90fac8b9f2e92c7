/** An anchor is closer to what it belongs with than to what it does not, by a margin. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { broadcastShapes, sameShape, showShape } from "../../core/shape.ts";
import { arange, type Tensor, where } from "../../tensor/index.ts";
import { type PairwiseDistanceOptions, pairwiseDistance } from "./distance.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

interface MarginOptions extends LossOptions {
  /** by how much the negative is further away than the positive; 1 by default */
  margin?: number;
}

export interface MinedTripletOptions extends MarginOptions, Omit<PairwiseDistanceOptions, "keepdim"> {}

export interface TripletMarginLossOptions extends MinedTripletOptions {
  /** the distance from the positive to the negative counts where it is less than that from the anchor */
  swap?: boolean;
}

export interface TripletMarginWithDistanceLossOptions extends MarginOptions {
  /** of pairs of inputs; `pairwiseDistance` by default */
  distance?: (x1: Tensor, x2: Tensor) => Tensor;
  /** the distance from the positive to the negative counts where it is less than that from the anchor */
  swap?: boolean;
}

/** max(0, d⁺ − d⁻ + margin). */
const hinge = (positive: Tensor, negative: Tensor, margin: number): Tensor =>
  positive.sub(negative).add(margin).clamp(0);

/**
 * max(0, d(a, p) − d(a, n) + margin) with the distance d of `pairwiseDistance`.
 *
 * With `swap` (Balntas et al., 2016), d(p, n) stands for d(a, n) where it is less.
 *
 * Shapes: anchor, positive and negative (…, D), alike ─► (…). Throws a ShapeError if they differ.
 *
 * ```ts
 * const [a, p, n] = [tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 5.5]])];
 * tripletMarginLoss(a, p, n); // tensor(0.5000)
 * tripletMarginLoss(a, p, n, { swap: true }); // tensor(2.6459)
 * ```
 *
 * Schroff, Kalenichenko, Philbin, FaceNet: a unified embedding for face recognition and clustering, 2015.
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  expectSameShape("tripletMarginLoss", anchor, positive);
  expectSameShape("tripletMarginLoss", anchor, negative);
  const distance = (x1: Tensor, x2: Tensor): Tensor => pairwiseDistance(x1, x2, { p: options.p, eps: options.eps });
  return tripletLoss("tripletMarginLoss", anchor, positive, negative, { ...options, distance });
}

/**
 * max(0, d(a, p) − d(a, n) + margin) with a distance d of your own.
 *
 * Shapes: what the distance takes, of as many dimensions, and what it gives. Throws a ShapeError for others, and an
 * ArgumentError for a margin that is not above 0. PyTorch documentation, torch.nn.TripletMarginWithDistanceLoss.
 *
 * ```ts
 * const distance = (x1: Tensor, x2: Tensor) => cosineSimilarity(x1, x2).neg().add(1);
 * const [a, p, n] = [tensor([[1, 0]]), tensor([[3, 4]]), tensor([[4, 3]])];
 * tripletMarginWithDistanceLoss(a, p, n, { distance }); // tensor(1.2000)
 * ```
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions = {},
): Tensor {
  const op = "tripletMarginWithDistanceLoss";
  if (!options.distance) broadcastShapes(op, anchor.shape, positive.shape, negative.shape);
  return tripletLoss(op, anchor, positive, negative, options);
}

function tripletLoss(
  op: string,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions,
): Tensor {
  const { distance = pairwiseDistance, margin = 1, swap = false, reduction = "mean" } = options;
  if (!(margin > 0)) throw new ArgumentError(`${op}: margin must be above 0, but is ${margin}.`);
  const shapes = [anchor, positive, negative].map((x) => x.shape);
  if (shapes.some((shape) => shape.length !== anchor.ndim))
    throw new ShapeError(`${op} needs triplets of as many dimensions, but got ${shapes.map(showShape).join(", ")}.`);
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  return reduced(op, hinge(near, swap ? far.minimum(distance(positive, negative)) : far, margin), reduction);
}

/** Which pairs (N, N) of a batch belong together, an embedding and itself apart, and how far each is from each. */
function pairsOf(op: string, embeddings: Tensor, labels: Tensor, options: MinedTripletOptions) {
  if (embeddings.ndim !== 2 || !sameShape(labels.shape, embeddings.shape.slice(0, 1))) {
    throw new ShapeError(
      `${op} needs embeddings (N, D) and labels (N), but got ${showShape(embeddings.shape)} and ${showShape(labels.shape)}.`,
    );
  }
  const { p, eps } = options;
  const alike = labels.unsqueeze(1).eq(labels);
  const place = arange(embeddings.shape[0], { dtype: "i32" });
  return {
    positive: alike.logicalAnd(place.unsqueeze(1).ne(place)),
    negative: alike.logicalNot(),
    distance: pairwiseDistance(embeddings.unsqueeze(1), embeddings, { p, eps }), // (N, N)
  };
}

/** The largest of x along the last dimension among those that a mask allows; −∞ if there are none. */
const largest = (x: Tensor, allowed: Tensor): Tensor =>
  x.shape.includes(0) ? x.sum(-1) : where(allowed, x, Number.NEGATIVE_INFINITY).amax(-1);

const smallest = (x: Tensor, allowed: Tensor): Tensor => largest(x.neg(), allowed).neg();

/** The hinge of each triplet that exists, and 0 for others; the mean is over those that exist. */
function reducedTriplets(
  op: string,
  positive: Tensor,
  negative: Tensor,
  exist: Tensor,
  { margin = 1, reduction = "mean" }: MinedTripletOptions,
): Tensor {
  const losses = where(exist, hinge(positive, negative, margin), 0);
  return reduction === "mean" ? losses.sum().div(exist.sum().clamp(1)) : reduced(op, losses, reduction);
}

/**
 * The triplet loss of each embedding with the furthest one of its label and the nearest one of another.
 *
 * max(0, maxₚ d(a, p) − minₙ d(a, n) + margin), with the distance d of `pairwiseDistance`. An embedding that lacks either
 * gives 0, and the mean is over the others, or 0 without any.
 *
 * Shapes: embeddings (N, D), labels (N) of integers ─► (N). Throws a ShapeError if they do not fit.
 *
 * ```ts
 * const embeddings = tensor([[0], [1], [4], [9]]);
 * const labels = tensor([0, 0, 1, 1], { dtype: "i32" });
 * batchHardTripletLoss(embeddings, labels, { reduction: "none" }); // tensor([0.0000, 0.0000, 3.0000, 0.0000])
 * ```
 *
 * Hermans, Beyer, Leibe, In defense of the triplet loss for person re-identification, 2017.
 */
export function batchHardTripletLoss(embeddings: Tensor, labels: Tensor, options: MinedTripletOptions = {}): Tensor {
  const { positive, negative, distance } = pairsOf("batchHardTripletLoss", embeddings, labels, options);
  const exist = positive.any(1).logicalAnd(negative.any(1));
  return reducedTriplets(
    "batchHardTripletLoss",
    largest(distance, positive),
    smallest(distance, negative),
    exist,
    options,
  );
}

/**
 * The triplet loss of each pair of one label with the nearest negative that is further away than the positive.
 *
 * max(0, d(a, p) − d(a, n) + margin), with n the nearest of another label with d(a, n) > d(a, p), or the furthest one if
 * none is further than p. The mean is over the pairs, or 0 without any. It compares N³ distances.
 *
 * Shapes: embeddings (N, D), labels (N) of integers ─► (N, N), anchors by positives, 0 where there is no triplet.
 * Throws a ShapeError if they do not fit.
 *
 * ```ts
 * const embeddings = tensor([[0], [1], [1.5], [9]]);
 * const labels = tensor([0, 0, 1, 2], { dtype: "i32" });
 * semiHardTripletLoss(embeddings, labels); // tensor(0.2500)
 * ```
 *
 * Schroff, Kalenichenko, Philbin, FaceNet: a unified embedding for face recognition and clustering, 2015.
 */
export function semiHardTripletLoss(embeddings: Tensor, labels: Tensor, options: MinedTripletOptions = {}): Tensor {
  const { positive, negative, distance } = pairsOf("semiHardTripletLoss", embeddings, labels, options);
  const further = distance.unsqueeze(1).gt(distance.unsqueeze(2)).logicalAnd(negative.unsqueeze(1)); // (N, N, N)
  const next = smallest(distance.unsqueeze(1).expand(further.shape), further); // (N, N)
  const furthest = largest(distance, negative).unsqueeze(1); // (N, 1)
  const exist = positive.logicalAnd(negative.any(1, { keepdim: true }));
  return reducedTriplets("semiHardTripletLoss", distance, where(further.any(2), next, furthest), exist, options);
}

/** `tripletMarginLoss` with options of its own. */
export class TripletMarginLoss extends Loss<TripletMarginLossOptions> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}

/** `tripletMarginWithDistanceLoss` with options of its own. */
export class TripletMarginWithDistanceLoss extends Loss<TripletMarginWithDistanceLossOptions> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}

/** `batchHardTripletLoss` with options of its own. */
export class BatchHardTripletLoss extends Loss<MinedTripletOptions> {
  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return batchHardTripletLoss(embeddings, labels, this.options);
  }
}

/** `semiHardTripletLoss` with options of its own. */
export class SemiHardTripletLoss extends Loss<MinedTripletOptions> {
  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return semiHardTripletLoss(embeddings, labels, this.options);
  }
}
