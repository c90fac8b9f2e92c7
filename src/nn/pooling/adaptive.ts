import { windowArgmax, windowMax } from "../../tensor/convolution.ts";
import { type DType, type Shape, type Tensor, tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { alongDimension, batched, perDimension, showOptions } from "../spatial.ts";
import type { ReceptiveField } from "../summary.ts";
import { coordinates, flatPositions, type MaxPooled } from "./max.ts";
import { type Axis, column } from "./windowing.ts";

/** One number of windows for all dimensions, or one for each, where null keeps the input's size. */
export type OutputSize = number | readonly (number | null)[];

export interface AdaptiveMaxPoolOptions<R extends boolean = false> {
  /** whether to give where the elements are too; false by default */
  returnIndices?: R;
}

/** The number of windows in each dimension of x (N, C, *S). */
function countsOf(op: string, x: Tensor, d: number, outputSize: OutputSize): number[] {
  const wanted = typeof outputSize === "number" ? outputSize : outputSize.map((size, i) => size ?? x.shape[2 + i]);
  return perDimension(op, "outputSize", wanted, d, 1);
}

/** Where each of n windows over a length begins and ends. */
const bounds = (n: number, length: number): [start: number, end: number][] =>
  Array.from({ length: n }, (_, i) => [Math.floor((i * length) / n), Math.ceil(((i + 1) * length) / n)]);

function adaptiveAvgPool(op: string, d: number, input: Tensor, outputSize: OutputSize): Tensor {
  return batched(op, input, d, (x) => {
    const counts = countsOf(op, x, d, outputSize);
    const lengths = x.shape.slice(2);
    if (counts.every((n, i) => lengths[i] % n === 0)) {
      const parts = counts.flatMap((n, i) => [n, lengths[i] / n]);
      const windows = x.reshape([...x.shape.slice(0, 2), ...parts]); // (N, C, n, L / n, …)
      return windows.mean(counts.map((_, i) => 3 + 2 * i)); // (N, C, n, …)
    }
    return counts.reduce((y, n, i) => alongDimension(y, 2 + i, means(n, lengths[i], x.dtype)), x);
  });
}

/** The matrix (n, length) that takes the mean of each of n windows. */
function means(n: number, length: number, dtype: DType): Tensor {
  const weights = bounds(n, length).map(([start, end]) =>
    Array.from({ length }, (_, j) => (j >= start && j < end ? 1 / (end - start) : 0)),
  );
  return tensor(weights, { dtype });
}

/** Windows of one size, side by side, of elements that are read at `places`. */
interface Adapted extends Axis {
  /** what each element of the windows is in the input; a shorter window ends in its last element several times */
  readonly places: Tensor;
}

function adapted(n: number, length: number): Adapted {
  const windows = bounds(n, length);
  const size = Math.max(...windows.map(([start, end]) => end - start));
  const places = windows.flatMap(([start, end]) =>
    Array.from({ length: size }, (_, t) => Math.min(start + t, end - 1)),
  );
  return {
    length: n * size,
    size,
    stride: size,
    padding: 0,
    dilation: 1,
    count: n,
    places: tensor(places, { dtype: "i32" }),
  };
}

function adaptiveMaxPool<R extends boolean>(
  op: string,
  d: number,
  input: Tensor,
  outputSize: OutputSize,
  options: AdaptiveMaxPoolOptions<R>,
): MaxPooled<R> {
  const axesOf = (x: Tensor): Adapted[] => countsOf(op, x, d, outputSize).map((n, i) => adapted(n, x.shape[2 + i]));
  const windowsOf = (x: Tensor, axes: readonly Adapted[]): Parameters<typeof windowMax> => {
    const read = axes.reduce((y, { length, places }, i) => {
      return length === x.shape[2 + i] ? y : y.indexSelect(2 + i, places);
    }, x); // (N, C, n · size, …)
    return [read, column(axes, "size"), { stride: column(axes, "stride") }];
  };
  const values = batched(op, input, d, (x) => windowMax(...windowsOf(x, axesOf(x))));
  if (!options.returnIndices) return values as MaxPooled<R>;
  const indices = batched(op, input, d, (x) => {
    const axes = axesOf(x);
    const chosen = coordinates(windowArgmax(...windowsOf(x, axes)), axes);
    const inInput = chosen.map((at, i) => axes[i].places.take(at));
    return flatPositions(inInput, x.shape.slice(2));
  });
  return { values, indices } as MaxPooled<R>;
}

/**
 * Means over as many windows as the output is to have: window i of n over length L goes from ⌊i·L/n⌋ to ⌈(i + 1)·L/n⌉. One
 * window is the mean of everything: global average pooling.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, outputSize).
 *
 * ```ts
 * adaptiveAvgPool1d(tensor([[[1, 2, 3, 4]]]), 1); // tensor([[[2.5000]]])
 * ```
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool("adaptiveAvgPool1d", 1, x, outputSize);
}

/**
 * Means over as many windows as the output is to have, as `adaptiveAvgPool1d`: (N, C, H, W) or (C, H, W) ─►
 * (N, C, *outputSize), where null keeps the input's size.
 *
 * ```ts
 * adaptiveAvgPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]); // tensor([[[3., 4.]]])
 * ```
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool("adaptiveAvgPool2d", 2, x, outputSize);
}

/** Means over as many windows as the output is to have: (N, C, D, H, W) ─► (N, C, *outputSize), as `adaptiveAvgPool2d`. */
export function adaptiveAvgPool3d(x: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool("adaptiveAvgPool3d", 3, x, outputSize);
}

/**
 * The largest elements of as many windows as the output is to have, which stand as those of `adaptiveAvgPool1d`. One window
 * is global maximum pooling. NaN propagates; the gradient goes to the first of equal ones.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, outputSize). With `returnIndices`, { values, indices } as `maxPool1d`.
 *
 * ```ts
 * adaptiveMaxPool1d(tensor([[[1, 4, 3, 2, 0]]]), 2); // tensor([[[4., 3.]]])
 * ```
 */
export function adaptiveMaxPool1d<R extends boolean = false>(
  x: Tensor,
  outputSize: OutputSize,
  options: AdaptiveMaxPoolOptions<R> = {},
): MaxPooled<R> {
  return adaptiveMaxPool("adaptiveMaxPool1d", 1, x, outputSize, options);
}

/**
 * The largest elements of as many windows as the output is to have, as `adaptiveMaxPool1d`: (N, C, H, W) or (C, H, W) ─►
 * (N, C, *outputSize), where null keeps the input's size.
 *
 * ```ts
 * const { values, indices } = adaptiveMaxPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), 1, { returnIndices: true });
 * values; // tensor([[[6.]]])
 * indices; // tensor([[[5]]])
 * ```
 */
export function adaptiveMaxPool2d<R extends boolean = false>(
  x: Tensor,
  outputSize: OutputSize,
  options: AdaptiveMaxPoolOptions<R> = {},
): MaxPooled<R> {
  return adaptiveMaxPool("adaptiveMaxPool2d", 2, x, outputSize, options);
}

/** The largest elements of as many windows as the output is to have: (N, C, D, H, W) ─► (N, C, *outputSize), as `adaptiveMaxPool2d`. */
export function adaptiveMaxPool3d<R extends boolean = false>(
  x: Tensor,
  outputSize: OutputSize,
  options: AdaptiveMaxPoolOptions<R> = {},
): MaxPooled<R> {
  return adaptiveMaxPool("adaptiveMaxPool3d", 3, x, outputSize, options);
}

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return showOptions({ outputSize: this.outputSize });
  }

  override receptiveField(input: Shape, output: Shape): ReceptiveField | "all" {
    const [lengths, counts] = [input.slice(2), output.slice(2)];
    if (counts.every((n) => n === 1)) return "all";
    const longest = (n: number, length: number) => Math.max(...bounds(n, length).map(([start, end]) => end - start));
    return { size: lengths.map((length, i) => longest(counts[i], length)), step: lengths.map((l, i) => l / counts[i]) };
  }
}

