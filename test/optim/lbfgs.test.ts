import { expect, test } from "vitest";
import { LBFGS, type LBFGSOptions, StepLR } from "../../src/optim/index.ts";
import { compile, ones, Parameter, StateError, type Tensor, tensor, zeros } from "../../src/tensor/index.ts";

/** (1 − x)² + 100·(y − x²)²: a curved valley with its minimum at (1, 1). */
function rosenbrock(x: Parameter, y: Parameter, optimizer: LBFGS): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const loss = x.neg().add(1).square().add(y.sub(x.square()).square().mul(100)).sum();
    loss.backward();
    return loss;
  };
}

const start = (): Parameter[] => [-1.5, 2].map((value) => new Parameter(tensor([value], { dtype: "f64" })));
const values = (params: readonly Parameter[]): Promise<number[]> => Promise.all(params.map((p) => p.item()));

test.each([
  ["fixed steps", { lr: 0.5, maxIter: 200 }],
  ["a line search", { lineSearchFn: "strongWolfe", maxIter: 100 }],
] satisfies [string, LBFGSOptions][])("finds the end of a curved valley with %s", async (_, options) => {
  const params = start();
  const optimizer = new LBFGS(params, options);
  const closure = rosenbrock(params[0], params[1], optimizer);
  const first = await optimizer.step(closure);
  expect(await first.item()).toBeCloseTo(6.25 + 100 * 0.0625, 10); // the loss before the step
  const [x, y] = await values(params);
  expect(x).toBeCloseTo(1, 4);
  expect(y).toBeCloseTo(1, 4);
});

// A loss with near-kinks, where cubics through two trials mislead and trials land near the ends of their brackets.
test.each([
  {
    options: { lr: 10, maxIter: 1, eps: 1e-4, steepness: 100 },
    path: [
      [-0.03661531695490398, 0.9639872374414625, 6],
      [-0.04883373713095895, 0.1358871709620068, 16],
      [-0.04173774312482405, 0.056327730823958436, 20],
      [0.0031670637908968427, 0.05371091727268685, 24],
    ],
  },
  {
    options: { lr: 3, maxIter: 2, eps: 1e-4, steepness: 10 },
    path: [
      [-0.4995720495290359, 0.04686252307559624, 9],
      [-0.056666319415159795, 0.00023702262852900904, 15],
      [0.021327258109670382, 0.014042799131264562, 23],
      [0.0009358270294688351, 0.017141964959060934, 28],
    ],
  },
  {
    options: { lr: 30, maxIter: 1, eps: 1e-3, steepness: 5 },
    path: [
      [-0.20318997353379495, 0.7966599189609022, 3],
      [-0.20611898014443533, 0.02948294920298794, 12],
      [0.00902212528886589, 0.017127284628905875, 17],
      [0.012590070708383083, 0.02782656086764069, 22],
    ],
  },
])("the line search goes PyTorch 2.13's way: $options", async ({ options: { lr, maxIter, eps, steepness }, path }) => {
  const p = new Parameter(tensor([1, 2], { dtype: "f64" }));
  const optimizer = new LBFGS([p], { lr, maxIter, maxEval: 100, lineSearchFn: "strongWolfe" });
  const steep = tensor([1, steepness], { dtype: "f64" });
  let evaluations = 0;
  const closure = (): Tensor => {
    evaluations++;
    optimizer.zeroGrad();
    const size = p.square().add(eps).sqrt().mul(steep.add(1).div(2));
    const loss = size.sub(p.mul(steep.sub(1).div(2))).sum();
    loss.backward();
    return loss;
  };
  for (const [x, y, count] of path) {
    await optimizer.step(closure);
    const [a, b] = await p.data();
    expect(a).toBeCloseTo(x, 9);
    expect(b).toBeCloseTo(y, 9);
    expect(evaluations).toBe(count);
  }
});

test("a quadratic of n dimensions is done in about n line searches", async () => {
  const scales = tensor([1, 2, 5, 10], { dtype: "f64" });
  const p = new Parameter(ones([4], { dtype: "f64" }));
  const optimizer = new LBFGS([p], { lineSearchFn: "strongWolfe" });
  let evaluations = 0;
  await optimizer.step(() => {
    evaluations++;
    optimizer.zeroGrad();
    const loss = p.square().mul(scales).sum();
    loss.backward();
    return loss;
  });
  expect(await p.abs().max().item()).toBeLessThan(1e-5);
  expect(evaluations).toBeLessThan(25);
});

