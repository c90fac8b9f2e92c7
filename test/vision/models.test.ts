import { expect, test } from "vitest";
import { ArgumentError, manualSeed, ones, randn, ShapeError } from "../../src/index.ts";
import type { Module } from "../../src/nn/index.ts";
import {
  alexnet,
  BasicBlock,
  Bottleneck,
  lenet,
  PreActBlock,
  plain20,
  preActResNet20,
  ResNet,
  resnet18,
  resnet20,
  resnet50,
  resnet56,
  vgg11Bn,
  vgg16,
} from "../../src/vision/index.ts";

/** What the last layer sees that does not see everything. */
function field(model: Module, shape: readonly number[]): number {
  const fields = model.summary(shape).rows.map(({ receptiveField: f }) => (typeof f === "object" ? f.size[0] : 0));
  return Math.max(...fields);
}

test("receptive fields are those that Araujo et al. count", () => {
  expect(field(alexnet({ width: 1, hidden: 1 }), [1, 3, 224, 224])).toBe(195);
  expect(field(vgg16({ width: 1, hidden: 1 }), [1, 3, 224, 224])).toBe(212);
  expect(field(resnet18({ width: 1 }), [1, 3, 224, 224])).toBe(435);
  // The 3×3 convolution of a stage's first block has the stride, which looks 32 + 16 + 8 less far than the 483 of the
  // paper's network, where the 1×1 convolution before it has it.
  expect(field(resnet50({ width: 1 }), [1, 3, 224, 224])).toBe(427);
  // 3, and 3 stages of 6 convolutions: 3 + 6·2 + 2 + 5·4 + 4 + 5·8
  expect(field(resnet20({ width: 1 }), [1, 3, 32, 32])).toBe(81);
});

test("parameters and multiply-adds are those that are known of ResNet-18", () => {
  const { parameters, multiplyAdds } = resnet18().summary([1, 3, 224, 224]);
  expect(parameters).toBe(11_689_512);
  expect(multiplyAdds).toBe(1_814_073_344);
});

test("without shortcuts, or with such of zeros, there are as many parameters", () => {
  const count = (model: Module) => model.parameters().reduce((sum, p) => sum + p.numel(), 0);
  // He et al. 2016, table 6: 0.27 and 0.85 million
  expect(count(resnet20())).toBe(269_722);
  expect(count(plain20())).toBe(269_722);
  expect(count(resnet56({ width: 4 }))).toBe(count(resnet56({ width: 4, shortcut: "none" })));
  expect(count(resnet20({ shortcut: "convolution" }))).toBe(269_722 + 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64);
});

test("convolutions begin with the variance 2 / fan-out, normalisations with 1 and 0", async () => {
  manualSeed(0);
  const { conv1, conv2, bn1 } = new ResNet(BasicBlock, [1, 1, 1], { width: 64 }).layer1[0] as BasicBlock;
  for (const { weight } of [conv1, conv2]) {
    expect(Math.abs((await weight.std().item()) / Math.sqrt(2 / (64 * 9)) - 1)).toBeLessThan(0.02); // 36,864 numbers
  }
  expect(bn1.weight?.dataSync().every((x) => x === 1)).toBe(true);
  expect(bn1.bias?.dataSync().every((x) => x === 0)).toBe(true);
  const { features, classifier } = vgg11Bn({ stem: "small", width: 4 });
  expect(
    features
      .stateDict()
      ["0.bias"].dataSync()
      .every((x) => x === 0),
  ).toBe(true);
  expect(Math.abs((await classifier.stateDict()["3.weight"].std().item()) / 0.01 - 1)).toBeLessThan(0.02);
});

test("with zeroInitResidual, blocks begin as their shortcuts", () => {
  const x = randn([2, 4, 5, 5]);
  for (const Block of [BasicBlock, Bottleneck]) {
    const model = new ResNet(Block, [2, 1, 1], { width: 4, zeroInitResidual: true });
    const input = Block === Bottleneck ? randn([2, 16, 5, 5]) : x;
    expect(model.layer1[1].eval().forward(input).dataSync()).toEqual(input.relu().dataSync());
  }
});

test("a shortcut of zeros takes every other pixel and leaves new channels to the layers", () => {
  const block = new PreActBlock(2, 3, { stride: 2, shortcut: "zeros" }).eval();
  block.conv2.weight.assign(block.conv2.weight.mul(0)); // only the shortcut is left
  const x = randn([1, 2, 5, 4]);
  const y = block.forward(x);
  expect(y.shape).toEqual([1, 3, 3, 2]);
  expect(y.slice(":, :2").dataSync()).toEqual(x.slice(":, :, ::2, ::2").dataSync());
  expect(
    y
      .slice(":, 2")
      .dataSync()
      .every((value) => value === 0),
  ).toBe(true);
});

test("small pictures of any size pass through", () => {
  for (const size of [28, 45]) {
    for (const model of [
      vgg11Bn({ stem: "small", width: 1, hidden: 4 }),
      alexnet({ stem: "small", width: 1, hidden: 4, numClasses: 1000 }),
      resnet18({ stem: "small", width: 1 }),
    ]) {
      expect(model.summary([2, 3, size, size]).rows[0].output).toEqual([2, 1000]);
    }
  }
  expect(preActResNet20({ width: 1, inChannels: 1 }).summary([1, 1, 28, 28]).rows[0].output).toEqual([1, 10]);
});

test("errors say what does not fit", () => {
  expect(() => new ResNet(BasicBlock, [2, 2])).toThrow(ArgumentError);
  expect(() => new ResNet(BasicBlock, [2, 2])).toThrow("three or four stages, but layers is [2, 2]");
  expect(() => lenet().forward(ones([1, 1, 32, 32]))).toThrow(ShapeError);
  expect(() => new BasicBlock(4, 4).forward(ones([1, 3, 8, 8]))).toThrow("it takes 4 channels, but the input has 3");
});
