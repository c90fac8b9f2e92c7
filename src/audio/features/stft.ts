/**
 * Spectra over time, as products with tables of cosines and sines: such a product differentiates, compiles and runs on every
 * device, and for windows of a few hundred samples costs less than the layers that come after it.
 */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { conv1d, convTranspose1d } from "../../nn/index.ts";
import { ones, type Tensor, tensor } from "../../tensor/index.ts";

export interface StftOptions {
  /** samples from one window to the next; ⌊nFft / 4⌋ by default */
  hopLength?: number;
  /** samples of the window, which stands in the middle of nFft; nFft by default */
  winLength?: number;
  /** (winLength), such as a {@link hannWindow}; ones by default */
  window?: Tensor;
  /** whether window t is centred at sample t · hopLength, of a signal that is padded at both ends; true by default */
  center?: boolean;
  /** what is beyond the ends; "reflect" by default */
  padMode?: "reflect" | "constant" | "replicate" | "circular";
  /** whether spectra are divided by √nFft; false by default */
  normalized?: boolean;
  /** whether only the ⌊nFft / 2⌋ + 1 frequencies are given that a real signal's others mirror; true by default */
  onesided?: boolean;
}

export interface IstftOptions extends Omit<StftOptions, "padMode"> {
  /** how many samples to give, zeros behind what is known; by default what the spectra cover */
  length?: number;
}

/**
 * Short-time Fourier transform: X[k, t] = Σₙ w[n] · x[t·hop + n] · e^(−2πikn / nFft).
 *
 * Shapes: real signals (L) or (N, L) ─► (…, F, T, 2), real parts and imaginary ones, with F = ⌊nFft / 2⌋ + 1 (nFft if it is not
 * one-sided), and T = 1 + ⌊L / hop⌋ if windows are centred, else 1 + ⌊(L − nFft) / hop⌋. Throws a ShapeError if the
 * signal is too short or the window has another size, an ArgumentError for lengths out of their domain.
 *
 * ```ts
 * const wave = tensor([1, 0, -1, 0, 1, 0, -1, 0]); // a cosine, of which four samples hold one period
 * const spectra = stft(wave, 4, { hopLength: 4, center: false }); // (3, 2, 2)
 * spectra.index(1, ":", 0); // tensor([2., 2.])
 * spectra.index(0, ":", 0); // tensor([0., 0.])
 * ```
 *
 * Source: torch.stft (return_complex = False); Allen, Rabiner, A unified approach to short-time Fourier analysis and
 * synthesis, 1977.
 */
export function stft(signal: Tensor, nFft: number, options: StftOptions = {}): Tensor {
  const { center = true, padMode = "reflect", normalized = false } = options;
  const { hopLength, window } = checked("stft", nFft, options, signal);
  if (signal.ndim < 1 || signal.ndim > 2) {
    throw new ShapeError(`stft needs signals (L) or (N, L), but got ${showShape(signal.shape)}.`);
  }
  const margin = center ? Math.floor(nFft / 2) : 0;
  const length = signal.shape[signal.ndim - 1];
  if (length + 2 * margin < nFft || (center && padMode === "reflect" && length <= margin)) {
    throw new ShapeError(`stft: a signal of ${length} samples is too short for windows of ${nFft}.`);
  }
  const rows = signal.reshape([-1, 1, length]); // (N, 1, L)
  const padded = rows.pad([margin, margin], { mode: padMode }); // (N, 1, L + 2·margin)
  const bins = binsOf(nFft, options);
  const size = normalized ? nFft ** -0.5 : 1;
  const table = waves(nFft, bins, signal.dtype, () => size).mul(window); // (2F, nFft)
  const parts = conv1d(padded, table.unsqueeze(1), undefined, { stride: hopLength }); // (N, 2F, T)
  const times = parts.shape[2];
  return parts.reshape([...signal.shape.slice(0, -1), 2, bins, times]).movedim(-3, -1); // (…, F, T, 2)
}

/**
 * The signal whose spectra these are, by least squares: x[n] = Σₜ w[n − t·hop] · xₜ[n − t·hop] / Σₜ w[n − t·hop]².
 *
 * xₜ is the inverse transform of spectrum t. With the options of {@link stft} it gives back the signal wherever windows reach,
 * whether they overlap evenly or not; where none does, it gives NaN.
 * Shapes: (F, T, 2) or (N, F, T, 2) ─► (L) or (N, L), with L = (T − 1)·hop + nFft, less 2·⌊nFft / 2⌋ if windows are centred.
 * Throws a ShapeError or ArgumentError if sizes do not fit.
 *
 * ```ts
 * const options = { hopLength: 2, window: hannWindow(4) };
 * const spectra = stft(tensor([1, 2, 3, 4, 5]), 4, options); // (3, 3, 2)
 * istft(spectra, 4, { ...options, length: 5 }); // tensor([1., 2., 3., 4., 5.])
 * ```
 *
 * Source: torch.istft; Griffin, Lim, Signal estimation from modified short-time Fourier transform, 1984.
 */
