import { expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  ones,
  randn,
  ShapeError,
  setDevice,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  affineGrid,
  avgPool2d,
  ChannelShuffle,
  CircularPad2d,
  ConstantPad2d,
  channelShuffle,
  conv2d,
  Fold,
  fold,
  gridSample,
  type InterpolateOptions,
  interpolate,
  PixelShuffle,
  PixelUnshuffle,
  pixelShuffle,
  ReflectionPad2d,
  ReplicationPad3d,
  Sequential,
  Unfold,
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  unfold,
  ZeroPad2d,
} from "../../src/nn/index.ts";

setDevice("wasm"); // small programs, many of them: the golden cases run natively

const list = (x: Tensor): number[] => [...x.dataSync()];
const near = (got: Tensor, want: readonly number[], digits = 5): void => {
  expect(got.numel()).toBe(want.length);
  list(got).forEach((value, i) => {
    expect(value).toBeCloseTo(want[i], digits);
  });
};

test("a line stays a line; cubic interpolation weighs by Keys' polynomials with a = −3/4", () => {
  const line = arange(6).reshape([1, 1, 6]);
  const places = Array.from({ length: 11 }, (_, i) => i / 2);
  near(interpolate(line, { size: 11, mode: "linear", alignCorners: true }), places);
  const x = arange(8, { dtype: "f64" });
  const rows = x.square().expand([1, 1, 8, 8]);
  const finer = interpolate(rows, { size: [8, 15], mode: "bicubic", alignCorners: true })
    .select(2, 3)
    .flatten();
  // halfway the weights are (−3, 19, 19, −3) / 32, of the squares of ±1/2 and ±3/2: −1/8 instead of 0
  list(finer)
    .slice(4, 11)
    .forEach((value, i) => {
      expect(value).toBeCloseTo(((i + 4) / 2) ** 2 - (i % 2) / 8, 9);
    });
});

test("a picture of one colour stays so, and half of its size is the mean of fours", () => {
  const plain = ones([1, 2, 5, 7], { dtype: "f64" }).mul(3);
  const modes: InterpolateOptions[] = [
    { mode: "bilinear" },
    { mode: "bicubic" },
    { mode: "bilinear", antialias: true },
    { mode: "bicubic", antialias: true },
    { mode: "area" },
  ];
  for (const options of modes) {
    const other = interpolate(plain, { size: [3, 9], ...options });
    near(other, new Array(2 * 27).fill(3), 12);
  }
  const x = randn([1, 2, 6, 8], { dtype: "f64" });
  const halves = list(avgPool2d(x, 2));
  near(interpolate(x, { scaleFactor: 0.5, mode: "area" }), halves, 12);
  near(interpolate(x, { scaleFactor: 0.5, mode: "bilinear" }), halves, 12);
});

test("up-sampling layers say what they do", () => {
  expect(String(new UpsamplingNearest2d({ scaleFactor: 2 }))).toBe("UpsamplingNearest2d(scaleFactor=2, mode=nearest)");
  const x = tensor([[[[0, 2]]]]);
  expect(list(new UpsamplingBilinear2d({ size: [1, 3] }).forward(x))).toEqual([0, 1, 2]);
  const up = new Upsample({ scaleFactor: [1, 2] });
  expect(list(up.forward(x))).toEqual([0, 0, 2, 2]);
  expect(up.summary([1, 1, 4, 4]).rows[0].receptiveField).toEqual({ size: [1, 1], step: [1, 0.5] });
});

test("what interpolation cannot do is named", () => {
  const x = zeros([1, 2, 4, 4]);
  const wrong: [InterpolateOptions, new (message: string) => Error][] = [
    [{}, ArgumentError],
    [{ size: 2, scaleFactor: 2 }, ArgumentError],
    [{ size: [2, 2, 2] }, ArgumentError],
    [{ scaleFactor: 0.1 }, ArgumentError],
    [{ scaleFactor: [2, -1] }, ArgumentError],
    [{ size: 2, mode: "linear" }, ShapeError],
    [{ size: 2, mode: "trilinear" }, ShapeError],
    [{ size: 2, alignCorners: true }, ArgumentError],
    [{ size: 2, antialias: true }, ArgumentError],
    [{ size: 2, recomputeScaleFactor: true }, ArgumentError],
    [{ size: 2, mode: "cubic" as "bicubic" }, ArgumentError],
  ];
  for (const [options, kind] of wrong) expect(() => interpolate(x, options), JSON.stringify(options)).toThrow(kind);
  expect(() => interpolate(zeros([1, 2]), { size: 2 })).toThrow(ShapeError);
});

