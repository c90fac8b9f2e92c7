import { checkIndex, type Dataset } from "../data/dataset.ts";
import { type Blueprint, shared } from "../data/index.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import type { Example, ExampleSource } from "./transforms/example.ts";

/** Mean and standard deviation of pixels in [0, 1]: a pixel p becomes (p − mean) / std. */
export interface Normalization {
  readonly mean: number;
  readonly std: number;
}

/**
 * Grey pictures of one size with a label each, kept as bytes and given out as float32 in [0, 1], or normalized.
 * Example i is [image (1, height, width) f32, label () i32].
 */
export class ImageDataset implements Dataset<readonly [Tensor, Tensor]>, ExampleSource {
  readonly length: number;
  /** row-major bytes, (length, height, width) */
  readonly images: Uint8Array;
  /** (length) */
  readonly labels: Uint8Array;
  /** of one picture: (1, height, width) */
  readonly shape: readonly [1, number, number];
  readonly #size: number;
  readonly #table: Float32Array;
  readonly #normalize: Normalization | undefined;

  constructor(images: Uint8Array, labels: Uint8Array, height: number, width: number, normalize?: Normalization) {
    this.length = labels.length;
    this.images = images;
    this.labels = labels;
    this.shape = [1, height, width];
    this.#size = height * width;
    this.#normalize = normalize;
    const { mean, std } = normalize ?? { mean: 0, std: 1 };
    this.#table = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
  }

  /** Built anew at each look: pictures that are in no SharedArrayBuffer are copied into one. */
  get blueprint(): Blueprint {
    const [, height, width] = this.shape;
    const args = [shared(this.images), shared(this.labels), height, width, this.#normalize];
    return { module: import.meta.url, name: "ImageDataset", args };
  }

  get(index: number): readonly [Tensor, Tensor] {
    const [images, labels] = this.#rows([index]);
    return [tensor(images, { shape: this.shape }), tensor(labels, { shape: [] })];
  }

  example(index: number): Example {
    checkIndex("ImageDataset", index, this.length);
    const [channels, height, width] = this.shape;
    const data = this.images.subarray(index * this.#size, (index + 1) * this.#size);
    return { picture: { data, width, height, channels }, label: this.labels[index] };
  }

  batch(indices: Uint32Array): readonly [Tensor, Tensor] {
    const [images, labels] = this.#rows(indices);
    return [tensor(images, { shape: [indices.length, ...this.shape] }), tensor(labels)];
  }

  #rows(indices: ArrayLike<number>): [Float32Array, Int32Array] {
    const size = this.#size;
    const table = this.#table;
    const bytes = this.images; // the loop below is as hot as a data loader gets: no property is read in it
    const images = new Float32Array(indices.length * size);
    const labels = new Int32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      checkIndex("ImageDataset", indices[i], this.length);
      const from = indices[i] * size;
      const to = i * size;
      for (let pixel = 0; pixel < size; pixel++) images[to + pixel] = table[bytes[from + pixel]];
      labels[i] = this.labels[indices[i]];
    }
    return [images, labels];
  }
}
