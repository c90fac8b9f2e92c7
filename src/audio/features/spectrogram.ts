import { ArgumentError, DTypeError } from "../../core/errors.ts";
import { Module } from "../../nn/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { type FbanksOptions, melscaleFbanks } from "./mel.ts";
import { type StftOptions, stft } from "./stft.ts";
import { hannWindow, type WindowOptions } from "./windows.ts";

export interface SpectrogramOptions extends Pick<StftOptions, "winLength" | "hopLength" | "center" | "padMode"> {
  /** samples of a transform; 400 by default */
  nFft?: number;
  /** {@link hannWindow} by default */
  windowFn?: (size: number, options: WindowOptions) => Tensor;
  /** of the magnitude; 2 by default, and `null` gives complex numbers */
  power?: number | null;
  /** whether spectra are divided by √Σw²; false by default */
  normalized?: boolean;
}

/**
 * What frequencies a signal has over time: |STFT(x)|^power, by {@link stft}, with windows half overlapping.
 *
 * Shapes: (…, L) ─► (…, F, T), with F = ⌊nFft / 2⌋ + 1; (…, F, T, 2) if `power` is null. `hopLength` is ⌊winLength / 2⌋ by
 * default. It has no state: window and tables are constants of the compiled program. Throws what {@link stft} throws.
 * Source: torchaudio.transforms.Spectrogram.
 *
 * ```ts
 * new Spectrogram({ nFft: 4 }).forward(tensor([1, 0, -1, 0, 1, 0, -1, 0])).shape; // [ 3, 5 ]
 * ```
 */
export class Spectrogram extends Module {
  readonly nFft: number;
  readonly #options: SpectrogramOptions;

  constructor(options: SpectrogramOptions = {}) {
    super();
    this.nFft = options.nFft ?? 400;
    this.#options = options;
  }

  override forward(signal: Tensor): Tensor {
    const { power = 2, normalized = false, windowFn = hannWindow, winLength = this.nFft } = this.#options;
    const { hopLength = Math.floor(winLength / 2), center, padMode } = this.#options;
    const window = windowFn(winLength, { dtype: floatOf("Spectrogram", signal) });
    const length = signal.shape[signal.ndim - 1];
    const rows = signal.reshape([-1, length]); // (N, L)
    const spectra = stft(rows, this.nFft, { winLength, hopLength, window, center, padMode }); // (N, F, T, 2)
    const complex = (normalized ? spectra.div(window.square().sum().sqrt()) : spectra).reshape([
      ...signal.shape.slice(0, -1),
      ...spectra.shape.slice(1),
    ]); // (…, F, T, 2)
    if (power === null) return complex;
    const squares = complex.square().sum(-1); // (…, F, T)
    return power === 2 ? squares : squares.pow(power / 2);
  }
}

function floatOf(op: string, { dtype }: Tensor): "f32" | "f64" {
  if (dtype === "f32" || dtype === "f64") return dtype;
  throw new DTypeError(`${op} needs a signal of a float dtype, but got ${dtype}.`);
}

export interface MelSpectrogramOptions
  extends Omit<SpectrogramOptions, "power">,
    Pick<FbanksOptions, "melScale" | "norm"> {
  /** samples per second; 16000 by default */
  sampleRate?: number;
  /** how many triangles; 128 by default */
  nMels?: number;
  /** the lowest frequency, in Hz; 0 by default */
  fMin?: number;
  /** the highest frequency, in Hz; ⌊sampleRate / 2⌋ by default */
  fMax?: number;
  /** of the magnitude; 2 by default */
  power?: number;
}

/**
 * A {@link Spectrogram} whose frequencies are gathered by {@link melscaleFbanks}.
 *
 * Shapes: (…, L) ─► (…, nMels, T). Throws what these throw. Source: torchaudio.transforms.MelSpectrogram.
 *
 * ```ts
 * const mel = new MelSpectrogram({ sampleRate: 8000, nFft: 256, hopLength: 80, nMels: 40 });
 * mel.forward(zeros([2, 8000])).shape; // [ 2, 40, 101 ]
 * ```
 */
export class MelSpectrogram extends Module {
  readonly spectrogram: Spectrogram;
  readonly #options: MelSpectrogramOptions;

  constructor(options: MelSpectrogramOptions = {}) {
    super();
    this.spectrogram = new Spectrogram(options);
    this.#options = options;
  }

  override forward(signal: Tensor): Tensor {
    const { sampleRate = 16000, nMels = 128, fMin = 0, melScale, norm } = this.#options;
    const { fMax = Math.floor(sampleRate / 2) } = this.#options;
    const spectra = this.spectrogram.forward(signal); // (…, F, T)
    const scale = { melScale, norm, dtype: floatOf("MelSpectrogram", signal) };
    const banks = melscaleFbanks(spectra.shape[spectra.ndim - 2], fMin, fMax, nMels, sampleRate, scale);
    return banks.transpose(0, 1).matmul(spectra); // (…, nMels, T)
  }
}

export interface AmplitudeToDbOptions {
  /** what x is: "power" (10 log₁₀) or "magnitude" (20 log₁₀); "power" by default */
  stype?: "power" | "magnitude";
  /** the largest distance from the loudest value of an example: quieter ones are raised to it; none by default */
  topDb?: number;
  /** the least value that is told from others; 1e-10 by default */
  amin?: number;
}

