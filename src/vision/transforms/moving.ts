/** Transforms that move pixels, and boxes and masks with them. */

import { ArgumentError } from "../../core/errors.ts";
import type { Random } from "../../data/random.ts";
import type { Example } from "./example.ts";
import {
  type AffineOptions,
  affine,
  centerCrop,
  crop,
  hflip,
  type Padding,
  type PadOptions,
  padPicture,
  perspective,
  type ResizeOptions,
  type RotateOptions,
  resize,
  resizedCrop,
  rotate,
  type Size,
  sidesOf,
  sizeOf,
  vflip,
  type WarpOptions,
} from "./geometry.ts";
import type { Point } from "./matrix.ts";
import { checkProbability, checkRange, LibraryTransform, type Range } from "./transform.ts";

/** Mirrored with probability p, ½ if nothing is said: `hflip`. Source: torchvision.transforms.RandomHorizontalFlip. */
export class RandomHorizontalFlip extends LibraryTransform {
  readonly #p: number;

  constructor(p = 0.5) {
    super(p);
    this.#p = checkProbability("RandomHorizontalFlip", p);
  }

  apply(example: Example, random: Random): Example {
    return random.uniform() < this.#p ? hflip(example) : example;
  }
}

/** Upside down with probability p, ½ if nothing is said: `vflip`. Source: torchvision.transforms.RandomVerticalFlip. */
export class RandomVerticalFlip extends LibraryTransform {
  readonly #p: number;

  constructor(p = 0.5) {
    super(p);
    this.#p = checkProbability("RandomVerticalFlip", p);
  }

  apply(example: Example, random: Random): Example {
    return random.uniform() < this.#p ? vflip(example) : example;
  }
}

/** `resize`. Source: torchvision.transforms.Resize. */
export class Resize extends LibraryTransform {
  readonly #size: Size;
  readonly #options: ResizeOptions;

  constructor(size: Size, options: ResizeOptions = {}) {
    super(size, options);
    sizeOf("Resize", size);
    this.#size = size;
    this.#options = options;
  }

  apply(example: Example): Example {
    return resize(example, this.#size, this.#options);
  }
}

/** `centerCrop`. Source: torchvision.transforms.CenterCrop. */
export class CenterCrop extends LibraryTransform {
  readonly #size: Size;

  constructor(size: Size) {
    super(size);
    this.#size = sizeOf("CenterCrop", size);
  }

  apply(example: Example): Example {
    return centerCrop(example, this.#size);
  }
}

/** `padPicture`. Source: torchvision.transforms.Pad. */
export class Pad extends LibraryTransform {
  readonly #padding: Padding;
  readonly #options: PadOptions;

  constructor(padding: Padding, options: PadOptions = {}) {
    super(padding, options);
    this.#padding = sidesOf("Pad", padding);
    this.#options = options;
  }

  apply(example: Example): Example {
    return padPicture(example, this.#padding, this.#options);
  }
}

export interface RandomCropOptions extends PadOptions {
  /** the border that is put around the picture first; 0 */
  padding?: Padding;
  /** whether pictures that are too small get a border on both sides; false */
  padIfNeeded?: boolean;
}

/**
 * A rectangle of `size` anywhere in the picture with its padding.
 *
 * Throws an ArgumentError if the picture is too small. Source: torchvision.transforms.RandomCrop.
 *
 * ```ts
 * const example = { picture: { data: new Uint8Array([1, 2, 3]), width: 3, height: 1, channels: 1 } } as const;
 * new RandomCrop([1, 2]).apply(example, new Random(5)).picture.data; // Uint8Array(2) [ 1, 2 ]
 * ```
 */
export class RandomCrop extends LibraryTransform {
  readonly #size: readonly [number, number];
  readonly #sides: readonly [number, number, number, number];
  readonly #options: RandomCropOptions;

