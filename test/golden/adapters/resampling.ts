/** What each golden resampling is in chainrule. */

import type { Shape } from "../../../src/index.ts";
import {
  type AffineGridOptions,
  affineGrid,
  channelShuffle,
  type GridSampleOptions,
  gridSample,
  type InterpolateOptions,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a resampling takes beside tensors. Each one's cases have the options that it reads. */
interface ResamplingOptions {
  readonly factor: number;
  readonly groups: number;
}

const interpolated: Operator<InterpolateOptions> = ([x], options) => interpolate(x, options);
const grid: Operator<AffineGridOptions & { size: Shape }> = ([theta], { size, ...options }) =>
  affineGrid(theta, size, options);
const sampled: Operator<GridSampleOptions> = ([x, at], options) => gridSample(x, at, options);

const others: Readonly<Record<string, Operator<ResamplingOptions>>> = {
  pixelShuffle: ([x], { factor }) => pixelShuffle(x, factor),
  pixelUnshuffle: ([x], { factor }) => pixelUnshuffle(x, factor),
  channelShuffle: ([x], { groups }) => channelShuffle(x, groups),
};

export const RESAMPLING = { interpolate: interpolated, affineGrid: grid, gridSample: sampled, ...others };
