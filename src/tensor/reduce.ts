/** Reductions: along the given dimensions, or along all of them when `dim` is left out. */

import { type DType, isFloat, requireFloat } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { type ArgReduceOp, apply1, type ReduceOp, reducedShape } from "../core/primitives.ts";
import { normalizeDim, normalizeDims, numel, type Shape, showShape } from "../core/shape.ts";
import { customGrad } from "./custom.ts";
import { where } from "./elementwise.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { castTo, reshapeTo } from "./values.ts";

/** One dimension, several, or all of them (undefined). */
export type Dims = number | readonly number[] | undefined;

export interface KeepDim {
  /** keep the reduced dimensions, with size 1 */
  keepdim?: boolean;
}

export interface InDType {
  /** what the elements are cast to before, and the result is; by default their own, and i32 for sums of u8 and bool */
  dtype?: DType;
}

const as = (x: Tensor, dtype: DType | undefined): Tensor => (dtype ? x.to(dtype) : x);

/** The shape that a reduction leaves with `keepdim`: ones where it reduced. */
function kept(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((size, i) => (axes.includes(i) ? 1 : size));
}

function reduceValue(name: string, op: ReduceOp | ArgReduceOp, x: Value, dim: Dims, keepdim = false): Tensor {
  const axes = normalizeDims(name, dim, x.shape.length);
  if (op !== "sum" && op !== "prod" && axes.some((axis) => x.shape[axis] === 0)) {
    throw new ShapeError(
      `${name} of no elements has no value: a reduced dimension of ${showShape(x.shape)} has size 0.`,
    );
  }
  const y = apply1(op, [x], { axes });
  return wrap(keepdim ? reshapeTo(y, kept(x.shape, axes)) : y);
}

/** Sums of bytes do not fit in bytes: bool and u8 count in i32. */
const countable = (x: Tensor): Value => (x.dtype === "bool" || x.dtype === "u8" ? castTo(x.value, "i32") : x.value);

/**
 * Σ x; bool and u8 are added up in i32. Without elements it is 0.
 *
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * x.sum(); // tensor(10.)
 * x.sum(0); // tensor([4., 6.])
 * x.sum(1, { keepdim: true }); // tensor([[3.], [7.]])
 * ```
 */
export function sum(x: Tensor, dim?: Dims, options: KeepDim & InDType = {}): Tensor {
  const { dtype, keepdim } = options;
  return as(reduceValue("sum", "sum", countable(as(x, dtype)), dim, keepdim), dtype);
}

/** ∏ x; without elements it is 1. */
export function prod(x: Tensor, dim?: Dims, options: KeepDim & InDType = {}): Tensor {
  const { dtype, keepdim } = options;
  return as(reduceValue("prod", "prod", countable(as(x, dtype)), dim, keepdim), dtype);
}

/** Number of elements that a reduction over `dim` combines. */
function combined(x: Tensor, dim: Dims): number {
  return numel(normalizeDims("mean", dim, x.ndim).map((axis) => x.shape[axis]));
}

/** Σ x / n; NaN without elements. Throws a DTypeError for integers. */
export function mean(x: Tensor, dim?: Dims, options: KeepDim & InDType = {}): Tensor {
  requireFloat("mean", options.dtype ?? x.dtype);
  return sum(x, dim, options).div(combined(x, dim));
}

/**
 * The variance, Σ (x − x̄)² / (n − correction), in two passes: the mean first.
 *
 * `correction` is 1 by default (Bessel's, for a sample); 0 gives the population's variance.
 *
 * ```ts
 * tensor([1, 2, 3, 4]).var(); // tensor(1.6667)
 * tensor([1, 2, 3, 4]).var(0, { correction: 0 }); // tensor(1.2500)
 * ```
 */
export function variance(x: Tensor, dim?: Dims, options: KeepDim & { correction?: number } = {}): Tensor {
  requireFloat("var", x.dtype);
  const { correction = 1, keepdim } = options;
  const deviation = x.sub(mean(x, dim, { keepdim: true }));
  return sum(deviation.mul(deviation), dim, { keepdim }).div(Math.max(0, combined(x, dim) - correction));
}

/** The standard deviation: the square root of `var`, with its options. */
export function std(x: Tensor, dim?: Dims, options: KeepDim & { correction?: number } = {}): Tensor {
  return variance(x, dim, options).sqrt();
}

/**
 * The variance and the mean, `[variance, mean]`, with the options of `var`.
 *
 * ```ts
 * varMean(tensor([1, 2, 3, 4])); // [ tensor(1.6667), tensor(2.5000) ]
 * ```
 */
export function varMean(x: Tensor, dim?: Dims, options: KeepDim & { correction?: number } = {}): [Tensor, Tensor] {
  return [variance(x, dim, options), mean(x, dim, { keepdim: options.keepdim })];
}

/**
 * The standard deviation and the mean, `[std, mean]`, with the options of `var`.
 *
 * ```ts
 * stdMean(tensor([1, 3, 5])); // [ tensor(2.), tensor(3.) ]
 * ```
 */
