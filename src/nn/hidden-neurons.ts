import { ArgumentError } from "../core/errors.ts";

/**
 * How many units a hidden layer of steps needs to tell `classes` regions of a `dims`-dimensional input apart: the smallest
 * J with Σ C(J, k) ≥ classes over k = 0 … dims, since J hyperplanes cut the space into at most that many parts.
 *
 * It is a bound for networks of one hidden layer, not a recipe for width. Throws an ArgumentError unless both are whole
 * numbers, `classes` from 1 and `dims` from 1. Mirchandani and Cao, On hidden nodes for neural nets, 1989.
 *
 * ```ts
 * hiddenNeurons(2, 2); // 1
 * hiddenNeurons(7, 2); // 3
 * hiddenNeurons(8, 2); // 4
 * hiddenNeurons(10, 784); // 4
 * ```
 */
export function hiddenNeurons(classes: number, dims: number): number {
  for (const [name, n] of Object.entries({ classes, dims })) {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new ArgumentError(`hiddenNeurons: ${name} must be a whole number above 0, but is ${n}.`);
    }
  }
  const suffices = (units: number): boolean => regions(units, dims, classes) >= classes;
  let enough = 1;
  while (!suffices(enough)) enough *= 2;
  let low = 0; // regions grow with the units: bisection
  while (low < enough) {
    const middle = Math.floor((low + enough) / 2);
    if (suffices(middle)) enough = middle;
    else low = middle + 1;
  }
  return low;
}

/** Σ C(units, k) over k = 0 … dims, exactly, or a part of the sum that reaches `limit`. */
function regions(units: number, dims: number, limit: number): bigint {
  let [sum, term] = [1n, 1n];
  for (let k = 1; k <= Math.min(dims, units) && sum < limit; k++) {
    term = (term * BigInt(units - k + 1)) / BigInt(k);
    sum += term;
  }
  return sum;
}
