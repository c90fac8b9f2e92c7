/** What each golden resampling is in chainrule. */

import type { Shape } from "../../../src/index.ts";
import {
  type AffineGridOptions,
  affineGrid,
  channelShuffle,
  Fold,
  type GridSampleOptions,
  gridSample,
  type InterpolateOptions,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
  type Sizes,
  Unfold,
  type UnfoldOptions,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a resampling takes beside tensors. Each one's cases have the options that it reads. */
type ResamplingOptions = UnfoldOptions & {
  readonly kernelSize: Sizes;
  readonly outputSize: Sizes;
  readonly factor: number;
  readonly groups: number;
};

const interpolated: Operator<InterpolateOptions> = ([x], options) => interpolate(x, options);
const grid: Operator<AffineGridOptions & { size: Shape }> = ([theta], { size, ...options }) =>
  affineGrid(theta, size, options);
const sampled: Operator<GridSampleOptions> = ([x, at], options) => gridSample(x, at, options);

const others: Readonly<Record<string, Operator<ResamplingOptions>>> = {
  pixelShuffle: ([x], { factor }) => pixelShuffle(x, factor),
  pixelUnshuffle: ([x], { factor }) => pixelUnshuffle(x, factor),
  channelShuffle: ([x], { groups }) => channelShuffle(x, groups),
  Unfold: ([x], { kernelSize, ...options }) => new Unfold(kernelSize, options).forward(x),
  Fold: ([x], { outputSize, kernelSize, ...options }) => new Fold(outputSize, kernelSize, options).forward(x),
};

export const RESAMPLING = { interpolate: interpolated, affineGrid: grid, gridSample: sampled, ...others };
