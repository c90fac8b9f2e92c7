/** Searching among sorted numbers. */

import { ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { zeros } from "./creation.ts";
import { where } from "./elementwise.ts";
import { sort } from "./sorting.ts";
import type { Tensor } from "./tensor.ts";

/** On which side of equal numbers a value goes. */
export interface SearchOptions {
  /** after them; false by default */
  right?: boolean;
}

/** How `searchsorted` searches. */
export interface SearchSortedOptions extends SearchOptions {
  /** what `argsort` gives for numbers that are not sorted: i32, in their shape */
  sorter?: Tensor;
}

/**
 * Where each value goes among ascending numbers so that they stay ascending, by bisection: i32.
 *
 * Shapes: a vector for values of any shape, or rows (…, N) for rows of values (…, M). Throws a ShapeError otherwise.
 *
 * ```ts
 * const sorted = tensor([1, 3, 3, 5]);
 * searchsorted(sorted, tensor([0, 3, 9])); // tensor([0, 1, 4])
 * searchsorted(sorted, tensor([3]), { right: true }); // tensor([3])
 * ```
 */
export function searchsorted(sorted: Tensor, values: Tensor, options: SearchSortedOptions = {}): Tensor {
  const { right = false, sorter } = options;
  if (sorter) return searchsorted(sorted.gather(-1, sorter), values, { right });
  if (sorted.ndim !== 1 && !sameShape(sorted.shape.slice(0, -1), values.shape.slice(0, -1))) {
    throw new ShapeError(
      `searchsorted needs a vector or as many rows as there are of values, but got ${showShape(sorted.shape)} for ${showShape(values.shape)}.`,
    );
  }
  const size = sorted.size(-1);
  let found = zeros(values.shape, { dtype: "i32" });
  for (let step = 2 ** Math.floor(Math.log2(size)); step >= 1; step /= 2) {
    const next = found.add(step);
    const last = next.clamp(undefined, size).sub(1);
    const number = sorted.ndim === 1 ? sorted.take(last) : sorted.gather(-1, last);
    const beyond = right ? number.gt(values) : number.ge(values); // false for NaN, which comes last
    found = where(beyond.logicalOr(next.gt(size)), found, next);
  }
  return found;
}

/**
 * In which of the intervals between ascending boundaries each element is: boundaries[i − 1] < x ≤ boundaries[i], or with
 * `right` boundaries[i − 1] ≤ x < boundaries[i]. i32.
 *
 * ```ts
 * bucketize(tensor([0.5, 1, 7]), tensor([1, 2])); // tensor([0, 0, 2])
 * ```
 */
export function bucketize(x: Tensor, boundaries: Tensor, options: SearchOptions = {}): Tensor {
  if (boundaries.ndim !== 1)
    throw new ShapeError(`bucketize needs a vector of boundaries, but got ${showShape(boundaries.shape)}.`);
  return searchsorted(boundaries, x, options);
}

/**
 * Whether each element is among those of another tensor.
 *
 * ```ts
 * isin(tensor([1, 2, 3]), tensor([3, 1])); // tensor([ True, False,  True])
 * ```
 */
export function isin(x: Tensor, among: Tensor): Tensor {
  const size = among.numel();
  if (size === 0) return zeros(x.shape, { dtype: "bool" });
  const { values: sorted } = sort(among.reshape([-1]));
  return sorted.take(searchsorted(sorted, x).clamp(undefined, size - 1)).eq(x);
}
