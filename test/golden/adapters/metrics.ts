/** Metrics: numbers as tensors in float64. */

import { type Tensor, tensor } from "../../../src/index.ts";
import {
  accuracy,
  averagePrecision,
  ConfusionMatrix,
  type LabelOptions,
  MeanAveragePrecision,
  type MeanAveragePrecisionOptions,
  meanIou,
} from "../../../src/metrics/index.ts";
import type { Operator } from "./operators.ts";

interface MetricOptions extends LabelOptions, MeanAveragePrecisionOptions {
  readonly numClasses: number;
  /** how many there are */
  readonly images: number;
}

const scalar = (value: number): Tensor => tensor(value, { dtype: "f64" });

/** Of rows that begin with the number of their image, what follows in those of one image: as columns, the box first. */
function ofImage(rows: Tensor, image: number): { boxes: Tensor; others: readonly Tensor[] } {
  const mine = (rows.arraySync() as number[][]).filter(([of]) => of === image);
  const column = (k: number) => tensor(Float64Array.from(mine, (row) => row[k]));
  const boxes = tensor(Float64Array.from(mine.flatMap((row) => row.slice(1, 5))), { shape: [mine.length, 4] });
  return { boxes, others: [column(5), column(6)] };
}

export const METRICS: Readonly<Record<string, Operator<MetricOptions>>> = {
  averagePrecision: ([scores, targets]) => scalar(averagePrecision(scores, targets)),
  accuracy: ([predicted, target], options) => scalar(accuracy(predicted, target, options)),
  meanIou: ([predicted, target], { numClasses, ...options }) => scalar(meanIou(predicted, target, numClasses, options)),
  ConfusionMatrix: ([predicted, target], { numClasses, ...options }) => {
    const matrix = new ConfusionMatrix(numClasses, options);
    matrix.update(predicted, target);
    return tensor(matrix.compute(), { dtype: "f64" });
  },
  MeanAveragePrecision: ([detected, truth], { images, ...options }) => {
    const metric = new MeanAveragePrecision(options);
    for (let image = 0; image < images; image++) {
      const found = ofImage(detected, image);
      const real = ofImage(truth, image);
      metric.update(
        { boxes: found.boxes, scores: found.others[0], labels: found.others[1] },
        { boxes: real.boxes, labels: real.others[0], ignored: real.others[1] },
      );
    }
    const { mean, perClass } = metric.compute();
    return [scalar(mean), tensor(Float64Array.from(perClass.values()))];
  },
};
