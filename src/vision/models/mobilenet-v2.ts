import { Conv2d, Dropout, init, Linear, Module, ReLU6, Sequential } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { divisible } from "../blocks/divisible.ts";
import { Conv2dNormActivation, InvertedResidual } from "../blocks/index.ts";
import type { ClassifierOptions } from "./options.ts";

/** Blocks one after the other: their expandRatio, channels, number, and the stride of the first. */
export type InvertedResidualSetting = readonly [expandRatio: number, channels: number, blocks: number, stride: 1 | 2];

export interface MobileNetV2Options extends ClassifierOptions {
  /** by how much all channels are multiplied; 1 by default */
  widthMult?: number;
  /** the paper's table 2 by default; with the small stem, its second line has stride 1 */
  invertedResidualSetting?: readonly InvertedResidualSetting[];
  /** what divides all numbers of channels; 8 by default */
  roundNearest?: number;
  /** the probability with which the classifier's inputs are dropped; 0.2 by default */
  dropout?: number;
}

const settings = (stem: "imagenet" | "small"): readonly InvertedResidualSetting[] => [
  [1, 16, 1, 1],
  [6, 24, 2, stem === "small" ? 1 : 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/**
 * A network of inverted residuals, for little computation.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits. The stem is a 3×3 convolution, of stride 2 for large pictures
 * and 1 for small ones, where the sizes shrink by 8 altogether instead of 32. torchvision's class of that name, which has
 * the large one. Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, 2018.
 *
 * ```ts
 * const invertedResidualSetting = [[1, 16, 1, 1], [6, 24, 2, 2]] as const; // 1 + 2 + 2 · 3 + 1 convolutions
 * const model = new MobileNetV2({ numClasses: 10, invertedResidualSetting });
 * model.summary([1, 3, 32, 32]).rows.filter(({ type }) => type === "Conv2d").length; // 10
 * ```
 */
export class MobileNetV2 extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(options: MobileNetV2Options = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, stem = "imagenet" } = options;
    const { widthMult = 1, invertedResidualSetting = settings(stem), roundNearest = 8, dropout = 0.2 } = options;
    const activation = () => new ReLU6();
    let channels = divisible(32 * widthMult, roundNearest);
    const stride = stem === "small" ? 1 : 2;
    const first = new Conv2dNormActivation(inChannels, channels, 3, { stride, activation });
    const blocks: InvertedResidual[] = [];
    for (const [expandRatio, unscaled, count, firstStride] of invertedResidualSetting) {
      const wanted = divisible(unscaled * widthMult, roundNearest);
      for (let i = 0; i < count; i++) {
        blocks.push(new InvertedResidual(channels, wanted, { expandRatio, stride: i === 0 ? firstStride : 1 }));
        channels = wanted;
      }
    }
    const last = divisible(1280 * Math.max(1, widthMult), roundNearest);
    this.features = new Sequential(first, ...blocks, new Conv2dNormActivation(channels, last, 1, { activation }));
    this.classifier = new Sequential(new Dropout(dropout), new Linear(last, numClasses));
    this.apply((layer) => {
      if (layer instanceof Conv2d) init.kaimingNormal(layer.weight, { mode: "fanOut" });
      if (layer instanceof Linear) init.normal(layer.weight, { std: 0.01 });
      if (layer instanceof Linear && layer.bias) init.zeros(layer.bias);
    });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x).mean([2, 3])); // (N, C, H, W) ─► (N, C)
  }
}

/** MobileNetV2: see `MobileNetV2`. It has 3,504,872 parameters for 1,000 classes. */
export function mobilenetV2(options: MobileNetV2Options = {}): MobileNetV2 {
  return new MobileNetV2(options);
}
