/** Neighbours among the symbols of many words, counted while symbols are merged: what tokenizers are trained on. */

export interface Pair {
  readonly left: number;
  readonly right: number;
  /** how often they are neighbours, in all words as often as these are met */
  readonly count: number;
}

/** Symbols are numbers below 2²⁵; a pair is one number. */
const RADIX = 2 ** 25;
const keyOf = (left: number, right: number): number => left * RADIX + right;

/**
 * The counts of neighbours, kept up to date: a merge visits only the words that have the pair.
 *
 * Source: Sennrich, Haddow and Birch, Neural machine translation of rare words with subword units, 2016.
 */
export class PairCounts {
  /** how often each symbol is met */
  readonly symbols: Map<number, number> = new Map();
  readonly #words: { symbols: number[]; readonly count: number }[];
  readonly #pairs = new Map<number, { count: number; readonly words: Set<number> }>();

  constructor(words: Iterable<{ readonly symbols: number[]; readonly count: number }>) {
    this.#words = Array.from(words);
    for (const word of this.#words.keys()) this.#add(word, 1, () => {});
  }

  countOf(left: number, right: number): number {
    return this.#pairs.get(keyOf(left, right))?.count ?? 0;
  }

  *[Symbol.iterator](): Generator<Pair, void, undefined> {
    for (const [key, { count }] of this.#pairs) yield { left: Math.floor(key / RADIX), right: key % RADIX, count };
  }

  /** Replaces `left` before `right` by `symbol`, from each word's beginning on; the pairs that are met more often now. */
  merge(left: number, right: number, symbol: number): Pair[] {
    const grown = new Set<number>();
    for (const word of this.#pairs.get(keyOf(left, right))?.words ?? []) {
      this.#add(word, -1, () => {});
      this.#words[word].symbols = mergePair(this.#words[word].symbols, left, right, symbol);
      this.#add(word, 1, (a, b) => {
        if (a === symbol || b === symbol) grown.add(keyOf(a, b));
      });
    }
    this.#pairs.delete(keyOf(left, right));
    return Array.from(grown, (key) => {
      const pair = { left: Math.floor(key / RADIX), right: key % RADIX };
      return { ...pair, count: this.countOf(pair.left, pair.right) };
    });
  }

  /** Counts a word's symbols and pairs in (sign 1) or out (−1). */
  #add(word: number, sign: 1 | -1, visit: (left: number, right: number) => void): void {
    const { symbols, count } = this.#words[word];
    for (const [i, left] of symbols.entries()) {
      this.symbols.set(left, (this.symbols.get(left) ?? 0) + sign * count);
      if (i + 1 === symbols.length) break;
      const key = keyOf(left, symbols[i + 1]);
      let pair = this.#pairs.get(key);
      if (!pair) this.#pairs.set(key, (pair = { count: 0, words: new Set() }));
      pair.count += sign * count;
      if (sign > 0) pair.words.add(word);
      else pair.words.delete(word);
      visit(left, symbols[i + 1]);
      if (pair.count === 0) this.#pairs.delete(key);
    }
  }
}

/** `symbols` with each `left` before `right` replaced by `symbol`, from the beginning on. */
export function mergePair(symbols: readonly number[], left: number, right: number, symbol: number): number[] {
  const merged: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      merged.push(symbol);
      i++;
    } else merged.push(symbols[i]);
  }
  return merged;
}
