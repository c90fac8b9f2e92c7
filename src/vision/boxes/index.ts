export { AnchorGenerator } from "./anchors.ts";
export {
  type BoxFormat,
  boxArea,
  boxConvert,
  clipBoxesToImage,
  masksToBoxes,
  removeSmallBoxes,
} from "./box.ts";
export { BoxCoder, type BoxCoderOptions } from "./coding.ts";
export {
  boxIou,
  completeBoxIou,
  completeBoxIouLoss,
  distanceBoxIou,
  distanceBoxIouLoss,
  generalizedBoxIou,
  generalizedBoxIouLoss,
} from "./iou.ts";
export { type BoxTargets, type EncodeOptions, encodeTargets, Matcher, type MatcherOptions } from "./matching.ts";
export { batchedNms, nms } from "./nms.ts";
export { type SoftNmsOptions, softNms } from "./soft-nms.ts";
