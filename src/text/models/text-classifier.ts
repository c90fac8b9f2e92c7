import {
  Conv1d,
  Dropout,
  Embedding,
  EmbeddingBag,
  LayerNorm,
  LearnedPositions,
  Linear,
  LSTM,
  Module,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "../../nn/index.ts";
import { cat, type Tensor, where } from "../../tensor/index.ts";

/** Token 0 is padding, at the end of a text, in all of these. */
const PADDING = 0;

export interface BagClassifierOptions {
  /** the size of a token's vector; 64 by default */
  embeddingDim?: number;
  /** the share of the bag's numbers that are zero while training; 0.5 by default */
  dropout?: number;
}

/**
 * Class scores of a text from the mean of its tokens' vectors, whatever their order: tokens (N, T) ─► (N, numClasses).
 *
 * Token 0 is padding. Iyyer et al., Deep unordered composition rivals syntactic methods for text classification, 2015.
 *
 * ```ts
 * const model = new BagClassifier(100, 2).eval();
 * const tokens = tensor([[5, 7, 9, 0], [9, 5, 7, 0]], { dtype: "i32" });
 * const scores = model.forward(tokens);
 * scores.shape; // [ 2, 2 ]
 * allclose(scores.select(0, 0), scores.select(0, 1)); // true
 * ```
 */
export class BagClassifier extends Module {
  readonly embedding: EmbeddingBag;
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(vocabSize: number, numClasses: number, options: BagClassifierOptions = {}) {
    super();
    const { embeddingDim = 64, dropout = 0.5 } = options;
    this.embedding = new EmbeddingBag(vocabSize, embeddingDim, { paddingIdx: PADDING });
    this.dropout = new Dropout(dropout);
    this.head = new Linear(embeddingDim, numClasses);
  }

  override forward(tokens: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(this.embedding.forward(tokens)));
  }
}

export interface TextCNNOptions {
  /** the size of a token's vector; 64 by default */
  embeddingDim?: number;
  /** how many patterns there are of each width; 64 by default */
  channels?: number;
  /** over how many tokens patterns go; 3, 4 and 5 by default */
  widths?: readonly number[];
  /** the share of patterns' numbers that are zero while training; 0.5 by default */
  dropout?: number;
}

/**
 * Class scores of a text from where patterns of a few tokens fit best: relu(convolution), its maximum over the text, a linear
 * layer: tokens (N, T) ─► (N, numClasses).
 *
 * Token 0 is padding, as far as it is needed at both ends too; patterns end within the text.
 * Kim, Convolutional neural networks for sentence classification, 2014.
 *
 * ```ts
 * new TextCNN(100, 2).forward(tensor([[5, 7, 9, 0]], { dtype: "i32" })).shape; // [ 1, 2 ]
 * ```
 */
export class TextCNN extends Module {
  readonly embedding: Embedding;
  readonly convolutions: readonly Conv1d[];
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(vocabSize: number, numClasses: number, options: TextCNNOptions = {}) {
    super();
    const { embeddingDim = 64, channels = 64, widths = [3, 4, 5], dropout = 0.5 } = options;
    this.embedding = new Embedding(vocabSize, embeddingDim, { paddingIdx: PADDING });
    this.convolutions = widths.map((width) => new Conv1d(embeddingDim, channels, width, { padding: "same" }));
    this.dropout = new Dropout(dropout);
    this.head = new Linear(widths.length * channels, numClasses);
  }

  override forward(tokens: Tensor): Tensor {
    const x = this.embedding.forward(tokens).transpose(1, 2); // (N, T, D) ─► (N, D, T)
    const counts = tokens.ne(PADDING).unsqueeze(1); // (N, 1, T)
    const best = this.convolutions.map((layer) => where(counts, layer.forward(x).relu(), 0).amax(2)); // (N, channels)
    return this.head.forward(this.dropout.forward(cat(best, 1)));
  }
}

export interface LSTMClassifierOptions {
  /** the size of a token's vector; 64 by default */
  embeddingDim?: number;
  /** of the state in each direction; 64 by default */
  hiddenSize?: number;
  /** the share of vectors' and outputs' numbers that are zero while training; 0.5 by default */
  dropout?: number;
}

