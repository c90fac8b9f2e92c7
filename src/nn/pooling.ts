import { ArgumentError, ShapeError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";
import { windowMax, windows } from "../tensor/convolution.ts";
import { type DType, type Shape, type Tensor, tensor } from "../tensor/index.ts";
import { Module } from "./module.ts";
import { batched, perDimension, type Sizes } from "./spatial.ts";
import type { ReceptiveField } from "./summary.ts";

export interface MaxPoolOptions {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** at both ends, never chosen; at most half of the kernel; 0 by default */
  padding?: Sizes;
  /** distance between a window's elements; 1 by default */
  dilation?: Sizes;
  /** whether a last window may reach over the end */
  ceilMode?: boolean;
}

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

/** Where the windows stand along one spatial dimension. */
interface Axis {
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  /** number of windows */
  readonly count: number;
}

function axesOf(op: string, x: Tensor, d: number, kernelSize: Sizes, options: MaxPoolOptions): Axis[] {
  const sizes = perDimension(op, "kernelSize", kernelSize, d, 1);
  const strides = perDimension(op, "stride", options.stride ?? sizes, d, 1);
  const paddings = perDimension(op, "padding", options.padding ?? 0, d, 0);
  const dilations = perDimension(op, "dilation", options.dilation ?? 1, d, 1);
  return sizes.map((size, i) => {
    const [length, stride, padding, dilation] = [x.shape[i + 2], strides[i], paddings[i], dilations[i]];
    if (padding > size / 2) {
      throw new ArgumentError(`${op}: a padding of ${padding} is more than half of the kernel's size ${size}.`);
    }
    const steps = (length + 2 * padding - dilation * (size - 1) - 1) / stride;
    let count = (options.ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window over the end must begin before it.
    if (options.ceilMode && (count - 1) * stride >= length + padding) count--;
    if (count < 1)
      throw new ShapeError(`${op}: windows of ${size} do not fit size ${length} of the input ${showShape(x.shape)}.`);
    return { length, size, stride, padding, dilation, count };
  });
}

/** x padded so that all windows fit. */
function padded(x: Tensor, axes: readonly Axis[], value: number): Tensor {
  const ends = axes.map(({ length, size, stride, padding, dilation, count }) => {
    const end = (count - 1) * stride + dilation * (size - 1) + 1;
    return [padding, Math.max(0, end - padding - length)];
  });
  return ends.flat().some((n) => n > 0) ? x.pad(ends.reverse().flat(), { value }) : x;
}

const column = <K extends keyof Axis>(axes: readonly Axis[], key: K): number[] => axes.map((axis) => axis[key]);

function maxPool(op: string, d: number, input: Tensor, kernelSize: Sizes, options: MaxPoolOptions): Tensor {
  return batched(op, input, d, (x) => {
    const axes = axesOf(op, x, d, kernelSize, options);
    return windowMax(padded(x, axes, Number.NEGATIVE_INFINITY), column(axes, "size"), {
      stride: column(axes, "stride"),
      dilation: column(axes, "dilation"),
    });
  });
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
 * The largest element of each window over one dimension. NaN propagates; the gradient goes to the first of equal ones.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, L′) with L′ = ⌊(L + 2·padding − dilation·(size − 1) − 1) / stride⌋ + 1.
 *
 * ```ts
 * maxPool1d(tensor([[[1, 4, 3, 2]]]), 2); // tensor([[[4., 3.]]])
 * ```
 */
export function maxPool1d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool("maxPool1d", 1, x, kernelSize, options);
}

/**
 * The largest element of each window over two dimensions: (N, C, H, W) or (C, H, W) ─► (N, C, H′, W′), as `maxPool1d`.
 *
 * ```ts
 * maxPool2d(tensor([[[1, 2], [3, 4]]]), 2); // tensor([[[4.]]])
 * ```
 */
export function maxPool2d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool("maxPool2d", 2, x, kernelSize, options);
}

/** The largest element of each window over three dimensions: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `maxPool1d`. */
export function maxPool3d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool("maxPool3d", 3, x, kernelSize, options);
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

