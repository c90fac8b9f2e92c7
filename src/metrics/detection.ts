import type { TypedArray } from "../core/dtype.ts";
import { ArgumentError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { Tensor } from "../tensor/index.ts";
import { rectangleIou } from "../vision/boxes/rectangles.ts";
import type { Metric } from "./metric.ts";

/** What a detector finds in one image. */
export interface DetectedBoxes {
  /** (D, 4), corners x1 y1 x2 y2 */
  readonly boxes: Tensor;
  /** (D,), higher is surer */
  readonly scores: Tensor;
  /** (D,), class numbers */
  readonly labels: Tensor;
}

/** What there is in one image. */
export interface TrueBoxes {
  /** (K, 4), corners x1 y1 x2 y2 */
  readonly boxes: Tensor;
  /** (K,), class numbers */
  readonly labels: Tensor;
  /** (K,), not 0 where a box need not be found and finding it is no mistake: VOC's difficult ones; none by default */
  readonly ignored?: Tensor;
}

/**
 * Whose rules: `"voc"` the area under the precision that does not fall again (VOC from 2010), `"voc2007"` the mean of that
 * precision at the recalls 0, 0.1, … 1, `"coco"` at 0, 0.01, … 1.
 *
 * VOC's detection claims the true box that it overlaps most, even if another has claimed it (then it is false); COCO's
 * the one that it overlaps most of those that are left, and of an image and class only the 100 surest detections count.
 */
export type DetectionProtocol = "voc" | "voc2007" | "coco";

export interface MeanAveragePrecisionOptions {
  /** whose rules; `"voc"` by default */
  protocol?: DetectionProtocol;
  /** the IoU from which on a detection is right, one or several to take the mean over; 0.5 by default, 0.5, 0.55, … 0.95 with `"coco"` */
  iouThresholds?: readonly number[];
}

export interface MeanAveragePrecisionResult {
  /** over classes and thresholds; NaN if no image has a box to find */
  readonly mean: number;
  /** by class number, over thresholds; NaN for a class that is detected only */
  readonly perClass: ReadonlyMap<number, number>;
  /** by threshold, over classes */
  readonly perThreshold: readonly number[];
}

interface Rules {
  readonly thresholds: readonly number[];
  /** recalls 0, 1/steps, … 1; undefined for the area */
  readonly steps?: number;
  readonly match: (ious: Float64Array, threshold: number, truths: Truths, taken: Uint8Array) => Outcome;
  /** of an image and class */
  readonly most: number;
}

interface Truths {
  readonly corners: Float64Array;
  readonly ignored: readonly boolean[];
}

type Outcome = "right" | "wrong" | "ignored";

/** Of a detection by its overlaps with the image's true boxes of its class, `taken` as it leaves them. */
function matchVoc(ious: Float64Array, threshold: number, { ignored }: Truths, taken: Uint8Array): Outcome {
  const best = ious.reduce((best, iou, k) => (iou > ious[best] ? k : best), 0);
  if (!(ious[best] >= threshold)) return "wrong";
  if (ignored[best]) return "ignored";
  return taken[best]++ ? "wrong" : "right";
}

function matchCoco(ious: Float64Array, threshold: number, { ignored }: Truths, taken: Uint8Array): Outcome {
  let best = -1;
  for (const [k, iou] of ious.entries()) {
    if (iou >= threshold && !ignored[k] && !taken[k] && (best < 0 || iou > ious[best])) best = k;
  }
  if (best < 0) return ious.some((iou, k) => iou >= threshold && ignored[k]) ? "ignored" : "wrong";
  taken[best] = 1;
  return "right";
}

const PROTOCOLS: Readonly<Record<DetectionProtocol, Rules>> = {
  voc: { thresholds: [0.5], match: matchVoc, most: Number.POSITIVE_INFINITY },
  voc2007: { thresholds: [0.5], steps: 10, match: matchVoc, most: Number.POSITIVE_INFINITY },
  coco: {
    thresholds: Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100),
    steps: 100,
    match: matchCoco,
    most: 100,
  },
};

interface Detection {
  readonly score: number;
  /** by threshold */
  readonly outcomes: readonly Outcome[];
}

/**
 * Mean average precision of a detector. In each class, detections of all images are ranked by score; in an image the
 * surest claims a true box first, is right if their IoU reaches the threshold, and whatever claims that box again is
 * wrong. With precision P and recall R after each rank, the average precision is the area under max P(R′ ≥ R), or its mean
 * at the protocol's recalls. The mean is over classes that have true boxes, and over thresholds.
 *
 * Boxes are corners without the extra pixel of VOC's own program; equal scores keep the order in which they came. `update`
 * takes one image and throws a ShapeError unless every box has its label and score, and an ArgumentError if a score is NaN.
 * Source: Everingham et al., The PASCAL visual object classes challenge, 2010 and 2015; Lin et al., Microsoft COCO, 2014.
 *
 * ```ts
 * const metric = new MeanAveragePrecision();
 * metric.update(
 *   { boxes: tensor([[0, 0, 4, 4], [0, 0, 4, 3], [9, 9, 12, 12]]), scores: tensor([0.9, 0.8, 0.7]), labels: tensor([0, 0, 0]) },
 *   { boxes: tensor([[0, 0, 4, 4], [9, 9, 12, 12]]), labels: tensor([0, 0]) },
 * );
 * metric.compute().mean.toFixed(4); // "0.8333"
 * metric.compute().perClass.get(0) === metric.compute().mean; // true
 * ```
 */
