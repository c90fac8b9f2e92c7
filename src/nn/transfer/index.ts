/** Using what a model has learned for something else. */

export { createFeatureExtractor, FeatureExtractor } from "./features.ts";
export { replaceHead } from "./head.ts";
export { inspectLayers, type LayerState } from "./inspect.ts";
export {
  type DiscriminativeOptions,
  discriminativeGroups,
  GradualUnfreezing,
  type UnfreezingOptions,
} from "./parts.ts";
