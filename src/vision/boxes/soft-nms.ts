import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { perBox } from "./nms.ts";
import { rectangleIou } from "./rectangles.ts";

export interface SoftNmsOptions {
  /** how a score falls with the IoU: `"linear"`, times 1 − IoU above the threshold, by default, or `"gaussian"`, times exp(−IoU² / σ) */
  method?: "linear" | "gaussian";
  /** what the linear method leaves alone; 0.3 by default */
  iouThreshold?: number;
  /** σ of the Gaussian method; 0.5 by default */
  sigma?: number;
  /** boxes end here whose score is not above it; 0.001 by default */
  scoreThreshold?: number;
}

/**
 * Non-maximum suppression that lowers scores instead of dropping boxes: the best box stays with the score that it has by
 * then, all others lose by their IoU with it, and so on until no score is above `scoreThreshold`. Of equal scores the
 * lower number comes first.
 *
 * Shapes: boxes (N, 4), scores (N,) ─► the numbers of the boxes (K,) i32 and their new scores (K,) f32, falling. Reads
 * values: not for `compile`. Throws a ShapeError for other shapes, and an ArgumentError if a score is NaN or σ not above 0.
 * Bodla et al., Soft-NMS: Improving object detection with one line of code, 2017.
 *
 * ```ts
 * const boxes = tensor([[0, 0, 4, 4], [0, 0, 4, 2], [8, 8, 9, 9]]);
 * const { indices, scores } = softNms(boxes, tensor([0.9, 0.8, 0.7]));
 * indices; // tensor([0, 2, 1])
 * scores; // tensor([0.9000, 0.7000, 0.4000])
 * ```
 */
export function softNms(
  boxes: Tensor,
  scores: Tensor,
  options: SoftNmsOptions = {},
): { readonly indices: Tensor; readonly scores: Tensor } {
  const { method = "linear", iouThreshold = 0.3, sigma = 0.5, scoreThreshold = 0.001 } = options;
  if (method !== "linear" && method !== "gaussian") {
    throw new ArgumentError(`softNms: there is no method "${method}": take "linear" or "gaussian".`);
  }
  if (!(sigma > 0)) throw new ArgumentError(`softNms: sigma is above 0, but is ${sigma}.`);
  const current = Float64Array.from(perBox("softNms", boxes, scores, "scores"));
  const corners = Float64Array.from(boxes.dataSync());
  const decay =
    method === "linear"
      ? (iou: number): number => (iou > iouThreshold ? 1 - iou : 1)
      : (iou: number): number => Math.exp(-(iou * iou) / sigma);
  const left = Uint32Array.from(current.keys()).filter((i) => current[i] > scoreThreshold);
  let count = 0; // the first so many of `left` are kept
  for (let end = left.length; count < end; ) {
    let best = count;
    for (let at = count + 1; at < end; at++) if (current[left[at]] > current[left[best]]) best = at;
    const i = left[best];
    left.copyWithin(count + 1, count, best); // the others stay in order, for ties
    left[count++] = i;
    let next = count;
    for (let at = count; at < end; at++) {
      const j = left[at];
      current[j] *= decay(rectangleIou(corners, i, corners, j));
      if (current[j] > scoreThreshold) left[next++] = j;
    }
    end = next;
  }
  const kept = left.subarray(0, count);
  return {
    indices: tensor(Int32Array.from(kept)),
    scores: tensor(Float32Array.from(kept, (i) => current[i])),
  };
}
