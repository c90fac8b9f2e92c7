import { ArgumentError, IndexError } from "../core/errors.ts";

export interface VocabularyOptions {
  /** the token whose number stands for every token that is not here; without it such a token throws */
  unknown?: string;
}

export interface VocabularyFromCountsOptions extends VocabularyOptions {
  /** how often a token must be met; 1 */
  minFreq?: number;
  /** the most tokens, the special ones included; no limit */
  maxTokens?: number;
  /** tokens that come first, whether they are met or not; none */
  specials?: readonly string[];
}

/**
 * Tokens by number and numbers by token: token i is the i-th of `tokens`.
 *
 * Throws an ArgumentError if a token is there twice, or `unknown` is not among them.
 * Source: torchtext.vocab.Vocab.
 *
 * ```ts
 * const vocabulary = new Vocabulary(["<unk>", "the", "whale"], { unknown: "<unk>" });
 * vocabulary.lookupIndices(["the", "white", "whale"]); // Int32Array(3) [ 1, 0, 2 ]
 * vocabulary.lookupTokens([2, 1]); // [ 'whale', 'the' ]
 * ```
 */
export class Vocabulary {
  readonly tokens: readonly string[];
  readonly unknown: string | undefined;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #unknownIndex: number | undefined;

  constructor(tokens: Iterable<string>, options: VocabularyOptions = {}) {
    this.tokens = [...tokens];
    this.unknown = options.unknown;
    this.#indices = new Map(this.tokens.map((token, index) => [token, index]));
    const twice = this.tokens.find((token, index) => this.#indices.get(token) !== index);
    if (twice !== undefined) throw new ArgumentError(`Vocabulary: the token ${JSON.stringify(twice)} is there twice.`);
    if (this.unknown === undefined) return;
    this.#unknownIndex = this.#indices.get(this.unknown);
    if (this.#unknownIndex === undefined) {
      throw new ArgumentError(`Vocabulary: the unknown token "${this.unknown}" is not among the tokens.`);
    }
  }

  /**
   * The tokens of a text by how often they are met, the most frequent first; of equally frequent ones the first in the order
   * of their characters' codes.
   *
   * Source: torchtext.vocab.vocab.
   *
   * ```ts
   * const counts = countTokens([["a", "b", "b", "c", "c", "d"]]);
   * Vocabulary.fromCounts(counts, { minFreq: 2, specials: ["<pad>"] }).tokens; // [ '<pad>', 'b', 'c' ]
   * ```
   */
  static fromCounts(counts: ReadonlyMap<string, number>, options: VocabularyFromCountsOptions = {}): Vocabulary {
    const { minFreq = 1, maxTokens = Number.POSITIVE_INFINITY, specials = [], unknown } = options;
    const met = [...counts].filter(([token, count]) => count >= minFreq && !specials.includes(token));
    met.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const room = Math.max(0, maxTokens - specials.length);
    return new Vocabulary([...specials, ...met.slice(0, room).map(([token]) => token)], { unknown });
  }

  get length(): number {
    return this.tokens.length;
  }

  has(token: string): boolean {
    return this.#indices.has(token);
  }

  /** The token's number. Throws an ArgumentError if it is not here and there is no unknown token. */
  indexOf(token: string): number {
    const index = this.#indices.get(token) ?? this.#unknownIndex;
    if (index !== undefined) return index;
    throw new ArgumentError(
      `Vocabulary: ${JSON.stringify(token)} is not among the ${this.length} tokens, and there is none for what is unknown.`,
    );
  }

  /** The token of a number. Throws an IndexError if there is none. */
  tokenAt(index: number): string {
    const token = this.tokens[index];
    if (token !== undefined) return token;
    throw new IndexError(`Vocabulary: there is no token ${index} (there are ${this.length}, numbered from 0).`);
  }

  lookupIndices(tokens: readonly string[]): Int32Array {
    return Int32Array.from(tokens, (token) => this.indexOf(token));
  }

  lookupTokens(indices: ArrayLike<number>): string[] {
    return Array.from(indices, (index) => this.tokenAt(index));
  }
}

/**
 * How often each token is met.
 *
 * ```ts
 * countTokens([["to", "be"], ["or", "not", "to", "be"]]).get("be"); // 2
 * ```
 */
export function countTokens(sequences: Iterable<Iterable<string>>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sequence of sequences) {
    for (const token of sequence) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return counts;
}
