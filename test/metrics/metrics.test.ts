import { describe, expect, test } from "vitest";
import { ArgumentError, IndexError, ShapeError, tensor } from "../../src/index.ts";
import {
  Accuracy,
  AveragePrecision,
  BLEUScore,
  bleuScore,
  CharErrorRate,
  ConfusionMatrix,
  type DetectedBoxes,
  editOperations,
  F1Score,
  MeanAveragePrecision,
  type MeanAveragePrecisionOptions,
  MeanIou,
  Perplexity,
  RougeL,
  rougeL,
  type TrueBoxes,
  WordErrorRate,
} from "../../src/metrics/index.ts";

describe("of labels", () => {
  const predicted = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]);
  const target = tensor([
    [0, 1, 1],
    [2, 9, 9],
  ]);

  test("what is ignored does not count, in batches as at once", () => {
    const metric = new Accuracy({ ignoreIndex: 9 });
    metric.update(predicted, target);
    expect(metric.compute()).toBe(3 / 4);
    metric.update(tensor([1]), tensor([0]));
    expect(metric.compute()).toBe(3 / 5);
    metric.reset();
    expect(metric.compute()).toBeNaN();
  });

  test("mean IoU is that of all pixels together, over the classes that occur", () => {
    const metric = new MeanIou(5, { ignoreIndex: 9 });
    metric.update(predicted, target);
    // Class 0: 1 of 1. Class 1: 1 of 2. Class 2: 1 of 2. Nothing of 3 and 4.
    expect(metric.compute()).toEqual({ mean: 2 / 3, perClass: [1, 1 / 2, 1 / 2, Number.NaN, Number.NaN] });
    metric.update(tensor([3]), tensor([0])); // class 0: 1 of 2, class 3: 0 of 1
    expect(metric.compute()).toEqual({ mean: 1.5 / 4, perClass: [1 / 2, 1 / 2, 1 / 2, 0, Number.NaN] });
    metric.reset();
    expect(metric.compute().mean).toBeNaN();
  });

  test("a class that there is not", () => {
    const matrix = new ConfusionMatrix(3);
    expect(() => matrix.update(predicted, target)).toThrow(IndexError);
    expect(() => matrix.update(predicted, target)).toThrow(/no class 9 \(at 4\): they are 0 to 2/);
    expect(() => matrix.update(predicted, tensor([1]))).toThrow(ShapeError);
  });
});

test("a ranking's average precision is that of all batches together", () => {
  const metric = new AveragePrecision();
  metric.update(tensor([0.3, 0.9]), tensor([1, 1]));
  metric.update(tensor([0.5]), tensor([0]));
  expect(metric.compute()).toBeCloseTo((1 + 2 / 3) / 2, 12);
  expect(() => metric.update(tensor([Number.NaN]), tensor([1]))).toThrow(/score 0 is NaN/);
  metric.reset();
  expect(metric.compute()).toBe(0);
});

