import { describe, expect, test } from "vitest";
import { topological } from "../../src/core/graph.ts";
import { CTCLoss, type CTCLossOptions, ctcLoss } from "../../src/nn/index.ts";
import {
  compile,
  full,
  Generator,
  grad,
  IndexError,
  randn,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/tensor/index.ts";

const ints = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "i32" });
const normal = (shape: number[], seed: number): Tensor =>
  randn(shape, { dtype: "f64", generator: new Generator(seed) });

/** All ways to fill `times` places with `classes`. */
const alignments = (times: number, classes: number): number[][] =>
  times === 0
    ? [[]]
    : alignments(times - 1, classes).flatMap((head) => Array.from({ length: classes }, (_, k) => [...head, k]));

/** What an alignment reads: repeated classes merged, then blanks dropped. */
const read = (path: readonly number[], blank: number): string =>
  path.filter((k, i) => k !== path[i - 1] && k !== blank).join();

/** −log Σ exp of the alignments that read as the target, and its gradient, from rows of log-probabilities. */
function enumerated(rows: readonly number[][], target: readonly number[], blank: number) {
  const classes = rows[0]?.length ?? 0;
  const fitting = alignments(rows.length, classes).filter((path) => read(path, blank) === target.join());
  const weights = fitting.map((path) => Math.exp(path.reduce((sum, k, t) => sum + rows[t][k], 0)));
  const total = weights.reduce((a, b) => a + b, 0);
  const gradient = rows.map((row, t) =>
    row.map((_, k) => -fitting.reduce((sum, path, i) => sum + (path[t] === k ? weights[i] / total : 0), 0)),
  );
  return { loss: -Math.log(total), gradient };
}

describe("against all alignments one by one", () => {
  const targets = [[], [0], [1], [2], [3], [1, 2], [1, 1], [2, 1, 2], [3, 3, 1], [2, 2, 2]];
  test.each([0, 1, 3])("with blank %i, from numbers that are no probabilities", async (blank) => {
    for (const [seed, target] of targets.filter((labels) => !labels.includes(blank)).entries()) {
      for (const times of [1, 2, 3, 5]) {
        const x = normal([times, 1, 4], seed + 10 * times);
        const rows = (await x.reshape([times, 4]).array()) as number[][];
        const { loss, gradient } = enumerated(rows, target, blank);
        const f = (y: Tensor) =>
          ctcLoss(y, tensor(target, { dtype: "i32", shape: [1, target.length] }), [times], [target.length], {
            blank,
            reduction: "sum",
          });
        const [found, slope] = valueAndGrad(f)(x);
        if (loss === Number.POSITIVE_INFINITY) {
          expect(found.itemSync()).toBe(loss);
          expect([...slope.dataSync()].every((g) => g === 0)).toBe(true);
          continue;
        }
        expect(found.itemSync()).toBeCloseTo(loss, 10);
        for (const [i, g] of gradient.flat().entries()) expect(slope.dataSync()[i]).toBeCloseTo(g, 10);
      }
    }
  });

  test("in a ragged batch, each as if it were alone, whatever pads it", async () => {
    const x = normal([5, 4, 3], 1);
    const labels = ints([
      [1, 2, 99],
      [2, 2, 1],
      [-5, 77, 0],
      [1, -1, -1],
    ]);
    const [times, lengths] = [
      [5, 5, 3, 0],
      [2, 3, 0, 1],
    ];
    const losses = await ctcLoss(x, labels, times, lengths, { reduction: "none" }).array();
    const want = times.map((t, n) => {
      const rows = (x.index(`:${t}`, n).arraySync() as number[][]).slice(0, t);
      return enumerated(rows, (labels.index(n).arraySync() as number[]).slice(0, lengths[n]), 0).loss;
    });
    for (const [n, loss] of (losses as number[]).entries()) expect(loss).toBeCloseTo(want[n], 10);
    expect(want[3]).toBe(Number.POSITIVE_INFINITY); // no time, but a label
    expect(ctcLoss(zeros([0, 1, 2]), zeros([1, 0], { dtype: "i32" }), [0], [0]).itemSync()).toBeCloseTo(0); // neither
  });
});

test("the derivative is that of finite differences, and has one itself", async () => {
  const x = normal([4, 2, 3], 7);
  const direction = normal([4, 2, 3], 8);
  const labels = ints([
    [1, 2],
    [2, 2],
  ]);
  const f = (y: Tensor) => ctcLoss(y, labels, [4, 4], [2, 2]);
  const slope = (y: Tensor) => grad(f)(y).mul(direction).sum();
  for (const g of [f, slope]) {
    const found = grad(g)(x).mul(direction).sum().itemSync();
    const e = 1e-5;
    const ahead = g(x.add(direction.mul(e))).itemSync();
    const behind = g(x.sub(direction.mul(e))).itemSync();
    expect(found).toBeCloseTo((ahead - behind) / (2 * e), 7);
  }
});

