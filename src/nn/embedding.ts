import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { arange, askedBy, type DType, Parameter, randn, type Tensor, where } from "../tensor/index.ts";
import { checkCounts } from "./counts.ts";
import { Module } from "./module.ts";

export interface EmbeddingOptions {
  /** the index whose row gets no gradient */
  paddingIdx?: number;
}

/**
 * Rows of a table: y[…] = weight[index[…]].
 *
 * Shapes: index (…) of integers, weight (rows, d) ─► (…, d). Throws a DTypeError for other indices, a ShapeError for
 * another table, and an IndexError, when it is computed, for an index outside of [0, rows).
 *
 * ```ts
 * embedding(tensor([2, 0], { dtype: "i32" }), tensor([[1, 2], [3, 4], [5, 6]])); // tensor([[5., 6.], [1., 2.]])
 * ```
 */
export function embedding(index: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  const { paddingIdx } = options;
  if (index.isFloatingPoint() || index.dtype === "bool") {
    throw new DTypeError(`embedding needs integer indices, but got ${index.dtype}: convert them with .to("i32").`);
  }
  if (weight.ndim !== 2) throw new ShapeError(`embedding needs a table (rows, d), but got ${showShape(weight.shape)}.`);
  // As u32, since a negative i32 would count from the end.
  const flat = index.to("u32").reshape([-1]);
  const rows = askedBy("embedding", () => weight.indexSelect(0, flat)).reshape([...index.shape, weight.shape[1]]);
  if (paddingIdx === undefined) return rows;
  return where(index.eq(paddingIdx).unsqueeze(-1), rows.detach(), rows);
}

/**
 * A table of vectors, one for each index, beginning as N(0, 1); the row at `paddingIdx` begins as zeros and stays.
 *
 * Shapes: (…) of integers ─► (…, d), weight (rows, d).
 *
 * ```ts
 * new Embedding(10, 3).forward(tensor([[1, 2, 4], [4, 3, 9]], { dtype: "i32" })).shape; // [ 2, 3, 3 ]
 * ```
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | undefined;
  readonly weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions & { dtype?: DType } = {}) {
    super();
    checkCounts("Embedding", { numEmbeddings, embeddingDim });
    const { paddingIdx, dtype } = options;
    if (paddingIdx !== undefined && !(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw new ArgumentError(`Embedding: paddingIdx is ${paddingIdx}, but there are ${numEmbeddings} rows.`);
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    const table = randn([numEmbeddings, embeddingDim], { dtype });
    const isPadding = arange(numEmbeddings)
      .eq(this.paddingIdx ?? -1)
      .unsqueeze(1); // (rows, 1)
    this.weight = new Parameter(where(isPadding, 0, table));
  }

  override forward(index: Tensor): Tensor {
    return embedding(index, this.weight, { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === undefined ? "" : `, paddingIdx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}
