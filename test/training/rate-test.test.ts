import { describe, expect, test } from "vitest";
import { BatchNorm1d, Linear, Module } from "../../src/nn/index.ts";
import { Adam, OneCycleLR, type Optimizer, SGD } from "../../src/optim/index.ts";
import {
  ArgumentError,
  compile,
  defaultGenerator,
  manualSeed,
  Parameter,
  rand,
  randn,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { learningRateRangeTest, type RateTestOptions } from "../../src/train/index.ts";

/** ½ Σ Lᵢ·wᵢ², on which gradient descent diverges at rates above 2 / max L. */
class Quadratic extends Module {
  readonly weight: Parameter;
  readonly curvature: Tensor;

  constructor(curvature: number[]) {
    super();
    this.curvature = tensor(curvature, { dtype: "f64" });
    this.weight = new Parameter(
      tensor(
        curvature.map(() => 1),
        { dtype: "f64" },
      ),
    );
  }

  override forward(): Tensor {
    return this.weight.square().mul(this.curvature).sum().mul(0.5);
  }
}

const sgd = (model: Module, lr = 0.5): Optimizer => new SGD(model.parameters(), { lr });

/** One step down what `loss` gives. */
const descending = (optimizer: Optimizer, loss: () => Tensor) =>
  compile(() => {
    const value = loss();
    value.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  });

describe("a quadratic", () => {
  test.each([0.01, 0.5, 1, 20, 1e4])("of curvature %d: the test stops beyond 2 / L and suggests less", async (L) => {
    const model = new Quadratic([L]);
    const optimizer = sgd(model);
    const step = descending(optimizer, () => model.forward());
    const { rates, losses, smoothed, suggestion } = await learningRateRangeTest(step, model, optimizer, {
      minLr: 1e-6 / L,
      maxLr: 100 / L,
    });
    expect(rates[0]).toBeCloseTo(1e-6 / L, 12);
    expect(rates.length).toBeLessThan(100);
    expect(losses).toHaveLength(rates.length);
    expect(smoothed).toHaveLength(rates.length);
    expect(rates.at(-1)).toBeGreaterThan(2 / L);
    expect(suggestion).toBeGreaterThan(0.01 / L);
    expect(suggestion).toBeLessThan(1 / L);
  });

  test("of two curvatures: the greater one decides", async () => {
    const model = new Quadratic([100, 1]);
    const optimizer = sgd(model);
    const { rates, suggestion } = await learningRateRangeTest(
      descending(optimizer, () => model.forward()),
      model,
      optimizer,
    );
    expect(rates.at(-1)).toBeGreaterThan(2 / 100);
    expect(suggestion).toBeGreaterThan(0.01 / 100);
    expect(suggestion).toBeLessThan(1 / 100);
  });

  test("with a constant below zero: the sign of the loss does not matter", async () => {
    const model = new Quadratic([1]);
    const optimizer = sgd(model);
    const test = (constant: number) =>
      learningRateRangeTest(
        descending(optimizer, () => model.forward().add(constant)),
        model,
        optimizer,
      );
    const [above, below] = [await test(0), await test(-5)];
    expect(below.suggestion).toBeCloseTo(above.suggestion!, 12);
  });

  test("with noise", async () => {
    const model = new Quadratic([1]);
    const optimizer = sgd(model);
    const step = descending(optimizer, () => model.forward().add(randn([]).mul(0.03)));
    const { suggestion } = await learningRateRangeTest(step, model, optimizer);
    expect(suggestion).toBeGreaterThan(0.01);
    expect(suggestion).toBeLessThan(1);
  });

  test("with Adam, whose steps are as long as the rate", async () => {
    const model = new Quadratic([1e4]);
    const optimizer = new Adam(model.parameters());
    const { suggestion } = await learningRateRangeTest(
      descending(optimizer, () => model.forward()),
      model,
      optimizer,
    );
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(0.5);
  });
});

describe("no suggestion", () => {
  const testOf = async (loss: (model: Quadratic) => Tensor, options: RateTestOptions = {}) => {
    const model = new Quadratic([1]);
    const optimizer = sgd(model);
    return learningRateRangeTest(
      descending(optimizer, () => loss(model)),
      model,
      optimizer,
      options,
    );
  };

  test("where the loss is constant", async () => {
    const { rates, suggestion, reason } = await testOf((model) => model.weight.mul(0).sum().add(1));
    expect(rates).toHaveLength(100);
    expect([suggestion, reason]).toEqual([
      undefined,
      "the loss never falls below its first values: it is flat, or minLr is too great",
    ]);
  });

  test("where the loss is noise", async () => {
    for (let i = 0; i < 5; i++) {
      const { suggestion } = await testOf((model) => model.weight.mul(0).sum().add(rand([])));
      expect(suggestion).toBeUndefined();
    }
  });

  test("where every rate is too small", async () => {
    const { suggestion, reason } = await testOf((model) => model.forward(), { minLr: 1e-12, maxLr: 1e-9 });
    expect(suggestion).toBeUndefined();
    expect(reason).toMatch(/^the loss is flat: it falls by \S+ and fluctuates by \S+$/);
  });

  test("where the loss still falls at the highest rate", async () => {
    const { suggestion, reason } = await testOf((model) => model.forward(), { minLr: 1e-6, maxLr: 1e-2 });
    expect([suggestion, reason]).toEqual([undefined, "the loss still falls at the highest rate: try a greater maxLr"]);
  });

  test("where it diverges at once", async () => {
    const { rates, suggestion, reason } = await testOf((model) => model.forward(), { minLr: 5, maxLr: 50 });
    expect(rates.length).toBeLessThan(10);
    expect([suggestion, reason]).toEqual([
      undefined,
      `the loss diverges after ${rates.length} steps: try a smaller minLr`,
    ]);
  });

  test("where it is NaN", async () => {
    const { rates, losses, suggestion, reason } = await testOf((model) => model.forward().mul(Number.NaN));
    expect({ rates, losses, suggestion, reason }).toEqual({
      rates: [],
      losses: [],
      suggestion: undefined,
      reason: "the loss is not finite at the lowest rate",
    });
  });
});

describe("afterwards everything is as before", () => {
  /** What a training goes on from. */
  const everything = async (model: Module, optimizer: Optimizer) => {
    const tensors = { ...model.stateDict(), ...optimizer.stateDict(), drawn: rand([3]) };
    const values = await Promise.all(Object.entries(tensors).map(async ([name, x]) => [name, [...(await x.data())]]));
    return [values, model.parameters().map(({ grad }) => grad?.dataSync().join())];
  };

  const training = () => {
    const model = new (class extends Module {
      readonly layer = new Linear(3, 2);
      readonly norm = new BatchNorm1d(2);
      override forward(x: Tensor): Tensor {
        return this.norm.forward(this.layer.forward(x));
      }
    })();
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    let calls = 0;
    const step = () => {
      if (calls++ === 150) throw new Error("enough");
      optimizer.zeroGrad(); // first: the last gradients stay
      const loss = model
        .forward(randn([4, 3]))
        .square()
        .add(randn([4, 2]))
        .sum();
      loss.backward();
      optimizer.step();
      return loss;
    };
    for (let i = 0; i < 3; i++) step();
    return { model, optimizer, step };
  };

  test("model, buffers, optimizer, gradients and random numbers", async () => {
    const [tested, untested] = [0, 1].map(() => {
      manualSeed(0);
      return { ...training(), random: defaultGenerator.state.get() };
    });
    defaultGenerator.state.set(tested.random);
    const test = () => learningRateRangeTest(tested.step, tested.model, tested.optimizer, { steps: 40 });
    expect(await test()).toEqual(await test());
    const found = await everything(tested.model, tested.optimizer);
    defaultGenerator.state.set(untested.random);
    expect(found).toEqual(await everything(untested.model, untested.optimizer));
  });

  test("a momentum that the test has begun", async () => {
    const paths = [false, true].map(async (tested) => {
      const model = new Quadratic([1, 3]);
      const optimizer = sgd(model);
      new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 9 }); // SGD keeps no velocity yet
      const step = descending(optimizer, () => model.forward());
      if (tested) await learningRateRangeTest(step, model, optimizer);
      for (let i = 0; i < 3; i++) step();
      return model.weight.array();
    });
    expect(await paths[1]).toEqual(await paths[0]);
  });

  test("also where the step throws", async () => {
    const { model, optimizer, step } = training();
    await learningRateRangeTest(step, model, optimizer, { steps: 100 });
    const state = { ...model.stateDict(), ...optimizer.stateDict() };
    await expect(learningRateRangeTest(step, model, optimizer)).rejects.toThrow("enough");
    const after = { ...model.stateDict(), ...optimizer.stateDict() };
    for (const [name, x] of Object.entries(state)) expect(await after[name].data(), name).toEqual(await x.data());
  });
});

test("wrong options are refused", async () => {
  const model = new Quadratic([1]);
  const test = (options: RateTestOptions) => learningRateRangeTest(() => model.forward(), model, sgd(model), options);
  await expect(test({ minLr: 0 })).rejects.toThrow(ArgumentError);
  await expect(test({ minLr: 2, maxLr: 1 })).rejects.toThrow("0 < minLr < maxLr is needed, but they are 2 and 1.");
  await expect(test({ steps: 9 })).rejects.toThrow("steps must be a whole number, at least 10, but is 9.");
  await expect(test({ smoothing: 1 })).rejects.toThrow("smoothing must lie in [0, 1), but is 1.");
});
