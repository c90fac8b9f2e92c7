/**
 * TensorFlow.js on its wasm backend, in its own layouts: kernels (in, out), images NHWC. Its matrix product is fast as
 * it stands and 12 to 30 times slower with a transposed operand, which every gradient has; and it has no gradient of a
 * convolution's kernel, so that it cannot train one, be it depthwise or transposed. A 3-D convolution of depth one has that
 * gradient, but at a stride of two it comes out wrong, and a step of ResNet-20 takes it 12 seconds.
 */
import { createRequire } from "node:module";
import { batches, initial, matrices, oneHot, stackShapes } from "../workloads.mjs";

const require = createRequire(import.meta.url);

export async function prepare(workload, threads) {
  if (threads > 1) allowThreads(threads);
  const tf = require("@tensorflow/tfjs");
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  if (threads > 1) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
    wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
  await tf.ready();
  const used = threads > 1 ? wasm.getThreadsCount() : 1;
  const about = `tfjs ${tf.version.tfjs}, ${tf.getBackend()}, ${used} thread(s)`;
  return { about, ...(workload.kind === "matmul" ? product(tf, workload) : train(tf, workload)) };
}

/**
 * tfjs turns threads off in Node, since its loader hands the worker a blob: URL, which Node's Worker cannot open. Given
 * the worker's source and the path of the script that it imports, the same binary runs threaded. It also takes half of
 * the processors at most, so twice as many as threads are shown to it.
 */
function allowThreads(threads) {
  const os = require("node:os");
  const workers = require("node:worker_threads");
  const [processor] = os.cpus();
  os.cpus = () => Array(2 * threads).fill(processor);

  const script = require.resolve("@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js");
  const { wasmWorkerContents } = require(script.replace(/js$/, "worker.js"));
  const source = `
    URL.createObjectURL = () => ${JSON.stringify(script)};
    URL.revokeObjectURL = () => {};
    ${wasmWorkerContents.replaceAll("\n", "\\n")}`;
  workers.Worker = class extends workers.Worker {
    constructor() {
      super(source, { eval: true });
    }
  };
}

function product(tf, { n, repeats }) {
  const values = matrices(n);
  const b = tf.tensor2d(values.b, [n, n]);
  const a = tf.tensor2d(values.a, [n, n]);
  let c;
  return {
    step: () => {
      c?.dispose();
      c = tf.tidy(() => {
        let product = a;
        for (let i = 0; i < repeats; i++) product = tf.matMul(product, b);
        return product;
      });
    },
    read: async () => Array.from((await c.data()).subarray(0, 4)),
  };
}

/** From (out, in, kH, kW) or (out, in) to (kH, kW, in, out) or (in, out); after a flatten the inputs go from CHW to HWC. */
function kernelOf(tf, numbers, shape, flatten) {
  return tf.tidy(() => {
    const w = tf.tensor(numbers, shape);
    if (shape.length === 4) return tf.transpose(w, [2, 3, 1, 0]);
    if (!flatten) return tf.transpose(w);
    const { channels, size } = flatten;
    const chw = tf.reshape(w, [shape[0], channels, size, size]);
    return tf.reshape(tf.transpose(chw, [2, 3, 1, 0]), [shape[1], shape[0]]);
  });
}

function train(tf, workload) {
  const { config, x: input, y: target } = workload;
  const { layers, loss: kind } = config;
  const variables = new Map();
  for (const [index, { weight, bias }] of stackShapes(config)) {
    const before = layers[index - 1];
    const numbers = initial(`${index}.weight`, weight);
    variables.set(index, {
      kernel: tf.variable(kernelOf(tf, numbers, weight, before?.type === "flatten" ? before : undefined)),
      bias: tf.variable(tf.tensor1d(initial(`${index}.bias`, bias))),
    });
  }
  const forward = (x) =>
    layers.reduce((h, layer, index) => {
      const { kernel, bias } = variables.get(index) ?? {};
      switch (layer.type) {
        case "linear":
          return tf.add(tf.matMul(h, kernel), bias);
        case "conv":
          return tf.add(tf.conv2d(h, kernel, 1, "same"), bias);
        case "relu":
          return tf.relu(h);
        case "tanh":
          return tf.tanh(h);
        case "pool":
          return tf.maxPool(h, 2, 2, "valid");
        default: // flatten
          return tf.reshape(h, [h.shape[0], -1]);
      }
    }, x);

  const mse = kind === "mse";
  const [batch, channels, ...sides] = input.shape;
  const data = batches(workload).map(({ x, y }) => ({
    // One channel: NCHW and NHWC hold the same bytes.
    x: tf.tensor(x, [batch, ...sides, channels]),
    y: mse ? tf.tensor2d(y, target.shape) : tf.tensor2d(oneHot(y, target.classes), [batch, target.classes]),
  }));
  const lossOf = (x, y) =>
    mse ? tf.losses.meanSquaredError(y, forward(x)) : tf.losses.softmaxCrossEntropy(y, forward(x));

  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  let loss;
  return {
    step: (i) => {
      const { x, y } = data[i % data.length];
      loss?.dispose();
      loss = tf.tidy(() => optimizer.minimize(() => lossOf(x, y), true));
    },
    read: async () => Array.from(await loss.data()),
  };
}
