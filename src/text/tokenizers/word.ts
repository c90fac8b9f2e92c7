import { countTokens, Vocabulary } from "../vocabulary.ts";
import { piecesOf, type SpecialTokens, type TrainTokenizerOptions, VocabularyTokenizer } from "./tokenizer.ts";

export interface WordTokenizerOptions extends TrainTokenizerOptions {
  /** whether capitals are small letters; true */
  lowercase?: boolean;
  /** how often a word must be met; 1 */
  minFreq?: number;
  /** the most tokens, the special ones included; no limit */
  maxTokens?: number;
}

const WORDS = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\S/gu;

/**
 * The words of a text: letters and digits, with apostrophes and hyphens between them; any other sign is a word of its own.
 *
 * ```ts
 * splitWords("Don't stop, Mr. Half-Wit!").join(" "); // "Don't stop , Mr . Half-Wit !"
 * ```
 */
export const splitWords = (text: string): string[] => text.match(WORDS) ?? [];

/**
 * A text as its words and punctuation (`splitWords`), numbered by how often training met them behind the special tokens.
 *
 * What training has not met, or too rarely, is the special token `unk` ("<unk>" unless named otherwise). `decode` puts one
 * space between all tokens: spaces and, with `lowercase`, capitals of the text are lost.
 *
 * ```ts
 * const tokenizer = WordTokenizer.train("The cat saw the dog.");
 * tokenizer.encode("the bird saw."); // Int32Array(4) [ 1, 0, 5, 2 ]
 * tokenizer.decode([1, 3]); // "the cat"
 * ```
 */
export class WordTokenizer extends VocabularyTokenizer {
  readonly lowercase: boolean;

  constructor(tokens: readonly string[], specials: SpecialTokens = {}, options: { lowercase?: boolean } = {}) {
    super(tokens, specials);
    this.lowercase = options.lowercase ?? true;
  }

  static train(texts: string | Iterable<string>, options: WordTokenizerOptions = {}): WordTokenizer {
    const { lowercase = true, minFreq, maxTokens } = options;
    const specials: SpecialTokens = { ...options.specials, unk: options.specials?.unk ?? "<unk>" };
    const counts = countTokens(piecesOf(texts, (text) => splitWords(lowercase ? text.toLowerCase() : text)));
    const { tokens } = Vocabulary.fromCounts(counts, { minFreq, maxTokens, specials: Object.values(specials) });
    return new WordTokenizer(tokens, specials, { lowercase });
  }

  encode(text: string): Int32Array {
    return this.vocabulary.lookupIndices(splitWords(this.lowercase ? text.toLowerCase() : text));
  }

  protected join(tokens: readonly string[]): string {
    return tokens.join(" ");
  }

  toJSON(): object {
    const { lowercase, specials, vocabulary } = this;
    return { type: "WordTokenizer", lowercase, specials, tokens: vocabulary.tokens };
  }
}
