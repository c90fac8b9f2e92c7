/**
 * Clothes with a small residual network: above 92.5 % of the test set after ten epochs.
 *
 *     chainrule train fashion-resnet
 *     chainrule train fashion-resnet --set width=32
 *
 * Pictures are mirrored and shifted by up to two pixels anew in each epoch; the learning rate rises and falls once.
 * He et al., Deep residual learning for image recognition, 2016; Smith and Topin, Super-convergence, 2018.
 */

import { randomSplit } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { OneCycleLR, SGD } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";
import {
  AugmentedDataset,
  BasicBlock,
  Compose,
  FASHION_MNIST_CLASSES,
  FASHION_MNIST_STATISTICS,
  fashionMnist,
  RandomCrop,
  RandomHorizontalFlip,
  ResNet,
} from "chainrule/vision";

export default defineRecipe({
  name: "fashion-resnet",
  description: "clothes, a small residual network",
  defaults: { epochs: 10, batchSize: 100, lr: 0.1, seed: 0, width: 24, examples: 60_000, numWorkers: 0 },
  quick: { epochs: 2, width: 16, examples: 12_000 },

  input: { shape: [1, 28, 28], ...FASHION_MNIST_STATISTICS },
  classes: FASHION_MNIST_CLASSES,

  data: async ({ seed, examples }) => {
    const clothes = await fashionMnist({ train: true });
    const moved = new Compose([new RandomHorizontalFlip(), new RandomCrop(28, { padding: 2 })]);
    const train = new AugmentedDataset(clothes, moved, { seed, normalize: FASHION_MNIST_STATISTICS });
    const [part] = randomSplit(train, [examples, train.length - examples], { seed });
    return { train: part, test: await fashionMnist({ train: false, normalize: FASHION_MNIST_STATISTICS }) };
  },

  // Three stages of one block each: (N, width, 28, 28), (N, 2·width, 14, 14), (N, 4·width, 7, 7).
  model: ({ width }) => new ResNet(BasicBlock, [1, 1, 1], { numClasses: 10, inChannels: 1, stem: "small", width }),

  optimizer: (model, { lr }) => new SGD(model.parameters(), { lr, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  loss: crossEntropy,
});
