import { expect, test } from "vitest";
import { Linear } from "../../src/nn/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  NAdam,
  Nesterov,
  type Optimizer,
  RMSprop,
  Rprop,
  SGD,
} from "../../src/optim/index.ts";
import { compile, ones, Parameter, StateError, type Tensor, tensor } from "../../src/tensor/index.ts";

/** One step on Σ (p − 3)². */
function descend(p: Parameter, optimizer: Optimizer): Tensor {
  const loss = p.sub(3).square().sum();
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return loss;
}

test("the state is named as PyTorch names it", () => {
  const layer = new Linear(2, 1);
  expect(Object.keys(new Adam(layer.parameters()).stateDict())).toEqual([
    "state.0.step",
    "state.0.exp_avg",
    "state.0.exp_avg_sq",
    "state.1.step",
    "state.1.exp_avg",
    "state.1.exp_avg_sq",
    "param_groups.0.lr",
    "param_groups.0.betas",
    "param_groups.0.eps",
    "param_groups.0.weight_decay",
    "param_groups.0.amsgrad",
    "param_groups.0.form",
    "param_groups.0.maximize",
    "param_groups.0.l1",
  ]);
});

test("a state that does not fit changes nothing", async () => {
  const optimizer = new SGD([new Parameter(ones([2]))], { lr: 1, momentum: 0.5 });
  const { "param_groups.0.lr": lr, ...rest } = optimizer.stateDict();
  const load = () => optimizer.loadStateDict({ ...rest, "state.0.momentum_buffer": ones([3]), more: lr });
  expect(load).toThrow(StateError);
  expect(load).toThrow(
    "The state dict does not fit SGD: param_groups.0.lr is missing; more is unexpected; state.0.momentum_buffer is (3,), not (2,).",
  );
  expect(await optimizer.stateDict()["state.0.momentum_buffer"].array()).toEqual([0, 0]);
});

test("another learning rate does not trace again, another setting does", async () => {
  const p = new Parameter(tensor([0], { dtype: "f64" }));
  const optimizer = new SGD([p], { lr: 0.5 });
  let traces = 0;
  const step = compile(() => {
    traces++;
    return descend(p, optimizer);
  });
  step();
  expect(await p.item()).toBe(3);
  p.assign(tensor([0]));
  optimizer.lr = 0.25;
  step();
  expect(await p.item()).toBe(1.5);
  expect(traces).toBe(1);
  optimizer.groups[0].settings = { ...optimizer.groups[0].settings, maximize: true };
  step();
  expect(await p.item()).toBe(0.75);
  expect(traces).toBe(2);
});

test("groups have settings of their own", async () => {
  const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor([1]))];
  const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 0.5, weightDecay: 1 }], { lr: 0.1 });
  a.add(b).sum().backward();
  optimizer.step();
  expect(await a.item()).toBeCloseTo(0.9, 6);
  expect(await b.item()).toBe(0);
  optimizer.groups[1].lr = 0.2;
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.1, 0.2]);
  optimizer.lr = 1;
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([1, 1]);
});

test("a parameter without a gradient stays, and so does its step count", async () => {
  const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor([1]))];
  const optimizer = new Adam([a, b], { lr: 0.1, weightDecay: 1 });
  a.sum().backward();
  optimizer.step();
  expect(await b.item()).toBe(1);
  expect(await optimizer.stateDict()["state.0.step"].item()).toBe(1);
  expect(await optimizer.stateDict()["state.1.step"].item()).toBe(0);
});

test("a parameter that is unfrozen later gets its state then", async () => {
  const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor([1]))];
  b.requiresGrad = false;
  const optimizer = new Adam([a, b], { lr: 0.1 });
  expect(Object.keys(optimizer.stateDict())).not.toContain("state.1.step");
  b.requiresGrad = true;
  const step = compile(() => {
    a.add(b).sum().backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  step();
  step();
  expect(await b.item()).toBeCloseTo(0.8, 5);
  const state = optimizer.stateDict();
  expect(await state["state.1.step"].item()).toBe(2);

  b.requiresGrad = false;
  const resumed = new Adam([a, b], { lr: 0.1 });
  resumed.loadStateDict(state);
  expect(Object.keys(resumed.stateDict())).toEqual(Object.keys(state));
});

