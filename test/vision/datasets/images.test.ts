import { describe, expect, it } from "vitest";
import { ArgumentError, IndexError, ShapeError } from "../../../src/core/errors.ts";
import { build, stratified } from "../../../src/data/index.ts";
import { ImageDataset, mnist } from "../../../src/vision/index.ts";

// Two pictures of 1×2 pixels: red 0 51, green 102 153, blue 204 255, and all 255.
const bytes = Uint8Array.of(0, 51, 102, 153, 204, 255, 255, 255, 255, 255, 255, 255);
const coloured = (options = {}) => new ImageDataset(bytes, Uint8Array.of(4, 2), 1, 2, { channels: 3, ...options });
const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Math.round(value * 1000) / 1000);

describe("ImageDataset", () => {
  it("has colours, planes in front", () => {
    const [image, label] = coloured().get(0);
    expect([image.shape, label.itemSync()]).toEqual([[3, 1, 2], 4]);
    expect(rounded(image.dataSync())).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    const [images, labels] = coloured().batch(new Uint32Array([1, 0]));
    expect([images.shape, labels.arraySync()]).toEqual([
      [2, 3, 1, 2],
      [2, 4],
    ]);
    expect(rounded(images.dataSync())).toEqual([1, 1, 1, 1, 1, 1, 0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  it("normalizes each channel by its own numbers, or all by one", () => {
    const each = coloured({ mean: [0, 0.4, 0.8], std: [1, 2, 0.1] }).get(0)[0];
    expect(rounded(each.dataSync())).toEqual([0, 0.2, 0, 0.1, 0, 2]);
    expect(
      rounded(
        coloured({ mean: 0.2, std: [1, 1, 2] })
          .get(0)[0]
          .dataSync(),
      ),
    ).toEqual([-0.2, 0, 0.2, 0.4, 0.3, 0.4]);
    expect(() => coloured({ mean: [0, 1] })).toThrow(ArgumentError);
  });

  it("gives pictures with the channels of a pixel side by side", () => {
    const { picture, label } = coloured().example(0);
    expect(picture).toEqual({ data: Uint8Array.of(0, 102, 204, 51, 153, 255), width: 2, height: 1, channels: 3 });
    expect(label).toBe(4);
  });

  it("can be cut down to classes, numbered anew, and to some examples of each", async () => {
    const digits = (await mnist({ train: false })).ofClasses([7, 3]);
    expect(digits.length).toBe(1028 + 1010); // as many as the test pictures have
    expect([digits.labels[0], new Set(digits.labels).size]).toEqual([0, 2]); // the first test picture is a 7
    const few = digits.subset(stratified(digits.labels, 20));
    expect([few.length, few.labels.filter((label) => label === 1).length]).toEqual([40, 20]);
    const named = coloured({ classes: ["a", "b", "c", "d", "e"] }).ofClasses([2, 4]);
    expect([named.classes, [...named.labels]]).toEqual([
      ["c", "e"],
      [1, 0],
    ]);
    expect(rounded(named.get(0)[0].dataSync())).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(() => coloured().subset([2])).toThrow(IndexError);
  });

  it("is built again from its blueprint", async () => {
    const again = (await build(coloured({ mean: 0.5, std: 0.5 }).blueprint)) as ImageDataset;
    expect(rounded(again.get(0)[0].dataSync())).toEqual([-1, -0.6, -0.2, 0.2, 0.6, 1]);
  });

  it("refuses bytes that do not fit", () => {
    expect(() => new ImageDataset(bytes, new Uint8Array(2), 1, 2)).toThrow(ShapeError);
  });
});
