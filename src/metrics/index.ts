/** How good predictions are. Metrics read values: they run outside of `compile`, on predictions that a step gave. */

export { Accuracy, accuracy } from "./accuracy.ts";
export { AveragePrecision, averagePrecision } from "./average-precision.ts";
export { ConfusionMatrix, type LabelOptions } from "./confusion-matrix.ts";
export {
  type DetectedBoxes,
  type DetectionProtocol,
  MeanAveragePrecision,
  type MeanAveragePrecisionOptions,
  type MeanAveragePrecisionResult,
  type TrueBoxes,
} from "./detection.ts";
export { MeanIou, type MeanIouResult, meanIou } from "./mean-iou.ts";
export type { Metric } from "./metric.ts";
