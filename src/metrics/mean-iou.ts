import type { Tensor } from "../tensor/index.ts";
import { ConfusionMatrix, type LabelOptions } from "./confusion-matrix.ts";
import type { Metric } from "./metric.ts";

export interface MeanIouResult {
  /** over the classes that are predicted or true somewhere; NaN if none is */
  readonly mean: number;
  /** of each class; NaN where it is neither predicted nor true */
  readonly perClass: readonly number[];
}

/**
 * The mean over classes of intersection over union, TP / (TP + FP + FN), from the counts of all pixels that it has seen.
 * A class that is nowhere, neither predicted nor true, does not count.
 *
 * Shapes: predicted and target (…) alike, class numbers from 0. `update` throws as `ConfusionMatrix` does.
 * Source: sklearn.metrics.jaccard_score; Everingham et al., The PASCAL visual object classes challenge, 2015.
 *
 * ```ts
 * const metric = new MeanIou(3);
 * metric.update(tensor([[0, 0], [1, 1]]), tensor([[0, 1], [1, 1]]));
 * metric.compute().perClass; // [ 0.5, 0.6666666666666666, NaN ]
 * metric.compute().mean.toFixed(4); // "0.5833"
 * ```
 */
export class MeanIou implements Metric<[predicted: Tensor, target: Tensor], MeanIouResult> {
  readonly #matrix: ConfusionMatrix;

  constructor(numClasses: number, options: LabelOptions = {}) {
    this.#matrix = new ConfusionMatrix(numClasses, options);
  }

  update(predicted: Tensor, target: Tensor): void {
    this.#matrix.update(predicted, target);
  }

  compute(): MeanIouResult {
    const counts = this.#matrix.compute();
    const perClass = counts.map((row, k) => {
      const truths = row.reduce((sum, count) => sum + count, 0);
      const guesses = counts.reduce((sum, other) => sum + other[k], 0);
      return row[k] / (truths + guesses - row[k]);
    });
    const present = perClass.filter((iou) => !Number.isNaN(iou));
    return { mean: present.reduce((sum, iou) => sum + iou, 0) / present.length, perClass };
  }

  reset(): void {
    this.#matrix.reset();
  }
}

/**
 * The mean of `MeanIou` of one batch.
 *
 * ```ts
 * meanIou(tensor([[0, 1], [1, 1]]), tensor([[0, 1], [1, 255]]), 2, { ignoreIndex: 255 }); // 1
 * ```
 */
export function meanIou(predicted: Tensor, target: Tensor, numClasses: number, options: LabelOptions = {}): number {
  const metric = new MeanIou(numClasses, options);
  metric.update(predicted, target);
  return metric.compute().mean;
}
