import { expect, test } from "vitest";
import { Conv2d, hiddenNeurons, init, Linear } from "../../src/nn/index.ts";
import {
  ArgumentError,
  compile,
  Generator,
  manualSeed,
  Parameter,
  ShapeError,
  type Tensor,
  TraceError,
  zeros,
} from "../../src/tensor/index.ts";

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((x) => x * x)) - mean(values) ** 2;
const parameter = (...shape: number[]): Parameter => new Parameter(zeros(shape));

/** Even numbers within ±bound: as far out as n of them reach, and of the variance bound²/3. */
async function expectEven(x: Tensor, bound: number): Promise<void> {
  const values = await numbers(x);
  const most = Math.max(...values.map(Math.abs));
  expect(most).toBeLessThanOrEqual(Math.fround(bound));
  expect(most).toBeGreaterThan(bound * (1 - 20 / values.length));
  const [spread, n] = [bound ** 2 / 3, values.length];
  expect(Math.abs(mean(values))).toBeLessThan(5 * Math.sqrt(spread / n));
  expect(Math.abs(variance(values) / spread - 1)).toBeLessThan(5 * Math.sqrt(0.8 / n)); // kurtosis 9/5
}

/** Normal numbers: mean, variance and the part within one standard deviation. */
async function expectNormal(x: Tensor, std: number): Promise<void> {
  const values = await numbers(x);
  const n = values.length;
  expect(Math.abs(mean(values))).toBeLessThan((5 * std) / Math.sqrt(n));
  expect(Math.abs(variance(values) / std ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  const within = values.filter((value) => Math.abs(value) < std).length / n;
  expect(Math.abs(within - 0.6827)).toBeLessThan(5 * Math.sqrt((0.6827 * 0.3173) / n));
}

test("each draws from its distribution, with PyTorch's fans", async () => {
  manualSeed(21);
  const conv = () => new Conv2d(20, 40, [3, 5]).weight; // fan-in 20 · 15, fan-out 40 · 15
  await expectEven(init.uniform(conv(), { a: -2, b: 2 }), 2);
  await expectNormal(init.normal(conv(), { std: 3 }), 3);
  await expectEven(init.xavierUniform(conv(), { gain: 2 }), 2 * Math.sqrt(6 / 900));
  await expectNormal(init.xavierNormal(conv()), Math.sqrt(2 / 900));
  await expectEven(init.kaimingUniform(conv(), { nonlinearity: "relu" }), Math.sqrt(6 / 300));
  await expectNormal(init.kaimingNormal(conv(), { a: 1, mode: "fanOut" }), Math.sqrt(1 / 600));
  await expectEven(init.lecunUniform(conv()), Math.sqrt(3 / 300));
  await expectNormal(init.lecunNormal(conv()), Math.sqrt(1 / 300));
});

test("layers begin as Kaiming's uniform initialisation with a = √5", async () => {
  const [layer, again] = [new Linear(40, 30), new Linear(40, 30)];
  manualSeed(4);
  const fresh = new Linear(40, 30);
  manualSeed(4);
  init.kaimingUniform(layer.weight, { a: Math.sqrt(5) });
  const [a, b] = [await numbers(layer.weight), await numbers(fresh.weight)];
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i], 7);
  });
  init.kaimingUniform(again.weight, { a: Math.sqrt(5), generator: new Generator(4) });
  expect(await numbers(again.weight)).toEqual(a);
});