export class MeanAveragePrecision
  implements Metric<[detected: DetectedBoxes, truth: TrueBoxes], MeanAveragePrecisionResult>
{
  readonly iouThresholds: readonly number[];
  readonly #rules: Rules;
  readonly #classes = new Map<number, { detections: Detection[]; truths: number }>();

  constructor(options: MeanAveragePrecisionOptions = {}) {
    const { protocol = "voc" } = options;
    this.#rules = PROTOCOLS[protocol];
    if (!this.#rules) {
      throw new ArgumentError(
        `MeanAveragePrecision: there is no protocol "${protocol}": take "voc", "voc2007" or "coco".`,
      );
    }
    this.iouThresholds = options.iouThresholds ?? this.#rules.thresholds;
    if (this.iouThresholds.length === 0 || !this.iouThresholds.every((iou) => iou > 0 && iou <= 1)) {
      throw new ArgumentError(
        `MeanAveragePrecision: iouThresholds are above 0 and at most 1, but are [${this.iouThresholds.join(", ")}].`,
      );
    }
  }

  /** Takes in one image. */
  update(detected: DetectedBoxes, truth: TrueBoxes): void {
    const [corners, scores, labels] = values("detections", detected.boxes, [detected.scores, detected.labels]);
    const [trueCorners, trueLabels, ignored] = values("true boxes", truth.boxes, [
      truth.labels,
      truth.ignored ?? truth.labels,
    ]);
    const nan = scores.findIndex(Number.isNaN);
    if (nan >= 0)
      throw new ArgumentError(`MeanAveragePrecision: score ${nan} is NaN, which has no place in a ranking.`);
    for (const label of new Set([...labels, ...trueLabels])) {
      const mine = rows(trueLabels, label);
      const truths = {
        corners: Float64Array.from(mine.flatMap((k) => [...trueCorners.subarray(4 * k, 4 * k + 4)])),
        ignored: mine.map((k) => truth.ignored !== undefined && ignored[k] !== 0),
      };
      const surest = rows(labels, label)
        .sort((a, b) => scores[b] - scores[a])
        .slice(0, this.#rules.most);
      const known = this.#classes.get(label) ?? { detections: [], truths: 0 };
      known.truths += truths.ignored.filter((ignored) => !ignored).length;
      known.detections.push(...this.#judge(corners, scores, surest, truths));
      this.#classes.set(label, known);
    }
  }

  /** Detections of one class in one image, the surest first. */
  #judge(corners: TypedArray, scores: TypedArray, surest: readonly number[], truths: Truths): Detection[] {
    const taken = this.iouThresholds.map(() => new Uint8Array(truths.ignored.length));
    return surest.map((d) => {
      const box = Float64Array.from(corners.subarray(4 * d, 4 * d + 4));
      const ious = Float64Array.from(truths.ignored, (_, k) => rectangleIou(box, 0, truths.corners, k));
      const outcomes = this.iouThresholds.map((iou, t) => this.#rules.match(ious, iou, truths, taken[t]));
      return { score: scores[d], outcomes };
    });
  }

  compute(): MeanAveragePrecisionResult {
    const table = new Map(
      [...this.#classes].map(([label, { detections, truths }]) => {
        const ranked = detections.toSorted((a, b) => b.score - a.score);
        const precisions = this.iouThresholds.map((_, t) => {
          const outcomes = ranked.map(({ outcomes }) => outcomes[t]).filter((outcome) => outcome !== "ignored");
          return area(
            outcomes.map((outcome) => outcome === "right"),
            truths,
            this.#rules.steps,
          );
        });
        return [label, precisions];
      }),
    );
    const present = [...table.values()].filter(([first]) => !Number.isNaN(first));
    const perThreshold = this.iouThresholds.map((_, t) => mean(present.map((precisions) => precisions[t])));
    const perClass = new Map([...table].sort(([a], [b]) => a - b).map(([label, all]) => [label, mean(all)]));
    return { mean: mean(perThreshold), perClass, perThreshold };
  }

  reset(): void {
    this.#classes.clear();
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

const rows = (labels: TypedArray, label: number): number[] => [...labels.keys()].filter((i) => labels[i] === label);

/** Under the highest precision at each recall or a higher one; NaN if there is nothing to find. */
function area(ranked: readonly boolean[], truths: number, steps?: number): number {
  if (truths === 0) return Number.NaN;
  let found = 0;
  const precisions: number[] = []; // where the first, second, … true box is found
  for (const [i, right] of ranked.entries()) if (right) precisions.push(++found / (i + 1));
  for (let k = found - 2; k >= 0; k--) precisions[k] = Math.max(precisions[k], precisions[k + 1]);
  if (steps === undefined) return precisions.reduce((sum, precision) => sum + precision, 0) / truths;
  // Recall r needs ⌈r · truths⌉ of them, computed from whole numbers: 0.07 · 100 is not 7.
  const at = (step: number): number => precisions[Math.max(1, Math.ceil((step * truths) / steps)) - 1] ?? 0;
  return mean(Array.from({ length: steps + 1 }, (_, step) => at(step)));
}

/** The values of boxes and of what belongs to them. */
function values(what: string, boxes: Tensor, others: readonly Tensor[]): TypedArray[] {
  const wrong = others.find(({ shape }) => shape.length !== 1 || shape[0] !== boxes.shape[0]);
  if (boxes.ndim !== 2 || boxes.shape[1] !== 4 || wrong) {
    throw new ShapeError(
      `MeanAveragePrecision needs ${what} (N, 4) with (N,) numbers each, but got ${showShape(boxes.shape)} with ${others.map(({ shape }) => showShape(shape)).join(" and ")}.`,
    );
  }
  return [boxes, ...others].map((x) => x.dataSync());
}
