/** Sorting, through one primitive: the stable order of unsigned keys. */

import { ArgumentError } from "../core/errors.ts";
import { apply1 } from "../core/primitives.ts";
import { normalizeDim } from "../core/shape.ts";
import { iota } from "./creation.ts";
import { customGrad } from "./custom.ts";
import { where } from "./elementwise.ts";
import { nanquantile } from "./nan.ts";
import type { KeepDim, ValuesIndices } from "./reduce.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { constant } from "./values.ts";

export interface SortOptions {
  descending?: boolean;
}

const SIGN = 0x80000000;
const LAST = 0xffffffff;

const word = (value: number): Tensor => wrap(constant(value, "u32"));

const bits = (x: Tensor, word?: 0 | 1): Tensor =>
  wrap(apply1("bitcast", [x.value], word === undefined ? { dtype: "u32" } : { dtype: "u32", word }));

/**
 * Floats as words in the same order, the most significant first: −0 = 0, NaN last. Positive numbers order as their bits
 * do, negative ones in reverse, so the latter have all bits flipped and the former the sign bit.
 */
function floatKeys(x: Tensor): Tensor[] {
  const plain = where(x.eq(0), 0, x);
  const [high, ...low] = x.dtype === "f64" ? [bits(plain, 1), bits(plain, 0)] : [bits(plain)];
  const negative = where(x.lt(0), word(LAST), word(0));
  const flipped = [high.bitwiseXor(negative.bitwiseOr(word(SIGN))), ...low.map((key) => key.bitwiseXor(negative))];
  return flipped.map((key) => where(x.isnan(), word(LAST), key));
}

/** Keys whose order is that of x, the most significant first. */
function keys(x: Tensor): Tensor[] {
  switch (x.dtype) {
    case "f32":
    case "f64":
      return floatKeys(x);
    case "i32":
      return [bits(x).bitwiseXor(word(SIGN))];
    default:
      return [x.to("u32")];
  }
}

/** The stable order along the last axis: equal elements keep theirs. */
function order(x: Tensor, descending: boolean): Tensor {
  const [last, ...more] = keys(x.detach())
    .map((key) => (descending ? key.bitwiseNot() : key))
    .reverse();
  // Least significant first; each stable pass keeps the order of the ones before.
  return more.reduce(
    (found, key) => found.gather(-1, wrap(apply1("argsort", [key.gather(-1, found).value], {}))),
    wrap(apply1("argsort", [last.value], {})),
  );
}

/**
 * The indices that sort x along `dim`: stable, NaN last (first when descending). i32.
 *
 * ```ts
 * tensor([3, 1, 2]).argsort(); // tensor([1, 2, 0])
 * ```
 */
export function argsort(x: Tensor, dim = -1, options: SortOptions = {}): Tensor {
  const axis = normalizeDim("argsort", dim, x.ndim);
  if (x.ndim === 0) return iota([1], 0).reshape([]);
  return order(x.transpose(axis, -1), options.descending ?? false).transpose(axis, -1);
}

/**
 * x sorted along `dim`, and where each element came from: stable, NaN last (first when descending).
 *
 * ```ts
 * const { values, indices } = tensor([3, 1, 2]).sort();
 * values; // tensor([1., 2., 3.])
 * indices; // tensor([1, 2, 0])
 * ```
 */
export function sort(x: Tensor, dim = -1, options: SortOptions = {}): ValuesIndices {
  const indices = argsort(x, dim, options);
  return { values: x.gather(dim, indices), indices };
}

/**
 * x sorted along its first dimension.
 *
 * ```ts
 * msort(tensor([[3, 1], [2, 4]])); // tensor([[2., 1.], [3., 4.]])
 * ```
 */
export function msort(x: Tensor): Tensor {
  return sort(x, 0).values;
}

