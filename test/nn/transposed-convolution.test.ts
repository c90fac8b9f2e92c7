import { expect, test } from "vitest";
import {
  ArgumentError,
  DTypeError,
  manualSeed,
  ones,
  randn,
  ShapeError,
  setDevice,
  type Tensor,
  zeros,
} from "../../src/index.ts";
import { ConvTranspose1d, ConvTranspose2d, conv2d, convTranspose2d } from "../../src/nn/index.ts";

setDevice("wasm"); // small programs, many of them: the golden cases run natively

const dot = (a: Tensor, b: Tensor): number => a.mul(b).sum().itemSync();

test.each([
  [{}, [4, 5], 0],
  [{ stride: 2, padding: 1 }, [5, 7], [0, 1]],
  [{ stride: [1, 2], dilation: 2, groups: 2 }, [6, 7], 0],
] as const)("it is the transpose of conv2d, %j", (options, size, outputPadding) => {
  manualSeed(1);
  const dtype = "f64";
  const groups = "groups" in options ? options.groups : 1;
  const x = randn([2, 4, ...size], { dtype });
  const weight = randn([6, 4 / groups, 3, 2], { dtype });
  const y = conv2d(x, weight, undefined, options);
  const g = randn(y.shape, { dtype });
  const back = convTranspose2d(g, weight, undefined, { ...options, outputPadding });
  expect(dot(back, x)).toBeCloseTo(dot(g, y), 9);
});

test("weights begin within ±1/√(out / groups · kernel), whatever comes in", async () => {
  const { weight, bias } = new ConvTranspose2d(64, 8, 3, { groups: 2 });
  expect(weight.shape).toEqual([64, 4, 3, 3]);
  const largest = Math.max(...(await weight.abs().data()));
  expect(largest).toBeLessThanOrEqual(Math.fround(1 / 6));
  expect(largest).toBeGreaterThan(0.165);
  expect(bias?.shape).toEqual([8]);
});

test("an output size chooses among those that one input may come from", () => {
  const up = new ConvTranspose2d(2, 3, 3, { stride: 3, padding: 1 });
  const x = ones([1, 2, 4, 4]);
  const least = up.forward(x);
  expect(least.shape).toEqual([1, 3, 10, 10]);
  const larger = up.forward(x, { outputSize: [12, 11] });
  expect(larger.shape).toEqual([1, 3, 12, 11]);
  expect(up.forward(x, { outputSize: [1, 3, 12, 11] }).shape).toEqual([1, 3, 12, 11]);
  expect(larger.narrow(2, 0, 10).narrow(3, 0, 10).sub(least).abs().amax().itemSync()).toBe(0);
  for (const outputSize of [[9, 10], [10, 13], [10], [3, 10, 10]]) {
    expect(() => up.forward(x, { outputSize })).toThrow(ShapeError);
  }
  expect(() => up.forward(x, { outputSize: [13, 10] })).toThrow(/between \(10, 10\) and \(12, 12\)/);
});

test("it counts what it multiplies: every input with every tap of its group", () => {
  const layer = new ConvTranspose2d(4, 6, [3, 2], { stride: 2, outputPadding: 1, groups: 2 });
  expect(layer.summary([5, 4, 7, 8]).multiplyAdds).toBe(5 * 7 * 8 * 4 * 3 * 3 * 2);
  expect(String(layer)).toBe("ConvTranspose2d(4, 6, kernelSize=(3, 2), stride=(2, 2), outputPadding=(1, 1), groups=2)");
});

test("what does not fit is named", () => {
  const weight = zeros([2, 3, 3, 3]);
  expect(() => convTranspose2d(zeros([1, 3, 4, 4]), weight)).toThrow(/takes 2 channels.*has 3/);
  expect(() => convTranspose2d(zeros([1, 2, 4, 4]), weight, undefined, { groups: 4 })).toThrow(ShapeError);
  expect(() => convTranspose2d(zeros([1, 2, 4, 4]), zeros([2, 3, 3]))).toThrow(/4 dimensions, \(in, out/);
  expect(() => convTranspose2d(zeros([1, 2, 4, 4]), weight, undefined, { outputPadding: 1 })).toThrow(ArgumentError);
  expect(() => convTranspose2d(zeros([1, 2, 1, 1]), weight, undefined, { padding: 2 })).toThrow(/leaves the sizes/);
  expect(() => convTranspose2d(zeros([1, 2, 4, 4], { dtype: "f64" }), weight)).toThrow(DTypeError);
  expect(() => new ConvTranspose1d(3, 4, 3, { groups: 2 })).toThrow(ArgumentError);
  expect(() => new ConvTranspose1d(3, 4, 3).forward(zeros([1, 2, 5]))).toThrow(/In ConvTranspose1d\(3, 4/);
});
