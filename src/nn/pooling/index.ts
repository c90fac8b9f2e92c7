export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  type AdaptiveMaxPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type OutputSize,
} from "./adaptive.ts";
export { AvgPool1d, AvgPool2d, AvgPool3d, type AvgPoolOptions, avgPool1d, avgPool2d, avgPool3d } from "./average.ts";
export { LPPool1d, LPPool2d, LPPool3d, type LPPoolOptions, lpPool1d, lpPool2d, lpPool3d } from "./lp.ts";
export {
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPooled,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./max.ts";
export {
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
  type MaxUnpoolOptions,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type UnpoolingOptions,
} from "./unpool.ts";
