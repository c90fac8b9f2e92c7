import { ArgumentError } from "../../core/errors.ts";

/** What followed a context, and how often. */
type Followers = Map<number, number>;

/**
 * An interpolated n-gram model, by Witten and Bell's method: of the n − 1 tokens before, each shorter context fills in
 * what the longer one has not seen, p(c | h) = (count(hc) + K(h)·p(c | h′)) / (count(h) + K(h)), where K(h) is how many
 * different tokens have followed h, and h′ is h without its first token; of no token at all it is 1 / vocabSize.
 *
 * Throws an ArgumentError for an n or a vocabulary that is not a whole number above 0, or too large to count with.
 * Witten and Bell, The zero-frequency problem, 1991; Chen and Goodman, An empirical study of smoothing techniques for
 * language modeling, 1996.
 *
 * ```ts
 * const model = new NGramModel([0, 1, 0, 1, 0], { n: 2, vocabSize: 2 });
 * model.crossEntropy([0, 1]).toFixed(4); // "0.3855"
 * ```
 */
export class NGramModel {
  readonly n: number;
  readonly vocabSize: number;
  /** by the length of the context, then by the context as a number */
  readonly #followers: readonly Map<number, Followers>[];

  constructor(tokens: ArrayLike<number>, { n, vocabSize }: { n: number; vocabSize: number }) {
    const fits = n >= 1 && vocabSize >= 1 && vocabSize ** (n - 1) <= Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(n) || !Number.isInteger(vocabSize) || !fits) {
      throw new ArgumentError(`NGramModel cannot count ${n}-grams of ${vocabSize} tokens.`);
    }
    this.n = n;
    this.vocabSize = vocabSize;
    this.#followers = Array.from({ length: n }, () => new Map());
    for (let at = 0; at < tokens.length; at++) {
      for (const [length, context] of this.#contexts(tokens, at)) {
        const followers = this.#followers[length].get(context) ?? new Map<number, number>();
        this.#followers[length].set(context, followers.set(tokens[at], (followers.get(tokens[at]) ?? 0) + 1));
      }
    }
  }

  /** The mean of −ln p over tokens, each after those before it: nats a token. */
  crossEntropy(tokens: ArrayLike<number>): number {
    let nats = 0;
    for (let at = 0; at < tokens.length; at++) nats -= Math.log(this.#probability(tokens, at));
    return nats / tokens.length;
  }

  #probability(tokens: ArrayLike<number>, at: number): number {
    let p = 1 / this.vocabSize;
    for (const [length, context] of this.#contexts(tokens, at)) {
      const followers = this.#followers[length].get(context);
      if (!followers) break; // nor was a longer one seen
      let total = 0;
      for (const count of followers.values()) total += count;
      p = ((followers.get(tokens[at]) ?? 0) + followers.size * p) / (total + followers.size);
    }
    return p;
  }

  /** What stands before a token, from nothing to n − 1 tokens: each length, and the tokens as the digits of a number. */
  *#contexts(tokens: ArrayLike<number>, at: number): Generator<[length: number, context: number]> {
    let [context, unit] = [0, 1];
    for (let length = 0; length < this.n && length <= at; length++) {
      if (length > 0) {
        context += tokens[at - length] * unit;
        unit *= this.vocabSize;
      }
      yield [length, context];
    }
  }
}
