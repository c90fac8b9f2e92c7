/** Running results along a dimension, and slopes and areas of samples. */

import { ArgumentError, ShapeError } from "../core/errors.ts";
import { normalizeDim, normalizeDims, showShape } from "../core/shape.ts";
import { full, iota, zeros } from "./creation.ts";
import { where } from "./elementwise.ts";
import { along, cat } from "./movement.ts";
import type { ValuesIndices } from "./reduce.ts";
import { logaddexp } from "./special.ts";
import { diff } from "./statistics.ts";
import { Tensor } from "./tensor.ts";

/**
 * Running results along an axis of several tensors alike, by doubling: each round combines every place's result with
 * that of as many places before as it spans. (Hillis and Steele, Data parallel algorithms, 1986.)
 */
function doubling<T extends readonly Tensor[]>(xs: T, axis: number, combine: (before: T, here: T) => T): T {
  const size = xs[0].shape[axis];
  let results = xs;
  for (let span = 1; span < size; span *= 2) {
    const cut = (start: number, length: number) =>
      results.map((x) => x.narrow(axis, start, length)) as readonly Tensor[] as T;
    const first = cut(0, span);
    results = combine(cut(0, size - span), cut(span, size - span)).map((x, i) =>
      cat([first[i], x], axis),
    ) as readonly Tensor[] as T;
  }
  return results;
}

function runningExtremum(
  name: string,
  x: Tensor,
  dim: number,
  wins: (here: Tensor, before: Tensor) => Tensor,
): ValuesIndices {
  const axis = normalizeDim(name, dim, x.ndim);
  if (x.ndim === 0) return { values: x, indices: zeros([], { dtype: "i32" }) };
  const comparable = (x.dtype === "bool" ? x.to("u8") : x).detach();
  const [, indices] = doubling([comparable, iota(x.shape, axis)], axis, ([before, i], [here, j]) => {
    const later = here.isnan().logicalOr(wins(here, before)); // false beside NaN
    return [where(later, here, before), where(later, j, i)];
  });
  return { values: x.gather(axis, indices), indices };
}

/**
 * The largest elements so far along `dim` and their indices, of equal ones the last; from a NaN on, NaN.
 *
 * ```ts
 * cummax(tensor([1, 3, 2]), 0); // { values: tensor([1., 3., 3.]), indices: tensor([0, 1, 1]) }
 * ```
 */
export function cummax(x: Tensor, dim: number): ValuesIndices {
  return runningExtremum("cummax", x, dim, (here, before) => here.ge(before));
}

/**
 * The smallest elements so far along `dim` and their indices, of equal ones the last; from a NaN on, NaN.
 *
 * ```ts
 * cummin(tensor([3, 1, 2]), 0); // { values: tensor([3., 1., 1.]), indices: tensor([0, 1, 1]) }
 * ```
 */
export function cummin(x: Tensor, dim: number): ValuesIndices {
  return runningExtremum("cummin", x, dim, (here, before) => here.le(before));
}

/**
 * Running log-sums along `dim`, without overflow on the way: yᵢ = log(e^x₀ + … + e^xᵢ).
 *
 * ```ts
 * logcumsumexp(tensor([1000, 1000]), 0); // tensor([1000.0000, 1000.6932])
 * ```
 */
export function logcumsumexp(x: Tensor, dim: number): Tensor {
  const axis = normalizeDim("logcumsumexp", dim, x.ndim);
  if (x.ndim === 0) return x;
  return doubling([x], axis, ([before], [here]) => [logaddexp(before, here)])[0];
}

/** The area under y between neighbours along an axis: their mean times their distance. */
function areas(name: string, y: Tensor, x: Tensor | number, dim: number): Tensor {
  const axis = normalizeDim(name, dim, y.ndim);
  const size = y.shape[axis];
  if (size < 2) return y.narrow(axis, 0, 0);
  const sums = y.narrow(axis, 1, size - 1).add(y.narrow(axis, 0, size - 1));
  if (!(x instanceof Tensor)) return sums.mul(x).div(2);
  return sums.mul(x.ndim === 1 ? along(diff(x), axis, y.ndim) : diff(x, axis - y.ndim)).div(2);
}

