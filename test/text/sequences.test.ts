import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/core/errors.ts";
import { DataLoader, Random } from "../../src/data/index.ts";
import { tensor } from "../../src/tensor/index.ts";
import { BucketedDataset, LanguageModelWindows, maskTokens, padSequences } from "../../src/text/index.ts";

describe("padSequences", () => {
  it("pads to a length and with a value that are given, and takes empty sequences and none", () => {
    const { tokens, lengths, mask } = padSequences([Int32Array.of(4, 5), []], { length: 3, paddingValue: -1 });
    expect([tokens.dtype, lengths.dtype, mask.dtype]).toEqual(["i32", "i32", "bool"]);
    expect(tokens.arraySync()).toEqual([
      [4, 5, -1],
      [-1, -1, -1],
    ]);
    expect(lengths.arraySync()).toEqual([2, 0]);
    expect(mask.sum().itemSync()).toBe(2);
    expect(padSequences([], { length: 4 }).tokens.shape).toEqual([0, 4]);
  });

  it("refuses what does not fit", () => {
    expect(() => padSequences([[1, 2, 3]], { length: 2 })).toThrow("cut it off with .slice(0, 2)");
  });
});

describe("BucketedDataset", () => {
  // lengths 1 to 10, seven of each
  const lengths = Array.from({ length: 70 }, (_, i) => 1 + (i % 10));
  const collate = (indices: Uint32Array, size: number) =>
    [tensor(Int32Array.from(indices)), tensor(Int32Array.of(size)).expand([indices.length])] as const;
  const make = (options = {}) => new BucketedDataset(lengths, collate, { batchSize: 8, sizes: [3, 6, 10], ...options });
  const epoch = (loader: DataLoader<ReturnType<typeof collate>>) =>
    [...loader].map(([examples, size]) => ({
      examples: [...examples.dataSync()],
      size: size.dataSync()[0],
    }));

  it("gives every example once, in full batches of few lengths", () => {
    const loader = new DataLoader(make(), { batchSize: 8 });
    const [first, second] = [epoch(loader), epoch(loader)];
    for (const batches of [first, second]) {
      expect(batches.flatMap(({ examples }) => examples).sort((a, b) => a - b)).toEqual([...lengths.keys()]);
      expect(batches.map(({ examples }) => examples.length)).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 6]);
      for (const { examples, size } of batches) {
        const longest = Math.max(...examples.map((i) => lengths[i]));
        expect(size).toBe([3, 6, 10].find((candidate) => candidate >= longest));
      }
      // Of 21, 21 and 28 examples, two, two and three batches are of one bucket only.
      const pure = batches.filter(({ examples, size }) =>
        examples.every((i) => lengths[i] > (size === 3 ? 0 : size === 6 ? 3 : 6)),
      );
      expect(pure.length).toBeGreaterThanOrEqual(7);
    }
    expect(first).not.toEqual(second);
    expect(epoch(new DataLoader(make(), { batchSize: 8 }))).toEqual(first);
    expect(epoch(new DataLoader(make({ seed: 1 }), { batchSize: 8 }))).not.toEqual(first);
  });

  it("can be entered in the middle of an epoch, and keeps one order without shuffle", () => {
    const loader = new DataLoader(make(), { batchSize: 8 });
    const all = epoch(loader);
    const later = new DataLoader(make(), { batchSize: 8 });
    later.loadStateDict({ seed: 0, epoch: 0, position: 32 });
    expect(epoch(later)).toEqual(all.slice(4));
    const fixed = new DataLoader(make({ shuffle: false }), { batchSize: 8 });
    expect(epoch(fixed)).toEqual(epoch(fixed));
  });

  it("makes sizes of its own, multiples of 8", () => {
    const dataset = new BucketedDataset([1, 2, 9, 10, 20, 21, 90, 100], collate, { batchSize: 2 });
    expect(dataset.sizes).toEqual([8, 16, 24, 104]);
    expect(dataset.get(0)[0].shape).toEqual([]);
  });

  it.each([
    [{ sizes: [3, 6] }, "example 6 has the length 7, but the largest size is 6"],
    [{ sizes: [6, 3, 10] }, "sizes are whole numbers that ascend"],
    [{ batchSize: 0 }, "batchSize must be a whole number above 0"],
  ])("refuses %j", (options, message) => {
    expect(() => make(options)).toThrow(ArgumentError);
    expect(() => make(options)).toThrow(message);
  });
});

