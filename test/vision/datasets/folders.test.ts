import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode } from "jpeg-js";
import { beforeAll, describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../../../src/core/errors.ts";
import { build } from "../../../src/data/index.ts";
import {
  DetectionDataset,
  encodePng,
  type ImageFolder,
  imageFolder,
  VOC_CLASSES,
  type VocDetection,
  vocDetection,
} from "../../../src/vision/index.ts";

/** A folder with these files. */
async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "chainrule-folder-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** One colour, or one grey. */
const png = (width: number, height: number, ...pixel: number[]) =>
  encodePng({
    data: Uint8Array.from({ length: width * height * pixel.length }, (_, i) => pixel[i % pixel.length]),
    width,
    height,
    channels: pixel.length as 1 | 3,
  });
const jpeg = (width: number, height: number, grey: number) =>
  encode({ width, height, data: new Uint8Array(4 * width * height).fill(grey) }, 95).data;

describe("imageFolder", () => {
  let root: string;
  beforeAll(async () => {
    root = await folderOf({
      "dog/b.PNG": await png(2, 2, 0, 51, 255),
      "dog/a/deep.jpg": jpeg(2, 2, 102),
      "cat/1.png": await png(2, 2, 204),
      "cat/notes.txt": "no picture",
      "readme.md": "no class",
    });
  });

  it("numbers the folders by name, and reads PNG and JPEG in any depth", async () => {
    const pictures = await imageFolder(root);
    expect([pictures.length, pictures.classes, pictures.labels]).toEqual([3, ["cat", "dog"], [0, 1, 1]]);
    expect(pictures.paths.map((path) => path.slice(root.length + 1))).toEqual([
      "cat/1.png",
      "dog/a/deep.jpg",
      "dog/b.PNG",
    ]);
    const [images, labels] = pictures.batch(new Uint32Array([2, 0]));
    expect([images.shape, images.dtype, labels.arraySync(), labels.dtype]).toEqual([
      [2, 3, 2, 2],
      "f32",
      [1, 0],
      "i32",
    ]);
    const means = images.mean([2, 3]).mul(5).round().arraySync();
    expect(means).toEqual([
      [0, 1, 5],
      [4, 4, 4],
    ]);
    const [image, label] = pictures.get(1);
    expect([image.shape, label.shape, label.itemSync()]).toEqual([[3, 2, 2], [], 1]);
    expect(image.mean().itemSync()).toBeCloseTo(0.4, 2);
    expect(pictures.example(0)).toMatchObject({ label: 0, picture: { width: 2, channels: 3 } });
  });

  it("takes colours for their luma if grey is asked for, and normalizes", async () => {
    const grey = await imageFolder(root, { channels: 1, normalize: { mean: 0.5, std: 2 } });
    const [image] = grey.get(2);
    expect(image.shape).toEqual([1, 2, 2]);
    expect(image.mean().itemSync()).toBeCloseTo((Math.round(0.587 * 51 + 0.114 * 255) / 255 - 0.5) / 2, 5);
  });

  it("is built again from its blueprint", async () => {
    const again = (await build((await imageFolder(root, { channels: 1 })).blueprint)) as ImageFolder;
    expect(again.get(0)[0].shape).toEqual([1, 2, 2]);
  });

  it("names what is missing or damaged", async () => {
    await expect(imageFolder(join(root, "none"))).rejects.toThrow(`cannot read the folder ${join(root, "none")}`);
    await expect(imageFolder(join(root, "cat"))).rejects.toThrow(`${join(root, "cat")} has no folders`);
    const empty = await folderOf({ "a/x.png": await png(1, 1, 0), "b/x.txt": "" });
    await expect(imageFolder(empty)).rejects.toThrow(`${join(empty, "b")} has no PNG or JPEG pictures.`);
    const bad = await folderOf({ "a/x.png": (await png(9, 9, 1)).subarray(0, 60), "a/y.png": await png(3, 1, 7) });
    const pictures = await imageFolder(bad);
    expect(() => pictures.get(0)).toThrow(`${join(bad, "a", "x.png")} is damaged: `);
    expect(pictures.get(1)[0].shape).toEqual([3, 1, 3]);
  });

  it("says that a batch needs one size", async () => {
    const sizes = await folderOf({ "a/x.png": await png(2, 1, 0), "a/y.png": await png(1, 2, 0) });
    const pictures = await imageFolder(sizes);
    expect(() => pictures.batch(new Uint32Array([0, 1]))).toThrow(ShapeError);
  });
});

const object = (name: string, box: number[], more = "") => `
  <object><name>${name}</name>${more}
    <bndbox><xmin>${box[0]}</xmin><ymin>${box[1]}</ymin><xmax>${box[2]}</xmax><ymax>${box[3]}</ymax></bndbox>
  </object>`;
const annotation = (...objects: string[]) => `<annotation><folder>VOC</folder>${objects.join("")}</annotation>\n`;
const PART = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>";

/** A data set of one picture of 16×8 pixels. */
const vocOf = (xml: string, files: Readonly<Record<string, Uint8Array | string>> = {}) =>
  folderOf({
    "Annotations/one.xml": xml,
    "JPEGImages/one.jpg": jpeg(16, 8, 128),
    "ImageSets/Main/train.txt": "one\n",
    ...files,
  });

describe("vocDetection", () => {
  const xml = annotation(
    object("dog", [1, 1, 16, 8], `${PART}<difficult>0</difficult>`),
    object("person", [3.5, 2, 5, 4], "<difficult>1</difficult>"),
  );

  it("reads boxes, labels and what is difficult, from 1 to 0 as the first pixel", async () => {
    const set = await vocDetection(await vocOf(xml), { split: "train" });
    expect([set.length, set.ids, set.classes]).toEqual([1, ["one"], VOC_CLASSES]);
    const { picture, boxes, labels, difficult } = set.example(0);
    expect([picture.width, picture.height, picture.channels]).toEqual([16, 8, 3]);
    expect([...boxes]).toEqual([0, 0, 16, 8, 2.5, 1, 5, 4]);
    expect([...labels].map((label) => VOC_CLASSES[label])).toEqual(["dog", "person"]);
    expect([...difficult]).toEqual([0, 1]);
    const [, padded, numbers] = new DetectionDataset(set, { maxBoxes: 3 }).get(0);
    expect([padded.shape, numbers.arraySync()]).toEqual([
      [3, 4],
      [11, 14, -1],
    ]);
  });

  it("finds a year, a list with more columns, other classes, pictures without objects", async () => {
    const root = await folderOf({
      "VOCdevkit/VOC2007/Annotations/a.xml": annotation(),
      "VOCdevkit/VOC2007/Annotations/b-1.xml": annotation(object("nut", [1, 1, 1, 1])),
      "VOCdevkit/VOC2007/JPEGImages/a.jpg": jpeg(8, 8, 0),
      "VOCdevkit/VOC2007/JPEGImages/b-1.jpg": jpeg(8, 8, 0),
      "VOCdevkit/VOC2007/ImageSets/Main/val.txt": "a  1\r\n\r\nb-1 -1\r\n",
    });
    const set = await vocDetection(root, { split: "val", year: 2007, classes: ["bolt", "nut"] });
    expect(set.ids).toEqual(["a", "b-1"]);
    expect(set.example(0).boxes).toHaveLength(0);
    expect([...set.example(1).labels]).toEqual([1]);
    const again = (await build(set.blueprint)) as VocDetection;
    expect(again.example(1)).toEqual(set.example(1));
  });

  it.each<[string, string, string]>([
    ["no annotation", "<html></html>", "one.xml is damaged, or no annotation"],
    ["cut off", xml.slice(0, 200), "one.xml is damaged, or no annotation"],
    ["declares entities", `<!DOCTYPE a [<!ENTITY x "y">]>${xml}`, "one.xml is damaged, or no annotation"],
    ["of an unknown class", annotation(object("unicorn", [1, 1, 2, 2])), 'there is no class "unicorn" among 20'],
    [
      "outside of its picture",
      annotation(object("dog", [1, 1, 17, 8])),
      "(0, 0) to (17, 8) is empty or not within 16×8",
    ],
    ["upside down", annotation(object("dog", [5, 1, 4, 8])), "is empty or not within"],
    ["without numbers", annotation("<object><name>dog</name></object>"), "without a box of four numbers"],
    ["with words for numbers", annotation(object("dog", [Number.NaN, 1, 2, 2])), "without a box of four numbers"],
  ])("refuses an annotation that is %s", async (_, text, message) => {
    const set = await vocDetection(await vocOf(text), { split: "train" });
    expect(() => set.example(0)).toThrow(DataError);
    expect(() => set.example(0)).toThrow(message);
  });

  it("names what is missing, and lists that lead elsewhere", async () => {
    const root = await vocOf(xml, { "ImageSets/Main/bad.txt": "../one\n", "ImageSets/Main/two.txt": "two\n" });
    await expect(vocDetection(root, { split: "test" })).rejects.toThrow(join(root, "ImageSets", "Main", "test.txt"));
    await expect(vocDetection(root, { split: "bad" })).rejects.toThrow(`names no picture: "../one"`);
    const set = await vocDetection(root, { split: "two" });
    expect(() => set.example(0)).toThrow(`cannot read ${join(root, "Annotations", "two.xml")}`);
  });
});