/** Means over as many windows as the output is to have: (N, C, L) ─► (N, C, *outputSize), as `adaptiveAvgPool1d`. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return this.within(() => adaptiveAvgPool1d(x, this.outputSize));
  }
}

/**
 * Means over as many windows as the output is to have: (N, C, H, W) ─► (N, C, *outputSize), as `adaptiveAvgPool2d`.
 *
 * ```ts
 * new AdaptiveAvgPool2d(1).forward(zeros([8, 64, 7, 7])).shape; // [ 8, 64, 1, 1 ]
 * ```
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return this.within(() => adaptiveAvgPool2d(x, this.outputSize));
  }
}

/** Means over as many windows as the output is to have: (N, C, D, H, W) ─► (N, C, *outputSize), as `adaptiveAvgPool3d`. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return this.within(() => adaptiveAvgPool3d(x, this.outputSize));
  }
}

abstract class AdaptiveMaxPool<R extends boolean> extends AdaptivePool {
  readonly options: AdaptiveMaxPoolOptions<R>;

  constructor(outputSize: OutputSize, options: AdaptiveMaxPoolOptions<R> = {}) {
    super(outputSize);
    this.options = options;
  }
}

/** The largest elements of as many windows as the output is to have: (N, C, L) ─► (N, C, *outputSize), as `adaptiveMaxPool1d`. */
export class AdaptiveMaxPool1d<R extends boolean = false> extends AdaptiveMaxPool<R> {
  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => adaptiveMaxPool1d(x, this.outputSize, this.options));
  }
}

/** The largest elements of as many windows as the output is to have: (N, C, H, W) ─► (N, C, *outputSize), as `adaptiveMaxPool2d`. */
export class AdaptiveMaxPool2d<R extends boolean = false> extends AdaptiveMaxPool<R> {
  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => adaptiveMaxPool2d(x, this.outputSize, this.options));
  }
}

/** The largest elements of as many windows as the output is to have: (N, C, D, H, W) ─► (N, C, *outputSize), as `adaptiveMaxPool3d`. */
export class AdaptiveMaxPool3d<R extends boolean = false> extends AdaptiveMaxPool<R> {
  override forward(x: Tensor): MaxPooled<R> {
    return this.within(() => adaptiveMaxPool3d(x, this.outputSize, this.options));
  }
}
