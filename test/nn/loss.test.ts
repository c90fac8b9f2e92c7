/** What golden cases cannot say of losses: modules, errors, nothing at all, extremes without a NaN, and compiled code. */

import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  type ChainruleError,
  compile,
  DTypeError,
  IndexError,
  Parameter,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  BCELoss,
  BCEWithLogitsLoss,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  CrossEntropyLoss,
  crossEntropy,
  DiceLoss,
  diceLoss,
  EntropyPenalty,
  entropy,
  entropyPenalty,
  entropyWithLogits,
  FBetaLoss,
  FocalLoss,
  fBetaLoss,
  focalLoss,
  GaussianNLLLoss,
  gaussianNllLoss,
  HingeEmbeddingLoss,
  HingeLoss,
  HuberLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  huberLoss,
  JaccardLoss,
  jaccardLoss,
  KLDivLoss,
  klDiv,
  L1Loss,
  LogCoshLoss,
  l1Loss,
  logCoshLoss,
  MAPELoss,
  MSELoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  mapeLoss,
  mseLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  NLLLoss,
  nllLoss,
  OrdinalLogits,
  OrdinalLoss,
  ordinalLoss,
  ordinalProbabilities,
  PoissonNLLLoss,
  PrecisionLoss,
  poissonNllLoss,
  precisionLoss,
  QuantileLoss,
  quantileLoss,
  RecallLoss,
  recallLoss,
  SigmoidFocalLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  sigmoidFocalLoss,
  smoothL1Loss,
  softMarginLoss,
  TverskyLoss,
  tverskyLoss,
} from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";

const integers = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: "i32" });
const numbers = (x: Tensor): number[] => [...x.dataSync()];
const LARGE = 1e30;

interface Module2 {
  forward(input: Tensor, target: Tensor): Tensor;
}
type Loss2 = (input: Tensor, target: Tensor, options?: { reduction?: "mean" | "sum" | "none" }) => Tensor;

const real = (): Tensor =>
  tensor([
    [0.5, -1.5, 2],
    [1, 0.25, -0.5],
  ]);
const probabilities = (): Tensor =>
  tensor([
    [0.2, 0.7, 0.1],
    [0.6, 0.3, 0.1],
  ]);
const signs = (): Tensor =>
  tensor([
    [1, -1, 1],
    [-1, -1, 1],
  ]);
const bits = (): Tensor =>
  tensor([
    [1, 0, 1],
    [0, 0, 1],
  ]);
const listed = (): Tensor =>
  integers([
    [2, -1, 0],
    [0, 1, -1],
  ]);