/**
 * Means over as many windows as the output is to have: window i of n over length L goes from ⌊i·L/n⌋ to ⌈(i + 1)·L/n⌉.
 *
 * Shapes: (N, C, H, W) or (C, H, W) ─► (N, C, *outputSize), where null keeps the input's size.
 *
 * ```ts
 * adaptiveAvgPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]); // tensor([[[3., 4.]]])
 * ```
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: number | readonly (number | null)[]): Tensor {
  return batched("adaptiveAvgPool2d", input, 2, (x) => {
    const wanted = typeof outputSize === "number" ? outputSize : outputSize.map((size, i) => size ?? x.shape[2 + i]);
    const [rows, columns] = perDimension("adaptiveAvgPool2d", "outputSize", wanted, 2, 1);
    const [H, W] = x.shape.slice(2);
    return means(rows, H, x.dtype)
      .matmul(x)
      .matmul(means(columns, W, x.dtype).t()); // (H′, H) × (H, W) × (W, W′)
  });
}

/** The matrix (n, length) that takes the mean of each of n windows. */
function means(n: number, length: number, dtype: DType): Tensor {
  const weights = Array.from({ length: n }, (_, i) => {
    const [start, end] = [Math.floor((i * length) / n), Math.ceil(((i + 1) * length) / n)];
    return Array.from({ length }, (_, j) => (j >= start && j < end ? 1 / (end - start) : 0));
  });
  return tensor(weights, { dtype });
}

abstract class Pool<Options extends AvgPoolOptions | MaxPoolOptions> extends Module {
  readonly kernelSize: Sizes;
  readonly options: Options;

  constructor(kernelSize: Sizes, options: Options) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }

  override extraRepr(): string {
    const { kernelSize, options } = this;
    const all = Object.entries({ kernelSize, stride: kernelSize, ...options });
    return all.map(([name, value]) => `${name}=${Array.isArray(value) ? showShape(value) : value}`).join(", ");
  }

  override receptiveField(input: Shape): ReceptiveField {
    const { stride = this.kernelSize, dilation = 1 }: MaxPoolOptions = this.options;
    const each = (sizes: Sizes) => (typeof sizes === "number" ? input.slice(2).map(() => sizes) : sizes);
    const dilations = each(dilation);
    return { size: each(this.kernelSize).map((size, i) => (size - 1) * dilations[i] + 1), step: each(stride) };
  }
}

/** The largest element of each window: (N, C, L) ─► (N, C, L′), sizes as in `maxPool1d`. */
export class MaxPool1d extends Pool<MaxPoolOptions> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => maxPool1d(x, this.kernelSize, this.options));
  }
}

/**
 * The largest element of each window: (N, C, H, W) ─► (N, C, H′, W′), sizes as in `maxPool1d`.
 *
 * ```ts
 * new MaxPool2d(2).forward(zeros([8, 16, 32, 32])).shape; // [ 8, 16, 16, 16 ]
 * ```
 */
export class MaxPool2d extends Pool<MaxPoolOptions> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => maxPool2d(x, this.kernelSize, this.options));
  }
}

/** The largest element of each window: (N, C, D, H, W) ─► (N, C, D′, H′, W′), sizes as in `maxPool1d`. */
export class MaxPool3d extends Pool<MaxPoolOptions> {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => maxPool3d(x, this.kernelSize, this.options));
  }
}

/** The mean of each window: (N, C, L) ─► (N, C, L′), sizes as in `avgPool1d`. */
export class AvgPool1d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool1d(x, this.kernelSize, this.options));
  }
}

/** The mean of each window: (N, C, H, W) ─► (N, C, H′, W′), sizes as in `avgPool1d`. */
export class AvgPool2d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool2d(x, this.kernelSize, this.options));
  }
}

/** The mean of each window: (N, C, D, H, W) ─► (N, C, D′, H′, W′), sizes as in `avgPool1d`. */
export class AvgPool3d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => avgPool3d(x, this.kernelSize, this.options));
  }
}

/**
 * Means over as many windows as the output is to have: (N, C, H, W) ─► (N, C, *outputSize).
 *
 * ```ts
 * new AdaptiveAvgPool2d(1).forward(zeros([8, 64, 7, 7])).shape; // [ 8, 64, 1, 1 ]
 * ```
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: Sizes;

  constructor(outputSize: Sizes) {
    super();
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => adaptiveAvgPool2d(x, this.outputSize));
  }

  override extraRepr(): string {
    return `outputSize=${typeof this.outputSize === "number" ? this.outputSize : showShape(this.outputSize)}`;
  }

  override receptiveField(input: Shape, output: Shape): ReceptiveField | "all" {
    const [lengths, counts] = [input.slice(2), output.slice(2)];
    if (counts.every((n) => n === 1)) return "all";
    const longest = (length: number, n: number) =>
      Math.max(
        ...Array.from({ length: n }, (_, i) => Math.ceil(((i + 1) * length) / n) - Math.floor((i * length) / n)),
      );
    return { size: lengths.map((length, i) => longest(length, counts[i])), step: lengths.map((l, i) => l / counts[i]) };
  }
}