/**
 * The integral of samples y along `dim` by the trapezoidal rule, Σ (yᵢ + yᵢ₊₁) / 2 · (xᵢ₊₁ − xᵢ); x holds where they
 * were taken, or is their one distance.
 *
 * ```ts
 * trapezoid(tensor([1, 2, 4])); // tensor(4.5000)
 * trapezoid(tensor([1, 2, 4]), tensor([0, 2, 3])); // tensor(6.)
 * ```
 */
export function trapezoid(y: Tensor, x: Tensor | number = 1, dim = -1): Tensor {
  return areas("trapezoid", y, x, dim).sum(dim);
}

/**
 * The running integral along `dim` by the trapezoidal rule: one element fewer than y.
 *
 * ```ts
 * cumulativeTrapezoid(tensor([1, 2, 4])); // tensor([1.5000, 4.5000])
 * ```
 */
export function cumulativeTrapezoid(y: Tensor, x: Tensor | number = 1, dim = -1): Tensor {
  return areas("cumulativeTrapezoid", y, x, dim).cumsum(dim);
}

/** Where samples were taken, and how slopes at the ends are estimated. */
export interface GradientOptions {
  /** the distance of neighbours, or their places (a vector); a list has one for each dimension. 1 by default */
  spacing?: number | readonly (number | Tensor)[];
  /** the dimensions along which slopes are wanted; all by default */
  dim?: number | readonly number[];
  /** slopes at the ends from 1 neighbour (by default) or 2 */
  edgeOrder?: 1 | 2;
}

/**
 * The slopes of samples along each dimension, by the parabola through neighbours; at the ends by the line to the next one.
 *
 * Throws a ShapeError if a dimension has fewer than edgeOrder + 1 samples.
 *
 * ```ts
 * gradient(tensor([1, 4, 9, 16])); // [ tensor([3., 4., 6., 7.]) ]
 * ```
 */
export function gradient(x: Tensor, options: GradientOptions = {}): Tensor[] {
  const { spacing = 1, edgeOrder = 1 } = options;
  if (edgeOrder !== 1 && edgeOrder !== 2)
    throw new ArgumentError(`gradient: edgeOrder is 1 or 2, but is ${edgeOrder}.`);
  normalizeDims("gradient", options.dim, x.ndim);
  const axes = [options.dim ?? x.shape.map((_, i) => i)].flat();
  const spacings = typeof spacing === "number" ? axes.map(() => spacing) : spacing;
  if (spacings.length !== axes.length)
    throw new ArgumentError(`gradient: ${spacings.length} spacings are given for ${axes.length} dimensions.`);
  return axes.map((dim, i) => slopes(x, normalizeDim("gradient", dim, x.ndim), spacings[i], edgeOrder));
}

function slopes(x: Tensor, axis: number, spacing: number | Tensor, edgeOrder: 1 | 2): Tensor {
  const size = x.shape[axis];
  if (size < edgeOrder + 1) {
    throw new ShapeError(
      `gradient needs at least ${edgeOrder + 1} samples along dimension ${axis}, but got ${showShape(x.shape)}.`,
    );
  }
  const h = along(spacing instanceof Tensor ? diff(spacing) : full([size - 1], spacing), axis, x.ndim);
  const slope = diff(x, axis).div(h);
  const cut = (y: Tensor, start: number, length: number) => y.narrow(axis, start, length);
  const [left, right] = [0, 1].map((start) => cut(h, start, size - 2));
  const bend = diff(slope, axis).div(left.add(right));
  const inside = cut(slope, 0, size - 2).add(bend.mul(left));
  const [first, last] = [0, size - 2].map((at) => cut(slope, at, 1));
  if (edgeOrder === 1) return cat([first, inside, last], axis);
  const start = first.sub(cut(bend, 0, 1).mul(cut(h, 0, 1)));
  const end = last.add(cut(bend, size - 3, 1).mul(cut(h, size - 2, 1)));
  return cat([start, inside, end], axis);
}
