import { expect, test } from "vitest";
import {
  BatchNorm1d,
  Conv2d,
  init,
  Linear,
  Module,
  removeParametrizations,
  Sequential,
  spectralNorm,
  weightNorm,
} from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import {
  ArgumentError,
  compile,
  manualSeed,
  ones,
  Parameter,
  randn,
  StateError,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "f64" });

const START = {
  weight: f64([
    [1, 2, 0],
    [0, -1, 3],
  ]),
  bias: f64([0.5, -0.5]),
};
const INPUT = f64([
  [1, 0, 2],
  [0, 1, -1],
]);

function linear(): Linear {
  const layer = new Linear(3, 2, { dtype: "f64" });
  layer.loadStateDict(START);
  return layer;
}

function trained(layer: Linear, lr: number, compiled: boolean): number[] {
  const optimizer = new SGD(layer.parameters(), { lr });
  const step = () => {
    optimizer.zeroGrad();
    const loss = layer.forward(INPUT).square().sum();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const run = compiled ? compile(step) : step;
  return [0, 1, 2].map(() => run().itemSync());
}

async function expectClose(x: Tensor, wanted: readonly number[]): Promise<void> {
  const values = [...(await x.data())];
  expect(values).toHaveLength(wanted.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i], 9);
}

// torch 2.13: spectral_norm(nn.Linear(3, 2)) with these numbers and _u = (.6, .8), _v = (0, .6, .8); SGD(lr=0.1)
test.each([false, true])("three steps of spectral norm are PyTorch's (compiled: %s)", async (compiled) => {
  const layer = spectralNorm(linear());
  layer.loadStateDict({
    ...layer.stateDict(),
    "parametrizations.weight.0._u": f64([0.6, 0.8]),
    "parametrizations.weight.0._v": f64([0, 0.6, 0.8]),
  });
  const losses = trained(layer, 0.1, compiled);
  [10.005075662727915, 5.963596223810329, 5.125251752927351].forEach((want, i) => {
    expect(losses[i]).toBeCloseTo(want, 9);
  });
  const state = layer.stateDict();
  expect(Object.keys(state)).toEqual([
    "bias",
    "parametrizations.weight.original",
    "parametrizations.weight.0._u",
    "parametrizations.weight.0._v",
  ]);
  await expectClose(state["parametrizations.weight.0._u"], [0.08892570837498454, 0.9960382615090684]);
  await expectClose(
    state["parametrizations.weight.original"],
    [
      0.9579776425596493, 1.8727810055255112, 0.38249175851397277, -0.18519778762849656, -0.6533907565761752,
      3.1896173561458787,
    ],
  );
  layer.eval();
  await expectClose(
    layer.forward(INPUT),
    [0.2260671540458455, 1.5077546845039722, 0.15441049190184003, -1.5833839802585197],
  );
});

// torch 2.13: weight_norm(nn.Linear(3, 2)), SGD(lr=0.05)
test.each([false, true])("three steps of weight norm are PyTorch's (compiled: %s)", async (compiled) => {
  const layer = weightNorm(linear());
  const losses = trained(layer, 0.05, compiled);
  [59, 14.87432837734195, 5.819062430764383].forEach((want, i) => {
    expect(losses[i]).toBeCloseTo(want, 9);
  });
  const state = layer.stateDict();
  expect(Object.keys(state)).toEqual([
    "bias",
    "parametrizations.weight.original0",
    "parametrizations.weight.original1",
  ]);
  await expectClose(state["parametrizations.weight.original0"], [1.5862592224305887, 0.5382695405484771]);
  await expectClose(
    state["parametrizations.weight.original1"],
    [
      0.9947652434117205, 2.0035415494649373, -0.014011062641496748, -0.747712227259795, -1.0278439284539287,
      2.952474286645228,
    ],
  );
});

test("only training iterates, and a compiled step leaves the same bits", async () => {
  const run = async (compiled: boolean) => {
    manualSeed(5);
    const layer = spectralNorm(new Linear(4, 3), { nPowerIterations: 2 });
    const [original] = layer.parameters().filter(({ ndim }) => ndim === 2);
    original.assign(randn([3, 4])); // another matrix than that whose vectors were found
    const x = randn([2, 4]);
    const forward = compiled ? compile((x: Tensor) => layer.forward(x)) : (x: Tensor) => layer.forward(x);
    const seen: number[][] = [];
    for (const mode of [true, true, false, false]) {
      layer.train(mode);
      seen.push([...(await forward(x).data())], [...(await layer.stateDict()["parametrizations.weight.0._u"].data())]);
    }
    return seen;
  };
  const eager = await run(false);
  expect(await run(true)).toEqual(eager);
  expect(eager[7]).toEqual(eager[3]); // u after evaluation
  expect(eager[3]).not.toEqual(eager[1]);
});

