import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Picture } from "../picture.ts";
import { type Color, PALETTE, rgbCopy } from "./palette.ts";

export interface SegmentationMaskOptions {
  /** how much of a mask's colour there is, 0 to 1; 0.8 by default */
  alpha?: number;
  /** of the first mask or of class 1, and so on, taken in turn; `PALETTE` by default */
  colors?: readonly Color[];
}

/**
 * A picture with coloured masks laid on it: (1 − α) · pixel + α · colour; where masks overlap, the last one is seen.
 *
 * Shapes: masks (K, H, W), each where it is above 0, or one map (H, W) of class numbers, whose 0 is left as it is. Gives a
 * new picture with three channels. Throws a ShapeError for other masks, and an ArgumentError unless α is in [0, 1].
 * Source: torchvision.utils.draw_segmentation_masks.
 *
 * ```ts
 * const grey = { data: new Uint8Array([100, 100, 100]), width: 3, height: 1, channels: 1 } as const;
 * const drawn = drawSegmentationMasks(grey, tensor([[0, 1, 2]]), { alpha: 0.5, colors: [[200, 0, 0], [0, 0, 50]] });
 * [...drawn.data]; // [ 100, 100, 100, 150, 50, 50, 50, 50, 75 ]
 * ```
 */
export function drawSegmentationMasks(picture: Picture, masks: Tensor, options: SegmentationMaskOptions = {}): Picture {
  const { alpha = 0.8, colors = PALETTE } = options;
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new ArgumentError(`drawSegmentationMasks: alpha is in [0, 1], but is ${alpha}.`);
  }
  const { width, height } = picture;
  const isMap = masks.ndim === 2;
  if ((!isMap && masks.ndim !== 3) || masks.shape.at(-2) !== height || masks.shape.at(-1) !== width) {
    throw new ShapeError(
      `drawSegmentationMasks needs masks (K, ${height}, ${width}) or a map (${height}, ${width}), as the picture is, but got ${showShape(masks.shape)}.`,
    );
  }
  const drawn = rgbCopy(picture);
  const values = masks.dataSync();
  const pixels = width * height;
  const before = drawn.data.slice();
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0)) continue;
    const color = colors[(isMap ? values[i] - 1 : Math.floor(i / pixels)) % colors.length];
    const at = 3 * (i % pixels);
    for (let c = 0; c < 3; c++) drawn.data[at + c] = Math.round((1 - alpha) * before[at + c] + alpha * color[c]);
  }
  return drawn;
}