  constructor(size: Size, options: RandomCropOptions = {}) {
    super(size, options);
    this.#size = sizeOf("RandomCrop", size);
    this.#sides = sidesOf("RandomCrop", options.padding ?? 0);
    this.#options = options;
  }

  apply(example: Example, random: Random): Example {
    const [height, width] = this.#size;
    const { picture } = example;
    let [left, top, right, bottom] = this.#sides;
    const missing = [height - picture.height - top - bottom, width - picture.width - left - right];
    if (Math.max(...missing) > 0) {
      if (!this.#options.padIfNeeded) {
        throw new ArgumentError(
          `RandomCrop: a picture of ${picture.height}×${picture.width} (H×W) with its padding has no ${height}×${width} in it; set padIfNeeded, or resize first.`,
        );
      }
      const [tall, wide] = missing.map((n) => Math.max(0, n));
      [left, top, right, bottom] = [left + wide, top + tall, right + wide, bottom + tall];
    }
    const y = random.integer(picture.height + top + bottom - height + 1) - top;
    const x = random.integer(picture.width + left + right - width + 1) - left;
    return crop(example, y, x, height, width, this.#options); // what is beyond the padding lies beyond the picture: one step
  }
}

export interface RandomResizedCropOptions extends ResizeOptions {
  /** from which to which part of the area is kept; [0.08, 1] */
  scale?: Range;
  /** from which to which width over height; [3/4, 4/3] */
  ratio?: Range;
}

/**
 * A rectangle of random area, shape and place, resized to `size`: Inception's crop.
 *
 * Ten are tried; if none fits, the largest in the middle whose shape is allowed.
 * Source: torchvision.transforms.RandomResizedCrop; Szegedy et al., Going deeper with convolutions, 2015.
 */
export class RandomResizedCrop extends LibraryTransform {
  readonly #size: readonly [number, number];
  readonly #scale: Range;
  readonly #ratio: Range;
  readonly #options: ResizeOptions;

  constructor(size: Size, options: RandomResizedCropOptions = {}) {
    super(size, options);
    this.#size = sizeOf("RandomResizedCrop", size);
    this.#scale = checkRange("RandomResizedCrop", "scale", options.scale ?? [0.08, 1], 0);
    this.#ratio = checkRange("RandomResizedCrop", "ratio", options.ratio ?? [3 / 4, 4 / 3], Number.MIN_VALUE);
    this.#options = options;
  }

  apply(example: Example, random: Random): Example {
    const { width, height } = example.picture;
    const [narrowest, widest] = this.#ratio;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = width * height * random.uniform(...this.#scale);
      const ratio = Math.exp(random.uniform(Math.log(narrowest), Math.log(widest)));
      const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
      if (!(w > 0 && h > 0 && w <= width && h <= height)) continue;
      const [top, left] = [random.integer(height - h + 1), random.integer(width - w + 1)];
      return resizedCrop(example, top, left, h, w, this.#size, this.#options);
    }
    const w = Math.max(1, Math.min(width, Math.round(height * widest)));
    const h = Math.max(1, Math.min(height, Math.round(width / narrowest)));
    const [top, left] = [Math.floor((height - h) / 2), Math.floor((width - w) / 2)];
    return resizedCrop(example, top, left, h, w, this.#size, this.#options);
  }
}

const aroundZero = (range: number | Range): Range => (typeof range === "number" ? [-range, range] : range);

/**
 * Turned by an angle from [−degrees, degrees], or from a range: `rotate`, "nearest" and without `expand` if nothing is said.
 * Source: torchvision.transforms.RandomRotation.
 */
export class RandomRotation extends LibraryTransform {
  readonly #degrees: Range;
  readonly #options: RotateOptions;

  constructor(degrees: number | Range, options: RotateOptions = {}) {
    super(degrees, options);
    this.#degrees = checkRange("RandomRotation", "degrees", aroundZero(degrees));
    this.#options = options;
  }

