import { describe, expect, test } from "vitest";
import * as nn from "../../src/nn/index.ts";
import { ACTIVATIONS, activationCurve, type Layer } from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import {
  compile,
  type DType,
  Generator,
  grad,
  manualSeed,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const slopes = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => f(x).sum());

describe("modules", () => {
  const x = randn([4, 6], { generator: new Generator(1) }).mul(3);
  const cases: [Layer, (x: Tensor) => Tensor, string][] = [
    [new nn.Step({ threshold: 1 }), (x) => nn.step(x, { threshold: 1 }), "Step(threshold=1)"],
    [new nn.LinearActivation({ slope: 2 }), (x) => x.mul(2), "LinearActivation(slope=2)"],
    [new nn.Sigmoid(), (x) => x.sigmoid(), "Sigmoid()"],
    [new nn.Sigmoid({ steepness: 2 }), (x) => x.mul(2).sigmoid(), "Sigmoid(steepness=2)"],
    [new nn.Tanh(), (x) => x.tanh(), "Tanh()"],
    [new nn.Tanh({ steepness: 2 }), (x) => x.mul(2).tanh(), "Tanh(steepness=2)"],
    [new nn.Logit({ eps: 0.1 }), (x) => x.logit({ eps: 0.1 }), "Logit(eps=0.1)"],
    [new nn.LogSigmoid(), (x) => x.sigmoid().log(), "LogSigmoid()"],
    [new nn.Hardtanh({ maxVal: 2 }), (x) => x.clamp(-1, 2), "Hardtanh(maxVal=2)"],
    [new nn.Hardsigmoid(), (x) => x.add(3).clamp(0, 6).div(6), "Hardsigmoid()"],
    [new nn.Softsign(), (x) => x.div(x.abs().add(1)), "Softsign()"],
    [new nn.ReLU(), (x) => x.relu(), "ReLU()"],
    [new nn.ReLU6(), (x) => x.clamp(0, 6), "ReLU6()"],
    [new nn.LeakyReLU({ negativeSlope: 0.2 }), (x) => x.maximum(x.mul(0.2)), "LeakyReLU(negativeSlope=0.2)"],
    [new nn.PReLU(), (x) => x.maximum(x.mul(0.25)), "PReLU(numParameters=1)"],
    [new nn.RReLU({ lower: 0.2, upper: 0.4 }).eval(), (x) => x.maximum(x.mul(0.3)), "RReLU(lower=0.2, upper=0.4)"],
    [new nn.ELU({ alpha: 2 }), (x) => nn.elu(x, { alpha: 2 }), "ELU(alpha=2)"],
    [new nn.CELU({ alpha: 2 }), (x) => nn.celu(x, { alpha: 2 }), "CELU(alpha=2)"],
    [new nn.SELU(), (x) => nn.selu(x), "SELU()"],
    [new nn.Softplus({ beta: 2 }), (x) => x.mul(2).exp().log1p().div(2), "Softplus(beta=2)"],
    [new nn.Threshold(1, -3), (x) => nn.threshold(x, 1, -3), "Threshold(threshold=1, value=-3)"],
    [new nn.GELU({ approximate: "tanh" }), (x) => nn.gelu(x, { approximate: "tanh" }), "GELU(approximate=tanh)"],
    [new nn.SiLU({ beta: 2 }), (x) => x.mul(x.mul(2).sigmoid()), "SiLU(beta=2, learned=false)"],
    [new nn.Mish(), (x) => x.mul(x.softplus().tanh()), "Mish()"],
    [new nn.Hardswish(), (x) => x.mul(nn.hardsigmoid(x)), "Hardswish()"],
    [new nn.Tanhshrink(), (x) => x.sub(x.tanh()), "Tanhshrink()"],
    [new nn.Softshrink({ lambd: 1 }), (x) => x.sub(x.clamp(-1, 1)), "Softshrink(lambd=1)"],
    [new nn.Hardshrink({ lambd: 1 }), (x) => x.mul(x.abs().gt(1)), "Hardshrink(lambd=1)"],
    [new nn.GLU({ dim: 0 }), (x) => x.slice("0:2").mul(x.slice("2:4").sigmoid()), "GLU(dim=0)"],
    [new nn.ReGLU(), (x) => x.slice(":, 0:3").mul(x.slice(":, 3:6").relu()), "ReGLU()"],
    [new nn.GEGLU(), (x) => x.slice(":, 0:3").mul(nn.gelu(x.slice(":, 3:6"))), "GEGLU()"],
    [new nn.SwiGLU({ dim: 1 }), (x) => x.slice(":, 0:3").mul(nn.silu(x.slice(":, 3:6"))), "SwiGLU(dim=1)"],
    [new nn.Softmax({ dim: 1 }), (x) => x.softmax(1), "Softmax(dim=1)"],
    [new nn.LogSoftmax({ dim: 0 }), (x) => x.logSoftmax(0), "LogSoftmax(dim=0)"],
    [new nn.Softmin({ dim: 1 }), (x) => x.neg().softmax(1), "Softmin(dim=1)"],
  ];

  test.each(cases.map(([layer, f, text]) => ({ layer, f, text })))("$text", async ({ layer, f, text }) => {
    expect(layer.toString()).toBe(text);
    const [found, wanted] = [layer.forward(x), f(x)];
    expect(found.shape).toEqual(wanted.shape);
    for (const [i, value] of (await numbers(wanted)).entries()) {
      expect((await numbers(found))[i]).toBeCloseTo(value, 5);
    }
  });
});

