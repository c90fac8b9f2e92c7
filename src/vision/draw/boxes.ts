import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { expectRows } from "../boxes/box.ts";
import type { Picture } from "../picture.ts";
import { drawText, textSize } from "./font.ts";
import { type Color, fillRectangle, PALETTE, rgbCopy } from "./palette.ts";

export interface BoundingBoxOptions {
  /** a text for each box: digits, letters (shown as capitals) and some signs; none by default */
  labels?: readonly string[];
  /** taken in turn; `PALETTE` by default */
  colors?: readonly Color[];
  /** of the lines, in pixels; 1 by default */
  width?: number;
  /** pixels of a dot of the texts, whose letters have 3×5; 1 by default */
  fontSize?: number;
}

/**
 * A picture with boxes drawn on it: lines along the inside of their edges, and a label above the upper left corner, or
 * within where there is no room above.
 *
 * Shapes: boxes (K, 4), corners in pixels (pixel i covers i to i + 1), rounded to whole ones. Gives a new picture with
 * three channels. Throws a ShapeError for other boxes, and an ArgumentError unless there are as many labels as boxes.
 * Source: torchvision.utils.draw_bounding_boxes.
 *
 * ```ts
 * const grey = { data: new Uint8Array(12), width: 4, height: 3, channels: 1 } as const;
 * const { data } = drawBoundingBoxes(grey, tensor([[1, 0, 4, 3]]), { colors: [[9, 9, 9]] });
 * [...data].filter((_, i) => i % 3 === 0); // [ 0, 9, 9, 9, 0, 9, 0, 9, 0, 9, 9, 9 ]
 * ```
 */
export function drawBoundingBoxes(picture: Picture, boxes: Tensor, options: BoundingBoxOptions = {}): Picture {
  const { labels, colors = PALETTE, width = 1, fontSize = 1 } = options;
  expectRows("drawBoundingBoxes", boxes);
  const count = boxes.shape[0];
  if (labels && labels.length !== count) {
    throw new ArgumentError(`drawBoundingBoxes needs a label for each of ${count} boxes, but got ${labels.length}.`);
  }
  const drawn = rgbCopy(picture);
  const corners = boxes.dataSync();
  for (let k = 0; k < count; k++) {
    const [x1, y1, x2, y2] = Array.from(corners.subarray(4 * k, 4 * k + 4), Math.round);
    const color = colors[k % colors.length];
    for (const [left, top, right, bottom] of [
      [x1, y1, x2, y1 + width],
      [x1, y2 - width, x2, y2],
      [x1, y1, x1 + width, y2],
      [x2 - width, y1, x2, y2],
    ]) {
      fillRectangle(drawn, Math.max(left, x1), Math.max(top, y1), Math.min(right, x2), Math.min(bottom, y2), color);
    }
    if (!labels?.[k]) continue;
    const [textWidth, textHeight] = textSize(labels[k], fontSize);
    const left = Math.max(0, Math.min(x1, picture.width - textWidth));
    const top = y1 >= textHeight ? y1 - textHeight : y1;
    drawText(drawn, labels[k], left, Math.max(0, top), fontSize, color);
  }
  return drawn;
}