test("truncated normal numbers lie within their bounds and are normal there", async () => {
  manualSeed(22);
  const n = 40_000;
  const values = await numbers(init.truncNormal(parameter(n)));
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(2);
  // scipy.stats.truncnorm(-2, 2): variance 0.7737413, and 0.7152 of it within ±1
  expect(Math.abs(variance(values) - 0.7737413)).toBeLessThan(5 * 0.7737413 * Math.sqrt(2 / n));
  const within = values.filter((value) => Math.abs(value) < 1).length / n;
  expect(Math.abs(within - 0.7152328)).toBeLessThan(5 * Math.sqrt(0.25 / n));
  const oneSided = await numbers(init.truncNormal(parameter(n), { mean: 1, std: 0.5, a: 1, b: 10 }));
  expect(Math.min(...oneSided)).toBeGreaterThanOrEqual(1);
  expect(Math.abs(mean(oneSided) - (1 + 0.5 * Math.sqrt(2 / Math.PI)))).toBeLessThan((5 * 0.31) / Math.sqrt(n));
  const wide = await numbers(init.truncNormal(parameter(n), { a: -1e30, b: 1e30 }));
  expect(Math.abs(variance(wide) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(wide.every(Number.isFinite)).toBe(true);
});

test("orthogonal rows or columns, to 1e-6 in f32 and 1e-14 in f64", async () => {
  manualSeed(23);
  for (const shape of [
    [5, 8],
    [8, 5],
    [6, 6],
    [4, 3, 3, 3],
    [40, 2, 3],
    [1, 4],
    [3, 1],
  ]) {
    for (const dtype of ["f32", "f64"] as const) {
      const weight = init.orthogonal(new Parameter(zeros(shape, { dtype })), { gain: 3 });
      const matrix = weight.detach().flatten(1).double().div(3);
      const [rows, columns] = matrix.shape;
      const gram = rows <= columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
      const values = await numbers(gram);
      const size = Math.min(rows, columns);
      const apart = values.map((value, i) => Math.abs(value - (i % (size + 1) === 0 ? 1 : 0)));
      expect(Math.max(...apart)).toBeLessThan(dtype === "f32" ? 1e-6 : 1e-14);
    }
  }
  const compiled = compile(() => init.orthogonal(parameter(2, 2)));
  expect(() => compiled()).toThrow(TraceError);
});

test("an orthogonal matrix turns evenly: each entry has variance 1 / n", async () => {
  manualSeed(24);
  const corners: number[] = [];
  for (let i = 0; i < 400; i++) corners.push((await numbers(init.orthogonal(parameter(3, 3))))[0]);
  expect(Math.abs(mean(corners))).toBeLessThan(5 * Math.sqrt(1 / 3 / 400));
  expect(Math.abs(mean(corners.map((x) => x * x)) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / 400)); // Beta(½, 1)
});

test("sparse: the same number of zeros in each column, at random rows", async () => {
  manualSeed(25);
  const weight = init.sparse(parameter(10, 500), 0.32, { std: 2 });
  expect(new Set(await numbers(weight.eq(0).sum(0)))).toEqual(new Set([4]));
  const perRow = await numbers(weight.eq(0).sum(1)); // 200 of 500 expected
  for (const count of perRow) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(500 * 0.4 * 0.6));
  const rest = (await numbers(weight)).filter((value) => value !== 0);
  expect(Math.abs(variance(rest) / 4 - 1)).toBeLessThan(5 * Math.sqrt(2 / rest.length));
  expect(await init.sparse(parameter(3, 2), 1).abs().sum().item()).toBe(0);
});

test("they work within a compiled function, with the same bits", async () => {
  for (const f of [
    (p: Parameter) => init.truncNormal(p),
    (p: Parameter) => init.sparse(p, 0.5),
    (p: Parameter) => init.kaimingNormal(p),
  ]) {
    const [eager, traced] = [parameter(4, 6), parameter(4, 6)];
    manualSeed(5);
    f(eager);
    manualSeed(5);
    compile(() => void f(traced))();
    expect(await numbers(traced)).toEqual(await numbers(eager));
  }
});

test("mistakes are named", () => {
  expect(() => init.xavierUniform(parameter(3))).toThrow(ShapeError);
  expect(() => init.kaimingNormal(parameter(3))).toThrow("init.kaimingNormal needs a weight (out, in, …)");
  expect(() => init.orthogonal(parameter(3))).toThrow(ShapeError);
  expect(() => init.eye(parameter(3))).toThrow("needs a matrix");
  expect(() => init.sparse(parameter(2, 2, 2), 0.5)).toThrow(ShapeError);
  expect(() => init.sparse(parameter(2, 2), 1.5)).toThrow("between 0 and 1");
  expect(() => init.dirac(parameter(2, 2))).toThrow("convolution's weight");
  expect(() => init.dirac(parameter(3, 2, 1), { groups: 2 })).toThrow("equal groups");
  expect(() => init.uniform(parameter(2), { a: 1, b: 0 })).toThrow(ArgumentError);
  expect(() => init.normal(parameter(2), { std: -1 })).toThrow("at least 0");
  expect(() => init.truncNormal(parameter(2), { a: 1, b: 1 })).toThrow("a lies below b");
  expect(() => init.calculateGain("swish" as "relu")).toThrow('there is no "swish"');
  expect(() => init.ones(zeros([2]) as Parameter)).toThrow("which can be assigned");
});

// Σ C(J, k) over k ≤ d, from Pascal's triangle: d = 1: 1 + J; d = 2: 1, 2, 4, 7, 11, 16; d = 3: 1, 2, 4, 8, 15, 26
test.each([
  [1, 1, 0],
  [2, 1, 1],
  [10, 1, 9],
  [4, 2, 2],
  [5, 2, 3],
  [7, 2, 3],
  [8, 2, 4],
  [11, 2, 4],
  [12, 2, 5],
  [16, 2, 5],
  [8, 3, 3],
  [9, 3, 4],
  [15, 3, 4],
  [26, 3, 5],
  [27, 3, 6],
  [1024, 10, 10],
  [1024, 784, 10],
  [1025, 784, 11],
  [2 ** 40, 1, 2 ** 40 - 1],
  [Number.MAX_SAFE_INTEGER, 1000, 53],
])("%i classes in %i dimensions need %i hidden neurons", (classes, dims, want) => {
  expect(hiddenNeurons(classes, dims)).toBe(want);
});

test.each([
  [0, 1],
  [-3, 2],
  [2.5, 2],
  [3, 0],
  [3, Number.NaN],
  [Number.POSITIVE_INFINITY, 1],
])("hiddenNeurons(%d, %d) is refused", (classes, dims) => {
  expect(() => hiddenNeurons(classes, dims)).toThrow(ArgumentError);
});

test("constant fills with its number, ones and zeros with theirs", async () => {
  const weight = parameter(2, 2);
  expect(init.constant(weight, 0.5)).toBe(weight);
  expect(await numbers(weight)).toEqual([0.5, 0.5, 0.5, 0.5]);
  init.ones(weight);
  expect(await numbers(weight)).toEqual([1, 1, 1, 1]);
  init.zeros(weight);
  expect(await numbers(weight)).toEqual([0, 0, 0, 0]);
});