/**
 * Decibels: 10 · log₁₀(max(x, amin)) of powers, 20 · log₁₀(max(x, amin)) of magnitudes.
 *
 * Shapes: any, kept. `topDb` counts from the maximum over the last three dimensions (channels, frequencies and times), or over
 * all where there are fewer. Throws an ArgumentError unless amin > 0 and topDb ≥ 0.
 *
 * ```ts
 * amplitudeToDb(tensor([1, 0.1, 0])); // tensor([   0.,  -10., -100.])
 * amplitudeToDb(tensor([1, 0.1, 0]), { topDb: 80 }); // tensor([  0., -10., -80.])
 * ```
 *
 * Source: torchaudio.transforms.AmplitudeToDB.
 */
export function amplitudeToDb(x: Tensor, options: AmplitudeToDbOptions = {}): Tensor {
  const { stype = "power", topDb, amin = 1e-10 } = options;
  if (!(amin > 0 && (topDb ?? 0) >= 0)) {
    throw new ArgumentError(`amplitudeToDb: amin is above 0 and topDb from 0, but they are ${amin} and ${topDb}.`);
  }
  const decibels = x
    .clamp(amin)
    .log10()
    .mul(stype === "power" ? 10 : 20);
  if (topDb === undefined) return decibels;
  const example = [-1, -2, -3].slice(0, x.ndim);
  return decibels.maximum(decibels.amax(example, { keepdim: true }).sub(topDb));
}

/**
 * The cosines of a discrete cosine transform II: Dₖₘ = √(2 / M) · cos(πk(2m + 1) / 2M), and 1 / √M for k = 0, of which the
 * rows are orthonormal; without `ortho` 2 cos(πk(2m + 1) / 2M).
 *
 * Shape: (nMels, nMfcc), to be multiplied from the right. Source: torchaudio.functional.create_dct; Ahmed, Natarajan, Rao,
 * Discrete cosine transform, 1974.
 *
 * ```ts
 * createDct(2, 2); // tensor([[ 0.7071,  0.7071], [ 0.7071, -0.7071]])
 * ```
 */
export function createDct(
  nMfcc: number,
  nMels: number,
  options: { /** true */ ortho?: boolean /** "f32" */; dtype?: "f32" | "f64" } = {},
): Tensor {
  const { ortho = true, dtype = "f32" } = options;
  const size = (k: number) => (ortho ? Math.sqrt((k === 0 ? 1 : 2) / nMels) : 2);
  const values = Float64Array.from({ length: nMels * nMfcc }, (_, i) => {
    const [m, k] = [Math.floor(i / nMfcc), i % nMfcc];
    return size(k) * Math.cos((Math.PI * k * (2 * m + 1)) / (2 * nMels));
  });
  return tensor(values, { shape: [nMels, nMfcc], dtype });
}

export interface MFCCOptions {
  /** samples per second; 16000 by default */
  sampleRate?: number;
  /** how many coefficients, at most as many as triangles; 40 by default */
  nMfcc?: number;
  /** whether the transform is orthonormal; true by default */
  ortho?: boolean;
  /** ln(x + 1e-6) in place of decibels down to 80 below the loudest; false by default */
  logMels?: boolean;
  /** of the mel spectrogram */
  mel?: Omit<MelSpectrogramOptions, "sampleRate">;
}

/**
 * Mel-frequency cepstral coefficients: the first of a discrete cosine transform over the decibels of a mel spectrogram.
 *
 * Shapes: (…, L) ─► (…, nMfcc, T). Throws an ArgumentError if there are fewer triangles than coefficients.
 * Source: torchaudio.transforms.MFCC; Davis, Mermelstein, Comparison of parametric representations for monosyllabic word
 * recognition in continuously spoken sentences, 1980.
 *
 * ```ts
 * const mfcc = new MFCC({ sampleRate: 8000, nMfcc: 13, mel: { nFft: 256, hopLength: 80, nMels: 40 } });
 * mfcc.forward(zeros([8000])).shape; // [ 13, 101 ]
 * ```
 */
export class MFCC extends Module {
  readonly melSpectrogram: MelSpectrogram;
  readonly #options: MFCCOptions;

  constructor(options: MFCCOptions = {}) {
    super();
    const { sampleRate = 16000, nMfcc = 40, mel = {} } = options;
    const { nMels = 128 } = mel;
    if (!(nMfcc <= nMels)) {
      throw new ArgumentError(`MFCC: there are no ${nMfcc} coefficients of ${nMels} triangles: take more of these.`);
    }
    this.melSpectrogram = new MelSpectrogram({ ...mel, sampleRate });
    this.#options = options;
  }

  override forward(signal: Tensor): Tensor {
    const { nMfcc = 40, ortho, logMels = false } = this.#options;
    const mel = this.melSpectrogram.forward(signal); // (…, nMels, T)
    const logs = logMels ? mel.add(1e-6).log() : amplitudeToDb(mel, { topDb: 80 });
    const dct = createDct(nMfcc, mel.shape[mel.ndim - 2], { ortho, dtype: floatOf("MFCC", signal) });
    return dct.transpose(0, 1).matmul(logs); // (…, nMfcc, T)
  }
}
