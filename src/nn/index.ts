/** Layers and losses, as modules and as functions. */

export { type AttentionOptions, scaledDotProductAttention } from "../tensor/index.ts";
export * from "./activation/index.ts";
export * from "./attention/index.ts";
export { Flatten, Identity, type Layer, Sequential } from "./container.ts";
export { Conv1d, Conv2d, Conv3d, type ConvOptions, conv1d, conv2d, conv3d } from "./convolution.ts";
export { Embedding, type EmbeddingOptions, embedding } from "./embedding.ts";
export { type BagForwardOptions, EmbeddingBag, type EmbeddingBagOptions, embeddingBag } from "./embedding-bag.ts";
export { hiddenNeurons } from "./hidden-neurons.ts";
export * as init from "./init/index.ts";
export { Linear, linear, type WeightOptions } from "./linear.ts";
export * from "./loss/index.ts";
export { type ForwardHook, Module } from "./module.ts";
export * from "./normalization/index.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.ts";
export * from "./pooling/index.ts";
export * from "./recurrent/index.ts";
export * from "./regularization/index.ts";
export * from "./resampling/index.ts";
export type { Sizes } from "./spatial.ts";
export { type ReceptiveField, Summary, type SummaryRow } from "./summary.ts";
export * from "./transfer/index.ts";
export * from "./transformer/index.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type OutputSizeOptions,
} from "./transposed-convolution.ts";
