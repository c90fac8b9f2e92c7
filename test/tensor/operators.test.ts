/** What PyTorch's samples cannot say of its operators: errors, limits, and that they compile. */

import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  addcdiv,
  addmm,
  arange,
  bucketize,
  cartesianProd,
  cdist,
  compile,
  copysign,
  cross,
  cummax,
  DTypeError,
  equal,
  erfc,
  flipud,
  floatPower,
  fmin,
  gcd,
  grad,
  gradient,
  hsplit,
  IndexError,
  isin,
  kron,
  lcm,
  logaddexp,
  logcumsumexp,
  maskedScatter,
  mode,
  nanmedian,
  nanquantile,
  ones,
  pdist,
  put,
  renorm,
  rot90,
  ShapeError,
  scatterReduce,
  searchsorted,
  sinc,
  sliceScatter,
  type Tensor,
  takeAlongDim,
  tensor,
  tensordot,
  tensorSplit,
  unique,
  uniqueConsecutive,
  xlogy,
  zeros,
} from "../../src/index.ts";

const i32 = (data: number[] | number[][]) => tensor(data, { dtype: "i32" });
const f64 = (data: number[] | number[][]) => tensor(data, { dtype: "f64" });
const x = f64([
  [0.5, -1.5, 2],
  [3, 0.25, -0.75],
]);
const y = f64([
  [1, 2, -0.5],
  [-2, 0.75, 4],
]);

/** Operators of which a compiled step has value and derivative as the uncompiled one has. */
const COMPILED: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  addcdiv: (a, b) => addcdiv(a, b, a),
  addmm: (a, b) => addmm(a, b, b.t().matmul(a)),
  cdist: (a, b) => cdist(a, b, 3),
  clamp: (a, b) => a.clamp(b),
  copysign,
  cross,
  cummax: (a) => cummax(a, 1).values,
  erfc,
  fmin,
  gradient: (a) => gradient(a, { dim: 1, edgeOrder: 2 })[0],
  kron,
  logaddexp,
  logcumsumexp: (a) => logcumsumexp(a, 1),
  maskedScatter: (a, b) => maskedScatter(a, a.gt(0), b),
  mode: (a) => mode(a, 1).values,
  nanmedian: (a) => nanmedian(a, 0).values,
  nanquantile: (a) => nanquantile(a, 0.3, 1),
  pdist: (a) => pdist(a),
  renorm: (a) => renorm(a, 2, 0, 1),
  scatterReduce: (a, b) =>
    scatterReduce(
      a,
      1,
      i32([
        [0, 0, 2],
        [1, 1, 1],
      ]),
      b,
      "amax",
    ),
  searchsorted: (a, b) => searchsorted(b.mul(1.1).sort().values, a).to("f64").mul(a),
  sinc,
  sliceScatter: (a, b) => sliceScatter(a, b.narrow(1, 0, 2), 1, 0, 3, 2),
  takeAlongDim: (a, b) => takeAlongDim(a, b.argsort(1), 1),
  xlogy: (a, b) => xlogy(a, b.abs()),
};

describe("operators", () => {
  test.for(Object.entries(COMPILED))("compile: %s", async ([, f]) => {
    const step = (a: Tensor, b: Tensor) => [
      f(a, b),
      ...grad((v: Tensor) => f(v, b).mul(0.5).sum(), { argnums: [0] })(a),
    ];
    const [values, slopes] = await compile(step)(x, y);
    const [wantedValues, wantedSlopes] = step(x, y);
    expect(await values.array()).toEqual(await wantedValues.array());
    expect(await slopes.array()).toEqual(await wantedSlopes.array());
  });

  test("have derivatives that finite differences confirm", async () => {
    for (const [name, f] of Object.entries(COMPILED)) {
      const loss = (v: Tensor) => f(v, y).mul(f(v, y)).sum();
      const [slope] = grad(loss, { argnums: [0] })(x);
      const direction = f64([
        [0.3, -0.2, 0.5],
        [0.1, 0.7, -0.4],
      ]);
      const eps = 1e-6;
      const ahead = await loss(x.add(direction.mul(eps))).item();
      const behind = await loss(x.sub(direction.mul(eps))).item();
      const want = (ahead - behind) / (2 * eps);
      expect((await slope.mul(direction).sum().item()) - want, name).toBeCloseTo(0, 4);
    }
  });
});