export function istft(spectra: Tensor, nFft: number, options: IstftOptions = {}): Tensor {
  const { center = true, normalized = false, length } = options;
  const { hopLength, window } = checked("istft", nFft, options, spectra);
  const [frequencies, times, parts] = spectra.shape.slice(-3);
  if (spectra.ndim < 3 || spectra.ndim > 4 || frequencies !== binsOf(nFft, options) || parts !== 2 || times === 0) {
    throw new ShapeError(
      `istft needs spectra (N, ${binsOf(nFft, options)}, T, 2), but got ${showShape(spectra.shape)}.`,
    );
  }
  const size = normalized ? nFft ** -0.5 : 1 / nFft;
  const mirrored = (k: number) => k > 0 && 2 * k !== nFft;
  const bins = binsOf(nFft, {}); // what is beyond only mirrors them: the signal is real
  const table = waves(nFft, bins, spectra.dtype, (k) => (mirrored(k) ? 2 : 1) * size).mul(window); // (2F, nFft)
  const stride = { stride: hopLength };
  const half = spectra.narrow(-3, 0, bins);
  const columns = half.movedim(-1, -3).reshape([-1, 2 * bins, times]); // (N, 2F, T)
  const sum = convTranspose1d(columns, table.unsqueeze(1), undefined, stride).squeeze(1); // (N, L + 2·margin)
  const covered = ones([1, 1, times], { dtype: spectra.dtype });
  const weights = convTranspose1d(covered, window.square().reshape([1, 1, nFft]), undefined, stride).reshape([-1]);

  const margin = center ? Math.floor(nFft / 2) : 0;
  const wanted = length ?? sum.shape[1] - 2 * margin;
  const known = Math.max(0, Math.min(wanted, sum.shape[1] - margin));
  const found = sum.narrow(1, margin, known).div(weights.narrow(0, margin, known)); // (N, known)
  return found.pad([0, wanted - known]).reshape([...spectra.shape.slice(0, -3), wanted]);
}

const binsOf = (nFft: number, { onesided = true }: StftOptions): number => (onesided ? Math.floor(nFft / 2) + 1 : nFft);

/** What both directions share: the distance of windows, and the window in the middle of nFft. */
function checked(op: string, nFft: number, options: StftOptions, like: Tensor): { hopLength: number; window: Tensor } {
  const { hopLength = Math.floor(nFft / 4), winLength = nFft } = options;
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  if (!(whole(nFft) && whole(hopLength) && whole(winLength) && winLength <= nFft)) {
    throw new ArgumentError(
      `${op}: nFft ${nFft}, hopLength ${hopLength} and winLength ${winLength} are whole numbers from 1, and winLength is at most nFft.`,
    );
  }
  const window = options.window ?? ones([winLength], { dtype: like.dtype });
  if (window.ndim !== 1 || window.shape[0] !== winLength) {
    throw new ShapeError(`${op}: the window has ${winLength} samples, but its shape is ${showShape(window.shape)}.`);
  }
  const low = Math.floor((nFft - winLength) / 2);
  return { hopLength, window: window.pad([low, nFft - winLength - low]) };
}

/** scaleₖ · cos(2πkn / N) for each frequency k, then −scaleₖ · sin(2πkn / N): (2F, N). */
function waves(nFft: number, bins: number, dtype: Tensor["dtype"], scale: (k: number) => number): Tensor {
  const circle = Float64Array.from({ length: nFft }, (_, j) => Math.cos((2 * Math.PI * j) / nFft));
  const sines = Float64Array.from({ length: nFft }, (_, j) => -Math.sin((2 * Math.PI * j) / nFft));
  const table = new Float64Array(2 * bins * nFft);
  for (const [part, values] of [circle, sines].entries()) {
    for (let k = 0; k < bins; k++) {
      for (let n = 0; n < nFft; n++) table[(part * bins + k) * nFft + n] = scale(k) * values[(k * n) % nFft];
    }
  }
  return tensor(table, { shape: [2 * bins, nFft], dtype });
}
