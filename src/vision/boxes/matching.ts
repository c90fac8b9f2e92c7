/** Which true box each anchor learns: on the data side, as values are read here. Not for `compile`. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { expectRows } from "./box.ts";
import { BoxCoder } from "./coding.ts";
import { rectangleIou } from "./rectangles.ts";

export interface MatcherOptions {
  /** whether a true box that no anchor meets well enough gets those that meet it best (all of them, if several do); false by default */
  allowLowQualityMatches?: boolean;
}

/**
 * Matches anchors with true boxes by how well they fit, usually by IoU: an anchor gets the true box that fits it best
 * (the first of equals) if the quality is at least `highThreshold`, −1 below `lowThreshold` (background) and −2 between
 * (ignored in training).
 *
 * Without true boxes every anchor is background, where torchvision throws. A true box that fits no anchor at all
 * (quality 0) forces no match, where torchvision gives it every anchor of quality 0. Throws an ArgumentError if
 * `lowThreshold` is above `highThreshold`.
 * Source: torchvision.models.detection._utils.Matcher; Ren et al., Faster R-CNN, 2015, section 3.1.2.
 *
 * ```ts
 * const quality = tensor([[0.9, 0.2, 0.6, 0.5], [0.1, 0.3, 0.7, 0.0]]); // of 2 true boxes, 4 anchors
 * new Matcher(0.7, 0.4).match(quality); // tensor([ 0, -1,  1, -2])
 * ```
 */
export class Matcher {
  /** what an anchor has that is background */
  static readonly BELOW_LOW_THRESHOLD = -1;
  /** what an anchor has that is neither background nor a match */
  static readonly BETWEEN_THRESHOLDS = -2;

  readonly highThreshold: number;
  readonly lowThreshold: number;
  readonly allowLowQualityMatches: boolean;

  constructor(highThreshold: number, lowThreshold: number, options: MatcherOptions = {}) {
    const { allowLowQualityMatches = false } = options;
    if (!(lowThreshold <= highThreshold)) {
      throw new ArgumentError(
        `Matcher: lowThreshold is at most highThreshold, but they are ${lowThreshold} and ${highThreshold}.`,
      );
    }
    this.highThreshold = highThreshold;
    this.lowThreshold = lowThreshold;
    this.allowLowQualityMatches = allowLowQualityMatches;
  }

  /** (K, A), the quality of each of K true boxes for each of A anchors ─► (A,) i32, the true box of each or −1 or −2. */
  match(quality: Tensor): Tensor {
    if (quality.ndim !== 2) {
      throw new ShapeError(`Matcher.match needs qualities (true boxes, anchors), but got ${showShape(quality.shape)}.`);
    }
    const [count, anchors] = quality.shape;
    const values = quality.dataSync();
    // As numbers of the qualities' dtype, so that a float32 0.7 is not below 0.7.
    const [low, high] = Float64Array.from(
      tensor([this.lowThreshold, this.highThreshold], { dtype: quality.dtype }).dataSync(),
    );
    const best = new Int32Array(anchors); // the true box that fits an anchor best
    for (let k = 1; k < count; k++) {
      for (let a = 0; a < anchors; a++) if (values[k * anchors + a] > values[best[a] * anchors + a]) best[a] = k;
    }
    const matches = best.map((k, a) => {
      const highest = count === 0 ? Number.NEGATIVE_INFINITY : values[k * anchors + a];
      if (highest >= high) return k;
      return highest >= low ? Matcher.BETWEEN_THRESHOLDS : Matcher.BELOW_LOW_THRESHOLD;
    });
    if (this.allowLowQualityMatches) {
      for (let k = 0; k < count; k++) {
        let highest = 0;
        for (let a = 0; a < anchors; a++) highest = Math.max(highest, values[k * anchors + a]);
        // torchvision's rule: such an anchor gets the true box that fits it best, which may be another than k.
        for (let a = 0; a < anchors; a++) {
          if (highest > 0 && values[k * anchors + a] === highest) matches[a] = best[a];
        }
      }
    }
    return tensor(matches);
  }
}

export interface EncodeOptions {
  /** thresholds; by default 0.5 and 0.4, and a true box has at least one anchor, as in RetinaNet */
  matcher?: Matcher;
  /** weights; by default 1 */
  coder?: BoxCoder;
}

/** What a detector learns from one image. */
export interface BoxTargets {
  /** (A,) i32: the class of each anchor, −1 for background, −2 for what is ignored */
  readonly labels: Tensor;
  /** (A, 4) f32: the offsets of each anchor's true box, 0 where it has none */
  readonly offsets: Tensor;
}

/**
 * The targets of an image's anchors: each gets the class of the true box that `matcher` gives it, and that box's offsets
 * by `coder`. Boxes without area match nothing, such as rows of zeros that fill a table up.
 *
 * Shapes: boxes (K, 4) and their classes (K,), from 0; anchors (A, 4) ─► labels (A,) and offsets (A, 4). Throws a
 * ShapeError for others. Source: torchvision.models.detection.retinanet; Lin et al., Focal loss, 2017, section 4.
 *
 * ```ts
 * const anchors = tensor([[0, 0, 4, 4], [4, 0, 8, 4], [0, 1, 4, 4]]);
 * const { labels, offsets } = encodeTargets(tensor([[0, 0, 4, 4]]), tensor([7], { dtype: "i32" }), anchors);
 * labels; // tensor([ 7, -1,  7])
 * offsets.index(2); // tensor([ 0.0000, -0.1667,  0.0000,  0.2877])
 * ```
 */
export function encodeTargets(boxes: Tensor, labels: Tensor, anchors: Tensor, options: EncodeOptions = {}): BoxTargets {
  const { matcher = new Matcher(0.5, 0.4, { allowLowQualityMatches: true }), coder = new BoxCoder() } = options;
  for (const rows of [boxes, anchors]) expectRows("encodeTargets", rows);
  if (labels.ndim !== 1 || labels.shape[0] !== boxes.shape[0]) {
    throw new ShapeError(
      `encodeTargets needs a label for each of the boxes ${showShape(boxes.shape)}, but got ${showShape(labels.shape)}.`,
    );
  }
  const [truth, rows] = [Float64Array.from(boxes.dataSync()), Float64Array.from(anchors.dataSync())];
  const [count, total] = [boxes.shape[0], anchors.shape[0]];
  const quality = new Float32Array(count * total);
  for (let k = 0; k < count; k++) {
    for (let a = 0; a < total; a++) quality[k * total + a] = rectangleIou(truth, k, rows, a);
  }
  const matches = matcher.match(tensor(quality, { shape: [count, total] })).dataSync();
  const classes = labels.dataSync();
  const offsets = new Float32Array(total * 4);
  for (const [a, k] of matches.entries()) {
    if (k >= 0) offsets.set(coder.offsets(truth.subarray(4 * k, 4 * k + 4), rows.subarray(4 * a, 4 * a + 4)), 4 * a);
  }
  return {
    labels: tensor(Int32Array.from(matches, (k) => (k < 0 ? k : classes[k]))),
    offsets: tensor(offsets, { shape: [total, 4] }),
  };
}
