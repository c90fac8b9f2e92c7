/** Feature maps and filters as small grey pictures, to be laid out by `makeGrid`. */

import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Conv2d, createFeatureExtractor, type Layer } from "../../nn/index.ts";
import { noGrad, type Tensor, where } from "../../tensor/index.ts";

/** Each picture (C, H, W) of a batch stretched so that its numbers go from 0 to 1; a constant one becomes 0. */
function stretch(pictures: Tensor): Tensor {
  const least = pictures.amin([1, 2, 3], { keepdim: true }); // (N, 1, 1, 1)
  const range = pictures.amax([1, 2, 3], { keepdim: true }).sub(least);
  return pictures.sub(least).div(where(range.gt(0), range, 1));
}

/**
 * What a layer within a model makes of one picture: its feature maps, each stretched to [0, 1].
 *
 * Shapes: x (C, H, W) or (1, C, H, W) ─► (K, 1, h, w). Throws a ShapeError if the layer gives no feature maps, an
 * ArgumentError if there is no such layer.
 *
 * ```ts
 * const model = new Sequential(new Conv2d(1, 6, 5), new ReLU());
 * featureMaps(model, "1", rand([1, 28, 28])).shape; // [ 6, 1, 24, 24 ]
 * ```
 */
export function featureMaps(model: Layer, layer: string, x: Tensor): Tensor {
  const batch = x.ndim === 3 ? x.unsqueeze(0) : x;
  const maps = noGrad(() => createFeatureExtractor(model, [layer]).forward(batch))[layer];
  if (batch.ndim !== 4 || maps.ndim !== 4 || maps.shape[0] !== 1) {
    throw new ShapeError(
      `featureMaps takes one picture (C, H, W) to maps (1, K, h, w), but ${showShape(x.shape)} gives ${showShape(maps.shape)}.`,
    );
  }
  return stretch(maps.squeeze(0).unsqueeze(1)); // (1, K, h, w) ─► (K, 1, h, w)
}

/**
 * The filters of a convolution, each stretched to [0, 1]: in colour if it reads three channels, else each channel in grey.
 *
 * Shapes: weight (O, C, kH, kW) ─► (O, 3, kH, kW) or (O·C, 1, kH, kW).
 *
 * ```ts
 * filterPictures(new Conv2d(3, 8, 7)).shape; // [ 8, 3, 7, 7 ]
 * filterPictures(new Conv2d(2, 4, 5)).shape; // [ 8, 1, 5, 5 ]
 * ```
 */
export function filterPictures(convolution: Conv2d): Tensor {
  const weight = convolution.weight.detach();
  const [, channels, height, width] = weight.shape;
  return stretch(channels === 3 ? weight : weight.reshape([-1, 1, height, width])); // (O, C, …) ─► (O·C, 1, …)
}
