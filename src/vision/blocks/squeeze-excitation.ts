import { AdaptiveAvgPool2d, Conv2d, type Layer, Module, ReLU, Sigmoid } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

export interface SqueezeExcitationOptions {
  /** makes the activation between the two convolutions; `ReLU` by default */
  activation?: () => Layer;
  /** makes what turns numbers into factors: `Sigmoid` by default, `Hardsigmoid` in MobileNetV3 */
  scaleActivation?: () => Layer;
}

/**
 * Weighs channels by what they hold: x · σ(W₂·δ(W₁·mean(x) + b₁) + b₂), with the mean over all positions.
 *
 * Shapes: (N, C, H, W) ─► the same; the W are 1×1 convolutions, C ─► `squeezeChannels` ─► C. torchvision's class of that
 * name. Hu et al., Squeeze-and-excitation networks, 2018.
 *
 * ```ts
 * new SqueezeExcitation(16, 4).forward(zeros([2, 16, 8, 8])).shape; // [ 2, 16, 8, 8 ]
 * ```
 */
export class SqueezeExcitation extends Module {
  readonly avgpool: AdaptiveAvgPool2d;
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: Layer;
  readonly scaleActivation: Layer;

  constructor(inputChannels: number, squeezeChannels: number, options: SqueezeExcitationOptions = {}) {
    super();
    const { activation = () => new ReLU(), scaleActivation = () => new Sigmoid() } = options;
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.fc1 = new Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = activation();
    this.scaleActivation = scaleActivation();
  }

  override forward(x: Tensor): Tensor {
    const squeezed = this.activation.forward(this.fc1.forward(this.avgpool.forward(x))); // (N, S, 1, 1)
    return this.scaleActivation.forward(this.fc2.forward(squeezed)).mul(x);
  }
}
