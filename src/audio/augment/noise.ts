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
  const states = POLES.map(() => 0);
  for (let i = 0; i < length; i++) {
    const white = random.normal();
    if (color === "white") {
      samples[i] = white;
      continue;
    }
    let sum = 0.1848 * white;
    for (const [k, [pole, gain]] of POLES.entries()) sum += states[k] = pole * states[k] + gain * white;
    samples[i] = sum / 3;
  }
  return samples;
}

const POLES = [
  [0.99765, 0.099046],
  [0.963, 0.2965164],
  [0.57, 1.0526913],
];
