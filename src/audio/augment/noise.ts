import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import type { Random } from "../../data/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/** "white": as strong at each frequency. "pink": as strong in each octave. */
export type NoiseColor = "white" | "pink";

/**
 * A signal with noise at a signal-to-noise ratio in decibels: x + √(Σx² / Σn² · 10^(−snr / 10)) · n over the last dimension.
 *
 * Shapes: both (…, L); snr a number, or (…) for each signal. Throws a ShapeError if signal and noise differ in shape.
 *
 * ```ts
 * addNoise(tensor([3, -3, 3, -3]), tensor([1, 1, 1, -1]), 20); // tensor([ 3.3000, -2.7000, 3.3000, -3.3000])
 * ```
 *
 * Source: torchaudio.functional.add_noise.
 */
export function addNoise(signal: Tensor, noise: Tensor, snr: Tensor | number): Tensor {
  if (signal.ndim === 0 || !sameShape(signal.shape, noise.shape)) {
    throw new ShapeError(
      `addNoise needs signal and noise of one shape (…, L), but got ${showShape(signal.shape)} and ${showShape(noise.shape)}.`,
    );
  }
  const energy = (x: Tensor) => x.square().sum(-1, { keepdim: true }); // (…, 1)
  const ratio = typeof snr === "number" ? 10 ** (-snr / 10) : snr.unsqueeze(-1).div(-10).mul(Math.LN10).exp(); // (…, 1)
  return signal.add(noise.mul(energy(signal).div(energy(noise)).mul(ratio).sqrt()));
}

/**
 * Noise of variance about 1: white, or pink, whose power falls as 1 / f, by a sum of first-order filters.
 *
 * Throws an ArgumentError for a length below 0. The filters are Paul Kellet's, 1999, within 0.05 dB above 9 Hz at 44.1 kHz.
 *
 * ```ts
 * drawNoise(8000, "pink", new Random(0)).length; // 8000
 * ```
 */
export function drawNoise(length: number, color: NoiseColor, random: Random): Float32Array {
  if (!(Number.isInteger(length) && length >= 0)) {
    throw new ArgumentError(`drawNoise: a length is a whole number from 0, but is ${length}.`);
  }
  const samples = new Float32Array(length);
  for (let i = 0; i < length; i++) samples[i] = random.normal();
  if (color === "white") return samples;
  let [slow, middle, quick] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const white = samples[i];
    slow = 0.99765 * slow + 0.099046 * white;
    middle = 0.963 * middle + 0.2965164 * white;
    quick = 0.57 * quick + 1.0526913 * white;
    samples[i] = (slow + middle + quick + 0.1848 * white) / 3;
  }
  return samples;
}
