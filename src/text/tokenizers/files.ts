import { DataError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../io/atomic.ts";
import { BPE_FORM, BPETokenizer } from "./bpe.ts";
import { CharTokenizer } from "./char.ts";
import { huggingFaceTokenizer } from "./hugging-face.ts";
import { type FileForm, isObject, readForm, tokensOf } from "./hugging-face-form.ts";
import type { Tokenizer, VocabularyTokenizer } from "./tokenizer.ts";
import { WordTokenizer } from "./word.ts";
import { WordPieceTokenizer, wordPieceForm } from "./word-piece.ts";

/**
 * Writes a tokenizer to a file, whole or not at all. BPE and WordPiece are in the form of Hugging Face's tokenizer.json, which
 * its libraries read as well.
 *
 * ```ts
 * await saveTokenizer("letters.json", CharTokenizer.train("banana"));
 * (await loadTokenizer("letters.json")).encode("nab"); // Int32Array(3) [ 2, 0, 1 ]
 * ```
 */
export async function saveTokenizer(path: string, tokenizer: VocabularyTokenizer): Promise<void> {
  await writeFileAtomic(path, JSON.stringify(tokenizer.toJSON()));
}

/**
 * Reads a tokenizer from a file of {@link saveTokenizer}, or a tokenizer.json of Hugging Face's through the library
 * `@huggingface/tokenizers` ({@link huggingFaceTokenizer}).
 *
 * Throws a DataError that names the file if it cannot be read or is damaged.
 *
 * ```ts
 * await saveTokenizer("words.json", BPETokenizer.train("the sea, the sea", { vocabSize: 260 }));
 * const tokenizer = await loadTokenizer("words.json");
 * tokenizer.decode(tokenizer.encode("the whale")); // "the whale"
 * ```
 */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  const { readFile } = await import("node:fs/promises");
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new DataError(`cannot read the tokenizer ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    return readPlain(value, path) ?? readOurs(value, path) ?? (await huggingFaceTokenizer(value, {}, path));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`the tokenizer ${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
}

/** Characters and words, which have a form of their own. */
function readPlain(value: unknown, path: string): Tokenizer | undefined {
  if (!isObject(value) || (value.type !== "CharTokenizer" && value.type !== "WordTokenizer")) return undefined;
  const { tokens, specials, lowercase } = value;
  if (!isStrings(tokens) || !isObject(specials) || !isStrings(Object.values(specials))) {
    throw new DataError(
      `the tokenizer ${path} is damaged: its tokens are no list of strings, or its specials no object of them.`,
    );
  }
  return value.type === "CharTokenizer"
    ? new CharTokenizer(tokens, specials)
    : new WordTokenizer(tokens, specials, { lowercase: lowercase === true });
}

/** A tokenizer.json as it is written here; undefined if another program's may mean something else. */
function readOurs(value: unknown, path: string): Tokenizer | undefined {
  const form = readForm(value, path);
  const known = tokensOf(form);
  if (!known) return undefined;
  const { tokens, specials } = known;
  if (isForm(value, BPE_FORM)) return new BPETokenizer(tokens, form.merges, specials);
  for (const lowercase of [true, false]) {
    if (isForm(value, wordPieceForm(specials.unk, lowercase))) {
      return new WordPieceTokenizer(tokens, specials, { lowercase });
    }
  }
  return undefined;
}

/** Whether a file is `form` but for its tokens and merges. */
function isForm(value: unknown, form: FileForm): boolean {
  const file = value as FileForm;
  const { vocab, merges } = form.model;
  const blank = { ...file, added_tokens: [], model: { ...file.model, vocab, merges } };
  return JSON.stringify(blank) === JSON.stringify(form);
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
