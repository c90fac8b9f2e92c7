import { expect, test } from "vitest";
import { ArgumentError, arange, randn, ShapeError, setDevice, type Tensor, tensor, zeros } from "../../src/index.ts";
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool2d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  LPPool2d,
  LPPool3d,
  lpPool1d,
  MaxPool1d,
  MaxPool2d,
  MaxUnpool2d,
  maxPool2d,
  maxUnpool1d,
  Sequential,
} from "../../src/nn/index.ts";

setDevice("wasm"); // small programs, many of them: the golden cases run natively

const list = (x: Tensor): number[] => [...x.dataSync()];

test("indices are where the values are, and unpooling puts them back there", () => {
  const x = randn([2, 3, 6, 8]);
  const { values, indices } = new MaxPool2d(2, { returnIndices: true }).forward(x);
  expect(indices.dtype).toBe("i32");
  expect(list(x.flatten(2).gather(2, indices.flatten(2)))).toEqual(list(values));
  const back = new MaxUnpool2d(2).forward(values, indices);
  expect(back.shape).toEqual(x.shape);
  expect(list(back)).toEqual(list(x).map((value, i) => (list(back)[i] === 0 ? 0 : value)));
  expect(list(back).filter((value) => value !== 0)).toHaveLength(2 * 3 * 3 * 4);
});

test("several sizes pool to one: outputSize says which comes back", () => {
  const x = arange(7).reshape([1, 1, 7]);
  const { values, indices } = new MaxPool1d(2, { returnIndices: true }).forward(x);
  expect(list(maxUnpool1d(values, indices, 2, { outputSize: [7] }))).toEqual([0, 1, 0, 3, 0, 5, 0]);
  expect(() => maxUnpool1d(values, indices, 2, { outputSize: [8] })).toThrow(/within the stride/);
  expect(() => maxUnpool1d(values, zeros([1, 1, 2], { dtype: "i32" }), 2)).toThrow(ShapeError);
});

test("layers without indices still stand in a Sequential", () => {
  const layers = new Sequential(new MaxPool2d(2), new AdaptiveMaxPool2d([null, 1]), new LPPool2d(2, 1));
  expect(layers.forward(zeros([1, 2, 6, 6])).shape).toEqual([1, 2, 3, 1]);
  expect(String(layers)).toContain("AdaptiveMaxPool2d(outputSize=(null, 1))");
  expect(String(new LPPool3d(2, 3))).toBe("LPPool3d(normType=2, kernelSize=3, stride=3)");
});

test("one window is everything: global pooling", () => {
  const x = randn([2, 3, 4, 5, 6], { dtype: "f64" });
  const means = list(x.mean([2, 3, 4]));
  list(new AdaptiveAvgPool3d(1).forward(x)).forEach((mean, i) => {
    expect(mean).toBeCloseTo(means[i], 12);
  });
  expect(list(adaptiveMaxPool1d(x.flatten(2), 1))).toEqual(list(x.amax([2, 3, 4])));
});

// ⌊i·7/3⌋ to ⌈(i + 1)·7/3⌉: 0–3, 2–5, 4–7
test("windows of adaptive pools overlap where sizes do not divide", () => {
  const x = arange(7).reshape([1, 7]);
  expect(list(new AdaptiveAvgPool1d(3).forward(x))).toEqual([1, 3, 5]);
  const { values, indices } = adaptiveMaxPool1d(x.neg(), 3, { returnIndices: true });
  expect(list(values)).toEqual([-0, -2, -4]);
  expect(list(indices)).toEqual([0, 2, 4]);
  expect(() => adaptiveAvgPool2d(zeros([1, 1, 4, 4]), [2])).toThrow(ArgumentError);
});

test("a p-norm of windows lies between the sum and the maximum", () => {
  const x = tensor([[1, 2, 2, 4, 4, 7]]);
  expect(list(lpPool1d(x, 1, 3))).toEqual([5, 15]);
  expect(list(lpPool1d(x, 2, 3))).toEqual([3, 9]);
  expect(() => lpPool1d(x, Number.POSITIVE_INFINITY, 3)).toThrow(ArgumentError);
});

test("an element that several windows chose comes back once", () => {
  const x = tensor(
    [
      [
        [
          [1, 2, 1],
          [2, 9, 2],
          [1, 2, 1],
        ],
      ],
    ],
    { requiresGrad: true },
  );
  const { values, indices } = maxPool2d(x, 2, { stride: 1, returnIndices: true });
  expect(list(indices)).toEqual([4, 4, 4, 4]);
  const back = new MaxUnpool2d(2, { stride: 1 }).forward(values, indices);
  expect(list(back)).toEqual([0, 0, 0, 0, 9, 0, 0, 0, 0]);
});
