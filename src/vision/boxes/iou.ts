/**
 * Intersection over union and its relatives, which say something also of boxes that do not meet. Everything
 * differentiates. Where there is nothing to divide by (an empty union, an empty hull) the ratio is 0, so boxes without
 * area give numbers; torchvision gives NaN there.
 */

import type { LossOptions } from "../../nn/index.ts";
import { reduced } from "../../nn/loss/loss.ts";
import { atan2, type Tensor, where } from "../../tensor/index.ts";
import { corners, expectRows } from "./box.ts";

/** torchvision's, which keeps the quotients below finite where boxes coincide */
const EPSILON = 1e-7;

/** A measure of two boxes: (…, 4) and (…, 4), which broadcast ─► (…). */
type Measure = (op: string, a: Tensor, b: Tensor) => Tensor;

const ratio = (part: Tensor, whole: Tensor): Tensor => part.div(where(whole.eq(0), 1, whole));

/** What all four measures are made of, (…) each; the hull is the smallest box around both. */
function overlap(op: string, a: Tensor, b: Tensor) {
  const [ax1, ay1, ax2, ay2] = corners(op, a);
  const [bx1, by1, bx2, by2] = corners(op, b);
  const [aWidth, aHeight, bWidth, bHeight] = [ax2.sub(ax1), ay2.sub(ay1), bx2.sub(bx1), by2.sub(by1)];
  const width = ax2.minimum(bx2).sub(ax1.maximum(bx1)).clamp(0);
  const height = ay2.minimum(by2).sub(ay1.maximum(by1)).clamp(0);
  const intersection = width.mul(height);
  const union = aWidth.mul(aHeight).add(bWidth.mul(bHeight)).sub(intersection);
  return {
    iou: ratio(intersection, union),
    union,
    hull: [ax2.maximum(bx2).sub(ax1.minimum(bx1)), ay2.maximum(by2).sub(ay1.minimum(by1))],
    /** between the centres */
    distance: [ax1.add(ax2).sub(bx1).sub(bx2).mul(0.5), ay1.add(ay2).sub(by1).sub(by2).mul(0.5)],
    sizes: [
      [aWidth, aHeight],
      [bWidth, bHeight],
    ],
  };
}

const iou: Measure = (op, a, b) => overlap(op, a, b).iou;

const generalized: Measure = (op, a, b) => {
  const { iou, union, hull } = overlap(op, a, b);
  const area = hull[0].mul(hull[1]);
  return iou.sub(ratio(area.sub(union), area));
};

const squared = ([x, y]: readonly Tensor[]): Tensor => x.square().add(y.square());

function distanced(op: string, a: Tensor, b: Tensor) {
  const { iou, hull, distance, sizes } = overlap(op, a, b);
  return { iou, sizes, diou: iou.sub(squared(distance).div(squared(hull).add(EPSILON))) };
}

const distance: Measure = (op, a, b) => distanced(op, a, b).diou;

/** atan(width / height), 0 where both are 0. */
const aspect = ([width, height]: readonly Tensor[]): Tensor =>
  atan2(width, where(width.eq(0).logicalAnd(height.eq(0)), 1, height));

const complete: Measure = (op, a, b) => {
  const { iou, diou, sizes } = distanced(op, a, b);
  const v = aspect(sizes[0])
    .sub(aspect(sizes[1]))
    .square()
    .mul(4 / Math.PI ** 2);
  const alpha = v.div(v.sub(iou).add(1 + EPSILON)).detach();
  return diou.sub(alpha.mul(v));
};

/** Each of `a` with each of `b`. */
function pairwise(op: string, measure: Measure, a: Tensor, b: Tensor): Tensor {
  for (const boxes of [a, b]) expectRows(op, boxes);
  return measure(op, a.unsqueeze(1), b.unsqueeze(0)); // (N, 1, 4), (1, M, 4) ─► (N, M)
}

/**
 * The intersection over the union of each box of `a` with each of `b`, |A ∩ B| / |A ∪ B|, in [0, 1]; 0 for two boxes
 * without area, where torchvision gives NaN.
 *
 * Shapes: (N, 4) and (M, 4) ─► (N, M). Throws a ShapeError for others. Source: torchvision.ops.box_iou;
 * Jaccard, The distribution of the flora in the alpine zone, 1912.
 *
 * ```ts
 * const a = tensor([[0, 0, 2, 2], [1, 1, 1, 1]]);
 * boxIou(a, tensor([[1, 0, 3, 2], [1, 1, 1, 1]])); // tensor([[0.3333, 0.0000], [0.0000, 0.0000]])
 * ```
 */
export function boxIou(a: Tensor, b: Tensor): Tensor {
  return pairwise("boxIou", iou, a, b);
}

