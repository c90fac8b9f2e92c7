/** Tensors from data, and tensors of known numbers. */

import { allocate, castValue, checkDType, type DType, isFloat, type TypedArray, viewBytes } from "../core/dtype.ts";
import { ArgumentError, GradError, ShapeError } from "../core/errors.ts";
import { apply1 } from "../core/primitives.ts";
import { checkShape, numel, type Shape, showShape } from "../core/shape.ts";
import { Storage } from "../core/storage.ts";
import { knownValue } from "./evaluate.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { constant, expectNumbers } from "./values.ts";

/** Numbers or booleans, nested to any depth, rows of equal length. */
export type Nested = number | boolean | readonly Nested[];

export interface CreateOptions {
  dtype?: DType;
  /** whether gradients are wanted */
  requiresGrad?: boolean;
}

function finish(x: Tensor, options: CreateOptions): Tensor {
  if (options.requiresGrad) x.requiresGrad = true;
  return x;
}

function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "f32";
  if (array instanceof Float64Array) return "f64";
  if (array instanceof Int32Array) return "i32";
  if (array instanceof Uint32Array) return "u32";
  return "u8";
}

/**
 * A tensor of the given numbers, which are copied.
 *
 * JavaScript numbers become f32 and booleans bool, unless `dtype` says otherwise; a typed array keeps its own dtype
 * (Float32Array f32, Float64Array f64, Int32Array i32, Uint32Array u32, Uint8Array u8). `shape` reshapes.
 * Throws a ShapeError if rows differ in length or `shape` does not fit.
 *
 * ```ts
 * tensor([[1, 2], [3, 4]]); // tensor([[1., 2.], [3., 4.]])
 * tensor([1, 2], { dtype: "i32" }); // tensor([1, 2])
 * tensor(new Uint8Array([0, 255, 7, 9]), { shape: [2, 2] }); // tensor([[  0, 255], [  7,   9]], dtype=u8)
 * tensor([true, false]); // tensor([ True, False])
 * ```
 */
export function tensor(data: Nested | TypedArray, options: CreateOptions & { shape?: Shape } = {}): Tensor {
  if (options.dtype) checkDType("tensor", options.dtype);
  const [array, shape] = ArrayBuffer.isView(data) ? fromTyped(data, options.dtype) : fromNested(data, options.dtype);
  const { dtype } = array;
  const wanted = options.shape ?? shape;
  if (options.shape) checkShape("tensor", wanted);
  if (numel(wanted) !== array.data.length) {
    throw new ShapeError(
      `tensor: ${array.data.length} elements do not fill shape ${showShape(wanted)}, ${numel(wanted)} elements.`,
    );
  }
  const storage = Storage.of(array.data);
  return finish(wrap(knownValue({ shape: [...wanted], dtype }, storage)), options);
}

interface Data {
  readonly data: TypedArray;
  readonly dtype: DType;
}

function fromTyped(array: TypedArray, dtype: DType | undefined): [Data, Shape] {
  const from = dtypeOf(array);
  const to = dtype ?? from;
  const data = to === from ? array.slice() : allocate(to, array.length);
  if (to !== from) for (let i = 0; i < array.length; i++) data[i] = castValue(array[i], from, to);
  return [{ data: data.buffer.byteLength === data.byteLength ? data : copyOf(data, to), dtype: to }, [array.length]];
}

/** Node's Buffer slices share a pool: its bytes alone. */
function copyOf(array: TypedArray, dtype: DType): TypedArray {
  const copy = allocate(dtype, array.length);
  copy.set(array);
  return copy;
}

function fromNested(nested: Nested, wanted: DType | undefined): [Data, Shape] {
  const shape: number[] = [];
  let first: Nested = nested;
  while (Array.isArray(first)) {
    shape.push(first.length);
    if (first.length === 0) break;
    first = first[0];
  }
  const dtype = wanted ?? (typeof first === "boolean" ? "bool" : "f32");
  const data = allocate(dtype, numel(shape));
  let position = 0;
  const fill = (part: Nested, depth: number) => {
    if (!Array.isArray(part)) {
      if (depth !== shape.length) throw ragged(shape);
      if (typeof part !== "number" && typeof part !== "boolean") {
        throw new ArgumentError(`tensor takes numbers and booleans, but got ${typeof part} at depth ${depth}.`);
      }
      data[position++] = castValue(Number(part), "f64", dtype);
      return;
    }
    if (part.length !== shape[depth]) throw ragged(shape);
    for (const item of part) fill(item, depth + 1);
  };
  fill(nested, 0);
  return [{ data, dtype }, shape];
}

