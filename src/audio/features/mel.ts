import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";

/** "htk": 2595 log₁₀(1 + f / 700). "slaney": 3f / 200 below 1000 Hz, above it 15 + 27 ln(f / 1000) / ln 6.4. */
export type MelScale = "htk" | "slaney";

export interface FbanksOptions {
  /** "htk" by default */
  melScale?: MelScale;
  /** "slaney" divides each triangle by half its width in Hz, so that all have the same area; none by default */
  norm?: "slaney";
  /** "f32" by default */
  dtype?: "f32" | "f64";
}

interface Scale {
  toMel(hz: number): number;
  toHz(mel: number): number;
}

const LOG_STEP = Math.log(6.4) / 27;

const SCALES: Readonly<Record<MelScale, Scale>> = {
  htk: {
    toMel: (hz) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
  slaney: {
    toMel: (hz) => (hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / LOG_STEP),
    toHz: (mel) => (mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(LOG_STEP * (mel - 15))),
  },
};

/**
 * Triangles over frequency, evenly spaced on the mel scale, between `fMin` and `fMax` in Hz: the weights by which a spectrum
 * becomes a mel spectrum. Triangle m rises from point m to m + 1 of nMels + 2 and falls to m + 2.
 *
 * Shape: (nFreqs, nMels), for frequencies from 0 to sampleRate / 2. Throws an ArgumentError for numbers out of their domain.
 *
 * ```ts
 * melscaleFbanks(5, 0, 4000, 2, 8000).index(":", 0); // tensor([0.0000, 0.6759, 0.0000, 0.0000, 0.0000])
 * ```
 *
 * Source: torchaudio.functional.melscale_fbanks; Stevens, Volkmann, Newman, A scale for the measurement of the psychological
 * magnitude pitch, 1937; Slaney, Auditory toolbox, 1998.
 */
export function melscaleFbanks(
  nFreqs: number,
  fMin: number,
  fMax: number,
  nMels: number,
  sampleRate: number,
  options: FbanksOptions = {},
): Tensor {
  const { melScale = "htk", norm, dtype = "f32" } = options;
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  if (!(whole(nFreqs) && whole(nMels) && fMin >= 0 && fMax > fMin && sampleRate > 0)) {
    throw new ArgumentError(
      `melscaleFbanks needs numbers of frequencies and triangles from 1 and 0 ≤ fMin < fMax, but got ${nFreqs}, ${nMels}, ${fMin} and ${fMax} Hz.`,
    );
  }
  const { toMel, toHz } = SCALES[melScale];
  const [low, high] = [toMel(fMin), toMel(fMax)];
  const points = Float64Array.from({ length: nMels + 2 }, (_, i) => toHz(low + ((high - low) * i) / (nMels + 1)));
  const top = Math.floor(sampleRate / 2);
  const weights = new Float64Array(nFreqs * nMels);
  for (let k = 0; k < nFreqs; k++) {
    const hz = (top * k) / Math.max(1, nFreqs - 1);
    for (let m = 0; m < nMels; m++) {
      const [left, middle, right] = points.subarray(m, m + 3);
      const height = Math.min((hz - left) / (middle - left), (right - hz) / (right - middle));
      weights[k * nMels + m] = Math.max(0, height) * (norm ? 2 / (right - left) : 1);
    }
  }
  return tensor(weights, { shape: [nFreqs, nMels], dtype });
}
