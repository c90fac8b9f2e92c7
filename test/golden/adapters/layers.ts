/** What each golden layer is in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import {
  type AdaptiveMaxPoolOptions,
  type AttentionOptions,
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
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
  type LPPoolOptions,
  linear,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type MaxPooled,
  type MaxPoolOptions,
  type MaxUnpoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type OutputSize,
  type Sizes,
  scaledDotProductAttention,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a layer takes beside tensors. Each layer's cases have the options that it reads. */
export type LayerOptions = ConvOptions &
  ConvTransposeOptions &
  AttentionOptions &
  MaxPoolOptions<boolean> &
  AdaptiveMaxPoolOptions<boolean> &
  AvgPoolOptions &
  LPPoolOptions &
  MaxUnpoolOptions &
  EmbeddingOptions & {
    readonly kernelSize: Sizes;
    readonly normType: number;
  };

type Layer = Operator<LayerOptions>;

const conv =
  (f: typeof conv2d | typeof convTranspose2d): Layer =>
  ([x, weight, bias], options) =>
    f(x, weight, bias, options);

/** A pool's result: where the elements are is a second one. */
export const results = (pooled: MaxPooled<boolean>): Tensor | Tensor[] =>
  "shape" in pooled ? pooled : [pooled.values, pooled.indices];

const pool =
  (f: typeof maxPool2d | typeof avgPool2d): Layer =>
  ([x], options) =>
    results(f(x, options.kernelSize, options));

const adaptive =
  (
    f: typeof adaptiveAvgPool2d | typeof adaptiveMaxPool2d,
  ): Operator<AdaptiveMaxPoolOptions<boolean> & { outputSize: OutputSize }> =>
  ([x], { outputSize, ...options }) =>
    results(f(x, outputSize, options));

const lpPool =
  (f: typeof lpPool2d): Layer =>
  ([x], { normType, kernelSize, ...options }) =>
    f(x, normType, kernelSize, options);

const unpool =
  (f: typeof maxUnpool2d): Layer =>
  ([x, indices], { kernelSize, ...options }) =>
    f(x, indices, kernelSize, options);

export const LAYERS = {
  linear: ([x, weight, bias]: readonly Tensor[]) => linear(x, weight, bias),
  embedding: ([index, weight]: readonly Tensor[], options: EmbeddingOptions) => embedding(index, weight, options),
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
  adaptiveAvgPool1d: adaptive(adaptiveAvgPool1d),
  adaptiveAvgPool2d: adaptive(adaptiveAvgPool2d),
  adaptiveAvgPool3d: adaptive(adaptiveAvgPool3d),
  adaptiveMaxPool1d: adaptive(adaptiveMaxPool1d),
  adaptiveMaxPool2d: adaptive(adaptiveMaxPool2d),
  adaptiveMaxPool3d: adaptive(adaptiveMaxPool3d),
  lpPool1d: lpPool(lpPool1d),
  lpPool2d: lpPool(lpPool2d),
  lpPool3d: lpPool(lpPool3d),
  maxUnpool1d: unpool(maxUnpool1d),
  maxUnpool2d: unpool(maxUnpool2d),
  maxUnpool3d: unpool(maxUnpool3d),
  scaledDotProductAttention: ([query, key, value, attnMask]: readonly Tensor[], options: AttentionOptions) =>
    scaledDotProductAttention(query, key, value, { ...options, ...(attnMask && { attnMask }) }),
} satisfies Readonly<Record<string, Operator<never>>>;