test.each([undefined, "strongWolfe"] as const)("a loaded state goes on bit for bit (%s)", async (lineSearchFn) => {
  const options = { lineSearchFn, maxIter: 3, historySize: 4, lr: 0.5 };
  const params = start();
  const optimizer = new LBFGS(params, options);
  const closure = compile(rosenbrock(params[0], params[1], optimizer));
  for (let i = 0; i < 3; i++) await optimizer.step(closure);
  const copies = params.map((p) => new Parameter(p.detach()));
  const resumed = new LBFGS(copies, { lineSearchFn });
  resumed.loadStateDict(optimizer.stateDict());
  expect(resumed.lr).toBe(0.5);
  expect(resumed.groups[0].settings).toEqual(optimizer.groups[0].settings);
  for (let i = 0; i < 3; i++) {
    await optimizer.step(closure);
    await resumed.step(rosenbrock(copies[0], copies[1], resumed)); // not compiled: the bits are the same
  }
  expect(await values(copies)).toEqual(await values(params));
  const [a, b] = [optimizer.stateDict(), resumed.stateDict()];
  expect(Object.keys(b)).toEqual(Object.keys(a));
  for (const name of Object.keys(a)) expect(await b[name].data(), name).toEqual(await a[name].data());
});

test("the history keeps its size, and no program holds its length", async () => {
  const params = start();
  const optimizer = new LBFGS(params, { maxIter: 12, historySize: 3, lineSearchFn: "strongWolfe" });
  await optimizer.step(rosenbrock(params[0], params[1], optimizer));
  const state = optimizer.stateDict();
  expect(state["state.0.old_dirs"].shape).toEqual([3, 2]);
  expect(await state["state.0.n_iter"].item()).toBe(12);
});

test("a gradient of zeros ends the step at once, without a state", async () => {
  const p = new Parameter(zeros([2]));
  const optimizer = new LBFGS([p]);
  await optimizer.step(() => {
    const loss = p.square().sum();
    loss.backward();
    return loss;
  });
  expect(Object.keys(optimizer.stateDict()).filter((name) => name.startsWith("state"))).toEqual([
    "state.0.func_evals",
    "state.0.n_iter",
  ]);
});

test("parameters without a gradient stay", async () => {
  const [p, idle] = [new Parameter(tensor([1])), new Parameter(tensor([7]))];
  const optimizer = new LBFGS([p, idle]);
  await optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = p.square().sum();
    loss.backward();
    return loss;
  });
  expect(await idle.item()).toBe(7);
  expect(await p.item()).toBeCloseTo(0, 6);
});

test("a schedule moves its rate", async () => {
  const p = new Parameter(tensor([8]));
  const optimizer = new LBFGS([p], { maxIter: 1 });
  const schedule = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  schedule.step();
  expect(optimizer.lr).toBe(0.5);
  await optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = p.square().sum();
    loss.backward();
    return loss;
  });
  expect(await p.item()).toBe(7.5); // 8 − 0.5·min(1, 1/16)·16
});

test("what is wrong is said", async () => {
  const p = new Parameter(ones([2]));
  expect(() => new LBFGS([])).toThrow("LBFGS was given no parameters.");
  expect(() => new LBFGS([p, p])).toThrow("a parameter was given twice.");
  expect(() => new LBFGS([p], { maxIter: 0 })).toThrow("LBFGS: maxIter must be a positive integer, but is 0.");
  expect(() => new LBFGS([p], { historySize: 1.5 })).toThrow("LBFGS: historySize must be a positive integer");
  expect(() => new LBFGS([p], { toleranceGrad: -1 })).toThrow("LBFGS: toleranceGrad must be at least 0");
  const optimizer = new LBFGS([p]);
  const step = compile(() => optimizer.step(() => p.sum()));
  expect(step).toThrow("A compiled function must not be async");
  const { "state.0.n_iter": _, ...rest } = optimizer.stateDict();
  const load = () => optimizer.loadStateDict({ ...rest, "state.0.old_dirs": ones([1, 3]) });
  expect(load).toThrow(StateError);
  expect(load).toThrow(/n_iter is missing.*ro is missing.*old_dirs is \(1, 3\), not \(1, 2\)/);
});
