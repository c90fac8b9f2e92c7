import { BatchNorm2d, Conv2d, Hardsigmoid, type Layer, Module, ReLU6, Sequential } from "../../nn/index.ts";
import { ArgumentError, type Tensor } from "../../tensor/index.ts";
import { Conv2dNormActivation } from "./conv-norm-activation.ts";
import { divisible } from "./divisible.ts";
import { SqueezeExcitation } from "./squeeze-excitation.ts";

export interface InvertedResidualOptions {
  /** of the depthwise convolution: 1, the default, or 2 */
  stride?: 1 | 2;
  /** by how much the channels grow inside; 6 by default */
  expandRatio?: number;
  /** whether channels are weighed after the depthwise convolution, as in MobileNetV3; false by default */
  squeezeExcitation?: boolean;
  /** makes the normalisation of so many channels; `BatchNorm2d` by default */
  norm?: (channels: number) => Layer;
  /** makes the activation: `ReLU6` by default, `Hardswish` in most of MobileNetV3 */
  activation?: () => Layer;
}

/**
 * An inverted residual: 1×1 convolution to expandRatio · C channels, 3×3 depthwise convolution, 1×1 convolution to O
 * channels without an activation; x is added if the shape stays (stride 1, C = O). At ratio 1, the first one is left out.
 *
 * `squeezeExcitation` weighs the inner channels: a quarter of them, in multiples of 8, with a hard sigmoid.
 *
 * Shapes: (N, C, H, W) ─► (N, O, ⌈H / stride⌉, ⌈W / stride⌉). Without squeeze-and-excitation, MobileNetV2's block in
 * torchvision. Throws an ArgumentError if the stride is neither 1 nor 2. Sandler et al., MobileNetV2: inverted residuals
 * and linear bottlenecks, 2018; Howard et al., Searching for MobileNetV3, 2019.
 *
 * ```ts
 * const block = new InvertedResidual(16, 24, { stride: 2 });
 * block.forward(zeros([2, 16, 8, 8])).shape; // [ 2, 24, 4, 4 ]
 * block.summary([1, 16, 8, 8]).parameters; // 5136
 * ```
 */
export class InvertedResidual extends Module {
  readonly conv: Sequential;
  /** whether x is added */
  readonly residual: boolean;

  constructor(inChannels: number, outChannels: number, options: InvertedResidualOptions = {}) {
    super();
    const { stride = 1, expandRatio = 6, squeezeExcitation = false } = options;
    const { norm = (channels) => new BatchNorm2d(channels), activation = () => new ReLU6() } = options;
    if (stride !== 1 && stride !== 2)
      throw new ArgumentError(`InvertedResidual: stride must be 1 or 2, not ${stride}.`);
    const inner = Math.round(inChannels * expandRatio);
    const shared = { norm, activation };
    this.conv = new Sequential(
      ...(expandRatio === 1 ? [] : [new Conv2dNormActivation(inChannels, inner, 1, shared)]),
      new Conv2dNormActivation(inner, inner, 3, { stride, groups: inner, ...shared }),
      ...(squeezeExcitation
        ? [new SqueezeExcitation(inner, divisible(inner / 4, 8), { scaleActivation: () => new Hardsigmoid() })]
        : []),
      new Conv2d(inner, outChannels, 1, { bias: false }),
      norm(outChannels),
    );
    this.residual = stride === 1 && inChannels === outChannels;
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv.forward(x);
    return this.residual ? x.add(y) : y;
  }
}
