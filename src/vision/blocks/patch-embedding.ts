import { Conv2d, Module } from "../../nn/index.ts";
import { ShapeError, type Tensor } from "../../tensor/index.ts";

/**
 * A picture as a sequence: each of its patches, size × size pixels side by side, becomes a token through one linear map,
 * which is a convolution whose stride is its kernel's size.
 *
 * Shapes: (N, C, H, W) ─► (N, H/size · W/size, width), row by row. Throws a ShapeError if the size does not divide H and W.
 * The convolution is `conv_proj` of torchvision's vision transformers. Dosovitskiy et al., An image is worth 16x16 words,
 * 2021.
 *
 * ```ts
 * new PatchEmbedding(3, 64, 4).forward(zeros([2, 3, 32, 32])).shape; // [ 2, 64, 64 ]
 * new PatchEmbedding(3, 64, 5).forward(zeros([2, 3, 32, 32])); // throws ShapeError
 * ```
 */
export class PatchEmbedding extends Module {
  readonly patchSize: number;
  readonly convProj: Conv2d;

  constructor(inChannels: number, width: number, patchSize: number) {
    super();
    this.patchSize = patchSize;
    this.convProj = new Conv2d(inChannels, width, patchSize, { stride: patchSize });
  }

  override forward(x: Tensor): Tensor {
    const [height, width] = x.shape.slice(-2);
    if (height % this.patchSize !== 0 || width % this.patchSize !== 0) {
      throw new ShapeError(
        `PatchEmbedding: patches of ${this.patchSize} do not divide a picture of ${height} × ${width}: resize or pad it.`,
      );
    }
    return this.convProj.forward(x).flatten(2).transpose(1, 2); // (N, width, H′, W′) ─► (N, H′·W′, width)
  }
}
