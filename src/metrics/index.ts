/** How good predictions are. Metrics read values: they run outside of `compile`, on predictions that a step gave. */

export { Accuracy, accuracy } from "./accuracy.ts";
export { AveragePrecision, averagePrecision } from "./average-precision.ts";
export { BLEUScore, type BleuOptions, type BleuSmoothing, bleuScore } from "./bleu.ts";
export { ConfusionMatrix, type LabelOptions } from "./confusion-matrix.ts";
export {
  type DetectedBoxes,
  type DetectionProtocol,
  MeanAveragePrecision,
  type MeanAveragePrecisionOptions,
  type MeanAveragePrecisionResult,
  type TrueBoxes,
} from "./detection.ts";
export {
  CharErrorRate,
  charErrorRate,
  type Edit,
  editDistance,
  editOperations,
  WordErrorRate,
  wordErrorRate,
} from "./edit-distance.ts";
export { F1Score, type F1ScoreOptions, f1Score } from "./f1-score.ts";
export { MeanIou, type MeanIouResult, meanIou } from "./mean-iou.ts";
export type { Metric } from "./metric.ts";
export { Perplexity, perplexity } from "./perplexity.ts";
export { RougeL, type RougeOptions, type RougeResult, rougeL } from "./rouge.ts";
export type { MetricTokenizer, TextOrTokens } from "./tokens.ts";
