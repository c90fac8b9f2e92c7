/**
 * What is measured, and the numbers that every contender starts from.
 *
 * A workload is plain JSON, so that a contender in any language can build it. Its kind says what a step is:
 *
 *   train     forward, backward and Adam of a model on batches that are used in turn
 *   infer     one forward pass, without derivatives
 *   generate  one more token of a sequence, keys and values of earlier ones kept; the token is read
 *   matmul    `repeats` products c = c·b in a row, of n x n matrices; times are for one of them
 *   memory    an operation on one or several arrays of `floats` numbers, in rows of 1,024, results in the arrays' place
 */

/** Batches prepared before the clock starts. */
export const BATCHES = 8;
/** Rows of the arrays of "memory". */
export const ROW = 1024;

const stack = (loss, ...layers) => ({ model: "stack", loss, layers });
const linear = (inputs, outputs) => ({ type: "linear", in: inputs, out: outputs });
const conv = (inputs, outputs) => ({ type: "conv", in: inputs, out: outputs }); // 3x3, with a border of one
const [relu, tanh, pool] = ["relu", "tanh", "pool"].map((type) => ({ type })); // pools are 2x2

const CNN = stack(
  "crossEntropy",
  ...[conv(1, 32), relu, pool, conv(32, 64), relu, pool],
  ...[{ type: "flatten", channels: 64, size: 7 }, linear(64 * 7 * 7, 128), relu, linear(128, 10)],
);
const recurrent = (model, embedding, hidden) => ({ model, vocabulary: 65, embedding, hidden });
const GPT = { model: "gpt", vocabulary: 65, width: 128, depth: 4, heads: 4, context: 64 };

/** Tokens or classes have a number of `classes`; without it, numbers are uniform in [-1, 1). */
const train = (name, title, config, x, y, more = {}) => ({ name, title, kind: "train", config, x, y, ...more });

/** All workloads, for a last-level cache of so many bytes. */
export function workloadsFor(cache) {
  const memory = (name, title, op) => {
    // Arrays of four times the cache or more, in whole blocks of 2²⁰ numbers.
    const floats = Math.ceil((4 * cache) / 4 / 2 ** 20) * 2 ** 20;
    return { name: `W10-${name}`, title, kind: "memory", op, floats };
  };
  return [
    train(
      "W1",
      "MLP 2-16-16-1, tanh, batch 32",
      stack("mse", linear(2, 16), tanh, linear(16, 16), tanh, linear(16, 1)),
      { shape: [32, 2] },
      { shape: [32, 1] },
    ),
    train(
      "W2",
      "MLP 784-128-10, batch 64",
      stack("crossEntropy", linear(784, 128), relu, linear(128, 10)),
      { shape: [64, 784] },
      { shape: [64], classes: 10 },
    ),
    train(
      "W3",
      "MLP 784-512-512-10, batch 128",
      stack("crossEntropy", linear(784, 512), relu, linear(512, 512), relu, linear(512, 10)),
      { shape: [128, 784] },
      { shape: [128], classes: 10 },
    ),
    train("W4", "CNN, 32 and 64 channels, batch 64", CNN, { shape: [64, 1, 28, 28] }, { shape: [64], classes: 10 }),
    train(
      "W5",
      "ResNet-20, batch 32",
      { model: "resnet", widths: [16, 32, 64], blocks: 3, classes: 10 },
      { shape: [32, 3, 32, 32] },
      { shape: [32], classes: 10 },
      // Adam's first steps are almost signs, so a rounded gradient near 0 shows: PyTorch in f32 is 6e-4 from itself in f64.
      { tolerance: 2e-3 },
    ),
    train(
      "W6",
      "character LSTM, hidden 128, 64 steps, batch 32",
      recurrent("lstm", 64, 128),
      { shape: [64, 32], classes: 65 },
      { shape: [64, 32], classes: 65 },
    ),
    train(
      "W7",
      "GPT, 4 layers of 128, context 64, batch 12",
      GPT,
      { shape: [12, 64], classes: 65 },
      { shape: [12, 64], classes: 65 },
    ),
    { name: "W8-cnn", title: "W4's network, one image", kind: "infer", config: CNN, x: { shape: [1, 1, 28, 28] } },
    { name: "W8-gpt", title: "W7's network, one token", kind: "generate", config: GPT },
    ...[64, 128, 256, 512, 1024, 2048].map((n) => {
      // In a row, so that small ones are not all call.
      const repeats = Math.max(1, (256 / n) ** 3);
      return { name: `W9-${n}`, title: `${n} x ${n} matrix product`, kind: "matmul", n, repeats };
    }),
    memory("chain", "relu(x / 2 + 1 / 4)², elementwise", "chain"),
    memory("softmax", "softmax of rows of 1,024", "softmax"),
    memory("layernorm", "layer norm of rows of 1,024", "layernorm"),
    memory("adam", "Adam alone", "adam"),
    train(
      "W11",
      "MobileNetV2, batch 32",
      {
        model: "mobilenet",
        // expansion, channels, blocks, stride
        stages: [
          [1, 16, 1, 1],
          [6, 24, 2, 1],
          [6, 32, 3, 2],
          [6, 64, 4, 2],
          [6, 96, 3, 1],
          [6, 160, 3, 2],
          [6, 320, 1, 1],
        ],
        classes: 10,
      },
      { shape: [32, 3, 32, 32] },
      { shape: [32], classes: 10 },
      // Rounding takes a few of the many ReLU6 across their corners, which moves a gradient by 1e-2 (1e-5 with a smooth
      // activation), as much in PyTorch as here, and Adam makes signs of it. Moving the first weights by half a rounding
      // moves the second loss by 5e-4 in f64, by 1.2e-3 in PyTorch's f32, later ones by more; leaving out the gradient
      // of the first kernel or of the depthwise ones moves the second by 1e-2. So two steps, and twice the 1.2e-3 or so.
      { checkSteps: 2, tolerance: 3e-3 },
    ),
    train(
      "W12",
      "DenseNet-BC, 40 layers, growth 12, batch 32",
      { model: "densenet", growth: 12, layers: 6, blocks: 3, classes: 10 },
      { shape: [32, 3, 32, 32] },
      { shape: [32], classes: 10 },
      { tolerance: 2e-3 },
    ),
    train(
      "W13",
      "U-Net, 16 to 128 channels, 64 x 64, batch 8",
      { model: "unet", channels: 3, width: 16, depth: 3, classes: 11 },
      { shape: [8, 3, 64, 64] },
      { shape: [8, 64, 64], classes: 11 },
      { tolerance: 2e-3 },
    ),
    train(
      "W14-lstm",
      "character LSTM, hidden 512, 64 steps, batch 64",
      recurrent("lstm", 64, 512),
      { shape: [64, 64], classes: 65 },
      { shape: [64, 64], classes: 65 },
    ),
    train(
      "W14-gru",
      "character GRU, hidden 128, 64 steps, batch 32",
      recurrent("gru", 64, 128),
      { shape: [64, 32], classes: 65 },
      { shape: [64, 32], classes: 65 },
    ),
    {
      name: "W14-token",
      title: "W14's LSTM, one token",
      kind: "generate",
      config: { ...recurrent("lstm", 64, 512), context: 64 },
    },
    train(
      "W15",
      "Transformer, 2 + 2 layers of 128, 32 tokens each, batch 32",
      { model: "seq2seq", vocabulary: 65, width: 128, depth: 2, heads: 8, context: 32 },
      { shape: [32, 64], classes: 65 },
      { shape: [32, 32], classes: 65 },
    ),
  ];
}

