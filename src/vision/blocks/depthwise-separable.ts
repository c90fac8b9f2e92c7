import { Sequential } from "../../nn/index.ts";
import { Conv2dNormActivation } from "./conv-norm-activation.ts";

export interface DepthwiseSeparableOptions {
  /** of the depthwise convolution; 1 by default */
  stride?: number;
}

/**
 * A 3×3 depthwise convolution, which mixes positions, and a 1×1 one, which mixes channels, each with batch normalisation
 * and ReLU: 9·C + C·O weights instead of 9·C·O.
 *
 * Shapes: (N, C, H, W) ─► (N, O, ⌈H / stride⌉, ⌈W / stride⌉). Howard et al., MobileNets, 2017.
 *
 * ```ts
 * const block = new DepthwiseSeparable(32, 64);
 * block.forward(zeros([2, 32, 8, 8])).shape; // [ 2, 64, 8, 8 ]
 * block.summary([1, 32, 8, 8]).multiplyAdds; // 149504
 * ```
 */
export class DepthwiseSeparable extends Sequential {
  constructor(inChannels: number, outChannels: number, { stride = 1 }: DepthwiseSeparableOptions = {}) {
    super(
      new Conv2dNormActivation(inChannels, inChannels, 3, { stride, groups: inChannels }),
      new Conv2dNormActivation(inChannels, outChannels, 1),
    );
  }
}
