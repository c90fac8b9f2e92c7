import { ArgumentError } from "../../core/errors.ts";
import {
  AdditiveAttention,
  Dropout,
  Embedding,
  GRU,
  GRUCell,
  Linear,
  LSTM,
  LSTMCell,
  LuongAttention,
  Module,
} from "../../nn/index.ts";
import { cat, type DType, full, rand, scan, type Tensor, where, zeros } from "../../tensor/index.ts";
import type { EncoderDecoder } from "./encoder-decoder.ts";

export interface RecurrentEncoderDecoderOptions {
  /** the units of both sides; `"gru"` by default */
  cell?: "gru" | "lstm";
  /** how the decoder looks back at what the encoder gave: not at all, or by these scores; `"general"` by default */
  attention?: "none" | "additive" | "dot" | "general" | "concat";
  /** features of a token, on both sides; as many as `hiddenSize` by default */
  embeddingDim?: number;
  /** layers on one another, on each side; 1 by default */
  numLayers?: number;
  /** whether the encoder reads backwards too; true by default */
  bidirectional?: boolean;
  /** the probability of zero while training: of the source's embeddings, between layers of the encoder, before the output; 0 by default */
  dropout?: number;
  /** the source's token that stands where a sequence has ended; 0 by default */
  paddingIdx?: number;
  /** the token that every target begins with; 1 by default */
  startIdx?: number;
  /** of the parameters; f32 by default */
  dtype?: DType;
}

/** What the decoder carries from token to token, and what it looks at. */
export interface RecurrentMemory {
  /** of each layer h, and c of an LSTM: (B, H) each */
  readonly state: readonly Tensor[];
  /** what the last logits were made of, (B, H) */
  readonly features: Tensor;
  /** with attention: what the encoder gave (B, S, D), what scores need of it, and where it is no padding (B, S) */
  readonly source?: { readonly outputs: Tensor; readonly projected: Tensor; readonly mask: Tensor };
}

export interface TeacherOptions {
  /**
   * the probability with which the decoder is fed its own likeliest token in place of the target's (scheduled sampling);
   * a tensor, as of a `Cell`, may change from step to step; 0 by default
   */
  sampling?: number | Tensor;
}

/** What scheduled sampling carries from token to token. */
type Sampled = Omit<RecurrentMemory, "source"> & { readonly likeliest: Tensor };

/** A layer's next state of what came in and its state, h or h and c. */
const advanced = (cell: GRUCell | LSTMCell, x: Tensor, [h, c]: readonly Tensor[]): Tensor[] =>
  cell instanceof LSTMCell ? cell.forward(x, [h, c]) : [cell.forward(x, h)];

/**
 * Recurrent layers that read one sequence of tokens, and others that write another.
 *
 * The decoder begins with h = tanh(W·[h→; h←]) of the encoder's last states (and c = W′·[c→; c←]). With attention, at each
 * token h comes from the token's embedding beside the last features, a context from attention with h as its query, and the
 * features are f = tanh(W·[context; h]); without, f = h. The logits are W·f + b.
 *
 * Shapes: source (B, S) and target (B, T) of i32 ─► logits (B, T, targetSize). The states stop where a source ends, and
 * attention does not see its padding. With `sampling`, the token fed is with that probability the one that had the largest
 * logit before: with 1, what is fed is what greedy decoding writes.
 * Sutskever, Vinyals and Le, Sequence to sequence learning with neural networks, 2014; Bahdanau, Cho and Bengio, Neural
 * machine translation by jointly learning to align and translate, 2015 (the bridge, additive scores); Luong, Pham and
 * Manning, Effective approaches to attention-based neural machine translation, 2015 (features, fed back as input, and the
 * other scores); S. Bengio et al., Scheduled sampling for sequence prediction with recurrent neural networks, 2015.
 *
 * ```ts
 * const model = new RecurrentEncoderDecoder(10, 7, 16); // 10 letters, 7 phonemes
 * const source = tensor([[2, 3, 4], [5, 6, 0]], { dtype: "i32" }); // 0 is padding
 * const target = tensor([[1, 2], [1, 3]], { dtype: "i32" }); // 1 is the start
 * model.forward(source, target).shape; // [ 2, 2, 7 ]
 * model.align(source, target).shape; // [ 2, 2, 3 ]
 * ```
 */
