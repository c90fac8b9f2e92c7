/**
 * What a step cannot do without: the multiply-adds of its matrix products and convolutions, and the bytes that must
 * cross between memory and the last-level cache. Counted from shapes alone.
 *
 * The rule for bytes: an array that fits the cache moves none. Where parameters, gradients and both moments together are
 * larger than the cache, Adam reads these four and writes three of them: 28 bytes a parameter. A layer's output that is
 * larger than the cache is written once, and read once by the backward pass.
 */

/**
 * A model's forward pass as products: `count` multiply-adds, the number of `outputs`, of `weights`, and whether the
 * input needs no derivative (`first`).
 */
function productsOf(config, x) {
  switch (config.model) {
    case "stack":
      return stackProducts(config, x);
    case "resnet":
      return resnetProducts(config, x);
    case "mobilenet":
      return mobilenetProducts(config, x);
    case "densenet":
      return densenetProducts(config, x);
    case "unet":
      return unetProducts(config, x);
    case "lstm":
      return recurrentProducts(config, x, 4);
    case "gru":
      return recurrentProducts(config, x, 3);
    case "seq2seq":
      return seq2seqProducts(config, x);
    default:
      return gptProducts(config, x);
  }
}

const product = (rows, inner, cols, more = {}) => ({
  count: rows * inner * cols,
  outputs: rows * cols,
  weights: (inner + 1) * cols,
  ...more,
});

const convolution = (batch, inputs, outputs, side, kernel, more) =>
  product(batch * side ** 2, inputs * kernel ** 2, outputs, more);

function stackProducts({ layers }, { shape }) {
  const batch = shape[0];
  let side = shape.at(-1);
  const products = [];
  for (const layer of layers) {
    if (layer.type === "pool") side /= 2;
    const more = { first: products.length === 0 };
    if (layer.type === "linear") products.push(product(batch, layer.in, layer.out, more));
    if (layer.type === "conv") products.push(convolution(batch, layer.in, layer.out, side, 3, more));
  }
  return products;
}

/**
 * A convolution and its normalisation, of which only the weights count: they take the place of the convolution's biases,
 * and one more.
 */
const normalised = (batch, inputs, outputs, side, kernel, more) =>
  convolution(batch, inputs, outputs, side, kernel, { weights: (inputs * kernel ** 2 + 2) * outputs, ...more });

function resnetProducts({ widths, blocks, classes }, { shape: [batch, channels, , size] }) {
  const conv = (inputs, outputs, side, kernel, more) => normalised(batch, inputs, outputs, side, kernel, more);
  const products = [conv(channels, widths[0], size, 3, { first: true })];
  widths.forEach((width, stage) => {
    const side = size / 2 ** stage;
    for (let i = 0; i < blocks; i++) {
      const inputs = i === 0 && stage > 0 ? widths[stage - 1] : width;
      products.push(conv(inputs, width, side, 3), conv(width, width, side, 3));
      if (inputs !== width) products.push(conv(inputs, width, side, 1));
    }
  });
  return [...products, product(batch, widths.at(-1), classes)];
}

function mobilenetProducts({ stages, classes }, { shape: [batch, channels, , size] }) {
  let [inputs, side] = [32, size];
  const conv = (from, to, kernel, more) => normalised(batch, from, to, side, kernel, more);
  const products = [conv(channels, inputs, 3, { first: true })];
  for (const [expansion, outputs, blocks, stride] of stages) {
    for (let i = 0; i < blocks; i++) {
      const hidden = inputs * expansion;
      if (expansion > 1) products.push(conv(inputs, hidden, 1));
      if (i === 0) side /= stride;
      products.push(conv(1, hidden, 3), conv(hidden, outputs, 1)); // the first is one channel to one, `hidden` times
      inputs = outputs;
    }
  }
  return [...products, conv(inputs, 1280, 1), product(batch, 1280, classes)];
}

/** Here normalisations come first, and have as many weights as their input has channels. */
function densenetProducts({ growth, layers, blocks, classes }, { shape: [batch, channels, , size] }) {
  let [width, side] = [2 * growth, size];
  const conv = (inputs, outputs, kernel, norm, more) => {
    const weights = inputs * kernel ** 2 * outputs + 2 * norm;
    return convolution(batch, inputs, outputs, side, kernel, { weights, ...more });
  };
  const products = [conv(channels, width, 3, 0, { first: true })];
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < layers; i++, width += growth) {
      products.push(conv(width, 4 * growth, 1, width), conv(4 * growth, growth, 3, 4 * growth));
    }
    if (b === blocks - 1) break;
    products.push(conv(width, Math.floor(width / 2), 1, width));
    width = Math.floor(width / 2);
    side /= 2;
  }
  return [...products, table(2, width), product(batch, width, classes)];
}

