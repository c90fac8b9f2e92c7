/** Reshaping, reordering, repeating, cutting and joining: elements move, numbers do not change. */

import { promote } from "../core/dtype.ts";
import { ArgumentError, ShapeError } from "../core/errors.ts";
import { apply1 } from "../core/primitives.ts";
import {
  broadcastShapes,
  checkShape,
  existingDim,
  normalizeDim,
  normalizeDims,
  numel,
  type Shape,
  showShape,
} from "../core/shape.ts";
import { iota, zerosLike } from "./creation.ts";
import { where } from "./elementwise.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { castTo, expandTo, expectNumbers, expectTensors, reshapeTo } from "./values.ts";

/** The shape with its one −1 replaced by what is left; it holds as many elements. */
function inferSize(op: string, from: Shape, shape: Shape): number[] {
  const total = numel(from);
  const unknown = shape.indexOf(-1);
  const known = shape.filter((_, i) => i !== unknown);
  const count = numel(known);
  checkShape(op, known.includes(-1) ? shape : known);
  if (unknown < 0 ? count !== total : count === 0 || total % count !== 0) {
    const into = unknown < 0 ? `, ${count} elements` : "";
    throw new ShapeError(`${op} cannot turn ${showShape(from)}, ${total} elements, into ${showShape(shape)}${into}.`);
  }
  return shape.map((size, i) => (i === unknown ? total / count : size));
}

/**
 * The same elements in row-major order under another shape; one size may be −1, which takes what is left.
 *
 * Throws a ShapeError if the number of elements differs.
 *
 * ```ts
 * tensor([1, 2, 3, 4]).reshape([2, -1]); // tensor([[1., 2.], [3., 4.]])
 * ```
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return shaped("reshape", x, shape);
}

/** `reshape` under another name, for what is wrong. */
export function shaped(op: string, x: Tensor, shape: Shape): Tensor {
  return wrap(reshapeTo(x.value, inferSize(op, x.shape, shape)));
}

/** Dimensions `start` to `end`, inclusive, made one. */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  const first = normalizeDim("flatten", start, x.ndim);
  const last = normalizeDim("flatten", end, x.ndim);
  if (first > last) throw new ArgumentError(`flatten: dimension ${start} comes after ${end}.`);
  const size = numel(x.shape.slice(first, last + 1));
  return reshape(x, [...x.shape.slice(0, first), size, ...x.shape.slice(last + 1)]);
}

/** Dimension `dim` cut into `sizes`, one of which may be −1. */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const axis = normalizeDim("unflatten", dim, x.ndim);
  const parts = inferSize("unflatten", [x.shape[axis]], sizes);
  return reshape(x, [...x.shape.slice(0, axis), ...parts, ...x.shape.slice(axis + 1)]);
}

/** Without the given dimensions where they have size 1, or without any of size 1. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const axes = normalizeDims("squeeze", dim, x.ndim);
  return reshape(
    x,
    x.shape.filter((size, i) => size !== 1 || !axes.includes(i)),
  );
}

/** With a new dimension of size 1 before `dim`. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const axis = normalizeDim("unsqueeze", dim, x.ndim + 1);
  return reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

/** A vector along one axis of others: (N) ─► (1, …, N, …, 1). */
export const along = (vector: Tensor, axis: number, rank: number): Tensor =>
  reshape(
    vector,
    Array.from({ length: rank }, (_, i) => (i === axis ? vector.shape[0] : 1)),
  );

/** Dimensions in another order: dimension i of the result is dimension dims[i] of x. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  const perm = dims.map((dim) => normalizeDim("permute", dim, x.ndim));
  if (perm.every((p, i) => p === i) && perm.length === x.ndim) return x;
  return wrap(apply1("permute", [x.value], { perm }));
}

/** Dimensions a and b exchanged. */
export function transpose(x: Tensor, a: number, b: number): Tensor {
  const perm = x.shape.map((_, i) => i);
  const i = normalizeDim("transpose", a, x.ndim);
  const j = normalizeDim("transpose", b, x.ndim);
  if (x.ndim === 0) return x;
  [perm[i], perm[j]] = [j, i];
  return permute(x, perm);
}

