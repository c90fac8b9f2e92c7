import { DataError } from "../../core/errors.ts";
import { readForm } from "./hugging-face-form.ts";
import type { SpecialIds, Tokenizer } from "./tokenizer.ts";

/** What is used of the library's class. */
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
}

/** A tokenizer of Hugging Face's; {@link huggingFaceTokenizer} makes it. */
export class HuggingFaceTokenizer implements Tokenizer {
  readonly vocabSize: number;
  /** none: the file does not say what its special tokens are for; `idOf` finds their numbers */
  readonly specialIds: SpecialIds = {};
  readonly #tokenizer: Library;
  readonly #ids: ReadonlyMap<string, number>;

  constructor(tokenizer: Library, ids: ReadonlyMap<string, number>) {
    this.#tokenizer = tokenizer;
    this.#ids = ids;
    this.vocabSize = [...ids.values()].reduce((most, id) => Math.max(most, id + 1), 0);
  }

  /** With the special tokens that the file puts around a text, such as [CLS] and [SEP], unless they are not wanted. */
  encode(text: string, options: { addSpecialTokens?: boolean } = {}): Int32Array {
    return Int32Array.from(this.#tokenizer.encode(text, { add_special_tokens: options.addSpecialTokens ?? true }).ids);
  }

  decode(ids: ArrayLike<number>): string {
    const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
    return ids.length === 0 ? "" : this.#tokenizer.decode(Array.from(ids), options);
  }

  /** The number of a token, special or not; undefined if there is none. */
  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }
}

/**
 * The tokenizer that the contents of a tokenizer.json describe, through the library `@huggingface/tokenizers`.
 *
 * `config` is a tokenizer_config.json, if there is one. The file is checked; but patterns in it run as regular expressions,
 * so take files that you trust.
 * Throws a DataError that gives `name` if the file is no tokenizer.json or the library refuses it or is not installed.
 * Source: https://huggingface.co/docs/tokenizers.
 *
 * ```ts
 * const trained = WordPieceTokenizer.train("hug hugs pug pugs bun");
 * const tokenizer = await huggingFaceTokenizer(trained.toJSON());
 * tokenizer.encode("hugs"); // Int32Array(2) [ 10, 14 ]
 * tokenizer.decode([10, 14, 9]); // "hugs b"
 * ```
 */
export async function huggingFaceTokenizer(
  value: unknown,
  config: object = {},
  name = "tokenizer.json",
): Promise<HuggingFaceTokenizer> {
  const { entries, added } = readForm(value, name);
  const { Tokenizer } = await import("@huggingface/tokenizers").catch((cause) => {
    throw new DataError(
      `${name} needs the package @huggingface/tokenizers: run \`npm install @huggingface/tokenizers\`.`,
      { cause },
    );
  });
  // The library asks for these parts, if only as null.
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  try {
    const tokenizer: Library = new Tokenizer({ ...parts, ...(value as object) }, config);
    const ids = new Map([...entries, ...added.map(({ content, id }) => [content, id] as const)]);
    return new HuggingFaceTokenizer(tokenizer, ids);
  } catch (cause) {
    throw new DataError(`${name}: the library cannot use it: ${(cause as Error).message}`, { cause });
  }
}
