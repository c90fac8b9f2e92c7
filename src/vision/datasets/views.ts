/** Annotated pictures as tensors that stack to batches. */

import type { TypedArray } from "../../core/dtype.ts";
import { ArgumentError, ShapeError } from "../../core/errors.ts";
import type { Blueprint, Dataset, Sample } from "../../data/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import type { Picture } from "../picture.ts";
import type { Example, ExampleSource } from "../transforms/example.ts";
import { byteTable, type Normalization } from "./images.ts";

/** One field of several examples, one after the other. */
export interface Field {
  readonly data: TypedArray;
  /** of one example */
  readonly shape: readonly number[];
}

export abstract class ExampleDataset<S extends Sample> implements Dataset<S>, ExampleSource {
  readonly length: number;
  protected readonly source: ExampleSource;

  constructor(source: ExampleSource) {
    this.length = source.length;
    this.source = source;
  }

  example(index: number, epoch?: number): Example {
    return this.source.example(index, epoch);
  }

  get(index: number, epoch?: number): S {
    const fields = this.fields([this.example(index, epoch)]);
    return fields.map(({ data, shape }) => tensor(data, { shape })) as unknown as S;
  }

  batch(indices: Uint32Array, epoch?: number): S {
    const fields = this.fields(Array.from(indices, (index) => this.example(index, epoch)));
    return fields.map(({ data, shape }) => tensor(data, { shape: [indices.length, ...shape] })) as unknown as S;
  }

  protected abstract fields(examples: readonly Example[]): Field[];
}

/** Pictures (height, width, channels) of one size as planes (channels, height, width) of numbers. */
export function planes(examples: readonly Example[], normalize: Partial<Normalization> = {}): Field {
  const { width, height, channels }: Picture = examples[0].picture;
  const size = width * height;
  const table = byteTable(normalize, channels);
  const out = new Float32Array(examples.length * channels * size);
  for (const [i, { picture }] of examples.entries()) {
    if (picture.width !== width || picture.height !== height || picture.channels !== channels) {
      throw new ShapeError(
        `a batch has pictures of one size, but got (${channels}, ${height}, ${width}) and (${picture.channels}, ${picture.height}, ${picture.width}): resize them, or take batches of one.`,
      );
    }
    const bytes = picture.data;
    for (let channel = 0; channel < channels; channel++) {
      const at = (i * channels + channel) * size;
      for (let p = 0; p < size; p++) out[at + p] = table[256 * channel + bytes[channels * p + channel]];
    }
  }
  return { data: out, shape: [channels, height, width] };
}

/** A picture with one channel or three: grey is repeated, colours become their luma (ITU-R BT.601). */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const { data: from, width, height } = picture;
  const data = new Uint8Array(width * height * channels);
  for (let p = 0; p < width * height; p++) {
    if (channels === 3) data.fill(from[p], 3 * p, 3 * p + 3);
    else data[p] = Math.round(0.299 * from[3 * p] + 0.587 * from[3 * p + 1] + 0.114 * from[3 * p + 2]);
  }
  return { data, width, height, channels };
}

export interface ViewOptions {
  /** as {@link MNIST_STATISTICS}; without it pixels are in [0, 1] */
  normalize?: Normalization;
}

/**
 * Pictures with the class of each pixel: example i is [image (C, H, W) f32, mask (H, W) i32].
 *
 * Throws an ArgumentError if an example has no mask, a ShapeError if the pictures of a batch differ in size.
 *
 * ```ts
 * const digits = await composedDigits({ train: false, count: 8, size: 48 });
 * const [images, masks] = new SegmentationDataset(digits).batch(new Uint32Array([0, 1, 2]));
 * images.shape; // [ 3, 1, 48, 48 ]
 * masks.shape; // [ 3, 48, 48 ]
 * ```
 */
export class SegmentationDataset extends ExampleDataset<readonly [image: Tensor, mask: Tensor]> {
  readonly #options: ViewOptions;

  constructor(source: ExampleSource, options: ViewOptions = {}) {
    super(source);
    this.#options = options;
  }

  get blueprint(): Blueprint | undefined {
    const { blueprint } = this.source;
    return blueprint && { module: import.meta.url, name: "SegmentationDataset", args: [blueprint, this.#options] };
  }

  protected fields(examples: readonly Example[]): Field[] {
    const image = planes(examples, this.#options.normalize);
    const [, height, width] = image.shape;
    const masks = new Int32Array(examples.length * height * width);
    for (const [i, { mask }] of examples.entries()) {
      if (!mask) throw new ArgumentError("SegmentationDataset: an example has no mask.");
      masks.set(mask, i * height * width);
    }
    return [image, { data: masks, shape: [height, width] }];
  }
}

export interface DetectionOptions extends ViewOptions {
  /** boxes an example, so that examples stack: what is missing is filled up with the box 0 0 0 0 and the label −1 */
  maxBoxes: number;
}

/**
 * Pictures with boxes: example i is [image (C, H, W) f32, boxes (maxBoxes, 4) f32, labels (maxBoxes) i32]; boxes are
 * corners x₁ y₁ x₂ y₂ in pixels, and rows whose label is −1 are no boxes.
 *
 * Throws an ArgumentError if an example has no boxes or more than `maxBoxes`, a ShapeError if the pictures of a batch
 * differ in size.
 *
 * ```ts
 * const digits = await composedDigits({ train: false, count: 8, digits: [2, 2] });
 * const [image, boxes, labels] = new DetectionDataset(digits, { maxBoxes: 3 }).get(1);
 * boxes.shape; // [ 3, 4 ]
 * labels; // tensor([ 1, 2, -1])
 * ```
 */
export class DetectionDataset extends ExampleDataset<readonly [image: Tensor, boxes: Tensor, labels: Tensor]> {
  readonly #options: DetectionOptions;

  constructor(source: ExampleSource, options: DetectionOptions) {
    super(source);
    this.#options = options;
  }

  get blueprint(): Blueprint | undefined {
    const { blueprint } = this.source;
    return blueprint && { module: import.meta.url, name: "DetectionDataset", args: [blueprint, this.#options] };
  }

  protected fields(examples: readonly Example[]): Field[] {
    const { maxBoxes, normalize } = this.#options;
    const boxes = new Float32Array(examples.length * maxBoxes * 4);
    const labels = new Int32Array(examples.length * maxBoxes).fill(-1);
    for (const [i, example] of examples.entries()) {
      if (!example.boxes || !example.labels || example.labels.length > maxBoxes) {
        const count = example.labels?.length ?? "no";
        throw new ArgumentError(`DetectionDataset: maxBoxes is ${maxBoxes}, but an example has ${count} boxes.`);
      }
      boxes.set(example.boxes, i * maxBoxes * 4);
      labels.set(example.labels, i * maxBoxes);
    }
    return [planes(examples, normalize), { data: boxes, shape: [maxBoxes, 4] }, { data: labels, shape: [maxBoxes] }];
  }
}
