/** Models that have no layers of their own yet, on what the engine has. Parameters are named as in peers/torch_peer.py. */
import { arange, cat, Parameter, scaledDotProductAttention, scan, Variable, where, zeros } from "../dist/index.js";
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Embedding,
  Flatten,
  LayerNorm,
  Linear,
  MaxPool2d,
  Module,
  mseLoss,
  ReLU,
  ReLU6,
  Sequential,
  Tanh,
} from "../dist/nn/index.js";
import { convolution } from "../dist/tensor/convolution.js";

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

/** A convolution that keeps the size (but for its stride), batch normalisation and, if there is one, an activation. */
const convNorm = (inputs, outputs, kernel, activation, options = {}) =>
  new Sequential(
    new Conv2d(inputs, outputs, kernel, { padding: (kernel - 1) / 2, bias: false, ...options }),
    new BatchNorm2d(outputs),
    ...(activation ? [activation] : []),
  );

/** Sandler et al., 2018: 1x1 to more channels, 3x3 on each of them, 1x1 back. */
class InvertedResidual extends Module {
  constructor(inputs, outputs, stride, expansion) {
    super();
    const hidden = inputs * expansion;
    this.conv = new Sequential(
      ...(expansion > 1 ? [convNorm(inputs, hidden, 1, new ReLU6())] : []),
      convNorm(hidden, hidden, 3, new ReLU6(), { stride, groups: hidden }),
      new Conv2d(hidden, outputs, 1, { bias: false }),
      new BatchNorm2d(outputs),
    );
    this.isResidual = stride === 1 && inputs === outputs;
  }

  forward(x) {
    const y = this.conv.forward(x);
    return this.isResidual ? x.add(y) : y;
  }
}

/** (N, 3, H, W) ─► (N, classes), with a stem of stride 1 and without dropout. */
export class MobileNetV2 extends Module {
  constructor({ stages, classes }) {
    super();
    let inputs = 32;
    const features = [convNorm(3, inputs, 3, new ReLU6())];
    for (const [expansion, outputs, blocks, stride] of stages) {
      for (let i = 0; i < blocks; i++) {
        features.push(new InvertedResidual(inputs, outputs, i === 0 ? stride : 1, expansion));
        inputs = outputs;
      }
    }
    this.features = new Sequential(...features, convNorm(inputs, 1280, 1, new ReLU6()));
    this.classifier = new Linear(1280, classes);
  }

