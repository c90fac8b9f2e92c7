/**
 * Colours changed, pixel by pixel, as Pillow changes those of 8-bit pictures (the hue as torchvision does, without Pillow's
 * 8-bit hues). Each function takes a `Picture` or an `Example` and gives a new one of the same kind.
 */

import { ArgumentError } from "../../core/errors.ts";
import type { Picture } from "../picture.ts";
import { type PictureOrExample, repaint } from "./move.ts";

/** The luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded. */
const luma = (r: number, g: number, b: number): number => (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;

/** The grey of each pixel, (H, W). */
function greys({ data, channels }: Picture): Uint8Array {
  if (channels === 1) return data;
  const grey = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) grey[i] = luma(data[at], data[at + 1], data[at + 2]);
  return grey;
}

/** From `base` (factor 0) through `value` (factor 1) and beyond, cut off to a byte: Pillow's blend in single precision. */
function blend(base: number, value: number, factor: number): number {
  const mixed = Math.fround(base + Math.fround(factor * (value - base)));
  return Math.trunc(Math.min(255, Math.max(0, mixed)));
}

/** Every byte blended with `base`, through a table of 256. */
function blendAll(picture: Picture, base: number, factor: number): Picture {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) table[byte] = blend(base, byte, factor);
  const data = new Uint8Array(picture.data.length);
  for (let i = 0; i < data.length; i++) data[i] = table[picture.data[i]];
  return { ...picture, data };
}

function checkFactor(op: string, factor: number): number {
  if (!(factor >= 0 && factor < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`${op}: factor is a number from 0 on, but is ${factor}.`);
  }
  return Math.fround(factor);
}

/**
 * Black (factor 0), the picture (1), brighter (above). Throws an ArgumentError for a negative factor.
 * Source: torchvision.transforms.functional.adjust_brightness (Pillow).
 *
 * ```ts
 * adjustBrightness({ data: new Uint8Array([10, 200]), width: 2, height: 1, channels: 1 }, 1.5).data; // Uint8Array(2) [ 15, 255 ]
 * ```
 */
export function adjustBrightness<T extends PictureOrExample>(x: T, factor: number): T {
  const alpha = checkFactor("adjustBrightness", factor);
  return repaint(x, (picture) => blendAll(picture, 0, alpha));
}

/**
 * One grey, the mean of the picture's (factor 0), the picture (1), more contrast (above). Throws an ArgumentError for a
 * negative factor. Source: torchvision.transforms.functional.adjust_contrast (Pillow).
 *
 * ```ts
 * adjustContrast({ data: new Uint8Array([100, 200]), width: 2, height: 1, channels: 1 }, 2).data; // Uint8Array(2) [ 50, 250 ]
 * ```
 */
export function adjustContrast<T extends PictureOrExample>(x: T, factor: number): T {
  const alpha = checkFactor("adjustContrast", factor);
  return repaint(x, (picture) => {
    const grey = greys(picture);
    let sum = 0;
    for (let i = 0; i < grey.length; i++) sum += grey[i];
    const mean = Math.trunc(sum / grey.length + 0.5);
    return blendAll(picture, mean, alpha);
  });
}

/**
 * Without colour (factor 0), the picture (1), more colourful (above); grey pictures stay as they are. Throws an
 * ArgumentError for a negative factor. Source: torchvision.transforms.functional.adjust_saturation (Pillow).
 *
 * ```ts
 * adjustSaturation({ data: new Uint8Array([200, 100, 50]), width: 1, height: 1, channels: 3 }, 0).data; // Uint8Array(3) [ 124, 124, 124 ]
 * ```
 */
export function adjustSaturation<T extends PictureOrExample>(x: T, factor: number): T {
  const alpha = checkFactor("adjustSaturation", factor);
  return repaint(x, (picture) => {
    if (picture.channels === 1) return picture;
    const grey = greys(picture);
    const data = new Uint8Array(picture.data.length);
    for (let i = 0, at = 0; i < grey.length; i++) {
      for (let c = 0; c < 3; c++, at++) data[at] = blend(grey[i], picture.data[at], alpha);
    }
    return { ...picture, data };
  });
}

/**
 * Colours moved around the circle by the part `factor` of it, in [−½, ½]: ⅓ makes red green. Grey pictures stay as they are.
 * Throws an ArgumentError for other factors. Source: torchvision.transforms.functional.adjust_hue (tensors).
 *
 * ```ts
 * adjustHue({ data: new Uint8Array([200, 0, 0]), width: 1, height: 1, channels: 3 }, 0.5).data; // Uint8Array(3) [ 0, 200, 200 ]
 * ```
 */
export function adjustHue<T extends PictureOrExample>(x: T, factor: number): T {
  if (!(Math.abs(factor) <= 0.5)) {
    throw new ArgumentError(`adjustHue: factor is a number from −0.5 to 0.5, but is ${factor}.`);
  }
  return repaint(x, (picture) => {
    if (picture.channels === 1) return picture;
    const { data } = picture;
    const turned = new Uint8Array(data.length);
    for (let at = 0; at < data.length; at += 3) turnHue(data, turned, at, factor);
    return { ...picture, data: turned };
  });
}

/** One pixel to the hexagon of hues, around it, and back. Smith, Color gamut transform pairs, 1978. */
function turnHue(from: Uint8Array, to: Uint8Array, at: number, turn: number): void {
  const [r, g, b] = [from[at], from[at + 1], from[at + 2]];
  const value = Math.max(r, g, b);
  const range = value - Math.min(r, g, b);
  if (range === 0) {
    to[at] = to[at + 1] = to[at + 2] = value;
    return;
  }
  const sector = value === r ? (g - b) / range : value === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  const hue = (((sector + 6 * turn) % 6) + 6) % 6;
  // Each channel is a trapezoid over the hue, with red's plateau around 0, green's around 2 and blue's around 4.
  for (let channel = 0; channel < 3; channel++) {
    const away = Math.abs(((hue - 2 * channel + 9) % 6) - 3);
    to[at + channel] = Math.trunc(value - range * Math.min(1, Math.max(0, away - 1)) + 1e-9);
  }
}

/**
 * Each pixel's luma 0.299 R + 0.587 G + 0.114 B, in one channel, or thrice in three.
 * Source: torchvision.transforms.functional.rgb_to_grayscale (Pillow).
 *
 * ```ts
 * rgbToGrayscale({ data: new Uint8Array([200, 100, 50]), width: 1, height: 1, channels: 3 }).data; // Uint8Array(1) [ 124 ]
 * ```
 */
export function rgbToGrayscale<T extends PictureOrExample>(x: T, numOutputChannels: 1 | 3 = 1): T {
  return repaint(x, (picture) => {
    const grey = greys(picture);
    const data =
      numOutputChannels === 1 ? grey : new Uint8Array(3 * grey.length).map((_, at) => grey[Math.floor(at / 3)]);
    return { ...picture, data, channels: numOutputChannels };
  });
}
