/**
 * What is measured, and the numbers that every contender starts from.
 *
 * A workload is plain JSON, so that a contender in any language can build it: either a matrix product, or a stack of
 * layers trained by Adam on batches that are used in turn.
 */

/** Batches prepared before the clock starts; a step takes the next one. */
export const BATCHES = 8;

export const workloads = [
  { name: "matmul-512", kind: "matmul", n: 512 },
  { name: "matmul-1024", kind: "matmul", n: 1024 },
  {
    name: "mlp",
    kind: "train",
    batch: 128,
    input: [784],
    loss: "crossEntropy",
    lr: 1e-3,
    layers: [
      { type: "linear", in: 784, out: 512 },
      { type: "relu" },
      { type: "linear", in: 512, out: 512 },
      { type: "relu" },
      { type: "linear", in: 512, out: 10 },
    ],
  },
  {
    name: "mlp-tiny",
    kind: "train",
    batch: 32,
    input: [2],
    loss: "mse",
    lr: 1e-3,
    layers: [
      { type: "linear", in: 2, out: 16 },
      { type: "tanh" },
      { type: "linear", in: 16, out: 16 },
      { type: "tanh" },
      { type: "linear", in: 16, out: 1 },
    ],
  },
  {
    name: "cnn",
    kind: "train",
    batch: 64,
    input: [1, 28, 28],
    loss: "crossEntropy",
    lr: 1e-3,
    layers: [
      { type: "conv", in: 1, out: 32 },
      { type: "relu" },
      { type: "pool" },
      { type: "conv", in: 32, out: 64 },
      { type: "relu" },
      { type: "pool" },
      { type: "flatten", channels: 64, size: 7 },
      { type: "linear", in: 64 * 7 * 7, out: 128 },
      { type: "relu" },
      { type: "linear", in: 128, out: 10 },
    ],
  },
];

/** Convolutions are 3x3 with a border of one, pools are 2x2. */
export const KERNEL = 3;

/** Multiply-adds of matrix products and convolutions, counted as two; everything else is small beside them. */
export function flops(workload) {
  if (workload.kind === "matmul") return 2 * workload.n ** 3;
  let side = workload.input.at(-1);
  let total = 0;
  let first = true;
  for (const layer of workload.layers) {
    if (layer.type === "pool") side /= 2;
    const taps = { linear: 1, conv: KERNEL ** 2 * side ** 2 }[layer.type];
    if (!taps) continue;
    // Forward, the weights' gradient, and the input's gradient, which the first layer does without.
    total += (first ? 2 : 3) * 2 * workload.batch * layer.in * layer.out * taps;
    first = false;
  }
  return total;
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

/** Weight and bias of each layer that has them, by the layer's index: linear (out, in), conv (out, in, 3, 3), bias (out). */
export function parameters(workload) {
  const params = new Map();
  for (const [index, layer] of workload.layers.entries()) {
    if (layer.type !== "linear" && layer.type !== "conv") continue;
    const shape = layer.type === "linear" ? [layer.out, layer.in] : [layer.out, layer.in, KERNEL, KERNEL];
    const fanIn = shape.slice(1).reduce((x, y) => x * y);
    params.set(index, {
      shape,
      weight: uniform(fanIn * layer.out, 100 + 2 * index, 1 / Math.sqrt(fanIn)),
      bias: uniform(layer.out, 101 + 2 * index, 1 / Math.sqrt(fanIn)),
    });
  }
  return params;
}

/** The batches: x (batch, ...input), and y: classes as Int32Array (batch), or numbers as Float32Array (batch, 1). */
export function batches(workload) {
  const { batch, input, loss, layers } = workload;
  const classes = layers.at(-1).out;
  return Array.from({ length: BATCHES }, (_, j) => {
    const target = uniform(batch, 2000 + j, 1);
    return {
      x: uniform(batch * input.reduce((x, y) => x * y), 1000 + j, 1),
      y: loss === "mse" ? target : Int32Array.from(target, (u) => Math.floor(((u + 1) / 2) * classes)),
    };
  });
}

/** Classes as rows of zeros and one 1: (batch, classes). */
export function oneHot(y, classes) {
  const out = new Float32Array(y.length * classes);
  for (const [row, label] of y.entries()) out[row * classes + label] = 1;
  return out;
}