  forward(x) {
    return this.classifier.forward(this.features.forward(x).mean([2, 3]));
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** Normalisation, ReLU, 1x1 to four times the growth, and once more with 3x3 to the growth: what a layer adds. */
class DenseLayer extends Module {
  constructor(inputs, growth) {
    super();
    this.norm1 = new BatchNorm2d(inputs);
    this.conv1 = new Conv2d(inputs, 4 * growth, 1, { bias: false });
    this.norm2 = new BatchNorm2d(4 * growth);
    this.conv2 = new Conv2d(4 * growth, growth, 3, { padding: 1, bias: false });
  }

  forward(x) {
    const y = this.conv1.forward(this.norm1.forward(x).relu());
    return this.conv2.forward(this.norm2.forward(y).relu());
  }
}

/** Huang et al., 2017, DenseNet-BC for small images: (N, 3, H, W) ─► (N, classes). */
export class DenseNet extends Module {
  constructor({ growth, layers, blocks, classes }) {
    super();
    let channels = 2 * growth;
    this.conv0 = new Conv2d(3, channels, 3, { padding: 1, bias: false });
    this.blocks = [];
    this.transitions = [];
    for (let b = 0; b < blocks; b++) {
      this.blocks.push(Array.from({ length: layers }, (_, i) => new DenseLayer(channels + i * growth, growth)));
      channels += layers * growth;
      if (b === blocks - 1) break;
      const half = Math.floor(channels / 2);
      const conv = new Conv2d(channels, half, 1, { bias: false });
      this.transitions.push(new Sequential(new BatchNorm2d(channels), new ReLU(), conv, new AvgPool2d(2)));
      channels = half;
    }
    this.norm5 = new BatchNorm2d(channels);
    this.classifier = new Linear(channels, classes);
  }

  forward(x) {
    let h = this.conv0.forward(x);
    this.blocks.forEach((layers, b) => {
      for (const layer of layers) h = cat([h, layer.forward(h)], 1);
      if (this.transitions[b]) h = this.transitions[b].forward(h);
    });
    return this.classifier.forward(this.norm5.forward(h).relu().mean([2, 3]));
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

const twoConvs = (inputs, outputs) =>
  new Sequential(convNorm(inputs, outputs, 3, new ReLU()), convNorm(outputs, outputs, 3, new ReLU()));

/** Transposed convolution 2x2 of stride 2, whose windows do not meet: (N, C, H, W) ─► (N, O, 2H, 2W). */
class Up extends Module {
  constructor(inputs, outputs) {
    super();
    this.weight = new Parameter(zeros([inputs, outputs, 2, 2]));
    this.bias = new Parameter(zeros([outputs]));
  }

  forward(x) {
    const edge = [1, 1];
    const kernel = this.weight.transpose(0, 1).flip([2, 3]);
    return convolution(x, kernel, { inputDilation: [2, 2], padding: [edge, edge] }).add(this.bias.reshape([-1, 1, 1]));
  }
}

/** Ronneberger et al., 2015, with borders and batch normalisation: (N, C, H, W) ─► (N, classes, H, W). */
export class UNet extends Module {
  constructor({ channels, width, depth, classes }) {
    super();
    const widths = Array.from({ length: depth + 1 }, (_, i) => width * 2 ** i);
    this.down = widths.map((outputs, i) => twoConvs(i === 0 ? channels : widths[i - 1], outputs));
    this.up = widths.slice(0, -1).map((outputs, i) => new Up(widths[i + 1], outputs));
    this.join = widths.slice(0, -1).map((outputs) => twoConvs(2 * outputs, outputs));
    this.pool = new MaxPool2d(2);
    this.head = new Conv2d(width, classes, 1);
  }

  forward(x) {
    const skips = [];
    let h = x;
    this.down.forEach((block, i) => {
      h = block.forward(i === 0 ? h : this.pool.forward(h));
      skips.push(h);
    });
    for (let i = this.up.length - 1; i >= 0; i--) {
      h = this.join[i].forward(cat([skips[i], this.up[i].forward(h)], 1));
    }
    return this.head.forward(h);
  }

  loss(x, y) {
    return crossEntropy(this.forward(x), y);
  }
}

/** One layer of LSTM over characters: (T, B) ─► (T, B, vocabulary). */
export class CharLSTM extends Module {
  constructor({ vocabulary, embedding, hidden }) {
    super();
    this.hidden = hidden;
    this.embed = new Embedding(vocabulary, embedding);
    // PyTorch's names and layout, gates i, f, g, o.
    const parameter = (...shape) => new Parameter(zeros(shape));
    this.lstm = {
      weight_ih_l0: parameter(4 * hidden, embedding),
      weight_hh_l0: parameter(4 * hidden, hidden),
      bias_ih_l0: parameter(4 * hidden),
      bias_hh_l0: parameter(4 * hidden),
    };
    this.head = new Linear(hidden, vocabulary);
  }

  forward(x) {
    const [, B] = x.shape;
    const { weight_ih_l0: input, weight_hh_l0: recurrent, bias_ih_l0: bias, bias_hh_l0: bias2 } = this.lstm;
    const start = zeros([B, this.hidden]);
    // The input's part of the gates, of all steps at once: (T, B, 4H)
    const inputs = this.embed.forward(x).matmul(input.t()).add(bias.add(bias2));
    const weight = recurrent.t(); // (H, 4H)
    const step = ([h, c], fromInput) => {
      const [i, f, g, o] = fromInput.add(h.matmul(weight)).chunk(4, 1); // (B, H) each
      const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      const output = o.sigmoid().mul(cell.tanh());
      return [[output, cell], output];
    };
    const [, outputs] = scan(step, [start, start], inputs); // (T, B, H)
    return this.head.forward(outputs);
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