/**
 * The k largest elements along `dim`, in descending order, and their indices; `largest: false` gives the smallest.
 *
 * Equal elements keep their order. Throws an ArgumentError if there are fewer than k.
 *
 * ```ts
 * tensor([3, 1, 2]).topk(2).values; // tensor([3., 2.])
 * ```
 */
export function topk(x: Tensor, k: number, dim = -1, options: { largest?: boolean } = {}): ValuesIndices {
  const axis = normalizeDim("topk", dim, x.ndim);
  const size = x.shape[axis] ?? 1;
  if (!Number.isInteger(k) || k < 0 || k > size)
    throw new ArgumentError(`topk: k = ${k}, but dimension ${axis} has ${size} elements.`);
  const indices = argsort(x, axis, { descending: options.largest ?? true });
  const best = x.ndim === 0 ? indices : indices.narrow(axis, 0, k);
  return { values: x.gather(axis, best), indices: best };
}

/** The k-th smallest element along `dim`, k from 1, and its index. */
export function kthvalue(x: Tensor, k: number, dim = -1, options: KeepDim = {}): ValuesIndices {
  const axis = normalizeDim("kthvalue", dim, x.ndim);
  const size = x.shape[axis] ?? 1;
  if (!Number.isInteger(k) || k < 1 || k > size)
    throw new ArgumentError(`kthvalue: k = ${k}, but dimension ${axis} has ${size} elements.`);
  const order = argsort(x, axis);
  const indices = x.ndim === 0 ? order : order.narrow(axis, k - 1, 1);
  const values = x.gather(axis, indices);
  return options.keepdim ? { values, indices } : { values: values.squeeze(axis), indices: indices.squeeze(axis) };
}

/**
 * The median: of an even number, the lower of the middle two; NaN if there is one. Ties share the gradient evenly.
 *
 * ```ts
 * tensor([4, 1, 3, 2]).median(); // tensor(2.)
 * ```
 */
export function median(input: Tensor): Tensor {
  return customGrad(
    "median",
    (x) => medianAlong(x.reshape([-1]), 0).values,
    (g, y, x) => {
      const ties = x.eq(y).logicalOr(x.isnan().logicalAnd(y.isnan())).to(x.dtype);
      return [ties.mul(g.div(ties.sum()))];
    },
  )(input);
}

/** The median along `dim` and its index: the lower of the middle two, or the first NaN. */
export function medianAlong(x: Tensor, dim: number, options: KeepDim = {}): ValuesIndices {
  const axis = normalizeDim("median", dim, x.ndim);
  const size = x.shape[axis] ?? 1;
  const { indices: middle } = kthvalue(x, Math.ceil(size / 2), axis, { keepdim: true });
  const nan = x.isnan();
  const found = where(nan.any(axis, { keepdim: true }), nan.to("u8").argmax(axis, { keepdim: true }), middle);
  const values = x.gather(axis, found);
  return options.keepdim ? { values, indices: found } : { values: values.squeeze(axis), indices: found.squeeze(axis) };
}

/** How quantiles between two elements are found. */
export interface QuantileOptions extends KeepDim {
  /** in proportion (`"linear"`, by default), the one below, the one above, their mean, or the nearer */
  interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}

/**
 * The q-quantile along `dim` (of all elements if left out); NaN if there is one. Several make a first dimension.
 *
 * ```ts
 * tensor([1, 2, 3, 4]).quantile(0.5); // tensor(2.5000)
 * tensor([1, 2, 3, 4]).quantile([0, 0.25, 1]); // tensor([1.0000, 1.7500, 4.0000])
 * tensor([1, 2, 3, 4]).quantile(0.5, 0, { interpolation: "lower" }); // tensor(2.)
 * ```
 */
export function quantile(
  x: Tensor,
  q: number | readonly number[],
  dim?: number,
  options: QuantileOptions = {},
): Tensor {
  const nan = x.isnan().any(dim, { keepdim: options.keepdim });
  return where(nan, Number.NaN, nanquantile(x, q, dim, options));
}
