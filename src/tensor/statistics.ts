/** How numbers are distributed, and how they vary together. */

import { type DType, isFloat, isInteger, requireFloat } from "../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import { askedBy } from "../core/primitives.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { iota, ones, tensor, zeros } from "./creation.ts";
import { isclose, where } from "./elementwise.ts";
import { nonzero, scatterAdd } from "./indexing.ts";
import { cat, narrow } from "./movement.ts";
import type { KeepDim, ValuesIndices } from "./reduce.ts";
import { searchsorted } from "./search.ts";
import type { Tensor } from "./tensor.ts";

export interface CovOptions {
  /** what the divisor is less than the number of observations: 1 by default */
  correction?: number;
  /** how often each observation occurs: (N) of integers */
  fweights?: Tensor;
  /** how much each observation counts: (N) of floats */
  aweights?: Tensor;
}

/** What weighs each of n observations, (n) of a dtype. Where a weight is negative, its place is one that there is not. */
function observationWeights(name: string, weights: Tensor, n: number, dtype: DType): Tensor {
  if (weights.ndim > 1 || weights.numel() !== n)
    throw new ShapeError(`cov needs ${name} (${n},), one an observation, but got ${showShape(weights.shape)}.`);
  if (name === "fweights" ? !isInteger(weights.dtype) : !isFloat(weights.dtype)) {
    const kind = name === "fweights" ? "integers" : "floats";
    throw new DTypeError(
      `cov: ${name} are ${kind}, but got ${weights.dtype}: convert them, or give the other weights.`,
    );
  }
  const w = weights.to(dtype).reshape([n]);
  return askedBy("cov", () => w.take(where(w.ge(0), iota([n], 0), n)), `${name} must be at least 0.`);
}

/**
 * The covariance of variables, one a row, over their observations: C = Σ w(x − x̄)(x − x̄)ᵀ / (Σ w − correction).
 *
 * The weights w are the product of both kinds, 1 by default; with aweights a, the correction counts Σ wa / Σ w times.
 *
 * Shapes: (V, N) ─► (V, V), a vector counts as one variable and gives a number. Throws a ShapeError or a DTypeError for
 * weights that do not fit, and an IndexError, when it is computed, for negative ones.
 *
 * ```ts
 * cov(tensor([[1, 2, 3], [3, 2, 4]])); // tensor([[1.0000, 0.5000], [0.5000, 1.0000]])
 * cov(tensor([1, 2]), { fweights: tensor([1, 3], { dtype: "i32" }) }); // tensor(0.2500)
 * ```
 */
export function cov(x: Tensor, options: CovOptions = {}): Tensor {
  requireFloat("cov", x.dtype);
  if (x.ndim > 2) throw new ShapeError(`cov needs a matrix, one variable a row, but got ${showShape(x.shape)}.`);
  if (x.ndim < 2) return cov(x.reshape([1, -1]), options);
  const { correction = 1 } = options;
  const [fweights, aweights] = (["fweights", "aweights"] as const).map((name) => {
    const weights = options[name];
    return weights && observationWeights(name, weights, x.shape[1], x.dtype);
  });
  const w =
    fweights && aweights ? fweights.mul(aweights) : (fweights ?? aweights ?? ones([x.shape[1]], { dtype: x.dtype }));
  const total = w.sum();
  const deviation = x.sub(x.mul(w).sum(1, { keepdim: true }).div(total)); // (V, N)
  const lost = aweights ? w.mul(aweights).sum().div(total).mul(correction) : correction;
  const c = deviation.mul(w).matmul(deviation.t()).div(total.sub(lost).clamp(0));
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
  if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`diff: n must be a whole number from 0, but is ${n}.`);
  if (n === 0) return x;
  if (prepend || append) return diff(cat([prepend ?? [], x, append ?? []].flat(), dim), dim, { n });
  const before = diff(x, dim, { n: n - 1 });
  const size = before.size(dim);
  const left = Math.max(0, size - 1);
  const [later, sooner] = [narrow(before, dim, size - left, left), narrow(before, dim, 0, left)];
  return x.dtype === "bool" ? later.ne(sooner) : later.sub(sooner);
}

/** Distinct elements, and what they stand for. */
export interface Unique {
  readonly values: Tensor;
  /** how often each occurs: i32 */
  readonly counts: Tensor;
  /** for each element its place among the values, in the tensor's shape: i32 */
  readonly inverse: Tensor;
}

/**
 * The distinct elements in ascending order, how often each occurs and where each element is among them. A promise: how
 * many they are, only the numbers tell.
 *
 * ```ts
 * const { values, counts, inverse } = await unique(tensor([3, 1, 3]));
 * values; // tensor([1., 3.])
 * counts; // tensor([1, 2])
 * inverse; // tensor([1, 0, 1])
 * ```
 */
export async function unique(x: Tensor): Promise<Unique> {
  const { values: sorted, indices } = x.reshape([-1]).sort();
  const { inverse, ...found } = await uniqueConsecutive(sorted);
  return { ...found, inverse: zeros(inverse.shape, { dtype: "i32" }).scatter(0, indices, inverse).reshape(x.shape) };
}

/**
 * The elements of the flattened tensor without those that equal the one before, how many each stands for and where each
 * element is among them. A promise, as `unique` is.
 *
 * ```ts
 * const { values, counts } = await uniqueConsecutive(tensor([3, 3, 1, 3]));
 * values; // tensor([3., 1., 3.])
 * counts; // tensor([2, 1, 1])
 * ```
 */
export async function uniqueConsecutive(x: Tensor): Promise<Unique> {
  const flat = x.reshape([-1]);
  const size = flat.numel();
  if (size === 0) return { values: flat, counts: zeros([0], { dtype: "i32" }), inverse: x.to("i32") };
  const isFirst = cat([tensor([true]), flat.narrow(0, 1, size - 1).ne(flat.narrow(0, 0, size - 1))]);
  const starts = (await nonzero(isFirst)).reshape([-1]);
  return {
    values: flat.take(starts),
    counts: diff(cat([starts, tensor([size], { dtype: "i32" })])),
    inverse: isFirst.cumsum(0).sub(1).reshape(x.shape),
  };
}

/**
 * The most frequent element along `dim`, the smallest of several, and the last place where it is.
 *
 * ```ts
 * mode(tensor([3, 1, 3, 2])); // { values: tensor(3.), indices: tensor(2) }
 * ```
 */
export function mode(x: Tensor, dim = -1, options: KeepDim = {}): ValuesIndices {
  if (x.ndim === 0) return { values: x, indices: zeros([], { dtype: "i32" }) };
  const { values: sorted, indices: order } = x.movedim(dim, -1).sort();
  const end = searchsorted(sorted, sorted, { right: true });
  const most = end.sub(searchsorted(sorted, sorted)).argmax(-1, { keepdim: true });
  const indices = order.gather(-1, end.gather(-1, most).sub(1)).movedim(-1, dim);
  const values = x.gather(dim, indices);
  return options.keepdim ? { values, indices } : { values: values.squeeze(dim), indices: indices.squeeze(dim) };
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

/**
 * Whether both have one shape and the same elements. A promise of a boolean, since it reads them.
 *
 * ```ts
 * await equal(tensor([1, 2]), tensor([1, 2])); // true
 * ```
 */
export async function equal(a: Tensor, b: Tensor): Promise<boolean> {
  return sameShape(a.shape, b.shape) && (await a.eq(b).all().item()) === 1;
}
