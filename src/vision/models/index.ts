/** Networks that are known by name. */

export { AlexNet, type AlexNetOptions, alexnet } from "./alexnet.ts";
export { DenseNet, type DenseNetOptions, densenet100, densenet121 } from "./densenet.ts";
export { type DetectionLossOptions, detectionLoss } from "./detection-loss.ts";
export { GoogLeNet, type GoogLeNetOptions, googlenet } from "./googlenet.ts";
export { LeNet, type LeNetOptions, lenet } from "./lenet.ts";
export { type InvertedResidualSetting, MobileNetV2, type MobileNetV2Options, mobilenetV2 } from "./mobilenet-v2.ts";
export type { ClassifierOptions } from "./options.ts";
export { type PlainOptions, plain18, plain20, plain34, plain50, plain56 } from "./plain.ts";
export {
  PreActResNet,
  type PreActResNetOptions,
  preActResNet20,
  preActResNet56,
  preActResNet110,
} from "./preact-resnet.ts";
export { ResNet, type ResNetOptions, resnet18, resnet34, resnet50, resnet101 } from "./resnet.ts";
export { resnet20, resnet32, resnet44, resnet56, resnet110 } from "./resnet-cifar.ts";
export { type Detection, type DetectOptions, RetinaNet, type RetinaNetOptions } from "./retinanet.ts";
export { UNet, type UNetOptions } from "./u-net.ts";
export {
  VGG,
  type VggLayerOptions,
  type VggOptions,
  vgg11,
  vgg11Bn,
  vgg13,
  vgg13Bn,
  vgg16,
  vgg16Bn,
  vgg19,
  vgg19Bn,
} from "./vgg.ts";
export {
  VisionTransformer,
  type VisionTransformerOptions,
  vitB16,
  vitB32,
  vitSmallPictures,
} from "./vision-transformer.ts";
