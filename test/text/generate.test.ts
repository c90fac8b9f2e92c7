import { expect, test } from "vitest";
import { ArgumentError, allclose, manualSeed } from "../../src/index.ts";
import { generate, LSTMLanguageModel, NGramModel } from "../../src/text/index.ts";
import { CONTEXT, expectExactMemory, gpt, i32 } from "./exact-memory.ts";

test.each([
  { positions: "rotary", kvHeads: 2, norm: "rms" },
  { positions: "alibi", width: 16, depth: 1 },
] as const)("a GPT that remembers expects what one does that reads all again, bit for bit: %o", expectExactMemory);

const collect = async (tokens: AsyncIterable<number>) => {
  const found: number[] = [];
  for await (const token of tokens) found.push(token);
  return found;
};

test("generate draws the same tokens for a seed, stops, and forgets the older half of a full context", async () => {
  const model = gpt({ width: 8, heads: 2, depth: 1 });
  const prompt = [1, 2, 3];
  const written = await collect(generate(model, prompt, { maxNewTokens: 40, seed: 5 }));
  expect(written).toHaveLength(40);
  expect(await collect(generate(model, prompt, { maxNewTokens: 9, seed: 5 }))).toEqual(written.slice(0, 9));
  expect(await collect(generate(model, prompt, { maxNewTokens: 40, seed: 6 }))).not.toEqual(written);
  const stopTokens = [written[10]];
  const stopped = await collect(generate(model, prompt, { maxNewTokens: 40, seed: 5, stopTokens }));
  expect(stopped).toEqual(written.slice(0, written.indexOf(written[10]) + 1));
  await expect(collect(generate(model, []))).rejects.toThrow(ArgumentError);

  const greedy = await collect(generate(model, [1, 2, 3], { temperature: 0, maxNewTokens: CONTEXT - 1 }));
  const full = [...prompt, ...greedy]; // the last token follows 25: one more than the context
  const newer = full.slice(CONTEXT + 1 - CONTEXT / 2, CONTEXT + 1);
  expect(await collect(generate(model, newer, { temperature: 0, maxNewTokens: 1 }))).toEqual([full[CONTEXT + 1]]);
});

test("an LSTM goes on from its state as if it had read the whole text", async () => {
  manualSeed(1);
  const model = new LSTMLanguageModel({ vocabSize: 7, width: 4, hiddenSize: 6, depth: 2 }).eval();
  const tokens = i32([[1, 5, 2, 6, 3]]);
  const [all] = model.forward(tokens); // (1, 5, V)
  let [logits, memory] = model.read(i32([[1, 5, 2, 0]]), i32(3));
  expect(await allclose(logits, all.select(1, 2))).toBe(true);
  [logits, memory] = model.next(i32([6]), memory);
  expect(await allclose(logits, all.select(1, 3))).toBe(true);
  [logits] = model.next(i32([3]), memory);
  expect(await allclose(logits, all.select(1, 4))).toBe(true);
});

test("an n-gram model mixes what it has counted, and its probabilities of all texts are one in all", () => {
  const alone = new NGramModel([0, 0, 1], { n: 1, vocabSize: 2 });
  expect(Math.exp(-alone.crossEntropy([0]))).toBeCloseTo((2 + 2 * (1 / 2)) / (3 + 2), 12);
  const model = new NGramModel([0, 1, 2, 0, 1, 0, 0], { n: 3, vocabSize: 3 });
  const texts = Array.from({ length: 3 ** 4 }, (_, i) => [27, 9, 3, 1].map((unit) => Math.floor(i / unit) % 3));
  const total = texts.reduce((sum, text) => sum + Math.exp(-4 * model.crossEntropy(text)), 0);
  expect(total).toBeCloseTo(1, 12);
  expect(() => new NGramModel([0], { n: 40, vocabSize: 63 })).toThrow(ArgumentError);
});
