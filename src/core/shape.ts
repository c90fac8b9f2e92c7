import { ShapeError } from "./errors.ts";

export type Shape = readonly number[];

/** Number of elements: the product of the sizes. */
export function numel(shape: Shape): number {
  let n = 1;
  for (const size of shape) n *= size;
  return n;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Row-major strides, in elements. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

export const showShape = (shape: Shape): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** The shape that both broadcast to: aligned at the right, sizes equal or 1. */
export function broadcastShapes(op: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const size = shape[i];
      const have = out[lead + i];
      if (size === have || size === 1) continue;
      if (have !== 1) {
        throw new ShapeError(
          `${op} cannot broadcast shapes ${shapes.map(showShape).join(" and ")}: sizes ${have} and ${size} at dimension ${lead + i} differ and neither is 1. Reshape or unsqueeze one of them.`,
        );
      }
      out[lead + i] = size;
    }
  }
  return out;
}

/** A dimension as counted from the front; −1 is the last. */
export function normalizeDim(op: string, dim: number, rank: number): number {
  const range = Math.max(rank, 1);
  if (!Number.isInteger(dim) || dim < -range || dim >= range) {
    throw new ShapeError(
      `${op}: dimension ${dim} is out of range for a tensor with ${rank} dimension${rank === 1 ? "" : "s"} (expected ${-range} to ${range - 1}).`,
    );
  }
  return dim < 0 ? dim + range : dim;
}

/** The same where a tensor without dimensions has none, rather than one of size 1. */
export function existingDim(op: string, dim: number, rank: number): number {
  if (rank === 0) throw new ShapeError(`${op} needs at least one dimension, but the tensor has none.`);
  return normalizeDim(op, dim, rank);
}

/** Distinct, ascending dimensions; all of them when `dim` is undefined. */
export function normalizeDims(op: string, dim: number | readonly number[] | undefined, rank: number): number[] {
  if (dim === undefined) return Array.from({ length: rank }, (_, i) => i);
  const dims = (typeof dim === "number" ? [dim] : [...dim]).map((d) => normalizeDim(op, d, rank));
  if (new Set(dims).size !== dims.length)
    throw new ShapeError(`${op}: a dimension appears twice in [${dims.join(", ")}].`);
  return dims.filter((d) => d < rank).sort((a, b) => a - b);
}

/** Sizes must be whole, non-negative numbers whose product an array can hold. */
export function checkShape(op: string, shape: Shape): void {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(`${op}: sizes must be whole, non-negative numbers, but got ${showShape(shape)}.`);
  }
}