  apply(example: Example, random: Random): Example {
    return rotate(example, random.uniform(...this.#degrees), this.#options);
  }
}

export interface RandomAffineOptions extends WarpOptions {
  /** the largest translation, as parts of width and height; none */
  translate?: Point;
  /** from which to which factor; none */
  scale?: Range;
  /** degrees along x, or [from, to] along x, or [from, to, from, to] along x and y; none */
  shear?: number | Range | readonly [number, number, number, number];
  /** the point that stays where it is; the middle */
  center?: Point;
}

/**
 * Rotated clockwise by an angle from [−degrees, degrees] or a range, translated, scaled and sheared at random: `affine`.
 * Source: torchvision.transforms.RandomAffine.
 */
export class RandomAffine extends LibraryTransform {
  readonly #degrees: Range;
  readonly #translate: Point;
  readonly #scale: Range;
  readonly #shear: readonly [Range, Range];
  readonly #options: Pick<AffineOptions, "center" | "fill" | "interpolation">;

  constructor(degrees: number | Range, options: RandomAffineOptions = {}) {
    super(degrees, options);
    const { translate = [0, 0], scale = [1, 1], shear = 0, ...rest } = options;
    if (!translate.every((part) => part >= 0 && part <= 1)) {
      throw new ArgumentError(
        `RandomAffine: translate is parts of width and height, but is [${translate.join(", ")}].`,
      );
    }
    const [x0, x1, y0 = 0, y1 = 0] = typeof shear === "number" ? [-shear, shear] : shear;
    this.#degrees = checkRange("RandomAffine", "degrees", aroundZero(degrees));
    this.#translate = translate;
    this.#scale = checkRange("RandomAffine", "scale", scale, Number.MIN_VALUE);
    this.#shear = [checkRange("RandomAffine", "shear", [x0, x1]), checkRange("RandomAffine", "shear", [y0, y1])];
    this.#options = rest;
  }

  apply(example: Example, random: Random): Example {
    const { width, height } = example.picture;
    const angle = random.uniform(...this.#degrees);
    const [dx, dy] = [this.#translate[0] * width, this.#translate[1] * height];
    const translate = [Math.round(random.uniform(-dx, dx)), Math.round(random.uniform(-dy, dy))] as const;
    const scale = random.uniform(...this.#scale);
    const shear = [random.uniform(...this.#shear[0]), random.uniform(...this.#shear[1])] as const;
    return affine(example, { angle, translate, scale, shear, ...this.#options });
  }
}

export interface RandomPerspectiveOptions extends WarpOptions {
  /** how far the corners move, as a part of half the width and height; 0.5 */
  distortionScale?: number;
  /** how often; 0.5 */
  p?: number;
}

/**
 * Seen from a random place: each corner moves inwards by up to distortionScale · ½ of the size. `perspective`.
 * Source: torchvision.transforms.RandomPerspective.
 */
export class RandomPerspective extends LibraryTransform {
  readonly #distortion: number;
  readonly #p: number;
  readonly #options: WarpOptions;

  constructor(options: RandomPerspectiveOptions = {}) {
    super(options);
    const { distortionScale = 0.5, p = 0.5, ...rest } = options;
    this.#distortion = checkProbability("RandomPerspective", distortionScale);
    this.#p = checkProbability("RandomPerspective", p);
    this.#options = rest;
  }

  apply(example: Example, random: Random): Example {
    if (random.uniform() >= this.#p) return example;
    const { width, height } = example.picture;
    const inwards = (size: number) => random.integer(Math.floor(this.#distortion * Math.floor(size / 2)) + 1);
    const corner = (right: number, bottom: number): Point => [
      right ? width - 1 - inwards(width) : inwards(width),
      bottom ? height - 1 - inwards(height) : inwards(height),
    ];
    const start: Point[] = [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ];
    return perspective(example, start, [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)], this.#options);
  }
}
