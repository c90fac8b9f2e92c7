/** Boxes and masks, worked out by hand; pixels are held against torchvision in test/golden. */

import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../../src/core/errors.ts";
import * as vision from "../../../src/vision/index.ts";

/** Rows of digits as a mask, and as a picture of ten times as much. */
function drawing(...rows: string[]): vision.Example & { readonly mask: Uint8Array } {
  const mask = Uint8Array.from(rows.join(""), Number);
  const picture = { data: mask.map((n) => 10 * n), width: rows[0].length, height: rows.length, channels: 1 } as const;
  return { picture, mask };
}

function rowsOf({ picture: { width, height }, mask = new Uint8Array(0) }: vision.Example): string[] {
  return Array.from({ length: height }, (_, y) => mask.slice(y * width, (y + 1) * width).join(""));
}

/** An empty picture with boxes, labelled 0, 1, …. */
function boxed(height: number, width: number, ...boxes: number[][]): vision.Example {
  const picture = { data: new Uint8Array(height * width), width, height, channels: 1 } as const;
  return { picture, boxes: Float32Array.from(boxes.flat()), labels: Int32Array.from(boxes.keys()) };
}

const boxesOf = ({ boxes = new Float32Array(0), labels = new Int32Array(0) }: vision.Example) => ({
  boxes: Array.from({ length: boxes.length / 4 }, (_, k) =>
    [...boxes.slice(4 * k, 4 * k + 4)].map((x) => +x.toFixed(4)),
  ),
  labels: [...labels],
});

