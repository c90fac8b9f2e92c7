import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel } from "../../core/shape.ts";
import { checkIndex, type Dataset } from "../../data/dataset.ts";
import { type Blueprint, shared } from "../../data/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import type { Example, ExampleSource } from "../transforms/example.ts";

/** Mean and standard deviation of pixels in [0, 1], of all or of each channel: a pixel p becomes (p − mean) / std. */
export interface Normalization {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

export interface ImageDatasetOptions extends Partial<Normalization> {
  /** 1 for grey, 3 for colour; 1 */
  channels?: number;
  /** the name of each label; none */
  classes?: readonly string[];
}

/**
 * Pictures of one size with a label each, kept as bytes and given out as float32 in [0, 1], or normalized:
 * (byte / 255 − mean) / std. Example i is [image (channels, height, width) f32, label () i32].
 *
 * Throws a ShapeError if `images` does not have length · channels · height · width bytes, an ArgumentError for a mean or a
 * standard deviation that has neither one number nor one a channel, an IndexError for an example that is not there.
 *
 * ```ts
 * const dots = new ImageDataset(new Uint8Array([0, 255, 255, 0]), new Uint8Array([3, 5]), 1, 2);
 * dots.get(1); // [ tensor([[[1., 0.]]]), tensor(5) ]
 * dots.ofClasses([5]).get(0)[1]; // tensor(0)
 * ```
 */
export class ImageDataset implements Dataset<readonly [Tensor, Tensor]>, ExampleSource {
  readonly length: number;
  /** row-major bytes, (length, channels, height, width) */
  readonly images: Uint8Array;
  /** (length) */
  readonly labels: Uint8Array;
  /** of one picture: (channels, height, width) */
  readonly shape: readonly [number, number, number];
  /** the name of each label, where labels have names */
  readonly classes: readonly string[];
  readonly #options: ImageDatasetOptions;
  /** what each byte becomes, channel after channel: (channels, 256) */
  readonly #table: Float32Array;

  constructor(
    images: Uint8Array,
    labels: Uint8Array,
    height: number,
    width: number,
    options: ImageDatasetOptions = {},
  ) {
    const { channels = 1, classes = [] } = options;
    if (images.length !== labels.length * channels * height * width) {
      throw new ShapeError(
        `ImageDataset: ${labels.length} pictures of (${channels}, ${height}, ${width}) are ${labels.length * channels * height * width} bytes, but got ${images.length}.`,
      );
    }
    this.length = labels.length;
    this.images = images;
    this.labels = labels;
    this.shape = [channels, height, width];
    this.classes = classes;
    this.#options = options;
    this.#table = byteTable(options, channels);
  }

  get(index: number): readonly [Tensor, Tensor] {
    const [images, labels] = this.#rows([index]);
    return [tensor(images, { shape: this.shape }), tensor(labels, { shape: [] })];
  }

  batch(indices: Uint32Array): readonly [Tensor, Tensor] {
    const [images, labels] = this.#rows(indices);
    return [tensor(images, { shape: [indices.length, ...this.shape] }), tensor(labels)];
  }

  example(index: number): Example {
    checkIndex("ImageDataset", index, this.length);
    const [channels, height, width] = this.shape;
    if (channels !== 1 && channels !== 3) {
      throw new ShapeError(`ImageDataset: a picture has 1 or 3 channels, but these have ${channels}.`);
    }
    const plane = height * width;
    const planes = this.images.subarray(index * channels * plane, (index + 1) * channels * plane);
    const data = channels === 1 ? planes : new Uint8Array(planes.length);
    if (channels === 3) {
      for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) data[3 * i + c] = planes[c * plane + i];
    }
    return { picture: { data, width, height, channels }, label: this.labels[index] };
  }

  /** Built anew at each look: pictures that are in no SharedArrayBuffer are copied into one. */
  get blueprint(): Blueprint {
    const [, height, width] = this.shape;
    const args = [shared(this.images), shared(this.labels), height, width, this.#options];
    return { module: import.meta.url, name: "ImageDataset", args };
  }

  /** The examples numbered `indices`, in that order: those that `stratified` drew for instance. */
  subset(indices: ArrayLike<number>): ImageDataset {
    const [, height, width] = this.shape;
    const size = numel(this.shape);
    const images = new Uint8Array(indices.length * size);
    const labels = new Uint8Array(indices.length);
    for (let to = 0; to < indices.length; to++) {
      const from = indices[to];
      checkIndex("ImageDataset", from, this.length);
      images.set(this.images.subarray(from * size, (from + 1) * size), to * size);
      labels[to] = this.labels[from];
    }
    return new ImageDataset(images, labels, height, width, this.#options);
  }

  /** The pictures of these classes alone, their labels numbered anew: label i is what was label `classes[i]`. */
  ofClasses(classes: readonly number[]): ImageDataset {
    const [, height, width] = this.shape;
    const { images, labels } = this.subset([...this.labels.keys()].filter((i) => classes.includes(this.labels[i])));
    const names = this.classes.length > 0 ? classes.map((label) => this.classes[label]) : [];
    const renumbered = labels.map((label) => classes.indexOf(label));
    return new ImageDataset(images, renumbered, height, width, { ...this.#options, classes: names });
  }

  #rows(indices: ArrayLike<number>): [Float32Array, Int32Array] {
    const [channels, height, width] = this.shape;
    const plane = height * width;
    const size = channels * plane;
    const table = this.#table;
    const bytes = this.images; // the loop below is as hot as a data loader gets: no property is read in it
    const images = new Float32Array(indices.length * size);
    const labels = new Int32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      checkIndex("ImageDataset", indices[i], this.length);
      for (let channel = 0; channel < channels; channel++) {
        const from = indices[i] * size + channel * plane;
        const to = i * size + channel * plane;
        const entry = 256 * channel;
        for (let pixel = 0; pixel < plane; pixel++) images[to + pixel] = table[entry + bytes[from + pixel]];
      }
      labels[i] = this.labels[indices[i]];
    }
    return [images, labels];
  }
}

/** What byte b becomes in channel c, at 256c + b: (b / 255 − mean) / std. */
export function byteTable({ mean = 0, std = 1 }: Partial<Normalization>, channels: number): Float32Array {
  const each = (name: string, value: number | readonly number[]): readonly number[] => {
    const values = typeof value === "number" ? new Array<number>(channels).fill(value) : value;
    if (values.length === channels) return values;
    throw new ArgumentError(`${name} has ${values.length} numbers for pictures of ${channels} channels.`);
  };
  const [means, stds] = [each("mean", mean), each("std", std)];
  return Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - means[channel]) / stds[channel];
  });
}
