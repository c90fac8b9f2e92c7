import type { Tensor } from "../tensor/index.ts";
import { type Metric, read } from "./metric.ts";

export interface F1ScoreOptions {
  /** what it is where nothing is positive, neither predicted nor true; 0 by default */
  zeroDivision?: number;
}

/**
 * The harmonic mean of precision and recall of one class against the others, 2TP / (2TP + FP + FN), over all batches.
 *
 * Shapes: predicted and target (…) alike, positive where they are not 0. `update` throws a ShapeError if they differ.
 * Source: sklearn.metrics.f1_score; van Rijsbergen, Information retrieval, 1979, chapter 7.
 *
 * ```ts
 * const metric = new F1Score();
 * metric.update(tensor([1, 1, 0, 0]), tensor([1, 0, 1, 0]));
 * metric.update(tensor([1]), tensor([1]));
 * metric.compute().toFixed(4); // "0.6667"
 * ```
 */
export class F1Score implements Metric<[predicted: Tensor, target: Tensor], number> {
  readonly #zeroDivision: number;
  #both = 0;
  #predicted = 0;
  #true = 0;

  constructor(options: F1ScoreOptions = {}) {
    this.#zeroDivision = options.zeroDivision ?? 0;
  }

  update(predicted: Tensor, target: Tensor): void {
    const [guesses, truths] = read("F1Score", predicted, target);
    for (let i = 0; i < truths.length; i++) {
      const [guess, truth] = [guesses[i] !== 0, truths[i] !== 0];
      if (guess && truth) this.#both++;
      if (guess) this.#predicted++;
      if (truth) this.#true++;
    }
  }

  compute(): number {
    const either = this.#predicted + this.#true;
    return either === 0 ? this.#zeroDivision : (2 * this.#both) / either;
  }

  reset(): void {
    this.#both = 0;
    this.#predicted = 0;
    this.#true = 0;
  }
}

/**
 * `F1Score` of one batch.
 *
 * ```ts
 * f1Score(tensor([0, 0]), tensor([0, 0]), { zeroDivision: 1 }); // 1
 * ```
 */
export function f1Score(predicted: Tensor, target: Tensor, options: F1ScoreOptions = {}): number {
  const metric = new F1Score(options);
  metric.update(predicted, target);
  return metric.compute();
}
