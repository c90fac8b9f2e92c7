/**
 * The models in jax-js's operations, parameters named as in torch_peer.py. A layer is a function of all parameters and
 * of its input; making it notes the shapes of its own, as PyTorch has them. An input that is needed again is kept by
 * `.ref`. Running statistics, which no step reads, are left out.
 */
import { lax, nn, numpy as np } from "@jax-js/jax";

/** {shapes: name ─► shape, forward: (parameters, x) ─► y} */
export function modelOf(config) {
  const shapes = new Map();
  const forward = MODELS[config.model](layersOf(shapes), config);
  return { shapes, forward };
}

const chain =
  (...layers) =>
  (p, x) =>
    layers.reduce((h, layer) => layer(p, h), x);

const relu = (_, x) => nn.relu(x);
const relu6 = (_, x) => nn.relu6(x);
const tanh = (_, x) => np.tanh(x);
const flatten = (_, x) => x.reshape([x.shape[0], -1]);
const maxPool = (_, x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
const avgPool = (_, x) => lax.reduceWindow(x, np.mean, [2, 2], [2, 2]);
const globalPool = (_, x) => np.mean(x, [2, 3]); // (N, C, H, W) ─► (N, C)

/** The layers that have parameters. */
function layersOf(shapes) {
  const add = (name, shape) => {
    shapes.set(name, shape);
    return name;
  };

  /** JAX's own layout: (in, out). */
  const linear = (name, inputs, outputs) => {
    const [weight, bias] = [add(`${name}.weight`, [outputs, inputs]), add(`${name}.bias`, [outputs])];
    return (p, x) => np.matmul(x, p[weight]).add(p[bias]);
  };

  const conv = (name, inputs, outputs, kernel, { stride = 1, groups = 1 } = {}) => {
    const weight = add(`${name}.weight`, [outputs, inputs / groups, kernel, kernel]);
    const pad = [(kernel - 1) / 2, (kernel - 1) / 2];
    const options = { featureGroupCount: groups };
    return (p, x) => lax.convGeneralDilated(x, p[weight], [stride, stride], [pad, pad], options);
  };

  /** A bias for each channel of what `layer` gives. */
  const biased = (name, outputs, layer) => {
    const bias = add(`${name}.bias`, [outputs]);
    return (p, x) => layer(p, x).add(p[bias].reshape([outputs, 1, 1]));
  };

  /** 2x2 for each pixel: (N, inputs, H, W) ─► (N, outputs, 2H, 2W) */
  const transposed = (name, inputs, outputs) => {
    const weight = add(`${name}.weight`, [inputs, outputs, 2, 2]);
    const layer = (p, x) => lax.convTranspose(x, p[weight], [2, 2], "VALID", { transposeKernel: true });
    return biased(name, outputs, layer);
  };

  const norm = (name, channels) => {
    const [weight, bias] = [add(`${name}.weight`, [channels]), add(`${name}.bias`, [channels])];
    const mean = (x) => np.mean(x, [0, 2, 3], { keepdims: true }); // (1, C, 1, 1)
    return (p, x) => {
      const centred = x.ref.sub(mean(x));
      const deviation = np.sqrt(mean(np.square(centred.ref)).add(1e-5));
      const scale = np.trueDivide(p[weight].reshape([1, channels, 1, 1]), deviation);
      return centred.mul(scale).add(p[bias].reshape([channels, 1, 1]));
    };
  };

  const convNorm = (name, inputs, outputs, kernel, options) =>
    chain(conv(`${name}.0`, inputs, outputs, kernel, options), norm(`${name}.1`, outputs));

  return { linear, conv, biased, transposed, norm, convNorm };
}

const MODELS = { stack, resnet, mobilenet, densenet, unet };

function stack({ linear, conv, biased }, { layers }) {
  const plain = { relu, tanh, flatten, pool: maxPool };
  return chain(
    ...layers.map(({ type, in: inputs, out: outputs }, index) => {
      if (type === "linear") return linear(index, inputs, outputs);
      if (type === "conv") return biased(index, outputs, conv(index, inputs, outputs, 3));
      return plain[type];
    }),
  );
}

function resnet({ linear, conv, norm, convNorm }, { widths, blocks, classes }) {
  const block = (name, inputs, outputs, stride) => {
    const first = chain(conv(`${name}.conv1`, inputs, outputs, 3, { stride }), norm(`${name}.bn1`, outputs), relu);
    const branch = chain(first, conv(`${name}.conv2`, outputs, outputs, 3), norm(`${name}.bn2`, outputs));
    const down = inputs === outputs ? (_, x) => x : convNorm(`${name}.down`, inputs, outputs, 1, { stride });
    return (p, x) => nn.relu(branch(p, x.ref).add(down(p, x)));
  };
  const layers = [conv("conv1", 3, widths[0], 3), norm("bn1", widths[0]), relu];
  widths.forEach((width, stage) => {
    for (let i = 0; i < blocks; i++) {
      const first = i === 0 && stage > 0;
      const name = `layers.${stage * blocks + i}`;
      layers.push(block(name, first ? widths[stage - 1] : width, width, first ? 2 : 1));
    }
  });
  return chain(...layers, globalPool, linear("fc", widths.at(-1), classes));
}

function mobilenet({ linear, conv, norm, convNorm }, { stages, classes }) {
  const block = (name, inputs, outputs, stride, expansion) => {
    const hidden = inputs * expansion;
    const layers = expansion > 1 ? [chain(convNorm(`${name}.0`, inputs, hidden, 1), relu6)] : [];
    const next = () => `${name}.${layers.length}`;
    layers.push(chain(convNorm(next(), hidden, hidden, 3, { stride, groups: hidden }), relu6));
    layers.push(conv(next(), hidden, outputs, 1));
    layers.push(norm(next(), outputs));
    const branch = chain(...layers);
    return stride === 1 && inputs === outputs ? (p, x) => branch(p, x.ref).add(x) : branch;
  };
  let inputs = 32;
  const features = [chain(convNorm("features.0", 3, inputs, 3), relu6)];
  for (const [expansion, outputs, blocks, stride] of stages) {
    for (let i = 0; i < blocks; i++) {
      features.push(block(`features.${features.length}.conv`, inputs, outputs, i === 0 ? stride : 1, expansion));
      inputs = outputs;
    }
  }
  const last = chain(convNorm(`features.${features.length}`, inputs, 1280, 1), relu6);
  return chain(...features, last, globalPool, linear("classifier.1", 1280, classes));
}

function densenet({ linear, conv, norm }, { growth, layers, blocks, classes }) {
  let channels = 2 * growth;
  const dense = (name) => {
    const narrow = chain(norm(`${name}.norm1`, channels), relu, conv(`${name}.conv1`, channels, 4 * growth, 1));
    const layer = chain(narrow, norm(`${name}.norm2`, 4 * growth), relu, conv(`${name}.conv2`, 4 * growth, growth, 3));
    channels += growth;
    return (p, x) => np.concatenate([x.ref, layer(p, x)], 1);
  };
  const features = [conv("features.conv0", 3, channels, 3)];
  for (let b = 1; b <= blocks; b++) {
    for (let i = 1; i <= layers; i++) features.push(dense(`features.denseblock${b}.denselayer${i}`));
    if (b === blocks) break;
    const half = Math.floor(channels / 2);
    const name = `features.transition${b}`;
    features.push(norm(`${name}.norm`, channels), relu, conv(`${name}.conv`, channels, half, 1), avgPool);
    channels = half;
  }
  return chain(
    ...features,
    norm("features.norm5", channels),
    relu,
    globalPool,
    linear("classifier", channels, classes),
  );
}

function unet({ conv, biased, transposed, convNorm }, { channels, width, depth, classes }) {
  const two = (name, inputs, outputs) =>
    chain(convNorm(`${name}.0`, inputs, outputs, 3), relu, convNorm(`${name}.1`, outputs, outputs, 3), relu);
  const widths = Array.from({ length: depth }, (_, i) => width * 2 ** i);
  const first = two("inc", channels, width);
  const down = widths.map((inputs, i) => chain(maxPool, two(`down.${i}.conv`, inputs, 2 * inputs)));
  const up = widths.toReversed().map((outputs, i) => {
    const larger = transposed(`up.${i}.up`, 2 * outputs, outputs);
    const both = two(`up.${i}.conv`, 2 * outputs, outputs);
    return (p, x, skip) => both(p, np.concatenate([skip, larger(p, x)], 1));
  });
  const last = biased("outc", classes, conv("outc", width, classes, 1));
  return (p, x) => {
    const seen = [];
    x = first(p, x);
    for (const layer of down) {
      seen.push(x.ref);
      x = layer(p, x);
    }
    for (const layer of up) x = layer(p, x, seen.pop());
    return last(p, x);
  };
}
