import { ArgumentError } from "../core/errors.ts";

/** Throws an ArgumentError unless every count (of features, channels, rows) is a whole number above 0. */
export function checkCounts(layer: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) {
      throw new ArgumentError(`${layer}: ${name} must be a whole number above 0, but is ${count}.`);
    }
  }
}
