import { describe, expect, test } from "vitest";
import { ArgumentError, cat, compile, grad, ShapeError, type Tensor, tensor } from "../../src/index.ts";
import {
  AnchorGenerator,
  BoxCoder,
  batchedNms,
  boxConvert,
  boxIou,
  completeBoxIou,
  completeBoxIouLoss,
  distanceBoxIou,
  encodeTargets,
  generalizedBoxIou,
  generalizedBoxIouLoss,
  Matcher,
  masksToBoxes,
  nms,
  softNms,
} from "../../src/vision/index.ts";

const i32 = (...values: number[]): Tensor => tensor(Int32Array.from(values));
const none = tensor(new Float32Array(0), { shape: [0, 4] });

describe("boxes without area", () => {
  const point = tensor([[2, 2, 2, 2]]);
  const line = tensor([[1, 1, 1, 5]]);

  test.each([boxIou, generalizedBoxIou, distanceBoxIou, completeBoxIou])("%o has finite gradients", (iou) => {
    const a = cat([point, line]);
    const b = cat([point, line, tensor([[0, 0, 4, 4]])]);
    expect([...iou(a, b).dataSync()].every(Number.isFinite)).toBe(true);
    const gradients = grad((x: Tensor, y: Tensor) => iou(x, y).sum(), { argnums: [0, 1] })(a, b);
    for (const gradient of gradients) expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
  });

  test("have IoU 0, whatever they lie on", () => {
    expect(boxIou(point, point).itemSync()).toBe(0);
    expect(boxIou(point, tensor([[0, 0, 4, 4]])).itemSync()).toBe(0);
    expect(generalizedBoxIou(point, point).itemSync()).toBe(0);
    // Two points two apart: 4 over a diagonal of 4.
    expect(distanceBoxIou(point, tensor([[4, 2, 4, 2]])).itemSync()).toBeCloseTo(-1, 6);
  });

  test("do not drop one another", () => {
    const same = tensor([2, 2, 2, 2, 2, 2, 2, 2], { shape: [2, 4] });
    expect([...nms(same, tensor([0.5, 0.9]), 0).dataSync()]).toEqual([1, 0]);
  });
});

test("IoU takes whole numbers, as floats", () => {
  expect(
    boxIou(tensor([[0, 0, 200, 200]], { dtype: "u8" }), tensor([[0, 0, 100, 200]], { dtype: "u8" })).itemSync(),
  ).toBe(0.5);
});

test("a loss moves boxes together that do not meet", () => {
  const target = tensor([[0, 0, 2, 2]]);
  const step = compile((x: Tensor) => x.sub(grad((x: Tensor) => generalizedBoxIouLoss(x, target).sum())(x).mul(0.5)));
  let box = tensor([[5, 6, 8, 8]]);
  for (let i = 0; i < 200; i++) box = step(box);
  expect(boxIou(box, target).itemSync()).toBeGreaterThan(0);
});

test("what has no four numbers is refused by name", () => {
  expect(() => boxIou(tensor([1, 2, 3, 4]), none)).toThrow(/boxIou needs boxes \(N, 4\).*\(4,\)/);
  expect(() => completeBoxIouLoss(tensor([[1, 2, 3]]), none)).toThrow(ShapeError);
  expect(() => boxConvert(none, "xyxy", "xyhw" as "xywh")).toThrow(/no format "xyhw"/);
  expect(() => nms(none, tensor([1]), 0.5)).toThrow(/nms needs scores \(N,\).*\(1,\) and \(0, 4\)/);
  expect(() => generalizedBoxIouLoss(none, none, { reduction: "all" as "sum" })).toThrow(ArgumentError);
});

describe("suppression", () => {
  const boxes = tensor([
    [0, 0, 10, 10],
    [0, 0, 10, 3],
    [0, 0, 10, 10],
    [50, 50, 60, 60],
  ]);

  test("keeps the first of equals, and what overlaps exactly by the threshold", () => {
    expect([...nms(boxes, tensor([0.5, 0.5, 0.5, 0.5]), 0.3).dataSync()]).toEqual([0, 1, 3]); // 30 / 100
    expect([...nms(boxes, tensor([0.5, 0.5, 0.5, 0.5]), 0.29).dataSync()]).toEqual([0, 3]);
  });

  test("within classes leaves other classes alone", () => {
    expect([...batchedNms(boxes, tensor([0.5, 0.6, 0.7, 0.8]), i32(1, 1, 2, 2), 0.1).dataSync()]).toEqual([3, 2, 1]);
  });

  test("an infinite score is the best; NaN is none", () => {
    expect([...nms(boxes, tensor([1, 2, Number.POSITIVE_INFINITY, -1]), 0.1).dataSync()]).toEqual([2, 3]);
    expect(() => nms(boxes, tensor([1, Number.NaN, 0, 0]), 0.1)).toThrow(/scores\[1\] is NaN/);
  });

  test("soft: a score falls by every box that is taken first", () => {
    const { indices, scores } = softNms(boxes, tensor([0.9, 0.8, 0.7, 0.1]), { method: "gaussian", sigma: 0.5 });
    expect([...indices.dataSync()]).toEqual([0, 1, 3, 2]);
    const [, second, , last] = scores.dataSync();
    expect(second).toBeCloseTo(0.8 * Math.exp(-0.09 / 0.5), 6);
    expect(last).toBeCloseTo(0.7 * Math.exp(-1 / 0.5) * Math.exp(-0.09 / 0.5), 6);
    expect(() => softNms(boxes, tensor([1, 1, 1, 1]), { sigma: 0 })).toThrow(ArgumentError);
  });
});

