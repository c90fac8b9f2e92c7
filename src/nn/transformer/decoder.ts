import type { Tensor } from "../../tensor/index.ts";
import type { MultiheadAttention } from "../attention/multihead.ts";
import { checkCounts } from "../counts.ts";
import type { Linear } from "../linear.ts";
import { Module } from "../module.ts";
import type { LayerNorm } from "../normalization/layer.ts";
import type { Dropout } from "../regularization/dropout.ts";
import { attended, parts, TransformerLayer, type TransformerLayerOptions } from "./block.ts";
import type { TransformerStackOptions } from "./encoder.ts";

export interface DecoderMasks {
  /** which target tokens one does not see, (L, L) or (N·H, L, L): bool, true where one is hidden; or float, added to the scores */
  tgtMask?: Tensor;
  /** which of the memory a target token does not see, (L, S) or (N·H, L, S), as `tgtMask` */
  memoryMask?: Tensor;
  /** target tokens that nobody sees, (N, L): bool, true where one is hidden; or float */
  tgtKeyPaddingMask?: Tensor;
  /** places of the memory that nobody sees, (N, S), as `tgtKeyPaddingMask` */
  memoryKeyPaddingMask?: Tensor;
  /** whether a target token sees none behind it; false by default */
  tgtIsCausal?: boolean;
  /** whether target token i sees the memory's places 0 to i only; false by default */
  memoryIsCausal?: boolean;
}

/**
 * A layer of a decoder: self-attention, attention to what an encoder gave (the memory), then two linear layers with an
 * activation between, each added to what it takes and normalised as in `TransformerEncoderLayer`.
 *
 * Shapes: target (L, N, dModel), memory (S, N, dModel) ─► (L, N, dModel); with `batchFirst` (N, L, dModel) and so on,
 * without a batch (L, dModel). Parameters and names are PyTorch's. Throws what `MultiheadAttention` throws.
 * Vaswani et al., Attention is all you need, 2017.
 *
 * ```ts
 * const layer = new TransformerDecoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * layer.forward(randn([3, 5, 8]), randn([3, 7, 8]), { tgtIsCausal: true }).shape; // [ 3, 5, 8 ]
 * ```
 */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly selfAttn: MultiheadAttention;
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(options);
    const make = parts(dModel, nhead, options);
    this.selfAttn = make.attention();
    this.multiheadAttn = make.attention();
    this.linear1 = make.widening();
    this.dropout = make.dropout();
    this.linear2 = make.narrowing();
    this.norm1 = make.norm();
    this.norm2 = make.norm();
    this.norm3 = make.norm();
    this.dropout1 = make.dropout();
    this.dropout2 = make.dropout();
    this.dropout3 = make.dropout();
  }

  override forward(tgt: Tensor, memory: Tensor, options: DecoderMasks = {}): Tensor {
    const { tgtMask, tgtKeyPaddingMask, tgtIsCausal } = options;
    const { memoryMask, memoryKeyPaddingMask, memoryIsCausal } = options;
    const own = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal };
    const others = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, isCausal: memoryIsCausal };
    const attend = (x: Tensor) => this.dropout1.forward(attended(this.selfAttn, x, x, own));
    const remember = (x: Tensor) => this.dropout2.forward(attended(this.multiheadAttn, x, memory, others));
    const feed = (x: Tensor) => {
      const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
      return this.dropout3.forward(this.linear2.forward(hidden));
    };
    const x = this.residual(this.residual(tgt, this.norm1, attend), this.norm2, remember);
    return this.residual(x, this.norm3, feed);
  }
}

/**
 * Layers of a decoder one after the other, all with the same memory, and a normalisation at the end, if there is one.
 *
 * `layer` makes each of them, so that they begin differently (PyTorch copies one). Shapes: those of the layers. Throws an
 * ArgumentError unless numLayers is a whole number above 0. Vaswani et al., Attention is all you need, 2017.
 *
 * ```ts
 * const decoder = new TransformerDecoder(() => new TransformerDecoderLayer(8, 2, { dimFeedforward: 16 }), 3);
 * decoder.forward(randn([5, 2, 8]), randn([7, 2, 8])).shape; // [ 5, 2, 8 ]
 * ```
 */
export class TransformerDecoder extends Module {
  readonly layers: readonly TransformerDecoderLayer[];
  readonly norm: LayerNorm | undefined;

  constructor(layer: () => TransformerDecoderLayer, numLayers: number, options: TransformerStackOptions = {}) {
    super();
    checkCounts("TransformerDecoder", { numLayers });
    this.layers = Array.from({ length: numLayers }, layer);
    this.norm = options.norm;
  }

  override forward(tgt: Tensor, memory: Tensor, options: DecoderMasks = {}): Tensor {
    const x = this.layers.reduce((x, layer) => layer.forward(x, memory, options), tgt);
    return this.norm?.forward(x) ?? x;
  }
}
