import { Conv1d, Dropout, Embedding, Linear, LSTM, Module } from "../../nn/index.ts";
import { cat, type Tensor, where } from "../../tensor/index.ts";

export interface TaggerOptions {
  /** the size of a word's own vector; 64 by default */
  wordDim?: number;
  /** the size of a character's vector; 16 by default */
  charDim?: number;
  /** how many patterns of three characters there are; 64 by default */
  charChannels?: number;
  /** of the LSTM's state in each direction; 128 by default */
  hiddenSize?: number;
  /** how many layers of LSTM; 1 by default */
  numLayers?: number;
  /** the share of numbers that are zero while training, before and after the LSTM; 0.5 by default */
  dropout?: number;
}

/**
 * Scores of each word's label in its sentence, by an LSTM in both directions over what is known of each word: a vector of
 * its own, and where patterns of three characters fit best in it, which says much of a word that was never seen.
 *
 * Shapes: words (N, T) and characters (N, T, W) of integers ─► (N, T, numLabels). Number 0 is padding in both, at the end of
 * a sentence and of a word; what scores there are for it means nothing. `sequenceCrossEntropy` is the loss.
 * Ma and Hovy, End-to-end sequence labeling via bi-directional LSTM-CNNs-CRF, 2016 (without their CRF).
 *
 * ```ts
 * const tagger = new Tagger({ words: 100, characters: 30, labels: 5 });
 * const words = tensor([[7, 3, 0]], { dtype: "i32" });
 * const characters = tensor([[[4, 9], [2, 0], [0, 0]]], { dtype: "i32" });
 * tagger.forward(words, characters).shape; // [ 1, 3, 5 ]
 * ```
 */
export class Tagger extends Module {
  readonly words: Embedding;
  readonly characters: Embedding;
  readonly patterns: Conv1d;
  readonly lstm: LSTM;
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(
    counts: { readonly words: number; readonly characters: number; readonly labels: number },
    options: TaggerOptions = {},
  ) {
    super();
    const { wordDim = 64, charDim = 16, charChannels = 64, hiddenSize = 128, numLayers = 1, dropout = 0.5 } = options;
    this.words = new Embedding(counts.words, wordDim, { paddingIdx: 0 });
    this.characters = new Embedding(counts.characters, charDim, { paddingIdx: 0 });
    this.patterns = new Conv1d(charDim, charChannels, 3, { padding: "same" });
    this.lstm = new LSTM(wordDim + charChannels, hiddenSize, { numLayers, bidirectional: true, batchFirst: true });
    this.dropout = new Dropout(dropout);
    this.head = new Linear(2 * hiddenSize, counts.labels);
  }

  override forward(words: Tensor, characters: Tensor): Tensor {
    const known = cat([this.words.forward(words), this.#spelling(characters)], 2); // (N, T, wordDim + charChannels)
    const mask = words.ne(0); // (N, T)
    const [context] = this.lstm.forward(this.dropout.forward(known), undefined, { mask }); // (N, T, 2H)
    return this.head.forward(this.dropout.forward(context));
  }

  /** (N, T, W) ─► (N, T, charChannels): the best fit of each pattern in each word. */
  #spelling(characters: Tensor): Tensor {
    const [n, t, w] = characters.shape;
    const flat = characters.reshape([n * t, w]);
    const x = this.characters.forward(flat).transpose(1, 2); // (N·T, charDim, W)
    const fits = this.patterns.forward(x).relu(); // (N·T, charChannels, W)
    return where(flat.ne(0).unsqueeze(1), fits, 0).amax(2).reshape([n, t, -1]);
  }
}
