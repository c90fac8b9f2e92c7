/**
 * jax-js on its wasm backend. An array that is passed on is given away; `.ref` keeps it. Each step is awaited, as its
 * documentation advises: operations that queue up cost it time quadratic in their number (a tiny step takes 0.3 ms
 * awaited, 30 ms after 400 others).
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { batches, initial, matrices, oneHot } from "../workloads.mjs";
import { modelOf } from "./jax-js-models.mjs";

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

function train(workload) {
  const { config, x: input, y: target } = workload;
  const { classes } = target;
  const mse = config.loss === "mse";
  const count = target.shape.reduce((product, size) => product * size, 1);

  const { shapes, forward } = modelOf(config);
  let params = {};
  for (const [name, shape] of shapes) {
    const values = upload(initial(name, shape), shape);
    // JAX's own layout: (in, out)
    params[name] = shape.length === 2 ? np.transpose(values) : values;
  }
  const zeros = () => tree.map((p) => np.zeros(p.shape), params);
  let state = { m: zeros(), v: zeros(), t: np.array(0) };

  const lossOf = (p, x, y) => {
    const out = forward(p, x);
    if (mse) return np.mean(np.square(out.sub(y)));
    return np.sum(nn.logSoftmax(out, 1).mul(y)).mul(-1 / count);
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
    // Classes come second: (N, classes, …)
    y: mse ? upload(y, target.shape) : np.moveaxis(upload(oneHot(y, classes), [...target.shape, classes]), -1, 1),
  }));
  let loss;
  return {
    parameters: tree.leaves(params).reduce((sum, { size }) => sum + size, 0),
    step: async (i) => {
      const { x, y } = data[i % data.length];
      loss?.dispose();
      [params, state, loss] = train(params, state, x.ref, y.ref);
      await blockUntilReady(loss);
    },
    read: async () => Array.from(await loss.ref.data()),
  };
}
