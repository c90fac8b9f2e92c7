/** Products that are more than one matrix product, and those that are added to a tensor. */

import { ArgumentError, ShapeError } from "../core/errors.ts";
import { normalizeDim, numel, showShape } from "../core/shape.ts";
import { add, mul } from "./elementwise.ts";
import { bmm, matmul, mm, mv, outer } from "./linalg.ts";
import type { Tensor } from "./tensor.ts";

/** How a tensor and a product are added. */
export interface AddProductOptions {
  /** factor of the tensor, of which 0 drops even NaN; 1 by default */
  beta?: number;
  /** factor of the product; 1 by default */
  alpha?: number;
}

function plus(x: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddProductOptions): Tensor {
  const scaled = alpha === 1 ? product : mul(product, alpha);
  const base = x.expand(product.shape);
  if (beta === 0) return scaled;
  return add(beta === 1 ? base : mul(base, beta), scaled);
}

/**
 * β · x + α · (a × b), of matrices (M, K) and (K, N); x broadcasts to (M, N). Throws a ShapeError where shapes do not fit.
 *
 * ```ts
 * addmm(tensor([10, 20]), tensor([[1, 2]]), tensor([[1, 0], [0, 1]]), { alpha: 2 }); // tensor([[12., 24.]])
 * ```
 */
export function addmm(x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}): Tensor {
  return plus(x, mm(a, b), options);
}

/**
 * β · x + α · (a × v), of a matrix (M, K) and a vector (K); x broadcasts to (M).
 *
 * ```ts
 * addmv(tensor(1), tensor([[1, 2], [3, 4]]), tensor([1, 1])); // tensor([4., 8.])
 * ```
 */
export function addmv(x: Tensor, a: Tensor, v: Tensor, options: AddProductOptions = {}): Tensor {
  return plus(x, mv(a, v), options);
}

/**
 * β · x + α · (a ⊗ b), of vectors (M) and (N); x broadcasts to (M, N).
 *
 * ```ts
 * addr(tensor(1), tensor([1, 2]), tensor([3, 4])); // tensor([[4., 5.], [7., 9.]])
 * ```
 */
export function addr(x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}): Tensor {
  return plus(x, outer(a, b), options);
}

/**
 * β · x + α · (aᵢ × bᵢ) for each i of a batch, (B, M, K) and (B, K, N); x broadcasts to (B, M, N).
 *
 * ```ts
 * baddbmm(tensor(1), ones([2, 1, 3]), ones([2, 3, 1])).flatten(); // tensor([4., 4.])
 * ```
 */
export function baddbmm(x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}): Tensor {
  return plus(x, bmm(a, b), options);
}

/**
 * β · x + α · Σ aᵢ × bᵢ over a batch, (B, M, K) and (B, K, N); x broadcasts to (M, N).
 *
 * ```ts
 * addbmm(tensor(1), ones([2, 1, 3]), ones([2, 3, 1])); // tensor([[7.]])
 * ```
 */
export function addbmm(x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}): Tensor {
  const products = bmm(a, b);
  return plus(x, products.sum(0, { dtype: products.dtype }), options);
}

/**
 * Σ a · b over dimensions of both: the last `dims` of a and the first of b, or those named, [of a, of b]. What is left
 * of a comes before what is left of b. Throws a ShapeError if the sizes differ.
 *
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * tensordot(x, x); // tensor(30.)
 * tensordot(x, x, [[0], [0]]); // tensor([[10., 14.], [14., 20.]])
 * ```
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const [ofA, ofB] =
    typeof dims === "number"
      ? [Array.from({ length: dims }, (_, i) => a.ndim - dims + i), Array.from({ length: dims }, (_, i) => i)]
      : [
          dims[0].map((d) => normalizeDim("tensordot", d, a.ndim)),
          dims[1].map((d) => normalizeDim("tensordot", d, b.ndim)),
        ];
  const summed = ofA.map((d) => a.shape[d]);
  if (ofA.length !== ofB.length || ofB.some((d, i) => b.shape[d] !== summed[i])) {
    throw new ShapeError(
      `tensordot: dimensions [${ofA}] of ${showShape(a.shape)} and [${ofB}] of ${showShape(b.shape)} differ in number or size.`,
    );
  }
  const restA = a.shape.map((_, i) => i).filter((i) => !ofA.includes(i));
  const restB = b.shape.map((_, i) => i).filter((i) => !ofB.includes(i));
  const [rows, columns] = [restA.map((d) => a.shape[d]), restB.map((d) => b.shape[d])];
  const left = a.permute([...restA, ...ofA]).reshape([numel(rows), numel(summed)]);
  const right = b.permute([...ofB, ...restB]).reshape([numel(summed), numel(columns)]);
  return matmul(left, right).reshape([...rows, ...columns]);
}

/**
 * Σ a · b over the last dimension of both, (…, K) and (***, K) ─► (…, ***); beside a number, the product.
 *
 * ```ts
 * inner(tensor([[1, 2], [3, 4]]), tensor([1, 10])); // tensor([21., 43.])
 * ```
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  return a.ndim === 0 || b.ndim === 0 ? mul(a, b) : tensordot(a, b, [[-1], [-1]]);
}

/**
 * Kronecker's product: a with each element replaced by its product with all of b. Sizes multiply.
 *
 * ```ts
 * kron(tensor([1, 10]), tensor([[1, 2], [3, 4]])); // tensor([[ 1.,  2., 10., 20.], [ 3.,  4., 30., 40.]])
 * ```
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.ndim, b.ndim);
  const sizes = (x: Tensor) => [...new Array<number>(rank - x.ndim).fill(1), ...x.shape];
  const [outside, inside] = [sizes(a), sizes(b)];
  const spread = mul(a.reshape(outside.flatMap((n) => [n, 1])), b.reshape(inside.flatMap((n) => [1, n])));
  return spread.reshape(outside.map((n, i) => n * inside[i]));
}

/**
 * The vector at right angles to both, a × b, along a dimension of size 3: the first one if `dim` is left out. The others
 * broadcast. Throws an ArgumentError if there is none.
 *
 * ```ts
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])); // tensor([0., 0., 1.])
 * ```
 */
export function cross(a: Tensor, b: Tensor, dim?: number): Tensor {
  const axis = normalizeDim("cross", dim ?? a.shape.indexOf(3), a.ndim);
  if ((dim === undefined && !a.shape.includes(3)) || a.shape[axis] !== 3 || b.shape[b.ndim - a.ndim + axis] !== 3) {
    throw new ArgumentError(
      `cross needs a dimension of size 3 in both tensors, but got ${showShape(a.shape)} and ${showShape(b.shape)}.`,
    );
  }
  const back = axis - a.ndim; // the same of both, whose ranks may differ
  const turned = (x: Tensor, by: number) => x.roll(-by, back);
  return turned(a, 1)
    .mul(turned(b, 2))
    .sub(turned(a, 2).mul(turned(b, 1)));
}