describe("at the ends of the number line", () => {
  test.each(["f32", "f64"] as const)("nothing overflows and no gradient is NaN, %s", async (dtype: DType) => {
    const ends = tensor([-1e30, 1e30, -1e4, 1e4, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], { dtype });
    for (const [name, f] of Object.entries(ACTIVATIONS)) {
      if (name === "logit") continue; // of numbers between 0 and 1
      expect(f(ends).dtype).toBe(dtype);
      expect(await numbers(f(ends)), name).not.toContain(Number.NaN);
      const gradient = await numbers(slopes(f)(ends));
      expect(gradient.every(Number.isFinite), `${name}: ${gradient}`).toBe(true);
    }
    const tanhForm = (x: Tensor) => nn.gelu(x, { approximate: "tanh" });
    expect(await numbers(slopes(tanhForm)(ends))).toEqual([0, 1, 0, 1, 0, 1]);
  });

  test("what goes to 0 is 0 at −∞, and what goes to x is ∞ at ∞, where PyTorch has NaN", async () => {
    const ends = tensor([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    for (const name of ["gelu", "silu", "mish", "hardswish"]) {
      expect(
        (await numbers(ACTIVATIONS[name](ends))).map((y) => y + 0),
        name,
      ).toEqual([0, Number.POSITIVE_INFINITY]);
      expect(
        (await numbers(slopes(ACTIVATIONS[name])(ends))).map((y) => y + 0),
        name,
      ).toEqual([0, 1]);
    }
    expect(await numbers(nn.softsign(ends))).toEqual([-1, 1]);
    expect(await numbers(nn.swiglu(tensor([3, Number.NEGATIVE_INFINITY])))).toEqual([0]);
  });

  test("second derivatives vanish far out", async () => {
    const ends = tensor([-1e30, 1e30], { dtype: "f64" });
    for (const name of ["gelu", "silu", "mish", "hardswish", "softplus", "tanh", "sigmoid", "softsign"]) {
      const second = slopes(slopes(ACTIVATIONS[name]));
      for (const value of await numbers(second(ends))) expect(Math.abs(value), name).toBeLessThan(1e-60);
    }
  });

  test("NaN stays NaN", async () => {
    for (const [name, f] of Object.entries(ACTIVATIONS)) {
      expect(await numbers(f(tensor([Number.NaN]))), name).toEqual([Number.NaN]);
    }
  });
});

test("compiled, all of them together give the bits that they give one by one", async () => {
  const x = randn([50], { generator: new Generator(2) }).mul(3);
  const all = (x: Tensor) => Object.values(ACTIVATIONS).flatMap((f) => [f(x), slopes(f)(x)]);
  const compiled = compile(all)(x);
  for (const [i, y] of all(x).entries()) expect(await numbers(compiled[i])).toEqual(await numbers(y));
});

test("a step's derivative is 0, and it passes none on", async () => {
  expect(await numbers(slopes(nn.step)(tensor([-1, 0, 1])))).toEqual([0, 0, 0]);
});

describe("rrelu", () => {
  test("draws a slope for each element in training, evenly from [lower, upper)", async () => {
    const x = tensor(new Float32Array(20_000).fill(-1));
    const drawn = (await numbers(nn.rrelu(x, { training: true, generator: new Generator(5) }))).map((y) => -y);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1 / 8);
    expect(Math.max(...drawn)).toBeLessThan(1 / 3);
    const mean = drawn.reduce((sum, a) => sum + a) / drawn.length;
    const variance = drawn.reduce((sum, a) => sum + (a - mean) ** 2, 0) / drawn.length;
    expect(Math.abs(mean - 11 / 48)).toBeLessThan(0.002); // 4.7 standard errors
    expect(variance / ((5 / 24) ** 2 / 12)).toBeCloseTo(1, 1);
    expect(new Set(drawn).size).toBeGreaterThan(19_900);
  });

  test("has the slopes that it drew as derivative, 1 above 0", async () => {
    const f = (x: Tensor) => nn.rrelu(x, { training: true, generator: new Generator(5) });
    const x = tensor([-2, 3, -4]);
    const [y, dy] = [await numbers(f(x)), await numbers(slopes(f)(x))];
    expect(dy[1]).toBe(1);
    expect([y[0] / -2, y[2] / -4]).toEqual([dy[0], dy[2]]);
  });

  test("gives the same for the same seed, compiled or not, and the mean slope in evaluation", async () => {
    const x = randn([30], { generator: new Generator(1) });
    const [a, b] = [new nn.RReLU({ generator: new Generator(9) }), new nn.RReLU({ generator: new Generator(9) })];
    const compiled = compile((x: Tensor) => b.forward(x));
    const [first, second] = [await numbers(a.forward(x)), await numbers(a.forward(x))];
    expect(first).not.toEqual(second);
    expect(await numbers(compiled(x))).toEqual(first);
    expect(await numbers(compiled(x))).toEqual(second);
    b.eval();
    expect(await numbers(compiled(tensor([-48, 1])))).toEqual([-11, 1]);
  });
});

describe("gumbelSoftmax", () => {
  test("falls on each class as often as softmax says", async () => {
    const probabilities = [0.1, 0.2, 0.7];
    const logits = tensor(probabilities).log().expand([20_000, 3]);
    const found = await numbers(nn.gumbelSoftmax(logits, { hard: true, generator: new Generator(3) }).mean(0));
    for (const [i, p] of probabilities.entries()) {
      expect(Math.abs(found[i] - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 20_000));
    }
  });

  test("adds up to 1 along the dimension, the nearer to one-hot the lower τ", async () => {
    const logits = zeros([2, 500]);
    const largest = async (tau: number) => {
      const y = nn.gumbelSoftmax(logits, { tau, dim: 0, generator: new Generator(3) });
      for (const sum of await numbers(y.sum(0))) expect(sum).toBeCloseTo(1, 5);
      return await y.amax(0).mean().item();
    };
    expect(await largest(0.01)).toBeGreaterThan(0.98);
    expect(await largest(100)).toBeLessThan(0.51);
  });

  test("if hard, is one-hot with the gradient of the soft one", async () => {
    const x = randn([4, 3], { generator: new Generator(1) });
    const weights = randn([4, 3], { generator: new Generator(2) });
    const with_ = (hard: boolean, dim: number) => (x: Tensor) =>
      nn.gumbelSoftmax(x, { hard, dim, tau: 0.7, generator: new Generator(4) });
    for (const dim of [0, 1]) {
      const [soft, hard] = [with_(false, dim)(x), with_(true, dim)(x)];
      expect(await hard.array()).toEqual(
        await soft
          .eq(soft.amax(dim, { keepdim: true }))
          .to("f32")
          .array(),
      );
      const gradient = (chosen: boolean) => slopes((x) => with_(chosen, dim)(x).mul(weights))(x);
      expect(await numbers(gradient(true))).toEqual(await numbers(gradient(false)));
    }
  });

  test("gives the same for the same seed, compiled or not", async () => {
    const layer = new nn.GumbelSoftmax({ tau: 0.5 });
    expect(layer.toString()).toBe("GumbelSoftmax(tau=0.5)");
    const x = randn([5, 4], { generator: new Generator(1) });
    const compiled = compile((x: Tensor) => layer.forward(x));
    manualSeed(1);
    const eager = [await numbers(layer.forward(x)), await numbers(layer.forward(x))];
    expect(eager[0]).not.toEqual(eager[1]);
    manualSeed(1);
    expect([await numbers(compiled(x)), await numbers(compiled(x))]).toEqual(eager);
  });
});

describe("what is learned", () => {
  test("PReLU has one weight or one a channel, and learns it", async () => {
    const layer = new nn.PReLU(2, { init: 0.5 });
    const x = tensor([
      [-1, -1],
      [-3, 2],
    ]);
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
    layer.forward(x).sum().backward();
    optimizer.step();
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    const [first, second] = await numbers(layer.weight); // 0.5 − 0.1 · (−1 − 3), 0.5 − 0.1 · (−1)
    expect(first).toBeCloseTo(0.9, 6);
    expect(second).toBeCloseTo(0.6, 6);
  });

  test("Swish's β is a parameter of its module", async () => {
    const layer = new nn.SiLU({ beta: 2, learned: true, dtype: "f64" });
    expect(Object.keys(layer.stateDict())).toEqual(["beta"]);
    layer
      .forward(tensor([1, -1], { dtype: "f64" }))
      .sum()
      .backward();
    const gradient = layer.parameters()[0].grad!; // Σ x²·σ(2x)·(1 − σ(2x))
    expect(await gradient.item()).toBeCloseTo(2 / (Math.exp(1) + Math.exp(-1)) ** 2, 10);
    expect(new nn.SiLU().parameters()).toEqual([]);
  });

  test("two pieces of maxout make |x|", async () => {
    const layer = new nn.Maxout(1, 1, 2);
    layer.loadStateDict({ "linear.weight": tensor([[1], [-1]]), "linear.bias": tensor([0, 0]) });
    expect(await layer.forward(tensor([[-3], [2]])).array()).toEqual([[3], [2]]);
  });
});

describe("errors", () => {
  const x = zeros([2, 3]);
  test.each([
    ["an odd half", () => nn.glu(x), "ShapeError", "glu halves dimension 1 of (2, 3), whose size is odd"],
    ["an odd half in a layer", () => new nn.SwiGLU().forward(x), "ShapeError", "In SwiGLU(): swiglu halves"],
    ["a dimension that is not there", () => nn.reglu(x, 2), "ShapeError", "reglu: dimension 2"],
    ["pieces that do not divide", () => nn.maxout(x, 2), "ShapeError", "dimension 1 of (2, 3) cannot be divided"],
    ["no pieces", () => nn.maxout(x, 0), "ArgumentError", "pieces must be a whole number above 0"],
    ["no units", () => new nn.Maxout(2, 0, 3), "ArgumentError", "outFeatures must be a whole number above 0"],
    ["weights of other channels", () => nn.prelu(x, zeros([2])), "ShapeError", "weights (2,) and an input (2, 3)"],
    ["channels of a vector", () => nn.prelu(zeros([3]), zeros([3])), "ShapeError", "an input (N, C, …)"],
    ["no parameters", () => new nn.PReLU(0), "ArgumentError", "PReLU: numParameters"],
    ["an α of 0", () => nn.celu(x, { alpha: 0 }), "ArgumentError", "celu divides by alpha"],
    ["slopes the wrong way round", () => nn.rrelu(x, { lower: 1, upper: 0 }), "ArgumentError", "swap the bounds"],
    ["a λ below 0", () => nn.softshrink(x, { lambd: -1 }), "ArgumentError", "lambd must be at least 0, but is -1"],
    ["a τ of 0", () => nn.gumbelSoftmax(x, { tau: 0 }), "ArgumentError", "tau must be above 0"],
  ])("%s", (_, f, name, message) => {
    expect(f).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) }));
  });
});

