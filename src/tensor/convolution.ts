/** Convolution and windows over the last dimensions: the general forms that layers are made of. */

import { apply1, type Padding } from "../core/primitives.ts";
import { type Tensor, wrap } from "./tensor.ts";

/** One number for each spatial dimension. */
type PerDimension = readonly number[];

export interface ConvolutionOptions {
  /** distance between the windows; 1 by default */
  stride?: PerDimension;
  /** zeros before and behind; negative numbers crop */
  padding?: readonly Padding[];
  /** distance between the kernel's taps; 1 by default */
  dilation?: PerDimension;
  /** distance between the input's elements, zeros in between; 1 by default */
  inputDilation?: PerDimension;
  /** how many parts the channels fall into, each convolved on its own */
  groups?: number;
}

/**
 * Cross-correlation, as deep learning's convolution is:
 * y[n, o, s] = Σ x[n, c, s·stride + t·dilation − low] · w[o, c, t].
 *
 * Shapes: x (N, C, *S), weight (O, C / groups, *K) ─► (N, O, *S′). Throws a ShapeError if they do not fit, a DTypeError
 * unless both are of one float dtype.
 * With x = [1, 2, 3, 4], w = [1, 10] and padding [1, 0], y = [10, 21, 32, 43].
 */
export function convolution(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const ones = weight.shape.slice(2).map(() => 1);
  const { stride = ones, dilation = ones, inputDilation = ones, groups = 1 } = options;
  const padding = options.padding ?? ones.map(() => [0, 0]);
  return wrap(
    apply1("conv", [x.value, weight.value], {
      stride,
      padding,
      inputDilation,
      kernelDilation: dilation,
      featureGroups: groups,
      batchGroups: 1,
    }),
  );
}

export interface WindowOptions {
  /** distance between the windows; 1 by default */
  stride?: PerDimension;
  /** distance between the elements of a window; 1 by default */
  dilation?: PerDimension;
}

/**
 * Every window over the last dimensions: (…, *S) ─► (…, *count, *size), without a copy.
 * The windows of size 2 over [1, 2, 3, 4] are [[1, 2], [2, 3], [3, 4]].
 */
export function windows(x: Tensor, size: PerDimension, options: WindowOptions = {}): Tensor {
  const ones = size.map(() => 1);
  const { stride = ones, dilation = ones } = options;
  const axes = size.map((_, i) => x.ndim - size.length + i);
  return wrap(apply1("windows", [x.value], { axes, size, stride, dilation }));
}

/**
 * The largest element of every window: (…, *S) ─► (…, *count). NaN if there is one; the gradient goes to the first of
 * equal ones, in row-major order. Over windows of size 2, [1, 4, 3, 2] gives [4, 4, 3].
 */
export function windowMax(x: Tensor, size: PerDimension, options: WindowOptions = {}): Tensor {
  const taps = windows(x, size, options);
  return wrap(apply1("max", [taps.value], { axes: size.map((_, i) => x.ndim + i) }));
}

/**
 * Where in its window the largest element is, the first of equal ones or the first NaN, in row-major order:
 * (…, *S) ─► (…, *count) i32. Over windows of size 2, [1, 4, 3, 2] gives [1, 0, 0].
 */
export function windowArgmax(x: Tensor, size: PerDimension, options: WindowOptions = {}): Tensor {
  const taps = windows(x, size, options);
  return wrap(apply1("argmax", [taps.value], { axes: size.map((_, i) => x.ndim + i) }));
}

/**
 * Windows added up where they lie, the transpose of `windows`: (…, *count, *size) ─► (…, *sizes).
 * The windows [[1, 2], [3, 4]] fold to [1, 5, 4], of size 3.
 */
export function foldWindows(x: Tensor, sizes: PerDimension, options: WindowOptions = {}): Tensor {
  const d = sizes.length;
  const ones = sizes.map(() => 1);
  const { stride = ones, dilation = ones } = options;
  const lead = x.shape.slice(0, -2 * d);
  const axes = sizes.map((_, i) => lead.length + i);
  return wrap(
    apply1("fold", [x.value], { axes, size: x.shape.slice(-d), stride, dilation, shape: [...lead, ...sizes] }),
  );
}
