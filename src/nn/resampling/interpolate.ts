import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "../pooling/index.ts";
import { alongDimension, perDimension, type Sizes } from "../spatial.ts";
import { cubic, polynomial, SHARP, SMOOTH } from "./cubic.ts";

/** How elements between those of the input are found; each of the linear and cubic ones is for its number of dimensions. */
export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

export interface InterpolateOptions {
  /** the sizes wanted, of the spatial dimensions; this or `scaleFactor` */
  size?: Sizes;
  /** what the sizes are multiplied by, and rounded down; this or `size` */
  scaleFactor?: number | readonly number[];
  /** `"nearest"` by default */
  mode?: InterpolationMode;
  /** whether the first and last elements stay what they are, instead of the outer edges; false by default, not for all modes */
  alignCorners?: boolean;
  /** whether positions follow from the rounded sizes, instead of `scaleFactor` itself; false by default */
  recomputeScaleFactor?: boolean;
  /** whether a smaller picture sees all of the input's elements, for `"bilinear"` and `"bicubic"`; false by default */
  antialias?: boolean;
}

/** The spatial dimensions that a mode is for; all that are not here take any. */
const DIMENSIONS: Readonly<Partial<Record<InterpolationMode, number>>> = {
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
};

const MODES: readonly InterpolationMode[] = [
  "nearest",
  "nearest-exact",
  "linear",
  "bilinear",
  "trilinear",
  "bicubic",
  "area",
];

/** One dimension: of `length` elements `count`, `step` apart. */
interface Line {
  readonly length: number;
  readonly count: number;
  readonly step: number;
  readonly alignCorners: boolean;
}

/** What each output reads: of each tap, where and how much. */
interface Taps {
  readonly at: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
}

/**
 * A picture, a signal or a volume of other sizes, by the elements nearest to each place, or between them.
 *
 * `"nearest"` takes x[⌊i·L/L′⌋] and `"nearest-exact"` the nearest centre, x[⌊(i + ½)·L/L′⌋]. `"linear"`, `"bilinear"` and
 * `"trilinear"` weigh the 2 neighbours of each dimension by their distance from (i + ½)·L/L′ − ½, `"bicubic"` 4, by Keys'
 * polynomials with a = −0.75. `"area"` takes means, as `adaptiveAvgPool2d`. With `alignCorners`, the place is
 * i·(L − 1)/(L′ − 1). With `antialias`, the kernel grows with L/L′ (and a = −0.5).
 *
 * Shapes: (N, C, *S) ─► (N, C, *S′) of one to three spatial dimensions. Throws an ArgumentError unless there is either a size
 * or a factor and the mode has the option; a ShapeError if the mode is for other dimensions. Keys, Cubic convolution
 * interpolation for digital image processing, 1981.
 *
 * ```ts
 * interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }); // tensor([[[1., 1., 2., 2.]]])
 * interpolate(tensor([[[0, 4]]]), { size: 4, mode: "linear" }); // tensor([[[0., 1., 3., 4.]]])
 * interpolate(tensor([[[0, 3]]]), { size: 4, mode: "linear", alignCorners: true }); // tensor([[[0., 1., 2., 3.]]])
 * ```
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = "nearest", antialias = false } = options;
  const d = x.ndim - 2;
  expectFit(x, d, mode, options);
  const lines = linesOf(x, d, options);
  if (mode === "area") {
    const pool = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][d - 1];
    return pool(
      x,
      lines.map(({ count }) => count),
    );
  }
  return lines.reduce((y, line, i) => {
    if (mode === "nearest" || mode === "nearest-exact") return nearest(y, 2 + i, line, mode === "nearest-exact");
    if (antialias) return alongDimension(y, 2 + i, tensor(smoothing(line, mode), { dtype: x.dtype }));
    return weighed(y, 2 + i, mode === "bicubic" ? fourNeighbours(line) : twoNeighbours(line));
  }, x);
}

function expectFit(x: Tensor, d: number, mode: InterpolationMode, options: InterpolateOptions): void {
  const { alignCorners, antialias } = options;
  if (!MODES.includes(mode))
    throw new ArgumentError(`interpolate: there is no mode "${mode}"; there are ${MODES.join(", ")}.`);
  if (d < 1 || d > 3 || d !== (DIMENSIONS[mode] ?? d)) {
    throw new ShapeError(
      `interpolate: mode "${mode}" is for an input (N, C, *S) of ${DIMENSIONS[mode] ?? "1 to 3"} spatial dimension(s), but got ${showShape(x.shape)}.`,
    );
  }
  if (x.shape.slice(1).includes(0))
    throw new ShapeError(`interpolate: the input ${showShape(x.shape)} has nothing to take elements from.`);
  if (alignCorners !== undefined && !(mode in DIMENSIONS))
    throw new ArgumentError(`interpolate: alignCorners is for linear and cubic modes, but the mode is "${mode}".`);
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    throw new ArgumentError(`interpolate: antialias is for "bilinear" and "bicubic", but the mode is "${mode}".`);
}

function linesOf(x: Tensor, d: number, options: InterpolateOptions): Line[] {
  const { size, scaleFactor, alignCorners = false, recomputeScaleFactor = false } = options;
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ArgumentError("interpolate takes either a size or a scaleFactor.");
  if (size !== undefined && recomputeScaleFactor)
    throw new ArgumentError("interpolate: recomputeScaleFactor is for a scaleFactor, but there is a size.");
  const factors = scaleFactor === undefined ? undefined : factorsOf(scaleFactor, d);
  const lengths = x.shape.slice(2);
  const wanted = factors ? lengths.map((length, i) => Math.floor(length * factors[i])) : (size ?? 0);
  return perDimension("interpolate", "size", wanted, d, 1).map((count, i) => {
    const length = lengths[i];
    const between = alignCorners ? (count > 1 ? (length - 1) / (count - 1) : 0) : length / count;
    const step = factors && !recomputeScaleFactor && !alignCorners ? 1 / factors[i] : between;
    return { length, count, step, alignCorners };
  });
}

function factorsOf(scaleFactor: number | readonly number[], d: number): readonly number[] {
  const factors = typeof scaleFactor === "number" ? new Array<number>(d).fill(scaleFactor) : scaleFactor;
  if (factors.length !== d || factors.some((factor) => !(factor > 0)))
    throw new ArgumentError(`interpolate: scaleFactor must be ${d} number(s) above 0, but is [${factors.join(", ")}].`);
  return factors;
}

function nearest(x: Tensor, dim: number, { length, count, step }: Line, exact: boolean): Tensor {
  if (count === length && step === 1) return x;
  if (count % length === 0 && step === length / count) return x.repeatInterleave(count / length, dim);
  // In float32, as PyTorch: which element is the nearest must not depend on the last bit.
  const single = Math.fround(step);
  const at = Array.from({ length: count }, (_, i) => {
    return Math.min(Math.floor(Math.fround((exact ? i + 0.5 : i) * single)), length - 1);
  });
  return x.indexSelect(dim, tensor(at, { dtype: "i32" }));
}

/** The place of output i among the input's elements. */
const place = ({ step, alignCorners }: Line, i: number): number => (alignCorners ? i * step : (i + 0.5) * step - 0.5);