test("shuffles have a reverse", () => {
  const x = arange(2 * 12 * 2 * 3).reshape([2, 12, 2, 3]);
  const there = new Sequential(new PixelShuffle(2), new PixelUnshuffle(2));
  expect(list(there.forward(x))).toEqual(list(x));
  expect(list(channelShuffle(new ChannelShuffle(3).forward(x), 4))).toEqual(list(x));
  // channel 4c + 2i + j becomes pixel (i, j)
  expect(list(pixelShuffle(arange(4).reshape([4, 1, 1]), 2))).toEqual([0, 1, 2, 3]);
  expect(() => pixelShuffle(x, 5)).toThrow(/12 channels/);
  expect(() => new PixelUnshuffle(4).forward(x)).toThrow(ShapeError);
  expect(() => channelShuffle(x, 5)).toThrow(ShapeError);
});

test("a convolution is a product with the columns", () => {
  const [x, weight] = [randn([2, 3, 6, 5]), randn([4, 3, 3, 2])];
  const options = { stride: 2, padding: 1, dilation: [1, 2] };
  const columns = new Unfold([3, 2], options).forward(x); // (2, 18, L)
  near(weight.flatten(1).matmul(columns), list(conv2d(x, weight, undefined, options)), 4);
});

test("folding counts how many windows have an element", () => {
  const columns = unfold(ones([1, 1, 3, 4]), 2);
  expect(list(new Fold([3, 4], 2).forward(columns))).toEqual([1, 2, 2, 1, 2, 4, 4, 2, 1, 2, 2, 1]);
  expect(() => fold(columns, [4, 4], 2)).toThrow(/9 columns of 4/);
  expect(() => unfold(zeros([1, 1, 2, 2]), 3)).toThrow(/windows of \(3, 3\) do not fit/);
});

test("a grid of no map gives the picture, and others move it by whole pixels", () => {
  const x = arange(12, { dtype: "f64" }).reshape([1, 1, 3, 4]);
  const sampled = (theta: number[][], options = {}) =>
    gridSample(x, affineGrid(tensor([theta], { dtype: "f64" }), [1, 1, 3, 4]), options);
  near(
    sampled([
      [1, 0, 0],
      [0, 1, 0],
    ]),
    list(x),
    12,
  );
  near(
    sampled([
      [-1, 0, 0],
      [0, 1, 0],
    ]),
    list(x.flip(3)),
    12,
  );
  // a pixel is 2/4 wide: the right neighbour's
  near(
    sampled([
      [1, 0, 0.5],
      [0, 1, 0],
    ]),
    [1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0],
    12,
  );
  const border = { paddingMode: "border" };
  near(
    sampled(
      [
        [1, 0, 0.5],
        [0, 1, 0],
      ],
      border,
    ),
    [1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11],
    12,
  );
  expect(() => gridSample(x, zeros([1, 3, 4, 3]))).toThrow(ShapeError);
  expect(() => gridSample(x, zeros([1, 3, 4, 2]))).toThrow(/one dtype/);
  expect(() => affineGrid(zeros([1, 2, 3]), [2, 1, 3, 4])).toThrow(ShapeError);
});

test("padding layers, from the last dimension to the first", () => {
  const x = tensor([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  expect(list(new ZeroPad2d([1, 0, 0, 0]).forward(x))).toEqual([0, 1, 2, 0, 3, 4]);
  expect(list(new ConstantPad2d([0, 0, 1, 0], 9).forward(x))).toEqual([9, 9, 1, 2, 3, 4]);
  expect(list(new ConstantPad2d([-1, 0, 0, 0], 9).forward(x))).toEqual([2, 4]);
  expect(list(new ReflectionPad2d([0, 1, 0, 0]).forward(x))).toEqual([1, 2, 1, 3, 4, 3]);
  expect(list(new CircularPad2d([0, 0, 1, 0]).forward(x))).toEqual([3, 4, 1, 2, 3, 4]);
  expect(new ReplicationPad3d(1).forward(zeros([1, 2, 3, 3, 3])).shape).toEqual([1, 2, 5, 5, 5]);
  expect(String(new ConstantPad2d(1, 0.5))).toBe("ConstantPad2d(padding=(1, 1, 1, 1), value=0.5)");
  expect(() => new ZeroPad2d([1, 1])).toThrow(ArgumentError);
  expect(() => new ReflectionPad2d(2).forward(x)).toThrow(ShapeError);
  expect(() => new ZeroPad2d(1).forward(zeros([2]))).toThrow(ShapeError);
});
