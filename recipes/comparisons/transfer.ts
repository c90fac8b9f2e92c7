/**
 * What a network has learned from the digits 0 to 4 helps with 5 to 9, of which only 20 pictures each have labels.
 *
 *     chainrule compare transfer
 *     chainrule compare transfer --set perClass=5
 *
 * Every draw of labelled pictures is learned in three ways: from scratch; with a new last layer on the features as they are;
 * and with everything trained on, the early layers slower. What counts is the difference on the same draw.
 * Yosinski et al., How transferable are features in deep neural networks?, 2014.
 */

import { compile, manualSeed, type Tensor } from "chainrule";
import { DataLoader, stratified } from "chainrule/data";
import {
  Conv2d,
  crossEntropy,
  discriminativeGroups,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  replaceHead,
  Sequential,
} from "chainrule/nn";
import { Adam } from "chainrule/optim";
import { accuracyOf, defineComparison } from "chainrule/train";
import { MNIST_STATISTICS, mnist } from "chainrule/vision";

const network = () =>
  new Sequential(
    new Sequential(
      new Conv2d(1, 16, 3, { padding: 1 }), // (N, 16, 28, 28)
      new ReLU(),
      new MaxPool2d(2), // (N, 16, 14, 14)
    ),
    new Sequential(
      new Conv2d(16, 32, 3, { padding: 1 }), // (N, 32, 14, 14)
      new ReLU(),
      new MaxPool2d(2), // (N, 32, 7, 7)
    ),
    new Sequential(
      new Conv2d(32, 64, 3, { padding: 1 }), // (N, 64, 7, 7)
      new ReLU(),
      new MaxPool2d(2), // (N, 64, 3, 3)
      new Flatten(), // (N, 576)
    ),
    new Linear(64 * 3 * 3, 5), // (N, 5) logits
  );

/** x̄ ± t·s / √n with Student's t for 95 %, by its expansion around the normal distribution's. */
function interval(x: readonly number[]): { mean: number; margin: number } {
  const n = x.length;
  const mean = x.reduce((a, b) => a + b) / n;
  const variance = x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const z = 1.959964;
  const t = z + (z ** 3 + z) / (4 * (n - 1)) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * (n - 1) ** 2);
  return { mean, margin: t * Math.sqrt(variance / n) };
}

const percent = (share: number) => (100 * share).toFixed(1);

export default defineComparison({
  name: "transfer",
  description: "digits 5 to 9 from 20 pictures each: knowing 0 to 4 is worth two points or more",
  defaults: { seed: 0, perClass: 20, draws: 20, epochs: 2, steps: 100, lr: 1e-3 },
  quick: { draws: 5, epochs: 1, steps: 60 },
  chart: { x: "draw", y: "test accuracy" },

  async run({ seed, perClass, draws, epochs, steps, lr }, { row, point, progress }) {
    const [train, test] = await Promise.all(
      [true, false].map((train) => mnist({ train, normalize: MNIST_STATISTICS })),
    );
    const late = [5, 6, 7, 8, 9]; // labelled 0 to 4
    const [labelled, unseen] = [train.ofClasses(late), test.ofClasses(late)];

    manualSeed(seed);
    const base = network();
    const teacher = new Adam(base.parameters(), { lr });
    const pretrain = compile((x: Tensor, y: Tensor) => {
      crossEntropy(base.forward(x), y).backward();
      teacher.step();
      teacher.zeroGrad();
    });
    const loader = new DataLoader(train.ofClasses([0, 1, 2, 3, 4]), {
      batchSize: 64,
      shuffle: true,
      seed,
      dropLast: true,
    });
    for (let step = 0; loader.epoch < epochs; ) {
      for (const [x, y] of loader) {
        pretrain(x, y);
        await progress("digits 0 to 4", step++, epochs * loader.length);
      }
    }

    /** The same network, with a last layer that begins anew. */
    const pretrained = () => {
      const model = network();
      model.loadStateDict(base.stateDict());
      replaceHead(model, 5);
      return model;
    };
    // Each at a rate that suits it.
    const ways = {
      "from scratch": () => {
        const model = network();
        return { model, optimizer: new Adam(model.parameters(), { lr }) };
      },
      "features frozen": () => {
        const model = pretrained();
        for (const part of [...model].slice(0, -1)) part.freeze();
        return { model, optimizer: new Adam(model[3].parameters(), { lr: 10 * lr }) };
      },
      "fine-tuned": () => {
        const model = pretrained();
        return { model, optimizer: new Adam(discriminativeGroups(model, { lr: 3 * lr })) };
      },
    };

    const accuracies = new Map<string, number[]>();
    for (const [name, begin] of Object.entries(ways)) {
      const reached: number[] = [];
      for (let draw = 1; draw <= draws; draw++) {
        manualSeed(seed + draw);
        const { model, optimizer } = begin();
        const indices = stratified(labelled.labels, perClass, { seed: seed + draw });
        const [x, y] = labelled.batch(indices); // (5·perClass, 1, 28, 28)
        const step = compile((x: Tensor, y: Tensor) => {
          crossEntropy(model.forward(x), y).backward();
          optimizer.step();
          optimizer.zeroGrad();
        });
        for (let i = 0; i < steps; i++) {
          step(x, y);
          await progress(name, (draw - 1) * steps + i, draws * steps);
        }
        const accuracy = (await accuracyOf(model)(unseen))!;
        point(name, draw, accuracy);
        reached.push(accuracy);
      }
      const { mean, margin } = interval(reached);
      row({ network: name, "test accuracy": mean, "±": margin });
      accuracies.set(name, reached);
    }

    const scratch = accuracies.get("from scratch") ?? [];
    const tuned = accuracies.get("fine-tuned") ?? [];
    const { mean, margin } = interval(tuned.map((accuracy, draw) => accuracy - scratch[draw]));
    return {
      holds: mean - margin > 0.02,
      text: `On the same pictures, what 0 to 4 have taught is worth ${percent(mean)} ± ${percent(margin)} percentage points (95 %).`,
    };
  },
});
