import { ArgumentError, ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { arange, onesLike, searchsorted, type Tensor, where, zeros } from "../tensor/index.ts";
import { Embedding, type EmbeddingOptions, embedding } from "./embedding.ts";

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** what becomes of a bag's rows, one dimension at a time: `"mean"` by default; of an empty bag it is 0 */
  mode?: "mean" | "sum" | "max";
  /** whether the last of the offsets is the end of the last bag; false by default */
  includeLastOffset?: boolean;
}

export interface BagForwardOptions {
  /** where each bag begins in an index of one dimension; the first is 0 */
  offsets?: Tensor;
  /** a factor for each row, shaped as the index; only of a sum */
  perSampleWeights?: Tensor;
}

/**
 * The mean, sum or maximum of rows of a table over bags of indices; what is `paddingIdx` is in no bag.
 *
 * Shapes: index (B, T) of integers, or (L) with offsets (B); weight (rows, d) ─► (B, d). Throws a ShapeError for other
 * shapes, an ArgumentError for weights of samples unless they are summed, and what `embedding` throws.
 *
 * ```ts
 * const table = tensor([[0, 0], [1, 2], [3, 4]]);
 * embeddingBag(tensor([[1, 2], [2, 0]], { dtype: "i32" }), table, { paddingIdx: 0 }); // tensor([[2., 3.], [3., 4.]])
 * const offsets = tensor([0, 1], { dtype: "i32" });
 * embeddingBag(tensor([1, 2, 2], { dtype: "i32" }), table, { offsets, mode: "sum" }); // tensor([[1., 2.], [6., 8.]])
 * ```
 */
export function embeddingBag(
  index: Tensor,
  weight: Tensor,
  options: EmbeddingBagOptions & BagForwardOptions = {},
): Tensor {
  const { mode = "mean", paddingIdx, offsets, includeLastOffset = false, perSampleWeights } = options;
  if (index.ndim !== (offsets ? 1 : 2) || (offsets && offsets.ndim !== 1)) {
    throw new ShapeError(
      `embeddingBag needs an index (B, T), or (L) with offsets (B), but got ${showShape(index.shape)}${offsets ? ` and ${showShape(offsets.shape)}` : ""}.`,
    );
  }
  if (perSampleWeights && mode !== "sum") {
    throw new ArgumentError(`embeddingBag: perSampleWeights are for the mode "sum", but it is "${mode}".`);
  }
  if (perSampleWeights && !sameShape(perSampleWeights.shape, index.shape)) {
    throw new ShapeError(
      `embeddingBag: an index ${showShape(index.shape)} needs weights alike, but got ${showShape(perSampleWeights.shape)}.`,
    );
  }
  const rows = embedding(index, weight, { paddingIdx }); // (B, T, d) or (L, d)
  const counts = paddingIdx === undefined ? onesLike(index).ne(0) : index.ne(paddingIdx);
  const weighted = perSampleWeights ? rows.mul(perSampleWeights.unsqueeze(-1)) : rows;
  if (!offsets) return pooled(weighted, counts.unsqueeze(-1), mode);

  const starts = includeLastOffset ? offsets.narrow(0, 0, offsets.shape[0] - 1) : offsets;
  const [bags] = starts.shape;
  const [length, d] = rows.shape;
  const bag = searchsorted(starts, arange(length, { dtype: starts.dtype }), { right: true }).sub(1); // (L)
  if (mode === "max") {
    const within = bag.eq(arange(bags, { dtype: bag.dtype }).unsqueeze(1)).logicalAnd(counts); // (B, L)
    return pooled(weighted.expand([bags, length, d]), within.unsqueeze(-1), mode);
  }
  const sums = zeros([bags, d], { dtype: rows.dtype }).indexAdd(0, bag, where(counts.unsqueeze(-1), weighted, 0));
  if (mode === "sum") return sums;
  const sizes = zeros([bags], { dtype: rows.dtype }).indexAdd(0, bag, counts.to(rows.dtype));
  return sums.div(sizes.clamp(1).unsqueeze(-1));
}

/** (B, T, d) of which those count that a mask (B, T, 1) says ─► (B, d). */
function pooled(rows: Tensor, counts: Tensor, mode: "mean" | "sum" | "max"): Tensor {
  if (mode === "max") {
    const highest = where(counts, rows, Number.NEGATIVE_INFINITY).max(1).values;
    return where(counts.any(1), highest, 0);
  }
  const sum = where(counts, rows, 0).sum(1);
  return mode === "sum" ? sum : sum.div(counts.to(rows.dtype).sum(1).clamp(1));
}

/**
 * A table of vectors, an `Embedding`'s, of which each bag of indices gives one: see `embeddingBag`.
 *
 * ```ts
 * const bag = new EmbeddingBag(10, 3, { mode: "sum" });
 * bag.forward(tensor([[1, 2, 4], [4, 3, 9]], { dtype: "i32" })).shape; // [ 2, 3 ]
 * ```
 */
export class EmbeddingBag extends Embedding {
  readonly mode: "mean" | "sum" | "max";
  readonly includeLastOffset: boolean;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingBagOptions & ConstructorParameters<typeof Embedding>[2] = {},
  ) {
    super(numEmbeddings, embeddingDim, options);
    this.mode = options.mode ?? "mean";
    this.includeLastOffset = options.includeLastOffset ?? false;
  }

  override forward(index: Tensor, options: BagForwardOptions = {}): Tensor {
    const { mode, includeLastOffset, paddingIdx } = this;
    return embeddingBag(index, this.weight, { ...options, mode, includeLastOffset, paddingIdx });
  }

  override extraRepr(): string {
    return `${super.extraRepr()}, mode="${this.mode}"`;
  }
}
