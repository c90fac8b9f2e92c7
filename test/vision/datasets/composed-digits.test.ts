import { beforeAll, describe, expect, it } from "vitest";
import { ArgumentError, IndexError } from "../../../src/core/errors.ts";
import { build } from "../../../src/data/index.ts";
import {
  type CanvasOptions,
  ComposedDigits,
  composedDigits,
  DetectionDataset,
  ImageDataset,
  mnist,
  SegmentationDataset,
} from "../../../src/vision/index.ts";

let test: ImageDataset;
beforeAll(async () => {
  test = await mnist({ train: false });
});
const compose = (options: Partial<CanvasOptions> = {}) => new ComposedDigits(test, { count: 200, ...options });

/** The boxes of an example, as lists. */
const boxesOf = (boxes: Float32Array) =>
  Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.slice(4 * i, 4 * i + 4)]);

describe("composedDigits", () => {
  it("has digits of the part of MNIST that is asked for", async () => {
    const digits = await composedDigits({ train: false, count: 3, seed: 9 });
    expect(digits.length).toBe(3);
    expect(digits.example(2)).toEqual(compose({ count: 3, seed: 9 }).example(2));
    expect((await composedDigits({ train: true, count: 3, seed: 9 })).example(2)).not.toEqual(digits.example(2));
  });

  it("depends on the seed and the number of the canvas alone", () => {
    const all = compose({ clutter: 2, noise: 0.1 });
    expect(compose({ clutter: 2, noise: 0.1, count: 6 }).example(5)).toEqual(all.example(5));
    expect(all.example(4)).not.toEqual(all.example(5));
    expect(compose({ clutter: 2, noise: 0.1, seed: 1 }).example(5)).not.toEqual(all.example(5));
  });

  it("draws boxes tight around each digit's ink, within the canvas", () => {
    const single = compose({ digits: [1, 1], size: 50 });
    for (let i = 0; i < single.length; i++) {
      const { picture, boxes, labels, mask } = single.example(i);
      expect([picture.width, picture.height, labels.length]).toEqual([50, 50, 1]);
      const inked = [...picture.data.keys()].filter((pixel) => picture.data[pixel] >= 64);
      const [xs, ys] = [inked.map((pixel) => pixel % 50), inked.map((pixel) => Math.floor(pixel / 50))];
      expect([...boxes]).toEqual([Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]);
      expect([...mask.keys()].filter((pixel) => mask[pixel] > 0)).toEqual(inked);
      expect(inked.every((pixel) => mask[pixel] === labels[0] + 1)).toBe(true);
    }
  });

  it("keeps to the numbers of digits and to the overlap", () => {
    const counts = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const { boxes, labels, mask } = compose({ digits: [2, 5], overlap: 0.1, size: 96 }).example(i);
      const list = boxesOf(boxes);
      counts.add(labels.length);
      expect(new Set(mask.filter((value) => value > 0)).size).toBe(new Set(labels).size);
      for (const [k, a] of list.entries()) {
        for (const b of list.slice(0, k)) {
          const across = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
          const down = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
          const smaller = Math.min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]));
          expect(across * down).toBeLessThanOrEqual(0.1 * smaller);
        }
      }
    }
    expect([...counts].sort()).toEqual([2, 3, 4, 5]);
  });

  it("scales digits within the limits", () => {
    // A digit of 20×10 pixels of full ink, in a picture of 28×28.
    const bar = new Uint8Array(784);
    for (let y = 4; y < 24; y++) bar.fill(255, 28 * y + 9, 28 * y + 19);
    const source = new ImageDataset(bar, Uint8Array.of(1), 28, 28);
    const heights = (scale: [number, number]) => {
      const digits = new ComposedDigits(source, { count: 100, digits: [1, 1], scale });
      return Array.from({ length: 100 }, (_, i) => boxesOf(digits.example(i).boxes)[0]).map(
        ([, top, , bottom]) => bottom - top,
      );
    };
    expect(new Set(heights([1, 1]))).toEqual(new Set([20]));
    const drawn = heights([0.7, 1.5]);
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([14, 30]);
    const unscaled = new ComposedDigits(source, { count: 1, digits: [1, 1], scale: [1, 1] }).example(0).picture.data;
    expect(unscaled.filter((byte) => byte === 255).length).toBe(200); // nothing is blurred
  });

  it("lays clutter outside of boxes and mask, and noise on everything", () => {
    const plain = compose({ digits: [0, 0] }).example(0);
    expect([plain.labels.length, Math.max(...plain.picture.data)]).toEqual([0, 0]);
    const cluttered = compose({ digits: [0, 0], clutter: 5 }).example(0);
    expect(Math.max(...cluttered.picture.data)).toBeGreaterThan(100);
    expect(Math.max(...cluttered.mask)).toBe(0);
    // Of noise around black one half is cut off: the mean of what is left is σ / √2π.
    const { data } = compose({ digits: [0, 0], noise: 0.2 }).example(0).picture;
    expect(data.reduce((sum, byte) => sum + byte, 0) / data.length / 255).toBeCloseTo(0.2 / Math.sqrt(2 * Math.PI), 2);
  });

  it("is built again from its blueprint", async () => {
    const again = (await build(compose({ seed: 2 }).blueprint)) as ComposedDigits;
    expect(again.example(11)).toEqual(compose({ seed: 2 }).example(11));
  });

  it.each<[string, Partial<CanvasOptions>]>([
    ["size is a whole number from 42, so that digits fit, but is 40", { size: 40 }],
    ["digits are fewest and most, but are [3, 2]", { digits: [3, 2] }],
    ["scale is smallest and largest, but is [0, 1]", { scale: [0, 1] }],
    ["overlap is in [0, 1], but is 2", { overlap: 2 }],
    ["noise is not below 0, but is -1", { noise: -1 }],
  ])("says that %s", (message, options) => {
    expect(() => compose(options)).toThrow(ArgumentError);
    expect(() => compose(options)).toThrow(`composedDigits: ${message}.`);
  });

  it("says which canvas is out of range", () => {
    expect(() => compose().example(200)).toThrow(IndexError);
  });
});

