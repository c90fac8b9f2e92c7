/**
 * Draws docs/digits.png: what the recipes digits-detection and digits-segmentation find on test canvases, of the runs given.
 *
 *     npm run build && node scripts/docs/detections.mjs runs/digits-detection-001 runs/digits-segmentation-001
 */
import { writeFileSync } from "node:fs";
import { openModel } from "../../dist/cli/model.js";
import { noGrad } from "../../dist/index.js";
import { drawBoundingBoxes, drawSegmentationMasks, encodePng, makeGrid, toPictures } from "../../dist/vision/index.js";

const COUNT = 5;
const ZOOM = 3;

const enlarge = ({ data, width, height, channels }) => {
  const big = new Uint8Array(data.length * ZOOM * ZOOM);
  for (let y = 0; y < height * ZOOM; y++) {
    for (let x = 0; x < width * ZOOM; x++) {
      const from = (Math.floor(y / ZOOM) * width + Math.floor(x / ZOOM)) * channels;
      for (let c = 0; c < channels; c++) big[(y * width * ZOOM + x) * channels + c] = data[from + c];
    }
  }
  return { data: big, width: width * ZOOM, height: height * ZOOM, channels };
};

const [detector, segmenter] = await Promise.all(process.argv.slice(2, 4).map((run) => openModel(run)));
const load = async ({ recipe, settings }) => (await recipe.data(settings)).test;
const [canvases, masked] = await Promise.all([detector, segmenter].map(load));

const shown = (x) => enlarge(toPictures(x.unsqueeze(0), { normalize: true })[0]); // (1, H, W) ─► (1, 1, H, W)
const found = [];
const parts = [];
for (let i = 0; i < COUNT; i++) {
  const [x] = canvases.get(i);
  const [{ boxes, labels }] = await detector.model.detect(x.unsqueeze(0), { scoreThreshold: 0.5 });
  const names = [...(await labels.data())].map(String);
  found.push(drawBoundingBoxes(shown(x), boxes.mul(ZOOM), { labels: names, width: 2, fontSize: 3 }));
}
for (let i = 0; i < COUNT; i++) {
  const [x] = masked.get(i);
  const classes = noGrad(() => segmenter.model.forward(x.unsqueeze(0))).argmax(1); // (1, H, W)
  const large = classes.repeatInterleave(ZOOM, 1).repeatInterleave(ZOOM, 2).squeeze(0);
  parts.push(drawSegmentationMasks(shown(x), large, { alpha: 0.6 }));
}
writeFileSync(
  "docs/digits.png",
  await encodePng(makeGrid([...found, ...parts], { nrow: COUNT, padding: 4, padValue: 255 })),
);
