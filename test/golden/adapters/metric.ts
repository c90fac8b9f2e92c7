/** What each golden distance and loss of embeddings is in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import {
  batchHardTripletLoss,
  type ContrastiveLossOptions,
  type CosineSimilarityOptions,
  contrastiveLoss,
  cosineEmbeddingLoss,
  cosineSimilarity,
  type InfoNCELossOptions,
  infoNceLoss,
  type PairwiseDistanceOptions,
  pairwiseDistance,
  semiHardTripletLoss,
  type TripletMarginLossOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a loss takes beside tensors. Each loss's cases have the options that it reads. */
type MetricOptions = CosineSimilarityOptions &
  PairwiseDistanceOptions &
  TripletMarginLossOptions &
  ContrastiveLossOptions &
  InfoNCELossOptions & { readonly distance: string };

const DISTANCES: Readonly<Record<string, (x1: Tensor, x2: Tensor) => Tensor>> = {
  default: (x1, x2) => pairwiseDistance(x1, x2),
  cosine: (x1, x2) => cosineSimilarity(x1, x2).neg().add(1),
  squared: (x1, x2) => x1.sub(x2).square().sum(1),
};

export const METRIC: Readonly<Record<string, Operator<MetricOptions>>> = {
  cosineSimilarity: ([x1, x2], options) => cosineSimilarity(x1, x2, options),
  pairwiseDistance: ([x1, x2], options) => pairwiseDistance(x1, x2, options),
  tripletMarginLoss: ([a, p, n], options) => tripletMarginLoss(a, p, n, options),
  tripletMarginWithDistanceLoss: ([a, p, n], options) =>
    tripletMarginWithDistanceLoss(a, p, n, { ...options, distance: DISTANCES[options.distance] }),
  batchHardTripletLoss: ([x, labels], options) => batchHardTripletLoss(x, labels, options),
  semiHardTripletLoss: ([x, labels], options) => semiHardTripletLoss(x, labels, options),
  contrastiveLoss: ([x1, x2, y], options) => contrastiveLoss(x1, x2, y, options),
  cosineEmbeddingLoss: ([x1, x2, y], options) => cosineEmbeddingLoss(x1, x2, y, options),
  infoNceLoss: ([query, positive, negatives], options) =>
    infoNceLoss(query, positive, { ...options, ...(negatives && { negatives }) }),
};
