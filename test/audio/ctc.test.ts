import { describe, expect, it } from "vitest";
import { ctcBeamSearch, ctcGreedyDecode, forcedAlign, mergeTokens } from "../../src/audio/index.ts";
import {
  ArgumentError,
  Generator,
  IndexError,
  randn,
  ShapeError,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

const normal = (shape: number[], seed: number): Tensor =>
  randn(shape, { dtype: "f64", generator: new Generator(seed) }).logSoftmax(-1);
const ints = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "i32" });

/** All ways to fill `times` places with `classes`. */
const alignments = (times: number, classes: number): number[][] =>
  times === 0
    ? [[]]
    : alignments(times - 1, classes).flatMap((head) => Array.from({ length: classes }, (_, k) => [...head, k]));

/** What an alignment reads: repeated classes merged, then blanks dropped. */
const read = (path: readonly number[], blank: number): number[] =>
  path.filter((k, i) => k !== path[i - 1] && k !== blank);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const logProbability = (rows: readonly (readonly number[])[], path: readonly number[]): number =>
  sum(path.map((k, t) => rows[t][k]));

/** Each labelling that some alignment reads, with the logarithm of the sum of their probabilities. */
function labellings(rows: readonly (readonly number[])[], classes: number, blank: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const path of alignments(rows.length, classes)) {
    const key = read(path, blank).join();
    sums.set(key, (sums.get(key) ?? 0) + Math.exp(logProbability(rows, path)));
  }
  return new Map([...sums].map(([key, probability]) => [key, Math.log(probability)]));
}

const labelsOf = (key: string): number[] => (key === "" ? [] : key.split(",").map(Number));

describe("ctcBeamSearch", () => {
  const bigram = (labels: readonly number[]): number => {
    const [last, before] = [labels.at(-1) ?? 0, labels.at(-2) ?? 3];
    return -Math.log(1 + ((5 * before + 3 * last) % 7));
  };

  it.each([0, 2])("with room for all beginnings finds what enumeration finds, blank %i", (blank) => {
    for (const [seed, times, classes] of [
      [1, 1, 3],
      [2, 4, 3],
      [3, 5, 3],
      [4, 4, 4],
    ]) {
      const x = normal([1, times, classes], seed);
      const all = labellings((x.arraySync() as number[][][])[0], classes, blank);
      for (const [alpha, beta, languageModel] of [
        [1, 0, undefined],
        [0.7, 0.4, bigram],
        [1.5, -0.3, bigram],
      ] as const) {
        const want = [...all]
          .map(([key, score]) => {
            const labels = labelsOf(key);
            const prior = languageModel ? sum(labels.map((_, i) => languageModel(labels.slice(0, i + 1)))) : 0;
            return { labels, score: score + alpha * prior + beta * labels.length };
          })
          .sort((a, b) => b.score - a.score);
        const options = { blank, alpha, beta, languageModel, beam: 10000, best: 10000 };
        const [found] = ctcBeamSearch(x, options);
        expect(found.map(({ labels }) => labels)).toEqual(want.map(({ labels }) => labels));
        for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(want[i].score, 10);
        const [[best]] = ctcBeamSearch(x, { ...options, beam: 8, best: 1 });
        expect(best.score).toBeLessThanOrEqual(want[0].score + 1e-12);
      }
    }
  });

  it("sees as many times of each sequence as it has, and nothing where nothing can be", () => {
    const x = normal([2, 5, 3], 9);
    const [whole] = ctcBeamSearch(x.narrow(0, 1, 1).narrow(1, 0, 2));
    expect(ctcBeamSearch(x, { lengths: [5, 2] })[1]).toEqual(whole);
    expect(ctcBeamSearch(x, { lengths: ints([0, 0]) })).toEqual([
      [{ labels: [], score: 0 }],
      [{ labels: [], score: 0 }],
    ]);
    const never = tensor([[[Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY]]]);
    expect(ctcBeamSearch(never, { best: 5 })).toEqual([[{ labels: [1], score: 0 }]]);
  });

  it("says what does not fit", () => {
    const x = normal([2, 3, 3], 1);
    expect(() => ctcBeamSearch(x, { beam: 0 })).toThrow(ArgumentError);
    expect(() => ctcBeamSearch(x, { best: 1.5 })).toThrow("best is a whole number from 1, but is 1.5");
    expect(() => ctcBeamSearch(x.index(0))).toThrow(ShapeError);
    expect(() => ctcGreedyDecode(x, { blank: 3 })).toThrow("the blank is one of 3 classes, from 0, but is 3");
    expect(() => ctcGreedyDecode(x, { lengths: [3] })).toThrow("lengths needs a length for each of 2, but has 1");
    expect(() => ctcGreedyDecode(x, { lengths: [3, 4] })).toThrow("whole numbers from 0 to 3, but one is 4");
  });
});