describe("limits", () => {
  test("erfc keeps its relative accuracy in the tail", async () => {
    // Values: mpmath 1.3.
    const at = await erfc(f64([5, 10, 26, -3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).data();
    const want = [1.5374597944280349e-12, 2.088487583762545e-45, 5.663192408856143e-296, 1.9999779095030015, 0, 2];
    want.forEach((value, i) => void expect(Math.abs(at[i] - value)).toBeLessThanOrEqual(1e-14 * value));
    expect(await erfc(tensor([5])).item()).toBeCloseTo(1.5374597944280349e-12, 18);
  });

  test("logaddexp and logcumsumexp neither overflow nor lose infinities", () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(logaddexp(f64([-inf, inf, 1000]), f64([-inf, inf, -1000])).arraySync()).toEqual([-inf, inf, 1000]);
    expect(logcumsumexp(f64([-1000, 0, -inf]), 0).arraySync()).toEqual([-1000, 0, 0]);
  });

  test("gcd takes the longest of Euclid's ways", () => {
    expect(gcd(i32([1836311903, -48, 0, 0]), i32([1134903170, 18, -7, 0])).arraySync()).toEqual([1, 6, 7, 0]);
    expect(lcm(i32([-4, 21]), i32([6, 14])).arraySync()).toEqual([12, 42]);
  });

  test("what is empty stays so", async () => {
    expect(searchsorted(zeros([0]), tensor([1, 2])).arraySync()).toEqual([0, 0]);
    expect(isin(tensor([1, 2]), zeros([0])).arraySync()).toEqual([false, false]);
    expect((await uniqueConsecutive(zeros([0]))).counts.shape).toEqual([0]);
    expect(cdist(zeros([0, 2]), ones([3, 2])).shape).toEqual([0, 3]);
    expect(pdist(ones([1, 2])).shape).toEqual([0]);
  });

  test("unique says where each element is among the values", async () => {
    const matrix = i32([
      [3, 1],
      [3, 2],
    ]);
    const { values, inverse } = await unique(matrix);
    expect(await equal(values.take(inverse), matrix)).toBe(true);
    expect(await equal(values, matrix)).toBe(false);
  });

  test("cummax carries the first NaN on", () => {
    const { values, indices } = cummax(tensor([1, Number.NaN, 5, 2]), 0);
    expect(values.arraySync()).toEqual([1, Number.NaN, Number.NaN, Number.NaN]);
    expect(indices.arraySync()).toEqual([0, 1, 1, 1]);
  });

  test("beta 0 drops even NaN", () => {
    expect(addmm(tensor(Number.NaN), ones([1, 2]), ones([2, 1]), { beta: 0 }).arraySync()).toEqual([[2]]);
  });

  test("floatPower is f64", () => {
    expect(floatPower(2, tensor([3])).dtype).toBe("f64");
  });
});

test("errors name the operator, the shapes and what is needed", async () => {
  const m = ones([2, 3]);
  const cases: [() => unknown, new (message: string) => Error, string][] = [
    [() => addmm(ones([4]), m, m.t()), ShapeError, "expand cannot grow (4,) to (2, 2)"],
    [() => tensordot(m, m, 1), ShapeError, "tensordot: dimensions [1] of (2, 3) and [0] of (2, 3)"],
    [
      () => cross(ones([2]), ones([2])),
      ArgumentError,
      "cross needs a dimension of size 3 in both tensors, but got (2,)",
    ],
    [
      () => cdist(m, ones([2, 2])),
      ShapeError,
      "cdist needs rows of equal length, (…, M, D) and (…, N, D), but got (2, 3)",
    ],
    [() => pdist(ones([3])), ShapeError, "pdist needs a matrix, one vector a row, but got (3,)"],
    [() => gcd(ones([1]), i32([1])), DTypeError, 'need whole numbers, but got f32 and i32: convert with .to("i32")'],
    [
      () => hsplit(m, 2),
      ArgumentError,
      "hsplit: 2 pieces do not divide size 3 of dimension 1 of (2, 3): use tensorSplit",
    ],
    [() => tensorSplit(m, 0), ArgumentError, "tensorSplit takes a number of pieces above 0"],
    [() => rot90(m, 1, [0, -2]), ShapeError, "rot90 turns two different dimensions, but got [0,-2]"],
    [() => flipud(tensor(1)), ShapeError, "flipud needs at least one dimension"],
    [() => ones([2]).mT, ShapeError, "mT is for matrices, but this tensor is (2,): use t()"],
    [() => put(m, i32([1]), ones([2])), ShapeError, "put: 1 positions (1,) do not take 2 elements (2,)"],
    [() => sliceScatter(m, ones([2, 2])), ShapeError, "sliceScatter replaces (2, 3) of (2, 3), but got (2, 2)"],
    [
      () => searchsorted(m, ones([3, 1])),
      ShapeError,
      "searchsorted needs a vector or as many rows as there are of values",
    ],
    [() => bucketize(m, m), ShapeError, "bucketize needs a vector of boundaries, but got (2, 3)"],
    [() => gradient(ones([1])), ShapeError, "gradient needs at least 2 samples along dimension 0, but got (1,)"],
    [() => gradient(m, { spacing: [1] }), ArgumentError, "gradient: 1 spacings are given for 2 dimensions"],
    [() => nanquantile(m, 2), ArgumentError, "quantile: q must be in [0, 1], but got 2"],
    [() => m.sumToSize([3, 3]), ShapeError, "sumToSize: (3, 3) does not grow to (2, 3)"],
  ];
  for (const [call, type, words] of cases) {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown, words).toBeInstanceOf(type);
    expect((thrown as Error).message).toContain(words);
  }
  await expect(maskedScatter(zeros([2]), tensor([true, true]), ones([1])).data()).rejects.toThrow(IndexError);
  expect(cartesianProd(arange(2)).shape).toEqual([2]);
});
