import { describe, expect, test } from "vitest";
import { ArgumentError, cat, compile, manualSeed, noGrad, setDevice, type Tensor, tensor } from "../../src/index.ts";
import {
  beamSearch,
  type EncoderDecoder,
  generate,
  RecurrentEncoderDecoder,
  TransformerEncoderDecoder,
} from "../../src/text/index.ts";

setDevice("interp"); // few numbers: compiling would take longer

const i32 = (rows: number[][]): Tensor => tensor(rows, { dtype: "i32" });
const source = i32([
  [2, 3, 4, 5],
  [4, 2, 0, 0],
]);
const target = i32([
  [1, 3, 4, 2, 5],
  [1, 5, 2, 0, 0],
]);

function expectClose(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().itemSync()).toBeLessThan(2e-6);
}

manualSeed(5);
const transformer = { numEncoderLayers: 1, numDecoderLayers: 2, dimFeedforward: 8, maxLength: 6 };
const MODELS: readonly (readonly [string, EncoderDecoder])[] = [
  ["GRU, general scores", new RecurrentEncoderDecoder(6, 7, 5)],
  ["GRU, no attention, two layers", new RecurrentEncoderDecoder(6, 7, 5, { attention: "none", numLayers: 2 })],
  ["LSTM, additive scores", new RecurrentEncoderDecoder(6, 7, 5, { cell: "lstm", attention: "additive" })],
  [
    "LSTM, dot, forwards",
    new RecurrentEncoderDecoder(6, 7, 5, { cell: "lstm", attention: "dot", bidirectional: false }),
  ],
  ["transformer", new TransformerEncoderDecoder(6, 7, 8, 2, transformer)],
];
for (const [, model] of MODELS) model.eval();

describe.each(MODELS)("%s", (_, model) => {
  test("gives token by token what it gives with all tokens fed", () => {
    const all = model.forward(source, target); // (2, 5, 7)
    let [logits, memory] = model.read(source);
    expectClose(logits, all.select(1, 0));
    for (let t = 1; t < 5; t++) {
      [logits, memory] = model.next(target.select(1, t), memory);
      expectClose(logits, all.select(1, t));
    }
  });

  test("does not see padding", () => {
    const long = cat(
      [
        source,
        i32([
          [0, 0],
          [0, 0],
        ]),
      ],
      1,
    );
    expectClose(model.forward(long, target), model.forward(source, target));
  });
});

describe("scheduled sampling", () => {
  const model = new RecurrentEncoderDecoder(6, 7, 5).eval();

  test("never is teacher forcing", () => {
    const never = tensor(0); // a tensor, so that the loop is the one that chooses
    expectClose(model.forward(source, target, { sampling: never }), model.forward(source, target));
  });

  test("always is what greedy decoding writes, whatever the target says", async () => {
    const written = model.forward(source, target, { sampling: 1 }).argmax(2).dataSync();
    const search = beamSearch(model.next, { start: 1, end: -1, maxLength: 5, beam: 1 }); // never ends
    const found = await search(noGrad(() => model.begin(source)));
    expect(Array.from(written)).toEqual(found.flatMap(([{ tokens }]) => tokens));
  });

  test("draws anew in each step of one compiled program", () => {
    const step = compile((p: Tensor) => model.forward(source, target, { sampling: p }));
    manualSeed(0);
    const [first, ...others] = Array.from({ length: 8 }, () => step(tensor(0.5)).dataSync().join());
    expect(others.some((other) => other !== first)).toBe(true);
    expectClose(step(tensor(0)), model.forward(source, target));
  });
});

test("generate writes a target's tokens one by one, with the source as its prompt", async () => {
  const model = new RecurrentEncoderDecoder(6, 7, 5).eval();
  const written: number[] = [];
  const prompt = [4, 2, 3]; // padded to four within
  for await (const token of generate(model, prompt, { temperature: 0, maxNewTokens: 5 })) written.push(token);
  const search = beamSearch(model.next, { start: 1, end: -1, maxLength: 5, beam: 1 });
  const [[found]] = await search(noGrad(() => model.begin(i32([prompt]))));
  expect(written).toEqual(found.tokens);
});

describe("alignment", () => {
  test("is where each token looked: nowhere in padding, and one in all", () => {
    const weights = new RecurrentEncoderDecoder(6, 7, 5).align(source, target); // (2, 5, 4)
    expect(weights.shape).toEqual([2, 5, 4]);
    expectClose(weights.sum(2), tensor(new Array(2).fill(new Array(5).fill(1))));
    expect(weights.select(0, 1).slice(":, 2:").sum().itemSync()).toBe(0);
  });

  test("needs attention", () => {
    const model = new RecurrentEncoderDecoder(6, 7, 5, { attention: "none" });
    expect(() => model.align(source, target)).toThrow(ArgumentError);
  });
});