/**
 * Generalized IoU, IoU − (|H| − |A ∪ B|) / |H| with the smallest box H around both: in [−1, 1], below 0 for boxes that
 * are far apart.
 *
 * Shapes: (N, 4) and (M, 4) ─► (N, M). Throws a ShapeError for others. Source: torchvision.ops.generalized_box_iou;
 * Rezatofighi et al., Generalized intersection over union, 2019.
 *
 * ```ts
 * generalizedBoxIou(tensor([[0, 0, 1, 1]]), tensor([[0, 0, 1, 1], [3, 0, 4, 1]])); // tensor([[ 1.0000, -0.5000]])
 * ```
 */
export function generalizedBoxIou(a: Tensor, b: Tensor): Tensor {
  return pairwise("generalizedBoxIou", generalized, a, b);
}

/**
 * Distance IoU, IoU − ρ² / (c² + 1e-7), where ρ is the distance of the centres and c the diagonal of the smallest box
 * around both.
 *
 * Shapes: (N, 4) and (M, 4) ─► (N, M). Throws a ShapeError for others. Source: torchvision.ops.distance_box_iou;
 * Zheng et al., Distance-IoU loss: Faster and better learning for bounding box regression, 2020.
 *
 * ```ts
 * distanceBoxIou(tensor([[0, 0, 2, 2]]), tensor([[2, 0, 4, 2]])); // tensor([[-0.2000]])
 * ```
 */
export function distanceBoxIou(a: Tensor, b: Tensor): Tensor {
  return pairwise("distanceBoxIou", distance, a, b);
}

/**
 * Complete IoU, DIoU − α·v with v = 4/π² · (atan(w/h) − atan(w′/h′))² and α = v / (1 − IoU + v + 1e-7), which no gradient
 * goes through: the shapes of the boxes count too.
 *
 * Shapes: (N, 4) and (M, 4) ─► (N, M). Throws a ShapeError for others. Source: torchvision.ops.complete_box_iou;
 * Zheng et al., Distance-IoU loss: Faster and better learning for bounding box regression, 2020.
 *
 * ```ts
 * completeBoxIou(tensor([[0, 0, 2, 2]]), tensor([[0, 0, 2, 2], [0, 0, 4, 1]])); // tensor([[1.0000, 0.2530]])
 * ```
 */
export function completeBoxIou(a: Tensor, b: Tensor): Tensor {
  return pairwise("completeBoxIou", complete, a, b);
}

/** 1 − a measure of boxes that belong together. */
function loss(
  op: string,
  measure: Measure,
  input: Tensor,
  target: Tensor,
  reduction: LossOptions["reduction"],
): Tensor {
  return reduced(op, measure(op, input, target).neg().add(1), reduction);
}

/**
 * 1 − generalized IoU of each predicted box with its target, which moves boxes together that do not meet yet.
 *
 * Shapes: input and target (…, 4) ─► (…), or a scalar with a reduction, `"none"` by default, as torchvision's. Throws a
 * ShapeError if the last size is not 4. Source: `generalizedBoxIou`; torchvision.ops.generalized_box_iou_loss.
 *
 * ```ts
 * generalizedBoxIouLoss(tensor([[0, 0, 1, 1]]), tensor([[3, 0, 4, 1]])); // tensor([1.5000])
 * ```
 */
export function generalizedBoxIouLoss(input: Tensor, target: Tensor, { reduction = "none" }: LossOptions = {}): Tensor {
  return loss("generalizedBoxIouLoss", generalized, input, target, reduction);
}

/**
 * 1 − distance IoU of each predicted box with its target.
 *
 * Shapes: input and target (…, 4) ─► (…), or a scalar with a reduction, `"none"` by default, as torchvision's. Throws a
 * ShapeError if the last size is not 4. Source: `distanceBoxIou`; torchvision.ops.distance_box_iou_loss.
 *
 * ```ts
 * distanceBoxIouLoss(tensor([[0, 0, 2, 2]]), tensor([[2, 0, 4, 2]]), { reduction: "mean" }); // tensor(1.2000)
 * ```
 */
export function distanceBoxIouLoss(input: Tensor, target: Tensor, { reduction = "none" }: LossOptions = {}): Tensor {
  return loss("distanceBoxIouLoss", distance, input, target, reduction);
}

/**
 * 1 − complete IoU of each predicted box with its target.
 *
 * Shapes: input and target (…, 4) ─► (…), or a scalar with a reduction, `"none"` by default, as torchvision's. Throws a
 * ShapeError if the last size is not 4. Source: `completeBoxIou`; torchvision.ops.complete_box_iou_loss.
 *
 * ```ts
 * completeBoxIouLoss(tensor([[0, 0, 4, 1]]), tensor([[0, 0, 2, 2]])); // tensor([0.7470])
 * ```
 */
export function completeBoxIouLoss(input: Tensor, target: Tensor, { reduction = "none" }: LossOptions = {}): Tensor {
  return loss("completeBoxIouLoss", complete, input, target, reduction);
}
