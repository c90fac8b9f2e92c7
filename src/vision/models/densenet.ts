import { BatchNorm2d, Conv2d, init, type Layer, Linear, MaxPool2d, Module, ReLU } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { DenseBlock, type DenseOptions, Transition } from "../blocks/index.ts";
import type { ClassifierOptions } from "./options.ts";

export interface DenseNetOptions extends ClassifierOptions, DenseOptions {
  /** channels that each layer adds; 32 by default */
  growthRate?: number;
  /** numbers of layers of the dense blocks; [6, 12, 24, 16] by default */
  blockConfig?: readonly number[];
  /** channels of the first convolution; 64 by default */
  numInitFeatures?: number;
}

/**
 * A network of dense blocks, between which a transition halves channels and sizes.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits. The large stem is a 7×7 convolution and a maximum, each of
 * stride 2; the small one a 3×3 convolution. torchvision's class of that name, which has the large one. Huang et al.,
 * Densely connected convolutional networks, 2017.
 *
 * ```ts
 * const model = new DenseNet({ blockConfig: [2, 2], growthRate: 4, numInitFeatures: 8, numClasses: 10, stem: "small" });
 * model.forward(zeros([1, 3, 8, 8])).shape; // [ 1, 10 ]
 * ```
 */
export class DenseNet extends Module {
  readonly features: Readonly<Record<string, Layer>>;
  readonly classifier: Linear;

  constructor(options: DenseNetOptions = {}) {
    super();
    const { growthRate = 32, blockConfig = [6, 12, 24, 16], numInitFeatures = 64 } = options;
    const { numClasses = 1000, inChannels = 3, stem = "imagenet" } = options;
    const features: Record<string, Layer> = stemOf(stem, inChannels, numInitFeatures);
    let channels = numInitFeatures;
    for (const [i, numLayers] of blockConfig.entries()) {
      features[`denseblock${i + 1}`] = new DenseBlock(numLayers, channels, growthRate, options);
      channels += numLayers * growthRate;
      if (i === blockConfig.length - 1) continue;
      features[`transition${i + 1}`] = new Transition(channels, Math.floor(channels / 2));
      channels = Math.floor(channels / 2);
    }
    features["norm5"] = new BatchNorm2d(channels);
    this.features = features;
    this.classifier = new Linear(channels, numClasses);
    this.apply((layer) => {
      if (layer instanceof Conv2d) init.kaimingNormal(layer.weight);
      if (layer instanceof Linear && layer.bias) init.zeros(layer.bias);
    });
  }

  override forward(x: Tensor): Tensor {
    for (const layer of Object.values(this.features)) x = layer.forward(x);
    return this.classifier.forward(x.relu().mean([2, 3])); // (N, C, H, W) ─► (N, C)
  }
}

function stemOf(stem: "imagenet" | "small", inChannels: number, channels: number): Record<string, Layer> {
  if (stem === "small") return { conv0: new Conv2d(inChannels, channels, 3, { padding: 1, bias: false }) };
  return {
    conv0: new Conv2d(inChannels, channels, 7, { stride: 2, padding: 3, bias: false }),
    norm0: new BatchNorm2d(channels),
    relu0: new ReLU(),
    pool0: new MaxPool2d(3, { stride: 2, padding: 1 }),
  };
}

/** DenseNet-121, of 121 layers, for photographs: see `DenseNet`. It has 7,978,856 parameters for 1,000 classes. */
export function densenet121(options: ClassifierOptions & DenseOptions = {}): DenseNet {
  return new DenseNet(options);
}

/**
 * The paper's DenseNet-BC of 100 layers for small pictures, which grows by 12 channels: see `DenseNet`. It has 10
 * classes by default, and then 769,162 parameters.
 */
export function densenet100(options: Omit<ClassifierOptions, "stem"> & DenseOptions = {}): DenseNet {
  const small = { growthRate: 12, blockConfig: [16, 16, 16], numInitFeatures: 24, stem: "small" } as const;
  return new DenseNet({ ...small, numClasses: 10, ...options });
}
