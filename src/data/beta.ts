/** Single numbers from a tensor generator, for what is decided once a batch. */

import type { Generator } from "../tensor/index.ts";

/** Numbers drawn evenly from (0, 1), 53 bits each: what is left of a block of eight is not used by another caller. */
export function* uniforms(generator: Generator): globalThis.Generator<number, never, undefined> {
  for (;;) {
    const [high, low] = generator.draw(8).map((words) => words.dataSync());
    for (const [i, word] of high.entries()) yield ((word >>> 6) * 2 ** 27 + (low[i] >>> 5) + 0.5) * 2 ** -53;
  }
}

/** The logarithm of a number from Gamma(shape, 1). Marsaglia and Tsang, A simple method for generating gamma variables, 2000. */
function logGamma(shape: number, uniform: () => number): number {
  if (shape < 1) return logGamma(shape + 1, uniform) + Math.log(uniform()) / shape; // U^(1/shape) would underflow
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** A number from Beta(a, b): X / (X + Y) with X from Gamma(a) and Y from Gamma(b). */
export function beta(a: number, b: number, uniform: () => number): number {
  const x = logGamma(a, uniform);
  const y = logGamma(b, uniform);
  return 1 / (1 + Math.exp(y - x));
}
