/** Distances between vectors. */

import { ShapeError } from "../core/errors.ts";
import { existingDim, showShape } from "../core/shape.ts";
import { triuIndices } from "./creation.ts";
import { where } from "./elementwise.ts";
import { norm } from "./reduce.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The p-norm of a − b over all elements, which broadcast.
 *
 * ```ts
 * dist(tensor([0, 0]), tensor([3, 4])); // tensor(5.)
 * ```
 */
export function dist(a: Tensor, b: Tensor, p = 2): Tensor {
  return norm(a.sub(b), p);
}

/**
 * The p-norm distance of each vector of a from each of b; its derivative is 0 between equal vectors.
 *
 * Shapes: (…, M, D) and (…, N, D) ─► (…, M, N); leading dimensions broadcast. Throws a ShapeError if D differs.
 *
 * ```ts
 * cdist(tensor([[0, 0], [3, 0]]), tensor([[3, 4]])); // tensor([[5.], [4.]])
 * ```
 */
export function cdist(a: Tensor, b: Tensor, p = 2): Tensor {
  if (a.ndim < 2 || b.ndim < 2 || a.shape[a.ndim - 1] !== b.shape[b.ndim - 1]) {
    throw new ShapeError(
      `cdist needs rows of equal length, (…, M, D) and (…, N, D), but got ${showShape(a.shape)} and ${showShape(b.shape)}.`,
    );
  }
  return norm(a.unsqueeze(-2).sub(b.unsqueeze(-3)), p, -1);
}

/**
 * The p-norm distances between the rows of a matrix, each pair once: (N, D) ─► (N · (N − 1) / 2), in the order (0, 1), (0, 2), …
 *
 * ```ts
 * pdist(tensor([[0, 0], [3, 4], [3, 0]])); // tensor([5., 3., 4.])
 * ```
 */
export function pdist(x: Tensor, p = 2): Tensor {
  if (x.ndim !== 2) throw new ShapeError(`pdist needs a matrix, one vector a row, but got ${showShape(x.shape)}.`);
  const [first, second] = triuIndices(x.shape[0], x.shape[0], 1).unbind();
  return norm(x.index(first).sub(x.index(second)), p, 1);
}

/**
 * x with every slice along `dim` whose p-norm is above `maxNorm` scaled down to it.
 *
 * ```ts
 * renorm(tensor([[3, 4], [0.3, 0.4]]), 2, 0, 1); // tensor([[0.6000, 0.8000], [0.3000, 0.4000]])
 * ```
 */
export function renorm(x: Tensor, p: number, dim: number, maxNorm: number): Tensor {
  const axis = existingDim("renorm", dim, x.ndim);
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const length = norm(x, p, others, { keepdim: true });
  return x.mul(where(length.gt(maxNorm), length.add(1e-7).reciprocal().mul(maxNorm), 1));
}
