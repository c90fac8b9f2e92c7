/** chainrule through its public API; the device and the number of threads come from the environment. */
import { compile, tensor } from "../../dist/index.js";
import * as nn from "../../dist/nn/index.js";
import { Adam } from "../../dist/optim/index.js";
import { batches, KERNEL, matrices, parameters } from "../workloads.mjs";

export async function prepare(workload) {
  const about = `${process.env.CHAINRULE_DEVICE}, ${process.env.CHAINRULE_THREADS} thread(s)`;
  return { about, ...(workload.kind === "matmul" ? product(workload) : training(workload)) };
}

function product({ n }) {
  const values = matrices(n);
  const b = tensor(values.b, { shape: [n, n] });
  let c = tensor(values.a, { shape: [n, n] });
  const multiply = compile((x, y) => x.matmul(y));
  return {
    step: () => {
      c = multiply(c, b);
    },
    read: async () => Array.from((await c.data()).subarray(0, 4)),
  };
}

function layerOf(layer) {
  switch (layer.type) {
    case "linear":
      return new nn.Linear(layer.in, layer.out);
    case "conv":
      return new nn.Conv2d(layer.in, layer.out, KERNEL, { padding: 1 });
    case "relu":
      return new nn.ReLU();
    case "tanh":
      return new nn.Tanh();
    case "pool":
      return new nn.MaxPool2d(2);
    default: // flatten
      return new nn.Flatten();
  }
}

function training(workload) {
  const model = new nn.Sequential(...workload.layers.map(layerOf));
  const state = {};
  for (const [index, { shape, weight, bias }] of parameters(workload)) {
    state[`${index}.weight`] = tensor(weight, { shape });
    state[`${index}.bias`] = tensor(bias, { shape: [bias.length] });
  }
  model.loadStateDict(state);

  const optimizer = new Adam(model.parameters(), { lr: workload.lr });
  const criterion = workload.loss === "mse" ? new nn.MSELoss() : new nn.CrossEntropyLoss();
  const train = compile((x, y) => {
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });

  const { batch, input } = workload;
  const data = batches(workload).map(({ x, y }) => ({
    x: tensor(x, { shape: [batch, ...input] }),
    y: tensor(y, { shape: workload.loss === "mse" ? [batch, 1] : [batch] }),
  }));
  let count = 0;
  let loss;
  return {
    step: () => {
      const { x, y } = data[count++ % data.length];
      loss = train(x, y);
    },
    read: async () => Array.from(await loss.data()),
  };
}
