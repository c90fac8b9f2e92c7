export {
  BCELoss,
  type BCELossOptions,
  BCEWithLogitsLoss,
  type BCEWithLogitsLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "./binary.ts";
export {
  CrossEntropyLoss,
  type CrossEntropyOptions,
  crossEntropy,
  NLLLoss,
  type NLLLossOptions,
  nllLoss,
} from "./classification.ts";
export { CTCLoss, type CTCLossOptions, ctcLoss } from "./ctc.ts";
export {
  CosineSimilarity,
  type CosineSimilarityOptions,
  cosineSimilarity,
  PairwiseDistance,
  type PairwiseDistanceOptions,
  pairwiseDistance,
} from "./distance.ts";
export {
  type EntropyOptions,
  EntropyPenalty,
  type EntropyPenaltyOptions,
  entropy,
  entropyPenalty,
  entropyWithLogits,
} from "./entropy.ts";
export {
  FocalLoss,
  type FocalLossOptions,
  focalLoss,
  SigmoidFocalLoss,
  type SigmoidFocalLossOptions,
  sigmoidFocalLoss,
} from "./focal.ts";
export {
  CycleConsistencyLoss,
  type CycleConsistencyLossOptions,
  cycleConsistencyLoss,
  DiscriminatorLoss,
  discriminatorLoss,
  type GANKind,
  type GANLossOptions,
  GeneratorLoss,
  type GradientPenaltyOptions,
  generatorLoss,
  gradientPenalty,
  IdentityLoss,
  type IdentityLossOptions,
  identityLoss,
} from "./gan.ts";
export { HierarchicalSoftmax } from "./hierarchical.ts";
export {
  GaussianNLLLoss,
  type GaussianNLLLossOptions,
  gaussianNllLoss,
  KLDivLoss,
  type KLDivLossOptions,
  klDiv,
  PoissonNLLLoss,
  type PoissonNLLLossOptions,
  poissonNllLoss,
} from "./likelihood.ts";
export type { LossOptions, Reduction } from "./loss.ts";
export {
  HingeEmbeddingLoss,
  type HingeEmbeddingLossOptions,
  HingeLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  MultiMarginLoss,
  type MultiMarginLossOptions,
  multiMarginLoss,
  SoftMarginLoss,
  softMarginLoss,
} from "./margin.ts";
export {
  ContrastiveLoss,
  type ContrastiveLossOptions,
  CosineEmbeddingLoss,
  type CosineEmbeddingLossOptions,
  contrastiveLoss,
  cosineEmbeddingLoss,
  InfoNCELoss,
  type InfoNCELossOptions,
  infoNceLoss,
} from "./metric.ts";
export {
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  type MultiLabelSoftMarginLossOptions,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
} from "./multilabel.ts";
export {
  OrdinalLogits,
  OrdinalLoss,
  type OrdinalLossOptions,
  ordinalLoss,
  ordinalProbabilities,
} from "./ordinal.ts";
export {
  DiceLoss,
  diceLoss,
  FBetaLoss,
  type FBetaLossOptions,
  fBetaLoss,
  JaccardLoss,
  jaccardLoss,
  type OverlapOptions,
  PrecisionLoss,
  precisionLoss,
  RecallLoss,
  recallLoss,
  TverskyLoss,
  type TverskyLossOptions,
  tverskyLoss,
} from "./overlap.ts";
export {
  BPRLoss,
  bprLoss,
  type ListLossOptions,
  ListMLELoss,
  ListNetLoss,
  listMleLoss,
  listNetLoss,
  MarginRankingLoss,
  type MarginRankingLossOptions,
  marginRankingLoss,
  RankNetLoss,
  type RankNetLossOptions,
  RankNetPairLoss,
  rankNetLoss,
  rankNetPairLoss,
} from "./ranking.ts";
export {
  HuberLoss,
  type HuberLossOptions,
  huberLoss,
  L1Loss,
  LogCoshLoss,
  l1Loss,
  logCoshLoss,
  MAPELoss,
  type MAPELossOptions,
  MSELoss,
  mapeLoss,
  mseLoss,
  QuantileLoss,
  type QuantileLossOptions,
  quantileLoss,
  SmoothL1Loss,
  type SmoothL1LossOptions,
  smoothL1Loss,
} from "./regression.ts";
export {
  NegativeSampler,
  type NegativeSamplerOptions,
  NegativeSamplingLoss,
  negativeSamplingLoss,
} from "./sampled.ts";
export { SequenceCrossEntropyLoss, type SequenceCrossEntropyOptions, sequenceCrossEntropy } from "./sequence.ts";
export { type LossFunction, lossFor, lossMismatch, type Task, type TaskLoss } from "./task.ts";
export {
  BatchHardTripletLoss,
  batchHardTripletLoss,
  type MinedTripletOptions,
  SemiHardTripletLoss,
  semiHardTripletLoss,
  TripletMarginLoss,
  type TripletMarginLossOptions,
  TripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./triplet.ts";