function unetProducts({ channels, width, depth, classes }, { shape: [batch, , , size] }) {
  const widths = Array.from({ length: depth + 1 }, (_, i) => width * 2 ** i);
  const two = (inputs, outputs, side, more) => [
    normalised(batch, inputs, outputs, side, 3, more),
    normalised(batch, outputs, outputs, side, 3),
  ];
  const down = widths.flatMap((outputs, i) =>
    two(i === 0 ? channels : widths[i - 1], outputs, size / 2 ** i, { first: i === 0 }),
  );
  const up = widths.slice(0, -1).flatMap((outputs, i) => {
    const side = size / 2 ** i;
    // 2x2 at each of the smaller image's pixels
    const weights = 4 * 2 * outputs * outputs + outputs;
    const transposed = product(batch * side ** 2, 2 * outputs, outputs, { weights });
    return [transposed, ...two(2 * outputs, outputs, side)];
  });
  return [...down, ...up, product(batch * size ** 2, width, classes)];
}

const table = (rows, width) => ({ count: 0, outputs: 0, weights: rows * width });

function recurrentProducts({ vocabulary, embedding, hidden }, { shape: [steps, batch] }, gates) {
  const tokens = steps * batch;
  return [
    table(vocabulary, embedding),
    product(tokens, embedding, gates * hidden),
    product(tokens, hidden, gates * hidden),
    product(tokens, hidden, vocabulary),
  ];
}

/** Half of the tokens are the source, half the target, which looks at itself and what is before it, and at the source. */
function seq2seqProducts({ vocabulary, width, depth, context }, { shape: [batch] }) {
  const tokens = batch * context;
  const norm = { count: 0, outputs: 0, weights: 2 * width };
  const attention = (pairs) => {
    const table = { count: batch * pairs * width, outputs: 0, weights: 0 };
    return [product(tokens, width, 3 * width), table, table, product(tokens, width, width), norm];
  };
  const feed = [product(tokens, width, 4 * width), product(tokens, 4 * width, width), norm];
  const layers = [
    ...[...attention(context ** 2), ...feed],
    ...[...attention((context * (context + 1)) / 2), ...attention(context ** 2), ...feed],
  ];
  const all = Array.from({ length: depth }, () => layers).flat();
  return [table(vocabulary + context, width), ...all, norm, norm, product(tokens, width, vocabulary)];
}

/** Attention looks at itself and what is before it: half of all pairs. */
function gptProducts({ vocabulary, width, depth, heads, context }, { shape: [batch, length] }) {
  const tokens = batch * length;
  const pairs = (batch * length * (length + 1)) / 2;
  const attention = { count: pairs * width, outputs: pairs * heads, weights: 0 };
  const norm = { count: 0, outputs: 0, weights: 2 * width };
  const layer = [
    norm,
    product(tokens, width, 3 * width),
    attention,
    attention,
    product(tokens, width, width),
    norm,
    product(tokens, width, 4 * width),
    product(tokens, 4 * width, width),
  ];
  // The output layer's weights are the embedding's, and it has no bias.
  const head = product(tokens, width, vocabulary, { weights: 0 });
  return [table(vocabulary + context, width), ...Array.from({ length: depth }, () => layer).flat(), norm, head];
}

const sum = (items, f) => items.reduce((total, item) => total + f(item), 0);

/** {flops, bytes, mix}: of one step; `mix` says which of the probe's bandwidths the bytes move at. */
export function costOf(workload, cache) {
  const { kind, config } = workload;
  if (kind === "matmul") {
    const bytes = 12 * workload.n ** 2; // read two, write one
    return { flops: 2 * workload.n ** 3, bytes: bytes > cache ? bytes : 0, mix: "update" };
  }
  if (kind === "memory") {
    const adam = workload.op === "adam";
    return { flops: 0, bytes: (adam ? 28 : 8) * workload.floats, mix: adam ? "adam" : "update" };
  }
  if (kind === "infer")
    return { flops: 2 * sum(productsOf(config, workload.x), (p) => p.count), bytes: 0, mix: "update" };
  if (kind === "generate") {
    // On average over the positions: a whole sequence, token by token.
    const products = productsOf(config, { shape: config.model === "gpt" ? [1, config.context] : [config.context, 1] });
    return { flops: (2 * sum(products, (p) => p.count)) / config.context, bytes: 0, mix: "update" };
  }
  const products = productsOf(config, workload.x);
  const parameters = sum(products, (p) => p.weights);
  const large = products.filter((p) => 4 * p.outputs > cache);
  return {
    // Forward, and a product of the same size for each factor's gradient.
    flops: 2 * sum(products, (p) => (p.first ? 2 : 3) * p.count),
    bytes: (16 * parameters > cache ? 28 * parameters : 0) + sum(large, (p) => 8 * p.outputs),
    parameters,
    mix: "adam",
  };
}
