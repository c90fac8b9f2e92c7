/** What each golden layer is in chainrule. */

import {
  type AttentionOptions,
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type EmbeddingOptions,
  embedding,
  linear,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type Sizes,
  scaledDotProductAttention,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a layer takes beside tensors. Each layer's cases have the options that it reads. */
type LayerOptions = ConvOptions &
  ConvTransposeOptions &
  AttentionOptions &
  MaxPoolOptions &
  AvgPoolOptions &
  EmbeddingOptions & {
    readonly kernelSize: Sizes;
    readonly outputSize: Sizes;
  };

type Layer = Operator<LayerOptions>;

const conv =
  (f: typeof conv2d | typeof convTranspose2d): Layer =>
  ([x, weight, bias], options) =>
    f(x, weight, bias, options);

const pool =
  (f: typeof maxPool2d | typeof avgPool2d): Layer =>
  ([x], options) =>
    f(x, options.kernelSize, options);

export const LAYERS: Readonly<Record<string, Layer>> = {
  linear: ([x, weight, bias]) => linear(x, weight, bias),
  embedding: ([index, weight], options) => embedding(index, weight, options),
  conv1d: conv(conv1d),
  conv2d: conv(conv2d),
  conv3d: conv(conv3d),
  convTranspose1d: conv(convTranspose1d),
  convTranspose2d: conv(convTranspose2d),
  convTranspose3d: conv(convTranspose3d),
  maxPool1d: pool(maxPool1d),
  maxPool2d: pool(maxPool2d),
  maxPool3d: pool(maxPool3d),
  avgPool1d: pool(avgPool1d),
  avgPool2d: pool(avgPool2d),
  avgPool3d: pool(avgPool3d),
  adaptiveAvgPool2d: ([x], { outputSize }) => adaptiveAvgPool2d(x, outputSize),
  scaledDotProductAttention: ([query, key, value, attnMask], options) =>
    scaledDotProductAttention(query, key, value, { ...options, ...(attnMask && { attnMask }) }),
};
