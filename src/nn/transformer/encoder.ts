import type { Tensor } from "../../tensor/index.ts";
import type { MultiheadAttention } from "../attention/multihead.ts";
import { checkCounts } from "../counts.ts";
import type { Linear } from "../linear.ts";
import { Module } from "../module.ts";
import type { LayerNorm } from "../normalization/layer.ts";
import type { Dropout } from "../regularization/dropout.ts";
import { attended, parts, TransformerLayer, type TransformerLayerOptions } from "./block.ts";

export interface EncoderMasks {
  /** which tokens a token does not see, (L, L) or (N·H, L, L): bool, true where one is hidden; or float, added to the scores */
  srcMask?: Tensor;
  /** tokens that nobody sees, (N, L): bool, true where one is hidden; or float */
  srcKeyPaddingMask?: Tensor;
  /** whether a token sees none behind it; false by default */
  isCausal?: boolean;
}

/**
 * A layer of an encoder: self-attention, then two linear layers with an activation between, each added to what it takes
 * and normalised: x ← norm₁(x + attention(x)), x ← norm₂(x + W₂·f(W₁·x)); with `normFirst` x ← x + attention(norm₁(x)),
 * x ← x + W₂·f(W₁·norm₂(x)).
 *
 * Shapes: (L, N, dModel), with `batchFirst` (N, L, dModel), without a batch (L, dModel), kept. With `isCausal` it is the
 * layer of a decoder that has no encoder beside it. Parameters and names are PyTorch's. Throws what `MultiheadAttention`
 * throws. Vaswani et al., Attention is all you need, 2017; normFirst: Xiong et al., On layer normalization in the
 * transformer architecture, 2020.
 *
 * ```ts
 * const layer = new TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * layer.forward(randn([3, 5, 8]), { isCausal: true }).shape; // [ 3, 5, 8 ]
 * ```
 */
export class TransformerEncoderLayer extends TransformerLayer {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(options);
    const make = parts(dModel, nhead, options);
    this.selfAttn = make.attention();
    this.linear1 = make.widening();
    this.dropout = make.dropout();
    this.linear2 = make.narrowing();
    this.norm1 = make.norm();
    this.norm2 = make.norm();
    this.dropout1 = make.dropout();
    this.dropout2 = make.dropout();
  }

  override forward(src: Tensor, options: EncoderMasks = {}): Tensor {
    const { srcMask: attnMask, srcKeyPaddingMask: keyPaddingMask, isCausal } = options;
    const masks = { attnMask, keyPaddingMask, isCausal };
    const attend = (x: Tensor) => this.dropout1.forward(attended(this.selfAttn, x, x, masks));
    const feed = (x: Tensor) => {
      const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
      return this.dropout2.forward(this.linear2.forward(hidden));
    };
    return this.residual(this.residual(src, this.norm1, attend), this.norm2, feed);
  }
}

export interface TransformerStackOptions {
  /** what normalises the last layer's output; none by default */
  norm?: LayerNorm;
}

/**
 * Layers of an encoder one after the other, and a normalisation at the end, if there is one.
 *
 * `layer` makes each of them, so that they begin differently (PyTorch copies one). Shapes: those of the layers, kept.
 * Throws an ArgumentError unless numLayers is a whole number above 0. Vaswani et al., Attention is all you need, 2017.
 *
 * ```ts
 * const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(8, 2, { dimFeedforward: 16 }), 3);
 * encoder.forward(randn([5, 2, 8])).shape; // [ 5, 2, 8 ]
 * ```
 */
export class TransformerEncoder extends Module {
  readonly layers: readonly TransformerEncoderLayer[];
  readonly norm: LayerNorm | undefined;

  constructor(layer: () => TransformerEncoderLayer, numLayers: number, options: TransformerStackOptions = {}) {
    super();
    checkCounts("TransformerEncoder", { numLayers });
    this.layers = Array.from({ length: numLayers }, layer);
    this.norm = options.norm;
  }

  override forward(src: Tensor, options: EncoderMasks = {}): Tensor {
    const x = this.layers.reduce((x, layer) => layer.forward(x, options), src);
    return this.norm?.forward(x) ?? x;
  }
}