/** Dimensions moved elsewhere, one or several; the others keep their order. */
export function movedim(x: Tensor, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const axes = (dims: number | readonly number[]) => [dims].flat().map((dim) => normalizeDim("movedim", dim, x.ndim));
  const [source, target] = [axes(from), axes(to)];
  if (source.length !== target.length || [source, target].some((dims) => new Set(dims).size !== dims.length)) {
    throw new ArgumentError(
      `movedim cannot move dimensions [${[from].flat()}] to [${[to].flat()}]: as many are needed, each once.`,
    );
  }
  const others = x.shape.map((_, i) => i).filter((i) => !source.includes(i));
  return permute(
    x,
    x.shape.map((_, i) => (target.includes(i) ? source[target.indexOf(i)] : others.shift()!)),
  );
}

/**
 * Repeated along sizes of 1, without a copy; −1 keeps a size, and new dimensions come in front.
 *
 * ```ts
 * tensor([[1], [2]]).expand([-1, 3]); // tensor([[1., 1., 1.], [2., 2., 2.]])
 * ```
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.ndim;
  const target = shape.map((size, i) => (size === -1 && i >= lead ? x.shape[i - lead] : size));
  const fits = lead >= 0 && x.shape.every((size, i) => size === 1 || size === target[lead + i]);
  if (!fits || target.some((size) => size < 0)) {
    throw new ShapeError(`expand cannot grow ${showShape(x.shape)} to ${showShape(shape)}: only sizes of 1 grow.`);
  }
  return wrap(expandTo(x.value, target));
}

/** Tensors expanded to the shape that all broadcast to. */
export function broadcastTensors(...tensors: Tensor[]): Tensor[] {
  const shape = broadcastShapes("broadcastTensors", ...tensors.map((x) => x.shape));
  return tensors.map((x) => wrap(expandTo(x.value, shape)));
}

/**
 * The whole tensor repeated `repeats[i]` times along each dimension; missing ones count as 1, new ones come in front.
 *
 * ```ts
 * tensor([1, 2]).repeat([2, 2]); // tensor([[1., 2., 1., 2.], [1., 2., 1., 2.]])
 * ```
 */
export function repeat(x: Tensor, repeats: readonly number[]): Tensor {
  const rank = Math.max(x.ndim, repeats.length);
  const sizes = [...new Array<number>(rank - x.ndim).fill(1), ...x.shape];
  const times = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  const interleaved = reshape(
    x,
    sizes.flatMap((size) => [1, size]),
  ); // (1, s₀, 1, s₁, …)
  const grown = expand(
    interleaved,
    sizes.flatMap((size, i) => [times[i], size]),
  ); // (r₀, s₀, r₁, s₁, …)
  return reshape(
    grown,
    sizes.map((size, i) => size * times[i]),
  );
}

/** Every element repeated `times` times in place along `dim` (of the flattened tensor if left out). */
export function repeatInterleave(x: Tensor, times: number, dim?: number): Tensor {
  if (dim === undefined) return repeatInterleave(flatten(x), times, 0);
  const axis = normalizeDim("repeatInterleave", dim, x.ndim);
  const grown = unsqueeze(x, axis + 1).expand([...x.shape.slice(0, axis + 1), times, ...x.shape.slice(axis + 1)]);
  return flatten(grown, axis, axis + 1);
}

/** Elements in reverse order along the given dimensions. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  const axes = normalizeDims("flip", dims, x.ndim);
  return axes.length === 0 ? x : wrap(apply1("flip", [x.value], { axes }));
}

/** Elements moved by `shift` places along `dim`, or by each of several; those that leave at one end come in at the other. */
export function roll(x: Tensor, shift: number | readonly number[], dim?: number | readonly number[]): Tensor {
  if (dim === undefined) return roll(flatten(x), shift, 0).reshape(x.shape);
  if (typeof shift !== "number" || typeof dim !== "number") {
    const [shifts, dims] = [[shift].flat(), [dim].flat()];
    if (shifts.length !== dims.length)
      throw new ArgumentError(`roll: ${shifts.length} shifts are given for ${dims.length} dimensions.`);
    return shifts.reduce((y: Tensor, by, i) => roll(y, by, dims[i]), x);
  }
  const axis = existingDim("roll", dim, x.ndim);
  const size = x.shape[axis];
  const split = size === 0 ? 0 : ((-shift % size) + size) % size;
  if (split === 0) return x;
  return cat([narrow(x, axis, split, size - split), narrow(x, axis, 0, split)], axis);
}

