import { AvgPool2d, BatchNorm2d, Conv2d, Dropout, Module } from "../../nn/index.ts";
import { cat, type Tensor } from "../../tensor/index.ts";

export interface DenseOptions {
  /** the bottleneck's channels, in growth rates; 4 by default */
  bnSize?: number;
  /** the probability with which each layer's result is dropped; 0 by default */
  dropRate?: number;
}

/**
 * What a dense block is made of: batch normalisation, ReLU and a 1×1 convolution to bnSize · growthRate channels, then
 * batch normalisation, ReLU and a 3×3 convolution to `growthRate` channels.
 *
 * Shapes: (N, C, H, W) ─► (N, growthRate, H, W). torchvision's _DenseLayer. Huang et al., Densely connected convolutional
 * networks, 2017.
 */
export class DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly dropout: Dropout;

  constructor(inChannels: number, growthRate: number, { bnSize = 4, dropRate = 0 }: DenseOptions = {}) {
    super();
    this.norm1 = new BatchNorm2d(inChannels);
    this.conv1 = new Conv2d(inChannels, bnSize * growthRate, 1, { bias: false });
    this.norm2 = new BatchNorm2d(bnSize * growthRate);
    this.conv2 = new Conv2d(bnSize * growthRate, growthRate, 3, { padding: 1, bias: false });
    this.dropout = new Dropout(dropRate);
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.conv1.forward(this.norm1.forward(x).relu()); // (N, bnSize · growthRate, H, W)
    return this.dropout.forward(this.conv2.forward(this.norm2.forward(narrow).relu()));
  }
}

/**
 * Layers each of which sees the block's input and what all layers before it gave; all of that is the result.
 *
 * Shapes: (N, C, H, W) ─► (N, C + numLayers · growthRate, H, W). torchvision's _DenseBlock, with its layers
 * denselayer1, denselayer2, …
 *
 * ```ts
 * const block = new DenseBlock(2, 8, 4);
 * block.forward(zeros([1, 8, 6, 6])).shape; // [ 1, 16, 6, 6 ]
 * Object.keys(block.stateDict())[0]; // "denselayer1.norm1.weight"
 * ```
 */
export class DenseBlock extends Module {
  readonly [name: `denselayer${number}`]: DenseLayer;
  readonly numLayers: number;

  constructor(numLayers: number, inChannels: number, growthRate: number, options: DenseOptions = {}) {
    super();
    this.numLayers = numLayers;
    for (let i = 0; i < numLayers; i++) {
      Object.assign(this, { [`denselayer${i + 1}`]: new DenseLayer(inChannels + i * growthRate, growthRate, options) });
    }
  }

  override forward(x: Tensor): Tensor {
    for (let i = 1; i <= this.numLayers; i++) x = cat([x, this[`denselayer${i}`].forward(x)], 1); // (N, C + i·growth, H, W)
    return x;
  }
}

/**
 * What stands between two dense blocks: batch normalisation, ReLU, a 1×1 convolution, and the mean of 2×2 windows.
 *
 * Shapes: (N, C, H, W) ─► (N, O, ⌊H / 2⌋, ⌊W / 2⌋). torchvision's _Transition.
 *
 * ```ts
 * new Transition(16, 8).forward(zeros([1, 16, 6, 6])).shape; // [ 1, 8, 3, 3 ]
 * ```
 */
export class Transition extends Module {
  readonly norm: BatchNorm2d;
  readonly conv: Conv2d;
  readonly pool: AvgPool2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.norm = new BatchNorm2d(inChannels);
    this.conv = new Conv2d(inChannels, outChannels, 1, { bias: false });
    this.pool = new AvgPool2d(2);
  }

  override forward(x: Tensor): Tensor {
    return this.pool.forward(this.conv.forward(this.norm.forward(x).relu()));
  }
}
