/** Boxes: what differentiates, and what reads values. */

import type { Tensor } from "../../../src/index.ts";
import type { LossOptions } from "../../../src/nn/index.ts";
import {
  AnchorGenerator,
  BoxCoder,
  type BoxCoderOptions,
  type BoxFormat,
  batchedNms,
  boxArea,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  completeBoxIouLoss,
  distanceBoxIou,
  distanceBoxIouLoss,
  encodeTargets,
  generalizedBoxIou,
  generalizedBoxIouLoss,
  Matcher,
  type MatcherOptions,
  masksToBoxes,
  nms,
  removeSmallBoxes,
  type SoftNmsOptions,
  softNms,
} from "../../../src/vision/index.ts";
import type { Operator } from "./operators.ts";

type Size = readonly [number, number];

interface BoxOptions extends LossOptions, BoxCoderOptions {
  readonly from: BoxFormat;
  readonly to: BoxFormat;
  readonly size: Size;
}

interface ToolOptions extends SoftNmsOptions, MatcherOptions, BoxCoderOptions {
  readonly minSize: number;
  readonly iouThreshold: number;
  readonly sizes: number[][];
  readonly aspectRatios: number[][];
  readonly imageSize: Size;
  readonly gridSizes: Size[];
  readonly highThreshold: number;
  readonly lowThreshold: number;
}

const pairs =
  (measure: (a: Tensor, b: Tensor) => Tensor): Operator<BoxOptions> =>
  ([a, b]) =>
    measure(a, b);

export const BOXES: Readonly<Record<string, Operator<BoxOptions>>> = {
  boxArea: ([boxes]) => boxArea(boxes),
  boxConvert: ([boxes], { from, to }) => boxConvert(boxes, from, to),
  clipBoxesToImage: ([boxes], { size }) => clipBoxesToImage(boxes, size),
  boxIou: pairs(boxIou),
  generalizedBoxIou: pairs(generalizedBoxIou),
  distanceBoxIou: pairs(distanceBoxIou),
  completeBoxIou: pairs(completeBoxIou),
  generalizedBoxIouLoss: ([a, b], options) => generalizedBoxIouLoss(a, b, options),
  distanceBoxIouLoss: ([a, b], options) => distanceBoxIouLoss(a, b, options),
  completeBoxIouLoss: ([a, b], options) => completeBoxIouLoss(a, b, options),
  "BoxCoder.decode": ([offsets, anchors], options) => new BoxCoder(options).decode(offsets, anchors),
};

export const BOX_TOOLS: Readonly<Record<string, Operator<ToolOptions>>> = {
  removeSmallBoxes: ([boxes], { minSize }) => removeSmallBoxes(boxes, minSize),
  masksToBoxes: ([masks]) => masksToBoxes(masks),
  nms: ([boxes, scores], { iouThreshold }) => nms(boxes, scores, iouThreshold),
  batchedNms: ([boxes, scores, classes], { iouThreshold }) => batchedNms(boxes, scores, classes, iouThreshold),
  softNms: ([boxes, scores], options) => {
    const soft = softNms(boxes, scores, options);
    return [soft.indices, soft.scores];
  },
  AnchorGenerator: (_, { sizes, aspectRatios, imageSize, gridSizes }) =>
    new AnchorGenerator(sizes, aspectRatios).generate(imageSize, gridSizes),
  Matcher: ([quality], { highThreshold, lowThreshold, ...options }) =>
    new Matcher(highThreshold, lowThreshold, options).match(quality),
  "BoxCoder.encode": ([boxes, anchors], options) => new BoxCoder(options).encode(boxes, anchors),
  encodeTargets: ([boxes, labels, anchors]) => {
    const targets = encodeTargets(boxes, labels, anchors);
    return [targets.labels, targets.offsets];
  },
};