describe("of a detector", () => {
  // Boxes of ten by ten at x; shifted by 5 they have an IoU of 1/3, by 2 of 2/3.
  const at = (x: number): number[] => [x, 0, x + 10, 10];
  const boxes = (...xs: number[]) => tensor(xs.flatMap(at), { shape: [xs.length, 4], dtype: "f32" });
  const numbers = (...xs: number[]) => tensor(Float32Array.from(xs));
  const found = (xs: number[], scores: number[], labels = xs.map(() => 0)): DetectedBoxes => ({
    boxes: boxes(...xs),
    scores: numbers(...scores),
    labels: numbers(...labels),
  });
  const truth = (xs: number[], ignored = xs.map(() => 0), labels = xs.map(() => 0)): TrueBoxes => ({
    boxes: boxes(...xs),
    labels: numbers(...labels),
    ignored: numbers(...ignored),
  });
  const score = (images: readonly (readonly [DetectedBoxes, TrueBoxes])[], options?: MeanAveragePrecisionOptions) => {
    const metric = new MeanAveragePrecision(options);
    for (const [detected, real] of images) metric.update(detected, real);
    return metric.compute();
  };
  const mean = (...of: Parameters<typeof score>): number => score(...of).mean;

  test("perfect, blind, and all wrong", () => {
    expect(mean([[found([0, 50], [0.9, 0.8]), truth([50, 0])]])).toBe(1);
    expect(mean([[found([], []), truth([0])]])).toBe(0);
    expect(mean([[found([20], [0.9]), truth([0])]])).toBe(0);
    expect(mean([[found([0], [0.9]), truth([])]])).toBeNaN();
    expect(mean([])).toBeNaN();
  });

  test("one of three is missed, one is found twice, and one is found where there is none", () => {
    // By score: right, again (wrong), wrong, right. Precision 1 at recall 1/3, 1/2 at 2/3.
    const image = [found([0, 1, 80, 40], [0.9, 0.8, 0.7, 0.6]), truth([0, 40, 120])] as const;
    expect(mean([image])).toBeCloseTo((1 + 1 / 2) / 3, 12);
    // Recalls 0 to 0.3 see 1, 0.4 to 0.6 see 1/2.
    expect(mean([image], { protocol: "voc2007" })).toBeCloseTo((4 + 3 / 2) / 11, 12);
    // Recalls 0 to 0.33 see 1, 0.34 to 0.66 see 1/2.
    expect(mean([image], { protocol: "coco", iouThresholds: [0.5] })).toBeCloseTo((34 + 33 / 2) / 101, 12);
  });

  test("precision does not fall again: what comes later lifts what was before", () => {
    // Wrong, right, right: precision 1/2 and 2/3, of which both are seen as 2/3.
    expect(mean([[found([90, 0, 40], [0.9, 0.8, 0.7]), truth([0, 40])]])).toBeCloseTo(2 / 3, 12);
  });

  test("scores rank over all images", () => {
    const first = [found([0, 90], [0.9, 0.3]), truth([0])] as const; // right, wrong at the end
    const second = [found([90, 0], [0.8, 0.6]), truth([0])] as const; // wrong, right
    expect(mean([first, second])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  test("the IoU has to reach the threshold, not to exceed it", () => {
    const image = [found([5], [0.9]), truth([0])] as const;
    expect(mean([image], { iouThresholds: [1 / 3] })).toBe(1);
    expect(mean([image], { iouThresholds: [0.34] })).toBe(0);
  });

  test("an ignored box need not be found, and finding it, even twice, is neither right nor wrong", () => {
    const real = truth([0, 40], [0, 1]);
    for (const protocol of ["voc", "voc2007", "coco"] as const) {
      const options = { protocol, iouThresholds: [0.5] };
      expect(mean([[found([40, 41, 0], [0.9, 0.8, 0.7]), real]], options)).toBe(1);
      expect(mean([[found([0], [0.7]), real]], options)).toBe(1);
      expect(mean([[found([40], [0.7]), truth([40], [1])]], options)).toBeNaN();
    }
  });

  test("a second detection of a box may have another that it overlaps less by COCO's rules, not by VOC's", () => {
    // Both lie nearest to the box at 0; the second has 0.25 of the box at 8, too.
    const image = [found([0, 2], [0.9, 0.8]), truth([0, 8])] as const;
    expect(mean([image], { protocol: "voc", iouThresholds: [0.25] })).toBe(0.5);
    expect(mean([image], { protocol: "coco", iouThresholds: [0.25] })).toBe(1);
  });

  test("classes are apart, and the mean is over those that there are", () => {
    const { mean, perClass } = score([
      [found([0, 0, 40, 40], [0.9, 0.9, 0.8, 0.7], [3, 5, 3, 7]), truth([0, 40], [0, 0], [3, 5])],
    ]);
    // Class 3: right, then wrong. Class 5: wrong place. Class 7: no such box.
    expect([...perClass]).toEqual([
      [3, 1],
      [5, 0],
      [7, Number.NaN],
    ]);
    expect(mean).toBe(0.5);
  });

  test("COCO's mean over ten thresholds", () => {
    const { mean, perThreshold } = score([[found([2], [0.9]), truth([0])]], { protocol: "coco" }); // 2/3
    expect(perThreshold).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(mean).toBe(0.4);
  });

  test("COCO's recalls are exact: 7 of 100 boxes are a recall of 0.07", () => {
    const places = Array.from({ length: 100 }, (_, i) => 20 * i);
    const image = [
      found(
        places.slice(0, 7),
        places.slice(0, 7).map((x) => -x),
      ),
      truth(places),
    ] as const;
    expect(mean([image], { protocol: "coco", iouThresholds: [0.5] })).toBeCloseTo(8 / 101, 12);
  });

  test("of equal scores the one that came first", () => {
    expect(mean([[found([90, 0], [0.5, 0.5]), truth([0])]])).toBe(0.5);
    expect(mean([[found([0, 90], [0.5, 0.5]), truth([0])]])).toBe(1);
  });

  test("what does not belong together", () => {
    const metric = new MeanAveragePrecision();
    expect(() => metric.update({ ...found([0], [1]), scores: numbers() }, truth([0]))).toThrow(/detections \(N, 4\)/);
    expect(() => metric.update(found([0], [1]), { boxes: boxes(0), labels: numbers() })).toThrow(/true boxes/);
    expect(() => metric.update(found([0], [Number.NaN]), truth([0]))).toThrow(/score 0 is NaN/);
    expect(() => new MeanAveragePrecision({ iouThresholds: [0] })).toThrow(/above 0/);
    expect(() => new MeanAveragePrecision({ protocol: "kitti" as "voc" })).toThrow(/no protocol "kitti"/);
    metric.update(found([0], [1]), truth([0]));
    metric.reset();
    expect(metric.compute().mean).toBeNaN();
  });
});

describe("of texts", () => {
  const said = ["the cat is on the mat", "so it goes on"];
  const real = [["the cat sat on the mat", "a cat is on it"], ["so it goes on and on"]];
  const first = real.map(([text]) => text);

  test("batches are one corpus, and a reset forgets them", () => {
    const bleu = new BLEUScore({ nGram: 2 });
    const rouge = new RougeL();
    const wordErrors = new WordErrorRate();
    const charErrors = new CharErrorRate();
    for (let round = 0; round < 2; round++) {
      for (const metric of [bleu, rouge, wordErrors, charErrors]) metric.reset();
      for (const i of [0, 1]) {
        bleu.update([said[i]], [real[i]]);
        rouge.update([said[i]], [real[i]]);
        wordErrors.update([said[i]], [first[i]]);
        charErrors.update([said[i]], [first[i]]);
      }
      // 10 of 10 words and 7 of 8 pairs (not "the cat is" in one reference, but each pair in some), 10 for 12 words.
      expect(bleu.compute()).toBeCloseTo(Math.exp(1 - 12 / 10), 12);
      expect(rouge.compute().recall).toBeCloseTo((5 / 6 + 4 / 6) / 2, 12);
      expect(wordErrors.compute()).toBe((1 + 2) / 12);
      expect(charErrors.compute()).toBe((3 + 7) / 42);
    }
  });

  test("perplexity and F1 are those of all batches together", () => {
    const perplexity = new Perplexity({ ignoreIndex: 9 });
    perplexity.update(tensor([[Math.log(1 / 2), Math.log(1 / 2)]]), tensor([0]));
    perplexity.update(
      tensor([
        [1, 1],
        [0, 99],
      ]),
      tensor([1, 9]),
    );
    expect(perplexity.compute()).toBeCloseTo(2, 6);
    expect(() => perplexity.update(tensor([[0, 1]]), tensor([2]))).toThrow(IndexError);
    expect(() => perplexity.update(tensor([[0, 1]]), tensor([0, 1]))).toThrow(/logits \(…, C\) and targets \(…\)/);
    perplexity.reset();
    expect(perplexity.compute()).toBeNaN();
    const f1 = new F1Score();
    expect(f1.compute()).toBe(0);
    f1.update(tensor([1, 0, 1]), tensor([1, 1, 0]));
    f1.update(tensor([true, true]), tensor([true, true]));
    expect(f1.compute()).toBe(3 / 4);
  });

  test("edits, applied in order, make one the other", () => {
    const [from, to] = [[..."intention"], [..."execution"]];
    const edits = editOperations(from, to);
    const made = edits.flatMap((edit) =>
      edit.kind === "delete" ? [] : [edit.kind === "keep" ? from[edit.from] : to[edit.to]],
    );
    expect(made).toEqual(to);
    expect(edits.filter(({ kind }) => kind !== "keep")).toHaveLength(5);
    expect(edits.flatMap((edit) => ("from" in edit ? [edit.from] : []))).toEqual([...from.keys()]);
    expect(editOperations("", "ab")).toEqual([
      { kind: "insert", to: 0 },
      { kind: "insert", to: 1 },
    ]);
  });

  test("what cannot be counted is refused", () => {
    expect(() => bleuScore(["a"], [])).toThrow(/1 predictions and 0 references/);
    expect(() => bleuScore(["a"], [[]])).toThrow(/prediction 0 has no reference/);
    expect(() => rougeL("a", [])).toThrow(ArgumentError);
    expect(() => new BLEUScore({ nGram: 0 })).toThrow(/nGram is a whole number from 1/);
    expect(() => new BLEUScore({ smoothing: "more" as never })).toThrow(/"none", "floor", "add-k" or "exp"/);
    expect(() => bleuScore(["a"], [["a"]], { tokenizer: "spaces" as never })).toThrow(/no tokenizer "spaces"/);
  });
});
