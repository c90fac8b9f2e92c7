import { AdaptiveAvgPool2d, Conv2d, Dropout, Linear, MaxPool2d, Module, ReLU, Sequential } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { ClassifierOptions } from "./options.ts";

export interface AlexNetOptions extends ClassifierOptions {
  /** channels of the first convolution, which those of the others follow (3, 6, 4 and 4 times); 64 by default */
  width?: number;
  /** of each linear layer that is hidden; 4096 by default, 512 with the small stem */
  hidden?: number;
  /** the part of the linear layers' inputs that training drops; 0.5 by default */
  dropout?: number;
}

/**
 * AlexNet: five convolutions with ReLU, max pools after the first, second and fifth, and three linear layers.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits; an adaptive pool brings any size to 6×6. It is torchvision's
 * network, whose state dicts load (the paper's was split over two devices). With the large stem, pictures are 63×63 or
 * larger. With the small one, which is for 28 to 64 pixels, the first convolution is 3×3 with stride 1 instead of 11×11
 * with stride 4, the adaptive pool gives 2×2, and hidden linear layers have 512 outputs.
 * Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014; Krizhevsky et al., ImageNet
 * classification with deep convolutional neural networks, 2012.
 *
 * ```ts
 * const model = alexnet({ numClasses: 10, inChannels: 1, stem: "small", width: 16 });
 * model.forward(zeros([2, 1, 28, 28])).shape; // [ 2, 10 ]
 * ```
 */
export class AlexNet extends Module {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly classifier: Sequential;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, stem = "imagenet", width = 64, dropout = 0.5 } = options;
    const small = stem === "small";
    const { hidden = small ? 512 : 4096 } = options;
    const first = small
      ? new Conv2d(inChannels, width, 3, { padding: 1 })
      : new Conv2d(inChannels, width, 11, { stride: 4, padding: 2 });
    this.features = new Sequential(
      first,
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(width, 3 * width, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(3 * width, 6 * width, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(6 * width, 4 * width, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(4 * width, 4 * width, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
    );
    const side = small ? 2 : 6;
    this.avgpool = new AdaptiveAvgPool2d(side);
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(4 * width * side * side, hidden),
      new ReLU(),
      new Dropout(dropout),
      new Linear(hidden, hidden),
      new ReLU(),
      new Linear(hidden, numClasses),
    );
  }

  override forward(x: Tensor): Tensor {
    const pooled = this.avgpool.forward(this.features.forward(x)); // (N, 4·width, 6, 6)
    return this.classifier.forward(pooled.flatten(1)); // (N, 144·width) ─► (N, numClasses)
  }
}

/** AlexNet: see `AlexNet`. */
export function alexnet(options: AlexNetOptions = {}): AlexNet {
  return new AlexNet(options);
}