/** `length` elements along `dim`, from `start`. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const axis = existingDim("narrow", dim, x.ndim);
  expectNumbers("narrow", { start, length });
  if (start < 0) start += x.shape[axis];
  if (start < 0 || length < 0 || start + length > x.shape[axis]) {
    throw new ShapeError(
      `narrow: ${start} to ${start + length} is out of range for size ${x.shape[axis]} at dimension ${axis} of ${showShape(x.shape)}.`,
    );
  }
  return sliceAxis(x, axis, start, start + length, 1);
}

/** start:stop:step along one axis, all within range. */
export function sliceAxis(x: Tensor, axis: number, start: number, stop: number, step: number): Tensor {
  if (start === 0 && stop === x.shape[axis] && step === 1) return x;
  const from = x.shape.map((_, i) => (i === axis ? start : 0));
  const to = x.shape.map((size, i) => (i === axis ? stop : size));
  const by = x.shape.map((_, i) => (i === axis ? step : 1));
  return wrap(apply1("slice", [x.value], { start: from, stop: to, step: by }));
}

/**
 * Tensors joined along an existing dimension; dtypes are promoted.
 *
 * Shapes: equal except at `dim`. Throws a ShapeError otherwise.
 *
 * ```ts
 * cat([tensor([[1, 2]]), tensor([[3, 4]])]); // tensor([[1., 2.], [3., 4.]])
 * ```
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  return joined("cat", tensors, dim);
}

/** `cat` under another name, for what is wrong. */
export function joined(op: string, tensors: readonly Tensor[], dim: number): Tensor {
  if (tensors.length === 0) throw new ArgumentError(`${op} needs at least one tensor.`);
  expectTensors(op, ...tensors);
  const [first] = tensors;
  if (first.ndim === 0) throw new ShapeError(`${op} cannot join tensors without dimensions: stack them instead.`);
  const axis = normalizeDim(op, dim, first.ndim);
  if (tensors.some((x) => x.ndim !== first.ndim || x.shape.some((size, i) => i !== axis && size !== first.shape[i]))) {
    throw new ShapeError(
      `${op} along dimension ${axis} needs equal sizes elsewhere, but got ${tensors.map((x) => showShape(x.shape)).join(", ")}.`,
    );
  }
  if (tensors.length === 1) return first;
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return wrap(
    apply1(
      "concat",
      tensors.map((x) => castTo(x.value, dtype)),
      { axis },
    ),
  );
}

/** Tensors of one shape joined along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new ArgumentError("stack needs at least one tensor.");
  expectTensors("stack", ...tensors);
  const axis = normalizeDim("stack", dim, tensors[0].ndim + 1);
  return joined(
    "stack",
    tensors.map((x) => unsqueeze(x, axis)),
    axis,
  );
}

/** Pieces of the given size (the last may be smaller), or of the given sizes, along `dim`. */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  const axis = existingDim("split", dim, x.ndim);
  const total = x.shape[axis];
  if (typeof sizes === "number" && !(sizes > 0))
    throw new ArgumentError(`split: pieces must have a positive size, but got ${sizes}.`);
  const pieces =
    typeof sizes === "number"
      ? Array.from({ length: Math.max(1, Math.ceil(total / sizes)) }, (_, i) => Math.min(sizes, total - i * sizes))
      : sizes;
  const sum = pieces.reduce((a, b) => a + b, 0);
  if (sum !== total) {
    throw new ShapeError(
      `split: sizes [${pieces.join(", ")}] add up to ${sum}, but dimension ${axis} of ${showShape(x.shape)} has ${total}.`,
    );
  }
  let start = 0;
  return pieces.map((size) => narrow(x, axis, (start += size) - size, size));
}

