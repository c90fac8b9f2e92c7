import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgumentError, type Tensor, tensor } from "../../src/index.ts";
import {
  BCELoss,
  BCEWithLogitsLoss,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  Conv2d,
  CrossEntropyLoss,
  crossEntropy,
  DiceLoss,
  Dropout,
  diceLoss,
  Flatten,
  focalLoss,
  hingeLoss,
  Identity,
  KLDivLoss,
  Linear,
  LogSoftmax,
  type LossFunction,
  lossFor,
  lossMismatch,
  Module,
  mseLoss,
  NLLLoss,
  nllLoss,
  OrdinalLogits,
  ordinalLoss,
  ReLU,
  Sequential,
  Sigmoid,
  Softmax,
  Tanh,
  type Task,
} from "../../src/nn/index.ts";

const integers = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "i32" });

/** What a last layer gives, a target, the loss, and the prediction: worked out by hand. */
const TASKS: Readonly<Record<Task, [output: Tensor, target: Tensor, loss: number, prediction: number[]]>> = {
  regression: [tensor([[1], [4]]), tensor([[0], [2]]), 2.5, [1, 4]],
  binary: [tensor([0, Math.log(3)]), tensor([1, 1]), (Math.LN2 + Math.log(4 / 3)) / 2, [0.5, 0.75]],
  "multi-class": [tensor([[0, Math.log(2), 0]]), integers([1]), Math.LN2, [0.25, 0.5, 0.25]],
  "multi-label": [tensor([[0, Math.log(3)]]), tensor([[0, 1]]), (Math.LN2 + Math.log(4 / 3)) / 2, [0.5, 0.75]],
  ordinal: [tensor([[Math.log(3), -Math.log(3)]]), integers([1]), 2 * Math.log(4 / 3), [0.25, 0.5, 0.25]],
  sequence: [
    tensor([
      [
        [0, Math.log(3)],
        [5, 5],
      ],
    ]),
    integers([[1, -100]]),
    Math.log(4 / 3),
    [0.25, 0.75, 0.5, 0.5],
  ],
  ranking: [tensor([[Math.log(3), 0]]), tensor([[2, 1]]), Math.log(4 / 3), [Math.log(3), 0]],
  imbalanced: [tensor([[0, 0]]), integers([0]), Math.LN2 / 4, [0.5, 0.5]],
};

describe("a task has a loss and an output function", () => {
  const page = readFileSync(new URL("../../docs/losses.md", import.meta.url), "utf8");

  test.each(Object.entries(TASKS))("%s", (task, [output, target, wanted, prediction]) => {
    const { loss, outputFunction, lastLayer, reasons } = lossFor(task as Task);
    expect(loss(output, target).itemSync()).toBeCloseTo(wanted, 6);
    const predicted = [...outputFunction(output).dataSync()];
    expect(predicted).toHaveLength(prediction.length);
    for (const [i, p] of prediction.entries()) expect(predicted[i]).toBeCloseTo(p, 6);
    expect(lastLayer).toContain("Linear");
    expect(reasons.length).toBeGreaterThan(150);
    const row = page.split("\n").find((line) => line.startsWith(`| \`"${task}"\``));
    expect(row).toContain(`\`${loss.name}\``);
    expect(lossMismatch(new Sequential(new Linear(2, 2)), loss)).toBeUndefined();
  });

  test("and one that it does not know has neither", () => {
    expect(() => lossFor("clustering" as Task)).toThrow(ArgumentError);
    expect(() => lossFor("clustering" as Task)).toThrow(/regression, .*imbalanced.*clustering/);
  });
});

