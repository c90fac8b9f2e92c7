import { ArgumentError } from "../../core/errors.ts";
import { numel } from "../../core/shape.ts";
import { windows } from "../../tensor/convolution.ts";
import { type DType, type Tensor, tensor } from "../../tensor/index.ts";
import { batched, type Sizes } from "../spatial.ts";
import { type Axis, axesOf, column, Pool, padded } from "./windowing.ts";

export interface AvgPoolOptions {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** zeros at both ends; at most half of the kernel; 0 by default */
  padding?: Sizes;
  /** whether a last window may reach over the end */
  ceilMode?: boolean;
  /** whether the padding's zeros count in the mean; true by default */
  countIncludePad?: boolean;
  /** what each window's sum is divided by; the number of its elements by default */
  divisorOverride?: number;
}

function avgPool(op: string, d: number, input: Tensor, kernelSize: Sizes, options: AvgPoolOptions): Tensor {
  return batched(op, input, d, (x) => {
    if (options.divisorOverride === 0) throw new ArgumentError(`${op}: divisorOverride must not be 0.`);
    const axes = axesOf(op, x, d, kernelSize, options);
    const taps = windows(padded(x, axes, 0), column(axes, "size"), { stride: column(axes, "stride") });
    const sums = taps.sum(axes.map((_, i) => x.ndim + i)); // (N, C, *count, *size) ─► (N, C, *count)
    return sums.div(options.divisorOverride ?? elements(axes, options.countIncludePad ?? true, x.dtype));
  });
}

/** How many elements each window's mean counts: a number, or (*count) where it differs at the ends. */
function elements(axes: readonly Axis[], includePadding: boolean, dtype: DType): Tensor | number {
  const counts = axes.map(({ length, size, stride, padding, count }) => {
    const border = includePadding ? padding : 0;
    return Array.from({ length: count }, (_, i) => {
      const start = i * stride - padding;
      return Math.min(start + size, length + border) - Math.max(start, -border);
    });
  });
  if (counts.every((list, i) => list.every((n) => n === axes[i].size))) return numel(column(axes, "size"));
  return counts
    .map((list, i) => tensor(list, { dtype, shape: counts.map((_, j) => (i === j ? list.length : 1)) }))
    .reduce((product, factor) => product.mul(factor));
}

/**
 * The mean of each window over one dimension.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, L′) with L′ = ⌊(L + 2·padding − size) / stride⌋ + 1.
 *
 * ```ts
 * avgPool1d(tensor([[[1, 4, 3, 2]]]), 2); // tensor([[[2.5000, 2.5000]]])
 * ```
 */
export function avgPool1d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool("avgPool1d", 1, x, kernelSize, options);
}

/** The mean of each window over two dimensions: (N, C, H, W) or (C, H, W) ─► (N, C, H′, W′), as `avgPool1d`. */
export function avgPool2d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool("avgPool2d", 2, x, kernelSize, options);
}

/** The mean of each window over three dimensions: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `avgPool1d`. */
export function avgPool3d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool("avgPool3d", 3, x, kernelSize, options);
}

/** The mean of each window: (N, C, L) ─► (N, C, L′), as `avgPool1d`. */
export class AvgPool1d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool1d(x, this.kernelSize, this.options));
  }
}

/** The mean of each window: (N, C, H, W) ─► (N, C, H′, W′), as `avgPool2d`. */
export class AvgPool2d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool2d(x, this.kernelSize, this.options));
  }
}

/** The mean of each window: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `avgPool3d`. */
export class AvgPool3d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool3d(x, this.kernelSize, this.options));
  }
}
