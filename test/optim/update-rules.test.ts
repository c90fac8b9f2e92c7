/** Lion, LAMB, Adafactor and Muon: what golden paths cannot say. */

import { describe, expect, test } from "vitest";
import {
  Adafactor,
  AdamW,
  LAMB,
  Lion,
  Muon,
  MuonAdamW,
  type Optimizer,
  type SharedOptions,
} from "../../src/optim/index.ts";
import { eye, ones, Parameter, type Tensor, tensor, zeros } from "../../src/tensor/index.ts";

const RULES: readonly [string, (params: Parameter[], shared?: SharedOptions) => Optimizer][] = [
  ["Lion", (params, shared) => new Lion(params, { lr: 0.1, weightDecay: 0.1, ...shared })],
  ["LAMB", (params, shared) => new LAMB(params, { lr: 0.1, weightDecay: 0.1, ...shared })],
  ["Adafactor", (params, shared) => new Adafactor(params, { lr: 0.1, weightDecay: 0.1, ...shared })],
  ["Muon", (params, shared) => new Muon(params, { lr: 0.5, adjustLrFn: "matchRmsAdamw", ...shared })],
];

const begin = (): Parameter[] => [
  new Parameter(tensor([[1, -2, 0.3]])),
  new Parameter(
    tensor(
      [
        [0.5, 2],
        [-1, 4],
        [3, 0.1],
      ],
      { dtype: "f64" },
    ),
  ),
];

/** One step on Σ (p − 3)². */
function descend(params: readonly Parameter[], optimizer: Optimizer): Tensor {
  const loss = params.map((p) => p.sub(3).square().sum().to("f64")).reduce((a, b) => a.add(b));
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return loss;
}

