/** Reductions that leave NaN out. */

import { ArgumentError } from "../core/errors.ts";
import { normalizeDim } from "../core/shape.ts";
import { customGrad } from "./custom.ts";
import { where } from "./elementwise.ts";
import { stack } from "./movement.ts";
import { type Dims, type InDType, type KeepDim, mean, sum, type ValuesIndices } from "./reduce.ts";
import { type QuantileOptions, sort } from "./sorting.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Σ x without NaN, which gets no gradient.
 *
 * ```ts
 * nansum(tensor([1, NaN, 2])); // tensor(3.)
 * ```
 */
export function nansum(x: Tensor, dim?: Dims, options: KeepDim & InDType = {}): Tensor {
  return sum(where(x.isnan(), 0, x), dim, options);
}

/**
 * Σ x / n over those that are no NaN; NaN if there are none. Throws a DTypeError for integers.
 *
 * ```ts
 * nanmean(tensor([1, NaN, 2])); // tensor(1.5000)
 * ```
 */
export function nanmean(x: Tensor, dim?: Dims, options: KeepDim & InDType = {}): Tensor {
  const valid = x.isnan().logicalNot().to(x.dtype);
  return mean(where(x.isnan(), 0, x), dim, options).div(mean(valid, dim, options));
}

/** How many along an axis are no NaN, the axis kept. */
const counted = (x: Tensor, axis: number): Tensor => x.isnan().logicalNot().sum(axis, { keepdim: true });

/**
 * The median of those that are no NaN: of an even number the lower of the middle two, NaN if there are none. With `dim`,
 * the medians along it and their indices; without, ties share the gradient evenly.
 *
 * ```ts
 * nanmedian(tensor([4, NaN, 1, 3])); // tensor(3.)
 * ```
 */
export function nanmedian(x: Tensor): Tensor;
export function nanmedian(x: Tensor, dim: number, options?: KeepDim): ValuesIndices;
export function nanmedian(x: Tensor, dim?: number, options: KeepDim = {}): Tensor | ValuesIndices {
  if (dim === undefined) {
    return customGrad(
      "nanmedian",
      (v) => nanmedian(v.reshape([-1]), 0).values,
      (g, y, v) => {
        const ties = v.eq(y).logicalOr(v.isnan().logicalAnd(y.isnan())).to(v.dtype);
        return [ties.mul(g.div(ties.sum()))];
      },
    )(x);
  }
  const axis = normalizeDim("nanmedian", dim, x.ndim);
  const row = x.ndim === 0 ? x.reshape([1]) : x;
  const { values: sorted, indices: order } = sort(row, axis); // NaN last
  const middle = counted(row, axis).sub(1).clamp(0).div(2, { rounding: "floor" });
  const [values, indices] = [sorted, order].map((y) => y.gather(axis, middle));
  return options.keepdim && x.ndim > 0
    ? { values, indices }
    : { values: values.squeeze(axis), indices: indices.squeeze(axis) };
}

/** The place of a quantile among elements, from its exact one. */
const PLACES: Readonly<Record<NonNullable<QuantileOptions["interpolation"]>, (place: Tensor) => Tensor>> = {
  linear: (place) => place,
  lower: (place) => place.floor(),
  higher: (place) => place.ceil(),
  midpoint: (place) => place.floor().add(place.ceil()).div(2),
  nearest: (place) => place.round(),
};

/**
 * The q-quantile along `dim` (of all elements if left out) of those that are no NaN. Several make a first dimension.
 *
 * ```ts
 * nanquantile(tensor([1, NaN, 2, 4]), 0.75); // tensor(3.)
 * ```
 */
export function nanquantile(
  x: Tensor,
  q: number | readonly number[],
  dim?: number,
  options: QuantileOptions = {},
): Tensor {
  if (typeof q !== "number") return stack(q.map((each) => nanquantile(x, each, dim, options)));
  if (!(q >= 0 && q <= 1)) throw new ArgumentError(`quantile: q must be in [0, 1], but got ${q}.`);
  const { keepdim, interpolation = "linear" } = options;
  if (dim === undefined || x.ndim === 0) {
    const y = nanquantile(x.reshape([-1]), q, 0, { interpolation });
    return keepdim ? y.reshape(x.shape.map(() => 1)) : y;
  }
  const { values: sorted } = sort(x, dim); // NaN last
  const place = PLACES[interpolation](counted(x, dim).sub(1).clamp(0).to(x.dtype).mul(q));
  const [low, high] = [place.floor(), place.ceil()].map((at) => sorted.gather(dim, at.to("i32")));
  const y = low.lerp(high, place.sub(place.floor()));
  return keepdim ? y : y.squeeze(dim);
}
