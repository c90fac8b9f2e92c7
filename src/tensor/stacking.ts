/** Joining, cutting and turning by rows, columns and depth. */

import { ArgumentError, ShapeError } from "../core/errors.ts";
import { existingDim, normalizeDim, showShape } from "../core/shape.ts";
import { meshgrid, tensor } from "./creation.ts";
import { cat, flip, joined, narrow, pad, stack, transpose } from "./movement.ts";
import type { Tensor } from "./tensor.ts";

/**
 * With at least one dimension.
 *
 * ```ts
 * atleast1d(tensor(5)); // tensor([5.])
 * ```
 */
export function atleast1d(x: Tensor): Tensor {
  return x.ndim >= 1 ? x : x.reshape([1]);
}

/**
 * With at least two dimensions: a vector is a row.
 *
 * ```ts
 * atleast2d(tensor([1, 2])); // tensor([[1., 2.]])
 * ```
 */
export function atleast2d(x: Tensor): Tensor {
  return x.ndim >= 2 ? x : atleast1d(x).unsqueeze(0);
}

/**
 * With at least three dimensions: a vector (N) becomes (1, N, 1), a matrix (M, N) becomes (M, N, 1).
 *
 * ```ts
 * atleast3d(tensor([1, 2])).shape; // [ 1, 2, 1 ]
 * ```
 */
export function atleast3d(x: Tensor): Tensor {
  return x.ndim >= 3 ? x : atleast2d(x).unsqueeze(-1);
}

/**
 * Joined side by side: along columns, vectors along their only dimension.
 *
 * ```ts
 * hstack([tensor([[1], [2]]), tensor([[3], [4]])]); // tensor([[1., 3.], [2., 4.]])
 * ```
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const parts = tensors.map(atleast1d);
  return joined("hstack", parts, parts[0]?.ndim === 1 ? 0 : 1);
}

/**
 * Joined below one another: along rows, and a vector is a row.
 *
 * ```ts
 * vstack([tensor([1, 2]), tensor([3, 4])]); // tensor([[1., 2.], [3., 4.]])
 * ```
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return joined("vstack", tensors.map(atleast2d), 0);
}

/**
 * Joined behind one another: along the third dimension.
 *
 * ```ts
 * dstack([tensor([1, 2]), tensor([3, 4])]); // tensor([[[1., 3.], [2., 4.]]])
 * ```
 */
export function dstack(tensors: readonly Tensor[]): Tensor {
  return joined("dstack", tensors.map(atleast3d), 2);
}

/**
 * Joined side by side, and a vector is a column.
 *
 * ```ts
 * columnStack([tensor([1, 2]), tensor([3, 4])]); // tensor([[1., 3.], [2., 4.]])
 * ```
 */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  return joined(
    "columnStack",
    tensors.map((x) => (x.ndim < 2 ? x.reshape([-1, 1]) : x)),
    1,
  );
}

/**
 * Cut along `dim` into a number of pieces, of which the first are longer by one where it does not divide the size, or
 * before each of the given positions. Throws an ArgumentError for fewer than one piece.
 *
 * ```ts
 * tensorSplit(arange(5), 2); // [ tensor([0., 1., 2.]), tensor([3., 4.]) ]
 * tensorSplit(arange(5), [1, 3]); // [ tensor([0.]), tensor([1., 2.]), tensor([3., 4.]) ]
 * ```
 */
export function tensorSplit(x: Tensor, pieces: number | readonly number[], dim = 0): Tensor[] {
  return cutInto("tensorSplit", x, pieces, dim);
}

function cutInto(op: string, x: Tensor, pieces: number | readonly number[], dim: number): Tensor[] {
  const axis = existingDim(op, dim, x.ndim);
  const size = x.shape[axis];
  if (typeof pieces === "number" ? !(pieces >= 1) : !Array.isArray(pieces))
    throw new ArgumentError(`${op} takes a number of pieces above 0 or a list of positions, but got ${pieces}.`);
  const starts =
    typeof pieces === "number"
      ? Array.from({ length: pieces }, (_, i) => i * Math.floor(size / pieces) + Math.min(i, size % pieces))
      : [0, ...pieces.map((at) => Math.min(Math.max(at < 0 ? at + size : at, 0), size))];
  return starts.map((start, i) => narrow(x, axis, start, Math.max(0, (starts[i + 1] ?? size) - start)));
}

function splitInto(op: string, x: Tensor, pieces: number | readonly number[], dim: number, rank: number): Tensor[] {
  if (x.ndim < rank) throw new ShapeError(`${op} needs at least ${rank} dimensions, but got ${showShape(x.shape)}.`);
  if (typeof pieces === "number" && x.shape[dim] % pieces !== 0) {
    throw new ArgumentError(
      `${op}: ${pieces} pieces do not divide size ${x.shape[dim]} of dimension ${dim} of ${showShape(x.shape)}: use tensorSplit.`,
    );
  }
  return cutInto(op, x, pieces, dim);
}

/**
 * Cut between columns (of a vector: along its only dimension) into equal pieces, or before positions.
 *
 * ```ts
 * hsplit(tensor([[1, 2], [3, 4]]), 2); // [ tensor([[1.], [3.]]), tensor([[2.], [4.]]) ]
 * ```
 */
