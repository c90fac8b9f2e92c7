/**
 * Deeper is not better by itself: with 56 layers a plain network does not even fit its training examples as well as with
 * 20, though it could do the same. With shortcuts around its blocks it can.
 *
 *     chainrule compare degradation
 *
 * He et al., Deep residual learning for image recognition, 2016, figures 1 and 6, here with clothes in place of CIFAR-10.
 */

import { compile, manualSeed, type Tensor } from "chainrule";
import { DataLoader, randomSplit } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { OneCycleLR, SGD } from "chainrule/optim";
import { accuracyOf, defineComparison } from "chainrule/train";
import { FASHION_MNIST_STATISTICS, fashionMnist, plain20, plain56, resnet20, resnet56 } from "chainrule/vision";

const NETWORKS = { "plain-20": plain20, "plain-56": plain56, "ResNet-20": resnet20, "ResNet-56": resnet56 };

export default defineComparison({
  name: "degradation",
  description: "56 plain layers fit worse than 20; with shortcuts they do not",
  defaults: { seed: 0, epochs: 8, batchSize: 100, lr: 0.1, examples: 10_000, width: 16 },
  quick: { epochs: 2, examples: 4000, batchSize: 50, width: 4 },
  chart: { x: "epoch", y: "training loss" },

  async run({ seed, epochs, batchSize, lr, examples, width }, { row, point, progress }) {
    const normalize = FASHION_MNIST_STATISTICS;
    const all = await fashionMnist({ train: true, normalize });
    const test = await fashionMnist({ train: false, normalize });
    const [train] = randomSplit(all, [examples, all.length - examples], { seed });
    const last: Record<string, number> = {};

    for (const [name, network] of Object.entries(NETWORKS)) {
      manualSeed(seed);
      const model = network({ inChannels: 1, width });
      const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9, weightDecay: 1e-4 });
      const step = compile((x: Tensor, y: Tensor) => {
        const loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      });
      const loader = new DataLoader(train, { batchSize, shuffle: true, seed });
      const steps = epochs * loader.length;
      const schedule = new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps });
      for (let epoch = 1, done = 0; epoch <= epochs; epoch++) {
        let sum = 0;
        for (const [x, y] of loader) {
          sum += await step(x, y).item();
          schedule.step();
          await progress(name, ++done, steps);
        }
        last[name] = sum / loader.length;
        point(name, epoch, last[name]);
      }
      const { parameters, multiplyAdds } = model.summary([1, 1, 28, 28]);
      const accuracy = (await accuracyOf(model)(test))!;
      row({
        network: name,
        parameters,
        "multiply-adds": multiplyAdds,
        "training loss": last[name],
        "test accuracy": accuracy,
      });
    }

    const { "plain-20": plain, "plain-56": deep, "ResNet-20": residual, "ResNet-56": deepResidual } = last;
    const change = (from: number, to: number) => `from ${from.toFixed(3)} to ${to.toFixed(3)}`;
    return {
      holds: deep > plain && deepResidual <= residual,
      text: `Thirty-six more layers move the training loss of plain networks ${change(plain, deep)}, of residual ones ${change(residual, deepResidual)}.`,
    };
  },
});