describe("a loss that does not suit what the model ends in", () => {
  const ending = (...last: ConstructorParameters<typeof Sequential>): Sequential =>
    new Sequential(new Linear(4, 3), ...last);
  const softmax = (): Softmax => new Softmax({ dim: 1 });
  const logSoftmax = (): LogSoftmax => new LogSoftmax({ dim: 1 });

  const wrong: [what: string, model: Module, loss: LossFunction | Module, says: string[]][] = [
    [
      "softmax, crossEntropy",
      ending(softmax()),
      crossEntropy,
      ["crossEntropy takes logits", "Softmax", "leave it out"],
    ],
    [
      "softmax, its module",
      ending(softmax()),
      new CrossEntropyLoss(),
      ["CrossEntropyLoss takes logits", "probabilities"],
    ],
    ["log softmax, crossEntropy", ending(logSoftmax()), crossEntropy, ["LogSoftmax", "log-probabilities"]],
    ["sigmoid, logits", ending(new Sigmoid()), binaryCrossEntropyWithLogits, ["Sigmoid", "leave it out"]],
    ["sigmoid, their module", ending(new Sigmoid()), new BCEWithLogitsLoss(), ["BCEWithLogitsLoss takes logits"]],
    ["raw logits, BCE", ending(), binaryCrossEntropy, ["Linear", "logits", "binaryCrossEntropyWithLogits"]],
    ["raw logits, its module", ending(), new BCELoss(), ["BCELoss takes probabilities", "Sigmoid"]],
    ["raw logits, NLL", ending(), nllLoss, ["log-probabilities", "LogSoftmax", "crossEntropy"]],
    ["probabilities, NLL", ending(softmax()), new NLLLoss(), ["NLLLoss takes log-probabilities"]],
    ["probabilities, KL", ending(softmax()), new KLDivLoss(), ["KLDivLoss", "LogSoftmax"]],
    [
      "a convolution, Dice",
      new Sequential(new Conv2d(1, 1, 3)),
      diceLoss,
      ["diceLoss", "Conv2d", "Sigmoid or Softmax"],
    ],
    ["log-probabilities, Dice", ending(logSoftmax()), new DiceLoss(), ["DiceLoss takes probabilities"]],
    ["ReLU, crossEntropy", ending(new ReLU()), crossEntropy, ["ReLU", "numbers from 0 on"]],
    ["tanh, BCE", ending(new Tanh()), binaryCrossEntropy, ["Tanh", "numbers from −1 to 1"]],
    ["softmax, focal", ending(softmax()), focalLoss, ["focalLoss takes logits"]],
    ["sigmoid, ordinal", ending(new Sigmoid()), ordinalLoss, ["ordinalLoss takes logits"]],
    ["models within models", ending(new Sequential(new ReLU(), softmax())), crossEntropy, ["ends in Softmax"]],
    [
      "layers that change nothing",
      ending(softmax(), new Dropout(0.1), new Flatten(), new Identity()),
      crossEntropy,
      ["Softmax"],
    ],
    ["a last layer alone", softmax(), crossEntropy, ["Softmax"]],
  ];
  test.each(wrong)("%s", (_, model, loss, says) => {
    for (const words of says) expect(lossMismatch(model, loss)).toContain(words);
  });

  class Own extends Module {
    head = softmax();
    override forward(x: Tensor): Tensor {
      return this.head.forward(x);
    }
  }

  const right: [what: string, model: Module, loss: LossFunction | Module][] = [
    ["logits, crossEntropy", ending(), crossEntropy],
    ["sigmoid, BCE", ending(new Sigmoid()), new BCELoss()],
    ["softmax, BCE", ending(softmax()), binaryCrossEntropy],
    ["softmax, Dice", ending(softmax()), diceLoss],
    ["log softmax, NLL", ending(logSoftmax()), new NLLLoss()],
    ["thresholds, ordinal", new Sequential(new Linear(4, 1), new OrdinalLogits(3)), ordinalLoss],
    ["sigmoid, numbers between 0 and 1", ending(new Sigmoid()), mseLoss],
    ["tanh, hinge", ending(new Tanh()), hingeLoss],
    ["a loss of one's own", ending(softmax()), (x, t) => crossEntropy(x, t)],
    ["a model of one's own", new Own(), crossEntropy],
    ["a model of nothing", new Sequential(), crossEntropy],
  ];
  test.each(right)("but not: %s", (_, model, loss) => {
    expect(lossMismatch(model, loss)).toBeUndefined();
  });
});