export class RecurrentEncoderDecoder extends Module implements EncoderDecoder<RecurrentMemory> {
  readonly contextLength: number = Number.POSITIVE_INFINITY;
  readonly paddingIdx: number;
  readonly startIdx: number;
  readonly sourceEmbedding: Embedding;
  readonly encoder: GRU | LSTM;
  /** from the encoder's last h to the decoder's first, and from c to c */
  readonly bridges: readonly Linear[];
  readonly targetEmbedding: Embedding;
  readonly cells: readonly (GRUCell | LSTMCell)[];
  readonly attention: AdditiveAttention | LuongAttention | undefined;
  readonly combine: Linear | undefined;
  readonly output: Linear;
  readonly dropout: Dropout;

  constructor(
    sourceSize: number,
    targetSize: number,
    hiddenSize: number,
    options: RecurrentEncoderDecoderOptions = {},
  ) {
    super();
    const { cell = "gru", attention = "general", embeddingDim = hiddenSize, numLayers = 1 } = options;
    const { bidirectional = true, dropout = 0, paddingIdx = 0, startIdx = 1, dtype } = options;
    const [Layers, Cell, parts] = cell === "gru" ? ([GRU, GRUCell, 1] as const) : ([LSTM, LSTMCell, 2] as const);
    const looks = attention !== "none";
    this.paddingIdx = paddingIdx;
    this.startIdx = startIdx;
    this.sourceEmbedding = new Embedding(sourceSize, embeddingDim, { dtype });
    const between = numLayers > 1 ? dropout : 0;
    this.encoder = new Layers(embeddingDim, hiddenSize, { numLayers, bidirectional, dropout: between, dtype });
    const { outputSize } = this.encoder;
    this.bridges = Array.from({ length: parts }, () => new Linear(outputSize, hiddenSize, { dtype }));
    this.targetEmbedding = new Embedding(targetSize, embeddingDim, { dtype });
    this.cells = Array.from({ length: numLayers }, (_, layer) => {
      const first = embeddingDim + (looks ? hiddenSize : 0);
      return new Cell(layer === 0 ? first : hiddenSize, hiddenSize, { dtype });
    });
    if (attention === "additive") this.attention = new AdditiveAttention(hiddenSize, outputSize, hiddenSize, { dtype });
    else if (looks) this.attention = new LuongAttention(hiddenSize, outputSize, { score: attention, dtype });
    if (looks) this.combine = new Linear(outputSize + hiddenSize, hiddenSize, { bias: false, dtype });
    this.output = new Linear(hiddenSize, targetSize, { dtype });
    this.dropout = new Dropout(dropout);
  }

  override forward(source: Tensor, target: Tensor, options: TeacherOptions = {}): Tensor {
    const { sampling = 0 } = options;
    const tokens = target.t(); // (T, B)
    const memory = this.begin(source);
    const features = sampling === 0 ? this.#taught(memory, tokens)[0] : this.#sampled(memory, tokens, sampling);
    return this.output.forward(this.dropout.forward(features)).transpose(0, 1); // (T, B, H) ─► (B, T, V)
  }

  /**
   * How much each of the target's tokens, once fed, looks at each of the source's: (B, T, S), rows that sum to 1. Row t
   * belongs to the token that follows the target's token t. Throws an ArgumentError for a model without attention.
   */
  align(source: Tensor, target: Tensor): Tensor {
    const [, weights] = this.#taught(this.begin(source), target.t());
    if (!weights) throw new ArgumentError("RecurrentEncoderDecoder: without attention there is nothing to align by.");
    return weights.transpose(0, 1); // (T, B, S) ─► (B, T, S)
  }