/** Of each output: the element before its place, and how far behind that it is. */
function floors(line: Line, least: number): { at: number; t: number }[] {
  return Array.from({ length: line.count }, (_, i) => {
    const exact = Math.max(least, place(line, i));
    const at = Math.min(Math.floor(exact), line.length - 1);
    return { at, t: Math.min(exact - at, 1) };
  });
}

function twoNeighbours(line: Line): Taps {
  const found = floors(line, 0);
  return {
    at: [0, 1].map((k) => found.map(({ at }) => Math.min(at + k, line.length - 1))),
    weights: [found.map(({ t }) => 1 - t), found.map(({ t }) => t)],
  };
}

function fourNeighbours(line: Line): Taps {
  const found = floors(line, Number.NEGATIVE_INFINITY);
  return {
    at: [-1, 0, 1, 2].map((k) => found.map(({ at }) => Math.min(Math.max(at + k, 0), line.length - 1))),
    weights: cubic(SHARP).map((coefficients) => found.map(({ t }) => polynomial(coefficients, t))),
  };
}

/** Few taps of many elements: reading each is faster than a product with a matrix of zeros. */
function weighed(x: Tensor, dim: number, { at, weights }: Taps): Tensor {
  const shape = x.shape.slice(dim).map((_, i) => (i === 0 ? -1 : 1)); // (L′, 1, …)
  return at
    .map((places, k) => {
      const weight = tensor(weights[k], { dtype: x.dtype }).reshape(shape);
      return x.indexSelect(dim, tensor(places, { dtype: "i32" })).mul(weight);
    })
    .reduce((a, b) => a.add(b));
}

/** The matrix (count, length) of a kernel that grows with the step; each output's weights add up to 1. */
function smoothing({ length, count, step }: Line, mode: InterpolationMode): number[][] {
  const width = Math.max(step, 1);
  const reach = (mode === "bicubic" ? 2 : 1) * width;
  const weightAt = (distance: number): number => {
    const t = Math.abs(distance);
    if (mode !== "bicubic") return Math.max(0, 1 - t);
    const [far, near] = cubic(SMOOTH);
    return t < 1 ? polynomial(near, t) : t < 2 ? polynomial(far, t - 1) : 0;
  };
  return Array.from({ length: count }, (_, i) => {
    const centre = step * (i + 0.5);
    const [first, end] = [
      Math.max(Math.trunc(centre - reach + 0.5), 0),
      Math.min(Math.trunc(centre + reach + 0.5), length),
    ];
    const row = Array.from({ length }, (_, j) => (j >= first && j < end ? weightAt((j + 0.5 - centre) / width) : 0));
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((weight) => weight / total);
  });
}
