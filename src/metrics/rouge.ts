import { ArgumentError } from "../core/errors.ts";
import type { Metric } from "./metric.ts";
import { expectPairs, type MetricTokenizer, type TextOrTokens, tokensOf } from "./tokens.ts";

export interface RougeOptions {
  /** how much more recall counts than precision; 1 by default */
  beta?: number;
  /** how texts are taken apart; `"alphanumeric"` by default; tokens may be given instead */
  tokenizer?: MetricTokenizer;
  /** `"sentence"`: a text is one sequence, the default; `"summary"`: its lines are sentences */
  level?: "sentence" | "summary";
}

export interface RougeResult {
  readonly precision: number;
  readonly recall: number;
  /** (1 + β²) · P · R / (R + β² · P) */
  readonly fMeasure: number;
}

const NONE: RougeResult = { precision: 0, recall: 0, fMeasure: 0 };

/** The positions in a of a longest common subsequence of a and b; of several, that which backs away from the end of a first. */
function commonPositions(a: readonly string[], b: readonly string[]): number[] {
  const rows = [new Uint32Array(b.length + 1)]; // row i, column j: how long it is of the first i and the first j
  for (let i = 1; i <= a.length; i++) {
    const row = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      row[j] = a[i - 1] === b[j - 1] ? rows[i - 1][j - 1] + 1 : Math.max(rows[i - 1][j], row[j - 1]);
    }
    rows.push(row);
  }
  const positions: number[] = [];
  for (let [i, j] = [a.length, b.length]; i > 0 && j > 0; ) {
    if (a[i - 1] === b[j - 1]) {
      positions.push(--i);
      j--;
    } else if (rows[i][j - 1] > rows[i - 1][j]) j--;
    else i--;
  }
  return positions;
}

const countsOf = (sentences: readonly (readonly string[])[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const token of sentences.flat()) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
};

/** Tokens of the reference's sentences that are in their common subsequence with some predicted sentence, each once. */
function commonTokens(predicted: readonly (readonly string[])[], reference: readonly (readonly string[])[]): number {
  const left = [countsOf(predicted), countsOf(reference)];
  let common = 0;
  for (const sentence of reference) {
    const union = new Set(predicted.flatMap((other) => commonPositions(sentence, other)));
    for (const token of [...union].map((i) => sentence[i])) {
      if (!left.every((counts) => (counts.get(token) ?? 0) > 0)) continue;
      for (const counts of left) counts.set(token, (counts.get(token) ?? 0) - 1);
      common++;
    }
  }
  return common;
}

/**
 * ROUGE-L of a text against a reference: with the length L of their longest common subsequence, the precision
 * P = L / |predicted|, the recall R = L / |reference|, and F = (1 + β²)PR / (R + β²P); all 0 if nothing is common.
 *
 * At the level of summaries, whose lines are sentences, L is the sum over the reference's sentences of how many tokens are
 * in the union of their common subsequences with each predicted sentence, where no token counts more often than it occurs.
 * Lists of tokens are sentences. Of several references the one with the best F counts. Throws an ArgumentError without any,
 * or if β is negative. Lin, ROUGE: a package for automatic evaluation of summaries, 2004, section 3.
 *
 * ```ts
 * rougeL("police kill the gunman", ["police killed the gunman"]); // { precision: 0.75, recall: 0.75, fMeasure: 0.75 }
 * rougeL("a c\nb d", ["a b c d"], { level: "summary" }).recall; // 1
 * ```
 */
export function rougeL(
  predicted: TextOrTokens,
  references: readonly TextOrTokens[],
  options: RougeOptions = {},
): RougeResult {
  const { beta = 1, tokenizer = "alphanumeric", level = "sentence" } = options;
  if (!(beta >= 0)) throw new ArgumentError(`rougeL: beta is at least 0, but is ${beta}.`);
  if (references.length === 0) throw new ArgumentError("rougeL needs a reference.");
  const sentencesOf = (text: TextOrTokens): (readonly string[])[] => {
    const parts = level === "summary" && typeof text === "string" ? text.split("\n") : [text];
    return parts.map((part) => tokensOf("rougeL", part, tokenizer));
  };
  const found = sentencesOf(predicted);
  return references
    .map((reference): RougeResult => {
      const truth = sentencesOf(reference);
      const common = commonTokens(found, truth);
      if (common === 0) return NONE;
      const precision = common / found.flat().length;
      const recall = common / truth.flat().length;
      const weight = beta ** 2;
      return { precision, recall, fMeasure: ((1 + weight) * precision * recall) / (recall + weight * precision) };
    })
    .reduce((best, result) => (result.fMeasure > best.fMeasure ? result : best));
}

/**
 * The means of `rougeL` over texts; NaN without any. `update` takes texts and the references of each.
 *
 * ```ts
 * const metric = new RougeL();
 * metric.update(["police kill the gunman", "gunman"], [["police killed the gunman"], ["policeman"]]);
 * metric.compute().fMeasure; // 0.375
 * ```
 */
export class RougeL
  implements Metric<[predicted: readonly TextOrTokens[], references: readonly (readonly TextOrTokens[])[]], RougeResult>
{
  readonly #options: RougeOptions;
  #results: RougeResult[] = [];

  constructor(options: RougeOptions = {}) {
    this.#options = options;
  }

  update(predicted: readonly TextOrTokens[], references: readonly (readonly TextOrTokens[])[]): void {
    expectPairs("RougeL", predicted, references);
    this.#results.push(...predicted.map((text, i) => rougeL(text, references[i], this.#options)));
  }

  compute(): RougeResult {
    const mean = (key: keyof RougeResult): number =>
      this.#results.reduce((sum, result) => sum + result[key], 0) / this.#results.length;
    return { precision: mean("precision"), recall: mean("recall"), fMeasure: mean("fMeasure") };
  }

  reset(): void {
    this.#results = [];
  }
}
