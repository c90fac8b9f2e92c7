import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type ConvOptions,
  conv1d,
  conv2d,
  conv3d,
  crossEntropy,
  embedding,
  huberLoss,
  l1Loss,
  layerNorm,
  linear,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  mseLoss,
  nllLoss,
  type Reduction,
  type Sizes,
  smoothL1Loss,
} from "../../src/nn/index.ts";
import { type Tensor, Variable } from "../../src/tensor/index.ts";

/** What a layer takes beside tensors. Each layer's cases have the options that it reads. */
export interface LayerOptions extends ConvOptions {
  readonly ceilMode?: boolean;
  readonly countIncludePad?: boolean;
  readonly eps: number;
  readonly ignoreIndex?: number;
  readonly kernelSize: Sizes;
  readonly labelSmoothing?: number;
  readonly momentum: number;
  readonly normalizedShape: number[];
  readonly padding?: Sizes;
  readonly reduction?: Reduction;
  readonly training: boolean;
}

type Layer = (inputs: readonly Tensor[], options: LayerOptions) => Tensor | readonly Tensor[];

export const LAYERS: Readonly<Record<string, Layer>> = {
  linear: ([x, weight, bias]) => linear(x, weight, bias),
  embedding: ([index, weight]) => embedding(index, weight),

  conv1d: ([x, weight, bias], options) => conv1d(x, weight, bias, options),
  conv2d: ([x, weight, bias], options) => conv2d(x, weight, bias, options),
  conv3d: ([x, weight, bias], options) => conv3d(x, weight, bias, options),

  maxPool1d: ([x], options) => maxPool1d(x, options.kernelSize, options),
  maxPool2d: ([x], options) => maxPool2d(x, options.kernelSize, options),
  maxPool3d: ([x], options) => maxPool3d(x, options.kernelSize, options),
  avgPool1d: ([x], options) => avgPool1d(x, options.kernelSize, options),
  avgPool2d: ([x], options) => avgPool2d(x, options.kernelSize, options),
  avgPool3d: ([x], options) => avgPool3d(x, options.kernelSize, options),

  batchNorm([x, mean, variance, weight, bias], options) {
    const [runningMean, runningVar] = [new Variable(mean), new Variable(variance)];
    const y = batchNorm(x, runningMean, runningVar, { ...options, weight, bias });
    return [y, runningMean, runningVar];
  },
  layerNorm: ([x, weight, bias], options) => layerNorm(x, options.normalizedShape, { ...options, weight, bias }),

  crossEntropy: ([x, target, weight], options) => crossEntropy(x, target, { ...options, weight }),
  nllLoss: ([x, target, weight], options) => nllLoss(x, target, { ...options, weight }),
  mseLoss: ([x, target], options) => mseLoss(x, target, options),
  l1Loss: ([x, target], options) => l1Loss(x, target, options),
  smoothL1Loss: ([x, target], options) => smoothL1Loss(x, target, options),
  huberLoss: ([x, target], options) => huberLoss(x, target, options),
  binaryCrossEntropy: ([p, target], options) => binaryCrossEntropy(p, target, options),
  binaryCrossEntropyWithLogits: ([x, target], options) => binaryCrossEntropyWithLogits(x, target, options),
};
