import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TensorDataset } from "../../src/data/index.ts";
import { manualSeed, randn, type Tensor } from "../../src/index.ts";
import { Dropout, Linear, Module } from "../../src/nn/index.ts";
import { OneCycleLR, SGD } from "../../src/optim/index.ts";
import { currentDevice } from "../../src/runtime/select.ts";
import { defineComparison, defineRecipe, type Recipe, RunFolder, train } from "../../src/train/index.ts";

/** One network that answers two questions. */
class TwoHeads extends Module {
  dropout = new Dropout(0.02);
  sum = new Linear(3, 1);
  product = new Linear(3, 1);

  override forward(x: Tensor): { sum: Tensor; product: Tensor } {
    const kept = this.dropout.forward(x); // (N, 3)
    return { sum: this.sum.forward(kept), product: this.product.forward(kept) }; // (N, 1) each
  }
}

function examples(length: number, seed: number) {
  manualSeed(seed);
  const x = randn([length, 3]);
  return new TensorDataset(x, x.sum(1, { keepdim: true }), x.prod(1, { keepdim: true }));
}

const recipe = defineRecipe({
  name: "two-heads",
  description: "sums and products",
  defaults: { epochs: 3, batchSize: 8, lr: 0.1, seed: 0, examples: 80 },
  quick: { examples: 8 },
  input: { shape: [3] },
  data: async (settings) => ({ train: examples(settings.examples, 1), test: examples(20, 2) }),
  model: () => new TwoHeads(),
  // The heads are trained at rates of their own.
  optimizer: (model, { lr }) =>
    new SGD([{ params: model.sum.parameters() }, { params: model.product.parameters(), lr: lr / 2 }], {
      lr,
      momentum: 0.9,
    }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: [lr, lr / 2], totalSteps: steps }),
  loss: (output, sum, product) =>
    output.sum.sub(sum).square().mean().add(output.product.sub(product).square().mean().mul(0.01)),
  score: {
    name: "closeness",
    of: (model) => async (test) => {
      model.eval();
      let error = 0;
      for (let i = 0; i < test.length; i++) {
        const [x, sum] = test.get(i);
        error += model.forward(x).sum.sub(sum).abs().itemSync() / test.length;
      }
      return 1 / (1 + error);
    },
  },
});

async function runOf(of: Recipe): Promise<RunFolder> {
  const root = mkdtempSync(join(tmpdir(), "chainrule-train-"));
  const info = { recipe: of.name, settings: of.defaults, device: currentDevice().name, created: "now" };
  return await RunFolder.create(root, of.name, info);
}

describe("a recipe that is no classification", () => {
  it("has several targets, outputs and rates, a schedule, and its own score", async () => {
    const run = await runOf(recipe);
    const seen: unknown[] = [];
    await train(recipe, run, { onStep: ({ correct }) => seen.push(correct) });
    expect(seen).toEqual(Array(30).fill(undefined)); // nothing is classified
    const lines = readFileSync(`${run.path}/metrics.jsonl`, "utf8").trimEnd().split("\n");
    const results = lines.map((line) => JSON.parse(line));
    expect(Object.keys(results[0])).toEqual(["epoch", "step", "loss", "closeness", "seconds"]);
    expect(results[2].closeness).toBeGreaterThan(results[0].closeness);
    expect(results[2].closeness).toBeGreaterThan(0.7);
  });

  it("goes on in the middle of its schedule, bit for bit, wherever it was stopped", async () => {
    const whole = await runOf(recipe);
    expect(await train(recipe, whole)).toBe(true);
    for (const stop of [1, 10, 13, 29]) {
      const run = await runOf(recipe);
      const controller = new AbortController();
      const onStep = ({ step }: { step: number }) => step === stop && controller.abort();
      expect(await train(recipe, run, { signal: controller.signal, onStep })).toBe(false);
      expect(await train(recipe, run)).toBe(true);
      expect(readFileSync(run.model)).toEqual(readFileSync(whole.model));
    }
  });

  it("is refused if its score has the name of another number, or its quick form is wrong", () => {
    const { score } = recipe;
    expect(() => defineRecipe({ ...recipe, score: { name: "loss", of: score!.of } })).toThrow(
      'recipe "two-heads": its score cannot be called "loss"',
    );
    const step = (model: TwoHeads, x: Tensor) => model.forward(x).sum.mean();
    expect(() => defineRecipe({ ...recipe, trainingStep: step })).toThrow("needs one of `loss` and `trainingStep`");
    expect(() => defineRecipe({ ...recipe, loss: undefined })).toThrow("needs one of `loss` and `trainingStep`");
    expect(() => defineRecipe({ ...recipe, loss: undefined, trainingStep: step, score: undefined })).toThrow(
      '"two-heads" has no `score: { name, of }`',
    );
    expect(() => defineRecipe({ ...recipe, quick: { epochs: 0 } })).toThrow("epochs must be a whole number from 1");
  });
});

it("a comparison needs a chart and something to run", () => {
  const whole = {
    name: "a",
    description: "",
    defaults: { seed: 0 },
    quick: {},
    chart: { x: "", y: "" },
    run: async () => ({ holds: true, text: "" }),
  };
  expect(defineComparison(whole)).toBe(whole);
  expect(() => defineComparison({ ...whole, run: undefined as never })).toThrow('comparison "a" has no function `run`');
  expect(() => defineComparison({ ...whole, chart: undefined as never })).toThrow('"a" has no `chart: { x, y }`');
  expect(() => defineComparison({ ...whole, defaults: { seed: -1 } })).toThrow("seed must be a whole number");
  expect(() => defineComparison({ ...whole, name: "a b" })).toThrow("a comparison's name is made of letters");
});
