import { expect, test } from "vitest";
import {
  AlphaDropout,
  activityPenalty,
  alphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  dropout2d,
  elasticNetPenalty,
  embedding,
  embeddingDropout,
  FeatureAlphaDropout,
  featureAlphaDropout,
  GaussianDropout,
  GaussianNoise,
  gaussianDropout,
  gaussianNoise,
  Linear,
  l1Penalty,
  l2Penalty,
  StochasticDepth,
  stochasticDepth,
  VariationalDropout,
  variationalDropout,
} from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import {
  ArgumentError,
  compile,
  manualSeed,
  ones,
  Parameter,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((x) => x * x)) - mean(values) ** 2;

/** Five standard deviations of the fraction among n that has probability p: one test in a million fails by chance. */
const chance = (p: number, n: number): number => 5 * Math.sqrt((p * (1 - p)) / n);

type Dropped = {
  readonly name: string;
  readonly f: (x: Tensor, p: number) => Tensor;
  readonly shape: number[];
  readonly fates: number[];
};

// what is dropped together: the sizes of the mask
const FAMILY: readonly Dropped[] = [
  { name: "Dropout", f: (x, p) => new Dropout(p).forward(x), shape: [60, 50], fates: [60, 50] },
  { name: "Dropout1d", f: (x, p) => new Dropout1d(p).forward(x), shape: [60, 50, 3], fates: [60, 50, 1] },
  { name: "Dropout1d of one", f: (x, p) => new Dropout1d(p).forward(x), shape: [3000, 3], fates: [3000, 1] },
  { name: "Dropout2d", f: (x, p) => new Dropout2d(p).forward(x), shape: [60, 50, 2, 3], fates: [60, 50, 1, 1] },
  { name: "Dropout3d", f: (x, p) => new Dropout3d(p).forward(x), shape: [60, 50, 2, 1, 2], fates: [60, 50, 1, 1, 1] },
  {
    name: "VariationalDropout",
    f: (x, p) => new VariationalDropout(p).forward(x),
    shape: [60, 4, 50],
    fates: [60, 1, 50],
  },
  { name: "embeddingDropout", f: (x, p) => embeddingDropout(x, { p }), shape: [3000, 4], fates: [3000, 1] },
  {
    name: "StochasticDepth of rows",
    f: (x, p) => new StochasticDepth(p, "row").forward(x),
    shape: [3000, 2, 2],
    fates: [3000, 1, 1],
  },
];

test.each(FAMILY)("$name drops what belongs together, and nothing else together", async ({ f, shape, fates }) => {
  manualSeed(11);
  for (const p of [0.1, 0.5, 0.8]) {
    const y = f(ones(shape), p);
    const shared = shape.flatMap((size, i) => (size === fates[i] ? [] : [i]));
    if (shared.length > 0) {
      // all that share a fate are equal
      expect(await y.amax(shared).sub(y.amin(shared)).abs().amax().item()).toBe(0);
    }
    const own = (await numbers(shared.length > 0 ? y.amax(shared) : y)).map((value) => value === 0);
    const n = own.length;
    expect(Math.abs(mean(own.map(Number)) - p)).toBeLessThan(chance(p, n));
    expect(Math.max(...(await numbers(y)))).toBeCloseTo(1 / (1 - p), 5);
    // neighbours, in the same row and a row apart, are dropped both with probability p²
    for (const apart of [1, 50]) {
      const both = own.slice(apart).filter((gone, i) => gone && own[i]).length / (n - apart);
      expect(Math.abs(both - p * p)).toBeLessThan(2 * chance(p * p, n)); // neighbouring pairs overlap
    }
  }
});

test("stochastic depth of a batch drops all of it or nothing", async () => {
  manualSeed(3);
  let dropped = 0;
  for (let i = 0; i < 200; i++) {
    const values = new Set(await numbers(stochasticDepth(ones([5, 2]), 0.3, "batch")));
    expect(values.size).toBe(1);
    if (values.has(0)) dropped++;
  }
  expect(Math.abs(dropped / 200 - 0.3)).toBeLessThan(chance(0.3, 200));
});

const MODULES = [
  new Dropout(0.4),
  new Dropout1d(0.4),
  new Dropout2d(0.4),
  new AlphaDropout(0.4),
  new FeatureAlphaDropout(0.4),
  new VariationalDropout(0.4),
  new StochasticDepth(0.4, "row"),
  new StochasticDepth(0.4, "batch"),
  new GaussianNoise(0.4),
  new GaussianDropout(0.4),
];

test.each(MODULES.map((module) => [`${module}`, module] as const))(
  "%s: the same seed gives the same bits, compiled or not, and evaluation nothing",
  async (_, module) => {
    const x = randn([4, 6, 5], { dtype: "f64" });
    const image = module instanceof Dropout2d ? x.unsqueeze(0) : x;
    const run = async (f: (x: Tensor) => Tensor) => {
      manualSeed(8);
      return [await numbers(f(image)), await numbers(f(image))];
    };
    module.train();
    const [first, second] = await run((x) => module.forward(x));
    if (!(module instanceof StochasticDepth && module.mode === "batch")) expect(second).not.toEqual(first);
    expect(await run(compile((x: Tensor) => module.forward(x)))).toEqual([first, second]);
    module.eval();
    expect(module.forward(x)).toBe(x);
  },
);

