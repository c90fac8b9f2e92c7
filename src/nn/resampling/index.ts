export { Fold, fold, Unfold, type UnfoldOptions, unfold } from "./fold.ts";
export { type AffineGridOptions, affineGrid, type GridSampleOptions, gridSample } from "./grid.ts";
export { type InterpolateOptions, type InterpolationMode, interpolate } from "./interpolate.ts";
export {
  ChannelShuffle,
  channelShuffle,
  PixelShuffle,
  PixelUnshuffle,
  pixelShuffle,
  pixelUnshuffle,
} from "./shuffle.ts";
export { Upsample, type UpsampleOptions, UpsamplingBilinear2d, UpsamplingNearest2d } from "./upsample.ts";
