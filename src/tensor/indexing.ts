/** Reading and adding at places: by position, by slice, and by tensors of indices. */

import { ArgumentError, DTypeError, IndexError, ShapeError, TraceError } from "../core/errors.ts";
import { apply1, askedBy } from "../core/primitives.ts";
import { broadcastShapes, normalizeDim, numel, rowMajor, type Shape, sameShape, showShape } from "../core/shape.ts";
import { adopt, full, ones, tensor, zeros, zerosLike } from "./creation.ts";
import { where } from "./elementwise.ts";
import { cat, sliceAxis } from "./movement.ts";
import { argsort } from "./sorting.ts";
import { Tensor, wrap } from "./tensor.ts";
import { activeTrace } from "./trace.ts";
import { castTo, constant, expandTo, type Operand } from "./values.ts";

/**
 * One item of an index: a position (negative from the end), a slice `"start:stop:step"`, `"..."` for all dimensions
 * not named, `null` for a new dimension, an integer tensor of positions, or a bool mask over as many dimensions as it has.
 */
export type Index = number | string | null | Tensor;

/** Integer indices as i32, negative ones counted from the end. */
export function positions(index: Tensor, size: number): Tensor {
  if (index.dtype === "bool") {
    throw new DTypeError("A bool mask is no index here: use x.index(mask), await x.maskedSelect(mask), or where.");
  }
  if (index.dtype !== "i32" && index.dtype !== "u8" && index.dtype !== "u32") {
    throw new DTypeError(`Indices must be integers, but got ${index.dtype}: convert them with .to("i32").`);
  }
  const i = index.to("i32");
  return index.dtype === "i32" ? where(i.lt(0), i.add(size), i) : i;
}

/** The dimensions that an item speaks of. */
function dimensionsOf(item: Index): number {
  if (item === null || item === "...") return 0;
  return item instanceof Tensor && item.dtype === "bool" ? item.ndim : 1;
}

/** Where a mask holds: one vector of positions for each of its dimensions. Reads the mask. */
function placesOf(mask: Tensor, shape: Shape): Tensor[] {
  if (!sameShape(mask.shape, shape)) {
    throw new ShapeError(
      `index: a mask ${showShape(mask.shape)} selects from dimensions of its own shape, but they are ${showShape(shape)}.`,
    );
  }
  if (activeTrace()) {
    throw new TraceError(
      `index: how many elements a mask ${showShape(mask.shape)} selects, only its numbers tell, and a compiled function has none yet: use where(mask, x, 0), whose shape is known, or index outside.`,
    );
  }
  const strides = rowMajor(shape);
  const places: number[] = [];
  mask.dataSync().forEach((holds, at) => {
    if (holds) places.push(at);
  });
  return shape.map((size, d) =>
    adopt(
      Int32Array.from(places, (at) => Math.floor(at / strides[d]) % size),
      "i32",
      [places.length],
    ),
  );
}

/**
 * Elements by position: x[…] of PyTorch, one item a dimension.
 *
 * Tensors of indices broadcast together; their dimensions come where the first of them stood, or in front if others
 * stand between them. A mask stands for the tensors of positions at which it holds; it is read at once, so inside
 * `compile` it throws a TraceError. Throws a ShapeError for too many items, an IndexError for a position out of range
 * (for a tensor of indices: when it is computed).
 *
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.index(0); // tensor([1., 2., 3.])
 * x.index(":", "1:"); // tensor([[2., 3.], [5., 6.]])
 * x.index("...", -1); // tensor([3., 6.])
 * x.index(tensor([1, 0], { dtype: "i32" })); // tensor([[4., 5., 6.], [1., 2., 3.]])
 * x.index(x.gt(2)); // tensor([3., 4., 5., 6.])
 * ```
 */
