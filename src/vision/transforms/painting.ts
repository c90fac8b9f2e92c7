/** Transforms that change colours and leave everything where it is. */

import type { Random } from "../../data/random.ts";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, rgbToGrayscale } from "./color.ts";
import type { Example } from "./example.ts";
import { erase, type GaussianNoiseOptions, gaussianBlur, gaussianNoise, type KernelSize } from "./filter.ts";
import type { Fill } from "./sample.ts";
import { checkProbability, checkRange, LibraryTransform, type Range } from "./transform.ts";

export interface ColorJitterOptions {
  /** the factor of `adjustBrightness` comes from [max(0, 1 − b), 1 + b], or from a range; 0 */
  brightness?: number | Range;
  /** of `adjustContrast`, likewise; 0 */
  contrast?: number | Range;
  /** of `adjustSaturation`, likewise; 0 */
  saturation?: number | Range;
  /** of `adjustHue`: from [−h, h], or from a range, within [−½, ½]; 0 */
  hue?: number | Range;
}

/** Brightness, contrast, saturation and hue, each changed at random, in random order. Source: torchvision.transforms.ColorJitter. */
export class ColorJitter extends LibraryTransform {
  readonly #steps: readonly ((example: Example, random: Random) => Example)[];

  constructor(options: ColorJitterOptions = {}) {
    super(options);
    const factors = (what: keyof ColorJitterOptions): Range => {
      const by = options[what] ?? 0;
      const middle = what === "hue" ? 0 : 1;
      const range = typeof by === "number" ? ([what === "hue" ? -by : Math.max(0, 1 - by), middle + by] as const) : by;
      return checkRange("ColorJitter", what, range, what === "hue" ? -0.5 : 0);
    };
    const adjusts = {
      brightness: adjustBrightness,
      contrast: adjustContrast,
      saturation: adjustSaturation,
      hue: adjustHue,
    };
    this.#steps = (Object.keys(adjusts) as (keyof typeof adjusts)[])
      .filter((what) => options[what])
      .map((what) => {
        const range = factors(what);
        return (example, random) => adjusts[what](example, random.uniform(...range));
      });
  }

  apply(example: Example, random: Random): Example {
    const steps = [...this.#steps];
    let last = example;
    while (steps.length > 0) last = steps.splice(random.integer(steps.length), 1)[0](last, random);
    return last;
  }
}

/** `rgbToGrayscale`. Source: torchvision.transforms.Grayscale. */
export class Grayscale extends LibraryTransform {
  readonly #channels: 1 | 3;

  constructor(numOutputChannels: 1 | 3 = 1) {
    super(numOutputChannels);
    this.#channels = numOutputChannels;
  }

  apply(example: Example): Example {
    return rgbToGrayscale(example, this.#channels);
  }
}

/** Grey with probability p, 0.1 if nothing is said, in as many channels as before. Source: torchvision.transforms.RandomGrayscale. */
export class RandomGrayscale extends LibraryTransform {
  readonly #p: number;

  constructor(p = 0.1) {
    super(p);
    this.#p = checkProbability("RandomGrayscale", p);
  }

  apply(example: Example, random: Random): Example {
    return random.uniform() < this.#p ? rgbToGrayscale(example, example.picture.channels) : example;
  }
}

/** `gaussianBlur` with σ from a range, [0.1, 2] if nothing is said. Source: torchvision.transforms.GaussianBlur. */
export class GaussianBlur extends LibraryTransform {
  readonly #kernelSize: KernelSize;
  readonly #sigma: Range;

  constructor(kernelSize: KernelSize, sigma: number | Range = [0.1, 2]) {
    super(kernelSize, sigma);
    this.#kernelSize = kernelSize;
    const range = typeof sigma === "number" ? ([sigma, sigma] as const) : sigma;
    this.#sigma = checkRange("GaussianBlur", "sigma", range, Number.MIN_VALUE);
  }

  apply(example: Example, random: Random): Example {
    return gaussianBlur(example, this.#kernelSize, random.uniform(...this.#sigma));
  }
}

/** `gaussianNoise`. Source: torchvision.transforms.v2.GaussianNoise. */
export class GaussianNoise extends LibraryTransform {
  readonly #options: GaussianNoiseOptions;

  constructor(options: GaussianNoiseOptions = {}) {
    super(options);
    this.#options = options;
  }

  apply(example: Example, random: Random): Example {
    return gaussianNoise(example, random, this.#options);
  }
}

export interface RandomErasingOptions {
  /** how often; 0.5 */
  p?: number;
  /** from which to which part of the area; [0.02, 0.33] */
  scale?: Range;
  /** from which to which height over width; [0.3, 3.3] */
  ratio?: Range;
  /** the bytes of the rectangle, or noise; 0 */
  value?: Fill | "random";
}

/**
 * A rectangle of random area, shape and place painted over; ten are tried, and if none fits, nothing happens.
 *
 * Source: torchvision.transforms.RandomErasing; Zhong et al., Random erasing data augmentation, 2020.
 */
export class RandomErasing extends LibraryTransform {
  readonly #p: number;
  readonly #scale: Range;
  readonly #ratio: Range;
  readonly #value: Fill | "random";

  constructor(options: RandomErasingOptions = {}) {
    super(options);
    const { p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = options;
    this.#p = checkProbability("RandomErasing", p);
    this.#scale = checkRange("RandomErasing", "scale", scale, 0);
    this.#ratio = checkRange("RandomErasing", "ratio", ratio, Number.MIN_VALUE);
    this.#value = value;
  }

  apply(example: Example, random: Random): Example {
    if (random.uniform() >= this.#p) return example;
    const { width, height } = example.picture;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = width * height * random.uniform(...this.#scale);
      const ratio = Math.exp(random.uniform(Math.log(this.#ratio[0]), Math.log(this.#ratio[1])));
      const [h, w] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
      if (!(h < height && w < width)) continue;
      const [top, left] = [random.integer(height - h + 1), random.integer(width - w + 1)];
      return erase(example, { top, left, height: h, width: w }, this.#value === "random" ? random : this.#value);
    }
    return example;
  }
}
