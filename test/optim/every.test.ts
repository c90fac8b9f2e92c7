/** What holds for every optimizer. */

import { expect, test } from "vitest";
import { parseSafetensors, serializeSafetensors } from "../../src/io/index.ts";
import * as optim from "../../src/optim/index.ts";
import { arange, compile, Parameter, setDevice, type Tensor, tensor } from "../../src/tensor/index.ts";

setDevice("wasm"); // test/native/recorded.ts has them run natively

const {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  Lion,
  Muon,
  MuonAdamW,
  NAdam,
  Nesterov,
  Optimizer,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} = optim;

type Groups = readonly { params: readonly Parameter[]; lr?: number; l1?: number }[];

const OPTIMIZERS: readonly [string, (groups: Groups) => optim.Optimizer][] = [
  ["SGD", (groups) => new SGD(groups, { lr: 0.1 })],
  ["SGD, momentum", (groups) => new SGD(groups, { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 })],
  ["SGD, nesterov", (groups) => new SGD(groups, { lr: 0.1, momentum: 0.9, nesterov: true })],
  ["SGD, averaged", (groups) => new SGD(groups, { lr: 0.1, momentum: 0.9, form: "averaged" })],
  ["SGD, velocity", (groups) => new SGD(groups, { lr: 0.1, momentum: 0.9, form: "velocity" })],
  ["Nesterov", (groups) => new Nesterov(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["Rprop", (groups) => new Rprop(groups, { lr: 0.5 })],
  ["Rprop, backtracking", (groups) => new Rprop(groups, { lr: 2, weightBacktracking: true, weightDecay: 0.1 })],
  ["Adagrad", (groups) => new Adagrad(groups, { lr: 0.1, initialAccumulatorValue: 0.1 })],
  ["Adagrad, decay", (groups) => new Adagrad(groups, { lr: 0.1, lrDecay: 0.1, epsInsideRoot: true, weightDecay: 0.1 })],
  ["Adadelta", (groups) => new Adadelta(groups, { lr: 10, weightDecay: 0.1 })],
  ["RMSprop", (groups) => new RMSprop(groups, { lr: 0.1, epsInsideRoot: true, weightDecay: 0.1 })],
  ["RMSprop, centered", (groups) => new RMSprop(groups, { lr: 0.1, momentum: 0.5, centered: true })],
  ["Adam", (groups) => new Adam(groups, { lr: 0.1, amsgrad: true, weightDecay: 0.1 })],
  ["Adam, epsilonHat", (groups) => new Adam(groups, { lr: 0.1, form: "epsilonHat" })],
  ["AdamW", (groups) => new AdamW(groups, { lr: 0.1 })],
  ["Adamax", (groups) => new Adamax(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["NAdam", (groups) => new NAdam(groups, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true })],
  ["RAdam", (groups) => new RAdam(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["Lion", (groups) => new Lion(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["LAMB", (groups) => new LAMB(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["Adafactor", (groups) => new Adafactor(groups, { lr: 0.1, weightDecay: 0.1 })],
  ["MuonAdamW", (groups) => new MuonAdamW(groups, { lr: 0.1 })],
  ["Muon", (groups) => new Muon(groups, { lr: 0.1 })],
];

test("every optimizer is among these", () => {
  const all = Object.entries(optim).flatMap(([name, value]) =>
    typeof value === "function" && value.prototype instanceof Optimizer ? [name] : [],
  );
  expect([...new Set(OPTIMIZERS.map(([name]) => name.split(",")[0]))].sort()).toEqual(all.sort());
});

/** Matrices in both dtypes; beside them, unless matrices are all that is stepped, a vector and a number alone. */
function begin(name: string): Parameter[] {
  const matrices = [tensor([[1, -2, 0.3]]), tensor([[0.5, 2, -1]], { dtype: "f64" })];
  const others = [tensor([-0.7, 4]), tensor(0.2)];
  return [...matrices, ...(name === "Muon" ? [] : others)].map((x) => new Parameter(x));
}

const groupsOf = ([first, ...others]: readonly Parameter[]): Groups => [
  { params: [first], lr: 0.05 },
  { params: others, l1: 0.01 },
];

/** One step on Σ (p − 3)² of some of the parameters. */
function descend(params: readonly Parameter[], optimizers: readonly optim.Optimizer[], which: readonly number[]): void {
  const closure = (): Tensor => {
    for (const p of params) p.grad = undefined;
    const loss = which.map((i) => params[i].sub(3).square().sum().to("f64")).reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  };
  for (const optimizer of optimizers) optimizer.step(closure);
  for (const p of params) p.grad = undefined;
}

const bits = (tensors: readonly Tensor[]): Promise<unknown[]> => Promise.all(tensors.map((x) => x.data()));

test.each(OPTIMIZERS)("%s: compiled, it has the same bits, and goes on with them from a file", async (name, make) => {
  const [eager, compiled] = [begin(name), begin(name)];
  const [a, b] = [make(groupsOf(eager)), make(groupsOf(compiled))];
  const all = [...eager.keys()];
  const step = compile(() => descend(compiled, [b], all));
  for (let i = 0; i < 3; i++) {
    descend(eager, [a], all);
    step();
  }
  b.lr = a.lr = 0.07;
  descend(eager, [a], all);
  step();
  expect(await bits(compiled)).toEqual(await bits(eager));

  const { tensors } = await parseSafetensors(await serializeSafetensors(a.stateDict()));
  const resumed = eager.map((p) => new Parameter(p.detach()));
  const c = make(groupsOf(resumed));
  c.loadStateDict(tensors);
  for (let i = 0; i < 3; i++) {
    descend(resumed, [c], all);
    step();
  }
  expect(await bits(resumed)).toEqual(await bits(compiled));
  const [left, right] = [b.stateDict(), c.stateDict()];
  expect(Object.keys(right)).toEqual(Object.keys(left));
  expect(await bits(Object.values(right))).toEqual(await bits(Object.values(left)));
});

// Each parameter must go the way that it goes with an optimizer of its own.
test.each(OPTIMIZERS)("%s: every parameter has its own step count", async (name, make) => {
  const [together, alone] = [begin(name), begin(name)];
  const optimizer = make([{ params: together }]);
  const own = alone.map((p) => make([{ params: [p] }]));
  const last = together.length - 1;
  const history = [[0, 1, last], [1], [0, last], [1, last]].map((which) => [...new Set(which)]);
  const step = compile((which: readonly number[], ps: readonly Parameter[], optimizers: readonly optim.Optimizer[]) => {
    descend(ps, optimizers, which);
  });
  for (const which of history) {
    step(which, together, [optimizer]);
    for (const i of which) step([0], [alone[i]], [own[i]]);
  }
  expect(await bits(together)).toEqual(await bits(alone));

  // A state with different counts goes on as well, in steps that had been compiled before it was loaded.
  const resumed = begin(name);
  const other = make([{ params: resumed }]);
  step(history[0], resumed, [other]);
  other.loadStateDict(optimizer.stateDict());
  for (const [i, p] of resumed.entries()) p.assign(together[i]);
  for (const which of history) {
    step(which, together, [optimizer]);
    step(which, resumed, [other]);
  }
  expect(await bits(resumed)).toEqual(await bits(together));
});

// zeroGrad at the step's beginning leaves gradients at its end: they are results of the program, and read within it.
test.each(OPTIMIZERS)("%s: compiled, gradients may stay until the next step", async (_, make) => {
  const matrices = () => [arange(16).reshape([2, 8]), arange(6).reshape([3, 2])].map((x) => new Parameter(x.div(16)));
  const [eager, compiled] = [matrices(), matrices()];
  const train = (params: readonly Parameter[], optimizer: optim.Optimizer) => () =>
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = params.map((p) => p.square().sum()).reduce((a, b) => a.add(b));
      loss.backward();
      return loss;
    });
  const step = train(eager, make([{ params: eager }]));
  const fast = compile(train(compiled, make([{ params: compiled }])));
  for (let i = 0; i < 3; i++) {
    step();
    fast();
  }
  const all = (params: readonly Parameter[]) => bits(params.flatMap((p) => [p, p.grad ?? p]));
  expect(await all(compiled)).toEqual(await all(eager));
});
