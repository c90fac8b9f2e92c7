import { rowMajor } from "../../core/shape.ts";
import { windowArgmax, windowMax } from "../../tensor/convolution.ts";
import { arange, type Tensor, type ValuesIndices } from "../../tensor/index.ts";
import { batched, type Sizes } from "../spatial.ts";
import { type Axis, axesOf, column, Pool, padded } from "./windowing.ts";

export interface MaxPoolOptions<R extends boolean = false> {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** at both ends, never chosen; at most half of the kernel; 0 by default */
  padding?: Sizes;
  /** distance between a window's elements; 1 by default */
  dilation?: Sizes;
  /** whether a last window may reach over the end */
  ceilMode?: boolean;
  /** whether to give where the elements are too; false by default */
  returnIndices?: R;
}

/** The largest elements; with `returnIndices`, also where each is in its flattened picture, i32. */
export type MaxPooled<R extends boolean> = R extends true ? ValuesIndices : Tensor;

function maxPool<R extends boolean>(
  op: string,
  d: number,
  input: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions<R>,
): MaxPooled<R> {
  const values = batched(op, input, d, (x) => windowMax(...windowsOf(x, axesOf(op, x, d, kernelSize, options))));
  if (!options.returnIndices) return values as MaxPooled<R>;
  const indices = batched(op, input, d, (x) => {
    const axes = axesOf(op, x, d, kernelSize, options);
    return flatPositions(coordinates(windowArgmax(...windowsOf(x, axes)), axes), x.shape.slice(2));
  });
  return { values, indices } as MaxPooled<R>;
}

const windowsOf = (x: Tensor, axes: readonly Axis[]): Parameters<typeof windowMax> => [
  padded(x, axes, Number.NEGATIVE_INFINITY),
  column(axes, "size"),
  { stride: column(axes, "stride"), dilation: column(axes, "dilation") },
];

/** Where the taps (N, C, *count) of windows stand in the input, in each dimension. */
export function coordinates(taps: Tensor, axes: readonly Axis[]): Tensor[] {
  const strides = rowMajor(column(axes, "size"));
  return axes.map(({ size, stride, padding, dilation, count }, i) => {
    const tap = taps.div(strides[i], { rounding: "floor" }).remainder(size);
    const start = arange(count, { dtype: "i32" }).mul(stride).sub(padding); // (count)
    const at = start.reshape(axes.map((_, j) => (j === i ? count : 1))).add(tap.mul(dilation));
    // Of elements that are all −∞, the first one in the input.
    return padding > 0 ? at.maximum(at.remainder(dilation)) : at;
  });
}

/** Positions in the flattened dimensions `sizes`, of those in each dimension. */
export const flatPositions = (coordinates: readonly Tensor[], sizes: readonly number[]): Tensor =>
  coordinates.map((at, i) => at.mul(rowMajor(sizes)[i])).reduce((sum, at) => sum.add(at));

/**
 * The largest element of each window over one dimension. NaN propagates; the gradient goes to the first of equal ones.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, L′) with L′ = ⌊(L + 2·padding − dilation·(size − 1) − 1) / stride⌋ + 1. With
 * `returnIndices`, { values, indices }, where `indices` are the elements' positions in each channel.
 *
 * ```ts
 * maxPool1d(tensor([[[1, 4, 3, 2]]]), 2); // tensor([[[4., 3.]]])
 * maxPool1d(tensor([[[1, 4, 3, 2]]]), 2, { returnIndices: true }).indices; // tensor([[[1, 2]]])
 * ```
 */
export function maxPool1d<R extends boolean = false>(
  x: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions<R> = {},
): MaxPooled<R> {
  return maxPool("maxPool1d", 1, x, kernelSize, options);
}

/**
 * The largest element of each window over two dimensions: (N, C, H, W) or (C, H, W) ─► (N, C, H′, W′), as `maxPool1d`.
 *
 * ```ts
 * maxPool2d(tensor([[[1, 2], [3, 4]]]), 2); // tensor([[[4.]]])
 * ```
 */
export function maxPool2d<R extends boolean = false>(
  x: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions<R> = {},
): MaxPooled<R> {
  return maxPool("maxPool2d", 2, x, kernelSize, options);
}

/** The largest element of each window over three dimensions: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `maxPool1d`. */
export function maxPool3d<R extends boolean = false>(
  x: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions<R> = {},
): MaxPooled<R> {
  return maxPool("maxPool3d", 3, x, kernelSize, options);
}

/** The largest element of each window: (N, C, L) ─► (N, C, L′), as `maxPool1d`. */
export class MaxPool1d<R extends boolean = false> extends Pool<MaxPoolOptions<R>> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions<R> = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => maxPool1d(x, this.kernelSize, this.options));
  }
}

/**
 * The largest element of each window: (N, C, H, W) ─► (N, C, H′, W′), as `maxPool2d`.
 *
 * ```ts
 * new MaxPool2d(2).forward(zeros([8, 16, 32, 32])).shape; // [ 8, 16, 16, 16 ]
 * ```
 */
export class MaxPool2d<R extends boolean = false> extends Pool<MaxPoolOptions<R>> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions<R> = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => maxPool2d(x, this.kernelSize, this.options));
  }
}

/** The largest element of each window: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `maxPool3d`. */
export class MaxPool3d<R extends boolean = false> extends Pool<MaxPoolOptions<R>> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions<R> = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => maxPool3d(x, this.kernelSize, this.options));
  }
}