/** At most `chunks` pieces of equal size along `dim`; the last may be smaller. */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  const axis = existingDim("chunk", dim, x.ndim);
  return split(x, Math.max(1, Math.ceil(x.shape[axis] / chunks)), axis);
}

/** The slices along `dim`, without it. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const axis = existingDim("unbind", dim, x.ndim);
  return Array.from({ length: x.shape[axis] }, (_, i) => narrow(x, axis, i, 1).squeeze(axis));
}

/** How `pad` fills the new places. */
export interface PadOptions {
  mode?: "constant" | "reflect" | "replicate" | "circular";
  /** for mode `"constant"`; 0 by default */
  value?: number;
}

/**
 * x grown at the ends of its last dimensions: `padding` is [low, high] of the last dimension, then of the one before, …
 * Negative padding crops (mode `"constant"` only).
 *
 * ```ts
 * tensor([1, 2, 3]).pad([1, 2]); // tensor([0., 1., 2., 3., 0., 0.])
 * tensor([1, 2, 3]).pad([2, 1], { mode: "reflect" }); // tensor([3., 2., 1., 2., 3., 2.])
 * ```
 */
export function pad(x: Tensor, padding: readonly number[], options: PadOptions = {}): Tensor {
  const { mode = "constant", value = 0 } = options;
  if (padding.length % 2 !== 0 || padding.length > 2 * x.ndim) {
    throw new ArgumentError(
      `pad: ${showShape(x.shape)} takes up to ${2 * x.ndim} numbers, two a dimension from the last, but got ${padding.length}.`,
    );
  }
  const low = new Array<number>(x.ndim).fill(0);
  const high = new Array<number>(x.ndim).fill(0);
  for (let i = 0; i < padding.length / 2; i++) {
    low[x.ndim - 1 - i] = padding[2 * i];
    high[x.ndim - 1 - i] = padding[2 * i + 1];
  }
  if (mode === "constant") {
    return wrap(apply1("pad", [x.value], { low, high, interior: low.map(() => 0), value }));
  }
  return x.shape.reduce((y, _, axis) => {
    const [start, end] = [Math.max(0, -low[axis]), Math.max(0, -high[axis])]; // a negative padding cuts
    const cut = narrow(y, axis, start, y.shape[axis] - start - end);
    return padAxis(cut, axis, Math.max(0, low[axis]), Math.max(0, high[axis]), mode);
  }, x);
}

function padAxis(
  x: Tensor,
  axis: number,
  low: number,
  high: number,
  mode: "reflect" | "replicate" | "circular",
): Tensor {
  if (low === 0 && high === 0) return x;
  const size = x.shape[axis];
  const limit = mode === "reflect" ? size - 1 : mode === "circular" ? size : Number.POSITIVE_INFINITY;
  if (low > limit || high > limit || size === 0) {
    throw new ShapeError(
      `pad: ${low} and ${high} are out of range for mode "${mode}" on size ${size} at dimension ${axis} of ${showShape(x.shape)}.`,
    );
  }
  const grow = (edge: Tensor, count: number) => edge.expand(edge.shape.map((s, i) => (i === axis ? count : s)));
  const [before, after] = {
    reflect: () => [flip(narrow(x, axis, 1, low), axis), flip(narrow(x, axis, size - 1 - high, high), axis)],
    circular: () => [narrow(x, axis, size - low, low), narrow(x, axis, 0, high)],
    replicate: () => [grow(narrow(x, axis, 0, 1), low), grow(narrow(x, axis, size - 1, 1), high)],
  }[mode]();
  return cat([before, x, after], axis);
}

/**
 * The diagonal of dimensions `dim1` and `dim2`, as the last dimension; `offset` > 0 is above it.
 *
 * ```ts
 * diagonal(tensor([[1, 2], [3, 4]])); // tensor([1., 4.])
 * ```
 */
