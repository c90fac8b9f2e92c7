/** Metrics of text: numbers as tensors in float64; texts are among the options. */

import { type Tensor, tensor } from "../../../src/index.ts";
import {
  type BleuOptions,
  bleuScore,
  charErrorRate,
  editDistance,
  editOperations,
  type F1ScoreOptions,
  f1Score,
  type LabelOptions,
  perplexity,
  type RougeOptions,
  rougeL,
  type TextOrTokens,
  wordErrorRate,
} from "../../../src/metrics/index.ts";
import type { Operator } from "./operators.ts";

interface Corpus {
  readonly predicted: TextOrTokens[];
  readonly references: TextOrTokens[][];
}
interface Pairs {
  readonly predicted: TextOrTokens[];
  readonly references: TextOrTokens[];
}

const scalar = (value: number): Tensor => tensor(value, { dtype: "f64" });

export const TEXT_METRICS = {
  bleuScore: (_, { predicted, references, ...options }: Corpus & BleuOptions) =>
    scalar(bleuScore(predicted, references, options)),
  rougeL: (_, { predicted, references, ...options }: RougeOptions & { predicted: string; references: string[] }) => {
    const { precision, recall, fMeasure } = rougeL(predicted, references, options);
    return tensor(Float64Array.of(precision, recall, fMeasure));
  },
  editDistance: (_, { from, to }: { from: string | string[]; to: string | string[] }) => scalar(editDistance(from, to)),
  editOperations: (_, { from, to }: { from: string[]; to: string[] }) =>
    scalar(editOperations(from, to).filter(({ kind }) => kind !== "keep").length),
  wordErrorRate: (_, { predicted, references }: Pairs) => scalar(wordErrorRate(predicted, references)),
  charErrorRate: (_, { predicted, references }: Pairs) => scalar(charErrorRate(predicted, references)),
  perplexity: ([logits, targets], options: LabelOptions) => scalar(perplexity(logits, targets, options)),
  f1Score: ([predicted, target], options: F1ScoreOptions) => scalar(f1Score(predicted, target, options)),
} satisfies Readonly<Record<string, Operator<never>>>;
