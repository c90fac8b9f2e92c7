import type { DType, Tensor } from "../../tensor/index.ts";
import { causalBias } from "../attention/multihead.ts";
import { xavierUniform } from "../init/scaled.ts";
import { Module } from "../module.ts";
import { LayerNorm } from "../normalization/layer.ts";
import type { TransformerLayerOptions } from "./block.ts";
import { type DecoderMasks, TransformerDecoder, TransformerDecoderLayer } from "./decoder.ts";
import { TransformerEncoder, TransformerEncoderLayer } from "./encoder.ts";

export interface TransformerOptions extends TransformerLayerOptions {
  /** 6 by default */
  numEncoderLayers?: number;
  /** 6 by default */
  numDecoderLayers?: number;
}

export interface TransformerMasks extends DecoderMasks {
  /** which source tokens one does not see, (S, S) or (N·H, S, S): bool, true where one is hidden; or float, added to the scores */
  srcMask?: Tensor;
  /** source tokens that nobody sees, (N, S): bool, true where one is hidden; or float. The memory's mask is given beside it */
  srcKeyPaddingMask?: Tensor;
  /** whether a source token sees none behind it; false by default */
  srcIsCausal?: boolean;
}

/**
 * An encoder and a decoder, each with a normalisation at the end: the decoder's tokens see themselves and what the encoder
 * made of the source. Embeddings, positions and the output layer stand around it.
 *
 * Shapes: source (S, N, dModel), target (L, N, dModel) ─► (L, N, dModel); with `batchFirst` (N, S, dModel) and so on,
 * without a batch (S, dModel). Parameters and names are PyTorch's; all matrices begin as U(±√(6 / (in + out))). Throws what
 * `MultiheadAttention` throws. Vaswani et al., Attention is all you need, 2017.
 *
 * ```ts
 * const options = { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 16, batchFirst: true };
 * const model = new Transformer(8, 2, options);
 * model.forward(randn([3, 7, 8]), randn([3, 5, 8]), { tgtIsCausal: true }).shape; // [ 3, 5, 8 ]
 * Transformer.generateSquareSubsequentMask(2); // tensor([[0., -inf], [0., 0.]])
 * ```
 */
export class Transformer extends Module {
  readonly encoder: TransformerEncoder;
  readonly decoder: TransformerDecoder;

  constructor(dModel = 512, nhead = 8, options: TransformerOptions = {}) {
    super();
    const { numEncoderLayers = 6, numDecoderLayers = 6, layerNormEps: eps = 1e-5, bias, dtype } = options;
    const norm = () => new LayerNorm(dModel, { eps, bias, dtype });
    const encoderLayer = () => new TransformerEncoderLayer(dModel, nhead, options);
    this.encoder = new TransformerEncoder(encoderLayer, numEncoderLayers, { norm: norm() });
    const decoderLayer = () => new TransformerDecoderLayer(dModel, nhead, options);
    this.decoder = new TransformerDecoder(decoderLayer, numDecoderLayers, { norm: norm() });
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, options: TransformerMasks = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, srcIsCausal: isCausal } = options;
    const memory = this.encoder.forward(src, { srcMask, srcKeyPaddingMask, isCausal });
    return this.decoder.forward(tgt, memory, options);
  }

  /** −∞ where token i would see a later one, else 0: (size, size), what `tgtIsCausal` says without a table. */
  static generateSquareSubsequentMask(size: number, options: { dtype?: DType } = {}): Tensor {
    return causalBias(size, size, options.dtype);
  }
}