export function hsplit(x: Tensor, pieces: number | readonly number[]): Tensor[] {
  return splitInto("hsplit", x, pieces, x.ndim === 1 ? 0 : 1, 1);
}

/**
 * Cut between rows into equal pieces, or before positions.
 *
 * ```ts
 * vsplit(tensor([[1, 2], [3, 4]]), 2); // [ tensor([[1., 2.]]), tensor([[3., 4.]]) ]
 * ```
 */
export function vsplit(x: Tensor, pieces: number | readonly number[]): Tensor[] {
  return splitInto("vsplit", x, pieces, 0, 2);
}

/**
 * Cut along the third dimension into equal pieces, or before positions.
 *
 * ```ts
 * dsplit(ones([1, 1, 4]), [1]).map((x) => x.shape); // [ [ 1, 1, 1 ], [ 1, 1, 3 ] ]
 * ```
 */
export function dsplit(x: Tensor, pieces: number | readonly number[]): Tensor[] {
  return splitInto("dsplit", x, pieces, 2, 3);
}

/**
 * Matrices side by side and below one another, each beginning where the one before ends, among zeros. A vector is a row.
 *
 * ```ts
 * blockDiag(tensor([[1, 2]]), tensor([[3], [4]])); // tensor([[1., 2., 0.], [0., 0., 3.], [0., 0., 4.]])
 * ```
 */
export function blockDiag(...matrices: Tensor[]): Tensor {
  const blocks = matrices.map(atleast2d);
  const width = blocks.reduce((sum, { shape }) => sum + shape[1], 0);
  let left = 0;
  const rows = blocks.map((block) => {
    if (block.ndim > 2) throw new ShapeError(`blockDiag needs matrices, but got ${showShape(block.shape)}.`);
    const start = left;
    left += block.shape[1];
    return pad(block, [start, width - left]);
  });
  return cat(rows);
}

/**
 * All tuples with one element of each vector, a row each: the first vector varies slowest. One vector stays as it is.
 *
 * ```ts
 * cartesianProd(tensor([1, 2]), tensor([3, 4])); // tensor([[1., 3.], [1., 4.], [2., 3.], [2., 4.]])
 * ```
 */
export function cartesianProd(...vectors: Tensor[]): Tensor {
  if (vectors.length === 1) return vectors[0];
  return stack(meshgrid(vectors), -1).reshape([-1, vectors.length]);
}

/**
 * All choices of r elements of a vector, a row each, in the vector's order; `withReplacement` lets one be chosen again.
 *
 * ```ts
 * combinations(tensor([1, 2, 3])); // tensor([[1., 2.], [1., 3.], [2., 3.]])
 * ```
 */
export function combinations(x: Tensor, r = 2, options: { withReplacement?: boolean } = {}): Tensor {
  if (x.ndim !== 1) throw new ShapeError(`combinations needs a vector, but got ${showShape(x.shape)}.`);
  const gap = options.withReplacement ? 0 : 1;
  let rows: number[][] = r === 0 ? [] : Array.from({ length: x.shape[0] }, (_, i) => [i]);
  for (let chosen = 1; chosen < r; chosen++) {
    rows = rows.flatMap((row) => {
      const next = row[chosen - 1] + gap;
      return Array.from({ length: Math.max(0, x.shape[0] - next) }, (_, i) => [...row, next + i]);
    });
  }
  return x.take(tensor(Int32Array.from(rows.flat()), { shape: r === 0 ? [0] : [rows.length, r] }));
}

/**
 * Turned by 90° · `times` in the plane of two dimensions, from the first towards the second.
 *
 * ```ts
 * rot90(tensor([[1, 2], [3, 4]])); // tensor([[2., 4.], [1., 3.]])
 * ```
 */
export function rot90(x: Tensor, times = 1, dims: readonly [number, number] = [0, 1]): Tensor {
  const [a, b] = dims.map((dim) => normalizeDim("rot90", dim, x.ndim));
  if (dims.length !== 2 || a === b)
    throw new ShapeError(`rot90 turns two different dimensions, but got [${dims}] of ${showShape(x.shape)}.`);
  const quarter = ((times % 4) + 4) % 4;
  if (quarter === 2) return flip(x, [a, b]);
  if (quarter === 0) return x;
  return quarter === 1 ? flip(transpose(x, a, b), a) : flip(transpose(x, a, b), b);
}

/**
 * Columns in reverse order. Throws a ShapeError for fewer than two dimensions.
 *
 * ```ts
 * fliplr(tensor([[1, 2], [3, 4]])); // tensor([[2., 1.], [4., 3.]])
 * ```
 */
export function fliplr(x: Tensor): Tensor {
  if (x.ndim < 2)
    throw new ShapeError(`fliplr needs at least two dimensions, but got ${showShape(x.shape)}: use flip.`);
  return flip(x, 1);
}

/**
 * Rows in reverse order. Throws a ShapeError for a number.
 *
 * ```ts
 * flipud(tensor([[1, 2], [3, 4]])); // tensor([[3., 4.], [1., 2.]])
 * ```
 */
export function flipud(x: Tensor): Tensor {
  if (x.ndim < 1) throw new ShapeError("flipud needs at least one dimension, but the tensor has none.");
  return flip(x, 0);
}