export function stdMean(x: Tensor, dim?: Dims, options: KeepDim & { correction?: number } = {}): [Tensor, Tensor] {
  return [std(x, dim, options), mean(x, dim, { keepdim: options.keepdim })];
}

/**
 * The sum over the dimensions that were grown to reach x's shape from `shape`: the reverse of `expand`.
 *
 * Throws a ShapeError if `shape` does not grow to x's.
 *
 * ```ts
 * sumToSize(ones([2, 3]), [1, 3]); // tensor([[2., 2., 2.]])
 * ```
 */
export function sumToSize(x: Tensor, shape: Shape): Tensor {
  const lead = x.ndim - shape.length;
  if (lead < 0 || shape.some((size, i) => size !== 1 && size !== x.shape[lead + i]))
    throw new ShapeError(`sumToSize: ${showShape(shape)} does not grow to ${showShape(x.shape)}.`);
  const grown = x.shape.flatMap((size, i) => (i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []));
  return grown.length === 0 ? x : sum(x, grown).reshape(shape);
}

/** Ties share the gradient evenly, where the primitive would give all of it to the first. */
function extremum(op: "max" | "min", name: string, input: Tensor, dim: Dims, keepdim?: boolean): Tensor {
  if (input.dtype === "bool") return extremum(op, name, wrap(castTo(input.value, "u8")), dim, keepdim).bool();
  const y = customGrad(
    name,
    (x) => reduceValue(name, op, x.value, dim, true),
    (g, y, x) => {
      const ties = where(y.isnan(), x.isnan(), x.eq(y));
      const share = g.div(ties.sum(dim, { keepdim: true }).to(x.dtype));
      return [where(ties, share, 0)];
    },
  )(input);
  return keepdim ? y : dropped(y, name, dim);
}

/** Without the dimensions that a reduction has kept. */
function dropped(y: Tensor, name: string, dim: Dims): Tensor {
  const axes = normalizeDims(name, dim, y.ndim);
  return wrap(reshapeTo(y.value, reducedShape(y.shape, axes)));
}

/** The largest element over `dim`; NaN if there is one. Ties share the gradient evenly. */
export function amax(x: Tensor, dim?: Dims, options: KeepDim = {}): Tensor {
  return extremum("max", "amax", x, dim, options.keepdim);
}

/** The smallest element over `dim`; NaN if there is one. Ties share the gradient evenly. */
export function amin(x: Tensor, dim?: Dims, options: KeepDim = {}): Tensor {
  return extremum("min", "amin", x, dim, options.keepdim);
}

/**
 * The smallest and the largest elements over `dim`. Ties share the gradient evenly.
 *
 * ```ts
 * aminmax(tensor([3, 1, 2])).max; // tensor(3.)
 * ```
 */
export function aminmax(x: Tensor, dim?: Dims, options: KeepDim = {}): { readonly min: Tensor; readonly max: Tensor } {
  const { keepdim } = options;
  return { min: extremum("min", "aminmax", x, dim, keepdim), max: extremum("max", "aminmax", x, dim, keepdim) };
}

/** Values and where they were found. */
export interface ValuesIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** The largest elements along `dim` and their indices; the gradient goes to the first of equal ones. */
export function maxAlong(x: Tensor, dim: number, options: KeepDim = {}): ValuesIndices {
  return pick("argmax", "max", x, dim, options);
}

/** The smallest elements along `dim` and their indices; the gradient goes to the first of equal ones. */
export function minAlong(x: Tensor, dim: number, options: KeepDim = {}): ValuesIndices {
  return pick("argmin", "min", x, dim, options);
}

function pick(op: ArgReduceOp, name: string, x: Tensor, dim: number, { keepdim }: KeepDim): ValuesIndices {
  const axis = normalizeDim(name, dim, x.ndim);
  const comparable = x.dtype === "bool" ? castTo(x.value, "u8") : x.value;
  const indices = reduceValue(name, op, comparable, axis, true);
  const values = x.ndim === 0 ? x : x.gather(axis, indices);
  return keepdim ? { values, indices } : { values: values.squeeze(axis), indices: indices.squeeze(axis) };
}

function argExtremum(op: ArgReduceOp, x: Tensor, dim: number | undefined, keepdim?: boolean): Tensor {
  return reduceValue(op, op, x.dtype === "bool" ? castTo(x.value, "u8") : x.value, dim, keepdim);
}

/** Where the largest element is along `dim`, or in the flattened tensor: the first one, or the first NaN. i32. */
export function argmax(x: Tensor, dim?: number, options: KeepDim = {}): Tensor {
  return argExtremum("argmax", x, dim, options.keepdim);
}

/** Where the smallest element is along `dim`, or in the flattened tensor: the first one, or the first NaN. i32. */
export function argmin(x: Tensor, dim?: number, options: KeepDim = {}): Tensor {
  return argExtremum("argmin", x, dim, options.keepdim);
}

/** Whether some element is not zero. */
export function any(x: Tensor, dim?: Dims, options: KeepDim = {}): Tensor {
  return sum(x.bool(), dim, options).ne(0);
}

