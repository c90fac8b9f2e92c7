/** Where windows stand, and what layers with windows share. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Shape, Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { perDimension, type Sizes, showOptions } from "../spatial.ts";
import type { ReceptiveField } from "../summary.ts";

export interface WindowingOptions {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** at both ends; at most half of the kernel; 0 by default */
  padding?: Sizes;
  /** distance between a window's elements; 1 by default */
  dilation?: Sizes;
  /** whether a last window may reach over the end */
  ceilMode?: boolean;
}

/** Where the windows stand along one spatial dimension. */
export interface Axis {
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  /** number of windows */
  readonly count: number;
}

export function axesOf(op: string, x: Tensor, d: number, kernelSize: Sizes, options: WindowingOptions): Axis[] {
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
export function padded(x: Tensor, axes: readonly Axis[], value: number): Tensor {
  const ends = axes.map(({ length, size, stride, padding, dilation, count }) => {
    const end = (count - 1) * stride + dilation * (size - 1) + 1;
    return [padding, Math.max(0, end - padding - length)];
  });
  return ends.flat().some((n) => n > 0) ? x.pad(ends.reverse().flat(), { value }) : x;
}

export const column = <K extends keyof Axis>(axes: readonly Axis[], key: K): number[] => axes.map((axis) => axis[key]);

/** A pool over windows of one size. */
export abstract class Pool<Options extends WindowingOptions> extends Module {
  readonly kernelSize: Sizes;
  readonly options: Options;

  constructor(kernelSize: Sizes, options: Options) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }

  override extraRepr(): string {
    const { kernelSize, options } = this;
    return showOptions({ kernelSize, stride: kernelSize, ...options });
  }

  override receptiveField(input: Shape): ReceptiveField {
    const { stride = this.kernelSize, dilation = 1 }: WindowingOptions = this.options;
    const each = (sizes: Sizes) => (typeof sizes === "number" ? input.slice(2).map(() => sizes) : sizes);
    const dilations = each(dilation);
    return { size: each(this.kernelSize).map((size, i) => (size - 1) * dilations[i] + 1), step: each(stride) };
  }
}
