import { ArgumentError, StateError } from "../core/errors.ts";
import { Generator as RandomGenerator } from "../tensor/index.ts";
import type { Blueprint } from "./blueprint.ts";
import { collate, type Dataset, type Sample } from "./dataset.ts";
import { permutation, threefry } from "./permutation.ts";
import { LoaderPool, type Order } from "./pool.ts";

export interface DataLoaderOptions<S extends Sample = Sample> {
  /** examples in a batch; 1 */
  batchSize?: number;
  /** a new random order each epoch; false */
  shuffle?: boolean;
  /** the order of epoch e depends on (seed, e) alone; 0 */
  seed?: number;
  /** leaves out a last batch that is not full; false */
  dropLast?: boolean;
  /** threads that make batches ahead, for a dataset that has a `blueprint`; 0: made when they are asked for */
  numWorkers?: number;
  /** batches that each worker is ahead; 2 */
  prefetchFactor?: number;
  /** what becomes of a batch, such as `mixup`; the generator begins anew with each batch, from (seed, epoch, place); nothing */
  batchTransform?(batch: S, generator: RandomGenerator): S;
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
 * With `numWorkers`, threads make the batches ahead, in the same order and with the same bits; they are kept from pass to
 * pass, end ten seconds after the last one, and never keep the process alive. Such a loader is read by `for await` only.
 * Each worker has a dataset of its own, built by the `blueprint`: what is changed in the loader's later, it does not see.
 *
 * Throws an ArgumentError if `batchSize` is not a whole number above 0, `seed` is not a whole number of 32 bits, or workers
 * are asked for where there are none (a browser) or for a dataset without a `blueprint`; in the loop, what the dataset
 * throws, and a DataError if a worker dies. Source: torch.utils.data.DataLoader.
 *
 * ```ts
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3, 4, 5])), { batchSize: 2 });
 * [...loader].map(([x]) => x.arraySync()); // [ [ 1, 2 ], [ 3, 4 ], [ 5 ] ]
 * loader.epoch; // 1
 * ```
 *
 * ```ts
 * const dataset = new TensorDataset(tensor([[0], [1]]), tensor([0, 1], { dtype: "i32" }));
 * const batchTransform = ([x, y]: readonly [Tensor, Tensor], generator: Generator) => mixup(x, y, { numClasses: 2, generator });
 * const [[, soft]] = new DataLoader(dataset, { batchSize: 2, batchTransform });
 * soft.sum(1); // tensor([1., 1.])
 * ```
 */
export class DataLoader<S extends Sample = Sample> {
  readonly dataset: Dataset<S>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly #batchTransform: DataLoaderOptions<S>["batchTransform"];
  #pool: LoaderPool | undefined;
  #seed: number;
  #epoch = 0;
  #position = 0;

  constructor(dataset: Dataset<S>, options: DataLoaderOptions<S> = {}) {
    const { batchSize = 1, shuffle = false, seed = 0, dropLast = false, numWorkers = 0, prefetchFactor = 2 } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ArgumentError(`DataLoader: batchSize must be a whole number above 0, but got ${batchSize}.`);
    }
    if (!isWord(seed))
      throw new ArgumentError(`DataLoader: seed must be a whole number from 0 to 4294967295, but got ${seed}.`);
    if (!Number.isInteger(numWorkers) || numWorkers < 0 || !Number.isInteger(prefetchFactor) || prefetchFactor < 1) {
      throw new ArgumentError(
        `DataLoader: numWorkers is a whole number from 0 on, and prefetchFactor from 1 on, but they are ${numWorkers} and ${prefetchFactor}.`,
      );
    }
    if (numWorkers > 0) blueprintOf(dataset);
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.numWorkers = numWorkers;
    this.prefetchFactor = prefetchFactor;
    this.#batchTransform = options.batchTransform;
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
    if (this.numWorkers > 0) {
      throw new ArgumentError("DataLoader: batches of workers are waited for: write `for await (const … of loader)`.");
    }
    const epoch = this.#epoch;
    try {
      for (const span of this.#spans(epoch)) yield this.#give(collate(this.dataset, span.indices, epoch), epoch, span);
    } finally {
      this.#endPass(epoch);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<S, void, undefined> {
    if (this.numWorkers === 0) {
      for (const batch of this) yield batch;
      return;
    }
    const epoch = this.#epoch;
    if (!this.#pool || this.#pool.ended)
      this.#pool = await LoaderPool.start(blueprintOf(this.dataset), this.numWorkers);
    const pool = this.#pool;
    pool.beginPass();
    try {
      const ahead: { order: Order<S>; span: Span }[] = [];
      for (const span of this.#spans(epoch)) {
        ahead.push({ order: pool.order(span.indices, epoch), span });
        if (ahead.length > this.numWorkers * this.prefetchFactor) {
          const first = ahead.shift() as { order: Order<S>; span: Span };
          yield this.#give(await first.order.receive(), epoch, first.span);
        }
      }
      for (const { order, span } of ahead) yield this.#give(await order.receive(), epoch, span);
    } catch (error) {
      pool.end();
      throw error;
    } finally {
      pool.endPass();
      this.#endPass(epoch);
    }
  }

  /** The batches that are left of a pass. */
  *#spans(epoch: number): Generator<Span, void, undefined> {
    const { length } = this.dataset;
    const order = this.shuffle ? permutation(length, this.#seed, epoch) : Uint32Array.from({ length }, (_, i) => i);
    const stop = this.dropLast ? length - (length % this.batchSize) : length;
    for (let start = this.#position; start < stop; start += this.batchSize) {
      const end = Math.min(start + this.batchSize, stop);
      yield { indices: order.subarray(start, end), start, end };
    }
  }

  /** A batch as it leaves the loader, which then stands behind it. */
  #give(batch: S, epoch: number, { start, end }: Span): S {
    this.#position = end;
    if (!this.#batchTransform) return batch;
    const [high, low] = threefry(this.#seed, epoch, start, 3); // counter word 0 is the order, 1 and 2 an example's transforms
    return this.#batchTransform(batch, new RandomGenerator((high >>> 11) * 2 ** 32 + low));
  }

  #endPass(epoch: number): void {
    this.#epoch = epoch + 1;
    this.#position = 0;
  }
}

/** The examples of a batch, which stand at start … end − 1 of the pass. */
interface Span {
  readonly indices: Uint32Array;
  readonly start: number;
  readonly end: number;
}

/** How a worker builds the dataset; throws an ArgumentError if it cannot, or if there are no workers. */
function blueprintOf({ blueprint, constructor: { name } }: Dataset): Blueprint {
  if (typeof process === "undefined" || !process.versions?.node) {
    throw new ArgumentError("DataLoader: numWorkers needs Node's worker_threads; leave it at 0 here.");
  }
  if (blueprint) return blueprint;
  throw new ArgumentError(
    `DataLoader: a worker cannot build this dataset (${name}), since it has no blueprint. Leave numWorkers at 0, or give it \`blueprint: { module: import.meta.url, name: "…", args: […] }\`: the module that exports the class, or a function that gives the dataset, and its arguments. An AugmentedDataset has one if its source and its transforms have.`,
  );
}

const isWord = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 0xffffffff;
