/**
 * jax-js on its wasm backend. An array that is passed on is given away; `.ref` keeps it. Each step is awaited, as its
 * documentation advises: operations that queue up cost it time quadratic in their number (a tiny step takes 0.3 ms
 * awaited, 30 ms after 400 others).
 */
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { batches, initial, matrices, oneHot, stackShapes } from "../workloads.mjs";

export async function prepare(workload) {
  await init("wasm");
  defaultDevice("wasm");
  // Its threads are Web Workers, which Node does not have.
  const about = `jax-js, ${defaultDevice()}, ${typeof Worker === "undefined" ? "1 thread" : "threads"}`;
  return { about, ...(workload.kind === "matmul" ? product(workload) : train(workload)) };
}

const upload = (values, shape) => np.array(values).reshape(shape);

function product({ n, repeats }) {
  const values = matrices(n);
  const b = upload(values.b, [n, n]);
  const a = upload(values.a, [n, n]);
  const multiply = jit((x, y) => np.matmul(x, y));
  let c;
  return {
    step: async () => {
      c?.dispose();
      c = a.ref;
      for (let i = 0; i < repeats; i++) c = multiply(c, b.ref);
      await blockUntilReady(c);
    },
    read: async () => Array.from((await c.ref.data()).subarray(0, 4)),
  };
}

function forward({ layers }, params, x) {
  return layers.reduce((h, layer, index) => {
    const { weight, bias } = params[index] ?? {};
    switch (layer.type) {
      case "linear":
        return np.matmul(h, weight).add(bias);
      case "conv":
        return lax
          .conv(
            h,
            weight,
            [1, 1],
            [
              [1, 1],
              [1, 1],
            ],
          )
          .add(bias.reshape([layer.out, 1, 1]));
      case "relu":
        return nn.relu(h);
      case "tanh":
        return np.tanh(h);
      case "pool":
        return lax.reduceWindow(h, np.max, [2, 2], [2, 2]);
      default: // flatten
        return h.reshape([h.shape[0], -1]);
    }
  }, x);
}

function train(workload) {
  const { config, x: input, y: target } = workload;
  const mse = config.loss === "mse";

  let params = {};
  for (const [index, { weight: shape, bias }] of stackShapes(config)) {
    // JAX's own layouts: linear (in, out), conv (out, in, kH, kW).
    const kernel = upload(initial(`${index}.weight`, shape), shape);
    const weight = shape.length === 2 ? np.transpose(kernel) : kernel;
    params[index] = { weight, bias: np.array(initial(`${index}.bias`, bias)) };
  }
  const zeros = () => tree.map((p) => np.zeros(p.shape), params);
  let state = { m: zeros(), v: zeros(), t: np.array(0) };

  const lossOf = (p, x, y) => {
    const out = forward(config, p, x);
    if (mse) return np.mean(np.square(out.sub(y)));
    return np.sum(nn.logSoftmax(out, -1).mul(y)).mul(-1 / input.shape[0]);
  };
  const train = jit((p, { m, v, t }, x, y) => {
    const [loss, g] = valueAndGrad(lossOf)(tree.ref(p), x, y);
    t = t.add(1);
    m = tree.map((mi, gi) => mi.mul(0.9).add(gi.ref.mul(0.1)), m, g);
    v = tree.map((vi, gi) => vi.mul(0.999).add(np.square(gi).mul(0.001)), v, g);
    const correction1 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.9))));
    const correction2 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.999))));
    const next = tree.map(
      (pi, mi, vi) => {
        const mHat = np.trueDivide(mi.ref, correction1.ref);
        const vHat = np.trueDivide(vi.ref, correction2.ref);
        return pi.sub(np.trueDivide(mHat, np.sqrt(vHat).add(1e-8)).mul(1e-3));
      },
      p,
      m,
      v,
    );
    correction1.dispose();
    correction2.dispose();
    return [next, { m, v, t }, loss];
  });

  const data = batches(workload).map(({ x, y }) => ({
    x: upload(x, input.shape),
    y: mse ? upload(y, target.shape) : upload(oneHot(y, target.classes), [...target.shape, target.classes]),
  }));
  let loss;
  return {
    step: async (i) => {
      const { x, y } = data[i % data.length];
      loss?.dispose();
      [params, state, loss] = train(params, state, x.ref, y.ref);
      await blockUntilReady(loss);
    },
    read: async () => Array.from(await loss.ref.data()),
  };
}