it("ctcGreedyDecode reads the best of all alignments", () => {
  for (const blank of [0, 1, 2]) {
    const x = normal([3, 4, 3], 5 + blank);
    const rows = x.arraySync() as number[][][];
    const want = rows.map((sequence) => {
      const all = alignments(4, 3).map((path) => ({ path, score: logProbability(sequence, path) }));
      return read(all.reduce((a, b) => (b.score > a.score ? b : a)).path, blank);
    });
    expect(ctcGreedyDecode(x, { blank })).toEqual(want);
  }
});

describe("forcedAlign", () => {
  it.each([0, 1])("finds the best of all alignments that read as the target, blank %i", (blank) => {
    const targets = [[], [2], [2, 3], [3, 3], [2, 3, 2], [3, 2, 2]];
    for (const [seed, target] of targets.entries()) {
      const x = normal([1, 5, 4], 20 + seed);
      const [rows] = x.arraySync() as number[][][];
      const fitting = alignments(5, 4).filter((path) => read(path, blank).join() === target.join());
      const scores = fitting.map((path) => logProbability(rows, path));
      const found = forcedAlign(x, tensor(target, { dtype: "i32", shape: [1, target.length] }), { blank });
      const path = [...found.path.dataSync()];
      expect(read(path, blank)).toEqual(target);
      expect(sum([...found.scores.dataSync()])).toBeCloseTo(Math.max(...scores), 12);
      expect(path).toEqual(fitting[scores.indexOf(Math.max(...scores))]);
      const spans = mergeTokens(found.path.index(0), found.scores.index(0), { blank });
      expect(spans.map(({ token }) => token)).toEqual(target);
      for (const { token, start, end, score } of spans) {
        expect(path.slice(start, end).every((k) => k === token)).toBe(true);
        expect(path[start - 1]).not.toBe(token);
        expect(path[end]).not.toBe(token);
        expect(score).toBeCloseTo(sum(rows.slice(start, end).map((row) => row[token])) / (end - start), 12);
      }
    }
  });

  it("aligns each of a batch by its own lengths", () => {
    const x = normal([2, 6, 4], 2);
    const targets = ints([
      [1, 2, 3],
      [3, 77, -1],
    ]);
    const both = forcedAlign(x, targets, { lengths: [6, 4], targetLengths: [3, 1] });
    const alone = forcedAlign(x.narrow(0, 1, 1).narrow(1, 0, 4), ints([[3]]));
    expect([...both.path.index(1).dataSync()]).toEqual([...alone.path.dataSync(), 0, 0]);
    expect([...both.scores.index(1).dataSync()]).toEqual([...alone.scores.dataSync(), 0, 0]);
    expect(both.path.dtype + both.scores.dtype).toBe("i32f64");
  });

  it("says what cannot be aligned", () => {
    const x = normal([1, 3, 3], 3);
    expect(() => forcedAlign(x, ints([[1, 1, 2]]))).toThrow("3 labels need at least 4 times, but there are 3");
    expect(() => forcedAlign(x, ints([[1, 0]]))).toThrow(IndexError);
    expect(() => forcedAlign(x, ints([[3]]))).toThrow("but is 3");
    expect(() => forcedAlign(x, ints([1]))).toThrow(ShapeError);
    expect(() => mergeTokens(ints([1]), tensor([0, 0]))).toThrow(ShapeError);
  });
});
