/**
 * Three layers of 3×3 kernels against one of 7×7, equally wide: both see 7×7 pixels, but the three have 27·C² weights in
 * place of 49·C², and three nonlinearities in place of one.
 *
 *     chainrule compare kernels
 *     chainrule compare kernels --set width=32
 *
 * Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2015, section 2.3.
 */

import { compile, manualSeed, type Tensor } from "chainrule";
import { DataLoader } from "chainrule/data";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, crossEntropy, Flatten, Linear, ReLU, Sequential } from "chainrule/nn";
import { Adam } from "chainrule/optim";
import { accuracyOf, defineComparison } from "chainrule/train";
import { MNIST_STATISTICS, mnist } from "chainrule/vision";

/** Convolutions that keep size and width. */
const convolutions = (width: number, kernels: readonly number[]) =>
  new Sequential(
    ...kernels.flatMap((kernel) => [
      new Conv2d(width, width, kernel, { padding: "same", bias: false }), // (N, width, 14, 14)
      new BatchNorm2d(width),
      new ReLU(),
    ]),
  );

export default defineComparison({
  name: "kernels",
  description: "three 3×3 layers see as much as one of 7×7, cost half, and are no worse",
  defaults: { seed: 0, width: 24, epochs: 2, batchSize: 100, repeats: 3 },
  quick: { epochs: 1, repeats: 1 },
  chart: { x: "epoch", y: "training loss" },

  async run({ seed, width, epochs, batchSize, repeats }, { row, point, progress }) {
    const train = await mnist({ train: true, normalize: MNIST_STATISTICS });
    const test = await mnist({ train: false, normalize: MNIST_STATISTICS });
    const accuracies: number[] = [];
    for (const [name, kernels] of [
      ["three 3×3", [3, 3, 3]],
      ["one 7×7", [7]],
    ] as const) {
      let mean = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        manualSeed(seed + repeat);
        const model = new Sequential(
          new Conv2d(1, width, 2, { stride: 2 }), // (N, width, 14, 14)
          convolutions(width, kernels),
          new AdaptiveAvgPool2d(1), // (N, width, 1, 1)
          new Flatten(),
          new Linear(width, 10), // (N, 10) logits
        );
        const optimizer = new Adam(model.parameters(), { lr: 2e-3 });
        const step = compile((x: Tensor, y: Tensor) => {
          const loss = crossEntropy(model.forward(x), y);
          loss.backward();
          optimizer.step();
          optimizer.zeroGrad();
          return loss;
        });
        const loader = new DataLoader(train, { batchSize, shuffle: true, seed: seed + repeat });
        for (let epoch = 1; epoch <= epochs; epoch++) {
          model.train();
          let sum = 0;
          let batches = 0;
          for (const [x, y] of loader) {
            sum += await step(x, y).item();
            await progress(`${name}, ${repeat + 1}/${repeats}`, ++batches, loader.length);
          }
          if (repeat === 0) point(name, epoch, sum / batches);
        }
        mean += (await accuracyOf(model)(test))! / repeats;
      }
      const body = convolutions(width, kernels).summary([1, width, 14, 14]);
      const { receptiveField: field } = body.rows[0];
      if (typeof field !== "object") throw new Error("convolutions see a part of the picture");
      row({
        layers: name,
        parameters: body.parameters,
        "multiply-adds": body.multiplyAdds,
        "receptive field": field.size.join(" × "),
        "test accuracy": mean,
      });
      accuracies.push(mean);
    }
    const [three, one] = accuracies.map((accuracy) => `${(100 * accuracy).toFixed(2)} %`);
    return {
      holds: accuracies[0] >= accuracies[1],
      text: `Three layers of 3×3 reach ${three} with 27·C² weights where one of 7×7 reaches ${one} with 49·C².`,
    };
  },
});
