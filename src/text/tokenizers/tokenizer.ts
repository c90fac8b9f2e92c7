import { Vocabulary } from "../vocabulary.ts";

/** Texts as numbers, and back. */
export interface Tokenizer {
  /** numbers are below it */
  readonly vocabSize: number;
  /** the numbers of those special tokens that there are */
  readonly specialIds: SpecialIds;
  encode(text: string): Int32Array;
  /** Special tokens are left out. Throws an IndexError if there is no token of a number. */
  decode(ids: ArrayLike<number>): string;
}

/** What a special token is for: filling up, what is unknown, the beginning and the end, what was hidden. */
export type SpecialRole = "pad" | "unk" | "bos" | "eos" | "mask";

/** How special tokens are written; training numbers them in this order, before all others. */
export type SpecialTokens = Readonly<Partial<Record<SpecialRole, string>>>;

export type SpecialIds = Readonly<Partial<Record<SpecialRole, number>>>;

export interface TrainTokenizerOptions {
  /** `{ pad: "<pad>", eos: "<eos>" }`; a text that contains these letters is still a text like any other; none */
  specials?: SpecialTokens;
}

/** One that has a list of tokens: token i is the i-th. */
export abstract class VocabularyTokenizer implements Tokenizer {
  readonly vocabulary: Vocabulary;
  readonly specials: SpecialTokens;
  readonly specialIds: SpecialIds;
  readonly #isSpecial: ReadonlySet<string>;

  /** Throws an ArgumentError if a token is there twice, or a special one is not among them. */
  constructor(tokens: readonly string[], specials: SpecialTokens) {
    this.vocabulary = new Vocabulary(tokens, { unknown: specials.unk });
    this.specials = specials;
    const plain = new Vocabulary(tokens);
    this.specialIds = Object.fromEntries(
      Object.entries(specials).map(([role, token]) => [role, plain.indexOf(token)] as const),
    );
    this.#isSpecial = new Set(Object.values(specials));
  }

  get vocabSize(): number {
    return this.vocabulary.length;
  }

  abstract encode(text: string): Int32Array;

  decode(ids: ArrayLike<number>): string {
    return this.join(this.vocabulary.lookupTokens(ids).filter((token) => !this.#isSpecial.has(token)));
  }

  /** The text of tokens, none of which is special. */
  protected abstract join(tokens: readonly string[]): string;

  /** What `saveTokenizer` writes and `loadTokenizer` reads. */
  abstract toJSON(): object;
}

/** One text, or several, as several, each cut by `split`. */
export function* piecesOf(
  texts: string | Iterable<string>,
  split: (text: string) => Iterable<string>,
): Generator<Iterable<string>, void, undefined> {
  for (const text of typeof texts === "string" ? [texts] : texts) yield split(text);
}