function ragged(shape: Shape): ShapeError {
  return new ShapeError(`tensor: rows differ in length or depth; the first ones make ${showShape(shape)}.`);
}

/** A tensor over bytes that nobody else holds or changes: not copied. */
export function adopt(data: TypedArray, dtype: DType, shape: Shape): Tensor {
  return wrap(knownValue({ shape, dtype }, Storage.of(data)));
}

/**
 * Every element the same number.
 *
 * ```ts
 * full([2, 2], 7); // tensor([[7., 7.], [7., 7.]])
 * ```
 */
export function full(shape: Shape, value: number | boolean, options: CreateOptions = {}): Tensor {
  checkShape("full", shape);
  if (options.dtype) checkDType("full", options.dtype);
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "f32");
  return finish(wrap(constant(castValue(Number(value), "f64", dtype), dtype, shape)), options);
}

/** Zeros. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** Ones. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** A number everywhere, in the shape of x and, unless `dtype` is given, in its dtype. */
export function fullLike(x: Tensor, value: number, options: CreateOptions = {}): Tensor {
  return full(x.shape, value, { dtype: x.dtype, ...options });
}

/** Zeros in the shape and dtype of x. */
export function zerosLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return fullLike(x, 0, options);
}

/** Ones in the shape and dtype of x. */
export function onesLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return fullLike(x, 1, options);
}

/** Each element's place along one axis: 0, 1, 2, … */
export function iota(shape: Shape, axis: number, dtype: DType = "i32"): Tensor {
  return wrap(apply1("iota", [], { shape, axis, dtype }));
}

/**
 * start, start + step, … up to but without `end`; f32 unless `dtype` says otherwise.
 *
 * `arange(end)` starts at 0. Throws an ArgumentError if the step is 0 or leads away from the end.
 *
 * ```ts
 * arange(4); // tensor([0., 1., 2., 3.])
 * arange(1, 2, 0.5); // tensor([1.0000, 1.5000])
 * ```
 */