describe.each(RULES)("%s", (_, make) => {
  test("comes nearer", async () => {
    const params = begin();
    const optimizer = make(params);
    const first = await descend(params, optimizer).item();
    for (let i = 0; i < 20; i++) descend(params, optimizer);
    expect(await descend(params, optimizer).item()).toBeLessThan(first / 2);
  });

  test("climbs with maximize", async () => {
    const params = begin();
    const optimizer = make(params, { maximize: true });
    const first = await descend(params, optimizer).item();
    expect(await descend(params, optimizer).item()).toBeGreaterThan(first);
  });

  test("stays finite on gradients of zero", async () => {
    const p = new Parameter(zeros([2, 2]));
    const optimizer = make([p]);
    p.mul(0).sum().backward();
    optimizer.step();
    expect(await p.array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

test("groups have betas, decay and lr of their own", async () => {
  const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor([1]))];
  const optimizer = new Lion(
    [
      { params: [a], weightDecay: 0 },
      { params: [b], lr: 0.5 },
    ],
    { lr: 0.25, weightDecay: 1 },
  );
  a.add(b).sum().backward();
  optimizer.step();
  expect(await a.item()).toBe(0.75);
  expect(await b.item()).toBe(0);
});

test("a step of LAMB is lr times as long as the parameter; zeros take Adam's", async () => {
  const [p, q] = [new Parameter(tensor([3, 4])), new Parameter(zeros([2]))];
  const optimizer = new LAMB([p, q], { lr: 0.1, eps: 0 });
  p.mul(tensor([1, 100]))
    .sum()
    .add(q.sum())
    .backward();
  optimizer.step();
  expect(
    await p
      .sub(tensor([3, 4]))
      .norm()
      .item(),
  ).toBeCloseTo(0.5, 6);
  expect(await q.norm().item()).toBeCloseTo(Math.hypot(0.1, 0.1), 6);
});

test("Adafactor keeps a row and a column of a matrix, and the machine epsilon of each dtype", async () => {
  const shapes = [[4, 3], [2, 4, 3], [5], []];
  const params = shapes.map((shape) => new Parameter(ones(shape)));
  const state = new Adafactor(params).stateDict();
  expect(state["state.0.row_var"].shape).toEqual([4, 1]);
  expect(state["state.0.col_var"].shape).toEqual([1, 3]);
  expect(state["state.1.row_var"].shape).toEqual([2, 4, 1]);
  expect(state["state.1.col_var"].shape).toEqual([2, 1, 3]);
  expect(state["state.2.variance"].shape).toEqual([5]);
  expect(state["state.3.variance"].shape).toEqual([]);
  expect(await state["param_groups.0.eps"].array()).toEqual([Number.NaN, 1e-3]);
});

test("Adafactor takes the paper's epsilon in f32, whose square is below the smallest number", async () => {
  const p = new Parameter(tensor([1, 2]));
  const optimizer = new Adafactor([p], { eps: [1e-30, 1e-3], lr: 0.1 });
  p.mul(tensor([0, 1]))
    .sum()
    .backward();
  optimizer.step();
  const [still, moved] = await p.data();
  expect(still).toBe(1);
  expect(moved).toBeLessThan(2);
});

test("a step of Muon is near to an orthogonal matrix", async () => {
  const p = new Parameter(zeros([3, 5], { dtype: "f64" }));
  const optimizer = new Muon([p], { lr: 1, weightDecay: 0, nsSteps: 30, nsCoefficients: [1.875, -1.25, 0.375] });
  const slope = tensor(
    [
      [1, 2, 0, 0, 1],
      [0, 5, 1, -1, 0],
      [3, 0, 0, 2, 0.5],
    ],
    { dtype: "f64" },
  );
  p.mul(slope).sum().backward();
  optimizer.step();
  // These coefficients converge: the step is UVᵀ, whose rows are orthonormal, and lies in the gradient's direction.
  const identity = await p.matmul(p.t()).sub(eye(3)).abs().max().item();
  expect(identity).toBeLessThan(1e-12);
  const inner = p.matmul(slope.t()); // UVᵀ·Gᵀ = UΣUᵀ is symmetric
  expect(await inner.sub(inner.t()).abs().max().item()).toBeLessThan(1e-12);
  expect(await inner.trace().item()).toBeLessThan(0);
});

test("settings out of their domain are refused", () => {
  const matrix = [new Parameter(ones([2, 2]))];
  expect(() => new Lion(matrix, { betas: [0.9, 1] })).toThrow("Lion: betas lie in [0, 1), but are [0.9, 1].");
  expect(() => new LAMB(matrix, { eps: -1 })).toThrow("LAMB: eps must be at least 0, but is -1.");
  expect(() => new Adafactor(matrix, { beta2Decay: 0.1 })).toThrow("beta2Decay must be at most 0, but is 0.1.");
  expect(() => new Adafactor(matrix, { eps: [-1, 0] })).toThrow("Adafactor: eps[0] must be at least 0");
  expect(() => new Adafactor(matrix, { d: 0.5 })).toThrow("Adafactor: d must be at least 1, but is 0.5.");
  expect(() => new Muon(matrix, { nsSteps: 100 })).toThrow("Muon: nsSteps must be an integer from 0 to 99");
  expect(() => new Muon([new Parameter(ones([3]))])).toThrow(
    "Muon updates matrices, but a parameter has shape (3,): give it to another optimizer, AdamW for example.",
  );
});

test("MuonAdamW steps each group as its optimizer does", async () => {
  const begin = () =>
    [
      tensor([
        [1, -2, 0.3],
        [0.5, 2, -1],
      ]),
      tensor([-0.7, 4]),
    ].map((x) => new Parameter(x));
  const [[a, b], [c, d]] = [begin(), begin()];
  const both = new MuonAdamW([
    { params: [a], method: "muon", lr: 0.1 },
    { params: [b], lr: 0.2 },
  ]);
  const alone = [
    new Muon([c], { lr: 0.1, weightDecay: 0.01 }),
    new AdamW([d], { lr: 0.2, betas: [0.9, 0.99], weightDecay: 0.01 }),
  ];
  for (let i = 0; i < 3; i++) {
    for (const p of [a, b, c, d]) p.mul(p).sum().backward();
    for (const optimizer of [both, ...alone]) {
      optimizer.step();
      optimizer.zeroGrad();
    }
  }
  expect(await a.array()).toEqual(await c.array());
  expect(await b.array()).toEqual(await d.array());
});
