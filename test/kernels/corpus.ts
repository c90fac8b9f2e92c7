/** A fixed set of programs, in the words that a user would write: what the compiler makes of them is kept and compared. */

import { cat, noGrad, ones, Parameter, rand, scan, type Tensor, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import {
  avgPool2d,
  BatchNorm2d,
  Conv2d,
  conv2d,
  crossEntropy,
  dropout,
  Linear,
  layerNorm,
  maxPool2d,
  Sequential,
  scaledDotProductAttention,
  Tanh,
} from "../../src/nn/index.ts";
import { Adam, SGD } from "../../src/optim/index.ts";

/** A function to compile, and what to call it with. */
export interface Program {
  readonly f: (...x: Tensor[]) => unknown;
  readonly inputs: readonly Tensor[];
}

const of = (shapes: readonly (readonly number[])[], f: (...x: Tensor[]) => unknown) => (): Program => ({
  f,
  inputs: shapes.map((shape) => zeros(shape)),
});

/** As `of`, with the gradient by every argument. */
const gradients = (shapes: readonly (readonly number[])[], f: (...x: Tensor[]) => Tensor): (() => Program) =>
  of(shapes, (...x) => valueAndGrad(f, { argnums: [...x.keys()] })(...x));

const labels = tensor([1, 0, 2, 1], { dtype: "i32" });

export const CORPUS: Readonly<Record<string, () => Program>> = {
  "elementwise chain": of([[4, 300], [300]], (x, y) => x.mul(y).add(1).relu().sub(x.abs().sqrt())),
  "broadcast of an expensive row": of([[64, 100], [100]], (x, y) => x.add(y.exp())),
  sum: of([[1000, 30]], (x) => [x.sum(), x.sum(0), x.sum(1)]),
  "long sum": of([[3, 100_000]], (x) => x.sum()),
  softmax: of([[32, 100]], (x) => x.softmax(1)),
  "layer norm": gradients([[16, 64], [64], [64]], (x, w, b) => layerNorm(x, [64], { weight: w, bias: b }).sum()),
  "cross-entropy": gradients([[4, 10]], (x) => crossEntropy(x, labels)),
  "batch norm": () => {
    const layer = new BatchNorm2d(3);
    return { f: (x) => layer.forward(x), inputs: [ones([8, 3, 10, 10])] };
  },
  matmul: of(
    [
      [64, 128],
      [128, 96],
    ],
    (a, b) => a.matmul(b),
  ),
  "matmul of a vector": of([[64, 128], [128]], (a, b) => a.matmul(b)),
  "matmul of batches": of(
    [
      [6, 20, 30],
      [6, 30, 10],
    ],
    (a, b) => a.matmul(b),
  ),
  "matmul of transposes, with bias and relu": of([[128, 64], [96, 128], [96]], (a, b, c) =>
    a.t().matmul(b.t()).add(c).relu(),
  ),
  "matmul, long and thin": of(
    [
      [4, 50_000],
      [50_000, 4],
    ],
    (a, b) => a.matmul(b),
  ),
  "matmul in f64": of(
    [
      [8, 8],
      [8, 8],
    ],
    (a, b) => a.to("f64").matmul(b.to("f64")),
  ),
  convolution: () => {
    const layer = new Conv2d(3, 8, 3, { padding: 1 });
    return { f: (x) => layer.forward(x).relu(), inputs: [ones([4, 3, 16, 16])] };
  },
  "convolution, strided, and its gradients": gradients(
    [
      [2, 4, 15, 15],
      [6, 4, 3, 3],
    ],
    (x, w) => conv2d(x, w, undefined, { stride: 2, padding: 1 }).square().sum(),
  ),
  "max pooling and its gradient": gradients([[2, 3, 12, 12]], (x) => maxPool2d(x, 2).square().sum()),
  "average pooling": of([[2, 3, 12, 12]], (x) => avgPool2d(x, 3, { stride: 2, padding: 1 })),
  dropout: of([[100, 100]], (x) => dropout(x, { p: 0.1 })),
  "random numbers": of([], () => rand([1000])),
  "SGD step": () => {
    const w = new Parameter(ones([30]));
    const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
    const f = (): void => {
      w.square().sum().backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
    return { f, inputs: [] };
  },
  "Adam step of several parameters": () => {
    const weights = [[10, 20], [20], [3, 4, 5]].map((shape) => new Parameter(ones(shape)));
    const optimizer = new Adam(weights);
    const f = (): void => {
      for (const w of weights) w.square().sum().backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
    return { f, inputs: [] };
  },
  "training step of a perceptron": () => {
    const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 3));
    const optimizer = new Adam(model.parameters());
    const f = (x: Tensor): Tensor => {
      const loss = crossEntropy(model.forward(x), labels);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    };
    return { f, inputs: [ones([4, 2])] };
  },
  "state that is read after it is assigned": () => {
    const w = new Parameter(ones([10]));
    const f = (): Tensor => {
      noGrad(() => w.assign(w.flip(0).add(w)));
      return w.sum();
    };
    return { f, inputs: [] };
  },
  "recurrent step and its gradient": gradients(
    [
      [7, 4, 5],
      [5, 5],
      [4, 5],
    ],
    (xs, w, h) => {
      const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
        const next = h.matmul(w).add(x).tanh();
        return [next, next];
      };
      return scan(step, h, xs)[1].square().sum();
    },
  ),
  "recurrent gates of many rows": gradients(
    [
      [3, 26, 48],
      [24, 48],
      [26, 24],
    ],
    (xs, w, h) => {
      const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
        const [update, next] = h.matmul(w).add(x).chunk(2, 1); // (26, 24) each
        const now = h.add(update.sigmoid().mul(next.tanh().sub(h)));
        return [now, now];
      };
      return scan(step, h, xs)[1].square().sum();
    },
  ),
  "attention and its gradients": gradients(
    [
      [2, 3, 70, 8],
      [2, 3, 70, 8],
      [2, 3, 70, 8],
    ],
    (q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true }).square().sum(),
  ),
  "attention with dropout, and its gradients": gradients([[2, 3, 70, 8]], (x) =>
    scaledDotProductAttention(x, x, x, { dropoutP: 0.1 }).square().sum(),
  ),
  cumsum: of([[20, 30]], (x) => [x.cumsum(0), x.cumsum(1)]),
  sort: of([[4, 37]], (x) => x.sort(1).values),
  gather: of([[10, 8]], (x) => x.indexSelect(0, labels)),
  "gather's gradient": gradients([[10, 8]], (x) => x.indexSelect(0, labels).square().sum()),
  "scatter add": of(
    [
      [10, 8],
      [4, 8],
    ],
    (x, y) => x.indexAdd(0, labels, y),
  ),
  "views of views": of([[4, 6, 8]], (x) => x.permute([2, 0, 1]).reshape([16, 12]).slice("1:, ::2").flip(1).add(1)),
  "pad and concatenate": of(
    [
      [3, 4],
      [3, 2],
    ],
    (x, y) => cat([x.pad([1, 1]).add(1), y], 1),
  ),
};
