import { expect, test } from "vitest";
import { ArgumentError, allclose, manualSeed, noGrad, ShapeError, setDevice, tensor, zeros } from "../../src/index.ts";
import { BERT, BERTMaskedLM, padSequences } from "../../src/text/index.ts";

setDevice("wasm"); // small programs: the golden cases run natively

const options = { vocabSize: 9, contextLength: 6, width: 8, depth: 1, heads: 2 };

test("a text's vectors depend on both sides and not on its padding, and dropout only trains", async () => {
  manualSeed(0);
  const model = new BERT(options).eval();
  const forward = (texts: number[][]) => {
    const { tokens, mask } = padSequences(texts);
    return noGrad(() => model.forward(tokens, { mask }));
  };
  const alone = forward([[3, 4, 5]]);
  const beside = forward([
    [3, 4, 5],
    [1, 2, 3, 4, 5, 6],
  ]);
  expect(await allclose(beside.select(0, 0).narrow(0, 0, 3), alone.select(0, 0))).toBe(true);
  const otherEnd = forward([[3, 4, 6]]);
  expect(await allclose(otherEnd.select(1, 0), alone.select(1, 0))).toBe(false);
  model.train();
  expect(await allclose(forward([[3, 4, 5]]), alone)).toBe(false);
});

test("it begins as N(0, 0.02²), is tied, and refuses what does not fit", async () => {
  const model = new BERTMaskedLM({ ...options, vocabSize: 400, width: 32 });
  const { decoder } = model.cls.predictions;
  expect(decoder.weight).toBe(model.bert.embeddings.word_embeddings.weight);
  for (const table of [decoder.weight, model.bert.encoder.layers[0].linear1.weight]) {
    expect(await table.std().item()).toBeCloseTo(0.02, 2);
  }
  expect(await decoder.bias?.abs().max().item()).toBe(0);
  expect(() => new BERT({ ...options, heads: 3 })).toThrow(ArgumentError);
  const tokens = zeros([1, 4], { dtype: "i32" });
  expect(() => model.forward(zeros([1, 7], { dtype: "i32" }))).toThrow(ShapeError);
  expect(() => model.forward(tokens, { mask: tensor([[true, false]]) })).toThrow(ShapeError);
});
