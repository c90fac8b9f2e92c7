import { expect, test } from "vitest";
import { cat, randn, type Tensor } from "../../src/index.ts";
import {
  AdaptiveAvgPool2d,
  AvgPool1d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/index.ts";

/** What each row sees: [size, step] along the first spatial dimension. */
const seen = (model: Module, shape: readonly number[]) =>
  model.summary(shape).rows.map(({ receptiveField: f }) => (typeof f === "object" ? [f.size[0], f.step[0]] : f));

const conv = (kernel: number, options = {}) => new Conv2d(1, 1, kernel, { padding: (kernel - 1) >> 1, ...options });

test("three 3x3 layers see what one 7x7 sees", () => {
  expect(seen(new Sequential(conv(3), conv(3), conv(3)), [1, 1, 9, 9]).slice(1)).toEqual([
    [3, 1],
    [5, 1],
    [7, 1],
  ]);
  expect(seen(conv(7), [1, 1, 9, 9])).toEqual([[7, 1]]);
});

test("strides multiply steps, dilation widens kernels", () => {
  // AlexNet: Araujo et al. have 195 after its last pool
  const alexnet = new Sequential(
    new Conv2d(1, 1, 11, { stride: 4, padding: 2 }),
    new MaxPool2d(3, { stride: 2 }),
    conv(5),
    new MaxPool2d(3, { stride: 2 }),
    conv(3),
    conv(3),
    conv(3),
    new MaxPool2d(3, { stride: 2 }),
  );
  expect(seen(alexnet, [1, 1, 224, 224]).slice(1)).toEqual([
    [11, 4],
    [19, 8],
    [51, 8],
    [67, 16],
    [99, 16],
    [131, 16],
    [163, 16],
    [195, 32],
  ]);
  // dilations 1, 2, 4: 3 + 4 + 8
  const wavenet = new Sequential(...[1, 2, 4].map((dilation) => new Conv1d(1, 1, 3, { dilation })), new AvgPool1d(2));
  expect(seen(wavenet, [1, 1, 20]).slice(1)).toEqual([
    [3, 1],
    [7, 1],
    [15, 1],
    [16, 2],
  ]);
});

test("a transposed convolution puts outputs between inputs", () => {
  const model = new Sequential(conv(3, { stride: 2 }), new ConvTranspose2d(1, 1, 2, { stride: 2 }), conv(3));
  expect(seen(model, [1, 1, 8, 8]).slice(1)).toEqual([
    [3, 2],
    [3, 1],
    [5, 1],
  ]);
  expect(seen(new ConvTranspose2d(1, 1, 3, { stride: 2 }), [1, 1, 8, 8])).toEqual([[2, 0.5]]); // one or two inputs
});

test("each dimension has its own", () => {
  const model = new Sequential(new Conv2d(1, 1, [3, 5], { stride: [1, 2] }), new MaxPool2d([2, 3], { stride: [2, 1] }));
  expect(model.summary([1, 1, 20, 20]).rows.map(({ receptiveField }) => receptiveField)).toEqual([
    { size: [4, 9], step: [2, 2] },
    { size: [3, 5], step: [1, 2] },
    { size: [4, 9], step: [2, 2] },
  ]);
  expect(`${model.summary([1, 1, 20, 20])}`).toContain("3 × 5  1 × 2");
});

test("the longest of parallel paths counts, through functions between the layers", () => {
  class Branches extends Module {
    long = new Sequential(conv(5), conv(5));
    short = conv(3);
    last = conv(3);
    override forward(x: Tensor): Tensor {
      const y = x.relu();
      const longer = this.long.forward(y);
      return this.last.forward(cat([longer, this.short.forward(y.mul(2))], 1).sum(1, { keepdim: true }));
    }
  }
  //                                            all      long    long.0  long.1  short   last
  expect(seen(new Branches(), [1, 1, 9, 9])).toEqual([
    [11, 1],
    [9, 1],
    [5, 1],
    [9, 1],
    [3, 1],
    [11, 1],
  ]);
});

test("what is pooled globally, or has no spatial dimensions, sees everything", () => {
  const model = new Sequential(conv(3), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(1, 2));
  expect(seen(model, [1, 1, 8, 8])).toEqual(["all", [3, 1], "all", "all", "all"]);
  expect(seen(new Sequential(conv(3), new AdaptiveAvgPool2d(2)), [1, 1, 9, 9])[2]).toEqual([7, 4.5]); // 5 of 9, each half
  expect(seen(new Sequential(new Linear(4, 2), new ReLU()), [1, 4])).toEqual([undefined, undefined, undefined]);
  expect(`${new Linear(4, 2).summary([1, 4])}`).not.toContain("Receptive");
});

test("weights see nothing, even such as are computed", () => {
  const model = conv(3);
  model.weight.assign(randn(model.weight.shape).mul(2));
  expect(seen(model, [1, 1, 8, 8])).toEqual([[3, 1]]);
});

test("layers stand one step deeper than the module that holds them, also through an array", () => {
  class Stages extends Module {
    readonly stages = [new Sequential(new ReLU()), new ReLU()];
    override forward(x: Tensor): Tensor {
      return this.stages.reduce((seen, stage) => stage.forward(seen), x);
    }
  }
  const names = `${new Stages().summary([1, 4])}`
    .split("\n")
    .slice(2, -2)
    .map((line) => line.split("  (")[0].trimEnd());
  expect(names).toEqual(["Stages", "  stages.0: Sequential", "    stages.0.0: ReLU", "  stages.1: ReLU"]);
});
