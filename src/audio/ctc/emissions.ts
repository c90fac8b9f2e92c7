import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";

/** What a network says of one sequence: log-probabilities by time, a row of numbers for each. */
export type Rows = readonly ArrayLike<number>[];

export interface CTCOptions {
  /** how many times of each sequence count; all by default */
  lengths?: Tensor | readonly number[];
  /** the class that stands for no label; 0 by default */
  blank?: number;
}

/** The rows of each sequence of log-probabilities (N, T, C), of which the values are read. */
export function emissionsOf(op: string, logProbabilities: Tensor, options: CTCOptions): Rows[] {
  const { shape } = logProbabilities;
  const [n, t, classes] = shape;
  if (shape.length !== 3) {
    throw new ShapeError(`${op} needs log-probabilities (N, T, C), but got ${showShape(shape)}.`);
  }
  const { blank = 0, lengths = new Array(n).fill(t) } = options;
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new ArgumentError(`${op}: the blank is one of ${classes} classes, from 0, but is ${blank}.`);
  }
  const times = wholeNumbers(op, "lengths", lengths, n, t);
  const values = logProbabilities.dataSync();
  return times.map((length, i) =>
    Array.from({ length }, (_, time) => values.subarray((i * t + time) * classes, (i * t + time + 1) * classes)),
  );
}

/** Lengths of `n` sequences, each from 0 to `most`. */
export function wholeNumbers(
  op: string,
  name: string,
  lengths: Tensor | readonly number[],
  n: number,
  most: number,
): number[] {
  const numbers = [...("dataSync" in lengths ? lengths.dataSync() : lengths)];
  if (numbers.length !== n) {
    throw new ShapeError(`${op}: ${name} needs a length for each of ${n}, but has ${numbers.length}.`);
  }
  for (const length of numbers) {
    if (Number.isInteger(length) && length >= 0 && length <= most) continue;
    throw new ArgumentError(`${op}: ${name} are whole numbers from 0 to ${most}, but one is ${length}.`);
  }
  return numbers;
}