/** Every loss of an input and a target: its module with options, the function with them, and what both take. */
const LOSSES: Readonly<Record<string, [module: Module2, f: (x: Tensor, t: Tensor) => Tensor, x: Tensor, t: Tensor]>> = {
  mse: [new MSELoss({ reduction: "sum" }), (x, t) => mseLoss(x, t, { reduction: "sum" }), real(), signs()],
  l1: [new L1Loss({ reduction: "sum" }), (x, t) => l1Loss(x, t, { reduction: "sum" }), real(), signs()],
  smoothL1: [new SmoothL1Loss({ beta: 0.5 }), (x, t) => smoothL1Loss(x, t, { beta: 0.5 }), real(), signs()],
  huber: [new HuberLoss({ delta: 0.5 }), (x, t) => huberLoss(x, t, { delta: 0.5 }), real(), signs()],
  logCosh: [
    new LogCoshLoss({ reduction: "none" }),
    (x, t) => logCoshLoss(x, t, { reduction: "none" }),
    real(),
    signs(),
  ],
  quantile: [new QuantileLoss({ quantile: 0.9 }), (x, t) => quantileLoss(x, t, { quantile: 0.9 }), real(), signs()],
  mape: [new MAPELoss({ eps: 2 }), (x, t) => mapeLoss(x, t, { eps: 2 }), real(), signs()],
  poissonNll: [new PoissonNLLLoss({ full: true }), (x, t) => poissonNllLoss(x, t, { full: true }), real(), bits()],
  klDiv: [
    new KLDivLoss({ reduction: "batchmean" }),
    (x, t) => klDiv(x, t, { reduction: "batchmean" }),
    real(),
    probabilities(),
  ],
  bce: [
    new BCELoss({ weight: tensor([2]) }),
    (x, t) => binaryCrossEntropy(x, t, { weight: tensor([2]) }),
    probabilities(),
    bits(),
  ],
  bceWithLogits: [
    new BCEWithLogitsLoss({ posWeight: tensor([2, 3, 4]) }),
    (x, t) => binaryCrossEntropyWithLogits(x, t, { posWeight: tensor([2, 3, 4]) }),
    real(),
    bits(),
  ],
  crossEntropy: [
    new CrossEntropyLoss({ labelSmoothing: 0.1, smoothing: "others" }),
    (x, t) => crossEntropy(x, t, { labelSmoothing: 0.1, smoothing: "others" }),
    real(),
    integers([2, 0]),
  ],
  nll: [new NLLLoss({ ignoreIndex: 2 }), (x, t) => nllLoss(x, t, { ignoreIndex: 2 }), real(), integers([2, 0])],
  sigmoidFocal: [new SigmoidFocalLoss({ gamma: 1 }), (x, t) => sigmoidFocalLoss(x, t, { gamma: 1 }), real(), bits()],
  focal: [new FocalLoss({ gamma: 1 }), (x, t) => focalLoss(x, t, { gamma: 1 }), real(), integers([2, 0])],
  hinge: [new HingeLoss({ reduction: "sum" }), (x, t) => hingeLoss(x, t, { reduction: "sum" }), real(), signs()],
  softMargin: [
    new SoftMarginLoss({ reduction: "sum" }),
    (x, t) => softMarginLoss(x, t, { reduction: "sum" }),
    real(),
    signs(),
  ],
  hingeEmbedding: [
    new HingeEmbeddingLoss({ margin: 2 }),
    (x, t) => hingeEmbeddingLoss(x, t, { margin: 2 }),
    real(),
    signs(),
  ],
  multiMargin: [new MultiMarginLoss({ p: 2 }), (x, t) => multiMarginLoss(x, t, { p: 2 }), real(), integers([2, 0])],
  multilabelMargin: [
    new MultiLabelMarginLoss({ reduction: "sum" }),
    (x, t) => multilabelMarginLoss(x, t, { reduction: "sum" }),
    real(),
    listed(),
  ],
  multilabelSoftMargin: [
    new MultiLabelSoftMarginLoss({ weight: tensor([1, 2, 3]) }),
    (x, t) => multilabelSoftMarginLoss(x, t, { weight: tensor([1, 2, 3]) }),
    real(),
    bits(),
  ],
  ordinal: [
    new OrdinalLoss({ reduction: "sum" }),
    (x, t) => ordinalLoss(x, t, { reduction: "sum" }),
    real(),
    integers([3, 0]),
  ],
  dice: [new DiceLoss({ smooth: 2 }), (x, t) => diceLoss(x, t, { smooth: 2 }), probabilities(), bits()],
  jaccard: [
    new JaccardLoss({ perClass: true }),
    (x, t) => jaccardLoss(x, t, { perClass: true }),
    probabilities(),
    bits(),
  ],
  tversky: [new TverskyLoss({ beta: 2 }), (x, t) => tverskyLoss(x, t, { beta: 2 }), probabilities(), bits()],
  precision: [new PrecisionLoss({ smooth: 0 }), (x, t) => precisionLoss(x, t, { smooth: 0 }), probabilities(), bits()],
  recall: [new RecallLoss({ smooth: 0 }), (x, t) => recallLoss(x, t, { smooth: 0 }), probabilities(), bits()],
  fBeta: [new FBetaLoss({ beta: 2 }), (x, t) => fBetaLoss(x, t, { beta: 2 }), probabilities(), bits()],
};

describe("modules keep the options of their functions", () => {
  test.each(Object.entries(LOSSES))("%s", (_, [module, f, x, t]) => {
    expect(numbers(module.forward(x, t))).toEqual(numbers(f(x, t)));
  });

  test("gaussianNll and entropyPenalty, which take other inputs", () => {
    const variance = tensor([
      [1, 2, 3],
      [0.5, 1, 2],
    ]);
    const wanted = gaussianNllLoss(real(), signs(), variance, { full: true });
    expect(new GaussianNLLLoss({ full: true }).forward(real(), signs(), variance).itemSync()).toBe(wanted.itemSync());
    const penalty = new EntropyPenalty({ weight: 2 }).forward(real());
    expect(penalty.itemSync()).toBe(entropyPenalty(real(), { weight: 2 }).itemSync());
  });
});

