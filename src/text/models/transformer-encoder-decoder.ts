import {
  Embedding,
  init,
  Linear,
  Module,
  SinusoidalPositions,
  Transformer,
  type TransformerOptions,
} from "../../nn/index.ts";
import { arange, type DType, full, type Tensor, where, zeros } from "../../tensor/index.ts";
import type { EncoderDecoder } from "./encoder-decoder.ts";

export interface TransformerEncoderDecoderOptions extends Omit<TransformerOptions, "batchFirst"> {
  /** most tokens of a source, and of a target with its start; 128 by default */
  maxLength?: number;
  /** the source's token that stands where a sequence has ended; 0 by default */
  paddingIdx?: number;
  /** the token that every target begins with; 1 by default */
  startIdx?: number;
}

/** What has been written, and what it is written from. */
export interface TransformerMemory {
  /** i32 (B, maxLength), of which the first `length` count */
  readonly written: Tensor;
  /** i32 (B, 1) */
  readonly length: Tensor;
  /** what the encoder gave (B, S, dModel), and where it is padding (B, S) */
  readonly encoded: Tensor;
  readonly padding: Tensor;
}

/** Vectors that have the variance 1 once they are multiplied by √dModel. */
function unitEmbedding(size: number, dModel: number, dtype: DType | undefined): Embedding {
  const embedding = new Embedding(size, dModel, { dtype });
  init.normal(embedding.weight, { std: 1 / Math.sqrt(dModel) });
  return embedding;
}

/**
 * A transformer that reads one sequence of tokens and writes another: embeddings times √dModel plus sinusoids, `Transformer`,
 * and a linear layer.
 *
 * Shapes: source (B, S) and target (B, T) of i32 ─► logits (B, T, targetSize), with causal attention in the target and no
 * attention to padding of the source. Each token that is written takes a pass over all that was. Options are
 * `Transformer`'s, with its defaults (six layers a side, 2048 hidden features, dropout 0.1). Throws an ArgumentError for
 * more than maxLength tokens. Vaswani et al., Attention is all you need, 2017.
 *
 * ```ts
 * const options = { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 16 };
 * const model = new TransformerEncoderDecoder(10, 7, 8, 2, options); // 10 letters, 7 phonemes
 * const source = tensor([[2, 3, 4], [5, 6, 0]], { dtype: "i32" }); // 0 is padding
 * model.forward(source, tensor([[1, 2], [1, 3]], { dtype: "i32" })).shape; // [ 2, 2, 7 ]
 * ```
 */
export class TransformerEncoderDecoder extends Module implements EncoderDecoder<TransformerMemory> {
  readonly contextLength: number = Number.POSITIVE_INFINITY;
  readonly paddingIdx: number;
  readonly startIdx: number;
  readonly sourceEmbedding: Embedding;
  readonly targetEmbedding: Embedding;
  readonly positions: SinusoidalPositions;
  readonly transformer: Transformer;
  readonly output: Linear;

  constructor(
    sourceSize: number,
    targetSize: number,
    dModel: number,
    nhead: number,
    options: TransformerEncoderDecoderOptions = {},
  ) {
    super();
    const { maxLength = 128, paddingIdx = 0, startIdx = 1, dtype } = options;
    this.paddingIdx = paddingIdx;
    this.startIdx = startIdx;
    this.sourceEmbedding = unitEmbedding(sourceSize, dModel, dtype);
    this.targetEmbedding = unitEmbedding(targetSize, dModel, dtype);
    this.positions = new SinusoidalPositions(maxLength, dModel, { dtype });
    this.transformer = new Transformer(dModel, nhead, { ...options, batchFirst: true });
    this.output = new Linear(dModel, targetSize, { dtype });
  }

  override forward(source: Tensor, target: Tensor): Tensor {
    const padding = source.eq(this.paddingIdx); // (B, S)
    return this.#decode(target, this.#encode(source, padding), padding);
  }

  begin(source: Tensor): TransformerMemory {
    const [B] = source.shape;
    const padding = source.eq(this.paddingIdx);
    return {
      written: zeros([B, this.positions.maxLength], { dtype: "i32" }),
      length: zeros([B, 1], { dtype: "i32" }),
      encoded: this.#encode(source, padding),
      padding,
    };
  }

  read(source: Tensor): [logits: Tensor, memory: TransformerMemory] {
    return this.next(full([source.shape[0]], this.startIdx, { dtype: "i32" }), this.begin(source));
  }

  readonly next = (
    tokens: Tensor,
    { written, length, ...source }: TransformerMemory,
  ): [logits: Tensor, memory: TransformerMemory] => {
    const isLast = arange(written.shape[1], { dtype: "i32" }).eq(length); // (B, maxLength)
    const now = where(isLast, tokens.unsqueeze(1), written);
    const logits = this.#decode(now, source.encoded, source.padding); // (B, maxLength, V)
    const last = where(isLast.unsqueeze(2), logits, 0).sum(1); // (B, V)
    return [last, { written: now, length: length.add(1), ...source }];
  };

  #embed(embedding: Embedding, tokens: Tensor): Tensor {
    return this.positions.forward(embedding.forward(tokens).mul(Math.sqrt(this.positions.dim))); // (B, L, dModel)
  }

  #encode(source: Tensor, padding: Tensor): Tensor {
    return this.transformer.encoder.forward(this.#embed(this.sourceEmbedding, source), { srcKeyPaddingMask: padding });
  }

  #decode(target: Tensor, encoded: Tensor, padding: Tensor): Tensor {
    const embedded = this.#embed(this.targetEmbedding, target);
    const masks = { tgtIsCausal: true, memoryKeyPaddingMask: padding };
    return this.output.forward(this.transformer.decoder.forward(embedded, encoded, masks));
  }
}
