import { ConvTranspose2d, type Layer, MaxPool2d, Module, Sequential, Upsample } from "../../nn/index.ts";
import { cat, type Tensor } from "../../tensor/index.ts";
import { Conv2dNormActivation } from "./conv-norm-activation.ts";

/** Two 3×3 convolutions, each with batch normalisation and ReLU: (N, C, H, W) ─► (N, O, H, W). */
export class DoubleConv extends Sequential {
  constructor(inChannels: number, outChannels: number) {
    super(new Conv2dNormActivation(inChannels, outChannels, 3), new Conv2dNormActivation(outChannels, outChannels, 3));
  }
}

/**
 * A step down in a U-Net: the maximum of 2×2 windows, then a `DoubleConv`.
 *
 * Shapes: (N, C, H, W) ─► (N, O, ⌊H / 2⌋, ⌊W / 2⌋). Ronneberger et al., U-Net: convolutional networks for biomedical image
 * segmentation, 2015; with padding and batch normalisation.
 *
 * ```ts
 * new UNetDown(8, 16).forward(zeros([1, 8, 12, 12])).shape; // [ 1, 16, 6, 6 ]
 * ```
 */
export class UNetDown extends Module {
  readonly pool: MaxPool2d;
  readonly conv: DoubleConv;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.pool = new MaxPool2d(2);
    this.conv = new DoubleConv(inChannels, outChannels);
  }

  override forward(x: Tensor): Tensor {
    return this.conv.forward(this.pool.forward(x));
  }
}

export interface UNetUpOptions {
  /**
   * how x grows: by a transposed 2×2 convolution to as many channels as `skip` has (`"transposed"`, the default), or by
   * interpolation with all its channels (`"bilinear"`)
   */
  upsampling?: "transposed" | "bilinear";
}

/**
 * A step up in a U-Net: x at twice its size beside what the way down had there, then a `DoubleConv`.
 *
 * Where `skip` has an odd size, x is one short, and is padded with a zero at the end.
 *
 * Shapes: x (N, C, ⌊H / 2⌋, ⌊W / 2⌋), skip (N, S, H, W) ─► (N, O, H, W). Ronneberger et al., U-Net, 2015.
 *
 * ```ts
 * new UNetUp(16, 8, 8).forward(zeros([1, 16, 6, 6]), zeros([1, 8, 12, 13])).shape; // [ 1, 8, 12, 13 ]
 * ```
 */
export class UNetUp extends Module {
  readonly up: Layer;
  readonly conv: DoubleConv;

  constructor(inChannels: number, skipChannels: number, outChannels: number, options: UNetUpOptions = {}) {
    super();
    const bilinear = options.upsampling === "bilinear";
    this.up = bilinear
      ? new Upsample({ scaleFactor: 2, mode: "bilinear" })
      : new ConvTranspose2d(inChannels, skipChannels, 2, { stride: 2 });
    this.conv = new DoubleConv(skipChannels + (bilinear ? inChannels : skipChannels), outChannels);
  }

  override forward(x: Tensor, skip: Tensor): Tensor {
    const grown = this.up.forward(x);
    const [missingRows, missingColumns] = [2, 3].map((dim) => skip.shape[dim] - grown.shape[dim]);
    const fitted = missingRows || missingColumns ? grown.pad([0, missingColumns, 0, missingRows]) : grown;
    return this.conv.forward(cat([skip, fitted], 1)); // (N, S + S, H, W), or S + C channels
  }
}
