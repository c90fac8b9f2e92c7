import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  init,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { initConvolutions } from "./init-convolutions.ts";
import type { ClassifierOptions } from "./options.ts";

export interface VggOptions extends ClassifierOptions {
  /** channels of the first convolution; the five stages have 1, 2, 4, 8 and 8 times as many; 64 by default */
  width?: number;
  /** of each linear layer that is hidden; 4096 by default, 512 with the small stem */
  hidden?: number;
  /** the part of the linear layers' inputs that training drops; 0.5 by default */
  dropout?: number;
}

export interface VggLayerOptions extends VggOptions {
  /** whether a normalisation follows each convolution; false by default */
  batchNorm?: boolean;
}

/**
 * A VGG network: five stages of 3×3 convolutions with ReLU, each with a max pool after it, and three linear layers.
 *
 * `stages` says how many convolutions each stage has. Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits; an
 * adaptive pool brings any size to 7×7. Names and beginnings are torchvision's, whose state dicts load: convolutions
 * N(0, 2 / fan-out), linear layers N(0, 0.01²), biases 0. All begin alike, but with `stem: "small"`, for 28 to
 * 64 pixels, the max pools keep an odd last row and column, so that 28×28 passes through all five, the adaptive pool gives
 * 1×1, and hidden linear layers have 512 outputs.
 * Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2015.
 *
 * ```ts
 * const model = new VGG([1, 1, 1, 1, 1], { numClasses: 10, inChannels: 1, stem: "small", width: 8 });
 * model.forward(zeros([2, 1, 28, 28])).shape; // [ 2, 10 ]
 * ```
 */
export class VGG extends Module {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly classifier: Sequential;

  constructor(stages: readonly number[], options: VggLayerOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, stem = "imagenet", width = 64 } = options;
    const { dropout = 0.5, batchNorm = false } = options;
    const small = stem === "small";
    const { hidden = small ? 512 : 4096 } = options;
    let channels = inChannels;
    const convolution = (to: number): Layer[] => {
      const conv = new Conv2d(channels, to, 3, { padding: 1 });
      channels = to;
      return [conv, ...(batchNorm ? [new BatchNorm2d(to)] : []), new ReLU()];
    };
    this.features = new Sequential(
      ...stages.flatMap((count, i) => [
        ...Array.from({ length: count }, () => convolution(width * Math.min(2 ** i, 8))).flat(),
        new MaxPool2d(2, { ceilMode: small }),
      ]),
    );
    const side = small ? 1 : 7;
    this.avgpool = new AdaptiveAvgPool2d(side);
    this.classifier = new Sequential(
      new Linear(channels * side * side, hidden),
      new ReLU(),
      new Dropout(dropout),
      new Linear(hidden, hidden),
      new ReLU(),
      new Dropout(dropout),
      new Linear(hidden, numClasses),
    );
    initConvolutions(this);
    for (const layer of this.modules()) {
      if (layer instanceof Linear) init.normal(layer.weight, { std: 0.01 });
      if ((layer instanceof Linear || layer instanceof Conv2d) && layer.bias) init.zeros(layer.bias);
    }
  }

  override forward(x: Tensor): Tensor {
    const pooled = this.avgpool.forward(this.features.forward(x)); // (N, 8·width, 7, 7)
    return this.classifier.forward(pooled.flatten(1)); // (N, 392·width) ─► (N, numClasses)
  }
}

/** Convolutions in each stage: configurations A, B, D and E of the paper. */
const STAGES = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;

/** VGG with 11 layers: 8 convolutions. (N, inChannels, H, W) ─► (N, numClasses), as `VGG`. */
export function vgg11(options: VggOptions = {}): VGG {
  return new VGG(STAGES[11], options);
}

/** `vgg11` with a batch normalisation after each convolution. */
export function vgg11Bn(options: VggOptions = {}): VGG {
  return new VGG(STAGES[11], { ...options, batchNorm: true });
}

/** VGG with 13 layers: 10 convolutions. (N, inChannels, H, W) ─► (N, numClasses), as `VGG`. */
export function vgg13(options: VggOptions = {}): VGG {
  return new VGG(STAGES[13], options);
}

/** `vgg13` with a batch normalisation after each convolution. */
export function vgg13Bn(options: VggOptions = {}): VGG {
  return new VGG(STAGES[13], { ...options, batchNorm: true });
}

/** VGG with 16 layers: 13 convolutions. (N, inChannels, H, W) ─► (N, numClasses), as `VGG`. */
export function vgg16(options: VggOptions = {}): VGG {
  return new VGG(STAGES[16], options);
}

/** `vgg16` with a batch normalisation after each convolution. */
export function vgg16Bn(options: VggOptions = {}): VGG {
  return new VGG(STAGES[16], { ...options, batchNorm: true });
}

/** VGG with 19 layers: 16 convolutions. (N, inChannels, H, W) ─► (N, numClasses), as `VGG`. */
export function vgg19(options: VggOptions = {}): VGG {
  return new VGG(STAGES[19], options);
}

/** `vgg19` with a batch normalisation after each convolution. */
export function vgg19Bn(options: VggOptions = {}): VGG {
  return new VGG(STAGES[19], { ...options, batchNorm: true });
}
