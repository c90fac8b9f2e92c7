import { ArgumentError } from "../core/errors.ts";
import type { Metric } from "./metric.ts";
import { expectPairs, type MetricTokenizer, type TextOrTokens, tokensOf } from "./tokens.ts";

/**
 * What becomes of counts m of matches among n n-grams (n at least 1) where m is 0: `"none"`: the score is 0; `"floor"`
 * counts m as a small number; `"exp"` takes m as 1/2, at the next such order 1/4, …; and `"add-k"` adds k to both m and n
 * at every order above 1, whether m is 0 or not.
 */
export type BleuSmoothing = "none" | "floor" | "add-k" | "exp";

export interface BleuOptions {
  /** the longest n-grams that count; 4 by default */
  nGram?: number;
  /** how texts are taken apart; `"whitespace"` by default; tokens may be given instead */
  tokenizer?: MetricTokenizer;
  /** for short texts, which may lack a longer match; `"none"` by default */
  smoothing?: BleuSmoothing;
  /** the floor, 0.1 by default, or k, 1 by default */
  smoothingValue?: number;
}

/** How often each n-gram occurs. */
function nGramCounts(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const key = JSON.stringify(tokens.slice(i, i + n));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Of 1-grams, 2-grams, …: those that match, with each reference's count as the limit, and all. */
interface Matches {
  readonly right: number[];
  readonly all: number[];
}

const SMOOTHINGS: Readonly<Record<BleuSmoothing, (matches: Matches, value?: number) => number[]>> = {
  none: ({ right, all }) => right.map((m, i) => m / all[i]),
  floor: ({ right, all }, floor = 0.1) => right.map((m, i) => (m || floor) / all[i]),
  "add-k": ({ right, all }, k = 1) => right.map((m, i) => (i === 0 ? m / all[i] : (m + k) / (all[i] + k))),
  exp: ({ right, all }) => {
    let missing = 1;
    return right.map((m, i) => {
      if (m === 0) missing /= 2;
      return (m || missing) / all[i];
    });
  },
};

/**
 * BLEU of a corpus of translations, from 0 to 1: exp(min(0, 1 − r/c)) · (Π pₙ)^(1/4), with the share pₙ of the n-grams of
 * all predictions that are in a reference too, each at most as often as in the one that has it most; c is the number of
 * tokens of all predictions, r that of their references, of several the one that is closest in length and then the shortest.
 *
 * Of a single sentence it is the BLEU of a corpus of one, for which a smoothing is wanted. Without a match of a single
 * token it is 0. A prediction too short for any n-gram counts none, as in Papineni's formula (nltk counts one).
 * `update` takes predictions and the references of each, and throws an ArgumentError if their numbers differ or if one has
 * no reference. Papineni et al., BLEU: a method for automatic evaluation of machine translation, 2002; smoothing: Chen and
 * Cherry, A systematic comparison of smoothing techniques for sentence-level BLEU, 2014.
 *
 * ```ts
 * const metric = new BLEUScore({ tokenizer: "13a" });
 * metric.update(["The cat is on the mat."], [["There is a cat on the mat.", "A cat is on the mat."]]);
 * metric.update(["Birds sing."], [["Birds sing."]]);
 * metric.compute().toFixed(4); // "0.8376"
 * ```
 */
export class BLEUScore
  implements Metric<[predicted: readonly TextOrTokens[], references: readonly (readonly TextOrTokens[])[]], number>
{
  readonly #tokenizer: MetricTokenizer;
  readonly #precisions: (matches: Matches) => number[];
  readonly #matches: Matches;
  #length = 0;
  #referenceLength = 0;

  constructor(options: BleuOptions = {}) {
    const { nGram = 4, tokenizer = "whitespace", smoothing = "none", smoothingValue } = options;
    if (!(Number.isInteger(nGram) && nGram >= 1)) {
      throw new ArgumentError(`BLEUScore: nGram is a whole number from 1, but is ${nGram}.`);
    }
    const smooth = SMOOTHINGS[smoothing];
    if (!smooth) {
      throw new ArgumentError(
        `BLEUScore: there is no smoothing "${smoothing}": take "none", "floor", "add-k" or "exp".`,
      );
    }
    this.#tokenizer = tokenizer;
    this.#precisions = (matches) => smooth(matches, smoothingValue);
    this.#matches = { right: new Array(nGram).fill(0), all: new Array(nGram).fill(0) };
  }

  update(predicted: readonly TextOrTokens[], references: readonly (readonly TextOrTokens[])[]): void {
    expectPairs("BLEUScore", predicted, references);
    for (const [i, text] of predicted.entries()) {
      const tokens = tokensOf("BLEUScore", text, this.#tokenizer);
      const truths = references[i].map((reference) => tokensOf("BLEUScore", reference, this.#tokenizer));
      if (truths.length === 0) throw new ArgumentError(`BLEUScore: prediction ${i} has no reference.`);
      this.#count(tokens, truths);
    }
  }

  #count(tokens: readonly string[], truths: readonly (readonly string[])[]): void {
    const { right, all } = this.#matches;
    for (let n = 1; n <= right.length; n++) {
      const limits = truths.map((truth) => nGramCounts(truth, n));
      for (const [key, count] of nGramCounts(tokens, n)) {
        right[n - 1] += Math.min(count, Math.max(...limits.map((limit) => limit.get(key) ?? 0)));
        all[n - 1] += count;
      }
    }
    const distance = (length: number): number => Math.abs(length - tokens.length);
    const [closest] = truths.map(({ length }) => length).sort((a, b) => distance(a) - distance(b) || a - b);
    this.#length += tokens.length;
    this.#referenceLength += closest;
  }

  compute(): number {
    const { right, all } = this.#matches;
    if (right[0] === 0) return 0;
    const precisions = this.#precisions({ right, all: all.map((count) => Math.max(1, count)) });
    const mean = precisions.reduce((sum, p) => sum + Math.log(p), 0) / precisions.length;
    return Math.exp(Math.min(0, 1 - this.#referenceLength / this.#length) + mean);
  }

  reset(): void {
    this.#matches.right.fill(0);
    this.#matches.all.fill(0);
    this.#length = 0;
    this.#referenceLength = 0;
  }
}

/**
 * `BLEUScore` of one batch.
 *
 * ```ts
 * bleuScore(["the cat sat"], [["the cat sat down"]]); // 0
 * bleuScore(["the cat sat"], [["the cat sat down"]], { smoothing: "exp" }).toFixed(4); // "0.6025"
 * ```
 */
export function bleuScore(
  predicted: readonly TextOrTokens[],
  references: readonly (readonly TextOrTokens[])[],
  options: BleuOptions = {},
): number {
  const metric = new BLEUScore(options);
  metric.update(predicted, references);
  return metric.compute();
}
