import type { Tensor } from "../tensor/index.ts";
import type { LabelOptions } from "./confusion-matrix.ts";
import { type Metric, read } from "./metric.ts";

/**
 * The share of labels that are right, of examples or of pixels: of label maps it is the pixel accuracy. Of no labels at all
 * it is NaN.
 *
 * Shapes: predicted and target (…) alike, class numbers; take `argmax` of scores. `update` throws a ShapeError if they
 * differ. Source: sklearn.metrics.accuracy_score.
 *
 * ```ts
 * const metric = new Accuracy();
 * metric.update(tensor([0, 2, 1]), tensor([0, 1, 1]));
 * metric.update(tensor([2]), tensor([2]));
 * metric.compute(); // 0.75
 * ```
 */
export class Accuracy implements Metric<[predicted: Tensor, target: Tensor], number> {
  readonly #ignoreIndex: number | undefined;
  #right = 0;
  #seen = 0;

  constructor(options: LabelOptions = {}) {
    this.#ignoreIndex = options.ignoreIndex;
  }

  update(predicted: Tensor, target: Tensor): void {
    const [guesses, truths] = read("Accuracy", predicted, target);
    for (let i = 0; i < truths.length; i++) {
      if (truths[i] === this.#ignoreIndex) continue;
      this.#seen++;
      if (guesses[i] === truths[i]) this.#right++;
    }
  }

  compute(): number {
    return this.#right / this.#seen;
  }

  reset(): void {
    this.#right = 0;
    this.#seen = 0;
  }
}

/**
 * `Accuracy` of one batch.
 *
 * ```ts
 * accuracy(tensor([[0, 2], [1, 1]]), tensor([[0, 1], [1, 255]]), { ignoreIndex: 255 }).toFixed(4); // "0.6667"
 * ```
 */
export function accuracy(predicted: Tensor, target: Tensor, options: LabelOptions = {}): number {
  const metric = new Accuracy(options);
  metric.update(predicted, target);
  return metric.compute();
}
