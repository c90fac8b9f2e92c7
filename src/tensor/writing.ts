/** Tensors with something written at places: tensors never change, so each of these gives another one. */

import type { DType } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { broadcastShapes, normalizeDim, sameShape, showShape } from "../core/shape.ts";
import { iota, ones, zeros } from "./creation.ts";
import { where } from "./elementwise.ts";
import { cutTo, gather, type Index, positions, scatter, scatterAdd } from "./indexing.ts";
import { along, cat, diagonal, expand } from "./movement.ts";
import { Tensor, wrap } from "./tensor.ts";
import { constant, type Operand } from "./values.ts";

/** Whether what is written is added. */
export interface PutOptions {
  /** add to what is there; false by default */
  accumulate?: boolean;
}

/** The place of each element in the flattened tensor: cut as x is, it says where the cut lies. */
const placesIn = (x: Tensor): Tensor => iota([x.numel()], 0).reshape(x.shape);

/**
 * x with `source` at positions of the flattened tensor, in the order of `index`.
 *
 * Shapes: as many elements in `source` as in `index`. Throws a ShapeError otherwise. Of equal positions the last writes.
 *
 * ```ts
 * put(tensor([[1, 2], [3, 4]]), tensor([1, -1], { dtype: "i32" }), tensor([9, 8])); // tensor([[1., 9.], [3., 8.]])
 * ```
 */
export function put(x: Tensor, index: Tensor, source: Tensor, options: PutOptions = {}): Tensor {
  if (index.numel() !== source.numel()) {
    throw new ShapeError(
      `put: ${index.numel()} positions ${showShape(index.shape)} do not take ${source.numel()} elements ${showShape(source.shape)}.`,
    );
  }
  const write = options.accumulate ? scatterAdd : scatter;
  const at = positions(index, x.numel()).reshape([-1]);
  return write(x.reshape([-1]), 0, at, source.to(x.dtype).reshape([-1])).reshape(x.shape);
}

/**
 * x with `values` where `x.index(...items)` reads, to whose shape they broadcast: PyTorch's x[items] = values.
 *
 * ```ts
 * indexPut(zeros([2, 2]), [tensor([1, 0], { dtype: "i32" }), 1], tensor([5, 6])); // tensor([[0., 6.], [0., 5.]])
 * indexPut(zeros([3]), ["1:"], 7); // tensor([0., 7., 7.])
 * ```
 */
export function indexPut(x: Tensor, items: readonly Index[], values: Operand, options: PutOptions = {}): Tensor {
  const places = placesIn(x).index(...items);
  const source = values instanceof Tensor ? values : wrap(constant(Number(values), x.dtype));
  return put(x, places, expand(source, places.shape), options);
}

/** x with `source` at places of which each is named once. */
function replaced(op: string, x: Tensor, places: Tensor, source: Tensor): Tensor {
  if (!sameShape(places.shape, source.shape)) {
    throw new ShapeError(
      `${op} replaces ${showShape(places.shape)} of ${showShape(x.shape)}, but got ${showShape(source.shape)}.`,
    );
  }
  const spread = (values: Tensor): Tensor =>
    scatterAdd(zeros([x.numel()], { dtype: values.dtype }), 0, places.reshape([-1]), values.reshape([-1])).reshape(
      x.shape,
    );
  return where(spread(ones(places.shape, { dtype: "i32" })).ne(0), spread(source.to(x.dtype)), x);
}

/**
 * x with `source` as `x.select(dim, position)`.
 *
 * ```ts
 * selectScatter(zeros([2, 2]), tensor([1, 2]), 0, 1); // tensor([[0., 0.], [1., 2.]])
 * ```
 */
export function selectScatter(x: Tensor, source: Tensor, dim: number, position: number): Tensor {
  return replaced("selectScatter", x, placesIn(x).select(dim, position), source);
}

/**
 * x with `source` at start, start + step, … up to but without `end` along `dim`.
 *
 * ```ts
 * sliceScatter(zeros([4]), tensor([1, 2]), 0, 1, 4, 2); // tensor([0., 1., 0., 2.])
 * ```
 */
export function sliceScatter(x: Tensor, source: Tensor, dim = 0, start?: number, end?: number, step = 1): Tensor {
  const before = new Array<Index>(normalizeDim("sliceScatter", dim, x.ndim)).fill(":");
  const places = placesIn(x).index(...before, `${start ?? ""}:${end ?? ""}:${step}`);
  return replaced("sliceScatter", x, places, source);
}

/**
 * x with `source` as the diagonal of two dimensions, as `x.diagonal(offset, dim1, dim2)` reads it.
 *
 * ```ts
 * diagonalScatter(zeros([2, 2]), tensor([1, 2])); // tensor([[1., 0.], [0., 2.]])
 * ```
 */
export function diagonalScatter(x: Tensor, source: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  return replaced("diagonalScatter", x, diagonal(placesIn(x), offset, dim1, dim2), source);
}

/**
 * x with the elements of `source`, in their order, where the mask holds; x and mask broadcast. Throws an IndexError, when
 * it is computed, if there are too few.
 *
 * ```ts
 * maskedScatter(zeros([3]), tensor([true, false, true]), tensor([1, 2, 3])); // tensor([1., 0., 2.])
 * ```
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  if (mask.dtype !== "bool")
    throw new DTypeError(`maskedScatter needs a bool mask, but got ${mask.dtype}: compare it, as in x.ne(0).`);
  const shape = broadcastShapes("maskedScatter", x.shape, mask.shape);
  const holds = mask.expand(shape);
  const before = holds.reshape([-1]).cumsum(0).sub(1).reshape(shape);
  return where(holds, source.to(x.dtype).take(where(holds, before, 0)), x);
}

/**
 * x with a number, or a tensor of one element, in the slices at positions along `dim`.
 *
 * ```ts
 * indexFill(zeros([2, 3]), 1, tensor([0, 2], { dtype: "i32" }), 7); // tensor([[7., 0., 7.], [7., 0., 7.]])
 * ```
 */