export function index(x: Tensor, items: readonly Index[]): Tensor {
  const named = items.reduce((sum: number, item) => sum + dimensionsOf(item), 0);
  if (named > x.ndim)
    throw new ShapeError(`index: the items take ${named} dimensions, but ${showShape(x.shape)} has ${x.ndim}.`);
  if (items.filter((item) => item === "...").length > 1) throw new ArgumentError('index: "..." may stand only once.');
  const all = items.includes("...") ? [...items] : [...items, "..."];
  all.splice(all.indexOf("..."), 1, ...new Array<Index>(x.ndim - named).fill(":"));

  // Positions, slices and new dimensions first; what remains is where tensors of indices apply.
  let y = x;
  let axis = 0;
  const advanced: { axis: number; item: Tensor }[] = [];
  for (const item of all) {
    if (item === null) {
      y = y.unsqueeze(axis++);
    } else if (typeof item === "number") {
      y = selectAt(y, axis, item);
    } else if (typeof item === "string") {
      y = sliceBy(y, axis++, item);
    } else if (item.dtype === "bool") {
      if (item.ndim === 0) y = y.unsqueeze(axis); // true keeps all of it, false nothing
      const mask = item.ndim === 0 ? item.reshape([1]) : item;
      for (const place of placesOf(mask, y.shape.slice(axis, axis + mask.ndim))) {
        advanced.push({ axis: axis++, item: place });
      }
    } else {
      advanced.push({ axis, item: positions(item, y.shape[axis]) });
      axis++;
    }
  }
  return advanced.length === 0 ? y : takeTogether(y, advanced);
}

/** Items written as text: `"1:3, ::2"`, `"..., 0"`. */
export function slice(x: Tensor, text: string): Tensor {
  const items = text.split(",").map((part): Index => {
    const item = part.trim();
    if (item === "None" || item === "null") return null;
    return /^[+-]?\d+$/.test(item) ? Number(item) : item;
  });
  return index(x, items);
}

/** The slice at one position along a dimension, which is dropped. */
export function selectAt(x: Tensor, dim: number, position: number): Tensor {
  const axis = normalizeDim("select", dim, x.ndim);
  const size = x.shape[axis] ?? 0;
  const start = position < 0 ? position + size : position;
  if (!Number.isInteger(position) || start < 0 || start >= size) {
    throw new IndexError(
      `Position ${position} is out of range for size ${size} at dimension ${axis} of ${showShape(x.shape)}.`,
    );
  }
  return sliceAxis(x, axis, start, start + 1, 1).reshape(x.shape.filter((_, i) => i !== axis));
}

function sliceBy(x: Tensor, axis: number, text: string): Tensor {
  const match = /^\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?$/.exec(text);
  if (!match)
    throw new ArgumentError(`index: "${text}" is no slice; write start:stop or start:stop:step, as in "1:3" or "::2".`);
  const size = x.shape[axis];
  const step = match[3] === undefined ? 1 : Number(match[3]);
  if (step === 0) throw new ArgumentError(`index: the step of "${text}" is 0.`);
  // A bound beyond an end stands for that end; downwards the far end is −1, before the first element.
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const limit = (bound: string | undefined, otherwise: number) => {
    if (bound === undefined) return otherwise;
    const n = Number(bound);
    return Math.min(Math.max(n < 0 ? n + size : n, lowest), highest);
  };
  if (step > 0) {
    const start = limit(match[1], 0);
    return sliceAxis(x, axis, start, Math.max(start, limit(match[2], size)), step);
  }
  // Downwards from start to just above stop: the same slice of the flipped axis.
  const start = size - 1 - limit(match[1], highest);
  const stop = size - 1 - limit(match[2], lowest);
  return sliceAxis(x.flip(axis), axis, start, Math.max(start, stop), -step);
}

function takeTogether(x: Tensor, items: readonly { axis: number; item: Tensor }[]): Tensor {
  const [first] = items;
  if (items.length === 1) return wrap(apply1("take", [x.value, first.item.value], { axis: first.axis }));
  const shape = broadcastShapes("index", ...items.map(({ item }) => item.shape));
  const axes = items.map(({ axis }) => axis);
  const adjacent = axes.every((axis, i) => axis === axes[0] + i);
  const at = adjacent ? axes[0] : 0;
  // The indexed axes side by side, then one: position = ((i₀ · s₁) + i₁) · s₂ + …
  const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...rest.slice(0, at), ...axes, ...rest.slice(at)];
  const sizes = axes.map((axis) => x.shape[axis]);
  const moved = x.permute(order).flatten(at, at + axes.length - 1);
  let flat = wrap(expandTo(first.item.value, shape));
  let inside = flat.ge(0).logicalAnd(flat.lt(sizes[0]));
  items.slice(1).forEach(({ item }, i) => {
    const here = wrap(expandTo(item.value, shape));
    flat = flat.mul(sizes[i + 1]).add(here);
    inside = inside.logicalAnd(here.ge(0).logicalAnd(here.lt(sizes[i + 1])));
  });
  // One bad index must not land in another row: it leaves the range altogether.
  const checked = where(inside, flat, numel(sizes));
  return wrap(apply1("take", [moved.value, checked.value], { axis: at }));
}

