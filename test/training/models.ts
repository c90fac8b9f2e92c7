/** Small models and their training steps, in the words that a user would write. */

import { defaultGenerator, manualSeed, randint, randn, type Tensor, tensor } from "../../src/index.ts";
import {
  BatchNorm2d,
  binaryCrossEntropyWithLogits,
  Conv2d,
  crossEntropy,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tanh,
} from "../../src/nn/index.ts";
import { Adam, type Optimizer } from "../../src/optim/index.ts";

export interface Training {
  /** one step; gives the loss */
  readonly step: (x: Tensor, y: Tensor) => Tensor;
  readonly x: Tensor;
  readonly y: Tensor;
  /** everything that a step changes, as bytes: parameters, buffers, moments, the random counter */
  readonly state: () => Promise<readonly Uint8Array[]>;
}

function training(
  model: Sequential,
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
