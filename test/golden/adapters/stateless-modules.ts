/** What each golden layer without weights is in chainrule: it passes on what it was made with. */

import type { Tensor } from "../../../src/index.ts";
import * as nn from "../../../src/nn/index.ts";
import { positioned } from "./attention.ts";
import { type LayerOptions, results } from "./layers.ts";
import type { Operator } from "./operators.ts";

type Own = LayerOptions &
  nn.RotaryOptions &
  nn.UpsampleOptions & {
    readonly dim: number;
    readonly maxLength: number;
    readonly outputSize: number[];
    readonly padding: nn.Sizes;
    readonly value: number;
    readonly upscaleFactor: number;
    readonly downscaleFactor: number;
  };

type Stateless = nn.Module & { forward(...xs: Tensor[]): nn.MaxPooled<boolean> };
type Makes = (options: Own) => Stateless;

const padding =
  (Pad: new (padding: nn.Sizes, value: number) => Stateless): Makes =>
  ({ padding, value }) =>
    new Pad(padding, value);

const pool =
  (Pool: new (kernelSize: nn.Sizes, options: Omit<Own, "kernelSize">) => Stateless): Makes =>
  ({ kernelSize, ...options }) =>
    new Pool(kernelSize, options);

const adaptive =
  (Pool: new (outputSize: nn.OutputSize, options: nn.AdaptiveMaxPoolOptions<boolean>) => Stateless): Makes =>
  ({ outputSize, ...options }) =>
    new Pool(outputSize, options);

const lpPool =
  (Pool: typeof nn.LPPool2d): Makes =>
  ({ normType, kernelSize, ...options }) =>
    new Pool(normType, kernelSize, options);

/** With the sizes of the output, which a module takes beside its inputs. */
const unpool =
  (Unpool: typeof nn.MaxUnpool2d): Makes =>
  ({ kernelSize, outputSize, ...options }) => {
    const layer = new Unpool(kernelSize, options);
    const { forward } = layer;
    return Object.assign(layer, { forward: (x: Tensor, at: Tensor) => forward.call(layer, x, at, { outputSize }) });
  };

export const STATELESS_MODULES: Readonly<Record<string, Makes>> = {
  ZeroPad1d: padding(nn.ZeroPad1d),
  ZeroPad2d: padding(nn.ZeroPad2d),
  ZeroPad3d: padding(nn.ZeroPad3d),
  ConstantPad1d: padding(nn.ConstantPad1d),
  ConstantPad2d: padding(nn.ConstantPad2d),
  ConstantPad3d: padding(nn.ConstantPad3d),
  ReflectionPad1d: padding(nn.ReflectionPad1d),
  ReflectionPad2d: padding(nn.ReflectionPad2d),
  ReflectionPad3d: padding(nn.ReflectionPad3d),
  ReplicationPad1d: padding(nn.ReplicationPad1d),
  ReplicationPad2d: padding(nn.ReplicationPad2d),
  ReplicationPad3d: padding(nn.ReplicationPad3d),
  CircularPad1d: padding(nn.CircularPad1d),
  CircularPad2d: padding(nn.CircularPad2d),
  CircularPad3d: padding(nn.CircularPad3d),
  MaxPool1d: pool(nn.MaxPool1d<boolean>),
  MaxPool2d: pool(nn.MaxPool2d<boolean>),
  MaxPool3d: pool(nn.MaxPool3d<boolean>),
  AvgPool1d: pool(nn.AvgPool1d),
  AvgPool2d: pool(nn.AvgPool2d),
  AvgPool3d: pool(nn.AvgPool3d),
  AdaptiveAvgPool1d: adaptive(nn.AdaptiveAvgPool1d),
  AdaptiveAvgPool2d: adaptive(nn.AdaptiveAvgPool2d),
  AdaptiveAvgPool3d: adaptive(nn.AdaptiveAvgPool3d),
  AdaptiveMaxPool1d: adaptive(nn.AdaptiveMaxPool1d<boolean>),
  AdaptiveMaxPool2d: adaptive(nn.AdaptiveMaxPool2d<boolean>),
  AdaptiveMaxPool3d: adaptive(nn.AdaptiveMaxPool3d<boolean>),
  LPPool1d: lpPool(nn.LPPool1d),
  LPPool2d: lpPool(nn.LPPool2d),
  LPPool3d: lpPool(nn.LPPool3d),
  MaxUnpool1d: unpool(nn.MaxUnpool1d),
  MaxUnpool2d: unpool(nn.MaxUnpool2d),
  MaxUnpool3d: unpool(nn.MaxUnpool3d),
  Upsample: (options) => new nn.Upsample(options),
  UpsamplingNearest2d: (options) => new nn.UpsamplingNearest2d(options),
  UpsamplingBilinear2d: (options) => new nn.UpsamplingBilinear2d(options),
  PixelShuffle: ({ upscaleFactor }) => new nn.PixelShuffle(upscaleFactor),
  PixelUnshuffle: ({ downscaleFactor }) => new nn.PixelUnshuffle(downscaleFactor),
  ChannelShuffle: ({ groups = 1 }) => new nn.ChannelShuffle(groups),
  Unfold: ({ kernelSize, ...options }) => new nn.Unfold(kernelSize, options),
  Fold: ({ outputSize, kernelSize, ...options }) => new nn.Fold(outputSize, kernelSize, options),
  RotaryEmbedding: ({ dim, ...options }) => positioned(new nn.RotaryEmbedding(dim, options)),
  SinusoidalPositions: ({ maxLength, dim, ...options }) =>
    positioned(new nn.SinusoidalPositions(maxLength, dim, options)),
};

export const STATELESS: Readonly<Record<string, Operator<Own>>> = Object.fromEntries(
  Object.entries(STATELESS_MODULES).map(([name, make]) => [
    name,
    (inputs, options) => results(make(options).forward(...inputs)),
  ]),
);
