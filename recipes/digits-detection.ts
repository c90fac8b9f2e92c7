/**
 * A one-stage detector finds the digits on a canvas: a box around each, and which digit it is.
 *
 *     chainrule train digits-detection
 *     chainrule train digits-detection --quick
 *
 * Canvases are composed from MNIST while the network trains, from its training digits; the test's are from its test digits.
 * Lin et al., Focal loss for dense object detection, 2017.
 */

import type { Tensor } from "chainrule";
import { DataLoader, type Dataset } from "chainrule/data";
import { MeanAveragePrecision } from "chainrule/metrics";
import { AdamW, OneCycleLR } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";
import { composedDigits, DetectionDataset, detectionLoss, encodeTargets, RetinaNet } from "chainrule/vision";

const SIZE = 64; // pixels
const MOST = 4; // digits on a canvas

/** Anchors of about the digits' sizes, from square ones to those of a slim 1. */
const detector = (width: number) =>
  new RetinaNet({
    inChannels: 1,
    widths: [width, 2 * width, 4 * width],
    anchorSizes: [
      [10, 16],
      [20, 27],
    ], // at strides 4 and 8
    aspectRatios: [1, 1.6, 4],
  });

/** What each anchor is to say of a canvas: [image (1, 64, 64), classes (A), offsets (A, 4)]. */
class AnchorTargets implements Dataset<readonly [Tensor, Tensor, Tensor]> {
  readonly length: number;
  readonly #canvases: DetectionDataset;
  readonly #anchors: Tensor;

  constructor(canvases: DetectionDataset, anchors: Tensor) {
    this.length = canvases.length;
    this.#canvases = canvases;
    this.#anchors = anchors;
  }

  get(index: number): readonly [Tensor, Tensor, Tensor] {
    const [image, boxes, digits] = this.#canvases.get(index);
    const { labels, offsets } = encodeTargets(boxes, digits, this.#anchors);
    return [image, labels, offsets];
  }
}

export default defineRecipe({
  name: "digits-detection",
  description: "where digits are and which, a one-stage detector",
  defaults: { epochs: 5, batchSize: 32, lr: 4e-3, seed: 0, canvases: 12_000, width: 16 },
  quick: { epochs: 2, canvases: 3200 },

  input: { shape: [1, SIZE, SIZE] },

  data: async ({ canvases, seed, width }) => {
    const options = { maxBoxes: MOST, normalize: { mean: 0.1, std: 0.25 } };
    const train = await composedDigits({ train: true, count: canvases, size: SIZE, digits: [1, MOST], seed });
    const test = await composedDigits({ train: false, count: 500, size: SIZE, digits: [1, MOST], seed });
    const anchors = detector(width).anchors(SIZE, SIZE);
    return {
      train: new AnchorTargets(new DetectionDataset(train, options), anchors),
      test: new DetectionDataset(test, options),
    };
  },

  model: ({ width }) => detector(width),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  loss: ([logits, offsets], labels, trueOffsets) => detectionLoss(logits, offsets, labels, trueOffsets),

  score: {
    name: "AP50",
    of: (model) => async (canvases) => {
      model.eval();
      const precision = new MeanAveragePrecision(); // at an IoU of 0.5
      for await (const [x, boxes, labels] of new DataLoader(canvases, { batchSize: 50 })) {
        for (const [i, found] of (await model.detect(x)).entries()) {
          const count = await labels.select(0, i).ge(0).sum().item(); // the rest of the rows is filled up
          const truth = {
            boxes: boxes.select(0, i).narrow(0, 0, count),
            labels: labels.select(0, i).narrow(0, 0, count),
          };
          precision.update(found, truth);
        }
      }
      return precision.compute().mean;
    },
  },
});
