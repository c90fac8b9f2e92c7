/** The models, each with its loss; some have no layers of their own yet. Parameters are named as in peers/torch_peer.py. */
import { arange, scaledDotProductAttention, Variable, where, zeros } from "../dist/index.js";
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Embedding,
  Flatten,
  GRU,
  LayerNorm,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  mseLoss,
  ReLU,
  Sequential,
  Tanh,
  Transformer,
} from "../dist/nn/index.js";
import { DenseNet, MobileNetV2, UNet } from "../dist/vision/index.js";

/** A stack of layers as a workload lists them, and its loss. */
export class Stack extends Sequential {
  constructor({ layers, loss }) {
    super(...layers.map(layerOf));
    this.criterion = loss === "mse" ? mseLoss : crossEntropy;
  }

  loss(x, y) {
    return this.criterion(this.forward(x), y);
  }
}

function layerOf(layer) {
  switch (layer.type) {
    case "linear":
      return new Linear(layer.in, layer.out);
    case "conv":
      return new Conv2d(layer.in, layer.out, 3, { padding: 1 });
    case "relu":
      return new ReLU();
    case "tanh":
      return new Tanh();
    case "pool":
      return new MaxPool2d(2);
    default: // flatten
      return new Flatten();
  }
}

/** Two 3x3 convolutions with batch normalisation, and what came in added; a 1x1 convolution makes its shape fit. */
class Block extends Module {
  constructor(inputs, outputs, stride) {
    super();
    this.conv1 = new Conv2d(inputs, outputs, 3, { padding: 1, stride, bias: false });
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d(outputs, outputs, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(outputs);
    if (stride > 1 || inputs !== outputs) {
      this.down = new Sequential(new Conv2d(inputs, outputs, 1, { stride, bias: false }), new BatchNorm2d(outputs));
    }
  }

  forward(x) {
    const y = this.bn1.forward(this.conv1.forward(x)).relu();
    const z = this.bn2.forward(this.conv2.forward(y));
    return z.add(this.down ? this.down.forward(x) : x).relu();
  }
}

/** He et al., 2016, for images of 32 x 32: (N, 3, 32, 32) ─► (N, 10). */
export class ResNet20 extends Module {
  constructor({ widths, blocks, classes }) {
    super();
    this.conv1 = new Conv2d(3, widths[0], 3, { padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(widths[0]);
    this.layers = widths.flatMap((width, stage) =>
      Array.from({ length: blocks }, (_, i) => {
        const first = i === 0 && stage > 0;
        return new Block(first ? widths[stage - 1] : width, width, first ? 2 : 1);
      }),
    );
    this.pool = new AdaptiveAvgPool2d(1);
    this.fc = new Linear(widths.at(-1), classes);
  }

  forward(x) {
    let h = this.bn1.forward(this.conv1.forward(x)).relu();
    for (const layer of this.layers) h = layer.forward(h);
    return this.fc.forward(this.pool.forward(h).flatten(1));
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** (N, 3, H, W) ─► (N, classes), without dropout. */
export class MobileNet extends MobileNetV2 {
  constructor({ stages, classes }) {
    super({ invertedResidualSetting: stages, numClasses: classes, stem: "small", dropout: 0 });
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** (N, 3, H, W) ─► (N, classes) */
export class Dense extends DenseNet {
  constructor({ growth, layers, blocks, classes }) {
    const blockConfig = new Array(blocks).fill(layers);
    super({ growthRate: growth, blockConfig, numInitFeatures: 2 * growth, numClasses: classes, stem: "small" });
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** (N, channels, H, W) ─► (N, classes, H, W) */
export class Segmenter extends UNet {
  constructor({ channels, width, depth, classes }) {
    super({ inChannels: channels, width, depth, numClasses: classes });
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** One recurrent layer over characters, called `lstm` or `gru`: (T, B) ─► (T, B, vocabulary). */
export class CharRNN extends Module {
  constructor({ model, vocabulary, embedding, hidden }) {
    super();
    this.embed = new Embedding(vocabulary, embedding);
    this[model] = new { lstm: LSTM, gru: GRU }[model](embedding, hidden);
    this.head = new Linear(hidden, vocabulary);
  }

  forward(x) {
    const [outputs] = (this.lstm ?? this.gru).forward(this.embed.forward(x)); // (T, B, H)
    return this.head.forward(outputs);
  }

  loss(x, y) {
    return crossEntropy(this.forward(x).flatten(0, 1), y.flatten());
  }

  /** The state before the first token of one sequence: h and c, (1, 1, H) each. */
  caches() {
    return [0, 1].map(() => new Variable(zeros([1, 1, this.lstm.hiddenSize])));
  }

  /** The logits (vocabulary) after one more token (1), whose state goes into the caches. */
  next(token, _position, caches) {
    const [output, state] = this.lstm.forward(this.embed.forward(token.reshape([1, 1])), caches); // (1, 1, H)
    caches.forEach((cache, i) => void cache.assign(state[i]));
    return this.head.forward(output).flatten();
  }
}

/** An encoder-decoder that makes one sequence of another: (B, 2T) ─► (B, T, vocabulary), the source before the target. */
export class Seq2Seq extends Module {
  constructor({ vocabulary, width, depth, heads, context }) {
    super();
    this.tokens = new Embedding(vocabulary, width);
    this.positions = new Embedding(context, width);
    this.transformer = new Transformer(width, heads, {
      numEncoderLayers: depth,
      numDecoderLayers: depth,
      dimFeedforward: 4 * width,
      dropout: 0,
      batchFirst: true,
    });
    this.head = new Linear(width, vocabulary);
  }

  forward(x) {
    const [source, target] = x.chunk(2, 1).map((part) => this.tokens.forward(part).add(this.positions.weight));
    return this.head.forward(this.transformer.forward(source, target, { tgtIsCausal: true }));
  }

  loss(x, y) {
    return crossEntropy(this.forward(x).flatten(0, 1), y.flatten());
  }
}

/** x · Φ(x) by the approximation of GPT-2. */
const gelu = (x) => {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
};

/** (B, T, C) ─► (B, heads, T, C / heads) */
const split = (x, heads) => {
  const [B, T, C] = x.shape;
  return x.reshape([B, T, heads, C / heads]).transpose(1, 2);
};

class GPTLayer extends Module {
  constructor({ width, heads, context }) {
    super();
    this.heads = heads;
    this.context = context;
    this.ln1 = new LayerNorm(width);
    this.qkv = new Linear(width, 3 * width);
    this.proj = new Linear(width, width);
    this.ln2 = new LayerNorm(width);
    this.fc = new Linear(width, 4 * width);
    this.out = new Linear(4 * width, width);
  }

  /** (B, T, C) ─► (B, T, C): each position looks at itself and at what is before it. */
  forward(x) {
    const [B, T, C] = x.shape;
    const [q, k, v] = this.qkv
      .forward(this.ln1.forward(x))
      .chunk(3, 2)
      .map((part) => split(part, this.heads));
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true }).transpose(1, 2).reshape([B, T, C]);
    return this.feed(x.add(this.proj.forward(mixed)));
  }

  /** As `forward` for one position, whose key and value go into the caches (heads, context, C / heads): (1, 1, C). */
  next(x, position, keys, values) {
    const [, , C] = x.shape;
    const [q, k, v] = this.qkv
      .forward(this.ln1.forward(x))
      .chunk(3, 2)
      .map((part) => part.reshape([this.heads, 1, C / this.heads]));
    const places = arange(this.context, { dtype: "i32" });
    const isHere = places.eq(position).unsqueeze(1); // (context, 1)
    keys.assign(where(isHere, k, keys));
    values.assign(where(isHere, v, values));
    const attnMask = places.le(position);
    const mixed = scaledDotProductAttention(q, keys, values, { attnMask }).reshape([1, 1, C]);
    return this.feed(x.add(this.proj.forward(mixed)));
  }

  feed(x) {
    return x.add(this.out.forward(gelu(this.fc.forward(this.ln2.forward(x)))));
  }
}

/** Radford et al., 2019, in small, the output layer tied to the embedding: (B, T) ─► (B, T, vocabulary). */
export class GPT extends Module {
  constructor({ vocabulary, width, depth, heads, context }) {
    super();
    this.tokens = new Embedding(vocabulary, width);
    this.positions = new Embedding(context, width);
    this.layers = Array.from({ length: depth }, () => new GPTLayer({ width, heads, context }));
    this.ln = new LayerNorm(width);
  }

  forward(x) {
    let h = this.tokens.forward(x).add(this.positions.weight);
    for (const layer of this.layers) h = layer.forward(h);
    return this.logits(h);
  }

  logits(h) {
    return this.ln.forward(h).matmul(this.tokens.weight.t());
  }

  loss(x, y) {
    return crossEntropy(this.forward(x).flatten(0, 1), y.flatten());
  }

  /** Keys and values of every layer for one sequence. */
  caches() {
    return this.layers.map(({ heads, context, ln1 }) => {
      const shape = [heads, context, ln1.normalizedShape[0] / heads];
      return { keys: new Variable(zeros(shape)), values: new Variable(zeros(shape)) };
    });
  }

  /** The logits (vocabulary) after one more token (1) at a position () of a sequence. */
  next(token, position, caches) {
    let h = this.tokens.forward(token.reshape([1, 1])).add(this.positions.forward(position)); // (1, 1, C)
    this.layers.forEach((layer, i) => {
      h = layer.next(h, position, caches[i].keys, caches[i].values);
    });
    return this.logits(h).flatten();
  }
}
