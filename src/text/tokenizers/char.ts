import { countTokens } from "../vocabulary.ts";
import { piecesOf, type SpecialTokens, type TrainTokenizerOptions, VocabularyTokenizer } from "./tokenizer.ts";

/**
 * A text as its characters (Unicode's code points), numbered in the order of their codes behind the special tokens.
 *
 * A character that training has not met is the special token `unk`; without one it throws an ArgumentError.
 *
 * ```ts
 * const tokenizer = CharTokenizer.train("banana", { specials: { pad: "<pad>" } });
 * tokenizer.encode("nab"); // Int32Array(3) [ 3, 1, 2 ]
 * tokenizer.decode([2, 1, 3, 0, 0]); // "ban"
 * ```
 */
export class CharTokenizer extends VocabularyTokenizer {
  constructor(tokens: readonly string[], specials: SpecialTokens = {}) {
    super(tokens, specials);
  }

  static train(texts: string | Iterable<string>, { specials = {} }: TrainTokenizerOptions = {}): CharTokenizer {
    const counts = countTokens(piecesOf(texts, (text) => text));
    return new CharTokenizer([...Object.values(specials), ...[...counts.keys()].sort()], specials);
  }

  encode(text: string): Int32Array {
    return this.vocabulary.lookupIndices(Array.from(text));
  }

  protected join(tokens: readonly string[]): string {
    return tokens.join("");
  }

  toJSON(): object {
    return { type: "CharTokenizer", specials: this.specials, tokens: this.vocabulary.tokens };
  }
}
