/**
 * Handwritten digits with one hidden layer: about 97.5 % of the test set after three epochs, in seconds.
 *
 *     chainrule train mnist-mlp
 *     chainrule train mnist-mlp --set hidden=256
 */

import { crossEntropy, Flatten, Linear, ReLU, Sequential } from "chainrule/nn";
import { Adam } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";
import { MNIST_STATISTICS, mnist } from "chainrule/vision";

export default defineRecipe({
  name: "mnist-mlp",
  description: "handwritten digits, a perceptron with one hidden layer",
  defaults: { epochs: 3, batchSize: 64, lr: 1e-3, seed: 0, hidden: 128 },
  quick: { epochs: 1 },

  input: { shape: [1, 28, 28], ...MNIST_STATISTICS },

  data: async () => ({
    train: await mnist({ train: true, normalize: MNIST_STATISTICS }),
    test: await mnist({ train: false, normalize: MNIST_STATISTICS }),
  }),

  model: ({ hidden }) =>
    new Sequential(
      new Flatten(), // (N, 784)
      new Linear(784, hidden),
      new ReLU(),
      new Linear(hidden, 10), // (N, 10) logits
    ),

  optimizer: (model, { lr }) => new Adam(model.parameters(), { lr }),
  loss: crossEntropy,
});
