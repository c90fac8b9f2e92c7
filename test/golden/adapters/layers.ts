/** What each golden layer and loss is in chainrule. */

import { type Tensor, Variable } from "../../../src/index.ts";
import {
  type AttentionOptions,
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type BatchNormOptions,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type ConvOptions,
  type CrossEntropyOptions,
  conv1d,
  conv2d,
  conv3d,
  crossEntropy,
  type EmbeddingOptions,
  embedding,
  huberLoss,
  l1Loss,
  layerNorm,
  linear,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  mseLoss,
  nllLoss,
  type Sizes,
  scaledDotProductAttention,
  smoothL1Loss,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a layer takes beside tensors. Each layer's cases have the options that it reads. */
type LayerOptions = ConvOptions &
  AttentionOptions &
  MaxPoolOptions &
  AvgPoolOptions &
  BatchNormOptions &
  EmbeddingOptions & {
    readonly kernelSize: Sizes;
    readonly outputSize: Sizes;
    readonly normalizedShape: number[];
  };

type Layer = Operator<LayerOptions>;

const conv =
  (f: typeof conv2d): Layer =>
  ([x, weight, bias], options) =>
    f(x, weight, bias, options);

const pool =
  (f: typeof maxPool2d | typeof avgPool2d): Layer =>
  ([x], options) =>
    f(x, options.kernelSize, options);

const loss =
  (f: (input: Tensor, target: Tensor, options: CrossEntropyOptions) => Tensor): Layer =>
  ([input, target, weight], options) =>
    f(input, target, { ...options, weight });

export const LAYERS: Readonly<Record<string, Layer>> = {
  linear: ([x, weight, bias]) => linear(x, weight, bias),
  embedding: ([index, weight], options) => embedding(index, weight, options),
  conv1d: conv(conv1d),
  conv2d: conv(conv2d),
  conv3d: conv(conv3d),
  maxPool1d: pool(maxPool1d),
  maxPool2d: pool(maxPool2d),
  maxPool3d: pool(maxPool3d),
  avgPool1d: pool(avgPool1d),
  avgPool2d: pool(avgPool2d),
  avgPool3d: pool(avgPool3d),
  adaptiveAvgPool2d: ([x], { outputSize }) => adaptiveAvgPool2d(x, outputSize),
  // the running statistics are results too; where there are none, there is no momentum
  batchNorm([x, ...rest], options) {
    if (options.momentum === undefined) {
      const [weight, bias] = rest;
      return batchNorm(x, undefined, undefined, { ...options, weight, bias });
    }
    const [mean, variance, weight, bias] = rest;
    const running = [new Variable(mean), new Variable(variance)];
    return [batchNorm(x, running[0], running[1], { ...options, weight, bias }), ...running];
  },
  scaledDotProductAttention: ([query, key, value, attnMask], options) =>
    scaledDotProductAttention(query, key, value, { ...options, ...(attnMask && { attnMask }) }),
  layerNorm: ([x, weight, bias], options) => layerNorm(x, options.normalizedShape, { ...options, weight, bias }),
  crossEntropy: loss(crossEntropy),
  nllLoss: loss(nllLoss),
  mseLoss: loss(mseLoss),
  l1Loss: loss(l1Loss),
  smoothL1Loss: loss(smoothL1Loss),
  huberLoss: loss(huberLoss),
  binaryCrossEntropy: loss(binaryCrossEntropy),
  binaryCrossEntropyWithLogits: loss(binaryCrossEntropyWithLogits),
};
