import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { Module } from "../../nn/index.ts";
import { arange, rand, type Tensor, where } from "../../tensor/index.ts";

export interface SpecAugmentOptions {
  /** how many stretches of time; 2 by default */
  nTimeMasks?: number;
  /** each is shorter than this, in times; 20 by default */
  timeMaskParam?: number;
  /** how many bands of frequencies; 2 by default */
  nFreqMasks?: number;
  /** each is narrower than this, in frequencies; 8 by default */
  freqMaskParam?: number;
  /** what stands there; 0 by default, which suits spectra of mean 0 */
  value?: number;
}

/**
 * While it trains, hides stretches of time and bands of frequency of each spectrogram; nothing in evaluation.
 *
 * Each is [s, s + w) with w even in [0, param) and s even in [0, size − w), in whole numbers, drawn for each example and each
 * mask by itself. Shapes: (F, T) or (N, F, T), kept. Throws a ShapeError for other shapes, an ArgumentError for numbers
 * below 0. Time warping, the third part of the method, is left out: it helps least and costs most.
 *
 * ```ts
 * const augment = new SpecAugment({ nTimeMasks: 1, nFreqMasks: 1 });
 * augment.eval();
 * augment.forward(ones([2, 3])); // tensor([[1., 1., 1.], [1., 1., 1.]])
 * ```
 *
 * Park et al., SpecAugment: a simple data augmentation method for automatic speech recognition, 2019; torchaudio's masks are
 * such as well.
 */
export class SpecAugment extends Module {
  readonly #options: Required<SpecAugmentOptions>;

  constructor(options: SpecAugmentOptions = {}) {
    super();
    const given = { nTimeMasks: 2, timeMaskParam: 20, nFreqMasks: 2, freqMaskParam: 8, value: 0 };
    this.#options = { ...given, ...options };
    const { value, ...numbers } = this.#options;
    for (const [name, number] of Object.entries(numbers)) {
      if (!(Number.isInteger(number) && number >= 0)) {
        throw new ArgumentError(`SpecAugment: ${name} is a whole number from 0, but is ${number}.`);
      }
    }
  }

  override forward(spectra: Tensor): Tensor {
    if (spectra.ndim < 2 || spectra.ndim > 3) {
      throw new ShapeError(`SpecAugment needs spectra (F, T) or (N, F, T), but got ${showShape(spectra.shape)}.`);
    }
    if (!this.training) return spectra;
    const { nTimeMasks, timeMaskParam, nFreqMasks, freqMaskParam, value } = this.#options;
    const [frequencies, times] = spectra.shape.slice(-2);
    const examples = spectra.ndim === 3 ? spectra.shape[0] : 1;
    const rows = hidden(examples, nFreqMasks, freqMaskParam, frequencies).unsqueeze(2); // (N, F, 1)
    const columns = hidden(examples, nTimeMasks, timeMaskParam, times).unsqueeze(1); // (N, 1, T)
    const mask = rows.logicalOr(columns); // (N, F, T)
    return where(mask.reshape(spectra.shape), value, spectra);
  }
}

/** Which of `size` places some of `count` masks hide: (N, size) bool. */
function hidden(examples: number, count: number, param: number, size: number): Tensor {
  const width = rand([examples, count, 1]).mul(Math.min(param, size)).floor();
  const start = rand([examples, count, 1]).mul(width.neg().add(size)).floor();
  const place = arange(size); // (size)
  return place
    .ge(start)
    .logicalAnd(place.lt(start.add(width)))
    .any(1); // (N, count, size) ─► (N, size)
}