test("settings out of their domain are refused", () => {
  const params = [new Parameter(ones([1]))];
  expect(() => new SGD(params, { lr: -1 })).toThrow("lr must be at least 0, but is -1.");
  expect(() => new SGD(params, { lr: Number.NaN })).toThrow("lr must be at least 0");
  expect(() => new SGD(params, { lr: 1, nesterov: true })).toThrow("nesterov needs a momentum");
  expect(() => new SGD(params, { lr: 1, dampening: 0.1, form: "averaged" })).toThrow(
    'the form "averaged" has no dampening',
  );
  expect(() => new Adam(params, { betas: [0.9, 1] })).toThrow("betas lie in [0, 1), but are [0.9, 1].");
  expect(() => new NAdam(params, { momentumDecay: -1 })).toThrow("NAdam: momentumDecay must be at least 0, but is -1.");
  expect(() => new RMSprop(params, { alpha: -1 })).toThrow("RMSprop: alpha must be at least 0, but is -1.");
  expect(() => new Adagrad(params, { eps: -1 })).toThrow("Adagrad: eps must be at least 0, but is -1.");
  expect(() => new Adadelta(params, { rho: 2 })).toThrow("Adadelta: rho lies in [0, 1], but is 2.");
  expect(() => new Rprop(params, { etas: [1.2, 0.5] })).toThrow(
    "Rprop: etas lie in (0, 1) and above 1, but are [1.2, 0.5].",
  );
  expect(() => new Rprop(params, { stepSizes: [1, 0.5] })).toThrow("Rprop: stepSizes are greater than 0 and ascend");
  expect(() => new Nesterov(params, { lr: 1, momentum: 1 })).toThrow("Nesterov: momentum lies in [0, 1), but is 1.");
  expect(() => new Nesterov(params, { lr: 1 }).step()).toThrow("Nesterov: step needs a closure");
  expect(() => new SGD([], { lr: 1 })).toThrow("SGD was given no parameters.");
  expect(() => new SGD([...params, ...params], { lr: 1 })).toThrow("a parameter was given twice.");
});

test("Nesterov's gradient is taken ahead of the parameters, which stay if it cannot be had", async () => {
  const p = new Parameter(tensor([4], { dtype: "f64" }));
  const optimizer = new Nesterov([p], { lr: 1, momentum: 0.5 });
  const seen: number[] = [];
  const closure = () => {
    optimizer.zeroGrad();
    seen.push(p.itemSync());
    p.sum().backward();
  };
  optimizer.step(closure); // v = 0.5
  optimizer.step(closure); // at 3.5 − 0.25
  expect(seen).toEqual([4, 3.25]);
  expect(await p.item()).toBe(2.75);
  const fail = () => {
    throw new Error("no data");
  };
  expect(() => optimizer.step(fail)).toThrow("no data");
  expect(await p.item()).toBe(2.75);
});

test("Rprop waits, or goes back, where the gradient's sign has changed", async () => {
  for (const [weightBacktracking, want] of [
    [false, [0.5, 1.1, 1.1, 0.8]],
    [true, [0.5, 1.1, 0.5, 0.2]],
  ] as const) {
    const p = new Parameter(tensor([0], { dtype: "f64" }));
    const optimizer = new Rprop([p], { lr: 0.5, weightBacktracking });
    const path: number[] = [];
    for (const slope of [-1, -7, 2, 3]) {
      p.mul(slope).sum().backward();
      optimizer.step();
      optimizer.zeroGrad();
      path.push(p.itemSync());
    }
    want.forEach((value, i) => {
      expect(path[i]).toBeCloseTo(value, 12);
    });
  }
});

test("a centered RMSprop stays finite where the gradient does not vary", async () => {
  const p = new Parameter(tensor([1, 2]));
  const optimizer = new RMSprop([p], { centered: true, alpha: 0.9 });
  const step = compile(() => {
    p.mul(0.1).sum().backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let i = 0; i < 400; i++) step();
  expect((await p.data()).every(Number.isFinite)).toBe(true);
});
