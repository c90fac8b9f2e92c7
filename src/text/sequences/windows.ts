import { ArgumentError } from "../../core/errors.ts";
import { checkIndex, type Dataset } from "../../data/dataset.ts";
import { Random } from "../../data/random.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";

export interface LanguageModelWindowsOptions {
  /** tokens in a window */
  length: number;
  /**
   * Which window example i is. "contiguous": the i-th, one beginning where the other ended; "random": one that begins
   * anywhere, by (seed, epoch, i); "stateful": as a model needs it that goes on from batch to batch. "contiguous"
   */
  order?: "contiguous" | "random" | "stateful";
  /** rows of a batch, as the loader has it: needed by, and only for, "stateful" */
  batchSize?: number;
  /** of the order "random"; 0 */
  seed?: number;
}

/**
 * Windows of a long text for a language model: example i is [input (T) i32, target (T) i32], and target[t] = input[t + 1].
 *
 * With the order "contiguous" every token but the first is a target once in an epoch, what does not fill a window left out;
 * "random" gives as many windows, anywhere. "stateful" cuts the text into `batchSize` pieces, and row r of a batch goes on
 * where row r of the batch before ended: with a `DataLoader` of the same `batchSize` and `shuffle: false`, hidden state can
 * be carried and the gradient cut off (truncated backpropagation through time). An epoch's first batch begins anew.
 * Throws an ArgumentError if the tokens do not fill one window (or one in each row), and for a wrong `batchSize`.
 * Source: Zaremba, Sutskever and Vinyals, Recurrent neural network regularization, 2014 (stateful).
 *
 * ```ts
 * const tokens = [0, 1, 2, 3, 4, 5, 6, 7, 8];
 * const [input, target] = new LanguageModelWindows(tokens, { length: 3 }).get(1);
 * [input.arraySync(), target.arraySync()]; // [ [ 3, 4, 5 ], [ 4, 5, 6 ] ]
 * const windows = new LanguageModelWindows(tokens, { length: 2, order: "stateful", batchSize: 2 });
 * const inputs = [...new DataLoader(windows, { batchSize: 2 })].map(([input]) => input.arraySync());
 * inputs; // [ [ [ 0, 1 ], [ 4, 5 ] ], [ [ 2, 3 ], [ 6, 7 ] ] ]
 * ```
 */
export class LanguageModelWindows implements Dataset<readonly [input: Tensor, target: Tensor]> {
  readonly length: number;
  readonly #tokens: Int32Array;
  readonly #window: number;
  readonly #startOf: (index: number, epoch: number) => number;

  constructor(tokens: ArrayLike<number>, options: LanguageModelWindowsOptions) {
    const { length, order = "contiguous", batchSize, seed = 0 } = options;
    const rows = order === "stateful" ? (batchSize ?? 0) : 1;
    if (![length, rows].every((size) => Number.isInteger(size) && size > 0)) {
      throw new ArgumentError(
        `LanguageModelWindows: length, and batchSize for the order "stateful", are whole numbers above 0, but got ${length} and ${batchSize}.`,
      );
    }
    if (order !== "stateful" && batchSize !== undefined) {
      throw new ArgumentError(`LanguageModelWindows: the order "${order}" takes no batchSize, the loader has it.`);
    }
    const steps = Math.floor((tokens.length - 1) / (length * rows));
    if (steps < 1) {
      throw new ArgumentError(
        `LanguageModelWindows: ${tokens.length} tokens do not fill ${rows} × ${length} inputs and their targets.`,
      );
    }
    this.length = steps * rows;
    this.#tokens = new Int32Array(tokens);
    this.#window = length;
    const random = new Random(seed);
    this.#startOf = {
      contiguous: (index: number) => index * length,
      stateful: (index: number) => ((index % rows) * steps + Math.floor(index / rows)) * length,
      random: (index: number, epoch: number) => {
        random.begin(seed, epoch, index);
        return random.integer(tokens.length - length);
      },
    }[order];
  }

  get(index: number, epoch = 0): readonly [input: Tensor, target: Tensor] {
    const [input, target] = this.batch(Uint32Array.of(index), epoch);
    return [input.squeeze(0), target.squeeze(0)]; // (1, T) ─► (T)
  }

  batch(indices: Uint32Array, epoch = 0): readonly [input: Tensor, target: Tensor] {
    const shape = [indices.length, this.#window];
    const input = new Int32Array(indices.length * this.#window);
    const target = new Int32Array(input.length);
    for (const [row, index] of indices.entries()) {
      checkIndex("LanguageModelWindows", index, this.length);
      const start = this.#startOf(index, epoch);
      input.set(this.#tokens.subarray(start, start + this.#window), row * this.#window);
      target.set(this.#tokens.subarray(start + 1, start + 1 + this.#window), row * this.#window);
    }
    return [tensor(input, { shape }), tensor(target, { shape })]; // (N, T)
  }
}
