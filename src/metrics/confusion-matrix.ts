import { ArgumentError, IndexError } from "../core/errors.ts";
import type { Tensor } from "../tensor/index.ts";
import { type Metric, read } from "./metric.ts";

export interface LabelOptions {
  /** a true class that does not count, 255 in many label maps; none by default */
  ignoreIndex?: number;
}

/**
 * How often each true class (row) was taken for each class (column).
 *
 * Shapes: predicted and target (…) alike, class numbers from 0. `update` throws a ShapeError if they differ, and an
 * IndexError for a class that there is not. Source: sklearn.metrics.confusion_matrix.
 *
 * ```ts
 * const matrix = new ConfusionMatrix(2);
 * matrix.update(tensor([0, 1, 1, 1]), tensor([0, 0, 1, 1]));
 * matrix.compute(); // [ [ 1, 1 ], [ 0, 2 ] ]
 * ```
 */
export class ConfusionMatrix implements Metric<[predicted: Tensor, target: Tensor], number[][]> {
  readonly numClasses: number;
  readonly #ignoreIndex: number | undefined;
  readonly #counts: Float64Array; // (true class, predicted class)

  constructor(numClasses: number, options: LabelOptions = {}) {
    if (!Number.isInteger(numClasses) || numClasses < 1) {
      throw new ArgumentError(`ConfusionMatrix: numClasses must be a whole number above 0, but got ${numClasses}.`);
    }
    this.numClasses = numClasses;
    this.#ignoreIndex = options.ignoreIndex;
    this.#counts = new Float64Array(numClasses ** 2);
  }

  update(predicted: Tensor, target: Tensor): void {
    const [guesses, truths] = read("ConfusionMatrix", predicted, target);
    const { numClasses } = this;
    const isClass = (label: number): boolean => Number.isInteger(label) && label >= 0 && label < numClasses;
    for (let i = 0; i < truths.length; i++) {
      const [guess, truth] = [guesses[i], truths[i]];
      if (truth === this.#ignoreIndex) continue;
      if (!isClass(guess) || !isClass(truth)) {
        throw new IndexError(
          `ConfusionMatrix: there is no class ${isClass(truth) ? guess : truth} (at ${i}): they are 0 to ${numClasses - 1}.`,
        );
      }
      this.#counts[truth * numClasses + guess]++;
    }
  }

  compute(): number[][] {
    const { numClasses } = this;
    return Array.from({ length: numClasses }, (_, row) => [
      ...this.#counts.subarray(row * numClasses, (row + 1) * numClasses),
    ]);
  }

  reset(): void {
    this.#counts.fill(0);
  }
}
