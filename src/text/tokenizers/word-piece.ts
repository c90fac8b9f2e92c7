import { ArgumentError } from "../../core/errors.ts";
import { countTokens } from "../vocabulary.ts";
import { addedTokens, type FileForm, vocabOf } from "./hugging-face-form.ts";
import { type Pair, PairCounts } from "./pairs.ts";
import { piecesOf, type SpecialTokens, type TrainTokenizerOptions, VocabularyTokenizer } from "./tokenizer.ts";

export interface WordPieceTokenizerOptions extends TrainTokenizerOptions {
  /** tokens in all: the special ones, the characters that are met, and pieces as long as there are any; 8192 */
  vocabSize?: number;
  /** how often a pair must be met to be merged; 2 */
  minFreq?: number;
  /** whether capitals are small letters; true */
  lowercase?: boolean;
}

/** What is between spaces, each sign of punctuation by itself. */
const WORDS = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

const split = (text: string): string[] => text.match(WORDS) ?? [];

/** A longer word is unknown: no language has any, and it would take long to find out. */
const LONGEST_WORD = 100;

/**
 * WordPiece, as BERT has it: a word is cut from its beginning into the longest pieces that are tokens; those that go on in a
 * word begin with "##". A word that cannot be cut so is the special token `unk`.
 *
 * `train` begins with characters and merges the pair of neighbours that raises the likelihood most, the one with the highest
 * count(ab) / (count(a) · count(b)); of equals the more frequent, then the one of the smaller numbers. `toJSON` is the form of
 * Hugging Face's tokenizer.json. Special tokens are "[PAD]", "[UNK]", "[CLS]" (bos), "[SEP]" (eos) and "[MASK]" unless others
 * are given; there must be an `unk`, else an ArgumentError is thrown.
 * Source: Schuster and Nakajima, Japanese and Korean voice search, 2012; Devlin et al., BERT, 2019.
 *
 * ```ts
 * const tokenizer = WordPieceTokenizer.train("hug hugs pug pugs bun");
 * tokenizer.vocabulary.tokens.slice(5); // [ '##g', '##n', '##s', '##u', 'b', 'h', 'p', '##gs', '##ug', '##ugs' ]
 * const ids = tokenizer.encode("Hugs, pun!");
 * tokenizer.vocabulary.lookupTokens(ids); // [ 'h', '##ugs', '[UNK]', 'p', '##u', '##n', '[UNK]' ]
 * tokenizer.decode(ids); // "hugs pun"
 * ```
 */
export class WordPieceTokenizer extends VocabularyTokenizer {
  readonly lowercase: boolean;
  readonly #unknown: number;

  constructor(tokens: readonly string[], specials: SpecialTokens, options: { lowercase?: boolean } = {}) {
    super(tokens, specials);
    this.lowercase = options.lowercase ?? true;
    if (this.specialIds.unk === undefined) {
      throw new ArgumentError(
        'WordPieceTokenizer: there must be a special token for unknown words, such as { unk: "[UNK]" }.',
      );
    }
    this.#unknown = this.specialIds.unk;
  }

  static train(texts: string | Iterable<string>, options: WordPieceTokenizerOptions = {}): WordPieceTokenizer {
    const { vocabSize = 8192, minFreq = 2, lowercase = true, specials = BERT_SPECIALS } = options;
    const counts = countTokens(piecesOf(texts, (text) => split(lowercase ? text.toLowerCase() : text)));
    const words = [...counts].map(([word, count]) => ({
      pieces: Array.from(word, (char, i) => (i === 0 ? char : `##${char}`)),
      count,
    }));
    const tokens = [...Object.values(specials), ...[...new Set(words.flatMap(({ pieces }) => pieces))].sort()];
    if (!(Number.isInteger(vocabSize) && vocabSize >= tokens.length)) {
      throw new ArgumentError(
        `WordPieceTokenizer.train: vocabSize is a whole number from ${tokens.length} on (characters and special tokens), but is ${vocabSize}.`,
      );
    }
    const ids = new Map(tokens.map((token, id) => [token, id]));
    const pairs = new PairCounts(
      words.map(({ pieces, count }) => ({ symbols: pieces.map((piece) => ids.get(piece) as number), count })),
    );
    while (tokens.length < vocabSize) {
      const best = likeliest(pairs, minFreq);
      if (!best) break;
      const merged = tokens[best.left] + tokens[best.right].slice(2);
      const id = ids.get(merged) ?? tokens.push(merged) - 1;
      ids.set(merged, id);
      pairs.merge(best.left, best.right, id);
    }
    return new WordPieceTokenizer(tokens, specials, { lowercase });
  }

  encode(text: string): Int32Array {
    return Int32Array.from(split(this.lowercase ? text.toLowerCase() : text).flatMap((word) => this.#encodeWord(word)));
  }

  #encodeWord(word: string): number[] {
    const characters = Array.from(word);
    if (characters.length > LONGEST_WORD) return [this.#unknown];
    const pieces: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      const piece = (): string => (start > 0 ? "##" : "") + characters.slice(start, end).join("");
      while (end > start && !this.vocabulary.has(piece())) end--;
      if (end === start) return [this.#unknown];
      pieces.push(this.vocabulary.indexOf(piece()));
      start = end;
    }
    return pieces;
  }

  protected join(tokens: readonly string[]): string {
    return tokens.join(" ").replaceAll(" ##", "");
  }

  toJSON(): object {
    const { vocabulary, specials, lowercase } = this;
    const form = wordPieceForm(specials.unk, lowercase);
    return {
      ...form,
      added_tokens: addedTokens(vocabulary, specials),
      model: { ...form.model, vocab: vocabOf(vocabulary) },
    };
  }
}

const BERT_SPECIALS: SpecialTokens = { pad: "[PAD]", unk: "[UNK]", bos: "[CLS]", eos: "[SEP]", mask: "[MASK]" };

/** The pair whose merge raises the likelihood of the words most, of those that are frequent enough. */
function likeliest(pairs: PairCounts, minFreq: number): Pair | undefined {
  let best: (Pair & { readonly score: number }) | undefined;
  for (const pair of pairs) {
    if (pair.count < minFreq) continue;
    const score = pair.count / ((pairs.symbols.get(pair.left) ?? 0) * (pairs.symbols.get(pair.right) ?? 0));
    const order = best
      ? score - best.score || pair.count - best.count || best.left - pair.left || best.right - pair.right
      : 1;
    if (order > 0) best = { ...pair, score };
  }
  return best;
}

/** How a file of it looks, but for its tokens. */
export const wordPieceForm = (unknown: string | undefined, lowercase: boolean): FileForm => ({
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: lowercase ? { type: "Lowercase" } : null,
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: null,
  decoder: { type: "WordPiece", prefix: "##", cleanup: false },
  model: {
    type: "WordPiece",
    unk_token: unknown,
    continuing_subword_prefix: "##",
    max_input_chars_per_word: LONGEST_WORD,
    vocab: {},
  },
});