export function arange(end: number, options?: CreateOptions): Tensor;
export function arange(start: number, end: number, options?: CreateOptions): Tensor;
export function arange(start: number, end: number, step: number, options?: CreateOptions): Tensor;
export function arange(...args: (number | CreateOptions | undefined)[]): Tensor {
  const numbers = args.filter((x) => typeof x === "number");
  const options = (args.find((x) => typeof x === "object") ?? {}) as CreateOptions;
  const [start, end, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  expectNumbers("arange", { start, end, step });
  if (step === 0 || (end - start) / step < 0)
    throw new ArgumentError(`arange: a step of ${step} does not lead from ${start} to ${end}.`);
  const length = Math.ceil((end - start) / step);
  return fill("arange", length, options, (i) => start + i * step);
}

/**
 * `steps` numbers from start to end, both included, evenly spaced.
 *
 * ```ts
 * linspace(0, 1, 5); // tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
 * ```
 */
export function linspace(start: number, end: number, steps: number, options: CreateOptions = {}): Tensor {
  expectNumbers("linspace", { start, end, steps });
  return fill("linspace", steps, options, evenly(start, end, steps));
}

/** base to the power of `steps` evenly spaced exponents from start to end. */
export function logspace(
  start: number,
  end: number,
  steps: number,
  options: CreateOptions & { base?: number } = {},
): Tensor {
  expectNumbers("logspace", { start, end, steps });
  const exponent = evenly(start, end, steps);
  return fill("logspace", steps, options, (i) => (options.base ?? 10) ** exponent(i));
}

/** Counted from the nearer end, so that both ends are exact. */
function evenly(start: number, end: number, steps: number): (i: number) => number {
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  return (i) => (i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step);
}

function fill(op: string, length: number, options: CreateOptions, element: (i: number) => number): Tensor {
  checkShape(op, [length]);
  const dtype = options.dtype ?? "f32";
  const data = allocate(dtype, length);
  for (let i = 0; i < length; i++) data[i] = castValue(element(i), "f64", dtype);
  return finish(adopt(data, dtype, [length]), options);
}

/** The identity matrix (n, n), or ones on the diagonal of (n, m). */
export function eye(n: number, m?: number, options: CreateOptions = {}): Tensor {
  const shape = [n, m ?? n];
  checkShape("eye", shape);
  return finish(
    iota(shape, 0)
      .eq(iota(shape, 1))
      .to(options.dtype ?? "f32"),
    options,
  );
}

/**
 * The grid spanned by vectors: for each, a tensor of all their sizes in which it varies along its own dimension.
 *
 * `indexing: "xy"` exchanges the first two dimensions, as for plots.
 */
export function meshgrid(vectors: readonly Tensor[], options: { indexing?: "ij" | "xy" } = {}): Tensor[] {
  const sizes = vectors.map((v) => {
    if (v.ndim > 1) throw new ShapeError(`meshgrid needs vectors, but got ${showShape(v.shape)}.`);
    return v.numel();
  });
  const grid = vectors.map((v, i) => v.reshape(sizes.map((_, j) => (i === j ? -1 : 1))).expand(sizes));
  return options.indexing === "xy" && vectors.length > 1 ? grid.map((x) => x.transpose(0, 1)) : grid;
}

/** The places (2, n) of a matrix's elements that are kept, row by row: i32. */
function indicesWhere(rows: number, columns: number, keep: (row: number, column: number) => boolean): Tensor {
  checkShape("trilIndices and triuIndices", [rows, columns]);
  const places = Array.from({ length: rows * columns }, (_, at) => [Math.floor(at / columns), at % columns]);
  const kept = places.filter(([row, column]) => keep(row, column));
  return adopt(Int32Array.from([0, 1].flatMap((d) => kept.map((place) => place[d]))), "i32", [2, kept.length]);
}

/**
 * Where the lower triangle of a matrix is: rows and columns, (2, n) i32; `offset` > 0 takes diagonals above too.
 *
 * ```ts
 * trilIndices(2, 3); // tensor([[0, 1, 1], [0, 0, 1]])
 * ```
 */
export function trilIndices(rows: number, columns: number, offset = 0): Tensor {
  return indicesWhere(rows, columns, (row, column) => column - row <= offset);
}

/**
 * Where the upper triangle of a matrix is: rows and columns, (2, n) i32; `offset` > 0 leaves diagonals out.
 *
 * ```ts
 * triuIndices(2, 3, 1); // tensor([[0, 0, 1], [1, 2, 2]])
 * ```
 */
export function triuIndices(rows: number, columns: number, offset = 0): Tensor {
  return indicesWhere(rows, columns, (row, column) => column - row >= offset);
}

/**
 * 1 at each index, 0 elsewhere, along a new last dimension of size `classes`; i32.
 *
 * An index outside of [0, classes) gives a row of zeros.
 *
 * ```ts
 * oneHot(tensor([0, 2], { dtype: "i32" }), 3); // tensor([[1, 0, 0], [0, 0, 1]])
 * ```
 */
export function oneHot(indices: Tensor, classes: number): Tensor {
  if (isFloat(indices.dtype))
    throw new ArgumentError(`oneHot needs integer classes, but got ${indices.dtype}: convert them with .to("i32").`);
  return iota([...indices.shape, classes], indices.ndim)
    .eq(indices.to("i32").unsqueeze(-1))
    .to("i32");
}

/** A typed array over a storage's bytes, copied. */
export function copyBytes(storage: Storage, dtype: DType): TypedArray {
  return viewBytes(dtype, storage.bytes()).slice();
}

/** Throws where a gradient cannot flow. */
export function requireDifferentiable(x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new GradError(
      `Only float tensors (f32, f64) have gradients, but this one is ${x.dtype}${showShape(x.shape)}.`,
    );
}