/**
 * Whole slices along `dim`, at the positions in `index` (a vector).
 *
 * ```ts
 * tensor([[1, 2], [3, 4]]).indexSelect(0, tensor([1, 1], { dtype: "i32" })); // tensor([[3., 4.], [3., 4.]])
 * ```
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  if (index.ndim > 1) throw new ShapeError(`indexSelect needs a vector of indices, but got ${showShape(index.shape)}.`);
  const axis = normalizeDim("indexSelect", dim, x.ndim);
  if (x.ndim === 0) return indexSelect(x.reshape([1]), 0, index).reshape([]);
  return wrap(apply1("take", [x.value, positions(index, x.shape[axis]).reshape([-1]).value], { axis }));
}

/** Elements of the flattened tensor at the given positions, in the shape of `index`. */
export function take(x: Tensor, index: Tensor): Tensor {
  const flat = x.reshape([-1]);
  return wrap(apply1("take", [flat.value, positions(index, flat.shape[0]).value], { axis: 0 }));
}

function aligned(op: string, x: Tensor, index: Tensor, axis: number): void {
  if (x.ndim !== index.ndim) {
    throw new ShapeError(
      `${op} needs as many dimensions in the indices as in the tensor, but got ${showShape(index.shape)} and ${showShape(x.shape)}.`,
    );
  }
  const tooLarge = index.shape.some((size, i) => i !== axis && size > x.shape[i]);
  if (tooLarge) {
    throw new ShapeError(
      `${op} along dimension ${axis}: indices ${showShape(index.shape)} are larger than ${showShape(x.shape)} elsewhere.`,
    );
  }
}

/** x cut to the sizes of `index`, except along the axis. */
export function cutTo(x: Tensor, shape: readonly number[], axis: number): Tensor {
  return shape.reduce((y, size, i) => (i === axis ? y : sliceAxis(y, i, 0, size, 1)), x);
}

/**
 * One element for each index: out[i][j] = x[index[i][j]][j] for `dim` 0, out[i][j] = x[i][index[i][j]] for `dim` 1.
 *
 * Shapes: `index` has as many dimensions as x and, except at `dim`, sizes at most x's; the result has its shape.
 *
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * x.gather(1, tensor([[0], [1]], { dtype: "i32" })); // tensor([[1.], [4.]])
 * ```
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const axis = normalizeDim("gather", dim, x.ndim);
  if (x.ndim === 0 && index.ndim < 2) return gather(x.reshape([1]), 0, index.reshape([-1])).reshape(index.shape);
  aligned("gather", x, index, axis);
  const at = index.dtype === "i32" ? index : positions(index, x.shape[axis]);
  return wrap(apply1("gather", [cutTo(x, index.shape, axis).value, at.value], { axis }));
}

/**
 * x plus `source` at places: out[index[i][j]][j] += source[i][j] for `dim` 0, out[i][index[i][j]] += … for `dim` 1.
 *
 * Additions to one place happen in the order of `index`, so that the result is always the same.
 *
 * ```ts
 * zeros([3]).scatterAdd(0, tensor([0, 2, 2], { dtype: "i32" }), tensor([1, 2, 3])); // tensor([1., 0., 5.])
 * ```
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  if (x.ndim === 0) return scatterAdd(x.reshape([1]), 0, index.reshape([-1]), source.reshape([-1])).reshape([]);
  if (x.dtype === "bool") return scatterAdd(x.to("i32"), dim, index, source.to("i32")).bool();
  const axis = normalizeDim("scatterAdd", dim, x.ndim);
  aligned("scatterAdd", x, index, axis);
  aligned("scatterAdd", source, index, -1);
  const at = index.to("i32");
  const used = cutTo(source, index.shape, -1);
  // The primitive wants equal sizes elsewhere: pad the part that was reached, and put the rest back.
  const base = cutTo(x, index.shape, axis);
  const sum = wrap(apply1("scatterAdd", [base.value, at.value, castTo(used.value, x.dtype)], { axis }));
  if (numel(base.shape) === numel(x.shape)) return sum;
  const padding = x.shape.flatMap((size, i) => [0, size - base.shape[i]]);
  const pairs = Array.from({ length: x.ndim }, (_, i) => padding.slice(2 * (x.ndim - 1 - i), 2 * (x.ndim - i))).flat();
  const reached = full(base.shape, 1, { dtype: "u8" }).pad(pairs).bool();
  return where(reached, sum.pad(pairs), x);
}

/**
 * x with `source` written at places, as `scatterAdd` adds them. Of several indices that name one place, the last along
 * `dim` writes (PyTorch leaves it open which); the gradient goes to what was written.
 *
 * ```ts
 * ones([3]).scatter(0, tensor([2], { dtype: "i32" }), 9); // tensor([1., 1., 9.])
 * zeros([3]).scatter(0, tensor([1, 1], { dtype: "i32" }), tensor([4, 5])); // tensor([0., 5., 0.])
 * ```
 */