describe("compiled code gives the bits of uncompiled code, gradients too", () => {
  test.each(Object.entries(LOSSES))("%s", (_, [, f, x, t]) => {
    const gradients = (input: Tensor, target: Tensor): Tensor => {
      const leaf = new Parameter(input);
      f(leaf, target).sum().backward();
      return leaf.grad!;
    };
    const parameter = new Parameter(x);
    const step = compile((input: Tensor, target: Tensor) => {
      parameter.assign(input);
      f(parameter, target).sum().backward();
      const { grad } = parameter;
      parameter.grad = undefined;
      return grad!;
    });
    expect(numbers(step(x, t))).toEqual(numbers(gradients(x, t)));
    expect(numbers(compile(f)(x, t))).toEqual(numbers(f(x, t)));
  });
});

describe("nothing at all: the mean is NaN, the sum 0, and there are no losses", () => {
  const floats = (): Tensor => zeros([0, 3]);
  const classes = (): Tensor => zeros([0], { dtype: "i32" });
  const cases: Readonly<Record<string, [f: Loss2, target: () => Tensor]>> = {
    mseLoss: [mseLoss, floats],
    l1Loss: [l1Loss, floats],
    smoothL1Loss: [smoothL1Loss, floats],
    huberLoss: [huberLoss, floats],
    logCoshLoss: [logCoshLoss, floats],
    quantileLoss: [quantileLoss, floats],
    mapeLoss: [mapeLoss, floats],
    poissonNllLoss: [poissonNllLoss, floats],
    klDiv: [klDiv, floats],
    binaryCrossEntropy: [binaryCrossEntropy, floats],
    binaryCrossEntropyWithLogits: [binaryCrossEntropyWithLogits, floats],
    crossEntropy: [crossEntropy, classes],
    nllLoss: [nllLoss, classes],
    sigmoidFocalLoss: [sigmoidFocalLoss, floats],
    focalLoss: [focalLoss, classes],
    hingeLoss: [hingeLoss, floats],
    softMarginLoss: [softMarginLoss, floats],
    hingeEmbeddingLoss: [hingeEmbeddingLoss, floats],
    multiMarginLoss: [multiMarginLoss, classes],
    multilabelMarginLoss: [multilabelMarginLoss, () => zeros([0, 3], { dtype: "i32" })],
    multilabelSoftMarginLoss: [multilabelSoftMarginLoss, floats],
    ordinalLoss: [ordinalLoss, classes],
    entropyWithLogits: [(x, _, options) => entropyWithLogits(x, options), floats],
  };
  test.each(Object.entries(cases))("%s", (_, [f, target]) => {
    expect(f(floats(), target(), { reduction: "mean" }).itemSync()).toBeNaN();
    expect(Math.abs(f(floats(), target(), { reduction: "sum" }).itemSync())).toBe(0);
    expect(f(floats(), target(), { reduction: "none" }).shape[0]).toBe(0);
  });

  test("all targets ignored", () => {
    const logits = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const f of [crossEntropy, nllLoss, focalLoss]) {
      expect(f(logits, integers([-100, -100])).itemSync()).toBeNaN();
      expect(f(logits, integers([-100, -100]), { reduction: "sum" }).itemSync()).toBe(0);
      expect(numbers(f(logits, integers([1, 1]), { reduction: "none", ignoreIndex: 1 }))).toEqual([0, 0]);
    }
  });

  test("overlap loses nothing there, with or without smoothing", () => {
    for (const f of [diceLoss, jaccardLoss, tverskyLoss, precisionLoss, recallLoss, fBetaLoss]) {
      for (const smooth of [0, 1]) {
        expect(f(zeros([0]), zeros([0]), { smooth }).itemSync()).toBe(0);
        expect(numbers(f(zeros([2, 2]), zeros([2, 2]), { smooth, perClass: true, reduction: "none" }))).toEqual([0, 0]);
      }
    }
  });
});

/** The loss of one input, and its derivative by it. */
function at(f: (x: Tensor) => Tensor, ...x: number[]): { losses: number[]; slopes: number[] } {
  const input = tensor(x, { requiresGrad: true });
  const losses = f(input);
  losses.sum().backward();
  return { losses: numbers(losses), slopes: numbers(input.grad!) };
}

