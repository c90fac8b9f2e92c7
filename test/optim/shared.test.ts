/** What every optimizer can do: closures, schedules of its settings, L1, constraints, settings that are words. */

import { describe, expect, test } from "vitest";
import { Adam, maxNorm, nonNegative, type Optimizer, SGD, unitNorm } from "../../src/optim/index.ts";
import { compile, Parameter, type Tensor, tensor } from "../../src/tensor/index.ts";

/** One step on Σ (p − 3)². */
function descend(ps: readonly Parameter[], optimizer: Optimizer): Tensor {
  const loss = optimizer.step(() => {
    const loss = ps.map((p) => p.sub(3).square().sum()).reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  });
  optimizer.zeroGrad();
  return loss;
}

test("a closure computes the gradients, and its loss is returned", async () => {
  const p = new Parameter(tensor([1]));
  const optimizer = new SGD([p], { lr: 0.5 });
  const step = compile(() => descend([p], optimizer));
  expect(await step().item()).toBe(4);
  expect(await p.item()).toBe(3);
  expect(optimizer.step()).toBeUndefined();
});

describe("a scheduled setting", () => {
  const begin = (): Parameter[] => [
    new Parameter(tensor([1, -2, 0.3])),
    new Parameter(tensor(0.7)), // without dimensions
    new Parameter(tensor([[0.1]], { dtype: "f64" })),
  ];
  const MAKE: readonly [string, number, (ps: Parameter[]) => Optimizer][] = [
    ["SGD", 1, (ps) => new SGD(ps, { lr: 0.05, momentum: 0.9 })],
    ["SGD that gets its velocity in the first step", 2, (ps) => new SGD(ps, { lr: 0.05 })],
    ["SGD, averaged", 1, (ps) => new SGD(ps, { lr: 0.05, momentum: 0.9, form: "averaged" })],
    ["Adam", 1, (ps) => new Adam(ps, { lr: 0.05 })],
  ];

  test.each(MAKE)("%s: gives the bits of a constant, in %d traces", async (_, once, make) => {
    const [constant, scheduled, eager] = [begin(), begin(), begin()];
    const optimizers = [constant, scheduled, eager].map(make);
    const set = (optimizer: Optimizer, i: number, schedule: boolean) => {
      const [group] = optimizer.groups;
      const momentum = 0.95 - 0.01 * i;
      const [name, value] =
        "momentum" in group.settings ? (["momentum", momentum] as const) : (["betas", [momentum, 0.99]] as const);
      if (schedule) group.schedule(name, value);
      else group.settings = { ...group.settings, [name]: value };
    };
    const traces = [0, 0];
    const [plain, moving] = [constant, scheduled].map((ps, k) =>
      compile(() => {
        traces[k]++;
        descend(ps, optimizers[k]);
      }),
    );
    for (let i = 0; i < 5; i++) {
      set(optimizers[0], i, false);
      set(optimizers[1], i, true);
      set(optimizers[2], i, true);
      plain();
      moving();
      descend(eager, optimizers[2]);
    }
    for (const ps of [scheduled, eager]) {
      for (const [i, p] of ps.entries()) expect([...(await p.data())]).toEqual([...(await constant[i].data())]);
    }
    expect(traces).toEqual([5, once]);
    const [a, b] = optimizers.map((optimizer) => optimizer.stateDict());
    for (const name of Object.keys(a)) expect(await b[name].data(), name).toEqual(await a[name].data());
  });

  test("is saved and loaded as what it is now", async () => {
    const save = () => {
      const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 0.1, momentum: 0.9 });
      optimizer.groups[0].schedule("momentum", 0.5);
      return optimizer.stateDict();
    };
    const p = new Parameter(tensor([1]));
    const resumed = new SGD([p], { lr: 0.1, momentum: 0.9 });
    resumed.groups[0].schedule("momentum", 0.8);
    resumed.loadStateDict(save());
    expect(resumed.groups[0].settings.momentum).toBe(0.5);
    descend([p], resumed); // p = 1 + 0.4
    descend([p], resumed); // v = 0.5 · -4 - 3.2
    expect(await p.item()).toBeCloseTo(1.4 + 0.52, 6);
  });

  test("must be one that the optimizer has", () => {
    const optimizer: Optimizer = new Adam([new Parameter(tensor([1]))]);
    expect(() => optimizer.groups[0].schedule("momentum", 0.5)).toThrow("schedule: this optimizer has no momentum.");
  });
});

test("words among the settings are saved and loaded", async () => {
  const make = (form: "averaged" | "velocity") =>
    new SGD([new Parameter(tensor([1]))], { lr: 0.1, momentum: 0.9, form });
  const state = make("averaged").stateDict();
  expect(state["param_groups.0.form"].dtype).toBe("u8");
  const other = make("velocity");
  other.loadStateDict(state);
  expect(other.groups[0].settings.form).toBe("averaged");
});

test("maximize climbs", async () => {
  const p = new Parameter(tensor([1]));
  const optimizer = new SGD([p], { lr: 0.25, maximize: true });
  descend([p], optimizer);
  expect(await p.item()).toBe(0);
});

