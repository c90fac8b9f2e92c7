import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { stack, type Tensor, tensor } from "../../tensor/index.ts";
import { corners, expectRows } from "./box.ts";

export interface BoxCoderOptions {
  /** what the offsets of x, y, width and height are multiplied by; 1 1 1 1 by default, Faster R-CNN's heads have 10 10 5 5 */
  weights?: readonly [x: number, y: number, width: number, height: number];
  /** the largest offset of a width or height that is decoded, after its weight; log(1000 / 16) by default */
  clip?: number;
}

/**
 * Boxes as offsets from anchors, which is what a detector learns: with centre x y, width w and height h of a box, and
 * those of its anchor with an index a,
 * tx = (x − xₐ) / wₐ, ty = (y − yₐ) / hₐ, tw = log(w / wₐ), th = log(h / hₐ), each times its weight.
 *
 * A box without width has the offset −∞. Throws an ArgumentError if a weight is 0 or not finite.
 * Source: torchvision.models.detection._utils.BoxCoder; Girshick et al., Rich feature hierarchies, 2014, appendix C.
 *
 * ```ts
 * const coder = new BoxCoder();
 * const anchor = tensor([[0, 0, 4, 4]]);
 * coder.encode(tensor([[1, 0, 5, 8]]), anchor); // tensor([[0.2500, 0.5000, 0.0000, 0.6931]])
 * coder.decode(tensor([[0.25, 0.5, 0, Math.log(2)]]), anchor); // tensor([[1., 0., 5., 8.]])
 * ```
 */
export class BoxCoder {
  readonly weights: readonly [x: number, y: number, width: number, height: number];
  readonly clip: number;

  constructor(options: BoxCoderOptions = {}) {
    const { weights = [1, 1, 1, 1], clip = Math.log(1000 / 16) } = options;
    if (!weights.every((weight) => Number.isFinite(weight) && weight !== 0)) {
      throw new ArgumentError(`BoxCoder: weights are finite and not 0, but are ${weights.join(", ")}.`);
    }
    this.weights = weights;
    this.clip = clip;
  }

  /**
   * The offsets of boxes (N, 4) from as many anchors (N, 4) ─► (N, 4) f32. Targets have no gradient: this reads values,
   * on the data side, and is not for `compile`. Throws a ShapeError if the shapes differ.
   */
  encode(boxes: Tensor, anchors: Tensor): Tensor {
    for (const rows of [boxes, anchors]) expectRows("BoxCoder.encode", rows);
    if (boxes.shape[0] !== anchors.shape[0]) {
      throw new ShapeError(
        `BoxCoder.encode needs an anchor for each box, but got ${anchors.shape[0]} for ${boxes.shape[0]}.`,
      );
    }
    const [from, to] = [anchors.dataSync(), boxes.dataSync()];
    const offsets = new Float32Array(to.length);
    for (let i = 0; i < to.length; i += 4) offsets.set(this.offsets(to.subarray(i, i + 4), from.subarray(i, i + 4)), i);
    return tensor(offsets, { shape: boxes.shape });
  }

  /** The offsets of one box from one anchor, four numbers each. */
  offsets(box: ArrayLike<number>, anchor: ArrayLike<number>): readonly [number, number, number, number] {
    const [x, y, width, height] = centred(box);
    const [ax, ay, aWidth, aHeight] = centred(anchor);
    const [wx, wy, wWidth, wHeight] = this.weights;
    return [
      (wx * (x - ax)) / aWidth,
      (wy * (y - ay)) / aHeight,
      wWidth * Math.log(width / aWidth),
      wHeight * Math.log(height / aHeight),
    ];
  }

  /** The boxes (…, 4) at offsets (…, 4) from anchors (…, 4), which broadcast; differentiates. */
  decode(offsets: Tensor, anchors: Tensor): Tensor {
    const [tx, ty, tw, th] = corners("BoxCoder.decode", offsets).map((offset, i) => offset.div(this.weights[i]));
    const [x1, y1, x2, y2] = corners("BoxCoder.decode", anchors);
    const [width, height] = [x2.sub(x1), y2.sub(y1)];
    const x = tx.add(0.5).mul(width).add(x1);
    const y = ty.add(0.5).mul(height).add(y1);
    const right = tw.clamp(undefined, this.clip).exp().mul(width).mul(0.5);
    const down = th.clamp(undefined, this.clip).exp().mul(height).mul(0.5);
    return stack([x.sub(right), y.sub(down), x.add(right), y.add(down)], -1); // (…, 4)
  }
}

/** Centre, width and height. */
function centred(corners: ArrayLike<number>): readonly [x: number, y: number, width: number, height: number] {
  const [width, height] = [corners[2] - corners[0], corners[3] - corners[1]];
  return [corners[0] + width / 2, corners[1] + height / 2, width, height];
}
