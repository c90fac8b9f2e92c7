import { ArgumentError } from "../../core/errors.ts";
import { countTokens } from "../vocabulary.ts";
import { Heap } from "./heap.ts";
import { addedTokens, type FileForm, type Merge, vocabOf } from "./hugging-face-form.ts";
import { mergePair, type Pair, PairCounts } from "./pairs.ts";
import { piecesOf, type SpecialTokens, type TrainTokenizerOptions, VocabularyTokenizer } from "./tokenizer.ts";

export interface BPETokenizerOptions extends TrainTokenizerOptions {
  /** tokens in all: the special ones, 256 bytes, and merges as long as there are any; 8192 */
  vocabSize?: number;
  /** how often a pair must be met to be merged; 2 */
  minFreq?: number;
}

/** What GPT-2 takes for the words of a text, with the space before them. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

const split = (text: string): string[] => text.match(WORDS) ?? [];

/** Each byte as a character that can be seen: itself if it can, else one from 256 on. */
const BYTES: readonly string[] = (() => {
  const visible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 173) || byte > 173;
  let hidden = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : hidden++));
})();

const BYTE_OF: ReadonlyMap<string, number> = new Map(BYTES.map((char, byte) => [char, byte]));

const KEPT_WORDS = 2 ** 16;

/**
 * Byte-level byte-pair encoding, as GPT-2 has it: a word, with the space before it, is its bytes in UTF-8, and pairs of tokens
 * that training found to be neighbours often are one token. Every text has an encoding, and decodes to itself.
 *
 * `train` merges the most frequent pair of neighbours within words again and again; of equally frequent ones that with the
 * smaller number of the left token, then of the right one. `toJSON` is the form of Hugging Face's tokenizer.json.
 * Throws an ArgumentError if a byte is not among the tokens, or a merge is of none or makes none of them.
 * Source: Radford et al., Language models are unsupervised multitask learners, 2019; Sennrich, Haddow and Birch, Neural machine
 * translation of rare words with subword units, 2016.
 *
 * ```ts
 * const tokenizer = BPETokenizer.train("low lower lowest low", { vocabSize: 259 });
 * tokenizer.vocabulary.tokens.slice(256); // [ 'lo', 'low', 'Ġlow' ]
 * const ids = tokenizer.encode("slow lows");
 * ids; // Int32Array(4) [ 82, 257, 258, 82 ]
 * tokenizer.decode(ids); // "slow lows"
 * ```
 */
export class BPETokenizer extends VocabularyTokenizer {
  /** in the order in which they were learned */
  readonly merges: readonly Merge[];
  readonly #bytes: readonly number[];
  /** what becomes of a pair: by its left token, then its right one */
  readonly #ranks: ReadonlyMap<number, ReadonlyMap<number, { readonly rank: number; readonly merged: number }>>;
  readonly #words = new Map<string, readonly number[]>();

  /** `tokens` are written in characters that stand for bytes: "Ġ" is the space. */
  constructor(tokens: readonly string[], merges: readonly Merge[], specials: SpecialTokens = {}) {
    super(tokens, specials);
    this.merges = merges;
    const idOf = (token: string): number => {
      if (this.vocabulary.has(token)) return this.vocabulary.indexOf(token);
      throw new ArgumentError(`BPETokenizer: "${token}" is a byte, or of a merge, but not among the tokens.`);
    };
    this.#bytes = BYTES.map(idOf);
    const ranks = new Map<number, Map<number, { rank: number; merged: number }>>();
    for (const [rank, [left, right]] of merges.entries()) {
      const row = ranks.get(idOf(left)) ?? new Map();
      ranks.set(idOf(left), row.set(idOf(right), { rank, merged: idOf(left + right) }));
    }
    this.#ranks = ranks;
  }

  static train(texts: string | Iterable<string>, options: BPETokenizerOptions = {}): BPETokenizer {
    const { vocabSize = 8192, minFreq = 2, specials = {} } = options;
    const tokens = [...Object.values(specials), ...[...BYTES].sort()]; // in GPT-2's order: "!" is the first
    if (!(Number.isInteger(vocabSize) && vocabSize >= tokens.length)) {
      throw new ArgumentError(
        `BPETokenizer.train: vocabSize is a whole number from ${tokens.length} on (bytes and special tokens), but is ${vocabSize}.`,
      );
    }
    const ids = new Map(tokens.map((token, id) => [token, id]));
    const idOfByte = BYTES.map((char) => ids.get(char) as number);
    const words = [...countTokens(piecesOf(texts, split))].map(([word, count]) => ({
      symbols: Array.from(new TextEncoder().encode(word), (byte) => idOfByte[byte]),
      count,
    }));
    const pairs = new PairCounts(words);
    const heap = new Heap<Pair>(
      (a, b) => (a.count - b.count || b.left - a.left || b.right - a.right) > 0, // the more frequent, then the smaller numbers
    );
    for (const pair of pairs) heap.push(pair);
    const merges: Merge[] = [];
    while (tokens.length < vocabSize) {
      const pair = heap.pop();
      if (!pair || pair.count < minFreq) break;
      const { left, right } = pair;
      const count = pairs.countOf(left, right);
      if (count < pair.count) {
        if (count > 0) heap.push({ left, right, count }); // merges have taken some since it was pushed
        continue;
      }
      const merged = tokens[left] + tokens[right];
      const known = ids.get(merged); // as when "a" + "bc" comes after "ab" + "c"
      const id = known ?? tokens.push(merged) - 1;
      ids.set(merged, id);
      merges.push([tokens[left], tokens[right]]);
      for (const grown of pairs.merge(left, right, id)) heap.push(grown);
    }
    return new BPETokenizer(tokens, merges, specials);
  }

  encode(text: string): Int32Array {
    return Int32Array.from(split(text).flatMap((word) => this.#encodeWord(word)));
  }

  #encodeWord(word: string): readonly number[] {
    const known = this.#words.get(word);
    if (known) return known;
    let symbols = Array.from(new TextEncoder().encode(word), (byte) => this.#bytes[byte]);
    for (;;) {
      let best: { rank: number; merged: number; left: number; right: number } | undefined;
      for (let i = 1; i < symbols.length; i++) {
        const found = this.#ranks.get(symbols[i - 1])?.get(symbols[i]);
        if (found && (!best || found.rank < best.rank)) best = { ...found, left: symbols[i - 1], right: symbols[i] };
      }
      if (!best) break;
      symbols = mergePair(symbols, best.left, best.right, best.merged);
    }
    if (this.#words.size === KEPT_WORDS) this.#words.clear();
    this.#words.set(word, symbols);
    return symbols;
  }

  protected join(tokens: readonly string[]): string {
    // A character of a token that is no byte's cannot come from `train`; it is taken as it stands.
    const bytes = Array.from(
      tokens.join(""),
      (char) => BYTE_OF.get(char) ?? [...new TextEncoder().encode(char)],
    ).flat();
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  toJSON(): object {
    const { vocabulary, merges, specials } = this;
    return {
      ...BPE_FORM,
      added_tokens: addedTokens(vocabulary, specials),
      model: { ...BPE_FORM.model, vocab: vocabOf(vocabulary), merges },
    };
  }
}

/** How a file of it looks, but for its tokens and merges. */
export const BPE_FORM: FileForm = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: {},
    merges: [],
  },
};
