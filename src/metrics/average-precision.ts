import { ArgumentError } from "../core/errors.ts";
import type { Tensor } from "../tensor/index.ts";
import { type Metric, read } from "./metric.ts";

/**
 * The average precision of a ranking, Σₙ (Rₙ − Rₙ₋₁) · Pₙ: precision P at each score, weighed by how much recall R grows
 * there, without interpolation. Equal scores are one step. Without positives it is 0, as scikit-learn's.
 *
 * Shapes: scores and targets (…) alike; a target is positive if it is not 0. `update` throws a ShapeError if they differ,
 * and an ArgumentError if a score is NaN. Source: sklearn.metrics.average_precision_score;
 * Manning, Raghavan and Schütze, Introduction to information retrieval, 2008, section 8.4.
 *
 * ```ts
 * const metric = new AveragePrecision();
 * metric.update(tensor([0.9, 0.8]), tensor([1, 0]));
 * metric.update(tensor([0.7, 0.6]), tensor([1, 0]));
 * metric.compute().toFixed(4); // "0.8333"
 * ```
 */
export class AveragePrecision implements Metric<[scores: Tensor, targets: Tensor], number> {
  #ranked: { readonly score: number; readonly positive: boolean }[] = [];

  update(scores: Tensor, targets: Tensor): void {
    const [values, labels] = read("AveragePrecision", scores, targets);
    const nan = values.findIndex(Number.isNaN);
    if (nan >= 0) throw new ArgumentError(`AveragePrecision: score ${nan} is NaN, which has no place in a ranking.`);
    for (let i = 0; i < values.length; i++) this.#ranked.push({ score: values[i], positive: labels[i] !== 0 });
  }

  compute(): number {
    const ranked = this.#ranked.sort((a, b) => b.score - a.score);
    let [found, before, area] = [0, 0, 0];
    for (const [i, { score, positive }] of ranked.entries()) {
      if (positive) found++;
      if (score === ranked[i + 1]?.score) continue;
      area += ((found - before) * found) / (i + 1);
      before = found;
    }
    return found === 0 ? 0 : area / found;
  }

  reset(): void {
    this.#ranked = [];
  }
}

/**
 * `AveragePrecision` of one batch.
 *
 * ```ts
 * averagePrecision(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1])).toFixed(4); // "0.8333"
 * ```
 */
export function averagePrecision(scores: Tensor, targets: Tensor): number {
  const metric = new AveragePrecision();
  metric.update(scores, targets);
  return metric.compute();
}
