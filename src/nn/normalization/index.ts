export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormForm,
  type BatchNormLayerOptions,
  type BatchNormOptions,
  batchNorm,
} from "./batch.ts";
export { GroupNorm, type GroupNormOptions, groupNorm } from "./group.ts";
export {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormLayerOptions,
  type InstanceNormOptions,
  instanceNorm,
} from "./instance.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layer.ts";
export { LocalResponseNorm, type LocalResponseNormOptions, localResponseNorm } from "./local-response.ts";
export { type NormalizeOptions, normalize } from "./normalize.ts";
export { removeParametrizations } from "./parametrization.ts";
export { RMSNorm, type RMSNormOptions, rmsNorm } from "./rms.ts";
export { type SpectralNormOptions, spectralNorm } from "./spectral.ts";
export { type WeightNormOptions, weightNorm } from "./weight.ts";