test("anchors are centred at the corners of cells, and odd sizes keep theirs", () => {
  const generator = new AnchorGenerator([[4], [8]], [1]);
  expect(
    generator
      .generate(
        [8, 12],
        [
          [2, 3],
          [1, 1],
        ],
      )
      .arraySync(),
  ).toEqual([
    [-2, -2, 2, 2],
    [2, -2, 6, 2],
    [6, -2, 10, 2],
    [-2, 2, 2, 6],
    [2, 2, 6, 6],
    [6, 2, 10, 6],
    [-4, -4, 4, 4],
  ]);
  // 5 / 2 lies between two pixels and goes to the even one.
  expect(new AnchorGenerator([[5]], [1]).generate([1, 1], [[1, 1]]).arraySync()).toEqual([[-2, -2, 2, 2]]);
  expect(() => generator.generate([8, 12], [[2, 3]])).toThrow(/2 level\(s\), but got 1/);
  expect(() =>
    generator.generate(
      [8, 12],
      [
        [9, 3],
        [1, 1],
      ],
    ),
  ).toThrow(/does not fit/);
  expect(() => new AnchorGenerator([[4]], [[1], [1]])).toThrow(ArgumentError);
  expect(() => new AnchorGenerator([[0]], [1])).toThrow(/above 0/);
});

describe("matching", () => {
  const anchors = tensor([
    [0, 0, 4, 4],
    [10, 0, 14, 4],
    [20, 0, 24, 4],
  ]);

  test("an image without boxes is background", () => {
    const { labels, offsets } = encodeTargets(none, i32(), anchors);
    expect([...labels.dataSync()]).toEqual([-1, -1, -1]);
    expect(offsets.shape).toEqual([3, 4]);
    expect([...offsets.dataSync()].every((offset) => offset === 0)).toBe(true);
  });

  test("a box that meets no anchor well gets the best; one that meets none, or has no area, gets none", () => {
    const boxes = tensor([
      [12, 1, 16, 9], // meets the second anchor by 6 of 42
      [100, 100, 104, 104],
      [1, 1, 1, 3],
    ]);
    const { labels } = encodeTargets(boxes, i32(5, 6, 7), anchors);
    expect([...labels.dataSync()]).toEqual([-1, 5, -1]);
    const strict = { matcher: new Matcher(0.5, 0.4) };
    expect([...encodeTargets(boxes, i32(5, 6, 7), anchors, strict).labels.dataSync()]).toEqual([-1, -1, -1]);
  });

  test("between the thresholds an anchor is ignored", () => {
    const boxes = tensor([[0, 0, 4, 1.8]]); // 0.45 of the first anchor
    const matcher = new Matcher(0.5, 0.4);
    expect([...encodeTargets(boxes, i32(1), anchors, { matcher }).labels.dataSync()]).toEqual([-2, -1, -1]);
  });

  test("decoding undoes encoding", () => {
    const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
    const boxes = tensor([[1, -2, 9, 5]]);
    const { labels, offsets } = encodeTargets(boxes, i32(3), anchors, { matcher: new Matcher(0.1, 0.1), coder });
    expect([...labels.dataSync()]).toEqual([3, -1, -1]);
    const [decoded] = coder.decode(offsets, anchors).arraySync() as number[][];
    for (const [i, x] of [1, -2, 9, 5].entries()) expect(decoded[i]).toBeCloseTo(x, 5);
  });

  test("arguments that do not fit", () => {
    expect(() => new Matcher(0.3, 0.5)).toThrow(ArgumentError);
    expect(() => encodeTargets(none, i32(1), anchors)).toThrow(/a label for each of the boxes \(0, 4\)/);
    expect(() => new BoxCoder({ weights: [1, 1, 0, 1] })).toThrow(ArgumentError);
    expect(() => new BoxCoder().encode(anchors, none)).toThrow(ShapeError);
  });
});

test("a mask without pixels has the box 0 0 0 0", () => {
  expect(masksToBoxes(tensor(new Uint8Array(12), { shape: [1, 3, 4] })).arraySync()).toEqual([[0, 0, 0, 0]]);
});
