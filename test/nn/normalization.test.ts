import { expect, test } from "vitest";
import {
  BatchNorm1d,
  BatchNorm2d,
  batchNorm,
  GroupNorm,
  groupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  instanceNorm,
  LocalResponseNorm,
  layerNorm,
  localResponseNorm,
  normalize,
  RMSNorm,
  rmsNorm,
} from "../../src/nn/index.ts";
import {
  ArgumentError,
  compile,
  DTypeError,
  manualSeed,
  ones,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from "../../src/tensor/index.ts";

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];

test("momentum null averages all batches evenly, in both forms, compiled or not", async () => {
  const batches = [tensor([[0], [2]]), tensor([[3], [5]]), tensor([[10], [18]])]; // means 1, 4, 14; variances 1, 1, 16
  for (const form of ["torch", "keras"] as const) {
    for (const compiled of [false, true]) {
      const layer = new BatchNorm1d(1, { momentum: null, form });
      const run = compiled ? compile((x: Tensor) => layer.forward(x)) : (x: Tensor) => layer.forward(x);
      for (const x of batches) await run(x).data();
      expect(await layer.runningMean!.item()).toBeCloseTo(19 / 3, 5);
      expect(await layer.runningVar!.item()).toBeCloseTo(form === "torch" ? 36 / 3 : 18 / 3, 5);
      expect(await layer.numBatchesTracked!.item()).toBe(3);
    }
  }
});

test("the Keras form has Keras' defaults and takes a batch of one", async () => {
  const layer = new BatchNorm1d(1, { form: "keras" });
  expect([layer.momentum, layer.eps]).toEqual([0.99, 1e-3]);
  expect(await numbers(layer.forward(tensor([[5]])))).toEqual([0]);
  expect(await layer.runningMean!.item()).toBeCloseTo(0.05, 6);
  expect(await layer.runningVar!.item()).toBeCloseTo(0.99, 6);
});

test("a mask that leaves one value or none changes no running statistic", async () => {
  const layer = new BatchNorm1d(2);
  const x = tensor([
    [1, 2],
    [3, Number.NaN],
  ]);
  const only = await numbers(layer.forward(x, tensor([true, false])));
  expect(only).toEqual([0, 0, 0, 0]); // the one value is its mean; the other is masked
  const weight = new Variable(x);
  weight.requiresGrad = true;
  const y = layer.forward(weight, tensor([false, false]));
  y.sum().backward();
  expect(await numbers(y)).toEqual([0, 0, 0, 0]);
  expect(await numbers(weight.grad!)).toEqual([0, 0, 0, 0]);
  expect(await numbers(layer.runningMean!)).toEqual([0, 0]);
  expect(await numbers(layer.runningVar!)).toEqual([1, 1]);
});

test("what is padded changes nothing: a masked batch is the batch without it", async () => {
  manualSeed(4);
  const x = randn([3, 2, 6], { dtype: "f64" });
  const mask = tensor([
    [true, true, true, true, false, false],
    [true, true, true, true, false, false],
    [true, true, true, true, false, false],
  ]);
  const short = x.narrow(2, 0, 4);
  const close = async (a: Tensor, b: Tensor) => expect(await a.sub(b).abs().amax().item()).toBeLessThan(1e-12);
  for (const make of [
    () => new BatchNorm1d(2, { dtype: "f64" }),
    () => new InstanceNorm1d(2, { dtype: "f64", affine: true, trackRunningStats: true }),
    () => new GroupNorm(1, 2, { dtype: "f64" }),
  ]) {
    const [padded, plain] = [make(), make()];
    for (const mode of [true, true, false]) {
      const y = padded.train(mode).forward(x, mask);
      await close(y.narrow(2, 0, 4), plain.train(mode).forward(short));
      expect(new Set(await numbers(y.narrow(2, 4, 2)))).toEqual(new Set([0]));
    }
    for (const [name, value] of Object.entries(plain.stateDict())) await close(padded.stateDict()[name], value);
  }
});

test("an image without a batch has a mask without one", async () => {
  const x = tensor([[1, 3, 100]]);
  const y = await numbers(new InstanceNorm1d(1).forward(x, tensor([true, true, false])));
  [-1, 1, 0].forEach((want, i) => {
    expect(y[i]).toBeCloseTo(want, 4);
  });
});

test("batch size one: groups and instances need no others", async () => {
  manualSeed(0);
  const x = randn([1, 4, 3]);
  for (const layer of [new GroupNorm(2, 4), new InstanceNorm1d(4), new BatchNorm1d(4)]) {
    const y = layer.forward(x);
    expect(await y.mean().item()).toBeCloseTo(0, 5);
    expect(await y.var(undefined, { correction: 0 }).item()).toBeCloseTo(1, 2);
  }
  const kept = new BatchNorm1d(4).eval();
  expect(await numbers(kept.forward(ones([1, 4])))).toEqual(new Array(4).fill(Math.fround(1 / Math.sqrt(1 + 1e-5))));
});