test("the gradient goes where the numbers went, in every member of the family", async () => {
  for (const f of [
    (x: Tensor) => dropout2d(x),
    (x: Tensor) => variationalDropout(x, { dim: 2 }),
    (x: Tensor) => stochasticDepth(x, 0.5, "row"),
    (x: Tensor) => gaussianDropout(x),
  ]) {
    manualSeed(6);
    const x = new Parameter(ones([8, 4, 2, 2], { dtype: "f64" }));
    const y = f(x);
    y.sum().backward();
    expect(await numbers(x.grad!)).toEqual(await numbers(y)); // y = x · factor, and x = 1
  }
  const x = new Parameter(ones([1000]));
  const y = alphaDropout(x, { p: 0.5 });
  y.sum().backward();
  const [a, kept] = [Math.max(...(await numbers(x.grad!))), (await numbers(y)).map((value) => value > 0)];
  expect(a).toBeCloseTo(1 / Math.sqrt(0.5 * (1 + 0.5 * 1.7580993408473766 ** 2)), 6);
  expect((await numbers(x.grad!)).map((g) => g > 0)).toEqual(kept);
});

test("alpha dropout keeps mean 0 and variance 1", async () => {
  manualSeed(12);
  for (const p of [0.1, 0.5]) {
    for (const f of [alphaDropout, featureAlphaDropout]) {
      const y = await numbers(f(randn([40_000, 1, 1]), { p }));
      expect(Math.abs(mean(y))).toBeLessThan(5 / Math.sqrt(40_000));
      expect(Math.abs(variance(y) - 1)).toBeLessThan(5 * Math.sqrt(3 / 40_000)); // the fourth moment is below 4
    }
  }
  const y = await numbers(
    featureAlphaDropout(zeros([50, 40, 3]))
      .reshape([2000, 3])
      .var(1),
  );
  expect(new Set(y)).toEqual(new Set([0]));
});

test("Gaussian noise and dropout have the variance that they promise", async () => {
  manualSeed(13);
  const n = 40_000;
  const noise = await numbers(gaussianNoise(zeros([n]), { std: 0.3 }));
  expect(Math.abs(mean(noise))).toBeLessThan((5 * 0.3) / Math.sqrt(n));
  expect(Math.abs(variance(noise) - 0.09)).toBeLessThan(5 * 0.09 * Math.sqrt(2 / n));
  const factors = await numbers(gaussianDropout(ones([n]), { p: 0.2 }));
  expect(Math.abs(mean(factors) - 1)).toBeLessThan((5 * 0.5) / Math.sqrt(n));
  expect(Math.abs(variance(factors) - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / n));
});

test("embedding dropout forgets a word wherever it stands", async () => {
  manualSeed(1);
  const weight = new Parameter(ones([20, 3]));
  const index = tensor([3, 7, 3, 7, 1, 3], { dtype: "i32" });
  for (let i = 0; i < 10; i++) {
    const rows = await numbers(embedding(index, embeddingDropout(weight)).amax(1));
    expect(rows[0]).toBe(rows[2]);
    expect(rows[2]).toBe(rows[5]);
    expect(rows[1]).toBe(rows[3]);
  }
});

test("the L2 penalty is weight decay", async () => {
  const steps = async (decay: boolean) => {
    manualSeed(2);
    const layer = new Linear(3, 2, { dtype: "f64" });
    const optimizer = new SGD(layer.parameters(), { lr: 0.1, weightDecay: decay ? 0.05 : 0 });
    for (let i = 0; i < 5; i++) {
      optimizer.zeroGrad();
      const loss = layer
        .forward(ones([2, 3], { dtype: "f64" }))
        .square()
        .sum();
      (decay ? loss : loss.add(l2Penalty(layer.parameters()).mul(0.05))).backward();
      optimizer.step();
    }
    return numbers(layer.weight);
  };
  const [penalty, decay] = [await steps(false), await steps(true)];
  penalty.forEach((w, i) => {
    expect(w).toBeCloseTo(decay[i], 12);
  });
});

test("penalties of nothing, and a gradient of 0 at 0", async () => {
  expect(await l1Penalty([]).item()).toBe(0);
  expect(await l2Penalty([]).item()).toBe(0);
  const w = new Parameter(tensor([0, -2, 3]));
  l1Penalty([w]).backward();
  expect(await numbers(w.grad!)).toEqual([0, -1, 1]);
});

test("mistakes are named", () => {
  const x = ones([2, 3]);
  for (const p of [-0.1, 1.1, Number.NaN]) {
    expect(() => new Dropout2d(p)).toThrow(ArgumentError);
    expect(() => alphaDropout(x, { p })).toThrow("alphaDropout: p is a probability");
    expect(() => stochasticDepth(x, p, "row")).toThrow(ArgumentError);
  }
  expect(() => new Dropout2d().forward(x)).toThrow("(N, C, S, S) or (C, S, S), but got (2, 3)");
  expect(() => featureAlphaDropout(ones([3]))).toThrow(ShapeError);
  expect(() => variationalDropout(ones([3]))).toThrow("out of range");
  expect(() => embeddingDropout(ones([3]))).toThrow("(rows, d)");
  expect(() => stochasticDepth(ones([]), 0.5, "row")).toThrow(ShapeError);
  expect(() => new GaussianNoise(-1)).toThrow("at least 0");
  expect(() => new GaussianDropout(1)).toThrow("[0, 1)");
  expect(() => elasticNetPenalty([x], { l1Ratio: 2 })).toThrow("l1Ratio");
  expect(() => activityPenalty(zeros([0, 2]))).toThrow("needs a batch");
});