export function diagonal(x: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  const a = normalizeDim("diagonal", dim1, x.ndim);
  const b = normalizeDim("diagonal", dim2, x.ndim);
  if (a === b) throw new ShapeError(`diagonal needs two different dimensions, but got ${dim1} and ${dim2}.`);
  const rest = x.shape.map((_, i) => i).filter((i) => i !== a && i !== b);
  const y = permute(x, [...rest, a, b]); // (…, R, C)
  const [R, C] = [x.shape[a], x.shape[b]];
  const length = Math.max(0, offset >= 0 ? Math.min(R, C - offset) : Math.min(R + offset, C));
  const first = offset >= 0 ? offset : -offset * C;
  const batch = y.shape.slice(0, -2);
  const flat = y.reshape([...batch, R * C]);
  if (length === 0) return narrow(flat, -1, 0, 0);
  // The diagonal's elements are C + 1 apart in a row-major matrix.
  return sliceAxis(flat, batch.length, first, first + (length - 1) * (C + 1) + 1, C + 1);
}

/** A vector on the diagonal of a matrix of zeros, or a matrix's diagonal. */
export function diag(x: Tensor, offset = 0): Tensor {
  if (x.ndim === 2) return diagonal(x, offset);
  if (x.ndim !== 1) throw new ShapeError(`diag needs a vector or a matrix, but got ${showShape(x.shape)}.`);
  return diagEmbed(x, offset);
}

/**
 * Vectors on the diagonals of square matrices of zeros: (…, N) ─► (…, S, S), S = N + |offset|, whose rows and columns are
 * dimensions `dim1` and `dim2`. Reversed by `diagonal`.
 *
 * ```ts
 * diagEmbed(tensor([[1, 2], [3, 4]])); // tensor([[[1., 0.], [0., 2.]], [[3., 0.], [0., 4.]]])
 * ```
 */
export function diagEmbed(x: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  const n = x.size(-1);
  normalizeDims("diagEmbed", [dim1, dim2], x.ndim + 1);
  const batch = x.shape.slice(0, -1);
  const size = n + Math.abs(offset);
  const rows = x.unsqueeze(-1).pad([0, size]); // (…, n, size + 1): each row's element, then zeros
  const length = n === 0 ? 0 : (n - 1) * (size + 1) + 1; // diagonal steps apart
  const flat = rows.reshape([...batch, n * (size + 1)]).narrow(-1, 0, length);
  const first = offset >= 0 ? offset : -offset * size;
  const square = flat.pad([first, size * size - first - length]).reshape([...batch, size, size]);
  return movedim(square, [-2, -1], [dim1, dim2]);
}

/**
 * All elements on the diagonal of a square matrix of zeros.
 *
 * ```ts
 * diagflat(tensor([[1], [2]])); // tensor([[1., 0.], [0., 2.]])
 * ```
 */
export function diagflat(x: Tensor, offset = 0): Tensor {
  return diagEmbed(x.reshape([-1]), offset);
}

/** Whether each place of the last two dimensions is on or below the diagonal moved up by `offset`. */
function below(x: Tensor, offset: number): Tensor {
  if (x.ndim < 2) throw new ShapeError(`tril and triu need at least two dimensions, but got ${showShape(x.shape)}.`);
  const matrix = x.shape.slice(-2);
  return iota(matrix, 1).le(iota(matrix, 0).add(offset));
}

/** The lower triangle of matrices (…, R, C), zeros above; `offset` > 0 keeps diagonals above too. */
export function tril(x: Tensor, offset = 0): Tensor {
  return where(below(x, offset), x, zerosLike(x));
}

/** The upper triangle of matrices (…, R, C), zeros below; `offset` > 0 drops diagonals too. */
export function triu(x: Tensor, offset = 0): Tensor {
  return where(below(x, offset - 1), zerosLike(x), x);
}

/** Windows of `size` along `dim`, `step` apart, as a new last dimension. */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  const axis = normalizeDim("unfold", dim, x.ndim);
  if (x.ndim === 0) return unfold(x.reshape([1]), 0, size, step).squeeze(0);
  if (size > x.shape[axis] || size < 1 || step < 1) {
    throw new ShapeError(
      `unfold: windows of ${size}, ${step} apart, do not fit size ${x.shape[axis]} at dimension ${axis} of ${showShape(x.shape)}.`,
    );
  }
  return wrap(apply1("windows", [x.value], { axes: [axis], size: [size], stride: [step], dilation: [1] }));
}
