import { describe, expect, test } from "vitest";
import {
  HierarchicalSoftmax,
  NegativeSampler,
  NegativeSamplingLoss,
  negativeSamplingLoss,
} from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import {
  arange,
  bincount,
  compile,
  Generator,
  IndexError,
  manualSeed,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

const ints = (data: number[]): Tensor => tensor(data, { dtype: "i32" });
const normal = (shape: number[], seed: number): Tensor =>
  randn(shape, { dtype: "f64", generator: new Generator(seed) });

describe("NegativeSampler", () => {
  test("draws with odds count^0.75", () => {
    const counts = [1, 100, 0, 16, 7, 300];
    const weights = counts.map((count) => count ** 0.75);
    const total = weights.reduce((a, b) => a + b);
    const draws = new NegativeSampler(counts).sample([400, 500], { generator: new Generator(1) });
    expect(draws.dtype).toBe("i32");
    const found = bincount(draws.flatten(), 6).dataSync();
    for (const [i, weight] of weights.entries()) {
      const p = weight / total;
      expect(Math.abs(found[i] / 200_000 - p)).toBeLessThanOrEqual(4.5 * Math.sqrt((p * (1 - p)) / 200_000));
    }
    expect(found[2]).toBe(0);
  });

  test("power 0 draws what occurs alike, and one class is always drawn", () => {
    const found = bincount(
      new NegativeSampler([5, 0, 500], { power: 0 }).sample([20_000], { generator: new Generator(2) }),
      3,
    );
    expect(found.dataSync()[1]).toBe(0);
    expect(found.dataSync()[0] / 20_000).toBeCloseTo(0.5, 1);
    expect([...new NegativeSampler([3]).sample([4]).dataSync()]).toEqual([0, 0, 0, 0]);
  });

  test("compiled, each call draws anew, and a seed repeats it", () => {
    const sampler = new NegativeSampler(Array.from({ length: 1000 }, (_, i) => i + 1));
    const draw = compile((x: Tensor) => sampler.sample([50]).add(x));
    const thrice = () => {
      manualSeed(3);
      return [0, 1, 2].map(() => [...draw(ints([0])).dataSync()]);
    };
    const first = thrice();
    expect(new Set(first.map(String)).size).toBe(3);
    expect(thrice()).toEqual(first);
  });

  test.each([[[]], [[0, 0]], [[1, -1]], [[Number.NaN, 1]], [[Number.POSITIVE_INFINITY, 1]]])("refuses %j", (counts) => {
    expect(() => new NegativeSampler(counts)).toThrow("finite counts of at least 0, and one that is more");
  });
});

describe("HierarchicalSoftmax", () => {
  const made = (dim: number, counts: number[], seed = 1): HierarchicalSoftmax => {
    const output = new HierarchicalSoftmax(dim, counts);
    output.weight.assign(
      normal([counts.length - 1, dim], seed)
        .mul(2)
        .float(),
    );
    return output;
  };

  test.each([
    [[4]],
    [[1, 1]],
    [[3, 3, 3, 3, 3]],
    [[1, 2, 4, 8, 16, 32]],
    [[0, 0, 7]],
    [Array.from({ length: 100 }, (_, i) => (i * 37) % 23)],
  ])("the probabilities of all classes add up to 1: %j", (counts) => {
    const output = made(3, counts);
    const hidden = normal([5, 3], 2).mul(3).float();
    const logs = output.logProbabilities(hidden);
    for (const total of logs.exp().sum(1).dataSync()) expect(total).toBeCloseTo(1, 5);
    const all = arange(counts.length, { dtype: "i32" });
    for (const row of [0, 4]) {
      const rows = hidden.narrow(0, row, 1).expand([counts.length, 3]);
      const losses = Object.assign(made(3, counts), { options: { reduction: "none" } }).forward(rows, all);
      for (const [i, loss] of losses.dataSync().entries()) expect(loss).toBeCloseTo(-logs.index(row, i).itemSync(), 4);
    }
  });

  test("the tree is Huffman's: no code is shorter on average", () => {
    const counts = [45, 13, 12, 16, 9, 5]; // Cormen et al., Introduction to algorithms: 224 bits
    const output = new HierarchicalSoftmax(2, counts); // at zero each turn has odds ½
    const depths = [
      ...output
        .logProbabilities(zeros([1, 2]))
        .div(-Math.LN2)
        .dataSync(),
    ].map(Math.round);
    expect(depths).toEqual([1, 3, 3, 3, 4, 4]);
    expect(counts.reduce((bits, count, i) => bits + count * depths[i], 0)).toBe(224);
  });

  test("learns, compiled, which class follows which", () => {
    manualSeed(1);
    const output = new HierarchicalSoftmax(4, [8, 4, 2, 1]);
    const optimizer = new SGD(output.parameters(), { lr: 2 });
    const hidden = tensor([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const step = compile((x: Tensor, t: Tensor) => {
      const loss = output.forward(x, t);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    });
    const targets = ints([2, 0, 3, 1]);
    for (let i = 0; i < 100; i++) step(hidden, targets);
    expect([...output.logProbabilities(hidden).argmax(1).dataSync()]).toEqual([2, 0, 3, 1]);
    expect(step(hidden, targets).itemSync()).toBeLessThan(0.1);
    expect(Object.keys(output.stateDict())).toEqual(["weight"]);
    expect(String(output)).toBe("HierarchicalSoftmax(4, 4 classes)");
  });

  test("what does not fit says so", () => {
    const output = new HierarchicalSoftmax(2, [1, 2, 3]);
    expect(() => new HierarchicalSoftmax(2, [])).toThrow("the count of each class, at least 0");
    expect(() => new HierarchicalSoftmax(2, [1, -1])).toThrow("the count of each class, at least 0");
    expect(() => output.forward(zeros([1, 3]), ints([0]))).toThrow("needs hidden (N, 2), but got (1, 3)");
    expect(() => output.forward(zeros([1, 2]), ints([0, 1]))).toThrow("needs targets (1,), but got (2,)");
    expect(() => output.forward(zeros([1, 2]), ints([3])).itemSync()).toThrow(IndexError);
  });
});

test("the negative sampling loss is a sum of binary cross-entropies, and its module the same", () => {
  const [u, v, negatives] = [normal([3, 4], 1), normal([3, 4], 2), normal([3, 2, 4], 3)];
  const [a, b, c] = [u, v, negatives].map((x) => x.arraySync()) as [number[][], number[][], number[][][]];
  const dot = (x: number[], y: number[]) => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
  const want = a.map((x, i) =>
    c[i].reduce((sum, n) => sum + Math.log1p(Math.exp(dot(x, n))), Math.log1p(Math.exp(-dot(x, b[i])))),
  );
  const losses = negativeSamplingLoss(u, v, negatives, { reduction: "none" }).dataSync();
  for (const [i, loss] of want.entries()) expect(losses[i]).toBeCloseTo(loss, 12);
  expect(new NegativeSamplingLoss({ reduction: "sum" }).forward(u, v, negatives).itemSync()).toBeCloseTo(
    want[0] + want[1] + want[2],
    12,
  );
  expect(() => negativeSamplingLoss(u, v, v)).toThrow(
    "vectors (N, D) and negatives (N, K, D), but got (3, 4) and (3, 4)",
  );
});