/** Whether no element is zero. */
export function all(x: Tensor, dim?: Dims, options: KeepDim = {}): Tensor {
  return any(x.bool().logicalNot(), dim, options).logicalNot();
}

/** How many elements are not zero. i32. */
export function countNonzero(x: Tensor, dim?: Dims, options: KeepDim = {}): Tensor {
  return sum(x.bool(), dim, options);
}

/** Running sums along `dim`: yᵢ = x₀ + … + xᵢ. */
export function cumsum(x: Tensor, dim: number, options: InDType = {}): Tensor {
  return running("cumsum", x, dim, options.dtype);
}

/** Running products along `dim`: yᵢ = x₀ · … · xᵢ. */
export function cumprod(x: Tensor, dim: number, options: InDType = {}): Tensor {
  return running("cumprod", x, dim, options.dtype);
}

function running(op: "cumsum" | "cumprod", x: Tensor, dim: number, dtype: DType | undefined): Tensor {
  const axis = normalizeDim(op, dim, x.ndim);
  const value = countable(as(x, dtype));
  return as(wrap(x.ndim === 0 ? value : apply1(op, [value], { axis, reverse: false })), dtype);
}

const toFloatTensor = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : x.float());

/**
 * log Σ eˣ, as m + log Σ e^(x − m) with m the maximum: no overflow. A row of −∞ gives −∞.
 *
 * ```ts
 * tensor([1000, 1000]).logsumexp(0); // tensor(1000.6932)
 * ```
 */
export function logsumexp(input: Tensor, dim: Dims, options: KeepDim = {}): Tensor {
  const y = customGrad(
    "logsumexp",
    (x) => {
      const top = amax(x, dim, { keepdim: true });
      const m = where(top.isfinite(), top, 0); // ∞ − ∞ would be NaN
      return m.add(x.sub(m).exp().sum(dim, { keepdim: true }).log());
    },
    (g, y, x) => [g.mul(x.sub(y).exp())],
  )(toFloatTensor(input));
  return options.keepdim ? y : dropped(y, "logsumexp", dim);
}

/**
 * eˣ / Σ eˣ along `dim`, after subtracting the maximum. A row of −∞ gives NaN.
 *
 * ```ts
 * tensor([1, 2, 3]).softmax(0); // tensor([0.0900, 0.2447, 0.6652])
 * ```
 */
export function softmax(input: Tensor, dim: number, options: InDType = {}): Tensor {
  const axis = normalizeDim("softmax", dim, input.ndim);
  return customGrad(
    "softmax",
    (x) => {
      const e = x.sub(amax(x, axis, { keepdim: true })).exp();
      return e.div(e.sum(axis, { keepdim: true }));
    },
    (g, y) => [y.mul(g.sub(g.mul(y).sum(axis, { keepdim: true })))],
  )(toFloatTensor(as(input, options.dtype)));
}

/** log(softmax(x)) along `dim`, as x − max − log Σ e^(x − max): no overflow. */
export function logSoftmax(input: Tensor, dim: number, options: InDType = {}): Tensor {
  const axis = normalizeDim("logSoftmax", dim, input.ndim);
  return customGrad(
    "logSoftmax",
    (x) => {
      const shifted = x.sub(amax(x, axis, { keepdim: true }));
      return shifted.sub(shifted.exp().sum(axis, { keepdim: true }).log());
    },
    (g, y) => [g.sub(y.exp().mul(g.sum(axis, { keepdim: true })))],
  )(toFloatTensor(as(input, options.dtype)));
}

/**
 * The p-norm (Σ |x|ᵖ)^(1/p) over `dim`: p = 2 by default, Infinity the largest magnitude, 0 the number of non-zeros.
 *
 * Its derivative at the zero vector is 0.
 */
export function norm(x: Tensor, p = 2, dim?: Dims, options: KeepDim = {}): Tensor {
  requireFloat("norm", x.dtype);
  if (p === Number.POSITIVE_INFINITY) return amax(x.abs(), dim, options);
  if (p === Number.NEGATIVE_INFINITY) return amin(x.abs(), dim, options);
  if (p === 0) return sum(x.ne(0).to(x.dtype), dim, options);
  if (p === 1) return sum(x.abs(), dim, options);
  if (p === 2) return euclidean(x, dim, options);
  const total = sum(x.abs().pow(p), dim, options);
  const zero = total.eq(0); // where the root has no derivative: 0, as at p = 2
  return where(zero, 0, where(zero, 1, total).pow(1 / p));
}

/** √(Σ x²), whose derivative at the zero vector is 0. */
function euclidean(input: Tensor, dim: Dims, options: KeepDim): Tensor {
  const y = customGrad(
    "norm",
    (x) => sum(x.mul(x), dim, { keepdim: true }).sqrt(),
    (g, y, x) => [g.mul(x.div(where(y.eq(0), 1, y)))],
  )(input);
  return options.keepdim ? y : dropped(y, "norm", dim);
}
