import type { TypedArray } from "../core/dtype.ts";
import { allocate } from "../core/dtype.ts";
import { ArgumentError, IndexError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";
import { stack, type Tensor, tensor } from "../tensor/index.ts";
import type { Blueprint } from "./blueprint.ts";

/** The tensors of one example, or of a batch of them: [image, label] for instance. */
export type Sample = readonly Tensor[];

/** Examples by number. */
export interface Dataset<S extends Sample = Sample> {
  readonly length: number;
  /** one example, without a batch dimension; `epoch` is the loader's pass (0, 1, …), for a dataset that augments */
  get(index: number, epoch?: number): S;
  /** several examples with a batch dimension in front, where that is faster than stacking what `get` gives */
  batch?(indices: Uint32Array, epoch?: number): S;
  /** how a loader's worker builds the dataset again; without it, workers cannot be used */
  readonly blueprint?: Blueprint | undefined;
}

/** The examples numbered `indices` as they are in `epoch`, each field stacked along a new first dimension. */
export function collate<S extends Sample>(dataset: Dataset<S>, indices: Uint32Array, epoch: number): S {
  if (dataset.batch) return dataset.batch(indices, epoch);
  const samples = Array.from(indices, (index) => dataset.get(index, epoch));
  return samples[0].map((_, field) => stack(samples.map((sample) => sample[field]))) as unknown as S;
}

/**
 * Examples that are the rows of tensors with the same first size: example i is every tensor's row i.
 *
 * Throws an ArgumentError if the first sizes differ. The tensors are read once, so they must be on a CPU device.
 * Source: torch.utils.data.TensorDataset.
 *
 * ```ts
 * const dataset = new TensorDataset(tensor([[1, 2], [3, 4], [5, 6]]), tensor([0, 1, 0], { dtype: "i32" }));
 * dataset.length; // 3
 * dataset.get(1); // [ tensor([3., 4.]), tensor(1) ]
 * ```
 */
export class TensorDataset<S extends Sample> implements Dataset<S> {
  readonly length: number;
  readonly #fields: readonly Field[];

  constructor(...tensors: S) {
    if (tensors.length === 0 || tensors.some(({ shape }) => shape.length === 0 || shape[0] !== tensors[0].shape[0])) {
      const shapes = tensors.map(({ shape }) => showShape(shape)).join(", ");
      throw new ArgumentError(`TensorDataset needs tensors of the same first size, but got ${shapes || "none"}.`);
    }
    this.length = tensors[0].shape[0];
    this.#fields = tensors.map((rows) => ({
      dtype: rows.dtype,
      values: rows.dataSync(),
      shape: rows.shape.slice(1),
      size: numel(rows.shape.slice(1)),
    }));
  }

  get(index: number): S {
    checkIndex("TensorDataset", index, this.length);
    return this.#fields.map(({ dtype, values, shape, size }) =>
      tensor(values.subarray(index * size, (index + 1) * size), { shape, dtype }),
    ) as unknown as S;
  }

  batch(indices: Uint32Array): S {
    return this.#fields.map(({ dtype, values, shape, size }) => {
      const rows = allocate(dtype, indices.length * size);
      indices.forEach((index, i) => {
        checkIndex("TensorDataset", index, this.length);
        rows.set(values.subarray(index * size, (index + 1) * size), i * size);
      });
      return tensor(rows, { shape: [indices.length, ...shape], dtype });
    }) as unknown as S;
  }
}

interface Field {
  readonly dtype: Tensor["dtype"];
  readonly values: TypedArray;
  /** of one row */
  readonly shape: readonly number[];
  readonly size: number;
}

export function checkIndex(name: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new IndexError(`${name}: example ${index} is out of range (there are ${length}, numbered from 0).`);
  }
}