test("an empty batch gives an empty one and changes no statistic", async () => {
  const layer = new BatchNorm2d(3);
  expect(layer.forward(zeros([0, 3, 2, 2])).shape).toEqual([0, 3, 2, 2]);
  expect(await numbers(layer.runningVar!)).toEqual([1, 1, 1]);
  const instance = new InstanceNorm2d(3, { trackRunningStats: true });
  expect(instance.forward(zeros([0, 3, 2, 2])).shape).toEqual([0, 3, 2, 2]);
  expect(await numbers(instance.runningMean!)).toEqual([0, 0, 0]);
});

test("training steps leave the same bits compiled and not", async () => {
  const run = async (compiled: boolean) => {
    manualSeed(2);
    const layer = new BatchNorm1d(3);
    const mask = tensor([
      [true, true],
      [true, false],
      [false, true],
      [true, true],
    ]);
    const step = (x: Tensor) => {
      layer.zeroGrad();
      const y = layer.forward(x, mask);
      y.square().mul(x).sum().backward();
      return [y, layer.weight!.grad!];
    };
    const go = compiled ? compile(step) : step;
    const seen: number[][] = [];
    for (let i = 0; i < 3; i++) for (const y of go(randn([4, 3, 2]))) seen.push(await numbers(y));
    return [...seen, await numbers(layer.runningMean!), await numbers(layer.runningVar!)];
  };
  expect(await run(true)).toEqual(await run(false));
});

test("parameters are those that PyTorch has", () => {
  expect(Object.keys(new GroupNorm(1, 2).stateDict())).toEqual(["weight", "bias"]);
  expect(new GroupNorm(1, 2, { affine: false }).parameters()).toEqual([]);
  expect(Object.keys(new RMSNorm([2, 3]).stateDict())).toEqual(["weight"]);
  expect(new InstanceNorm2d(2).parameters()).toEqual([]);
  expect(Object.keys(new InstanceNorm2d(2, { affine: true, trackRunningStats: true }).stateDict())).toEqual([
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "num_batches_tracked",
  ]);
});

test("RMS norm's default epsilon is that of the dtype", async () => {
  for (const [dtype, eps] of [
    ["f32", 2 ** -23],
    ["f64", 2 ** -52],
  ] as const) {
    const tiny = Math.sqrt(eps);
    const [y] = await numbers(rmsNorm(tensor([tiny], { dtype }), [1]));
    expect(y).toBeCloseTo(Math.SQRT1_2, 6); // mean square = eps
  }
});

test("mistakes are named", () => {
  const x = zeros([2, 4, 3]);
  expect(() => groupNorm(x, 3)).toThrow(ArgumentError);
  expect(() => groupNorm(x, 3)).toThrow("4 channels do not fall into 3 equal groups");
  expect(() => groupNorm(zeros([1, 4]), 4)).toThrow("more than one value a group");
  expect(() => groupNorm(zeros([4]), 2)).toThrow("(N, C, …)");
  expect(() => groupNorm(x, 2, { weight: ones([2]) })).toThrow("has 4 channels");
  expect(() => new GroupNorm(2, 3)).toThrow(ArgumentError);
  expect(() => new GroupNorm(2, 4).forward(zeros([1, 6, 2]))).toThrow("In GroupNorm(2, 4");
  expect(() => instanceNorm(zeros([2, 4, 1]))).toThrow("more than one position");
  expect(() => instanceNorm(x, { useInputStats: false })).toThrow("runningMean and runningVar");
  expect(() => new InstanceNorm1d(3).forward(x)).toThrow("3 channels");
  expect(() => new InstanceNorm2d(4).forward(zeros([2, 4]))).toThrow(ShapeError);
  expect(() => rmsNorm(x, [4])).toThrow("rmsNorm: the input (2, 4, 3) does not end in (4,)");
  expect(() => rmsNorm(x, [3], { weight: ones([2]) })).toThrow("must have shape (3,)");
  expect(() => new RMSNorm([])).toThrow(ArgumentError);
  expect(() => layerNorm(x, [])).toThrow(ShapeError);
  expect(() => localResponseNorm(zeros([2, 4]), 3)).toThrow("(N, C, *S)");
  expect(() => localResponseNorm(x, 0)).toThrow(ArgumentError);
  expect(() => new LocalResponseNorm(2.5)).toThrow("number of channels");
  expect(() => batchNorm(x, undefined, undefined, { mask: ones([2, 3]) })).toThrow(DTypeError);
  expect(() => batchNorm(x, undefined, undefined, { mask: tensor([true, true]) })).toThrow(
    "has the positions (2, 3), but the mask is (2,)",
  );
  expect(() => new BatchNorm1d(0)).toThrow("numFeatures must be a whole number above 0");
  expect(() => normalize(zeros([3]))).toThrow("out of range");
});

test("they say what they are", () => {
  expect(`${new BatchNorm1d(2, { momentum: null })}`).toContain("momentum=null");
  expect(`${new LocalResponseNorm(5, { alpha: 1e-3 })}`).toBe("LocalResponseNorm(5, alpha=0.001)");
});
