import { expect, test } from "vitest";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/index.ts";
import {
  compile,
  manualSeed,
  noGrad,
  ones,
  Parameter,
  StateError,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from "../../src/tensor/index.ts";

class Child extends Module {
  parent: Module | undefined;

  override forward(x: Tensor): Tensor {
    return x;
  }
}

class Tied extends Module {
  readonly inputEmbedding = new Linear(3, 4);
  readonly heads = { firstHead: new Linear(4, 2), other: new Linear(4, 2) };
  readonly scales = [new Parameter(ones([1])), new Parameter(ones([2]))];
  readonly runningTotal = new Variable(zeros([2]));
  readonly names = ["not", "state"];
  readonly output: Linear;
  readonly child = new Child();

  constructor() {
    super();
    this.output = this.inputEmbedding;
    this.child.parent = this;
  }

  override forward(x: Tensor): Tensor {
    return this.heads.firstHead.forward(this.inputEmbedding.forward(x));
  }
}

test("fields, arrays and records are found, under PyTorch's spelling", () => {
  const model = new Tied();
  expect(Object.keys(model.stateDict())).toEqual([
    "scales.0",
    "scales.1",
    "running_total",
    "input_embedding.weight",
    "input_embedding.bias",
    "heads.firstHead.weight",
    "heads.firstHead.bias",
    "heads.other.weight",
    "heads.other.bias",
    "output.weight",
    "output.bias",
  ]);
  expect(model.namedParameters().map(([name]) => name)).not.toContain("output.weight");
  expect(model.parameters()).toHaveLength(8);
  expect(model.parameters({ recurse: false })).toEqual(model.scales);
  expect(model.namedBuffers().map(([name]) => name)).toEqual(["running_total"]);
  expect(model.namedModules().map(([name]) => name)).toEqual([
    "",
    "input_embedding",
    "heads.firstHead",
    "heads.other",
    "child",
  ]);
  expect(model.children()).toHaveLength(4);
  expect(`${model}`).toContain("  (child): Child()");
});

test("apply goes from the inside out", () => {
  const seen: string[] = [];
  new Sequential(new Linear(1, 1), new Sequential(new ReLU())).apply((m) => void seen.push(m.constructor.name));
  expect(seen).toEqual(["ReLU", "Sequential", "Linear", "Sequential"]);
});

test("a state dict goes round and keeps the numbers of its time", async () => {
  const make = () => new Sequential(new Conv2d(1, 2, 3), new BatchNorm2d(2), new ReLU());
  const [from, to] = [make(), make()];
  from.forward(ones([2, 1, 5, 5]));
  const state = from.stateDict();
  expect(Object.keys(state)).toEqual([
    "0.weight",
    "0.bias",
    "1.weight",
    "1.bias",
    "1.running_mean",
    "1.running_var",
    "1.num_batches_tracked",
  ]);
  const before = await state["1.running_mean"].array();
  expect(to.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
  from.forward(ones([2, 1, 5, 5]).mul(7));
  expect(await state["1.running_mean"].array()).toEqual(before);
  for (const [name, value] of Object.entries(to.stateDict())) {
    expect(await value.array(), name).toEqual(await state[name].array());
  }
  expect(await to[1].namedBuffers()[2][1].item()).toBe(1);
});

test("a state dict that does not fit changes nothing and is told of in full", async () => {
  const model = new Linear(2, 3);
  const before = await model.weight.array();
  const load = () => model.loadStateDict({ weight: zeros([3, 2]), extra: zeros([1]) });
  expect(load).toThrow(StateError);
  expect(load).toThrow("The state dict does not fit Linear: bias is missing; extra is unexpected.");
  const wrong = { weight: zeros([2, 2]), bias: zeros([3]) };
  expect(() => model.loadStateDict(wrong, { strict: false })).toThrow("weight is (2, 2), not (3, 2).");
  expect(await model.weight.array()).toEqual(before);
  const loose = model.loadStateDict({ weight: zeros([3, 2]), extra: zeros([1]) }, { strict: false });
  expect(loose).toEqual({ missing: ["bias"], unexpected: ["extra"] });
  expect(await model.weight.sum().item()).toBe(0);
});

test("a compiled function follows train and eval", async () => {
  manualSeed(0);
  const model = new Sequential(new BatchNorm1d(2), new Dropout(0.5));
  const traced: boolean[] = [];
  const run = compile((x: Tensor) => {
    traced.push(model.training);
    return noGrad(() => model.forward(x));
  });
  const x = tensor([
    [1, 2],
    [3, 6],
  ]);
  const values = new Set(await run(x).data());
  for (const v of values) expect([0, -2, 2].some((want) => Math.abs(v - want) < 1e-4)).toBe(true);
  run(x);
  model.eval();
  expect((await run(x).data())[0]).toBeCloseTo((1 - 0.38) / Math.sqrt(0.81 + 0.19 * 2), 5);
  model.train();
  run(x);
  expect(traced).toEqual([true, false]);
  expect(await model[0].namedBuffers()[2][1].item()).toBe(3);
});

test("training only a part: the rest has no gradient", () => {
  const model = new Sequential(new Linear(2, 2), new Linear(2, 2));
  model[0].requiresGrad_(false);
  model
    .forward(ones([1, 2]))
    .sum()
    .backward();
  expect(model.parameters().map((p) => p.grad !== undefined)).toEqual([false, false, true, true]);
  model.zeroGrad();
  expect(model.parameters().every((p) => p.grad === undefined)).toBe(true);
});

test("it prints as PyTorch prints it", () => {
  const model = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new Sequential(new ReLU(), new MaxPool2d(2)),
    new Flatten(),
  );
  expect(`${model}`).toBe(`Sequential(
  (0): Conv2d(1, 4, kernelSize=(3, 3), stride=(1, 1), padding=(1, 1))
  (1): Sequential(
    (0): ReLU()
    (1): MaxPool2d(kernelSize=2, stride=2)
  )
  (2): Flatten(start=1, end=-1)
)`);
});

test("the summary counts without computing and leaves the model as it was", () => {
  const model = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new BatchNorm2d(4),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(64, 10),
  );
  model[1].eval();
  const summary = model.summary([2, 1, 8, 8]);
  expect(summary.rows.map(({ output }) => output)).toEqual([
    [2, 10],
    [2, 4, 8, 8],
    [2, 4, 8, 8],
    [2, 4, 4, 4],
    [2, 64],
    [2, 10],
  ]);
  expect(summary.parameters).toBe(40 + 8 + 650);
  expect(summary.trainable).toBe(698);
  expect(summary.multiplyAdds).toBe(2 * (4 * 64 * 9 + 640));
  expect(model.training).toBe(true);
  expect(model[1].training).toBe(false);
  expect(Object.keys(model[0])).not.toContain("forward");
  expect(`${summary}`).toBe(`Layer             Output        Parameters  Multiply-adds  Receptive field  Step
────────────────────────────────────────────────────────────────────────────────
Sequential        (2, 10)                                              all
  0: Conv2d       (2, 4, 8, 8)          40          4,608                3     1
  1: BatchNorm2d  (2, 4, 8, 8)           8                               3     1
  2: MaxPool2d    (2, 4, 4, 4)                                           4     2
  3: Flatten      (2, 64)                                              all
  4: Linear       (2, 10)              650          1,280              all
────────────────────────────────────────────────────────────────────────────────
Total                                  698          5,888`);
  expect(() => model.summary([2, 3, 8, 8])).toThrow("Conv2d");
  expect(Object.keys(model[0])).not.toContain("forward");
});