/** `count` float32 numbers in [-bound, bound): value i is a 32-bit hash of (seed, i), so any language makes the same. */
export function uniform(count, seed, bound) {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i + 1, 0x9e3779b9) + Math.imul(seed + 1, 0x85ebca6b)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    x = (x ^ (x >>> 15)) >>> 0;
    out[i] = ((x >>> 8) / 2 ** 23 - 1) * bound;
  }
  return out;
}

/** A seed from a name: FNV-1a. */
function seedOf(name) {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/**
 * A parameter's first numbers, from its name and PyTorch's shape: scales of normalisations are 1, other vectors small,
 * everything else is uniform within 1 / √fan-in.
 */
export function initial(name, shape) {
  const count = shape.reduce((x, y) => x * y, 1);
  if (shape.length > 1) return uniform(count, seedOf(name), Math.sqrt(shape[0] / count));
  return name.endsWith("weight") ? new Float32Array(count).fill(1) : uniform(count, seedOf(name), 0.05);
}

/** Shapes of weight and bias of each layer of a stack that has them, by the layer's index. */
export function stackShapes({ layers }) {
  const shapes = new Map();
  for (const [index, layer] of layers.entries()) {
    if (layer.type !== "linear" && layer.type !== "conv") continue;
    const weight = layer.type === "linear" ? [layer.out, layer.in] : [layer.out, layer.in, 3, 3];
    shapes.set(index, { weight, bias: [layer.out] });
  }
  return shapes;
}

/** The numbers of one x or y: Int32Array of classes or Float32Array. */
export function sample({ shape, classes }, seed) {
  const numbers = uniform(
    shape.reduce((x, y) => x * y, 1),
    seed,
    1,
  );
  return classes ? Int32Array.from(numbers, (u) => Math.floor(((u + 1) / 2) * classes)) : numbers;
}

/** The batches of a training workload. */
export function batches({ x, y }) {
  return Array.from({ length: BATCHES }, (_, j) => ({ x: sample(x, 1000 + j), y: sample(y, 2000 + j) }));
}

/**
 * The operands of the chained product c = c·b: a is uniform, b a reflection I - 2vvᵀ/vᵀv, so that a chain of any length
 * neither grows nor fades. Each (n, n).
 */
export function matrices(n) {
  const v = uniform(n, 1, 1);
  const norm2 = v.reduce((sum, x) => sum + x * x, 0);
  const b = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) b[i * n + j] = Number(i === j) - (2 * v[i] * v[j]) / norm2;
  return { a: uniform(n * n, 0, 1), b };
}

/** The block of 2²⁰ numbers of which the arrays of "memory" are repetitions. */
export const block = (seed) => uniform(2 ** 20, seed, 1);

/** Classes as rows of zeros and one 1: (batch, classes). */
export function oneHot(y, classes) {
  const out = new Float32Array(y.length * classes);
  for (const [row, label] of y.entries()) out[row * classes + label] = 1;
  return out;
}
