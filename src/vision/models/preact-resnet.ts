import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, Module, type Sequential } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { PreActBlock } from "../blocks/residual.ts";
import { initConvolutions } from "./init-convolutions.ts";
import { type ResNetOptions, stage } from "./resnet.ts";

export type PreActResNetOptions = Omit<ResNetOptions, "stem" | "zeroInitResidual">;

/**
 * A residual network for small pictures whose shortcuts nothing interrupts: a 3×3 convolution, three stages of n
 * pre-activation blocks, a normalisation, ReLU, the mean over all positions and a linear layer.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), 10 by default; 16 channels at first, and shortcuts without parameters.
 * He et al., Identity mappings in deep residual networks, 2016.
 *
 * ```ts
 * new PreActResNet(1, { width: 4 }).forward(zeros([2, 3, 32, 32])).shape; // [ 2, 10 ]
 * ```
 */
export class PreActResNet extends Module {
  readonly conv1: Conv2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly bn: BatchNorm2d;
  readonly avgpool: AdaptiveAvgPool2d = new AdaptiveAvgPool2d(1);
  readonly fc: Linear;

  constructor(n: number, options: PreActResNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3, width = 16, shortcut = "zeros" } = options;
    this.conv1 = new Conv2d(inChannels, width, 3, { padding: 1, bias: false });
    this.layer1 = stage(PreActBlock, width, width, n, { stride: 1, shortcut });
    this.layer2 = stage(PreActBlock, width, 2 * width, n, { stride: 2, shortcut });
    this.layer3 = stage(PreActBlock, 2 * width, 4 * width, n, { stride: 2, shortcut });
    this.bn = new BatchNorm2d(4 * width);
    this.fc = new Linear(4 * width, numClasses);
    initConvolutions(this);
  }

  override forward(x: Tensor): Tensor {
    const y = this.layer3.forward(this.layer2.forward(this.layer1.forward(this.conv1.forward(x)))); // (N, 4·width, H/4, W/4)
    return this.fc.forward(this.avgpool.forward(this.bn.forward(y).relu()).flatten(1)); // (N, numClasses)
  }
}

/** A pre-activation network of 20 layers: three stages of 3 blocks, as `PreActResNet`. */
export function preActResNet20(options: PreActResNetOptions = {}): PreActResNet {
  return new PreActResNet(3, options);
}

/** A pre-activation network of 56 layers: three stages of 9 blocks, as `PreActResNet`. */
export function preActResNet56(options: PreActResNetOptions = {}): PreActResNet {
  return new PreActResNet(9, options);
}

/** A pre-activation network of 110 layers: three stages of 18 blocks, as `PreActResNet`. */
export function preActResNet110(options: PreActResNetOptions = {}): PreActResNet {
  return new PreActResNet(18, options);
}