describe("masks", () => {
  const f = drawing("1100", "1000", "1120");

  it.each<[string, vision.Example, string[]]>([
    ["hflip", vision.hflip(f), ["0011", "0001", "0211"]],
    ["vflip", vision.vflip(f), ["1120", "1000", "1100"]],
    ["crop beyond", vision.crop(f, 1, -1, 3, 3), ["010", "011", "000"]],
    [
      "pad with a fill, which is the picture's",
      vision.padPicture(f, [1, 0], { fill: 7 }),
      ["011000", "010000", "011200"],
    ],
    [
      "pad by mirroring",
      vision.padPicture(f, [2, 0], { paddingMode: "reflect" }),
      ["01110001", "00100000", "21112021"],
    ],
    ["rotate by 90, counter-clockwise", vision.rotate(drawing("12", "34"), 90), ["24", "13"]],
    [
      "affine by 90, clockwise",
      vision.affine(drawing("12", "34"), { angle: 90, interpolation: "bilinear" }),
      ["31", "42"],
    ],
    ["translate", vision.affine(f, { translate: [1, -1], fill: 99 }), ["0100", "0112", "0000"]],
    [
      "scale by 2",
      vision.affine(drawing("0000", "0120", "0340", "0000"), { scale: 2 }),
      ["1122", "1122", "3344", "3344"],
    ],
    ["resize", vision.resize(drawing("12", "34"), [4, 2]), ["12", "12", "34", "34"]],
    ["resize, never between classes", vision.resize(drawing("1199"), [1, 3]), ["199"]],
  ])("%s", (_, moved, rows) => expect(rowsOf(moved)).toEqual(rows));

  it("go where the picture's pixels go", () => {
    const moved = new vision.Compose([
      new vision.RandomCrop(3, { padding: 2 }),
      new vision.RandomVerticalFlip(),
      new vision.RandomHorizontalFlip(),
      new vision.RandomRotation(180),
      new vision.RandomPerspective({ interpolation: "nearest" }),
      new vision.Pad(1),
    ]);
    const seen = new Set<string>();
    for (let index = 0; index < 50; index++) {
      const { picture, mask } = moved.apply(f, new vision.Random(1, 0, index));
      expect(picture.data).toEqual(mask?.map((n) => 10 * n));
      seen.add(picture.data.join());
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  it("must fit their picture", () => {
    expect(() => vision.hflip({ ...f, mask: new Uint8Array(5) })).toThrow(ShapeError);
  });
});

describe("fill", () => {
  it("is of all channels or of each, and blends with the border once", () => {
    const grey = { data: Uint8Array.of(10, 20), width: 2, height: 1, channels: 1 } as const;
    const half = { translate: [0.5, 0], interpolation: "bilinear", fill: 100 } as const;
    expect([...vision.affine(grey, half).data]).toEqual([55, 15]);
    const pixel = { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 } as const;
    expect([...vision.padPicture(pixel, [1, 0, 0, 0], { fill: [7, 8, 9] }).data]).toEqual([7, 8, 9, 1, 2, 3]);
    expect([...vision.affine(pixel, { translate: [1, 0], fill: [7, 8, 9] }).data]).toEqual([7, 8, 9]);
  });
});

describe("boxes", () => {
  it("are mirrored, shifted, cut, and gone, with their labels", () => {
    const example = boxed(10, 20, [1, 2, 5, 4], [15, 0, 20, 10], [8, 8, 12, 10]);
    expect(boxesOf(vision.hflip(example)).boxes[0]).toEqual([15, 2, 19, 4]);
    expect(boxesOf(vision.vflip(example)).boxes[0]).toEqual([1, 6, 5, 8]);
    expect(boxesOf(vision.crop(example, 0, 3, 9, 14))).toEqual({
      boxes: [
        [0, 2, 2, 4],
        [12, 0, 14, 9],
        [5, 8, 9, 9],
      ],
      labels: [0, 1, 2],
    });
    expect(boxesOf(vision.crop(example, 5, 6, 5, 9))).toEqual({ boxes: [[2, 3, 6, 5]], labels: [2] });
    expect(boxesOf(vision.padPicture(example, [1, 2, 3, 4])).boxes[0]).toEqual([2, 4, 6, 6]);
    expect(boxesOf(vision.resize(example, [5, 60])).boxes[0]).toEqual([3, 1, 15, 2]);
    expect(boxesOf(vision.resizedCrop(example, 0, 0, 10, 10, [20, 20]))).toEqual({
      boxes: [
        [2, 4, 10, 8],
        [16, 16, 20, 20],
      ],
      labels: [0, 2],
    });
  });

  it("stay upright around what has turned", () => {
    const example = boxed(10, 10, [4, 4, 6, 6], [0, 0, 2, 4]);
    const [middle, corner] = boxesOf(vision.rotate(example, 90)).boxes;
    expect([middle, corner]).toEqual([
      [4, 4, 6, 6],
      [0, 8, 4, 10],
    ]);
    const half = Math.sqrt(2);
    expect(boxesOf(vision.rotate(example, 45)).boxes[0]).toEqual(
      [5 - half, 5 - half, 5 + half, 5 + half].map((x) => +x.toFixed(4)),
    );
    expect(boxesOf(vision.affine(example, { scale: 2, translate: [1, 0] })).boxes[0]).toEqual([4, 3, 8, 7]);
    expect(boxesOf(vision.affine(example, { shear: [45, 0] })).boxes[0]).toEqual([3, 4, 7, 6]);
    const { picture, ...known } = vision.rotate(boxed(4, 8, [0, 0, 8, 4]), 90, { expand: true });
    expect([picture.height, picture.width, boxesOf({ picture, ...known }).boxes]).toEqual([8, 4, [[0, 0, 4, 8]]]);
  });

  it("follow a perspective", () => {
    const example = boxed(10, 10, [0, 0, 10, 10], [0, 0, 5, 10]);
    const square: vision.Point[] = [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
    ];
    const trapezoid: vision.Point[] = [
      [0, 0],
      [10, 0],
      [8, 5],
      [2, 5],
    ];
    // The edges meet in (5, 12.5), and the middle stays in the middle.
    expect(boxesOf(vision.perspective(example, square, trapezoid)).boxes).toEqual([
      [0, 0, 10, 5],
      [0, 0, 5, 5],
    ]);
  });

  it("without any, and of less than a pixel", () => {
    expect(boxesOf(vision.hflip(boxed(4, 4)))).toEqual({ boxes: [], labels: [] });
    expect(boxesOf(vision.hflip(boxed(4, 4, [1, 1, 1, 3], [3, 1, 2, 2], [Number.NaN, 0, 1, 1]))).boxes).toEqual([]);
    expect(boxesOf(vision.crop(boxed(4, 8, [0, 0, 4.5, 4]), 0, 4, 4, 4))).toEqual({ boxes: [], labels: [] });
    expect(() => vision.hflip({ ...boxed(4, 4, [0, 0, 1, 1]), labels: new Int32Array(2) })).toThrow(ShapeError);
  });
});

describe("what an example looks like", () => {
  const picture: vision.Picture = {
    data: Uint8Array.from({ length: 3 * 15 * 12 }, (_, i) => (i * 31) & 255),
    width: 15,
    height: 12,
    channels: 3,
  };
  const transforms: [string, vision.Transform][] = [
    ["RandomHorizontalFlip", new vision.RandomHorizontalFlip()],
    ["RandomVerticalFlip", new vision.RandomVerticalFlip()],
    ["RandomCrop", new vision.RandomCrop(8)],
    ["RandomResizedCrop", new vision.RandomResizedCrop(8)],
    ["RandomRotation", new vision.RandomRotation(20)],
    ["RandomAffine", new vision.RandomAffine(20, { translate: [0.2, 0.2], scale: [0.5, 2], shear: [-5, 5, -5, 5] })],
    ["RandomPerspective", new vision.RandomPerspective()],
    ["ColorJitter", new vision.ColorJitter({ brightness: 0.5, contrast: [0.5, 2], saturation: 1, hue: 0.5 })],
    ["RandomGrayscale", new vision.RandomGrayscale(0.5)],
    ["GaussianBlur", new vision.GaussianBlur(3)],
    ["GaussianNoise", new vision.GaussianNoise()],
    ["RandomErasing", new vision.RandomErasing({ value: "random" })],
    ["RandomApply", new vision.RandomApply([new vision.Grayscale(3), new vision.CenterCrop(5)])],
  ];

  it.each(transforms)("%s: depends on seed, epoch and index alone, and leaves the source as it is", (_, transform) => {
    const source = { length: 8, example: () => ({ picture, label: 1 }) };
    const before = picture.data.slice();
    const bytes = (seed: number, epoch: number, index: number) => {
      const dataset = new vision.AugmentedDataset(source, transform, { seed });
      if (index > 2) dataset.example(0, 9); // what was asked for before does not matter
      return dataset.example(index, epoch).picture.data.join();
    };
    expect(bytes(0, 0, 3)).toBe(bytes(0, 0, 3));
    expect(bytes(5, 1, 7)).toBe(bytes(5, 1, 7));
    const all = (seed: number, epoch: number) => Array.from({ length: 8 }, (_, i) => bytes(seed, epoch, i));
    expect(new Set(all(0, 0)).size).toBeGreaterThan(1);
    expect(all(0, 0)).not.toEqual(all(0, 1));
    expect(all(0, 0)).not.toEqual(all(1, 0));
    expect(picture.data).toEqual(before);
  });

  it("has every place of a crop, and half of the flips", () => {
    const ramp = { picture: { data: new Uint8Array([0, 1, 2, 3]), width: 4, height: 1, channels: 1 } } as const;
    const counts = new Map<string, number>();
    const transform = new vision.Compose([new vision.RandomCrop([1, 3]), new vision.RandomHorizontalFlip()]);
    for (let i = 0; i < 4000; i++) {
      const seen = transform.apply(ramp, new vision.Random(3, 0, i)).picture.data.join("");
      counts.set(seen, (counts.get(seen) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["012", "123", "210", "321"]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150); // 5.5 standard deviations
  });

  it("has the area and the shape that RandomResizedCrop and RandomErasing are asked for", () => {
    const grey = {
      picture: { data: new Uint8Array(100 * 100).fill(1), width: 100, height: 100, channels: 1 },
    } as const;
    for (let i = 0; i < 50; i++) {
      const erased = new vision.RandomErasing({ p: 1, scale: [0.1, 0.2], ratio: [0.5, 2] });
      const holes = erased.apply(grey, new vision.Random(0, 0, i)).picture.data.filter((byte) => byte === 0).length;
      expect(holes / 1e4).toBeGreaterThan(0.09);
      expect(holes / 1e4).toBeLessThan(0.21);
      const crop = new vision.RandomResizedCrop(10, { scale: [0.25, 0.25], ratio: [1, 1] });
      const [box] = boxesOf(
        crop.apply({ ...grey, boxes: Float32Array.of(0, 0, 100, 100) }, new vision.Random(0, 0, i)),
      ).boxes;
      expect(box).toEqual([0, 0, 10, 10]);
    }
  });

  it("has noise of the mean and deviation that are asked for", () => {
    const grey = { data: new Uint8Array(10_000).fill(100), width: 100, height: 100, channels: 1 } as const;
    const { data } = vision.gaussianNoise(grey, new vision.Random(0), { mean: 0.1, sigma: 0.05 });
    const mean = data.reduce((a, b) => a + b, 0) / 1e4;
    const deviation = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / 1e4);
    expect(mean).toBeCloseTo(125.5, 0);
    expect(deviation).toBeCloseTo(12.75, 0);
  });
});

describe("AugmentedDataset", () => {
  const source = new vision.ImageDataset(Uint8Array.of(0, 51, 102, 153, 204, 255), Uint8Array.of(4, 7, 1), 1, 2);

  it("gives pictures and labels, normalized by channel", () => {
    const plain = new vision.AugmentedDataset(source, new vision.Grayscale(3), {
      normalize: { mean: [0, 0.5, 1], std: [1, 0.5, 2] },
    });
    const [images, labels] = plain.batch(Uint32Array.of(2, 0));
    expect([images.shape, labels.arraySync()]).toEqual([
      [2, 3, 1, 2],
      [1, 4],
    ]);
    expect([...images.dataSync()].map((x) => +x.toFixed(4))).toEqual(
      [0.8, 1, 0.6, 1, -0.1, 0, 0, 0.2, -1, -0.6, -0.5, -0.4].map((x) => +x.toFixed(4)),
    );
    expect(plain.get(1)[0].shape).toEqual([3, 1, 2]);
  });

  it("feeds masks and boxes to the datasets of segmentation and detection, with the epoch", () => {
    const example = { ...drawing("12", "34"), boxes: Float32Array.of(0, 0, 1, 1), labels: Int32Array.of(5) };
    const flips: vision.Transform = { apply: (x, random) => (random.uniform() < 0.5 ? vision.hflip(x) : x) };
    const augmented = new vision.AugmentedDataset({ length: 16, example: () => example }, flips);
    const all = Uint32Array.from({ length: 16 }, (_, i) => i);
    const [images, masks] = new vision.SegmentationDataset(augmented).batch(all, 3);
    const [same, boxes] = new vision.DetectionDataset(augmented, { maxBoxes: 2 }).batch(all, 3);
    expect(images.dataSync()).toEqual(same.dataSync());
    expect([...new Set(masks.select(2, 0).select(1, 0).arraySync() as number[])].sort()).toEqual([1, 2]);
    for (const i of all) {
      const flipped = masks.select(0, i).select(0, 0).select(0, 0).itemSync() === 2;
      expect(boxes.select(0, i).select(0, 0).arraySync()).toEqual(flipped ? [1, 0, 2, 1] : [0, 0, 1, 1]);
    }
    expect(new vision.SegmentationDataset(augmented).batch(all, 4)[1].dataSync()).not.toEqual(masks.dataSync());
    expect(() => augmented.get(0)).toThrow(/no label.*SegmentationDataset/);
  });

  it("says what is wrong", () => {
    expect(() => new vision.AugmentedDataset(source, new vision.Compose([]), { seed: -1 })).toThrow(ArgumentError);
    const crops: vision.Transform = { apply: (x, random) => vision.crop(x, 0, 0, 1, 1 + random.integer(2)) };
    const many = Uint32Array.from({ length: 30 }, (_, i) => i % 3);
    expect(() => new vision.AugmentedDataset(source, crops).batch(many)).toThrow(ShapeError);
    expect(() => new vision.AugmentedDataset(source, crops).get(3)).toThrow("out of range");
  });
});

describe("arguments", () => {
  const small: vision.Example = boxed(4, 4);
  it.each<[string, () => unknown, RegExp]>([
    [
      "a crop larger than the picture",
      () => new vision.RandomCrop(9).apply(small, new vision.Random(0)),
      /9×9.*padIfNeeded/,
    ],
    ["a probability", () => new vision.RandomHorizontalFlip(2), /p is a probability/],
    ["a size", () => new vision.Resize(0), /size/],
    ["a size in parts", () => vision.crop(small, 0, 0, 2.5, 1), /size/],
    ["a place", () => vision.crop(small, 0.5, 0, 2, 1), /whole/],
    ["padding", () => new vision.Pad(-1), /padding/],
    ["a range", () => new vision.RandomRotation([3, -3]), /degrees is \[from, to\]/],
    ["scale", () => new vision.RandomAffine(0, { scale: [0, 1] }), /scale/],
    ["translation", () => new vision.RandomAffine(0, { translate: [2, 0] }), /translate/],
    ["hue", () => new vision.ColorJitter({ hue: 0.7 }), /hue/],
    ["a factor", () => vision.adjustContrast(small, -1), /factor/],
    ["hue's factor", () => vision.adjustHue(small, 1), /factor/],
    ["an even kernel", () => new vision.GaussianBlur(4).apply(small, new vision.Random(0)), /odd/],
    ["a kernel too large", () => vision.gaussianBlur(small, 9, 1), /too large/],
    ["sigma", () => new vision.GaussianBlur(3, 0), /sigma/],
    [
      "points on a line",
      () =>
        vision.perspective(
          small,
          [
            [0, 0],
            [1, 1],
            [2, 2],
            [0, 3],
          ],
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ),
      /line/,
    ],
    ["three points", () => vision.perspective(small, [[0, 0]], []), /four/],
  ])("%s", (_, call, words) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(words);
  });

  it("pads what is too small if it may", () => {
    const crop = new vision.RandomCrop([6, 2], { padIfNeeded: true });
    const { picture } = crop.apply(small, new vision.Random(0));
    expect([picture.height, picture.width]).toEqual([6, 2]);
  });
});
