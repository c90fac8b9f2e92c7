/** Boxes as tensors (…, 4): the corners x1 y1 x2 y2 in pixels, with x1 ≤ x2 and y1 ≤ y2, unless it says otherwise. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { stack, type Tensor, tensor } from "../../tensor/index.ts";

/** The four numbers of each box, (…) each; whole numbers become floats, which have room for an area. */
export function corners(op: string, boxes: Tensor): readonly Tensor[] {
  if (boxes.shape.at(-1) !== 4) {
    throw new ShapeError(`${op} needs boxes (…, 4), four numbers each, but got ${showShape(boxes.shape)}.`);
  }
  return (boxes.isFloatingPoint() ? boxes : boxes.float()).unbind(-1);
}

/** Throws a ShapeError unless the boxes are rows. */
export function expectRows(op: string, boxes: Tensor): void {
  if (boxes.ndim === 2 && boxes.shape[1] === 4) return;
  throw new ShapeError(`${op} needs boxes (N, 4), one a row, but got ${showShape(boxes.shape)}.`);
}

/**
 * The area (x2 − x1) · (y2 − y1) of each box.
 *
 * Shapes: (…, 4) ─► (…). Throws a ShapeError if the last size is not 4. Source: torchvision.ops.box_area.
 *
 * ```ts
 * boxArea(tensor([[0, 0, 2, 3], [1, 1, 1, 5]])); // tensor([6., 0.])
 * ```
 */
export function boxArea(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = corners("boxArea", boxes);
  return x2.sub(x1).mul(y2.sub(y1));
}

/** The four numbers of a box: corners, corner and size, or centre and size. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

/**
 * Boxes of one format in another: `"xyxy"` is x1 y1 x2 y2, `"xywh"` x1 y1 width height, `"cxcywh"` the centre, width
 * and height.
 *
 * Shapes: (…, 4) ─► (…, 4). Throws a ShapeError if the last size is not 4, and an ArgumentError if a format is unknown.
 * Source: torchvision.ops.box_convert.
 *
 * ```ts
 * boxConvert(tensor([[1, 2, 5, 10]]), "xyxy", "cxcywh"); // tensor([[3., 6., 4., 8.]])
 * boxConvert(tensor([[1, 2, 4, 8]]), "xywh", "xyxy"); // tensor([[ 1.,  2.,  5., 10.]])
 * ```
 */
export function boxConvert(boxes: Tensor, from: BoxFormat, to: BoxFormat): Tensor {
  for (const format of [from, to]) {
    if (!["xyxy", "xywh", "cxcywh"].includes(format)) {
      throw new ArgumentError(`boxConvert: there is no format "${format}": take "xyxy", "xywh" or "cxcywh".`);
    }
  }
  if (from === to) return boxes;
  const numbers = corners("boxConvert", boxes);
  return stack(toFormat(to, from === "xyxy" ? numbers : toCorners(from, numbers)), -1); // (…, 4)
}

function toCorners(from: BoxFormat, [x, y, width, height]: readonly Tensor[]): readonly Tensor[] {
  if (from === "xywh") return [x, y, x.add(width), y.add(height)];
  const [right, down] = [width.mul(0.5), height.mul(0.5)];
  return [x.sub(right), y.sub(down), x.add(right), y.add(down)];
}

function toFormat(to: BoxFormat, [x1, y1, x2, y2]: readonly Tensor[]): readonly Tensor[] {
  if (to === "xyxy") return [x1, y1, x2, y2];
  const size = [x2.sub(x1), y2.sub(y1)];
  return to === "xywh" ? [x1, y1, ...size] : [x1.add(x2).mul(0.5), y1.add(y2).mul(0.5), ...size];
}

/**
 * Boxes cut at the edges of an image: x to [0, width], y to [0, height].
 *
 * Shapes: (…, 4) ─► (…, 4); `size` is [height, width] in pixels. Throws a ShapeError if the last size is not 4.
 * Source: torchvision.ops.clip_boxes_to_image.
 *
 * ```ts
 * clipBoxesToImage(tensor([[-3, 2, 50, 9]]), [8, 32]); // tensor([[ 0.,  2., 32.,  8.]])
 * ```
 */
export function clipBoxesToImage(boxes: Tensor, [height, width]: readonly [height: number, width: number]): Tensor {
  const [x1, y1, x2, y2] = corners("clipBoxesToImage", boxes);
  return stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1); // (…, 4)
}

/**
 * The numbers of the boxes whose width and height are both at least `minSize`. Reads values: not for `compile`.
 *
 * Shapes: (N, 4) ─► (K,) i32. Throws a ShapeError for other shapes. Source: torchvision.ops.remove_small_boxes.
 *
 * ```ts
 * removeSmallBoxes(tensor([[0, 0, 9, 1], [0, 0, 2, 2], [5, 5, 8, 9]]), 2); // tensor([1, 2])
 * ```
 */
export function removeSmallBoxes(boxes: Tensor, minSize: number): Tensor {
  expectRows("removeSmallBoxes", boxes);
  const sides = boxes.dataSync();
  const large = (i: number): boolean =>
    sides[4 * i + 2] - sides[4 * i] >= minSize && sides[4 * i + 3] - sides[4 * i + 1] >= minSize;
  return tensor(Int32Array.from(Array.from({ length: boxes.shape[0] }, (_, i) => i).filter(large)));
}

/**
 * The smallest box around each mask: x1 y1 and x2 y2 are the first and the last column and row that are not 0. So a mask
 * of one pixel has a box without area; add 1 to x2 and y2 for its outer edges. An empty mask gives 0 0 0 0, where
 * torchvision throws. Reads values: not for `compile`.
 *
 * Shapes: (N, H, W) ─► (N, 4) f32. Throws a ShapeError for other shapes. Source: torchvision.ops.masks_to_boxes.
 *
 * ```ts
 * masksToBoxes(tensor([[[0, 0, 0], [0, 1, 1], [0, 1, 0]]])); // tensor([[1., 1., 2., 2.]])
 * ```
 */
export function masksToBoxes(masks: Tensor): Tensor {
  if (masks.ndim !== 3) {
    throw new ShapeError(`masksToBoxes needs masks (N, H, W), but got ${showShape(masks.shape)}.`);
  }
  const [count, height, width] = masks.shape;
  const pixels = masks.dataSync();
  const boxes = new Float32Array(count * 4);
  for (let n = 0; n < count; n++) {
    let [x1, y1, x2, y2] = [width, height, -1, -1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!pixels[(n * height + y) * width + x]) continue;
        x1 = Math.min(x1, x);
        x2 = Math.max(x2, x);
        y1 = Math.min(y1, y);
        y2 = y;
      }
    }
    if (x2 >= 0) boxes.set([x1, y1, x2, y2], n * 4);
  }
  return tensor(boxes, { shape: [count, 4] });
}
