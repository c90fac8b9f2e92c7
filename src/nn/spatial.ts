/** What convolutions and pools share: one number for each spatial dimension, and inputs with or without a batch. */

import { ArgumentError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { Tensor } from "../tensor/index.ts";

/** One number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** One whole number, at least `least`, for each of d dimensions. */
export function perDimension(op: string, name: string, sizes: Sizes, d: number, least: number): number[] {
  const list = typeof sizes === "number" ? new Array<number>(d).fill(sizes) : [...sizes];
  if (list.length !== d || list.some((size) => !Number.isInteger(size) || size < least)) {
    throw new ArgumentError(`${op}: ${name} must be ${d} whole number(s) from ${least}, but is [${list.join(", ")}].`);
  }
  return list;
}

/** Options as a layer prints them: kernelSize=3, stride=(2, 1). */
export function showOptions(options: object): string {
  const shown = (value: unknown) => (Array.isArray(value) ? `(${value.map(String).join(", ")})` : value);
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(", ");
}

/** Applies `f` to a batch: an input (C, *S) without one is a batch of one. */
export function batched(op: string, x: Tensor, d: number, f: (x: Tensor) => Tensor): Tensor {
  if (x.ndim === d + 2) return f(x);
  if (x.ndim === d + 1) return f(x.unsqueeze(0)).squeeze(0);
  throw new ShapeError(
    `${op} needs an input of ${d + 2} dimensions, (N, C, ${"S, ".repeat(d).slice(0, -2)}), or one less without a batch, but got ${showShape(x.shape)}.`,
  );
}

/** What a matrix (n, L) makes of dimension `dim`: y[…, i, …] = Σ matrix[i, j] · x[…, j, …]. */
export function alongDimension(x: Tensor, dim: number, matrix: Tensor): Tensor {
  if (dim === x.ndim - 1) return x.matmul(matrix.t()); // (…, L) × (L, n)
  return matrix.matmul(x.flatten(dim + 1)).unflatten(-1, x.shape.slice(dim + 1)); // (n, L) × (…, L, rest)
}