describe("LanguageModelWindows", () => {
  const tokens = Uint8Array.from({ length: 50 }, (_, i) => i);

  it("covers the text once, each target following its input", () => {
    const windows = new LanguageModelWindows(tokens, { length: 7 });
    expect(windows.length).toBe(7);
    const batches = [...new DataLoader(windows, { batchSize: 3 })];
    expect(batches.map(([input]) => input.shape)).toEqual([
      [3, 7],
      [3, 7],
      [1, 7],
    ]);
    expect(batches.flatMap(([input]) => [...input.dataSync()])).toEqual([...tokens.subarray(0, 49)]);
    expect(batches.flatMap(([, target]) => [...target.dataSync()])).toEqual([...tokens.subarray(1)]);
  });

  it("begins anywhere, by seed, epoch and number", () => {
    const windows = new LanguageModelWindows(tokens, { length: 48, order: "random" });
    const starts = Array.from({ length: 60 }, (_, epoch) => windows.get(0, epoch)[0].dataSync()[0]);
    expect([...new Set(starts)].sort()).toEqual([0, 1]); // the last target is the last token
    const short = new LanguageModelWindows(tokens, { length: 5, order: "random" });
    const first = (seed: number, epoch: number) => [
      ...new LanguageModelWindows(tokens, { length: 5, order: "random", seed })
        .batch(Uint32Array.of(0, 1, 2), epoch)[0]
        .dataSync(),
    ];
    expect(first(0, 3)).toEqual([...short.batch(Uint32Array.of(0, 1, 2), 3)[0].dataSync()]);
    expect(first(1, 3)).not.toEqual(first(0, 3));
    expect(first(0, 4)).not.toEqual(first(0, 3));
  });

  it("goes on row by row from batch to batch", () => {
    const windows = new LanguageModelWindows(tokens, { length: 5, order: "stateful", batchSize: 3 });
    expect(windows.length).toBe(9); // 3 rows of 3 windows of 5
    const batches = [...new DataLoader(windows, { batchSize: 3 })];
    for (const row of [0, 1, 2]) {
      const inputs = batches.flatMap(([input]) => [...input.index(row).dataSync()]);
      expect(inputs).toEqual([...tokens.subarray(row * 15, row * 15 + 15)]);
      const targets = batches.flatMap(([, target]) => [...target.index(row).dataSync()]);
      expect(targets).toEqual([...tokens.subarray(row * 15 + 1, row * 15 + 16)]);
    }
  });

  it.each([
    [{ length: 50 }, "50 tokens do not fill 1 × 50 inputs"],
    [{ length: 20, order: "stateful", batchSize: 3 }, "50 tokens do not fill 3 × 20 inputs"],
    [{ length: 20, order: "stateful" }, "whole numbers above 0, but got 20 and undefined"],
    [{ length: 20, batchSize: 3 }, 'the order "contiguous" takes no batchSize'],
    [{ length: 0 }, "whole numbers above 0"],
  ] as const)("refuses %j", (options, message) => {
    expect(() => new LanguageModelWindows(tokens, options)).toThrow(message);
  });
});

describe("maskTokens", () => {
  const given = Int32Array.from({ length: 40_000 }, (_, i) => i % 20);
  const masked = (seed: number) =>
    maskTokens(given, { maskId: 1, vocabSize: 1000, specialIds: [0, 1], random: new Random(seed) });

  it("hides 15 %: four fifths become the mask, a tenth any token, a tenth stays", () => {
    const { tokens, labels } = masked(3);
    const asked = [...given.keys()].filter((i) => labels[i] !== -100);
    expect(asked.length / (0.9 * given.length)).toBeCloseTo(0.15, 2); // special tokens are a tenth of all
    expect(asked.every((i) => labels[i] === given[i] && given[i] > 1)).toBe(true);
    expect(given.every((token, i) => labels[i] !== -100 || tokens[i] === token)).toBe(true);
    const share = (kind: (i: number) => boolean) => asked.filter(kind).length / asked.length;
    expect(share((i) => tokens[i] === 1)).toBeCloseTo(0.8, 1);
    expect(share((i) => tokens[i] === given[i])).toBeCloseTo(0.1, 1);
    expect(share((i) => tokens[i] >= 20)).toBeCloseTo(0.1, 1);
  });

  it("hides the same for the same seed, all or nothing if asked, and refuses what is no probability or token", () => {
    expect(masked(3)).toEqual(masked(3));
    expect(masked(3)).not.toEqual(masked(4));
    const some = { maskId: 1, vocabSize: 20, random: new Random(0) };
    expect(maskTokens(given, { ...some, probability: 1 }).labels).toEqual(given);
    expect(maskTokens(given, { ...some, probability: 0 }).tokens).toEqual(given);
    expect(() => maskTokens(given, { ...some, probability: 1.5 })).toThrow(ArgumentError);
    expect(() => maskTokens(given, { ...some, maskId: 20 })).toThrow(ArgumentError);
  });
});