describe("where the loss is finite, so is its gradient", () => {
  const none = { reduction: "none" } as const;
  const finite = ({ losses, slopes }: ReturnType<typeof at>): boolean => [...losses, ...slopes].every(Number.isFinite);

  test("certain probabilities, right and wrong", () => {
    const { losses, slopes } = at((p) => binaryCrossEntropy(p, tensor([0, 1, 1, 0]), none), 0, 1, 0, 1);
    expect(losses.map(Math.abs)).toEqual([0, 0, 100, 100]);
    expect(slopes.map((x) => Math.abs(x))).toEqual([0, 0, Math.fround(1e12), Math.fround(1e12)]);
  });

  test("what is no probability is no loss", () => {
    const { losses } = at((p) => binaryCrossEntropy(p, tensor([0, 1, 0, 1]), none), -0.2, -0.2, 1.2, 1.2);
    expect(losses).toEqual([NaN, NaN, NaN, NaN]);
  });

  test("logits of ±1e30", () => {
    const far = tensor([1, 0, 1, 0]);
    const wanted = [0, 0, LARGE, LARGE].map(Math.fround);
    const logits = [LARGE, -LARGE, -LARGE, LARGE];
    const bce = at((x) => binaryCrossEntropyWithLogits(x, far, none), ...logits);
    expect(bce).toEqual({ losses: wanted, slopes: [-0, 0, -1, 1] });
    const soft = at((x) => softMarginLoss(x, tensor([1, -1, 1, -1]), none), ...logits);
    expect(soft.losses).toEqual(wanted);
    expect(finite(soft)).toBe(true);
    for (const gamma of [0, 0.5, 1, 2, 3]) {
      expect(finite(at((x) => sigmoidFocalLoss(x, far, { gamma }), ...logits))).toBe(true);
      const rows = (x: Tensor) => focalLoss(x.reshape([2, 2]), integers([0, 0]), { gamma, reduction: "none" });
      expect(finite(at(rows, ...logits)), `gamma ${gamma}`).toBe(true);
    }
    expect(finite(at((x) => crossEntropy(x.reshape([2, 2]), integers([0, 0]), none), ...logits))).toBe(true);
    expect(finite(at((x) => entropyWithLogits(x.reshape([2, 2])), ...logits))).toBe(true);
    for (const form of ["cumulative", "likelihood"] as const) {
      const f = (x: Tensor) => ordinalLoss(x.reshape([2, 1]), integers([1, 0]), { form, reduction: "none" });
      expect(finite(at(f, LARGE, -LARGE)), form).toBe(true);
    }
  });

  test("errors of 1e30 and infinity", () => {
    for (const f of [huberLoss, smoothL1Loss, logCoshLoss, l1Loss]) {
      const target = zeros([4]);
      const { losses, slopes } = at((x) => f(x, target, none), LARGE, -LARGE, Infinity, -Infinity);
      expect(losses).toEqual([LARGE, LARGE, Infinity, Infinity].map(Math.fround));
      expect(slopes).toEqual([1, -1, 1, -1]);
    }
    const pinball = at((x) => quantileLoss(x, zeros([2]), { quantile: 0.25, ...none }), LARGE, -LARGE);
    expect(pinball).toEqual({
      losses: [0.75, 0.25].map((τ) => Math.fround(τ * Math.fround(LARGE))),
      slopes: [0.75, -0.25],
    });
  });

  test("log cosh keeps its digits near 0", () => {
    const { losses, slopes } = at((x) => logCoshLoss(x, zeros([3]), none), 1e-8, 1e-4, 1e38);
    expect(losses[0] / 5e-17).toBeCloseTo(1, 5);
    expect(losses[1] / 5e-9).toBeCloseTo(1, 5);
    expect(losses[2]).toBe(Math.fround(1e38));
    expect(slopes).toEqual([1e-8, 1e-4, 1].map(Math.fround));
  });

  test("a target of probability 0, and entropy at the ends", () => {
    const target = tensor([0, 1], { requiresGrad: true });
    const loss = klDiv(tensor([-1, -1]), target, none);
    loss.sum().backward();
    expect(numbers(loss)).toEqual([0, 1]);
    expect(numbers(target.grad!).every(Number.isFinite)).toBe(true);
    expect(finite(at((p) => entropy(p), 0, 1))).toBe(true);
    const masked = at((x) => entropyWithLogits(x), 0, 0, -Infinity);
    expect(masked.losses[0]).toBeCloseTo(Math.LN2, 6);
    expect(masked.slopes.every(Number.isFinite)).toBe(true);
  });

  test("a rate and a count of 0", () => {
    const rate = tensor([0, 0], { requiresGrad: true });
    const count = tensor([0, 1], { requiresGrad: true });
    const loss = poissonNllLoss(rate, count, { logInput: false, full: true, ...none });
    loss.sum().backward();
    for (const x of [loss, rate.grad!, count.grad!]) expect(numbers(x).every(Number.isFinite)).toBe(true);
  });

  test("infinite scores of classes that do not matter", () => {
    const margins = at((x) => multiMarginLoss(x, integers(1), { p: 2, ...none }), -Infinity, 3, 2.5);
    expect(margins.losses[0]).toBeCloseTo(0.25 / 3, 6);
    expect(margins.slopes.every(Number.isFinite)).toBe(true);
    const labels = at((x) => multilabelMarginLoss(x, integers([1, -1, -1]), none), -Infinity, 3, 2.5);
    expect(labels.losses[0]).toBeCloseTo(0.5 / 3, 6);
    expect(labels.slopes.every(Number.isFinite)).toBe(true);
  });
});

