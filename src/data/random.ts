import { threefry } from "./permutation.ts";

/**
 * Random numbers for one example: they depend on (seed, epoch, index) alone, not on what was drawn for other examples.
 *
 * Threefry makes 128 bits of the three, which begin a stream of sfc32. (Salmon et al., Parallel random numbers: as easy as
 * 1, 2, 3, 2011; Doty-Humphrey, PractRand, 2010.)
 *
 * ```ts
 * const [a, b] = [new Random(7, 0, 3), new Random(7, 0, 3)];
 * a.uniform() === b.uniform(); // true
 * ```
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 0;
  /** the second of a pair of normal numbers */
  #spare: number | undefined;

  constructor(seed: number, epoch = 0, index = 0) {
    this.begin(seed, epoch, index);
  }

  /** The stream of another example, without a new object. */
  begin(seed: number, epoch: number, index: number): void {
    this.#spare = undefined;
    // Counter word 0 is the order of a loader, 3 its batches.
    [this.#a, this.#b] = threefry(seed, epoch, index, 1);
    [this.#c, this.#count] = threefry(seed, epoch, index, 2);
  }

  #word(): number {
    const word = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + word) | 0;
    return word >>> 0;
  }

  /** Even in [low, high), in steps of (high − low) / 2³². */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * this.#word() * 2 ** -32;
  }

  /** One of 0 … count − 1. */
  integer(count: number): number {
    return Math.floor(this.uniform(0, count));
  }

  /** Mean 0, variance 1, by Box and Muller's method, which makes two at a time. */
  normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
