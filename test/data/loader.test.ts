import { describe, expect, it, vi } from "vitest";
import { ArgumentError, IndexError, StateError } from "../../src/core/errors.ts";
import { DataLoader, type DataLoaderOptions, type Dataset, TensorDataset } from "../../src/data/index.ts";
import { arange, type Generator, rand, type Tensor, tensor } from "../../src/tensor/index.ts";

/** Examples [i, −i], i = 0 … n − 1. */
const numbers = (n: number) => new TensorDataset(arange(n), arange(n).neg());
const loaderOf = (n: number, options: DataLoaderOptions) => new DataLoader(numbers(n), options);
const epochOf = (loader: Iterable<readonly Tensor[]>) => [...loader].map(([x]) => x.arraySync() as number[]);

describe("TensorDataset", () => {
  it("gives rows, and batches of rows", () => {
    const dataset = new TensorDataset(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      tensor([7, 8, 9], { dtype: "i32" }),
    );
    expect(dataset.length).toBe(3);
    const [x, y] = dataset.get(1);
    expect([x.arraySync(), y.arraySync(), y.dtype, y.shape]).toEqual([[3, 4], 8, "i32", []]);
    const [xs, ys] = dataset.batch(new Uint32Array([2, 0, 2]));
    expect(xs.arraySync()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
    expect(ys.arraySync()).toEqual([9, 7, 9]);
  });

  it("says which sizes differ and which number is out of range", () => {
    expect(() => new TensorDataset(arange(3), arange(4))).toThrow(ArgumentError);
    expect(() => new TensorDataset(arange(3), arange(4))).toThrow("(3,), (4,)");
    expect(() => numbers(3).get(3)).toThrow(IndexError);
    expect(() => numbers(3).batch(new Uint32Array([0, 9]))).toThrow("example 9 is out of range");
  });
});

describe("DataLoader", () => {
  it("goes through everything in order, and keeps a last batch that is not full", () => {
    const loader = loaderOf(5, { batchSize: 2 });
    expect(loader.length).toBe(3);
    expect(epochOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(epochOf(loaderOf(5, { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(loaderOf(5, { batchSize: 2, dropLast: true }).length).toBe(2);
    expect(epochOf(loaderOf(0, {}))).toEqual([]);
  });

  it("passes the number of its pass to the dataset", () => {
    const epochs: Dataset<readonly [Tensor]> = { length: 2, get: (i, epoch = -1) => [tensor([i, epoch])] };
    const loader = new DataLoader(epochs);
    expect([epochOf(loader), epochOf(loader)].map((pass) => pass.map(([row]) => row))).toEqual([
      [
        [0, 0],
        [1, 0],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    loader.loadStateDict({ seed: 0, epoch: 7, position: 1 });
    expect(epochOf(loader)).toEqual([[[1, 7]]]);
  });

  it("refuses workers where there is no Node", () => {
    vi.stubGlobal("process", undefined);
    try {
      expect(() => loaderOf(2, { numWorkers: 1 })).toThrow("worker_threads");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("mixes batches by seed, epoch and place", () => {
    const drawn = (seed: number) => {
      const batchTransform = (_: readonly Tensor[], generator: Generator) => [rand([1], { generator })];
      const loader = new DataLoader(numbers(4), { batchSize: 2, seed, batchTransform });
      return [epochOf(loader), epochOf(loader)].flat(2);
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(new Set([...drawn(1), ...drawn(2)]).size).toBe(8);
  });

  it("stacks what `get` gives where a dataset has no `batch`", () => {
    const squares: Dataset<readonly [Tensor]> = { length: 3, get: (i) => [tensor([i, i * i])] };
    expect(epochOf(new DataLoader(squares, { batchSize: 2 }))).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      [[2, 4]],
    ]);
  });

  it("shuffles anew each epoch, the same for the same seed, fields together", () => {
    const loader = loaderOf(20, { batchSize: 20, shuffle: true, seed: 3 });
    const [first, second] = [epochOf(loader)[0], epochOf(loader)[0]];
    expect(first).not.toEqual(second);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(epochOf(loaderOf(20, { batchSize: 20, shuffle: true, seed: 3 }))[0]).toEqual(first);
    expect(epochOf(loaderOf(20, { batchSize: 20, shuffle: true, seed: 4 }))[0]).not.toEqual(first);
    for (const [x, y] of loader) expect(x.add(y).abs().sum().itemSync()).toBe(0);
  });

  it("is iterable with `for` and with `for await`", async () => {
    const loader = loaderOf(3, { batchSize: 2 });
    const seen: unknown[] = [];
    for await (const [x] of loader) seen.push(await x.array());
    expect(seen).toEqual([[0, 1], [2]]);
    expect(loader.epoch).toBe(1);
  });

  it("begins the next epoch after one that was broken off", () => {
    const loader = loaderOf(6, { batchSize: 2, shuffle: true });
    for (const _ of loader) break;
    expect(loader.stateDict()).toEqual({ seed: 0, epoch: 1, position: 0 });
    expect(epochOf(loader)).toHaveLength(3);
  });

  it("continues from any position with the same batches", () => {
    const whole = loaderOf(10, { batchSize: 3, shuffle: true, seed: 5 });
    const expected = [...epochOf(whole), ...epochOf(whole)];
    for (let stop = 0; stop <= expected.length; stop++) {
      const first = loaderOf(10, { batchSize: 3, shuffle: true, seed: 5 });
      const batches: number[][] = [];
      let state = first.stateDict();
      while (batches.length < stop) {
        for (const [x] of first) {
          batches.push(x.arraySync() as number[]);
          state = first.stateDict();
          if (batches.length === stop) break;
        }
      }
      const second = loaderOf(10, { batchSize: 3, shuffle: true, seed: 99 });
      second.loadStateDict(JSON.parse(JSON.stringify(state)));
      while (second.epoch < 2) batches.push(...epochOf(second));
      expect(batches, `stopped after ${stop}`).toEqual(expected);
    }
  });

  it("refuses batch sizes, seeds and states that make no sense", () => {
    expect(() => loaderOf(3, { batchSize: 0 })).toThrow(ArgumentError);
    expect(() => loaderOf(3, { batchSize: 1.5 })).toThrow("batchSize must be a whole number above 0, but got 1.5");
    expect(() => loaderOf(3, { seed: -1 })).toThrow(ArgumentError);
    expect(() => loaderOf(3, {}).loadStateDict({ seed: 0, epoch: 0, position: 4 })).toThrow(StateError);
  });
});