test("NaN comes out of every loss that it goes into", () => {
  for (const [name, [, f, x, t]] of Object.entries(LOSSES)) {
    const wild = x.mul(Number.NaN);
    expect(numbers(f(wild, t)).some(Number.isNaN), name).toBe(true);
  }
});

test("what a mask leaves out of an overlap does not matter, not even if it is NaN", () => {
  const p = tensor([
    [0.8, Number.NaN],
    [0.4, 0.5],
  ]);
  const t = tensor([
    [1, 1],
    [0, 1],
  ]);
  const mask = tensor([
    [true, false],
    [true, false],
  ]);
  expect(diceLoss(p, t, { mask }).itemSync()).toBeCloseTo(0.1875, 6);
});

describe("ordinal", () => {
  test("with two classes, both forms are binary cross-entropy", () => {
    const logits = tensor([[2], [-1], [0.5]]);
    const wanted = binaryCrossEntropyWithLogits(logits, tensor([[1], [1], [0]])).itemSync();
    for (const form of ["cumulative", "likelihood"] as const) {
      expect(ordinalLoss(logits, integers([1, 1, 0]), { form }).itemSync()).toBeCloseTo(wanted, 6);
    }
  });

  test("the likelihood is that of the probabilities, which add up to 1", () => {
    const logits = new OrdinalLogits(4).forward(tensor([[0.3], [-2]]));
    const p = ordinalProbabilities(logits);
    for (const sum of numbers(p.sum(1))) expect(sum).toBeCloseTo(1, 6);
    const losses = ordinalLoss(logits, integers([3, 1]), { form: "likelihood", reduction: "none" });
    const [a, b] = [p.index(0, 3), p.index(1, 1)].map((x) => -Math.log(x.itemSync()));
    expect(numbers(losses)[0]).toBeCloseTo(a, 5);
    expect(numbers(losses)[1]).toBeCloseTo(b, 5);
  });

  test("thresholds stay in order and are learned", async () => {
    const layer = new OrdinalLogits(5);
    expect(numbers(layer.thresholds()).map((x) => Number(x.toFixed(5)))).toEqual([-1.5, -0.5, 0.5, 1.5]);
    const optimizer = new SGD(layer.parameters(), { lr: 1 });
    const score = tensor([[-1], [0], [1], [2]]);
    let first = 0;
    for (let i = 0; i < 50; i++) {
      const loss = ordinalLoss(layer.forward(score), integers([4, 0, 4, 0]), { form: "likelihood" });
      if (i === 0) first = await loss.item();
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      const thresholds = numbers(layer.thresholds());
      expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b));
    }
    const last = await ordinalLoss(layer.forward(score), integers([4, 0, 4, 0]), { form: "likelihood" }).item();
    expect(last).toBeLessThan(first);
  });
});

