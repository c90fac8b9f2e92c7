import { describe, expect, it } from "vitest";
import { ArgumentError, IndexError } from "../../src/core/errors.ts";
import {
  build,
  DataLoader,
  type Dataset,
  randomSplit,
  Subset,
  stratified,
  TensorDataset,
} from "../../src/data/index.ts";
import { type Tensor, tensor } from "../../src/tensor/index.ts";

const tens = new TensorDataset(tensor([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]));

describe("Subset", () => {
  it("gives the examples that it was told, in that order, again and again", () => {
    const subset = new Subset(tens, [7, 0, 7]);
    expect(subset.length).toBe(3);
    expect([0, 1, 2].map((i) => subset.get(i)[0].itemSync())).toEqual([70, 0, 70]);
    expect(subset.batch(new Uint32Array([2, 1]))[0].arraySync()).toEqual([70, 0]);
    expect([...new DataLoader(subset, { batchSize: 2 })].map(([x]) => x.arraySync())).toEqual([[70, 0], [70]]);
  });

  it("stacks where the dataset has no batch, and passes the epoch on", () => {
    const epochs: Dataset<readonly [Tensor]> = { length: 5, get: (i, epoch = -1) => [tensor([i, epoch])] };
    const subset = new Subset(epochs, [4, 2]);
    expect(subset.get(1, 6)[0].arraySync()).toEqual([2, 6]);
    expect(subset.batch(new Uint32Array([0, 1]), 3)[0].arraySync()).toEqual([
      [4, 3],
      [2, 3],
    ]);
    expect(subset.blueprint).toBeUndefined();
  });

  it("refuses what is not there", () => {
    expect(() => new Subset(tens, [0, 10])).toThrow("Subset: example 10 is out of range (there are 10");
    expect(() => new Subset(tens, [1]).get(1)).toThrow(IndexError);
    expect(() => new Subset(tens, [1]).batch(new Uint32Array([1]))).toThrow(IndexError);
  });

  it("has a blueprint where its dataset has one", async () => {
    const module = new URL("./subset-fixture.ts", import.meta.url).href;
    const dataset = { ...tens, length: 10, get: tens.get.bind(tens), blueprint: { module, name: "count", args: [4] } };
    const { blueprint } = new Subset(dataset, [3, 1]);
    const again = (await build(blueprint!)) as Subset<readonly [Tensor]>;
    expect([again.get(0)[0].itemSync(), again.get(1)[0].itemSync()]).toEqual([3, 1]);
  });
});

describe("randomSplit", () => {
  const indices = (parts: Subset<readonly Tensor[]>[]) => parts.map((part) => [...part.indices]);

  it("puts every example into one part", () => {
    const parts = randomSplit(tens, [6, 3, 1]);
    expect(parts.map(({ length }) => length)).toEqual([6, 3, 1]);
    expect(indices(parts).flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(indices(parts).flat()).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("takes fractions, the first parts what is left over", () => {
    const lengths = (fractions: number[]) => randomSplit(tens, fractions).map(({ length }) => length);
    expect(lengths([0.7, 0.3])).toEqual([7, 3]);
    expect(lengths([0.25, 0.25, 0.5])).toEqual([3, 2, 5]);
    expect(lengths([1 / 3, 1 / 3, 1 / 3])).toEqual([4, 3, 3]);
  });

  it("depends on the seed alone", () => {
    expect(indices(randomSplit(tens, [5, 5], { seed: 4 }))).toEqual(indices(randomSplit(tens, [5, 5], { seed: 4 })));
    expect(indices(randomSplit(tens, [5, 5], { seed: 4 }))).not.toEqual(indices(randomSplit(tens, [5, 5])));
  });

  it.each([[[5, 4]], [[0.5, 0.4]], [[12, -2]], [[0.5, 9.5]]])("refuses lengths %j", (lengths) => {
    expect(() => randomSplit(tens, lengths)).toThrow(ArgumentError);
  });
});

describe("stratified", () => {
  const labels = Uint8Array.from({ length: 100 }, (_, i) => [0, 1, 1, 2][i % 4]);

  it("draws as many of each label, in ascending order, by seed", () => {
    const drawn = stratified(labels, 7, { seed: 3 });
    expect([0, 1, 2].map((label) => drawn.filter((i) => labels[i] === label).length)).toEqual([7, 7, 7]);
    expect([...drawn]).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    expect(stratified(labels, 7, { seed: 3 })).toEqual(drawn);
    expect(stratified(labels, 7, { seed: 4 })).not.toEqual(drawn);
    expect(stratified(labels, 0)).toHaveLength(0);
  });

  it("draws any example of a label as often", () => {
    const counts = new Array(100).fill(0);
    for (let seed = 0; seed < 400; seed++) for (const i of stratified(labels, 5, { seed })) counts[i]++;
    // 5 of 25, or of 50: 80 and 40 of 400 draws, standard deviations 8 and 6.
    for (const [i, count] of counts.entries()) expect(Math.abs(count - (labels[i] === 1 ? 40 : 80))).toBeLessThan(36);
  });

  it("says which label has too few", () => {
    expect(() => stratified([0, 0, 4], 2)).toThrow("stratified: label 4 has 1 examples, not 2.");
    expect(() => stratified(labels, 1.5)).toThrow(ArgumentError);
  });
});
