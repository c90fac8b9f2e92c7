import { expect } from "vitest";
import { compile, manualSeed, noGrad, type Tensor, tensor } from "../../src/index.ts";
import { GPT, type GPTMemory, type GPTOptions } from "../../src/text/index.ts";

export const VOCABULARY = 65;
export const CONTEXT = 24;

/** A model with weights large enough that its answers differ. */
export function gpt(options: Partial<GPTOptions> = {}): GPT {
  manualSeed(1);
  const model = new GPT({ vocabSize: VOCABULARY, contextLength: CONTEXT, width: 128, depth: 2, heads: 4, ...options });
  for (const parameter of model.parameters()) parameter.assign(parameter.detach().mul(5));
  return model.eval();
}

const text = Array.from({ length: CONTEXT }, (_, i) => (i * i + 3 * i) % VOCABULARY);
export const i32 = (values: number[] | number[][] | number) => tensor(values, { dtype: "i32" });

/** Expects the logits after each token from a memory to be those of reading all again, bit for bit. */
export async function expectExactMemory(options: Partial<GPTOptions>): Promise<void> {
  const model = gpt(options);
  const read = compile((tokens: Tensor, length: Tensor) => noGrad(() => model.read(tokens, length)));
  const next = compile((tokens: Tensor, memory: GPTMemory) => noGrad(() => model.next(tokens, memory)));
  const forward = compile((tokens: Tensor) => noGrad(() => model.forward(tokens)));
  const all = await forward(i32([text]))
    .select(0, 0)
    .array(); // (T, V)
  let [logits, memory] = read(i32([[...text.slice(0, 5), 0, 0, 0]]), i32(5));
  for (let length = 5; length <= CONTEXT; length++) {
    const [again] = read(i32([[...text.slice(0, length), ...new Array(CONTEXT - length).fill(0)]]), i32(length));
    const row = await logits.array();
    expect(row).toEqual(await again.array());
    expect(row).toEqual([(all as number[][])[length - 1]]);
    if (length < CONTEXT) [logits, memory] = next(i32([text[length]]), memory);
  }
}

export const FORMS: readonly Partial<GPTOptions>[] = [
  { positions: "learned" },
  { positions: "learned", kvHeads: 2, tied: false },
  { positions: "sinusoidal", norm: "rms", bias: false },
  { positions: "rotary", kvHeads: 1 },
  { positions: "rotary", norm: "rms", bias: false },
  { positions: "alibi" },
  { positions: "alibi", kvHeads: 2, norm: "rms" },
];