/**
 * Class scores of a text that is read in both directions by an LSTM, from the maximum of its outputs over the text:
 * tokens (N, T) ─► (N, numClasses). Token 0 is padding, where the state stays as it is.
 *
 * Conneau et al., Supervised learning of universal sentence representations from natural language inference data, 2017.
 *
 * ```ts
 * new LSTMClassifier(100, 2).forward(tensor([[5, 7, 9, 0]], { dtype: "i32" })).shape; // [ 1, 2 ]
 * ```
 */
export class LSTMClassifier extends Module {
  readonly embedding: Embedding;
  readonly lstm: LSTM;
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(vocabSize: number, numClasses: number, options: LSTMClassifierOptions = {}) {
    super();
    const { embeddingDim = 64, hiddenSize = 64, dropout = 0.5 } = options;
    this.embedding = new Embedding(vocabSize, embeddingDim, { paddingIdx: PADDING });
    this.lstm = new LSTM(embeddingDim, hiddenSize, { bidirectional: true, batchFirst: true });
    this.dropout = new Dropout(dropout);
    this.head = new Linear(2 * hiddenSize, numClasses);
  }

  override forward(tokens: Tensor): Tensor {
    const counts = tokens.ne(PADDING); // (N, T)
    const x = this.dropout.forward(this.embedding.forward(tokens)); // (N, T, D)
    const [outputs] = this.lstm.forward(x, undefined, { mask: counts }); // (N, T, 2H)
    const best = where(counts.unsqueeze(2), outputs, -1).amax(1); // (N, 2H): no output is below −1
    return this.head.forward(this.dropout.forward(best));
  }
}

export interface TransformerClassifierOptions {
  /** the size of a token's vector; 64 by default */
  dModel?: number;
  /** how many heads attention has; 4 by default */
  nhead?: number;
  /** how many layers; 1 by default */
  numLayers?: number;
  /** the hidden width of the layers' linear parts; 128 by default */
  dimFeedforward?: number;
  /** how many tokens a text has at most; 512 by default */
  maxLength?: number;
  /** the share of numbers that are zero while training; 0.1 by default */
  dropout?: number;
}

/**
 * Class scores of a text from the mean of what a transformer's encoder makes of its tokens: tokens (N, T) ─► (N, numClasses).
 *
 * Positions are learned; layers normalise what they take. Token 0 is padding, to which no attention goes. Throws an
 * ArgumentError for more than maxLength tokens.
 * Vaswani et al., Attention is all you need, 2017; Xiong et al., On layer normalization in the transformer architecture, 2020.
 *
 * ```ts
 * new TransformerClassifier(100, 2).forward(tensor([[5, 7, 9, 0]], { dtype: "i32" })).shape; // [ 1, 2 ]
 * ```
 */
export class TransformerClassifier extends Module {
  readonly embedding: Embedding;
  readonly positions: LearnedPositions;
  readonly dropout: Dropout;
  readonly encoder: TransformerEncoder;
  readonly head: Linear;

  constructor(vocabSize: number, numClasses: number, options: TransformerClassifierOptions = {}) {
    super();
    const { dModel = 64, nhead = 4, numLayers = 1, dimFeedforward = 128, maxLength = 512, dropout = 0.1 } = options;
    this.embedding = new Embedding(vocabSize, dModel, { paddingIdx: PADDING });
    this.positions = new LearnedPositions(maxLength, dModel);
    this.dropout = new Dropout(dropout);
    const layer = () =>
      new TransformerEncoderLayer(dModel, nhead, { dimFeedforward, dropout, batchFirst: true, normFirst: true });
    this.encoder = new TransformerEncoder(layer, numLayers, { norm: new LayerNorm(dModel) });
    this.head = new Linear(dModel, numClasses);
  }

  override forward(tokens: Tensor): Tensor {
    const padding = tokens.eq(PADDING); // (N, T)
    const x = this.dropout.forward(this.positions.forward(this.embedding.forward(tokens))); // (N, T, D)
    const encoded = this.encoder.forward(x, { srcKeyPaddingMask: padding });
    const sum = where(padding.unsqueeze(2), 0, encoded).sum(1); // (N, D)
    const lengths = padding.logicalNot().to(sum.dtype).sum(1, { keepdim: true }); // (N, 1)
    return this.head.forward(this.dropout.forward(sum.div(lengths.clamp(1))));
  }
}
