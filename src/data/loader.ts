import { ArgumentError, StateError } from "../core/errors.ts";
import { collate, type Dataset, type Sample } from "./dataset.ts";
import { permutation } from "./permutation.ts";

export interface DataLoaderOptions {
  /** examples in a batch; 1 */
  batchSize?: number;
  /** a new random order each epoch; false */
  shuffle?: boolean;
  /** the order of epoch e depends on (seed, e) alone; 0 */
  seed?: number;
  /** leaves out a last batch that is not full; false */
  dropLast?: boolean;
}

/** Where a loader stands: the examples of epoch `epoch` up to `position` have been given out. */
export interface DataLoaderState {
  readonly seed: number;
  readonly epoch: number;
  readonly position: number;
}

/**
 * Batches of a dataset: one pass of `for await` (or `for`) is an epoch.
 *
 * Throws an ArgumentError if `batchSize` is not a whole number above 0 or `seed` is not a whole number of 32 bits.
 * Source: torch.utils.data.DataLoader.
 *
 * ```ts
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3, 4, 5])), { batchSize: 2 });
 * [...loader].map(([x]) => x.arraySync()); // [ [ 1, 2 ], [ 3, 4 ], [ 5 ] ]
 * loader.epoch; // 1
 * ```
 */
export class DataLoader<S extends Sample = Sample> {
  readonly dataset: Dataset<S>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  #seed: number;
  #epoch = 0;
  #position = 0;

  constructor(dataset: Dataset<S>, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, seed = 0, dropLast = false } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ArgumentError(`DataLoader: batchSize must be a whole number above 0, but got ${batchSize}.`);
    }
    if (!isWord(seed))
      throw new ArgumentError(`DataLoader: seed must be a whole number from 0 to 4294967295, but got ${seed}.`);
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#seed = seed;
  }

  /** Number of batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The epoch that the next pass is, or that the running one is: 0, 1, … A pass that is broken off counts. */
  get epoch(): number {
    return this.#epoch;
  }

  stateDict(): DataLoaderState {
    return { seed: this.#seed, epoch: this.#epoch, position: this.#position };
  }

  /** The next pass continues where `state` was taken, with the same batches. */
  loadStateDict({ seed, epoch, position }: DataLoaderState): void {
    if (!isWord(seed) || !isWord(epoch) || !isWord(position) || position > this.dataset.length) {
      throw new StateError(
        `DataLoader: { seed: ${seed}, epoch: ${epoch}, position: ${position} } is not a state of a loader over ${this.dataset.length} examples.`,
      );
    }
    this.#seed = seed;
    this.#epoch = epoch;
    this.#position = position;
  }

  *[Symbol.iterator](): Generator<S, void, undefined> {
    const { length } = this.dataset;
    const epoch = this.#epoch;
    const order = this.shuffle ? permutation(length, this.#seed, epoch) : Uint32Array.from({ length }, (_, i) => i);
    const stop = this.dropLast ? length - (length % this.batchSize) : length;
    try {
      for (let start = this.#position; start < stop; start += this.batchSize) {
        const end = Math.min(start + this.batchSize, stop);
        const batch = collate(this.dataset, order.subarray(start, end), epoch);
        this.#position = end;
        yield batch;
      }
    } finally {
      this.#epoch = epoch + 1;
      this.#position = 0;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<S, void, undefined> {
    for (const batch of this) yield batch;
  }
}

const isWord = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 0xffffffff;
