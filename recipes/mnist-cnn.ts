/**
 * Handwritten digits with a small convolutional network: about 99 % of the test set after two epochs.
 *
 *     chainrule train mnist-cnn
 *     chainrule train mnist-cnn --epochs 10 --set lr=0.0005
 */

import { Conv2d, crossEntropy, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "chainrule/nn";
import { Adam } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";
import { MNIST_STATISTICS, mnist } from "chainrule/vision";

export default defineRecipe({
  name: "mnist-cnn",
  description: "handwritten digits, a convolutional network",
  defaults: { epochs: 2, batchSize: 64, lr: 1e-3, seed: 0 },
  quick: { epochs: 1 },

  input: { shape: [1, 28, 28], ...MNIST_STATISTICS },

  data: async () => ({
    train: await mnist({ train: true, normalize: MNIST_STATISTICS }),
    test: await mnist({ train: false, normalize: MNIST_STATISTICS }),
  }),

  model: () =>
    new Sequential(
      new Conv2d(1, 32, 3, { padding: 1 }), // (N, 32, 28, 28)
      new ReLU(),
      new MaxPool2d(2), // (N, 32, 14, 14)
      new Conv2d(32, 64, 3, { padding: 1 }), // (N, 64, 14, 14)
      new ReLU(),
      new MaxPool2d(2), // (N, 64, 7, 7)
      new Flatten(), // (N, 3136)
      new Linear(64 * 7 * 7, 128),
      new ReLU(),
      new Linear(128, 10), // (N, 10) logits
    ),

  optimizer: (model, { lr }) => new Adam(model.parameters(), { lr }),
  loss: crossEntropy,
});
