import { IndexError, ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import type { Tensor } from "../tensor/index.ts";
import type { LabelOptions } from "./confusion-matrix.ts";
import type { Metric } from "./metric.ts";

/**
 * The exponential of the mean negative log-likelihood of tokens, exp(−1/T · Σ log softmax(logits)[target]): between how
 * many equally likely tokens the model is torn. All tokens of all batches count alike; of none it is NaN.
 *
 * Shapes: logits (…, C), also log-probabilities; targets (…) of integers. `update` throws a ShapeError if they do not fit,
 * and an IndexError for a target outside of [0, C) that counts.
 * Jelinek et al., Perplexity: a measure of the difficulty of speech recognition tasks, 1977.
 *
 * ```ts
 * const metric = new Perplexity({ ignoreIndex: -100 });
 * metric.update(tensor([[[2, 0], [0, 2], [9, 9]]]), tensor([[0, 0, -100]]));
 * metric.compute().toFixed(4); // "3.0862"
 * ```
 */
export class Perplexity implements Metric<[logits: Tensor, targets: Tensor], number> {
  readonly #ignoreIndex: number | undefined;
  #nats = 0;
  #tokens = 0;

  constructor(options: LabelOptions = {}) {
    this.#ignoreIndex = options.ignoreIndex;
  }

  update(logits: Tensor, targets: Tensor): void {
    if (logits.ndim === 0 || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
      throw new ShapeError(
        `Perplexity needs logits (…, C) and targets (…), but got ${showShape(logits.shape)} and ${showShape(targets.shape)}.`,
      );
    }
    const classes = logits.shape[logits.ndim - 1];
    const [scores, truths] = [logits.dataSync(), targets.dataSync()];
    for (let i = 0; i < truths.length; i++) {
      const truth = truths[i];
      if (truth === this.#ignoreIndex) continue;
      if (!(Number.isInteger(truth) && truth >= 0 && truth < classes)) {
        throw new IndexError(`Perplexity: there is no class ${truth} (at ${i}): they are 0 to ${classes - 1}.`);
      }
      const row = Float64Array.from(scores.subarray(i * classes, (i + 1) * classes));
      const top = row.reduce((a, b) => Math.max(a, b));
      const total = row.reduce((sum, x) => sum + Math.exp(x - top), 0);
      this.#nats += Math.log(total) + top - row[truth];
      this.#tokens++;
    }
  }

  compute(): number {
    return Math.exp(this.#nats / this.#tokens);
  }

  reset(): void {
    this.#nats = 0;
    this.#tokens = 0;
  }
}

/**
 * `Perplexity` of one batch.
 *
 * ```ts
 * perplexity(tensor([[0, 0, 0, 0]]), tensor([2])); // 4
 * ```
 */
export function perplexity(logits: Tensor, targets: Tensor, options: LabelOptions = {}): number {
  const metric = new Perplexity(options);
  metric.update(logits, targets);
  return metric.compute();
}
