import { ArgumentError } from "../../core/errors.ts";
import { conv1d } from "../../nn/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";

export interface ResampleOptions {
  /** zero crossings of the sinc on each side: more are sharper and cost more; 6 by default */
  lowpassFilterWidth?: number;
  /** where the filter cuts off, as a part of half the lower rate; 0.99 by default */
  rolloff?: number;
}

/**
 * A signal at another rate, through a low-pass filter: sinc, in a window of Hann's, whose cut-off is at `rolloff` of half
 * the lower rate.
 *
 * With rates divided by their greatest common divisor, output j of each group of `newFreq` weighs the samples around
 * j · origFreq / newFreq. Shapes: (…, L) ─► (…, ⌈L · newFreq / origFreq⌉). Throws an ArgumentError unless rates are whole
 * numbers of samples per second.
 *
 * ```ts
 * resample(ones([16000]), 16000, 8000).shape; // [ 8000 ]
 * resample(tensor([1, 2, 3]), 8000, 8000); // tensor([1., 2., 3.])
 * ```
 *
 * Source: torchaudio.functional.resample; Smith, Digital audio resampling, 2002.
 */
export function resample(signal: Tensor, origFreq: number, newFreq: number, options: ResampleOptions = {}): Tensor {
  const { lowpassFilterWidth = 6, rolloff = 0.99 } = options;
  if (![origFreq, newFreq, lowpassFilterWidth].every((n) => Number.isInteger(n) && n > 0)) {
    throw new ArgumentError(
      `resample needs whole numbers above 0, but got rates ${origFreq} and ${newFreq}, width ${lowpassFilterWidth}.`,
    );
  }
  if (origFreq === newFreq) return signal;
  const divisor = gcd(origFreq, newFreq);
  const [from, to] = [origFreq / divisor, newFreq / divisor];
  const cutoff = Math.min(from, to) * rolloff;
  const width = Math.ceil((lowpassFilterWidth * from) / cutoff);
  const taps = 2 * width + from;
  const kernel = Float64Array.from({ length: to * taps }, (_, i) => {
    const [j, tap] = [Math.floor(i / taps), i % taps];
    const t = Math.min(Math.max((-j / to + (tap - width) / from) * cutoff, -lowpassFilterWidth), lowpassFilterWidth);
    const window = Math.cos((Math.PI * t) / lowpassFilterWidth / 2) ** 2;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return (sinc * window * cutoff) / from;
  });
  const length = signal.shape[signal.ndim - 1];
  const rows = signal.reshape([-1, 1, length]).pad([width, width + from]); // (N, 1, L + …)
  const weight = tensor(kernel, { shape: [to, 1, taps], dtype: signal.dtype });
  const groups = conv1d(rows, weight, undefined, { stride: from }); // (N, to, groups)
  const wanted = Math.ceil((length * to) / from);
  return groups
    .transpose(1, 2)
    .flatten(1) // (N, groups · to)
    .narrow(1, 0, wanted)
    .reshape([...signal.shape.slice(0, -1), wanted]);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
