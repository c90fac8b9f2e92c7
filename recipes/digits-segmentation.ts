/**
 * A U-Net says of every pixel of a canvas strewn with digits whether it is background or which digit it belongs to.
 *
 *     chainrule train digits-segmentation
 *     chainrule train digits-segmentation --quick
 *
 * Canvases are composed from MNIST while the network trains, from its training digits; the test's are from its test digits.
 * Ronneberger et al., U-Net: convolutional networks for biomedical image segmentation, 2015.
 */

import { compile, noGrad, oneHot, type Tensor } from "chainrule";
import { DataLoader } from "chainrule/data";
import { MeanIou } from "chainrule/metrics";
import { crossEntropy, diceLoss } from "chainrule/nn";
import { AdamW, OneCycleLR } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";
import { composedDigits, SegmentationDataset, UNet } from "chainrule/vision";

const CLASSES = 11; // the background and ten digits

export default defineRecipe({
  name: "digits-segmentation",
  description: "which digit each pixel belongs to, a U-Net",
  defaults: { epochs: 4, batchSize: 16, lr: 0.01, seed: 0, canvases: 8000, width: 16 },
  quick: { epochs: 2, canvases: 5000, width: 12 },

  input: { shape: [1, 64, 64] },

  data: async ({ canvases, seed }) => {
    const normalize = { mean: 0.1, std: 0.25 };
    const train = await composedDigits({ train: true, count: canvases, seed });
    const test = await composedDigits({ train: false, count: 500, seed });
    return { train: new SegmentationDataset(train, { normalize }), test: new SegmentationDataset(test, { normalize }) };
  },

  model: ({ width }) => new UNet({ inChannels: 1, numClasses: CLASSES, width, depth: 3 }),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  loss: (output, mask) => {
    const truth = oneHot(mask, CLASSES).movedim(-1, 1); // (N, 11, 64, 64)
    // Dice beside the cross-entropy, which nine pixels of ten of background would dominate.
    return crossEntropy(output, mask).add(diceLoss(output.softmax(1), truth, { perClass: true }));
  },

  score: {
    name: "mean IoU",
    of: (model) => {
      const classes = compile((x: Tensor) => noGrad(() => model.forward(x).argmax(1))); // (N, 64, 64)
      return async (canvases) => {
        model.eval();
        const iou = new MeanIou(CLASSES);
        for await (const [x, mask] of new DataLoader(canvases, { batchSize: 50 })) iou.update(classes(x), mask);
        return iou.compute().mean;
      };
    },
  },
});
