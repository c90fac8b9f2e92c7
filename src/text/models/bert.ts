import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import {
  Dropout,
  Embedding,
  gelu,
  init,
  LayerNorm,
  LearnedPositions,
  Linear,
  Module,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "../../nn/index.ts";
import type { Parameter, Tensor } from "../../tensor/index.ts";

const EPS = 1e-12; // of normalisations

export interface BERTOptions {
  /** how many tokens there are */
  vocabSize: number;
  /** most tokens of a text */
  contextLength: number;
  /** features of a token */
  width: number;
  /** layers on one another */
  depth: number;
  /** of attention; they divide the width */
  heads: number;
  /** the probability of zero, after the embedding, of attention's weights, of hidden activities and at the end of each branch, while training; 0.1 by default */
  dropout?: number;
  /** how many parts of a text are told apart, such as a question and its answer; 2 by default */
  segments?: number;
}

export interface BERTInputs {
  /** i32 (B, T), the part of its text that a token stands in; 0 everywhere by default */
  segments?: Tensor;
  /** bool (B, T), true where a token is and false where it is padded, as `padSequences` gives it; true everywhere by default */
  mask?: Tensor;
}

/** Matrices and tables begin as N(0, 0.02²), biases as zero. */
function initialize(...modules: Module[]): void {
  for (const [name, parameter] of modules.flatMap((module) => [...module.namedParameters()])) {
    if (parameter.ndim > 1) init.normal(parameter, { std: 0.02 });
    else if (name.endsWith("bias")) init.zeros(parameter);
  }
}

/**
 * BERT: a Transformer's encoder, which makes of each token of a text a vector that depends on the tokens on both sides.
 *
 * x = norm(token + position + segment), then `depth` layers norm₁(x + attention(x)), norm₂(x + W₂·gelu(W₁·x)) with 4·width
 * hidden features. Matrices and tables begin as N(0, 0.02²), biases as zero. Names in the state dict are those of
 * Hugging Face's library, but for the layers, which are PyTorch's: `encoder.layers.0.self_attn.in_proj_weight` holds
 * `encoder.layer.0.attention.self.query.weight`, `key` and `value` one below the other.
 *
 * Shapes: tokens (B, T) of i32, T ≤ contextLength ─► (B, T, width). Throws a ShapeError for others, an ArgumentError for
 * heads that do not divide the width.
 * Devlin et al., BERT: pre-training of deep bidirectional transformers for language understanding, 2019.
 *
 * ```ts
 * const model = new BERT({ vocabSize: 100, contextLength: 16, width: 32, depth: 2, heads: 4 });
 * const { tokens, mask } = padSequences([[5, 6, 7], [8]]);
 * model.forward(tokens, { mask }).shape; // [ 2, 3, 32 ]
 * Object.keys(model.stateDict()).slice(0, 2); // [ 'embeddings.word_embeddings.weight', 'embeddings.position_embeddings.weight' ]
 * ```
 */
export class BERT extends Module {
  readonly contextLength: number;
  readonly embeddings: {
    readonly word_embeddings: Embedding;
    readonly position_embeddings: LearnedPositions;
    readonly token_type_embeddings: Embedding;
    readonly LayerNorm: LayerNorm;
  };
  readonly dropout: Dropout;
  readonly encoder: TransformerEncoder;

  constructor({ vocabSize, contextLength, width, depth, heads, dropout = 0.1, segments = 2 }: BERTOptions) {
    super();
    if (width % heads !== 0) throw new ArgumentError(`BERT: ${heads} heads must divide a width of ${width}.`);
    this.contextLength = contextLength;
    this.embeddings = {
      word_embeddings: new Embedding(vocabSize, width),
      position_embeddings: new LearnedPositions(contextLength, width),
      token_type_embeddings: new Embedding(segments, width),
      LayerNorm: new LayerNorm(width, { eps: EPS }),
    };
    this.dropout = new Dropout(dropout);
    const layer = {
      dimFeedforward: 4 * width,
      dropout,
      activation: "gelu",
      layerNormEps: EPS,
      batchFirst: true,
    } as const;
    this.encoder = new TransformerEncoder(() => new TransformerEncoderLayer(width, heads, layer), depth);
    initialize(this);
  }

  override forward(tokens: Tensor, { segments, mask }: BERTInputs = {}): Tensor {
    const { shape } = tokens;
    const fit = [segments, mask].every((given) => given === undefined || sameShape(given.shape, shape));
    if (shape.length !== 2 || shape[1] > this.contextLength || !fit) {
      const given = [tokens, segments, mask].flatMap((x) => (x ? [showShape(x.shape)] : [])).join(", ");
      throw new ShapeError(
        `BERT needs tokens (B, T), T up to its contextLength of ${this.contextLength}, and segments and a mask of the same shape, but got ${given}.`,
      );
    }
    const { word_embeddings: words, position_embeddings: positions, token_type_embeddings: types } = this.embeddings;
    const type = segments ? types.forward(segments) : types.weight.select(0, 0); // (B, T, C) or (C)
    const x = this.embeddings.LayerNorm.forward(positions.forward(words.forward(tokens).add(type)));
    return this.encoder.forward(this.dropout.forward(x), { srcKeyPaddingMask: mask?.logicalNot() });
  }
}

/**
 * BERT with the layers that guess tokens which were masked: logits W·norm(gelu(dense(x))) + b, where W is the table of the
 * tokens' embeddings.
 *
 * Train it on what `maskTokens` gives, with `crossEntropy`. Names in the state dict are those of Hugging Face's
 * `BertForMaskedLM`, but for the encoder's layers: see `BERT`.
 *
 * Shapes: tokens (B, T) of i32, T ≤ contextLength ─► (B, T, vocabSize). Throws what `BERT` throws.
 * Devlin et al., BERT: pre-training of deep bidirectional transformers for language understanding, 2019.
 *
 * ```ts
 * const model = new BERTMaskedLM({ vocabSize: 100, contextLength: 16, width: 32, depth: 2, heads: 4 });
 * model.forward(zeros([2, 16], { dtype: "i32" })).shape; // [ 2, 16, 100 ]
 * model.cls.predictions.decoder.weight === model.bert.embeddings.word_embeddings.weight; // true
 * ```
 */
export class BERTMaskedLM extends Module {
  readonly bert: BERT;
  readonly cls: {
    readonly predictions: {
      readonly transform: { readonly dense: Linear; readonly LayerNorm: LayerNorm };
      readonly decoder: Linear;
    };
  };

  constructor(options: BERTOptions) {
    super();
    const { width, vocabSize } = options;
    this.bert = new BERT(options);
    const transform = { dense: new Linear(width, width), LayerNorm: new LayerNorm(width, { eps: EPS }) };
    const decoder = new Linear(width, vocabSize);
    initialize(transform.dense, decoder);
    (decoder as { weight: Parameter }).weight = this.bert.embeddings.word_embeddings.weight;
    this.cls = { predictions: { transform, decoder } };
  }

  override forward(tokens: Tensor, inputs: BERTInputs = {}): Tensor {
    const { transform, decoder } = this.cls.predictions;
    const x = gelu(transform.dense.forward(this.bert.forward(tokens, inputs)));
    return decoder.forward(transform.LayerNorm.forward(x));
  }
}

/**
 * BERT with a class for a whole text: of its first token's vector x, W·tanh(pooler(x)) + b, with dropout before W.
 *
 * A `bert` that was trained on masked tokens can be loaded: `classifier.bert.loadStateDict(trained.bert.stateDict())`.
 * Names in the state dict are those of Hugging Face's `BertForSequenceClassification`, but for the encoder's layers (see
 * `BERT`) and `pooler`, which is `bert.pooler` there.
 *
 * Shapes: tokens (B, T) of i32, T ≤ contextLength ─► (B, numClasses). Throws what `BERT` throws.
 * Devlin et al., BERT: pre-training of deep bidirectional transformers for language understanding, 2019.
 *
 * ```ts
 * const model = new BERTClassifier(3, { vocabSize: 100, contextLength: 16, width: 32, depth: 2, heads: 4 });
 * model.forward(zeros([2, 16], { dtype: "i32" })).shape; // [ 2, 3 ]
 * ```
 */
export class BERTClassifier extends Module {
  readonly bert: BERT;
  readonly pooler: { readonly dense: Linear };
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(numClasses: number, options: BERTOptions) {
    super();
    const { width, dropout = 0.1 } = options;
    this.bert = new BERT(options);
    this.pooler = { dense: new Linear(width, width) };
    this.dropout = new Dropout(dropout);
    this.classifier = new Linear(width, numClasses);
    initialize(this.pooler.dense, this.classifier);
  }

  override forward(tokens: Tensor, inputs: BERTInputs = {}): Tensor {
    const first = this.bert.forward(tokens, inputs).select(1, 0); // (B, C)
    const pooled = this.pooler.dense.forward(first).tanh();
    return this.classifier.forward(this.dropout.forward(pooled));
  }
}
