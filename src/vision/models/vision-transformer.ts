import {
  type Conv2d,
  Dropout,
  GELU,
  init,
  LayerNorm,
  Linear,
  Module,
  MultiheadAttention,
  Sequential,
  Tanh,
} from "../../nn/index.ts";
import { ArgumentError, cat, Parameter, randn, ShapeError, type Tensor, zeros } from "../../tensor/index.ts";
import { PatchEmbedding } from "../blocks/index.ts";

export interface VisionTransformerOptions {
  /** height and width of the pictures; 224 by default */
  imageSize?: number;
  /** of the squares that become tokens; 16 by default */
  patchSize?: number;
  /** 12 by default */
  numLayers?: number;
  /** 12 by default */
  numHeads?: number;
  /** of the tokens; 768 by default */
  hiddenDim?: number;
  /** the hidden width of each layer's two linear layers; 4·hiddenDim by default */
  mlpDim?: number;
  /** the part of tokens and of linear layers' results that training drops; 0 by default */
  dropout?: number;
  /** the part of attention's weights that training drops; 0 by default */
  attentionDropout?: number;
  /** 1000 by default */
  numClasses?: number;
  /** 3 by default */
  inChannels?: number;
  /** the width of a layer with tanh before the last one; none by default */
  representationSize?: number;
}

type Sizes = Required<Omit<VisionTransformerOptions, "representationSize">>;

const EPS = 1e-6; // the networks' own, not LayerNorm's default

/** A layer: self-attention and two linear layers with GELU, each on what was normalised and added to what it takes. */
class EncoderBlock extends Module {
  readonly ln_1: LayerNorm;
  readonly selfAttention: MultiheadAttention;
  readonly dropout: Dropout;
  readonly ln_2: LayerNorm;
  readonly mlp: Sequential;

  constructor({ hiddenDim, numHeads, mlpDim, dropout, attentionDropout }: Sizes) {
    super();
    this.ln_1 = new LayerNorm(hiddenDim, { eps: EPS });
    this.selfAttention = new MultiheadAttention(hiddenDim, numHeads, { dropout: attentionDropout, batchFirst: true });
    this.dropout = new Dropout(dropout);
    this.ln_2 = new LayerNorm(hiddenDim, { eps: EPS });
    const [widening, narrowing] = [new Linear(hiddenDim, mlpDim), new Linear(mlpDim, hiddenDim)];
    this.mlp = new Sequential(widening, new GELU(), new Dropout(dropout), narrowing, new Dropout(dropout));
    for (const { weight, bias } of [widening, narrowing]) {
      init.xavierUniform(weight);
      if (bias) init.normal(bias, { std: 1e-6 });
    }
  }

  override forward(x: Tensor): Tensor {
    const given = this.ln_1.forward(x);
    const [seen] = this.selfAttention.forward(given, given, given, { needWeights: false });
    const y = x.add(this.dropout.forward(seen));
    return y.add(this.mlp.forward(this.ln_2.forward(y)));
  }
}

/** The layers, with a learned vector for each position added before them and a normalisation behind. */
class Encoder extends Module {
  readonly posEmbedding: Parameter;
  readonly dropout: Dropout;
  readonly layers: Readonly<Record<string, EncoderBlock>>;
  readonly ln: LayerNorm;

  constructor(tokens: number, sizes: Sizes) {
    super();
    this.posEmbedding = new Parameter(randn([1, tokens, sizes.hiddenDim]).mul(0.02));
    this.dropout = new Dropout(sizes.dropout);
    this.layers = Object.fromEntries(
      Array.from({ length: sizes.numLayers }, (_, i) => [`encoder_layer_${i}`, new EncoderBlock(sizes)]),
    );
    this.ln = new LayerNorm(sizes.hiddenDim, { eps: EPS });
  }

  override forward(x: Tensor): Tensor {
    const placed = this.dropout.forward(x.add(this.posEmbedding)); // (N, L, d)
    return this.ln.forward(Object.values(this.layers).reduce((y, layer) => layer.forward(y), placed));
  }
}

/**
 * A vision transformer: patches of the picture are tokens, a learned token stands before them, and the last layer reads
 * the class from what became of it.
 *
 * Shapes: (N, inChannels, imageSize, imageSize) ─► (N, numClasses), logits. Names and beginnings are torchvision's, whose
 * state dicts load; the last layer begins as zeros. Throws an ArgumentError unless patches divide the picture, a ShapeError
 * for pictures of another size. Dosovitskiy et al., An image is worth 16x16 words, 2021.
 *
 * ```ts
 * const model = new VisionTransformer({ imageSize: 8, patchSize: 4, numLayers: 2, numHeads: 2, hiddenDim: 8, numClasses: 3 });
 * model.forward(zeros([2, 3, 8, 8])).shape; // [ 2, 3 ]
 * model.forward(zeros([2, 3, 9, 9])); // throws ShapeError
 * ```
 */