test("odds of 0 leave the derivative finite", async () => {
  const x = tensor([[[0, -1, Number.NEGATIVE_INFINITY]], [[-2, -1, Number.NEGATIVE_INFINITY]], [[-1, 0, -1]]]);
  const f = (target: number[]) => (y: Tensor) => ctcLoss(y, ints([target]), [3], [target.length]);
  const [loss, slope] = valueAndGrad(f([1]))(x);
  expect(loss.isfinite().itemSync()).toBe(1);
  expect(slope.isfinite().all().itemSync()).toBe(1);
  const [never, flat] = valueAndGrad(f([2, 1]))(x); // 2 can come last only
  expect(never.itemSync()).toBe(Number.POSITIVE_INFINITY);
  expect(flat.abs().sum().itemSync()).toBe(0);
});

test("an impossible alignment among others: +∞, or nothing", async () => {
  const x = normal([3, 2, 3], 3);
  const labels = ints([
    [1, 1],
    [1, 2],
  ]);
  const lose = (options: CTCLossOptions) => valueAndGrad((y: Tensor) => ctcLoss(y, labels, [2, 3], [2, 2], options))(x);
  expect(lose({})[0].itemSync()).toBe(Number.POSITIVE_INFINITY);
  const [loss, slope] = lose({ zeroInfinity: true });
  const alone = ctcLoss(x.narrow(1, 1, 1), ints([[1, 2]]), [3], [2]).itemSync();
  expect(loss.itemSync()).toBeCloseTo(alone / 2, 10);
  expect(slope.index(":", 0).abs().sum().itemSync()).toBe(0);
  expect(slope.index(":", 1).ne(0).any().itemSync()).toBe(1);
});

test("lengths as tensors, targets one after the other, and compiled: the same", async () => {
  const x = normal([6, 3, 4], 4).logSoftmax(2);
  const padded = ints([
    [1, 2, 3],
    [3, 0, 0],
    [2, 2, 0],
  ]);
  const joined = ints([1, 2, 3, 3, 2, 2]);
  const [times, lengths] = [
    [6, 4, 5],
    [3, 1, 2],
  ];
  const want = [...(await ctcLoss(x, padded, times, lengths, { reduction: "none" }).data())];
  const f = (...args: Tensor[]) => ctcLoss(args[0], args[1], args[2], args[3], { reduction: "none" });
  for (const targets of [padded, joined]) {
    for (const g of [f, compile(f)]) {
      const found = await g(x, targets, ints(times), ints(lengths)).data();
      for (const [n, loss] of found.entries()) expect(loss).toBeCloseTo(want[n], 12);
    }
    const found = await ctcLoss(x, targets, times, lengths, { reduction: "none" }).data();
    for (const [n, loss] of found.entries()) expect(loss).toBeCloseTo(want[n], 12);
  }
  const module = new CTCLoss({ reduction: "sum" });
  expect(module.forward(x, padded, times, lengths).itemSync()).toBeCloseTo(want.reduce((a, b) => a + b));
});

test("a longer input is no larger graph, and float32 keeps up with float64", async () => {
  const sizeFor = (t: number) => {
    const x = zeros([t, 2, 3], { requiresGrad: true });
    return topological([ctcLoss(x, ints([[1], [2]]), [t, t], [1, 1]).value]).length;
  };
  expect(sizeFor(300)).toBe(sizeFor(3));
  const x = normal([400, 2, 20], 5).mul(3).logSoftmax(2);
  const labels = full([2, 30], 1, { dtype: "i32" }).add(ints([Array.from({ length: 30 }, (_, i) => i % 19)]));
  const f = (y: Tensor) => ctcLoss(y, labels, [400, 380], [30, 30]);
  const [precise, slope] = valueAndGrad(f)(x);
  const [single, rough] = valueAndGrad(f)(x.float());
  expect(single.itemSync() / precise.itemSync()).toBeCloseTo(1, 5);
  expect(rough.double().sub(slope).abs().amax().itemSync()).toBeLessThan(1e-4);
});

test("what does not fit says so", () => {
  const x = zeros([4, 2, 3]);
  const labels = ints([
    [1, 2],
    [2, 2],
  ]);
  const lose =
    (...args: Parameters<typeof ctcLoss>) =>
    () =>
      ctcLoss(...args);
  expect(lose(zeros([4, 3]), labels, [4, 4], [2, 2])).toThrow("ctcLoss needs log-probabilities (T, N, C)");
  expect(lose(x, ints([[1, 2]]), [4, 4], [2, 2])).toThrow("targets (N, S) or (sum of lengths)");
  expect(lose(x, labels, [4], [2, 2])).toThrow("inputLengths needs a length for each of 2, but has 1");
  expect(lose(x, labels, [4, 4], ints([2]))).toThrow("targetLengths needs a length for each of 2, but is (1,)");
  expect(lose(x, labels, [4, 5], [2, 2])).toThrow("whole numbers from 0 to 4, but one is 5");
  expect(lose(x, labels, [4, 4], [2, 2], { blank: 3 })).toThrow("the blank is one of 3 classes, from 0, but is 3");
  expect(() =>
    ctcLoss(
      x,
      ints([
        [1, 7],
        [2, 2],
      ]),
      [4, 4],
      [2, 2],
    ).itemSync(),
  ).toThrow(IndexError);
});
