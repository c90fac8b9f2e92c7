/** How numbers are distributed, and how they vary together. */

import { isFloat, requireFloat } from "../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { ones, tensor, zeros } from "./creation.ts";
import { isclose, where } from "./elementwise.ts";
import { maskedSelect, nonzero, scatterAdd } from "./indexing.ts";
import { cat, narrow } from "./movement.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The covariance of variables, one a row, over their observations: C = Σ (x − x̄)(x − x̄)ᵀ / (n − correction).
 *
 * Shapes: (V, N) ─► (V, V), a vector counts as one variable and gives a number. `correction` is 1 by default.
 *
 * ```ts
 * cov(tensor([[1, 2, 3], [3, 2, 4]])); // tensor([[1.0000, 0.5000], [0.5000, 1.0000]])
 * ```
 */
export function cov(x: Tensor, options: { correction?: number } = {}): Tensor {
  requireFloat("cov", x.dtype);
  if (x.ndim > 2) throw new ShapeError(`cov needs a matrix, one variable a row, but got ${showShape(x.shape)}.`);
  if (x.ndim < 2) return cov(x.reshape([1, -1]), options);
  const deviation = x.sub(x.mean(1, { keepdim: true })); // (V, N)
  const c = deviation.matmul(deviation.t()).div(Math.max(0, x.shape[1] - (options.correction ?? 1)));
  return x.shape[0] === 1 ? c.reshape([]) : c;
}

/** Pearson's correlation of variables, one a row: covariances divided by both standard deviations, within [−1, 1]. */
export function corrcoef(x: Tensor): Tensor {
  const c = cov(x);
  if (c.ndim === 0) return c.div(c);
  const deviation = c.diagonal().sqrt();
  return c.div(deviation.unsqueeze(1)).div(deviation).clamp(-1, 1);
}

/**
 * How often each whole number from 0 to bins − 1 occurs in a vector, i32; with `weights`, the sum of theirs.
 *
 * Throws an IndexError, when it is computed, for a number out of range.
 *
 * ```ts
 * bincount(tensor([0, 2, 2], { dtype: "i32" }), 4); // tensor([1, 0, 2, 0])
 * ```
 */
export function bincount(x: Tensor, bins: number, weights?: Tensor): Tensor {
  if (x.ndim !== 1) throw new ShapeError(`bincount needs a vector, but got ${showShape(x.shape)}.`);
  if (isFloat(x.dtype))
    throw new DTypeError(`bincount needs whole numbers, but got ${x.dtype}: convert them with .to("i32").`);
  const source = weights ?? ones(x.shape, { dtype: "i32" });
  return scatterAdd(zeros([bins], { dtype: source.dtype }), 0, x, source);
}

/**
 * How many elements fall into each of `bins` equal parts of [min, max]; the last part includes its end, the rest is not
 * counted. i32.
 *
 * ```ts
 * histc(tensor([0, 1, 1, 3]), 3, 0, 3); // tensor([1, 2, 1])
 * ```
 */
export function histc(x: Tensor, bins: number, min: number, max: number): Tensor {
  if (!(min < max)) throw new ArgumentError(`histc needs min < max, but got ${min} and ${max}.`);
  const flat = x.reshape([-1]);
  const bin = flat
    .sub(min)
    .div((max - min) / bins)
    .clamp(0, bins - 1)
    .to("i32");
  const inside = flat.ge(min).logicalAnd(flat.le(max));
  return bincount(where(inside, bin, 0), bins, inside.to("i32"));
}

/**
 * Differences of neighbours along `dim`, the last by default, taken n times (1): yᵢ = xᵢ₊₁ − xᵢ. What is prepended and
 * appended joins x first.
 */
export function diff(x: Tensor, dim = -1, options: { n?: number; prepend?: Tensor; append?: Tensor } = {}): Tensor {
  const { n = 1, prepend, append } = options;
  if (n === 0) return x;
  if (prepend || append) return diff(cat([prepend ?? [], x, append ?? []].flat(), dim), dim, { n });
  const before = diff(x, dim, { n: n - 1 });
  const size = before.size(dim);
  const left = Math.max(0, size - 1);
  const [later, sooner] = [narrow(before, dim, size - left, left), narrow(before, dim, 0, left)];
  return x.dtype === "bool" ? later.ne(sooner) : later.sub(sooner);
}

/** Distinct elements and how often each occurs. */
export interface Unique {
  readonly values: Tensor;
  readonly counts: Tensor;
}

/**
 * The distinct elements in ascending order, and how often each occurs (i32). A promise: how many they are, only the
 * numbers tell.
 *
 * ```ts
 * const { values, counts } = await unique(tensor([3, 1, 3]));
 * values; // tensor([1., 3.])
 * counts; // tensor([1, 2])
 * ```
 */
export async function unique(x: Tensor): Promise<Unique> {
  const { values: sorted } = x.reshape([-1]).sort();
  const size = sorted.numel();
  if (size === 0) return { values: sorted, counts: zeros([0], { dtype: "i32" }) };
  const isFirst = cat([tensor([true]), sorted.narrow(0, 1, size - 1).ne(sorted.narrow(0, 0, size - 1))]);
  const starts = (await nonzero(isFirst)).reshape([-1]);
  const values = await maskedSelect(sorted, isFirst);
  return { values, counts: diff(cat([starts, tensor([size], { dtype: "i32" })])) };
}

/**
 * Whether all elements are close: |a − b| ≤ atol + rtol · |b|. A promise of a boolean, since it reads them.
 *
 * ```ts
 * await allclose(tensor([1, 2]), tensor([1, 2.000001])); // true
 * ```
 */
export async function allclose(
  a: Tensor,
  b: Tensor,
  options: { rtol?: number; atol?: number; equalNan?: boolean } = {},
): Promise<boolean> {
  return (await isclose(a, b, options).all().item()) === 1;
}