describe("activationCurve", () => {
  // torch.nn.functional in float64, at −2, −1, 0, 1, 2
  const PYTORCH: Record<string, [number[], number[]]> = {
    tanh: [
      [-0.9640275800758169, -0.7615941559557649, 0, 0.7615941559557649, 0.9640275800758169],
      [0.07065082485316443, 0.41997434161402614, 1, 0.41997434161402614, 0.07065082485316443],
    ],
    gelu: [
      [-0.04550026389635842, -0.15865525393145702, 0, 0.841344746068543, 1.9544997361036416],
      [-0.08523180107819692, -0.08331547058768635, 0.5, 1.0833154705876864, 1.085231801078197],
    ],
    mish: [
      [-0.2525014826957089, -0.30340146137410895, 0, 0.8650983882673103, 1.9439589595339946],
      [-0.1083550924203939, 0.059216755877395014, 0.6, 1.0490362200997922, 1.0693179342794896],
    ],
    elu: [
      [-0.8646647167633873, -0.6321205588285577, 0, 1, 2],
      [0.1353352832366127, 0.36787944117144233, 1, 1, 1],
    ],
    hardtanh: [
      [-1, -1, 0, 1, 1],
      [0, 0, 1, 0, 0],
    ],
    relu: [
      [0, 0, 0, 1, 2],
      [0, 0, 0, 1, 1],
    ],
  };

  test.each(Object.entries(PYTORCH))("of %s is PyTorch's", async (name, [values, derivatives]) => {
    const { x, y, dy } = await activationCurve(ACTIVATIONS[name], { from: -2, to: 2, points: 5 });
    expect([...x]).toEqual([-2, -1, 0, 1, 2]);
    for (const i of x.keys()) {
      expect(y[i]).toBeCloseTo(values[i], 12);
      expect(dy[i]).toBeCloseTo(derivatives[i], 12);
    }
  });

  test("has 201 points from −5 to 5, 0 among them, unless told otherwise", async () => {
    const { x, y, dy } = await activationCurve(nn.sigmoid);
    expect([x.length, x[0], x[100], x[200]]).toEqual([201, -5, 0, 5]);
    expect([y[100], dy[100]]).toEqual([0.5, 0.25]);
  });

  test("takes a function of one's own", async () => {
    const { y, dy } = await activationCurve((x) => x.square().mul(3), { from: 1, to: 2, points: 2 });
    expect([[...y], [...dy]]).toEqual([
      [3, 12],
      [6, 12],
    ]);
  });

  test("says what it cannot draw", async () => {
    await expect(activationCurve(nn.relu, { from: 2, to: 2 })).rejects.toThrow("a range from < to, but got 2 to 2");
    await expect(activationCurve(nn.relu, { to: Number.POSITIVE_INFINITY })).rejects.toThrow("a range");
    await expect(activationCurve(nn.relu, { points: 1 })).rejects.toThrow("two points or more, but got 1");
    await expect(activationCurve((x) => nn.maxout(x, 3))).rejects.toThrow("from (201,) this one made (67,)");
  });
});
