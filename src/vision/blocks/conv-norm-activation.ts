import { BatchNorm2d, Conv2d, type Layer, ReLU, Sequential } from "../../nn/index.ts";

export interface Conv2dNormActivationOptions {
  /** distance between the windows; 1 by default */
  stride?: number;
  /** at both ends; ⌊(kernelSize − 1) / 2⌋ · dilation by default, which keeps the sizes at stride 1 and an odd kernel */
  padding?: number;
  /** distance between the kernel's taps; 1 by default */
  dilation?: number;
  /** how many parts the channels fall into, each convolved on its own; 1 by default */
  groups?: number;
  /** whether the convolution has a bias; by default it has one only without a normalisation */
  bias?: boolean;
  /** makes the normalisation of so many channels, `BatchNorm2d` by default; null leaves it out */
  norm?: ((channels: number) => Layer) | null;
  /** makes the activation, `ReLU` by default; null leaves it out */
  activation?: (() => Layer) | null;
}

/**
 * A convolution, a normalisation and an activation: activation(norm(conv(x))), the layers 0, 1 and 2 of a `Sequential`.
 *
 * Shapes: (N, C, H, W) ─► (N, O, H′, W′), sizes and errors as in `conv2d`. torchvision's class of that name.
 *
 * ```ts
 * const block = new Conv2dNormActivation(3, 8, 3, { stride: 2, activation: () => new SiLU() });
 * block.forward(zeros([2, 3, 32, 32])).shape; // [ 2, 8, 16, 16 ]
 * block[0]; // Conv2d(3, 8, kernelSize=(3, 3), stride=(2, 2), padding=(1, 1), bias=false)
 * ```
 */
export class Conv2dNormActivation extends Sequential {
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv2dNormActivationOptions = {}) {
    const { stride = 1, dilation = 1, groups = 1 } = options;
    const { norm = (channels) => new BatchNorm2d(channels), activation = () => new ReLU() } = options;
    const { padding = Math.floor((kernelSize - 1) / 2) * dilation, bias = norm === null } = options;
    super(
      new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, dilation, groups, bias }),
      ...(norm ? [norm(outChannels)] : []),
      ...(activation ? [activation()] : []),
    );
  }
}
