/** Networks that are known by name. */

export { DenseNet, type DenseNetOptions, densenet100, densenet121 } from "./densenet.ts";
export { type DetectionLossOptions, detectionLoss } from "./detection-loss.ts";
export { GoogLeNet, type GoogLeNetOptions } from "./googlenet.ts";
export { type InvertedResidualSetting, MobileNetV2, type MobileNetV2Options, mobilenetV2 } from "./mobilenet-v2.ts";
export type { ClassifierOptions } from "./options.ts";
export { type Detection, type DetectOptions, RetinaNet, type RetinaNetOptions } from "./retinanet.ts";
export { UNet, type UNetOptions } from "./u-net.ts";