export function indexFill(x: Tensor, dim: number, index: Tensor, value: Operand): Tensor {
  if (x.ndim === 0) return indexFill(x.reshape([1]), dim, index, value).reshape([]);
  const axis = normalizeDim("indexFill", dim, x.ndim);
  const size = x.shape[axis];
  const chosen = scatter(zeros([size], { dtype: "bool" }), 0, positions(index, size).reshape([-1]), true);
  return x.maskedFill(along(chosen, axis, x.ndim), value);
}

/**
 * x with slices of `source` at positions along `dim`: out[…, index[k], …] = source[…, k, …]. Of equal positions the last
 * writes.
 *
 * ```ts
 * indexCopy(zeros([3]), 0, tensor([2, 0], { dtype: "i32" }), tensor([5, 6])); // tensor([6., 0., 5.])
 * ```
 */
export function indexCopy(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  if (x.ndim === 0) return indexCopy(x.reshape([1]), dim, index, source.reshape([-1])).reshape([]);
  const axis = normalizeDim("indexCopy", dim, x.ndim);
  const at = along(positions(index, x.shape[axis]), axis, x.ndim);
  return scatter(x, axis, expand(at, source.shape), source.to(x.dtype));
}

/**
 * One element along `dim` for each index, as `gather`, where other dimensions broadcast: reads what argmax, argmin and
 * argsort point at. Without `dim`, elements of the flattened tensor.
 *
 * ```ts
 * const x = tensor([[3, 1], [2, 4]]);
 * takeAlongDim(x, x.argsort(1), 1); // tensor([[1., 3.], [2., 4.]])
 * ```
 */
export function takeAlongDim(x: Tensor, index: Tensor, dim?: number): Tensor {
  if (dim === undefined) return x.take(index.reshape([-1]));
  const axis = normalizeDim("takeAlongDim", dim, x.ndim);
  const others = (shape: readonly number[]) => shape.map((size, i) => (i === axis ? 1 : size));
  const shape = broadcastShapes("takeAlongDim", others(x.shape), others(index.shape));
  const grown = (y: Tensor) =>
    expand(
      y,
      shape.map((size, i) => (i === axis ? y.shape[axis] : size)),
    );
  return gather(grown(x), axis, grown(index));
}

/** How `scatterReduce` combines what meets at a place. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

/**
 * x and the elements of `source` that `index` sends to each place, combined: as `scatterAdd`, but by any reduction.
 *
 * `includeSelf: false` leaves out what x has at the places that are written. Ties of amax and amin share the gradient.
 * `"sum"` and `"mean"` add up in the order of `index`; the others make a table of all places along `dim` and
 * all indices.
 *
 * ```ts
 * const index = tensor([0, 1, 1], { dtype: "i32" });
 * scatterReduce(ones([3]), 0, index, tensor([5, 6, 7]), "amax"); // tensor([5., 7., 1.])
 * scatterReduce(ones([3]), 0, index, tensor([5, 6, 7]), "mean", { includeSelf: false }); // tensor([5.0000, 6.5000, 1.0000])
 * ```
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduction: ScatterReduction,
  options: { includeSelf?: boolean } = {},
): Tensor {
  const { includeSelf = true } = options;
  if (x.ndim === 0) {
    const [own, at, sent] = [x, index, source].map((y) => y.reshape([1]));
    return scatterReduce(own, dim, at, sent, reduction, options).reshape([]);
  }
  const hits = scatterAdd(zeros(x.shape, { dtype: "i32" }), dim, index, ones(index.shape, { dtype: "i32" }));
  const own = includeSelf ? hits.ge(0) : hits.eq(0); // always, but an index out of range throws
  if (reduction === "sum" || reduction === "mean") {
    const sum = scatterAdd(where(own, x, 0).to(x.dtype), dim, index, source);
    if (reduction === "sum") return sum;
    return sum.div(hits.add(own.to("i32")), x.isFloatingPoint() ? {} : { rounding: "floor" }).to(x.dtype);
  }
  const none = wrap(constant(neutral(reduction, x.dtype), x.dtype));
  const axis = normalizeDim("scatterReduce", dim, x.ndim);
  const base = where(own, x, none);
  // Where the indices do not reach, they are −1, which is no place.
  const missing = x.shape.flatMap((_, i) => {
    const d = x.ndim - 1 - i;
    return [0, d === axis ? 0 : x.shape[d] - index.shape[d]];
  });
  const sent = cutTo(source, index.shape, -1).to(x.dtype).pad(missing).movedim(axis, -1).unsqueeze(-2); // (…, 1, n)
  const to = index.to("i32").pad(missing, { value: -1 }).movedim(axis, -1).unsqueeze(-2);
  const arrives = to.eq(iota([x.shape[axis], 1], 0)); // (…, places, n)
  const meeting = cat([base.movedim(axis, -1).unsqueeze(-1), where(arrives, sent, none)], -1);
  return meeting[reduction](-1).to(x.dtype).movedim(-1, axis);
}

/** What changes nothing in a reduction. */
function neutral(reduction: "prod" | "amax" | "amin", dtype: DType): number {
  if (reduction === "prod") return 1;
  const [lowest, highest] = {
    f32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    f64: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    i32: [-(2 ** 31), 2 ** 31 - 1],
    u32: [0, 2 ** 32 - 1],
    u8: [0, 255],
    bool: [0, 1],
  }[dtype];
  return reduction === "amax" ? lowest : highest;
}