export class VisionTransformer extends Module {
  readonly imageSize: number;
  readonly classToken: Parameter;
  readonly convProj: Conv2d;
  readonly encoder: Encoder;
  readonly heads: Readonly<Record<string, Linear | Tanh>>;
  readonly #patches: PatchEmbedding;

  constructor(options: VisionTransformerOptions = {}) {
    super();
    const { imageSize = 224, patchSize = 16, numLayers = 12, numHeads = 12, hiddenDim = 768 } = options;
    const { mlpDim = 4 * hiddenDim, dropout = 0, attentionDropout = 0, numClasses = 1000, inChannels = 3 } = options;
    if (imageSize % patchSize !== 0) {
      throw new ArgumentError(`VisionTransformer: patches of ${patchSize} do not divide pictures of ${imageSize}.`);
    }
    const sizes = {
      imageSize,
      patchSize,
      numLayers,
      numHeads,
      hiddenDim,
      mlpDim,
      dropout,
      attentionDropout,
      numClasses,
    };
    this.imageSize = imageSize;
    this.classToken = new Parameter(zeros([1, 1, hiddenDim]));
    this.#patches = new PatchEmbedding(inChannels, hiddenDim, patchSize);
    this.convProj = this.#patches.convProj; // its name is the network's, as in torchvision
    this.encoder = new Encoder((imageSize / patchSize) ** 2 + 1, { ...sizes, inChannels });
    const { representationSize } = options;
    const head = new Linear(representationSize ?? hiddenDim, numClasses);
    const before = representationSize === undefined ? undefined : new Linear(hiddenDim, representationSize);
    this.heads = { ...(before && { pre_logits: before, act: new Tanh() }), head };
    init.truncNormal(this.convProj.weight, { std: Math.sqrt(1 / (inChannels * patchSize ** 2)) });
    if (before) init.truncNormal(before.weight, { std: Math.sqrt(1 / hiddenDim) });
    init.zeros(head.weight);
    for (const layer of [this.convProj, before, head]) if (layer?.bias) init.zeros(layer.bias);
  }

  override forward(x: Tensor): Tensor {
    const [height, width] = x.shape.slice(-2);
    if (height !== this.imageSize || width !== this.imageSize) {
      throw new ShapeError(
        `VisionTransformer: its pictures are ${this.imageSize} × ${this.imageSize}, but this is ${height} × ${width}: resize it.`,
      );
    }
    const tokens = this.#patches.forward(x); // (N, H′·W′, d)
    const first = this.classToken.expand([x.shape[0], -1, -1]); // (N, 1, d)
    const seen = this.encoder.forward(cat([first, tokens], 1)).select(1, 0); // (N, d)
    return Object.values(this.heads).reduce((y, layer) => layer.forward(y), seen);
  }
}

const BASE = { numLayers: 12, numHeads: 12, hiddenDim: 768, mlpDim: 3072 };

/** ViT-B/16: 12 layers of 768 features with 12 heads on patches of 16 pixels, as `VisionTransformer`. */
export function vitB16(options: VisionTransformerOptions = {}): VisionTransformer {
  return new VisionTransformer({ ...BASE, patchSize: 16, ...options });
}

/** ViT-B/32: see `vitB16`; patches have 32 pixels here. */
export function vitB32(options: VisionTransformerOptions = {}): VisionTransformer {
  return new VisionTransformer({ ...BASE, patchSize: 32, ...options });
}

/**
 * A vision transformer for small pictures: 6 layers of 64 features with 4 heads on patches of 4 pixels; 28 × 28 pixels and
 * 10 classes by default, as `VisionTransformer`.
 *
 * ```ts
 * vitSmallPictures({ inChannels: 1 }).summary([1, 1, 28, 28]).parameters; // 205962
 * ```
 */
export function vitSmallPictures(options: VisionTransformerOptions = {}): VisionTransformer {
  const sizes = { imageSize: 28, patchSize: 4, numLayers: 6, numHeads: 4, hiddenDim: 64, mlpDim: 128, numClasses: 10 };
  return new VisionTransformer({ ...sizes, ...options });
}
