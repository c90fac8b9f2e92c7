import { DataError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import type { Blueprint, Dataset } from "../../data/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { type Picture, pictureDecoder } from "../picture.ts";
import type { Example, ExampleSource } from "../transforms/example.ts";
import { planes, type ViewOptions, withChannels } from "./views.ts";

export interface ImageFolderOptions extends ViewOptions {
  /** 3: grey pictures are repeated; 1: coloured ones become their luma; 3 */
  channels?: 1 | 3;
}

/**
 * Pictures in folders, one folder a class: `root/cat/1.png`, `root/dog/old/7.jpg`. Example i is
 * [image (channels, H, W) f32, label () i32]; labels number the folders in the order of their names.
 *
 * A picture (PNG or JPEG) is read when its example is asked for; those of one batch must have one size.
 * Throws a DataError if there are no folders, if one has no pictures, or, by name, if a picture is damaged.
 * Source: torchvision.datasets.ImageFolder.
 *
 * ```ts
 * await imageFolder("nowhere"); // throws DataError
 * ```
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const { readdir } = await import("node:fs/promises");
  const { readFileSync } = await import("node:fs");
  const { join, resolve } = await import("node:path");
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: Error) => {
    throw new DataError(`cannot read the folder ${root}: ${cause.message}`, { cause });
  });
  const classes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  classes.sort();
  if (classes.length === 0) throw new DataError(`${root} has no folders: each class needs one, with its pictures.`);
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    const files = await readdir(join(root, name), { recursive: true });
    const pictures = files.filter((file) => /\.(png|jpe?g)$/i.test(file));
    if (pictures.length === 0) throw new DataError(`${join(root, name)} has no PNG or JPEG pictures.`);
    for (const file of pictures.sort()) {
      paths.push(resolve(root, name, file));
      labels.push(label);
    }
  }
  const decode = await pictureDecoder();
  const read = (path: string) => decode(readFileSync(path), path);
  const blueprint = { module: import.meta.url, name: "imageFolder", args: [resolve(root), options] };
  return new ImageFolder({ paths, labels, classes }, read, options, blueprint);
}

/** What {@link imageFolder} gives. */
export class ImageFolder implements Dataset<readonly [image: Tensor, label: Tensor]>, ExampleSource {
  readonly length: number;
  /** of each picture */
  readonly paths: readonly string[];
  /** of each picture */
  readonly labels: readonly number[];
  /** the names of the folders */
  readonly classes: readonly string[];
  readonly blueprint: Blueprint;
  readonly #read: (path: string) => Picture;
  readonly #options: ImageFolderOptions;

  constructor(
    found: { paths: readonly string[]; labels: readonly number[]; classes: readonly string[] },
    read: (path: string) => Picture,
    options: ImageFolderOptions,
    blueprint: Blueprint,
  ) {
    this.length = found.paths.length;
    this.paths = found.paths;
    this.labels = found.labels;
    this.classes = found.classes;
    this.blueprint = blueprint;
    this.#read = read;
    this.#options = options;
  }

  example(index: number): Example {
    checkIndex("ImageFolder", index, this.length);
    const picture = this.#read(this.paths[index]);
    return { picture: withChannels(picture, this.#options.channels ?? 3), label: this.labels[index] };
  }

  get(index: number): readonly [Tensor, Tensor] {
    const { data, shape } = planes([this.example(index)], this.#options.normalize);
    return [tensor(data, { shape }), tensor(this.labels[index], { dtype: "i32" })];
  }

  batch(indices: Uint32Array): readonly [Tensor, Tensor] {
    const examples = Array.from(indices, (index) => this.example(index));
    const { data, shape } = planes(examples, this.#options.normalize);
    const labels = Int32Array.from(indices, (index) => this.labels[index]);
    return [tensor(data, { shape: [indices.length, ...shape] }), tensor(labels)];
  }
}
