/** The parts of a tokenizer.json that are written and read here. */

import { DataError } from "../../core/errors.ts";
import type { Vocabulary } from "../vocabulary.ts";
import type { SpecialRole, SpecialTokens } from "./tokenizer.ts";

/** Two tokens that become one. */
export type Merge = readonly [left: string, right: string];

export type Json = Readonly<Record<string, unknown>>;

/** A tokenizer.json but for its tokens and merges. */
export type FileForm = Json & { readonly model: Json };

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const vocabOf = (vocabulary: Vocabulary): Record<string, number> =>
  Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id]));

/** Each special token with its role, which other readers of the file pass over. */
export const addedTokens = (vocabulary: Vocabulary, specials: SpecialTokens): Json[] =>
  Object.entries(specials).map(([role, content]) => ({
    id: vocabulary.tokens.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
    role,
  }));

const ROLES: readonly string[] = ["pad", "unk", "bos", "eos", "mask"] satisfies SpecialRole[];

// No vocabulary has a tenth of it.
const MOST_TOKENS = 2 ** 24;

/** What a tokenizer.json says of its tokens. */
export interface ReadForm {
  readonly entries: readonly (readonly [token: string, id: number])[];
  readonly merges: readonly Merge[];
  readonly added: readonly (Json & { readonly id: number; readonly content: string })[];
}

/** The tokens of a tokenizer.json, checked; throws a DataError that gives `name` and says what is wrong. */
export function readForm(value: unknown, name: string): ReadForm {
  const wrong = (what: string): never => {
    throw new DataError(`${name} is no tokenizer.json: ${what}.`);
  };
  if (!isObject(value) || !isObject(value.model)) return wrong("it has no model");
  const { model, added_tokens: added = [] } = value;
  const entries = vocabEntries(model.vocab);
  if (!entries) return wrong("its model's vocab is neither an object of numbers nor a list of pairs");
  const ids = new Set(entries.map(([, id]) => id));
  if (ids.size !== entries.length) wrong("two tokens of its vocab have one number");
  for (const [token, id] of entries) {
    if (!isId(id)) wrong(`its vocab gives ${JSON.stringify(token)} the number ${id}`);
  }
  if (!Array.isArray(added)) return wrong("its added_tokens are no list");
  for (const token of added) {
    if (!isObject(token) || !isId(token.id) || typeof token.content !== "string") {
      wrong("an added token has no id or content");
    }
  }
  const tokens = new Set(entries.map(([token]) => token));
  const merges = model.merges === undefined ? [] : mergesOf(model.merges);
  if (!merges) return wrong("its model's merges are no list of pairs");
  for (const [left, right] of merges) {
    if (!tokens.has(left) || !tokens.has(right)) wrong(`its merges have ${left} and ${right}, but its vocab has not`);
  }
  return { entries, merges, added };
}

/** What {@link readForm} found as tokens by number and special tokens by role; undefined if it is not written so here. */
export function tokensOf({ entries, added }: ReadForm): { tokens: string[]; specials: SpecialTokens } | undefined {
  const tokens: string[] = [];
  for (const [token, id] of entries) tokens[id] = token;
  if (tokens.length !== entries.length) return undefined; // there are gaps
  const ours = added.every(({ role, id, content }) => ROLES.includes(role as string) && tokens[id] === content);
  const specials: SpecialTokens = Object.fromEntries(added.map(({ role, content }) => [role, content]));
  return ours ? { tokens, specials } : undefined;
}

const isId = (id: unknown): id is number =>
  Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < MOST_TOKENS;

/** [token, number]; a Unigram model's list has scores in the place of numbers. */
function vocabEntries(vocab: unknown): [string, number][] | undefined {
  if (isObject(vocab)) return Object.entries(vocab) as [string, number][];
  if (!Array.isArray(vocab) || !vocab.every((entry) => Array.isArray(entry) && typeof entry[0] === "string")) return;
  return vocab.map(([token], id) => [token, id]);
}

function mergesOf(merges: unknown): Merge[] | undefined {
  if (!Array.isArray(merges)) return;
  const pairs = merges.map((merge) => (typeof merge === "string" ? merge.split(" ") : merge));
  const good = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((token) => typeof token === "string");
  return pairs.every(good) ? pairs : undefined;
}
