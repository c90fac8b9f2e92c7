/** chainrule through its public API; the device and the number of threads come from the environment. */
import { compile, currentDevice, noGrad, Parameter, tensor, Variable, where, zeros } from "../../dist/index.js";
import { layerNorm } from "../../dist/nn/index.js";
import { Adam } from "../../dist/optim/index.js";
import { CharRNN, Dense, GPT, MobileNet, ResNet20, Segmenter, Seq2Seq, Stack } from "../models.mjs";
import { batches, block, initial, matrices, ROW, sample } from "../workloads.mjs";

const KINDS = { train, infer, generate, matmul, memory };

export async function prepare(workload) {
  const job = KINDS[workload.kind](workload);
  return {
    about: `${currentDevice().name}, ${process.env.CHAINRULE_THREADS} thread(s), Node ${process.versions.node}`,
    ...job,
  };
}

const MODELS = {
  stack: Stack,
  resnet: ResNet20,
  mobilenet: MobileNet,
  densenet: Dense,
  unet: Segmenter,
  lstm: CharRNN,
  gru: CharRNN,
  seq2seq: Seq2Seq,
  gpt: GPT,
};

function modelOf(config) {
  const model = new MODELS[config.model](config);
  for (const [name, parameter] of model.namedParameters()) {
    parameter.assign(tensor(initial(name, parameter.shape), { shape: parameter.shape }));
  }
  return model;
}

function train(workload) {
  const model = modelOf(workload.config);
  const optimizer = new Adam(model.parameters());
  const update = compile((x, y) => {
    const loss = model.loss(x, y);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
  const data = batches(workload).map(({ x, y }) => ({
    x: tensor(x, { shape: workload.x.shape }),
    y: tensor(y, { shape: workload.y.shape }),
  }));
  let loss;
  return {
    parameters: model.parameters().reduce((sum, p) => sum + p.numel(), 0),
    step: (i) => {
      const { x, y } = data[i % data.length];
      loss = update(x, y);
    },
    read: async () => [await loss.item()],
  };
}

function infer(workload) {
  const model = modelOf(workload.config).eval();
  const x = tensor(sample(workload.x, 1000), { shape: workload.x.shape });
  const forward = compile((x) => noGrad(() => model.forward(x)));
  let y;
  return {
    step: () => {
      y = forward(x);
    },
    read: async () => Array.from(await y.data()),
  };
}

/** The token, its position and the caches are state of one compiled step; the token is read after each. */
function generate({ config }) {
  const model = modelOf(config).eval();
  const caches = model.caches();
  const token = new Variable(zeros([1], { dtype: "i32" }));
  const position = new Variable(zeros([], { dtype: "i32" }));
  const next = compile(() =>
    noGrad(() => {
      const logits = model.next(token, position, caches); // (vocabulary)
      const best = logits.argmax(0, { keepdim: true }); // (1)
      token.assign(best);
      const after = position.add(1);
      position.assign(where(after.lt(config.context), after, 0));
      return { best, score: logits.max() };
    }),
  );
  let result;
  return {
    step: () => {
      result = next();
      result.best.itemSync();
    },
    read: async () => [await result.best.item(), await result.score.item()],
  };
}

function matmul({ n, repeats }) {
  const [a, b] = Object.values(matrices(n)).map((values) => new Variable(tensor(values, { shape: [n, n] })));
  const product = new Variable(zeros([n, n]));
  const multiply = compile(() => {
    let c = a.matmul(b);
    for (let i = 1; i < repeats; i++) c = c.matmul(b);
    product.assign(c);
  });
  return { step: () => multiply(), read: () => start(product) };
}

const start = async (x) => Array.from(await x.slice("0, :4").data());

function memory({ op, floats }) {
  const rows = floats / ROW;
  const array = (seed) => {
    const values = block(seed);
    const repetitions = floats / values.length;
    const once = tensor(values, { shape: [1, values.length / ROW, ROW] });
    return once.expand([repetitions, values.length / ROW, ROW]).reshape([rows, ROW]);
  };
  if (op === "adam") {
    const parameter = new Parameter(array(1));
    const gradient = new Variable(array(2));
    const optimizer = new Adam([parameter]);
    const update = compile(() => {
      parameter.grad = gradient.detach();
      optimizer.step();
      optimizer.zeroGrad();
    });
    return { step: () => update(), read: () => start(parameter.detach()) };
  }
  const x = new Variable(array(1));
  const bias = tensor(initial("bias", [ROW]));
  const weight = bias.add(1);
  const change = {
    chain: () => x.mul(0.5).add(0.25).relu().square(),
    softmax: () => x.softmax(1),
    layernorm: () => layerNorm(x, [ROW], { weight, bias }),
  }[op];
  const update = compile(() => {
    x.assign(change());
  });
  return { step: () => update(), read: () => start(x) };
}