test("errors name the layer, its weight and the input", () => {
  expect(() => new Linear(784, 10).forward(zeros([32, 100]))).toThrow(
    "In Linear(inFeatures=784, outFeatures=10, bias=true): linear: the input (32, 100) does not end in the 784 features that the weight (out, in) = (10, 784) takes.",
  );
  expect(() => new Conv2d(3, 8, 3).forward(zeros([1, 1, 9, 9]))).toThrow(
    "In Conv2d(3, 8, kernelSize=(3, 3), stride=(1, 1)): conv2d: the input (1, 1, 9, 9) does not fit the weight (8, 3, 3, 3), (out, in / groups, …) with groups=1: it takes 3 channels, but the input has 1.",
  );
  expect(() => new Conv2d(3, 8, 3).forward(zeros([1, 3, 2, 9]))).toThrow(
    "a kernel that spans 3 is larger than the padded size 2",
  );
  expect(() => new Conv2d(3, 8, 3).forward(zeros([9, 9]))).toThrow("needs an input of 4 dimensions, (N, C, S, S)");
  expect(() => new BatchNorm1d(3).forward(zeros([4, 2]))).toThrow("has 2 channels");
  expect(() => new BatchNorm1d(3).forward(zeros([1, 3]))).toThrow("more than one value a channel");
  expect(() => new BatchNorm2d(3).forward(zeros([1, 3]))).toThrow("4 dimensions");
  expect(() => new MaxPool2d(4).forward(zeros([1, 3, 2, 2]))).toThrow("windows of 4 do not fit size 2");
  expect(() => new Conv2d(3, 8, 3, { groups: 2 })).toThrow("3 and 8 channels do not fall into 2 equal groups");
});

test("a failing step leaves the model as it was", async () => {
  const model = new Linear(2, 2);
  const before = await model.weight.array();
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    noGrad(() => model.weight.assign(model.weight.sub(model.weight.grad!)));
    model.zeroGrad();
    return loss;
  });
  expect(() => step(ones([1, 2]), tensor([2], { dtype: "i32" }))).toThrow(expect.objectContaining({ code: "E_INDEX" }));
  expect(await model.weight.array()).toEqual(before);
});
