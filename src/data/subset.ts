import { ArgumentError } from "../core/errors.ts";
import type { Blueprint } from "./blueprint.ts";
import { checkIndex, collate, type Dataset, type Sample } from "./dataset.ts";
import { permutation } from "./permutation.ts";

/**
 * Some examples of a dataset: example i is the dataset's example `indices[i]`.
 *
 * Throws an IndexError if the dataset has no such example. Source: torch.utils.data.Subset.
 *
 * ```ts
 * const odd = new Subset(new TensorDataset(tensor([10, 11, 12, 13])), [1, 3]);
 * odd.length; // 2
 * odd.get(1); // [ tensor(13.) ]
 * ```
 */
export class Subset<S extends Sample> implements Dataset<S> {
  readonly length: number;
  readonly dataset: Dataset<S>;
  readonly indices: Uint32Array;

  constructor(dataset: Dataset<S>, indices: ArrayLike<number>) {
    for (let i = 0; i < indices.length; i++) checkIndex("Subset", indices[i], dataset.length);
    this.length = indices.length;
    this.dataset = dataset;
    this.indices = Uint32Array.from(indices);
  }

  get(index: number, epoch?: number): S {
    checkIndex("Subset", index, this.length);
    return this.dataset.get(this.indices[index], epoch);
  }

  batch(indices: Uint32Array, epoch = 0): S {
    for (const index of indices) checkIndex("Subset", index, this.length);
    const inner = indices.map((index) => this.indices[index]);
    return collate(this.dataset, inner, epoch);
  }

  get blueprint(): Blueprint | undefined {
    const { blueprint } = this.dataset;
    return blueprint && { module: import.meta.url, name: "Subset", args: [blueprint, this.indices] };
  }
}

export interface SplitOptions {
  /** what is drawn depends on it alone; 0 */
  seed?: number;
}

/**
 * A dataset cut into parts at random: every example is in one of them.
 *
 * `lengths` are whole numbers with the dataset's length as their sum, or fractions with the sum 1: each part then has
 * ⌊fraction · length⌋ examples, and what is left over goes to the first ones, one each.
 * Throws an ArgumentError for other lengths. Source: torch.utils.data.random_split.
 *
 * ```ts
 * const [train, test] = randomSplit(new TensorDataset(tensor([1, 2, 3, 4, 5])), [0.8, 0.2], { seed: 1 });
 * [train.length, test.length]; // [ 4, 1 ]
 * ```
 */
export function randomSplit<S extends Sample>(
  dataset: Dataset<S>,
  lengths: readonly number[],
  { seed = 0 }: SplitOptions = {},
): Subset<S>[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  let counts = lengths;
  if (!lengths.every(Number.isInteger) && Math.abs(sum(lengths) - 1) < 1e-9) {
    const whole = lengths.map((fraction) => Math.floor(fraction * dataset.length + 1e-9)); // 0.7 · 10 is below 7
    const left = dataset.length - sum(whole);
    counts = whole.map((count, i) => count + Number(i < left));
  }
  if (!counts.every((count) => Number.isInteger(count) && count >= 0) || sum(counts) !== dataset.length) {
    throw new ArgumentError(
      `randomSplit: lengths are whole numbers with the sum ${dataset.length} or fractions with the sum 1, but are [${lengths.join(", ")}].`,
    );
  }
  const order = permutation(dataset.length, seed, 0);
  let from = 0;
  return counts.map((count) => new Subset(dataset, order.subarray(from, (from += count))));
}

/**
 * The numbers of `perClass` examples of each label, drawn at random, in ascending order.
 *
 * Throws an ArgumentError if a label has fewer examples.
 *
 * ```ts
 * const labels = [0, 0, 0, 1, 1, 1, 1];
 * Array.from(stratified(labels, 2), (i) => labels[i]); // [ 0, 0, 1, 1 ]
 * ```
 */
export function stratified(labels: ArrayLike<number>, perClass: number, { seed = 0 }: SplitOptions = {}): Uint32Array {
  if (!(Number.isInteger(perClass) && perClass >= 0)) {
    throw new ArgumentError(`stratified: perClass is a whole number from 0, but is ${perClass}.`);
  }
  const missing = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) missing.set(labels[i], perClass);
  const drawn = permutation(labels.length, seed, 0).filter((i) => {
    const left = missing.get(labels[i]) as number;
    missing.set(labels[i], left - 1);
    return left > 0;
  });
  for (const [label, left] of missing) {
    if (left > 0)
      throw new ArgumentError(`stratified: label ${label} has ${perClass - left} examples, not ${perClass}.`);
  }
  return drawn.sort();
}
