/** Small models and their training steps, in the words that a user would write. */

import {
  defaultGenerator,
  manualSeed,
  Parameter,
  randint,
  randn,
  scan,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  binaryCrossEntropyWithLogits,
  Conv2d,
  crossEntropy,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  Tanh,
} from "../../src/nn/index.ts";
import { Adam, type Optimizer, SGD } from "../../src/optim/index.ts";

export interface Training {
  /** one step; gives the loss */
  readonly step: (x: Tensor, y: Tensor) => Tensor;
  readonly x: Tensor;
  readonly y: Tensor;
  /** everything that a step changes, as bytes: parameters, buffers, moments, the random counter */
  readonly state: () => Promise<readonly Uint8Array[]>;
}

interface Model extends Module {
  forward(x: Tensor): Tensor;
}

function training(
  model: Model,
  optimizer: Optimizer,
  loss: (output: Tensor, y: Tensor) => Tensor,
  x: Tensor,
  y: Tensor,
): Training {
  const step = (x: Tensor, y: Tensor): Tensor => {
    const value = loss(model.forward(x), y);
    value.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  };
  const state = (): Promise<readonly Uint8Array[]> => {
    const tensors = [
      ...Object.values(model.stateDict()),
      ...Object.values(optimizer.stateDict()),
      defaultGenerator.state.get()!,
    ];
    return Promise.all(tensors.map(async (each) => new Uint8Array((await each.data()).buffer)));
  };
  return { step, x, y, state };
}

/** XOR, by a perceptron 2-16-16-1. */
export function xor(): Training {
  manualSeed(1);
  const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([[0], [1], [1], [0]]);
  return training(model, optimizer, binaryCrossEntropyWithLogits, x, y);
}

/** Pictures of noise: what a convolutional network does, in pieces that are large enough for threads to share. */
export function pictures(): Training {
  manualSeed(2);
  const model = new Sequential(
    new Conv2d(1, 8, 3),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 3, { padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Dropout(0.3),
    new Linear(16 * 13 * 13, 100),
    new Tanh(),
    new Linear(100, 10),
  );
  const optimizer = new Adam(model.parameters(), { lr: 1e-3, weightDecay: 1e-4 });
  return training(model, optimizer, crossEntropy, randn([64, 1, 28, 28]), randint(0, 10, [64]));
}

/** Two convolutions with batch normalisation, and what came in added. */
class Block extends Module {
  readonly first: Sequential;
  readonly second: Sequential;
  readonly down: Sequential;

  constructor(inputs: number, outputs: number) {
    super();
    const conv = (from: number, stride: number) => new Conv2d(from, outputs, 3, { padding: 1, stride, bias: false });
    this.first = new Sequential(conv(inputs, 2), new BatchNorm2d(outputs), new ReLU());
    this.second = new Sequential(conv(outputs, 1), new BatchNorm2d(outputs));
    this.down = new Sequential(new Conv2d(inputs, outputs, 1, { stride: 2, bias: false }), new BatchNorm2d(outputs));
  }

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x)).add(this.down.forward(x)).relu();
  }
}

/** Pictures of noise, by a residual network of one block. */
export function residual(): Training {
  manualSeed(3);
  const model = new Sequential(new Block(3, 12), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(12, 10));
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-4 });
  return training(model, optimizer, crossEntropy, randn([16, 3, 17, 17]), randint(0, 10, [16]));
}

/** One layer of LSTM over characters: (T, B) ─► (T · B, vocabulary). */
class Characters extends Module {
  readonly embed: Embedding;
  readonly inputs: Linear;
  readonly recurrent: Parameter;
  readonly head: Linear;

  constructor(vocabulary: number, embedding: number, hidden: number) {
    super();
    this.embed = new Embedding(vocabulary, embedding);
    this.inputs = new Linear(embedding, 4 * hidden);
    this.recurrent = new Parameter(randn([hidden, 4 * hidden]).mul(0.1));
    this.head = new Linear(hidden, vocabulary);
  }

  forward(x: Tensor): Tensor {
    const start = zeros([x.shape[1], this.recurrent.shape[0]]); // (B, H)
    const step = ([h, c]: readonly [Tensor, Tensor], given: Tensor): [[Tensor, Tensor], Tensor] => {
      const [i, f, g, o] = given.add(h.matmul(this.recurrent)).chunk(4, 1); // (B, H) each
      const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      const output = o.sigmoid().mul(cell.tanh());
      return [[output, cell], output];
    };
    const [, outputs] = scan(step, [start, start], this.inputs.forward(this.embed.forward(x))); // (T, B, H)
    return this.head.forward(outputs).flatten(0, 1);
  }
}

export function characters(): Training {
  manualSeed(4);
  const model = new Characters(30, 20, 33);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  return training(model, optimizer, crossEntropy, randint(0, 30, [12, 9]), randint(0, 30, [12 * 9]));
}
