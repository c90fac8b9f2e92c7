import { ArgumentError } from "../../core/errors.ts";
import type { Dataset, Sample } from "../../data/index.ts";
import { permutation } from "../../data/permutation.ts";

export interface BucketedDatasetOptions {
  /** examples in a batch, as the loader has it */
  batchSize: number;
  /** the lengths that batches may have, ascending; four, that have a quarter of the examples each */
  sizes?: readonly number[];
  /** whether each epoch mixes the examples anew: here, since the loader, with `shuffle: false`, must keep this order; true */
  shuffle?: boolean;
  /** the order of epoch e depends on (seed, e) alone; 0 */
  seed?: number;
}

/**
 * Examples in an order in which those of a batch are about as long as one another, so that little is padded.
 *
 * `lengths` are the examples'; `collate(indices, size)` gives the batch of some of them, padded to `size`, which is one of
 * the `sizes`. A step is compiled for each shape that it meets, so sizes are few and every batch is full: what is left over
 * of each size joins a batch of larger ones, and only the last of an epoch may have fewer examples.
 * Give it to a `DataLoader` of the same `batchSize` with `shuffle: false`. Workers cannot build it: it has no `blueprint`.
 * Throws an ArgumentError if an example is longer than the largest size, or sizes are not ascending.
 * Source: Khomenko et al., Accelerating recurrent neural network training using sequence bucketing, 2016.
 *
 * ```ts
 * const texts = [[1, 2], [3, 4, 5, 6], [7], [8, 9, 10]];
 * const collate = (indices: Uint32Array, length: number) =>
 *   [padSequences(Array.from(indices, (i) => texts[i]), { length }).tokens] as const;
 * const dataset = new BucketedDataset(texts.map((text) => text.length), collate, { batchSize: 2, sizes: [2, 4] });
 * const shapes = [...new DataLoader(dataset, { batchSize: 2 })].map(([tokens]) => tokens.shape.join("×"));
 * shapes.sort(); // [ '2×2', '2×4' ]
 * ```
 */
export class BucketedDataset<S extends Sample> implements Dataset<S> {
  readonly length: number;
  readonly sizes: readonly number[];
  readonly #lengths: ArrayLike<number>;
  readonly #collate: (indices: Uint32Array, size: number) => S;
  readonly #options: Required<Omit<BucketedDatasetOptions, "sizes">>;
  #order: { readonly epoch: number; readonly examples: Uint32Array } | undefined;

  constructor(
    lengths: ArrayLike<number>,
    collate: (indices: Uint32Array, size: number) => S,
    options: BucketedDatasetOptions,
  ) {
    const { batchSize, sizes = quarters(lengths), shuffle = true, seed = 0 } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ArgumentError(`BucketedDataset: batchSize must be a whole number above 0, but got ${batchSize}.`);
    }
    if (sizes.some((size, i) => !Number.isInteger(size) || size <= (sizes[i - 1] ?? 0))) {
      throw new ArgumentError(`BucketedDataset: sizes are whole numbers that ascend, but got ${sizes.join(", ")}.`);
    }
    const largest = sizes.at(-1) ?? 0;
    for (let i = 0; i < lengths.length; i++) {
      if (lengths[i] <= largest) continue;
      throw new ArgumentError(
        `BucketedDataset: example ${i} has the length ${lengths[i]}, but the largest size is ${largest}: cut it off, or add a size.`,
      );
    }
    this.length = lengths.length;
    this.sizes = sizes;
    this.#lengths = lengths;
    this.#collate = collate;
    this.#options = { batchSize, shuffle, seed };
  }

  /** One example, padded to the size that it needs. */
  get(index: number, epoch?: number): S {
    return this.batch(Uint32Array.of(index), epoch).map((field) => field.squeeze(0)) as unknown as S;
  }

  batch(indices: Uint32Array, epoch = 0): S {
    if (this.#order?.epoch !== epoch) this.#order = { epoch, examples: this.#orderOf(epoch) };
    const { examples } = this.#order;
    const chosen = indices.map((index) => examples[index]);
    return this.#collate(chosen, this.sizes[this.#bucketOf(chosen)]);
  }

  /** The number of the smallest size that fits all of `examples`. */
  #bucketOf(examples: Uint32Array): number {
    const longest = examples.reduce((most, example) => Math.max(most, this.#lengths[example]), 0);
    return this.sizes.findIndex((size) => longest <= size);
  }

  /** All examples: full batches of one size, in any order, then what is left over. */
  #orderOf(epoch: number): Uint32Array {
    const { batchSize, shuffle, seed } = this.#options;
    const mixed = shuffle
      ? permutation(this.length, seed, epoch)
      : Uint32Array.from({ length: this.length }, (_, i) => i);
    const buckets = this.sizes.map((): number[] => []);
    const batches: number[][] = [];
    for (const example of mixed) {
      const bucket = buckets[this.#bucketOf(Uint32Array.of(example))];
      if (bucket.push(example) === batchSize) batches.push(bucket.splice(0));
    }
    const left = buckets.flat(); // the short ones first
    return Uint32Array.from([...batches.flat(), ...left]);
  }
}

/** Sizes that are met by a quarter of the lengths each, rounded up to a multiple of 8. */
function quarters(lengths: ArrayLike<number>): number[] {
  const sorted = Array.from(lengths).sort((a, b) => a - b);
  const ends = [1, 2, 3, 4].map((quarter) => sorted[Math.ceil((quarter * sorted.length) / 4) - 1] ?? 1);
  return [...new Set(ends.map((length) => 8 * Math.ceil(Math.max(length, 1) / 8)))];
}
