import { DataError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import type { Blueprint } from "../../data/index.ts";
import { type Picture, pictureDecoder } from "../picture.ts";
import type { Example, ExampleSource } from "../transforms/example.ts";
import { withChannels } from "./views.ts";

export interface VocOptions {
  /** the list of pictures: ImageSets/Main/<split>.txt */
  split: string;
  /** of which year: `root` holds VOCdevkit/VOC<year>; by default `root` itself holds Annotations, ImageSets and JPEGImages */
  year?: number;
  /** the names of the labels; {@link VOC_CLASSES} */
  classes?: readonly string[];
}

/** The names of the labels 0 to 19. */
export const VOC_CLASSES: readonly string[] = (
  "aeroplane bicycle bird boat bottle bus car cat chair cow " +
  "diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor"
).split(" ");

/** A coloured picture, its boxes x₁ y₁ x₂ y₂ with their labels, and which of them are marked as difficult (1) or not (0). */
export type VocExample = Example & Required<Pick<Example, "boxes" | "labels">> & { readonly difficult: Uint8Array };

/**
 * Pictures with boxes in the form of Pascal VOC: `Annotations/<id>.xml`, `JPEGImages/<id>.jpg` and lists of ids.
 *
 * The files count pixels from 1 and include both corners; here box x₁ y₁ x₂ y₂ covers x₁ to x₂, so that (48, 240, 195, 371)
 * becomes (47, 239, 195, 371). {@link DetectionDataset} makes tensors of the examples.
 * Throws a DataError that names the file if something is missing, damaged, of an unknown class or outside of its picture; it
 * needs the package `linkedom`.
 * Source: Everingham et al., The Pascal visual object classes (VOC) challenge, 2010; torchvision.datasets.VOCDetection.
 *
 * ```ts
 * VOC_CLASSES[14]; // "person"
 * await vocDetection("nowhere", { year: 2012, split: "train" }); // throws DataError
 * ```
 */
export async function vocDetection(root: string, options: VocOptions): Promise<VocDetection> {
  const { readFileSync } = await import("node:fs");
  const { join, resolve } = await import("node:path");
  const folder = resolve(root, options.year === undefined ? "" : `VOCdevkit/VOC${options.year}`);
  const read = (...path: string[]): Uint8Array => {
    try {
      return readFileSync(join(folder, ...path));
    } catch (cause) {
      throw new DataError(`cannot read ${join(folder, ...path)}: ${(cause as Error).message}`, { cause });
    }
  };
  const parse = await annotationParser();
  const decode = await pictureDecoder();
  const list = new TextDecoder().decode(read("ImageSets", "Main", `${options.split}.txt`));
  const ids = list.split("\n").flatMap((line) => line.trim().split(/\s+/)[0] || []);
  for (const id of ids) {
    if (!/^[\w.-]+$/.test(id)) throw new DataError(`${options.split}.txt in ${folder} names no picture: "${id}".`);
  }
  const files = {
    picture: (id: string) => decode(read("JPEGImages", `${id}.jpg`), join(folder, "JPEGImages", `${id}.jpg`)),
    objects: (id: string) => parse(read("Annotations", `${id}.xml`), join(folder, "Annotations", `${id}.xml`)),
  };
  const blueprint = { module: import.meta.url, name: "vocDetection", args: [resolve(root), options] };
  return new VocDetection(ids, files, options.classes ?? VOC_CLASSES, blueprint);
}

interface VocFiles {
  picture(id: string): Picture;
  objects(id: string): VocObject[];
}

/** What {@link vocDetection} gives. */
export class VocDetection implements ExampleSource {
  readonly length: number;
  /** the names of the pictures */
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  readonly blueprint: Blueprint;
  readonly #files: VocFiles;

  constructor(ids: readonly string[], files: VocFiles, classes: readonly string[], blueprint: Blueprint) {
    this.length = ids.length;
    this.ids = ids;
    this.classes = classes;
    this.blueprint = blueprint;
    this.#files = files;
  }

  example(index: number): VocExample {
    checkIndex("VocDetection", index, this.length);
    const id = this.ids[index];
    const objects = this.#files.objects(id);
    const picture = withChannels(this.#files.picture(id), 3);
    const labels = objects.map(({ name }) => this.classes.indexOf(name));
    for (const [i, { name, box }] of objects.entries()) {
      const [left, top, right, bottom] = box;
      const inside = left >= 0 && top >= 0 && right <= picture.width && bottom <= picture.height;
      if (labels[i] < 0) throw new DataError(`${id}.xml: there is no class "${name}" among ${this.classes.length}.`);
      if (!(inside && left < right && top < bottom)) {
        throw new DataError(
          `${id}.xml: the box of "${name}" from (${left}, ${top}) to (${right}, ${bottom}) is empty or not within ${picture.width}×${picture.height} pixels.`,
        );
      }
    }
    return {
      picture,
      boxes: Float32Array.from(objects.flatMap(({ box }) => box)),
      labels: Int32Array.from(labels),
      difficult: Uint8Array.from(objects, ({ difficult }) => Number(difficult)),
    };
  }
}

interface VocObject {
  readonly name: string;
  /** x₁, y₁, x₂, y₂ in pixels, counted from 0 */
  readonly box: readonly number[];
  readonly difficult: boolean;
}

// An annotation has some hundred bytes an object.
const MOST_BYTES = 2 ** 20;

async function annotationParser(): Promise<(bytes: Uint8Array, path: string) => VocObject[]> {
  const { DOMParser } = await import("linkedom").catch((cause) => {
    throw new DataError("annotations need the package linkedom: run `npm install linkedom`.", { cause });
  });
  return (bytes, path) => {
    const text = new TextDecoder().decode(bytes.subarray(0, MOST_BYTES)).trim();
    // Declarations of entities are what makes XML dangerous, and no annotation has any.
    if (!text.endsWith("</annotation>") || /<!(DOCTYPE|ENTITY)/i.test(text)) {
      throw new DataError(`${path} is damaged, or no annotation in the form of Pascal VOC.`);
    }
    const annotation = new DOMParser().parseFromString(text, "text/xml").documentElement as unknown as XmlElement;
    return childrenOf(annotation, "object").map((object) => {
      const [box] = childrenOf(object, "bndbox");
      const corner = (name: string) => Number(box ? textOf(box, name) || Number.NaN : Number.NaN);
      const edges = [corner("xmin") - 1, corner("ymin") - 1, corner("xmax"), corner("ymax")];
      if (!edges.every(Number.isFinite)) throw new DataError(`${path} has an object without a box of four numbers.`);
      return { name: textOf(object, "name"), box: edges, difficult: textOf(object, "difficult") === "1" };
    });
  };
}

interface XmlElement {
  readonly localName: string;
  readonly textContent: string | null;
  readonly children: Iterable<XmlElement>;
}

/** Only an element's own: the parts of an object have names and boxes as well. */
const childrenOf = (element: XmlElement, name: string): XmlElement[] =>
  [...element.children].filter(({ localName }) => localName === name);

const textOf = (element: XmlElement, name: string): string => childrenOf(element, name)[0]?.textContent?.trim() ?? "";
