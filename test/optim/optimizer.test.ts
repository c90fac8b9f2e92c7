import { expect, test } from "vitest";
import { Linear } from "../../src/nn/index.ts";
import { Adam, AdamW, type Optimizer, SGD } from "../../src/optim/index.ts";
import { compile, ones, Parameter, StateError, type Tensor, tensor } from "../../src/tensor/index.ts";

const OPTIMIZERS: readonly [string, (params: Parameter[]) => Optimizer][] = [
  ["SGD", (params) => new SGD(params, { lr: 0.1 })],
  ["SGD with momentum", (params) => new SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 })],
  ["Adam", (params) => new Adam(params, { lr: 0.1, amsgrad: true, weightDecay: 0.1 })],
  ["AdamW", (params) => new AdamW(params, { lr: 0.1 })],
];

/** One step on Σ (p − 3)². */
function descend(p: Parameter, optimizer: Optimizer): Tensor {
  const loss = p.sub(3).square().sum();
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return loss;
}

test.each(OPTIMIZERS)("%s: a loaded state goes on bit for bit", async (_, make) => {
  const p = new Parameter(tensor([1, -2, 0.3]));
  const optimizer = make([p]);
  const step = compile(() => descend(p, optimizer));
  for (let i = 0; i < 3; i++) step();
  optimizer.lr = 0.05;
  step();
  const [kept, state] = [p.detach(), optimizer.stateDict()];

  const q = new Parameter(kept);
  const resumed = make([q]);
  resumed.loadStateDict(state);
  expect(resumed.lr).toBe(0.05);
  for (let i = 0; i < 3; i++) {
    step();
    descend(q, resumed);
  }
  expect(await q.data()).toEqual(await p.data());
  const [a, b] = [optimizer.stateDict(), resumed.stateDict()];
  for (const name of Object.keys(a)) expect(await b[name].data(), name).toEqual(await a[name].data());
});

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

// Each parameter must go the way that it goes with an optimizer of its own.
test.each(OPTIMIZERS)("%s: every parameter has its own step count", async (_, make) => {
  const begin = (): Parameter[] => [1, -2, 0.3].map((value) => new Parameter(tensor([value, 1])));
  const [together, alone] = [begin(), begin()];
  const optimizer = make(together);
  const own = alone.map((p) => make([p]));
  const step = compile((which: readonly number[], ps: readonly Parameter[], optimizers: readonly Optimizer[]) => {
    for (const i of which) ps[i].sub(3).square().sum().backward();
    for (const each of optimizers) each.step();
    for (const p of ps) p.grad = undefined;
  });
  const history = [[0, 1, 2], [1], [0, 2], [1, 2], [0, 1, 2]];
  for (const which of history) {
    step(which, together, [optimizer]);
    step(which, alone, own);
  }
  expect(await Promise.all(together.map((p) => p.array()))).toEqual(await Promise.all(alone.map((p) => p.array())));

  // A state with different counts goes on as well, in steps that had been compiled before it was loaded.
  const state = optimizer.stateDict();
  const resumed = begin();
  const other = make(resumed);
  step([0, 1, 2], resumed, [other]);
  other.loadStateDict(state);
  for (const [i, p] of resumed.entries()) p.assign(together[i]);
  for (const which of history) {
    step(which, together, [optimizer]);
    step(which, resumed, [other]);
  }
  expect(await Promise.all(resumed.map((p) => p.array()))).toEqual(await Promise.all(together.map((p) => p.array())));
  const counts = await Promise.all([0, 1, 2].map((i) => other.stateDict()[`state.${i}.step`]?.item()));
  if (counts[0] !== undefined) expect(counts).toEqual([6, 8, 8]);
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
  expect(() => new Adam(params, { betas: [0.9, 1] })).toThrow("betas lie in [0, 1), but are [0.9, 1].");
  expect(() => new SGD([], { lr: 1 })).toThrow("SGD was given no parameters.");
  expect(() => new SGD([...params, ...params], { lr: 1 })).toThrow("a parameter was given twice.");
});
