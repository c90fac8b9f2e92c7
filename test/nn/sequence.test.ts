import { expect, test } from "vitest";
import { crossEntropy, SequenceCrossEntropyLoss, sequenceCrossEntropy } from "../../src/nn/index.ts";
import { compile, Generator, grad, randn, type Tensor, tensor, zeros } from "../../src/tensor/index.ts";

const ints = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "i32" });
const logits = randn([2, 3, 4], { dtype: "f64", generator: new Generator(1) });
const targets = ints([
  [0, 3, 1],
  [2, 2, 0],
]);

test("what knows nothing has the perplexity of the vocabulary", () => {
  expect(
    sequenceCrossEntropy(zeros([2, 3, 7]), targets)
      .exp()
      .itemSync(),
  ).toBeCloseTo(7, 5);
});

test("the mean is over tokens, not over sequences", () => {
  const lengths = ints([3, 1]);
  const all = sequenceCrossEntropy(logits, targets, { reduction: "none" }).arraySync() as number[][];
  const counted = [...all[0], all[1][0]].reduce((a, b) => a + b, 0);
  expect(sequenceCrossEntropy(logits, targets, { lengths }).itemSync()).toBeCloseTo(counted / 4, 12);
  expect(sequenceCrossEntropy(logits, targets, { lengths, reduction: "batchmean" }).itemSync()).toBeCloseTo(
    counted / 2,
    12,
  );
  const each = crossEntropy(logits.index(0), targets.index(0), { reduction: "none" });
  expect(all[0]).toEqual(each.arraySync());
});

test("compiled, lengths are inputs", () => {
  const f = compile((x: Tensor, t: Tensor, lengths: Tensor) => sequenceCrossEntropy(x, t, { lengths }));
  for (const lengths of [ints([3, 3]), ints([1, 2]), ints([0, 1])]) {
    expect(f(logits, targets, lengths).itemSync()).toBe(sequenceCrossEntropy(logits, targets, { lengths }).itemSync());
  }
});

test("what does not count has no slope", () => {
  const mask = tensor([
    [true, false, true],
    [false, false, false],
  ]);
  const slope = grad((x: Tensor) => sequenceCrossEntropy(x, targets, { mask }))(logits);
  const rows = slope.abs().sum(2).ne(0).arraySync();
  expect(rows).toEqual(mask.arraySync());
});

test("the module keeps options, and each call has its lengths", () => {
  const module = new SequenceCrossEntropyLoss({ labelSmoothing: 0.1, reduction: "batchmean" });
  const lengths = ints([2, 3]);
  const want = sequenceCrossEntropy(logits, targets, { labelSmoothing: 0.1, reduction: "batchmean", lengths });
  expect(module.forward(logits, targets, { lengths }).itemSync()).toBe(want.itemSync());
});

test("what does not fit says so", () => {
  expect(() => sequenceCrossEntropy(logits, ints([1, 2]))).toThrow(
    "logits (N, T, C) and targets (N, T), but got (2, 3, 4) and (2,)",
  );
  expect(() => sequenceCrossEntropy(logits, targets, { lengths: ints([1]) })).toThrow("lengths (2,), but got (1,)");
  expect(() =>
    sequenceCrossEntropy(
      logits,
      ints([
        [0, 3, 9],
        [2, 2, 0],
      ]),
    ).itemSync(),
  ).toThrow("takes 0 to 3");
});
