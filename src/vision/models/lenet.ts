import { AvgPool2d, Conv2d, type Layer, Linear, MaxPool2d, Module, Tanh } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

export interface LeNetOptions {
  /** of the output; 10 by default */
  numClasses?: number;
  /** of the pictures; 1 by default */
  inChannels?: number;
  /** around the pictures, to 32×32; 2 by default, for 28×28; 0 for 32×32 */
  padding?: number;
  /** after every layer but the last; `Tanh` by default */
  activation?: () => Layer;
  /** halves height and width; `"average"` by default, as in the paper */
  pooling?: "average" | "max";
}

/**
 * LeNet-5: 5×5 convolutions with 6 and 16 channels, a pool after each, and linear layers of 120, 84 and 10.
 *
 * Shapes: (N, inChannels, 28, 28) ─► (N, numClasses), logits. In the paper, pools have weights, the second convolution
 * leaves out some connections, tanh is scaled and the output is a distance; what is taught as LeNet-5 leaves this out,
 * and so it is here. Throws a ShapeError for pictures of another size.
 * LeCun et al., Gradient-based learning applied to document recognition, 1998.
 *
 * ```ts
 * const model = lenet();
 * model.forward(zeros([2, 1, 28, 28])).shape; // [ 2, 10 ]
 * model.summary([1, 1, 28, 28]).parameters; // 61706
 * ```
 */
export class LeNet extends Module {
  readonly conv1: Conv2d;
  readonly pool1: Layer;
  readonly conv2: Conv2d;
  readonly pool2: Layer;
  readonly fc1: Linear = new Linear(16 * 5 * 5, 120);
  readonly fc2: Linear = new Linear(120, 84);
  readonly fc3: Linear;
  readonly activation: Layer;

  constructor(options: LeNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 1, padding = 2, pooling = "average" } = options;
    const { activation = () => new Tanh() } = options;
    const Pool = pooling === "max" ? MaxPool2d : AvgPool2d;
    this.conv1 = new Conv2d(inChannels, 6, 5, { padding });
    this.pool1 = new Pool(2);
    this.conv2 = new Conv2d(6, 16, 5);
    this.pool2 = new Pool(2);
    this.fc3 = new Linear(84, numClasses);
    this.activation = activation();
  }

  override forward(x: Tensor): Tensor {
    const active = (y: Tensor) => this.activation.forward(y);
    const first = this.pool1.forward(active(this.conv1.forward(x))); // (N, 6, 14, 14)
    const second = this.pool2.forward(active(this.conv2.forward(first))); // (N, 16, 5, 5)
    const hidden = active(this.fc1.forward(second.flatten(1))); // (N, 400) ─► (N, 120)
    return this.fc3.forward(active(this.fc2.forward(hidden))); // (N, numClasses)
  }
}

/** LeNet-5: see `LeNet`. */
export function lenet(options: LeNetOptions = {}): LeNet {
  return new LeNet(options);
}