test("l1 shrinks by lr·λ and stops at exactly 0", async () => {
  const p = new Parameter(tensor([1, -1, 0.05, -0.05, 0.1, 0, Number.NaN], { dtype: "f64" }));
  const optimizer = new SGD([p], { lr: 0.1, l1: 1 });
  p.mul(0).sum().backward();
  optimizer.step();
  expect(await p.array()).toEqual([0.9, -0.9, 0, 0, 0, 0, Number.NaN]);
});

test("l1 finds the weights that are needed, the others are 0", async () => {
  // ½·Σ (w − b)² + λ·Σ|w| has its minimum at b, nearer to 0 by λ.
  const b = [2, -1.5, 0.3, -0.4, 0];
  const w = new Parameter(tensor([1, 1, 1, 1, 1], { dtype: "f64" }));
  const optimizer = new SGD([w], { lr: 0.5, l1: 0.5 });
  const step = compile(() => {
    w.sub(tensor(b, { dtype: "f64" }))
      .square()
      .sum()
      .mul(0.5)
      .backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let i = 0; i < 60; i++) step();
  const found = await w.data();
  [1.5, -1, 0, 0, 0].forEach((want, i) => {
    expect(found[i]).toBeCloseTo(want, 12);
  });
  expect([...found].slice(2)).toEqual([0, 0, 0]);
});

test("l1 is a setting of a group", async () => {
  const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor(1))];
  const optimizer = new SGD([{ params: [a] }, { params: [b], l1: 4 }], { lr: 0.25 });
  a.mul(0).add(b.mul(0)).sum().backward();
  optimizer.step();
  expect([await a.item(), await b.item()]).toEqual([1, 0]);
  expect(() => new SGD([{ params: [a], l1: -1 }], { lr: 1 })).toThrow("l1 must be at least 0, but is -1.");
});

describe("constraints", () => {
  test("hold after each step, compiled or not", async () => {
    const w = new Parameter(tensor([[3, 4], [0.3, 0.4]], { dtype: "f64" })); // biome-ignore format: a matrix
    const b = new Parameter(tensor([-2, 5], { dtype: "f64" }));
    const groups = [
      { params: [w], constraint: maxNorm(1) },
      { params: [b], constraint: nonNegative() },
    ];
    const optimizer = new SGD(groups, { lr: 0.1 });
    const step = compile(() => {
      w.mul(0).sum().add(b.sum()).backward();
      optimizer.step();
      optimizer.zeroGrad();
    });
    step();
    expect(await w.array()).toEqual([
      [0.6, 0.8],
      [0.3, 0.4],
    ]);
    expect(await b.array()).toEqual([0, 4.9]);
    expect(Object.keys(optimizer.stateDict()).some((name) => name.includes("constraint"))).toBe(false);
    optimizer.loadStateDict(optimizer.stateDict());
    expect(optimizer.groups[0].settings.constraint).toBeDefined();
  });

  test("norms run over all but the first dimension, over a vector, or over what is asked for", async () => {
    const w = tensor([[3, 0], [4, 0]], { dtype: "f64" }); // biome-ignore format: a matrix
    expect(await unitNorm()(w).array()).toEqual([[1, 0], [1, 0]]); // biome-ignore format: a matrix
    expect(await unitNorm({ dim: 0 })(w).array()).toEqual([[0.6, 0], [0.8, 0]]); // biome-ignore format: a matrix
    expect(await unitNorm()(tensor([3, 4], { dtype: "f64" })).array()).toEqual([0.6, 0.8]);
    expect(await maxNorm(10)(w).array()).toEqual(await w.array());
    expect(await maxNorm(2.5, { dim: [0, 1] })(w).array()).toEqual([[1.5, 0], [2, 0]]); // biome-ignore format: a matrix
    expect(() => maxNorm(0)).toThrow("maxNorm: max must be greater than 0, but is 0.");
  });
});

test("a state dict with a setting out of its domain changes nothing", async () => {
  const p = new Parameter(tensor([1]));
  const optimizer = new Adam([{ params: [p] }, { params: [new Parameter(tensor([2]))], lr: 0.5 }], { lr: 0.1 });
  descend([p], optimizer);
  const state = optimizer.stateDict();
  const before = await Promise.all(Object.values(state).map((x) => x.array()));
  const moved = Object.fromEntries(Object.entries(state).map(([name, x]) => [name, x.dtype === "u8" ? x : x.mul(2)]));
  const spoiled: Record<string, Tensor> = {
    ...moved,
    "param_groups.0.betas": state["param_groups.0.betas"],
    "param_groups.1.eps": tensor(-1),
  };
  expect(() => optimizer.loadStateDict(spoiled)).toThrow(/^The state dict does not fit Adam: .*betas/);
  spoiled["param_groups.1.betas"] = state["param_groups.1.betas"];
  expect(() => optimizer.loadStateDict(spoiled)).toThrow(/^The state dict does not fit Adam: .*eps/);
  expect(await Promise.all(Object.values(optimizer.stateDict()).map((x) => x.array()))).toEqual(before);
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.1, 0.5]);
});