export function scatter(x: Tensor, dim: number, index: Tensor, source: Operand): Tensor {
  return askedBy("scatter", () => written(x, dim, index, source));
}

function written(x: Tensor, dim: number, index: Tensor, source: Operand): Tensor {
  const axis = normalizeDim("scatter", dim, x.ndim);
  aligned("scatter", x, index, axis);
  if (source instanceof Tensor) aligned("scatter", source, index, -1);
  const hits = scatterAdd(zeros(x.shape, { dtype: "i32" }), dim, index, ones(index.shape, { dtype: "i32" }));
  const hit = hits.ne(0);
  if (!(source instanceof Tensor)) return where(hit, wrap(constant(Number(source), x.dtype)), x);
  if (x.ndim === 0) return where(hit, source, x);
  const size = index.shape[axis];
  if (size === 0) return x;
  // In stable order, the last of equal indices is the one before another index.
  const order = argsort(index.to("i32"), axis);
  const sorted = index.to("i32").gather(axis, order);
  const isLast = cat(
    [
      sorted.narrow(axis, 1, size - 1).ne(sorted.narrow(axis, 0, size - 1)),
      ones(
        index.shape.map((n, i) => (i === axis ? 1 : n)),
        { dtype: "bool" },
      ),
    ],
    axis,
  );
  const last = where(isLast, cutTo(source, index.shape, -1).gather(axis, order), 0);
  return where(hit, scatterAdd(zerosLike(x), axis, sorted, last), x);
}

/**
 * x plus slices of `source` at positions along `dim`: out[…, index[k], …] += source[…, k, …], in the order of `index`.
 *
 * Shapes: `index` (n), `source` like x with n at `dim`.
 */
export function indexAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  if (x.dtype === "bool") return indexAdd(x.to("i32"), dim, index, source.to("i32")).bool();
  const axis = normalizeDim("indexAdd", dim, x.ndim);
  if (x.ndim === 0) return indexAdd(x.reshape([1]), 0, index, source.reshape([-1])).reshape([]);
  const at = positions(index, x.shape[axis]);
  return wrap(apply1("indexAdd", [x.value, at.value, castTo(source.value, x.dtype)], { axis }));
}

/** The elements where the mask holds, in row-major order; x and mask broadcast. A promise, since it reads the mask. */
export async function maskedSelect(x: Tensor, mask: Tensor): Promise<Tensor> {
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const places = await nonzero(mask.expand(shape).reshape([-1]));
  return take(x.expand(shape), places.reshape([-1]));
}

/** The indices of the elements that are not zero, one row each: (n, ndim) i32. A promise, since it reads x. */
export async function nonzero(x: Tensor): Promise<Tensor> {
  const data = await x.data();
  const strides = rowMajor(x.shape);
  const rows: number[] = [];
  data.forEach((element, at) => {
    if (element !== 0) x.shape.forEach((size, d) => void rows.push(Math.floor(at / strides[d]) % size));
  });
  return tensor(new Int32Array(rows), { shape: [x.ndim === 0 ? Number(data[0] !== 0) : rows.length / x.ndim, x.ndim] });
}