describe("mistakes are explained", () => {
  type Kind = new (message: string) => ChainruleError;
  const wrong: Readonly<Record<string, [kind: Kind, says: string[], make: () => Tensor | object]>> = {
    "shapes that would broadcast": [
      ShapeError,
      ["logCoshLoss", "(2, 1)", "(2,)"],
      () => logCoshLoss(zeros([2, 1]), zeros([2])),
    ],
    "a weight that does not fit": [
      ShapeError,
      ["binaryCrossEntropy", "weight", "(2,)", "(3, 2)"],
      () => binaryCrossEntropy(zeros([2]), zeros([2]), { weight: zeros([3, 2]) }),
    ],
    "a posWeight that does not fit": [
      ShapeError,
      ["posWeight", "(2,)", "(3, 2)"],
      () => binaryCrossEntropyWithLogits(zeros([2]), zeros([2]), { posWeight: zeros([3, 2]) }),
    ],
    "class weights that do not fit": [
      ShapeError,
      ["focalLoss", "weight of the classes", "(3,)", "(2,)"],
      () => focalLoss(zeros([1, 3]), integers([0]), { weight: zeros([2]) }),
    ],
    "floats as classes": [
      DTypeError,
      ["multiMarginLoss", "f32", '.to("i32")'],
      () => multiMarginLoss(zeros([2, 3]), zeros([2])),
    ],
    "a class that does not exist": [
      IndexError,
      ["multiMarginLoss", "3", "0 to 2"],
      () => multiMarginLoss(zeros([1, 3]), integers([3])).dataSync(),
    ],
    "a label that does not exist": [
      IndexError,
      ["multilabelMarginLoss", "3", "0 to 2"],
      () => multilabelMarginLoss(zeros([1, 3]), integers([[3, -1, -1]])).dataSync(),
    ],
    "a grade that does not exist": [
      IndexError,
      ["ordinalLoss", "3", "0 to 2"],
      () => ordinalLoss(zeros([1, 2]), integers([3])).dataSync(),
    ],
    "logits of no batch": [ShapeError, ["ordinalLoss", "(N, K − 1)"], () => ordinalLoss(zeros([2]), integers([1, 1]))],
    "grades of one class": [ArgumentError, ["OrdinalLogits", "at least 2", "1"], () => new OrdinalLogits(1)],
    "more than a score": [ShapeError, ["OrdinalLogits", "(2, 3)"], () => new OrdinalLogits(4).forward(zeros([2, 3]))],
    "a variance of another shape": [
      ShapeError,
      ["gaussianNllLoss", "variance", "(2, 3)", "(3,)"],
      () => gaussianNllLoss(zeros([2, 3]), zeros([2, 3]), zeros([3])),
    ],
    "classes of a flat input": [
      ShapeError,
      ["diceLoss", "perClass", "(N, C, …)"],
      () => diceLoss(zeros([3]), zeros([3]), { perClass: true }),
    ],
    "the batchmean of a number": [
      ShapeError,
      ["klDiv", "batch"],
      () => klDiv(zeros([]), zeros([]), { reduction: "batchmean" }),
    ],
    "a quantile of 1": [
      ArgumentError,
      ["quantileLoss", "between 0 and 1", "1"],
      () => quantileLoss(zeros([1]), zeros([1]), { quantile: 1 }),
    ],
    "a p of 3": [ArgumentError, ["p is 1 or 2"], () => multiMarginLoss(zeros([3]), integers(0), { p: 3 as 2 })],
    "a negative gamma": [
      ArgumentError,
      ["focalLoss", "gamma", "-1"],
      () => focalLoss(zeros([1, 3]), integers([0]), { gamma: -1 }),
    ],
    "a negative smooth": [
      ArgumentError,
      ["jaccardLoss", "smooth", "-1"],
      () => jaccardLoss(zeros([1]), zeros([1]), { smooth: -1 }),
    ],
    "an eps of 0": [ArgumentError, ["mapeLoss", "eps", "0"], () => mapeLoss(zeros([1]), zeros([1]), { eps: 0 })],
  };
  test.each(Object.entries(wrong))("%s", (_, [kind, says, make]) => {
    const error = (() => {
      try {
        make();
      } catch (thrown) {
        return thrown as ChainruleError;
      }
      return expect.fail("nothing was thrown");
    })();
    expect(error).toBeInstanceOf(kind);
    for (const words of says) expect(error.message).toContain(words);
  });
});
