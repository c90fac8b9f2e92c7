import { ArgumentError } from "../../core/errors.ts";
import { Random } from "../../data/index.ts";
import { type Compiled, compile, noGrad, type Tensor, tensor } from "../../tensor/index.ts";
import type { NextToken } from "./next-token.ts";
import { type SamplingOptions, sampleToken } from "./sampling.ts";

/** A model that can write on. M is what it remembers of a text. */
export interface LanguageModel<M = unknown> {
  /** how many tokens of a text it can have before it; Infinity where there is no limit */
  readonly contextLength: number;
  /**
   * Texts (B, T) of i32, of which the first `length` tokens count, i32 () ─► the logits (B, V) of the token after
   * them, and what `next` goes on from.
   */
  read(tokens: Tensor, length: Tensor): readonly [logits: Tensor, memory: M];
  /** One more token of each text. */
  readonly next: NextToken<M>;
}

export interface GenerateOptions extends SamplingOptions {
  /** how many tokens at most; 100 by default */
  maxNewTokens?: number;
  /** the same seed gives the same tokens; 0 by default */
  seed?: number;
  /** tokens after which nothing is written; they are given as well */
  stopTokens?: readonly number[];
}

/** Both of a model's programs, made once: tracing takes longer than a text. */
const programs = new WeakMap<object, unknown>();

interface Programs<M> {
  read: Compiled<[tokens: Tensor, length: Tensor], readonly [logits: Tensor, memory: M]>;
  next: Compiled<[tokens: Tensor, memory: M], readonly [logits: Tensor, memory: M]>;
}

function programsOf<M>(model: LanguageModel<M>): Programs<M> {
  const known = programs.get(model) as Programs<M> | undefined;
  if (known) return known;
  const made: Programs<M> = {
    read: compile((tokens: Tensor, length: Tensor) => noGrad(() => model.read(tokens, length))),
    next: compile((tokens: Tensor, memory: M) => noGrad(() => model.next(tokens, memory))),
  };
  programs.set(model, made);
  return made;
}

/**
 * Writes on after a prompt, token by token as they are drawn: `for await (const token of generate(model, prompt))`.
 *
 * The model reads the prompt at once and from then on one token a step, from what it remembers. Where a text has grown
 * beyond the model's `contextLength`, the model forgets the older half of it and reads the newer half again. Call
 * `model.eval()` first. Throws an ArgumentError for an empty prompt or an option out of its domain.
 *
 * ```ts
 * const model = new GPT({ vocabSize: 5, contextLength: 8, width: 8, depth: 1, heads: 2 }).eval();
 * const written: number[] = [];
 * for await (const token of generate(model, [1, 2], { maxNewTokens: 20, topK: 3, seed: 7 })) written.push(token);
 * written.length; // 20
 * ```
 */
export async function* generate<M>(
  model: LanguageModel<M>,
  prompt: readonly number[],
  options: GenerateOptions = {},
): AsyncGenerator<number, void, undefined> {
  const { maxNewTokens = 100, seed = 0, stopTokens = [], ...sampling } = options;
  if (prompt.length === 0) throw new ArgumentError("generate needs a prompt of at least one token.");
  const { read, next } = programsOf(model);
  const { contextLength } = model;
  const random = new Random(seed);

  /** Reads the end of a text: all that fits, or half as much, so that there is room to go on. */
  const begin = (text: readonly number[]) => {
    const most = text.length <= contextLength ? text.length : Math.ceil(contextLength / 2);
    const tokens = text.slice(text.length - most);
    // Few programs for all lengths: those of powers of two.
    const size = Math.min(contextLength, 2 ** Math.max(3, Math.ceil(Math.log2(tokens.length))));
    const padded = [...tokens, ...new Array<number>(size - tokens.length).fill(0)];
    seen = tokens.length;
    return read(tensor([padded], { dtype: "i32" }), tensor(tokens.length, { dtype: "i32" }));
  };

  const text = [...prompt];
  let seen = 0; // tokens in the memory
  let [logits, memory] = begin(text);
  for (let i = 0; i < maxNewTokens; i++) {
    const token = sampleToken(await logits.data(), random, sampling);
    yield token;
    if (stopTokens.includes(token)) return;
    text.push(token);
    if (i === maxNewTokens - 1) return;
    if (seen < contextLength) {
      seen++;
      [logits, memory] = next(tensor([token], { dtype: "i32" }), memory);
    } else [logits, memory] = begin(text);
  }
}
