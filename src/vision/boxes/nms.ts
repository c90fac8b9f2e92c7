/** Non-maximum suppression: of boxes that show the same thing, the best stays. On the data side: not for `compile`. */

import type { TypedArray } from "../../core/dtype.ts";
import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { expectRows } from "./box.ts";
import { rectangleIou } from "./rectangles.ts";

/** A number for each box, scores or classes. */
export function perBox(op: string, boxes: Tensor, numbers: Tensor, what: string): TypedArray {
  expectRows(op, boxes);
  if (numbers.ndim !== 1 || numbers.shape[0] !== boxes.shape[0]) {
    throw new ShapeError(
      `${op} needs ${what} (N,) for boxes (N, 4), but got ${showShape(numbers.shape)} and ${showShape(boxes.shape)}.`,
    );
  }
  const values = numbers.dataSync();
  const nan = values.findIndex(Number.isNaN);
  if (nan >= 0) throw new ArgumentError(`${op}: ${what}[${nan}] is NaN, which has no place in an order.`);
  return values;
}

/** Keeps the best box and drops what overlaps it too much, again and again; only boxes of one class drop another. */
function greedy(boxes: Tensor, scores: TypedArray, threshold: number, classes?: TypedArray): Tensor {
  const order = Uint32Array.from(scores, (_, i) => i).sort((i, j) => scores[j] - scores[i] || i - j);
  const values = boxes.dataSync();
  const corners = new Float64Array(values.length); // by falling score: the loop below reads them in a row
  for (const [rank, i] of order.entries()) corners.set(values.subarray(4 * i, 4 * i + 4), 4 * rank);
  const left = Uint32Array.from(order.keys());
  let count = 0; // the first so many of `left` are kept
  for (let end = left.length; count < end; ) {
    const best = left[count++];
    let next = count;
    for (let at = count; at < end; at++) {
      const other = left[at];
      const rival = !classes || classes[order[other]] === classes[order[best]];
      if (!(rival && rectangleIou(corners, best, corners, other) > threshold)) left[next++] = other;
    }
    end = next;
  }
  return tensor(Int32Array.from(left.subarray(0, count), (rank) => order[rank]));
}

/**
 * The numbers of the boxes that stay, by falling score, when each drops those of lower score whose IoU with it is above
 * the threshold. Of equal scores the lower number comes first.
 *
 * IoU is computed in float64 and is 0 for an empty union, so a box exactly at the threshold stays. Shapes: boxes (N, 4),
 * scores (N,) ─► (K,) i32. Reads values: not for `compile`. Throws a ShapeError for other shapes, and an ArgumentError if
 * a score is NaN. Source: torchvision.ops.nms; Felzenszwalb et al., Object detection with discriminatively trained
 * part-based models, 2010.
 *
 * ```ts
 * const boxes = tensor([[0, 0, 4, 4], [0, 0, 4, 2], [0, 0, 4, 3]]);
 * nms(boxes, tensor([0.9, 0.8, 0.7]), 0.5); // tensor([0, 1])
 * ```
 */
export function nms(boxes: Tensor, scores: Tensor, iouThreshold: number): Tensor {
  return greedy(boxes, perBox("nms", boxes, scores, "scores"), iouThreshold);
}

/**
 * `nms` within each class: boxes of different classes do not drop one another.
 *
 * Shapes: boxes (N, 4), scores (N,), classes (N,) ─► (K,) i32, by falling score. Reads values: not for `compile`. Throws
 * as `nms` does. Source: torchvision.ops.batched_nms.
 *
 * ```ts
 * const boxes = tensor([[0, 0, 4, 4], [0, 0, 4, 3], [0, 0, 4, 3]]);
 * batchedNms(boxes, tensor([0.9, 0.8, 0.7]), tensor([0, 0, 1]), 0.5); // tensor([0, 2])
 * ```
 */
export function batchedNms(boxes: Tensor, scores: Tensor, classes: Tensor, iouThreshold: number): Tensor {
  const of = perBox("batchedNms", boxes, classes, "classes");
  return greedy(boxes, perBox("batchedNms", boxes, scores, "scores"), iouThreshold, of);
}
