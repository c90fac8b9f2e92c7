import { ArgumentError } from "../../core/errors.ts";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, Sequential } from "../../nn/index.ts";
import { type Tensor, zeros } from "../../tensor/index.ts";
import { BasicBlock, Bottleneck, type ResidualBlock, type Shortcut } from "../blocks/residual.ts";
import { initConvolutions } from "./init-convolutions.ts";
import type { ClassifierOptions } from "./options.ts";

/** The networks for CIFAR have 10 classes and the small stem by default. */
export interface ResNetOptions extends ClassifierOptions {
  /** channels of the first stage, which each further one doubles; 64 by default, 16 in the networks for CIFAR */
  width?: number;
  /** what goes around blocks; `"convolution"` by default, `"zeros"` in the networks for CIFAR, `"none"` in plain ones */
  shortcut?: Shortcut;
  /** whether the last normalisation of every block begins at 0, so that blocks begin as their shortcuts; false by default */
  zeroInitResidual?: boolean;
}

/** A stage: blocks one after the other, the first of which has the stride. */
export function stage(
  Block: ResidualBlock,
  inChannels: number,
  channels: number,
  blocks: number,
  options: { stride: number; shortcut?: Shortcut },
): Sequential {
  const { stride, shortcut } = options;
  const outChannels = channels * Block.expansion;
  const first = new Block(inChannels, channels, { stride, shortcut });
  const others = Array.from({ length: blocks - 1 }, () => new Block(outChannels, channels, { shortcut }));
  return new Sequential(first, ...others);
}

/**
 * A residual network: a stem, three or four stages of blocks, the mean over all positions and a linear layer.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits. The large stem is a 7×7 convolution and a max pool, each of
 * stride 2, the small one a 3×3 convolution of stride 1. Each stage but the first halves height and width and doubles
 * the channels. Names and beginnings are torchvision's, whose state dicts load: convolutions N(0, 2 / fan-out),
 * normalisations 1 and 0. Throws an ArgumentError unless `layers` has three or four numbers of blocks.
 * He et al., Deep residual learning for image recognition, 2016.
 *
 * ```ts
 * const model = new ResNet(BasicBlock, [1, 1, 1], { numClasses: 10, inChannels: 1, width: 8, stem: "small" });
 * model.forward(zeros([2, 1, 28, 28])).shape; // [ 2, 10 ]
 * model.layer3.namedParameters().length; // 9
 * ```
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool: MaxPool2d | undefined;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential | undefined;
  readonly avgpool: AdaptiveAvgPool2d = new AdaptiveAvgPool2d(1);
  readonly fc: Linear;

  constructor(Block: ResidualBlock, layers: readonly number[], options: ResNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, stem = "imagenet", width = 64 } = options;
    const { shortcut, zeroInitResidual = false } = options;
    if (layers.length !== 3 && layers.length !== 4) {
      throw new ArgumentError(`ResNet has three or four stages, but layers is [${layers.join(", ")}].`);
    }
    const small = stem === "small";
    this.conv1 = new Conv2d(inChannels, width, small ? 3 : 7, {
      stride: small ? 1 : 2,
      padding: small ? 1 : 3,
      bias: false,
    });
    this.bn1 = new BatchNorm2d(width);
    this.maxpool = small ? undefined : new MaxPool2d(3, { stride: 2, padding: 1 });
    const { expansion } = Block;
    this.layer1 = stage(Block, width, width, layers[0], { stride: 1, shortcut });
    this.layer2 = stage(Block, width * expansion, 2 * width, layers[1], { stride: 2, shortcut });
    this.layer3 = stage(Block, 2 * width * expansion, 4 * width, layers[2], { stride: 2, shortcut });
    const four = layers.length === 4;
    this.layer4 = four ? stage(Block, 4 * width * expansion, 8 * width, layers[3], { stride: 2, shortcut }) : undefined;
    this.fc = new Linear((four ? 8 : 4) * width * expansion, numClasses);
    initConvolutions(this);
    if (zeroInitResidual) {
      for (const block of this.modules()) {
        if (block instanceof BasicBlock) block.bn2.weight?.assign(zeros([block.bn2.numFeatures]));
        if (block instanceof Bottleneck) block.bn3.weight?.assign(zeros([block.bn3.numFeatures]));
      }
    }
  }

  override forward(x: Tensor): Tensor {
    let y = this.bn1.forward(this.conv1.forward(x)).relu(); // (N, width, H, W), or a half of each
    if (this.maxpool) y = this.maxpool.forward(y);
    y = this.layer3.forward(this.layer2.forward(this.layer1.forward(y)));
    if (this.layer4) y = this.layer4.forward(y);
    return this.fc.forward(this.avgpool.forward(y).flatten(1)); // (N, channels, 1, 1) ─► (N, numClasses)
  }
}

/**
 * ResNet-18: four stages of 2 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `ResNet`.
 *
 * ```ts
 * const model = resnet18({ numClasses: 10, inChannels: 1, stem: "small", width: 8 });
 * model.forward(zeros([2, 1, 28, 28])).shape; // [ 2, 10 ]
 * ```
 */
export function resnet18(options: ResNetOptions = {}): ResNet {
  return new ResNet(BasicBlock, [2, 2, 2, 2], options);
}

/** ResNet-34: four stages of 3, 4, 6 and 3 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `ResNet`. */
export function resnet34(options: ResNetOptions = {}): ResNet {
  return new ResNet(BasicBlock, [3, 4, 6, 3], options);
}

/** ResNet-50: four stages of 3, 4, 6 and 3 bottlenecks. (N, inChannels, H, W) ─► (N, numClasses), as `ResNet`. */
export function resnet50(options: ResNetOptions = {}): ResNet {
  return new ResNet(Bottleneck, [3, 4, 6, 3], options);
}

/** ResNet-101: four stages of 3, 4, 23 and 3 bottlenecks. (N, inChannels, H, W) ─► (N, numClasses), as `ResNet`. */
export function resnet101(options: ResNetOptions = {}): ResNet {
  return new ResNet(Bottleneck, [3, 4, 23, 3], options);
}
