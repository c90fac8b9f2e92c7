/** What convolutional networks are made of. */

export { Conv2dNormActivation, type Conv2dNormActivationOptions } from "./conv-norm-activation.ts";
export { DenseBlock, DenseLayer, type DenseOptions, Transition } from "./dense.ts";
export { DepthwiseSeparable, type DepthwiseSeparableOptions } from "./depthwise-separable.ts";
export { FeaturePyramidNetwork } from "./feature-pyramid.ts";
export {
  BasicConv2d,
  type BasicConv2dOptions,
  Inception,
  type InceptionChannels,
  type InceptionOptions,
} from "./inception.ts";
export { InvertedResidual, type InvertedResidualOptions } from "./inverted-residual.ts";
export { PatchEmbedding } from "./patch-embedding.ts";
export {
  BasicBlock,
  Bottleneck,
  PreActBlock,
  type ResidualBlock,
  type ResidualOptions,
  type Shortcut,
} from "./residual.ts";
export { SqueezeExcitation, type SqueezeExcitationOptions } from "./squeeze-excitation.ts";
export { DoubleConv, UNetDown, UNetUp, type UNetUpOptions } from "./u-net.ts";
