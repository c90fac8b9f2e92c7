import { expect, test } from "vitest";
import { beta, uniforms } from "../../src/data/beta.ts";
import { cutmix, DataLoader, mixup, TensorDataset } from "../../src/data/index.ts";
import { patch } from "../../src/data/mix.ts";
import {
  ArgumentError,
  arange,
  Generator,
  IndexError,
  manualSeed,
  ones,
  rand,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const labels = (...values: number[]): Tensor => tensor(values, { dtype: "i32" });

// scipy.stats.beta.cdf(q, a, a)
test.each([
  [0.2, [0.05, 0.2, 0.4], [0.29102507, 0.39272216, 0.46774735]],
  [1, [0.05, 0.2, 0.4], [0.05, 0.2, 0.4]],
  [4, [0.05, 0.2, 0.4], [0.00019358, 0.033344, 0.28979232]],
])("Beta(%d, the same) has its distribution function", (a, at, cdf) => {
  const source = uniforms(new Generator(9));
  const n = 4000;
  const drawn = Array.from({ length: n }, () => beta(a, a, () => source.next().value));
  at.forEach((q, i) => {
    const below = drawn.filter((value) => value <= q).length / n;
    expect(Math.abs(below - cdf[i])).toBeLessThan(5 * Math.sqrt((cdf[i] * (1 - cdf[i])) / n) + 1e-3);
  });
  expect(drawn.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test("a tiny alpha gives 0 or 1, and no NaN", () => {
  const source = uniforms(new Generator(1));
  const drawn = Array.from({ length: 200 }, () => beta(1e-4, 1e-4, () => source.next().value));
  expect(drawn.every((value) => value < 1e-6 || value > 1 - 1e-6)).toBe(true);
});

test("mixup: one λ for inputs and targets, each with another of the batch", async () => {
  manualSeed(7);
  const x = tensor([
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ]);
  let sum = 0;
  for (let i = 0; i < 100; i++) {
    const [mixed, soft] = mixup(x, labels(0, 1, 2, 3), { alpha: 0.8, numClasses: 4 });
    expect(await numbers(mixed)).toEqual(await numbers(soft)); // each input is its class
    const rows = (await soft.array()) as number[][];
    const parts = new Set(rows.flat().map((value) => value.toFixed(5)));
    expect(parts.size).toBeLessThanOrEqual(4); // 0, λ, 1 − λ, and 1 where an example met itself
    for (const row of rows) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    sum += rows[0][0];
  }
  // E = ½ + ½ · ¼, since an example meets itself with probability ¼
  expect(Math.abs(sum / 100 - 0.625)).toBeLessThan(0.2);
});

test("float targets are mixed as they are, in their dtype", async () => {
  const y = tensor([1, 3], { dtype: "f64" });
  const [mixed, soft] = mixup(tensor([[1], [3]], { dtype: "f64" }), y, { generator: new Generator(2) });
  expect([mixed.dtype, soft.dtype, soft.shape]).toEqual(["f64", "f64", [2]]);
  expect(await numbers(soft)).toEqual(await numbers(mixed));
});

test("the same seed mixes the same way, and a generator of one's own leaves the default alone", async () => {
  const x = arange(8 * 6 * 6).reshape([8, 6, 6]);
  const run = async (seed: number) => {
    const generator = new Generator(seed);
    const draw = () => cutmix(x, labels(0, 1, 0, 1, 0, 1, 0, 1), { numClasses: 2, generator });
    return [await numbers(draw()[0]), await numbers(draw()[0])];
  };
  manualSeed(1);
  const next = await numbers(rand([2]));
  manualSeed(1);
  const [first, second] = await run(5);
  expect(await numbers(rand([2]))).toEqual(next);
  expect(second).not.toEqual(first);
  expect(await run(5)).toEqual([first, second]);
  expect((await run(6))[0]).not.toEqual(first);
});

test("cutmix: a rectangle of another image, and targets by area", async () => {
  manualSeed(9);
  const x = tensor([0, 1, 2]).reshape([3, 1, 1, 1]).expand([3, 2, 7, 9]);
  let mixed = 0;
  for (let i = 0; i < 60; i++) {
    const [images, soft] = cutmix(x, labels(0, 1, 2), { numClasses: 3 });
    expect(images.shape).toEqual([3, 2, 7, 9]);
    const targets = (await soft.array()) as number[][];
    const pixels = (await images.array()) as number[][][][];
    pixels.forEach((channels, n) => {
      expect(channels[0]).toEqual(channels[1]); // the same patch in each channel
      const foreign = channels[0].map((row) => row.map((value) => value !== n));
      const area = foreign.flat().filter((is) => is).length;
      expect(targets[n][n]).toBeCloseTo(area === 0 ? targets[n][n] : 1 - area / 63, 6);
      if (area > 0) mixed++;
      // a rectangle: every row that has any has the same columns
      const rows = foreign.filter((row) => row.includes(true)).map(String);
      expect(new Set(rows).size).toBeLessThanOrEqual(1);
    });
  }
  expect(mixed).toBeGreaterThan(60);
});

test("the patch lies around its centre, with the side √(1 − λ), and is cut at the border", () => {
  expect(patch(0.75, [8, 12], [4, 6])).toEqual({ rows: [2, 6], columns: [3, 9] });
  expect(patch(0.75, [8, 12], [0, 11])).toEqual({ rows: [0, 2], columns: [8, 12] });
  expect(patch(0, [8, 8], [4, 4])).toEqual({ rows: [0, 8], columns: [0, 8] });
  expect(patch(1, [8, 8], [4, 4])).toEqual({ rows: [4, 4], columns: [4, 4] });
});

test("batches of a loader, also of one example", async () => {
  const dataset = new TensorDataset(ones([5, 1, 4, 4]), tensor(new Uint8Array([0, 1, 2, 1, 0])));
  for (const [x, y] of new DataLoader(dataset, { batchSize: 2 })) {
    for (const mix of [mixup, cutmix]) {
      const [mixed, soft] = mix(x, y, { numClasses: 3 });
      expect(mixed.shape).toEqual(x.shape);
      expect(soft.shape).toEqual([x.shape[0], 3]);
      expect(await soft.sum().item()).toBeCloseTo(x.shape[0], 5);
    }
  }
});

test("mistakes are named", () => {
  const x = zeros([2, 1, 3, 3]);
  expect(() => mixup(x, labels(0, 1))).toThrow("need numClasses");
  expect(() => mixup(x, labels(0, 3), { numClasses: 3 })).toThrow(IndexError);
  expect(() => mixup(x, labels(0), { numClasses: 3 })).toThrow(ShapeError);
  for (const alpha of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => cutmix(x, labels(0, 1), { alpha, numClasses: 2 })).toThrow(ArgumentError);
  }
  expect(() => cutmix(zeros([2, 3]), labels(0, 1), { numClasses: 2 })).toThrow("(N, …, H, W)");
});