  /** All features (T, B, H) and weights (T, B, S) where the tokens (T, B) are fed. */
  #taught({ source, ...start }: RecurrentMemory, tokens: Tensor): readonly [features: Tensor, weights?: Tensor] {
    const step = (carry: typeof start, embedded: Tensor) => {
      const [{ state, features }, ...weights] = this.#advance(embedded, { ...carry, source });
      return [{ state, features }, [features, ...weights]] as const;
    };
    return scan(step, start, this.targetEmbedding.forward(tokens))[1]; // over (T, B, E)
  }

  /** All features (T, B, H) where some of the tokens (T, B) are what was likeliest instead. */
  #sampled({ source, ...start }: RecurrentMemory, tokens: Tensor, sampling: number | Tensor): Tensor {
    const step = ({ likeliest, ...carry }: Sampled, [token, own]: readonly [Tensor, Tensor]) => {
      const embedded = this.targetEmbedding.forward(where(own, likeliest, token));
      const [{ state, features }] = this.#advance(embedded, { ...carry, source });
      return [{ state, features, likeliest: this.output.forward(features).argmax(1) }, features] as const;
    };
    const own = rand(tokens.shape).lt(sampling); // (T, B)
    return scan(step, { ...start, likeliest: tokens.select(0, 0) } as Sampled, [tokens, own] as const)[1];
  }

  begin(source: Tensor): RecurrentMemory {
    const { encoder, cells } = this;
    const mask = source.ne(this.paddingIdx); // (B, S)
    const embedded = this.dropout.forward(this.sourceEmbedding.forward(source)).transpose(0, 1); // (S, B, E)
    const options = { mask: mask.t() };
    const [outputs, last] =
      encoder instanceof LSTM
        ? encoder.forward(embedded, undefined, options)
        : encoder.forward(embedded, undefined, options);
    const [B, L] = [source.shape[0], cells.length];
    const ends = (Array.isArray(last) ? last : [last]).map((end, i) => {
      const sides = end.unflatten(0, [L, -1]).transpose(1, 2).flatten(2); // (L·directions, B, H) ─► (L, B, directions·H)
      const start = this.bridges[i].forward(sides); // (L, B, H)
      return i === 0 ? start.tanh() : start;
    });
    const seen = outputs.transpose(0, 1); // (S, B, D) ─► (B, S, D)
    return {
      state: cells.flatMap((_, layer) => ends.map((end) => end.select(0, layer))),
      features: zeros([B, encoder.hiddenSize], { dtype: outputs.dtype }),
      ...(this.attention && { source: { outputs: seen, projected: this.attention.project(seen), mask } }),
    };
  }

  readonly next = (tokens: Tensor, memory: RecurrentMemory): [logits: Tensor, memory: RecurrentMemory] => {
    const [now] = this.#advance(this.targetEmbedding.forward(tokens), memory);
    return [this.output.forward(now.features), now];
  };

  read(source: Tensor): [logits: Tensor, memory: RecurrentMemory] {
    return this.next(full([source.shape[0]], this.startIdx, { dtype: "i32" }), this.begin(source));
  }

  /** The decoder's next memory after a token's embedding (B, E), and with attention where it looked, (B, S). */
  #advance(embedded: Tensor, { state, features, source }: RecurrentMemory): [RecurrentMemory, weights?: Tensor] {
    const { attention, combine, cells } = this;
    const parts = state.length / cells.length;
    let x = attention ? cat([embedded, features], 1) : embedded;
    const after = cells.flatMap((cell, layer) => {
      const now = advanced(cell, x, state.slice(layer * parts, (layer + 1) * parts));
      x = now[0];
      return now;
    });
    if (!attention || !combine || !source) return [{ state: after, features: x }];
    const { outputs, ...known } = source;
    const [context, weights] = attention.forward(x, outputs, outputs, known); // (B, D), (B, S)
    return [{ state: after, features: combine.forward(cat([context, x], 1)).tanh(), source }, weights];
  }
}
