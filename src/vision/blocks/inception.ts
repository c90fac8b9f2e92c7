import { BatchNorm2d, Conv2d, MaxPool2d, Module, Sequential } from "../../nn/index.ts";
import { cat, type Tensor } from "../../tensor/index.ts";

export interface BasicConv2dOptions {
  /** distance between the windows; 1 by default */
  stride?: number;
  /** at both ends; 0 by default */
  padding?: number;
}

/**
 * A convolution without a bias, batch normalisation with eps 0.001, and ReLU.
 *
 * Shapes: (N, C, H, W) ─► (N, O, H′, W′), sizes and errors as in `conv2d`. torchvision's class of that name.
 *
 * ```ts
 * new BasicConv2d(3, 8, 3, { padding: 1 }).forward(zeros([2, 3, 6, 6])).shape; // [ 2, 8, 6, 6 ]
 * ```
 */
export class BasicConv2d extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: BasicConv2dOptions = {}) {
    super();
    this.conv = new Conv2d(inChannels, outChannels, kernelSize, { ...options, bias: false });
    this.bn = new BatchNorm2d(outChannels, { eps: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    return this.bn.forward(this.conv.forward(x)).relu();
  }
}

/** How many channels an `Inception` block has at which place. */
export interface InceptionChannels {
  /** of the 1×1 branch */
  ch1x1: number;
  /** before the 3×3 convolution */
  ch3x3red: number;
  /** of the 3×3 branch */
  ch3x3: number;
  /** before the 5×5 convolution */
  ch5x5red: number;
  /** of the 5×5 branch */
  ch5x5: number;
  /** of the branch that pools */
  poolProj: number;
}

export interface InceptionOptions {
  /** size of the third branch's kernel: 5 in the paper; 3 by default, since torchvision's weights have it */
  kernelSize5x5?: 3 | 5;
}

/**
 * Four branches side by side, their channels one after the other: 1×1; 1×1 and 3×3; 1×1 and 5×5; 3×3 maximum and 1×1.
 *
 * Shapes: (N, C, H, W) ─► (N, ch1x1 + ch3x3 + ch5x5 + poolProj, H, W). torchvision's class of that name. Szegedy et al.,
 * Going deeper with convolutions, 2015.
 *
 * ```ts
 * const channels = { ch1x1: 64, ch3x3red: 96, ch3x3: 128, ch5x5red: 16, ch5x5: 32, poolProj: 32 };
 * const block = new Inception(192, channels, { kernelSize5x5: 5 });
 * block.forward(zeros([1, 192, 4, 4])).shape; // [ 1, 256, 4, 4 ]
 * ```
 */
export class Inception extends Module {
  readonly branch1: BasicConv2d;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;

  constructor(inChannels: number, channels: InceptionChannels, { kernelSize5x5: size = 3 }: InceptionOptions = {}) {
    super();
    const { ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj } = channels;
    this.branch1 = new BasicConv2d(inChannels, ch1x1, 1);
    this.branch2 = new Sequential(
      new BasicConv2d(inChannels, ch3x3red, 1),
      new BasicConv2d(ch3x3red, ch3x3, 3, { padding: 1 }),
    );
    this.branch3 = new Sequential(
      new BasicConv2d(inChannels, ch5x5red, 1),
      new BasicConv2d(ch5x5red, ch5x5, size, { padding: (size - 1) / 2 }),
    );
    this.branch4 = new Sequential(
      new MaxPool2d(3, { stride: 1, padding: 1 }),
      new BasicConv2d(inChannels, poolProj, 1),
    );
  }

  override forward(x: Tensor): Tensor {
    const branches = [this.branch1, this.branch2, this.branch3, this.branch4];
    return cat(
      branches.map((branch) => branch.forward(x)),
      1,
    );
  }
}
