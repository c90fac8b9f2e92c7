export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormLayerOptions,
  type BatchNormOptions,
  batchNorm,
} from "./batch.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layer.ts";