test("the largest singular value becomes 1", async () => {
  manualSeed(1);
  const layer = new Linear(6, 4, { dtype: "f64" });
  init.orthogonal(layer.weight);
  layer.weight.assign(f64([[5], [2], [1], [0.5]]).mul(layer.weight)); // singular values 5, 2, 1 and ½
  spectralNorm(layer).eval();
  const gram = layer.weight.matmul(layer.weight.t());
  await expectClose(gram.diagonal(), [1, 4 / 25, 1 / 25, 1 / 100]);
  expect(await spectralNorm(new BatchNorm1d(4)).eval().weight!.norm().item()).toBeCloseTo(1, 6);
});

test("a module made for evaluation stays so", () => {
  const layer = new Linear(3, 2).eval();
  spectralNorm(layer);
  expect(layer.modules().map(({ training }) => training)).toEqual([false, false]);
});

test("what is learned, printed and counted", () => {
  const model = new Sequential(weightNorm(new Conv2d(2, 3, 2)), new Linear(3, 1));
  expect(model.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ["0.bias", [3]],
    ["0.parametrizations.weight.original0", [3, 1, 1, 1]],
    ["0.parametrizations.weight.original1", [3, 2, 2, 2]],
    ["1.weight", [1, 3]],
    ["1.bias", [1]],
  ]);
  expect(`${model[0]}`).toContain("(parametrizations.weight.0): WeightNorm(dim=0)");
  expect(model[0].summary([1, 2, 5, 5]).parameters).toBe(3 + 3 + 24);
  expect(weightNorm(new Linear(3, 2), { dim: null }).stateDict()["parametrizations.weight.original0"].shape).toEqual(
    [],
  );
  expect(weightNorm(new Linear(3, 2), { dim: 1 }).stateDict()["parametrizations.weight.original0"].shape).toEqual([
    1, 3,
  ]);
});

test("fields in camelCase have PyTorch's names, and two may be parametrized", () => {
  class Cell extends Module {
    readonly weightIh = new Parameter(ones([2, 2]));
    readonly weightHh = new Parameter(ones([2, 2]));
    override forward(x: Tensor): Tensor {
      return x.matmul(this.weightIh).matmul(this.weightHh);
    }
  }
  const cell = spectralNorm(weightNorm(new Cell(), { name: "weightIh" }), { name: "weightHh" });
  expect(Object.keys(cell.stateDict())).toEqual([
    "parametrizations.weight_ih.original0",
    "parametrizations.weight_ih.original1",
    "parametrizations.weight_hh.original",
    "parametrizations.weight_hh.0._u",
    "parametrizations.weight_hh.0._v",
  ]);
  removeParametrizations(cell, "weightIh");
  expect(Object.keys(cell.stateDict())).toEqual([
    "weight_ih",
    "parametrizations.weight_hh.original",
    "parametrizations.weight_hh.0._u",
    "parametrizations.weight_hh.0._v",
  ]);
});

test("without its parametrization the weight is a parameter that keeps its value", async () => {
  const layer = spectralNorm(linear());
  layer.eval();
  const value = await layer.weight.data();
  expect(removeParametrizations(layer, "weight")).toBe(layer);
  expect(Object.keys(layer.stateDict())).toEqual(["weight", "bias"]);
  expect(layer.weight).toBeInstanceOf(Parameter);
  expect(await layer.weight.data()).toEqual(value);
  weightNorm(layer); // and may be parametrized again
  expect(layer.parameters()).toHaveLength(3);
});

test("mistakes", () => {
  const layer = weightNorm(new Linear(3, 2));
  expect(() => spectralNorm(layer)).toThrow(StateError);
  expect(() => weightNorm(layer)).toThrow("Linear.weight is parametrized already: call removeParametrizations");
  expect(() => weightNorm(new Linear(3, 2, { bias: false }), { name: "bias" })).toThrow(ArgumentError);
  expect(() => spectralNorm(new Linear(3, 2), { name: "wait" })).toThrow('Linear has no parameter "wait"');
  expect(() => spectralNorm(new Linear(3, 2), { nPowerIterations: 0 })).toThrow("nPowerIterations");
  expect(() => spectralNorm(new Linear(3, 2), { dim: 2 })).toThrow("out of range");
  expect(() => removeParametrizations(new Linear(3, 2), "weight")).toThrow(StateError);
  expect(() => init.ones(layer.weight)).toThrow("initialise before weightNorm");
});
