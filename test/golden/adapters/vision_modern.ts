/** What the golden blocks and networks since 2014 are in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import { Hardsigmoid, Hardswish, type Layer, SiLU } from "../../../src/nn/index.ts";
import {
  BasicConv2d,
  Conv2dNormActivation,
  type Conv2dNormActivationOptions,
  DenseBlock,
  DenseLayer,
  DenseNet,
  type DenseNetOptions,
  DepthwiseSeparable,
  type DepthwiseSeparableOptions,
  DoubleConv,
  detectionLoss,
  FeaturePyramidNetwork,
  GoogLeNet,
  type GoogLeNetOptions,
  Inception,
  type InceptionOptions,
  InvertedResidual,
  type InvertedResidualOptions,
  MobileNetV2,
  type MobileNetV2Options,
  PatchEmbedding,
  RetinaNet,
  type RetinaNetOptions,
  SqueezeExcitation,
  Transition,
  UNet,
  UNetDown,
  type UNetOptions,
  UNetUp,
  type UNetUpOptions,
  VisionTransformer,
  type VisionTransformerOptions,
} from "../../../src/vision/index.ts";
import type { MakesModule } from "./modules.ts";
import type { Operator } from "./operators.ts";

export const DETECTION: Readonly<Record<string, Operator>> = {
  detectionLoss: ([logits, offsets, labels, targets]) => detectionLoss(logits, offsets, labels, targets),
};

/** Activations, which go by names. */
const NAMED = { SiLU, Hardswish, Hardsigmoid };
interface Named {
  readonly activation?: keyof typeof NAMED;
  readonly scaleActivation?: keyof typeof NAMED;
}
const made = (name: keyof typeof NAMED | undefined): (() => Layer) | undefined => name && (() => new NAMED[name]());

export const VISION_MODERN = {
  Conv2dNormActivation({
    kernelSize,
    activation,
    ...options
  }: Omit<Conv2dNormActivationOptions, "activation"> & Named & { kernelSize: number }) {
    return new Conv2dNormActivation(3, 4, kernelSize, { ...options, activation: made(activation) });
  },
  SqueezeExcitation: ({ activation, scaleActivation }: Named) =>
    new SqueezeExcitation(4, 2, { activation: made(activation), scaleActivation: made(scaleActivation) }),
  InvertedResidual: ({
    inChannels,
    outChannels,
    ...options
  }: InvertedResidualOptions & { inChannels: number; outChannels: number }) =>
    new InvertedResidual(inChannels, outChannels, options),
  DepthwiseSeparable: (options: DepthwiseSeparableOptions) => new DepthwiseSeparable(3, 4, options),
  DenseLayer: () => new DenseLayer(3, 2, { bnSize: 2 }),
  DenseBlock: ({ numLayers }: { numLayers: number }) => new DenseBlock(numLayers, 3, 2, { bnSize: 2 }),
  Transition: () => new Transition(4, 2),
  BasicConv2d: () => new BasicConv2d(3, 4, 3, { stride: 2, padding: 1 }),
  Inception: (options: InceptionOptions) =>
    new Inception(3, { ch1x1: 2, ch3x3red: 2, ch3x3: 3, ch5x5red: 2, ch5x5: 2, poolProj: 2 }, options),
  FeaturePyramidNetwork() {
    const pyramid = new FeaturePyramidNetwork([2, 3, 4], 3);
    const { forward } = pyramid;
    return Object.assign(pyramid, { forward: (...maps: Tensor[]) => forward.call(pyramid, maps) });
  },
  DoubleConv: () => new DoubleConv(3, 4),
  UNetDown: () => new UNetDown(3, 4),
  UNetUp: (options: UNetUpOptions) => new UNetUp(4, 2, 3, options),
  DenseNet: (options: DenseNetOptions) => new DenseNet(options),
  MobileNetV2: (options: MobileNetV2Options) => new MobileNetV2(options),
  GoogLeNet: (options: GoogLeNetOptions) => new GoogLeNet(options),
  RetinaNet: (options: RetinaNetOptions) => new RetinaNet(options),
  UNet: (options: UNetOptions) => new UNet(options),
  PatchEmbedding: () => new PatchEmbedding(3, 4, 2),
  VisionTransformer: (options: VisionTransformerOptions) => new VisionTransformer(options),
} satisfies Record<string, MakesModule>;