describe("SegmentationDataset", () => {
  it("gives the picture in [0, 1] or normalized, and the class of each pixel", () => {
    const dataset = new SegmentationDataset(compose());
    const [image, mask] = dataset.get(3);
    expect([image.shape, image.dtype, mask.shape, mask.dtype]).toEqual([[1, 64, 64], "f32", [64, 64], "i32"]);
    const example = compose().example(3);
    expect(Array.from(image.dataSync(), (value) => Math.round(255 * value))).toEqual([...example.picture.data]);
    expect([...mask.dataSync()]).toEqual([...example.mask]);
    const [images, masks] = dataset.batch(new Uint32Array([5, 3]));
    expect([images.shape, masks.shape]).toEqual([
      [2, 1, 64, 64],
      [2, 64, 64],
    ]);
    expect(masks.index(1).arraySync()).toEqual(mask.arraySync());
    const normalized = new SegmentationDataset(compose(), { normalize: { mean: 0.5, std: 0.5 } }).get(3)[0];
    expect(normalized.amin().itemSync()).toBe(-1);
  });

  it("needs masks, and pictures of one size in a batch", () => {
    const picture = (width: number) => ({ data: new Uint8Array(width), width, height: 1, channels: 1 }) as const;
    const source = { length: 2, example: (i: number) => ({ picture: picture(i + 1), mask: new Uint8Array(i + 1) }) };
    expect(new SegmentationDataset(source).get(1)[1].shape).toEqual([1, 2]);
    expect(() => new SegmentationDataset(source).batch(new Uint32Array([0, 1]))).toThrow("(1, 1, 1) and (1, 1, 2)");
    const bare = { length: 1, example: () => ({ picture: picture(1) }) };
    expect(() => new SegmentationDataset(bare).get(0)).toThrow(ArgumentError);
  });
});

describe("DetectionDataset", () => {
  it("pads boxes with zeros and labels with −1", () => {
    const digits = compose({ digits: [1, 4] });
    const dataset = new DetectionDataset(digits, { maxBoxes: 4 });
    const [images, boxes, labels] = dataset.batch(new Uint32Array([0, 1, 2, 3]));
    expect([images.shape, boxes.shape, labels.shape]).toEqual([
      [4, 1, 64, 64],
      [4, 4, 4],
      [4, 4],
    ]);
    for (let i = 0; i < 4; i++) {
      const example = digits.example(i);
      const missing = 4 - example.labels.length;
      expect(boxes.index(i).arraySync()).toEqual([...boxesOf(example.boxes), ...new Array(missing).fill([0, 0, 0, 0])]);
      expect(labels.index(i).arraySync()).toEqual([...example.labels, ...new Array(missing).fill(-1)]);
    }
    expect(dataset.get(2)[2].arraySync()).toEqual(labels.index(2).arraySync());
  });

  it("is built again from its blueprint, and refuses too many boxes", async () => {
    const digits = compose({ digits: [3, 3], size: 96 });
    const { blueprint } = new DetectionDataset(digits, { maxBoxes: 3 });
    const again = (await build(blueprint!)) as DetectionDataset;
    expect(again.get(0)[2].arraySync()).toEqual([...digits.example(0).labels]);
    expect(() => new DetectionDataset(digits, { maxBoxes: 2 }).get(0)).toThrow(
      "DetectionDataset: maxBoxes is 2, but an example has 3 boxes.",
    );
  });
});
