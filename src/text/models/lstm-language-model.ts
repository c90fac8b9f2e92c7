import { Embedding, Linear, LSTM, Module } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { LanguageModel } from "../decoding/generate.ts";

export interface LSTMLanguageModelOptions {
  /** how many tokens there are */
  vocabSize: number;
  /** features of a token; 64 by default */
  width?: number;
  /** units of a layer */
  hiddenSize: number;
  /** layers on one another; 1 by default */
  depth?: number;
  /** the probability of zero between layers, while training; 0 by default */
  dropout?: number;
}

/** What an LSTM remembers of texts: (B, depth, hiddenSize) each. */
export interface LSTMMemory {
  h: Tensor;
  c: Tensor;
}

/**
 * A language model of long short-term memory: an embedding, layers of LSTM whose forget gates begin open, the logits.
 *
 * Shapes: tokens (B, T) of i32, and the state to begin with, h and c (depth, B, hiddenSize), zeros by default ─►
 * [logits (B, T, vocabSize), [h, c]]. To train on pieces of a long text, give each the state of the one before, detached.
 * Mikolov et al., Recurrent neural network based language model, 2010.
 *
 * ```ts
 * const model = new LSTMLanguageModel({ vocabSize: 65, hiddenSize: 32 });
 * const [logits, state] = model.forward(zeros([2, 16], { dtype: "i32" }));
 * logits.shape; // [ 2, 16, 65 ]
 * model.forward(zeros([2, 8], { dtype: "i32" }), state)[0].shape; // [ 2, 8, 65 ]
 * ```
 */
export class LSTMLanguageModel extends Module implements LanguageModel<LSTMMemory> {
  readonly contextLength: number = Number.POSITIVE_INFINITY;
  readonly embed: Embedding;
  readonly lstm: LSTM;
  readonly head: Linear;

  constructor({ vocabSize, width = 64, hiddenSize, depth = 1, dropout = 0 }: LSTMLanguageModelOptions) {
    super();
    this.embed = new Embedding(vocabSize, width);
    this.lstm = new LSTM(width, hiddenSize, { numLayers: depth, dropout, batchFirst: true, unitForgetBias: true });
    this.head = new Linear(hiddenSize, vocabSize);
  }

  override forward(
    tokens: Tensor,
    state?: readonly [h: Tensor, c: Tensor],
  ): [logits: Tensor, state: [h: Tensor, c: Tensor]] {
    const [output, last] = this.lstm.forward(this.embed.forward(tokens), state);
    return [this.head.forward(output), last];
  }

  read(tokens: Tensor, length: Tensor): readonly [logits: Tensor, memory: LSTMMemory] {
    const lengths = length.expand([tokens.shape[0]]);
    return this.#after(this.lstm.forward(this.embed.forward(tokens), undefined, { lengths })[1]);
  }

  next(tokens: Tensor, { h, c }: LSTMMemory): readonly [logits: Tensor, memory: LSTMMemory] {
    const x = this.embed.forward(tokens.unsqueeze(1)); // (B, 1, width)
    return this.#after(this.lstm.forward(x, [h.transpose(0, 1), c.transpose(0, 1)])[1]);
  }

  /** h and c (depth, B, H): the logits that follow from the last layer's h. */
  #after([h, c]: [h: Tensor, c: Tensor]): readonly [logits: Tensor, memory: LSTMMemory] {
    return [this.head.forward(h.select(0, -1)), { h: h.transpose(0, 1), c: c.transpose(0, 1) }];
  }
}
