/** Pictures blurred, with noise, with a rectangle erased. Each function takes a `Picture` or an `Example`. */

import { ArgumentError } from "../../core/errors.ts";
import type { Random } from "../../data/random.ts";
import { type PictureOrExample, repaint } from "./move.ts";
import { type Fill, fillOf } from "./sample.ts";

export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Pixels across and down, both odd; a number is both. */
export type KernelSize = number | readonly [width: number, height: number];

/** The normal density at −(n−1)/2 … (n−1)/2, with sum 1. */
function gaussian(size: number, sigma: number): Float64Array {
  const bell = Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2));
  const sum = bell.reduce((a, b) => a + b, 0);
  return bell.map((weight) => weight / sum);
}

/**
 * Each pixel the mean of `kernelSize`² around it, weighted by exp(−d²/2σ²); the picture is mirrored at its border.
 *
 * Throws an ArgumentError if `kernelSize` is not odd, more than half of it does not fit into the picture, or `sigma` is not
 * above 0. Source: torchvision.transforms.functional.gaussian_blur.
 *
 * ```ts
 * gaussianBlur({ data: new Uint8Array([0, 0, 90, 0, 0]), width: 5, height: 1, channels: 1 }, [3, 1], 1).data; // Uint8Array(5) [ 0, 25, 41, 25, 0 ]
 * ```
 */
export function gaussianBlur<T extends PictureOrExample>(x: T, kernelSize: KernelSize, sigma: number): T {
  const [wide, tall] = typeof kernelSize === "number" ? [kernelSize, kernelSize] : kernelSize;
  if (![tall, wide].every((n) => Number.isInteger(n) && n > 0 && n % 2 === 1)) {
    throw new ArgumentError(`gaussianBlur: kernelSize is odd, but is ${tall}×${wide}.`);
  }
  if (!(sigma > 0)) throw new ArgumentError(`gaussianBlur: sigma is a number above 0, but is ${sigma}.`);
  return repaint(x, (picture) => {
    const { data, width, height, channels } = picture;
    if (tall >= 2 * height || wide >= 2 * width) {
      throw new ArgumentError(
        `gaussianBlur: a kernel of ${tall}×${wide} is too large for a picture of ${height}×${width}.`,
      );
    }
    const line = width * channels;
    const across = average(data, gaussian(wide, sigma), height, width, channels, line, channels);
    const blurred = average(across, gaussian(tall, sigma), width, height, line, channels, channels);
    const bytes = new Uint8ClampedArray(blurred.length); // rounds to the nearest, ties to even
    bytes.set(blurred);
    return { ...picture, data: new Uint8Array(bytes.buffer) };
  });
}

/** Weighted means along the axis of `size` places, `step` apart, of each of `lines` lines, `apart` from one another. */
function average(
  from: ArrayLike<number>,
  weights: Float64Array,
  lines: number,
  size: number,
  step: number,
  apart: number,
  channels: number,
): Float64Array {
  const half = (weights.length - 1) / 2;
  const to = new Float64Array(from.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < channels; c++) {
        const start = line * apart + c;
        let sum = 0;
        for (let j = 0; j < weights.length; j++) {
          const place = Math.abs(i + j - half);
          sum += weights[j] * from[start + (place < size ? place : 2 * size - 2 - place) * step];
        }
        to[start + i * step] = sum;
      }
    }
  }
  return to;
}

/**
 * Normal noise added to each byte, of `mean` and standard deviation `sigma` in parts of 255, then rounded and cut off.
 * Throws an ArgumentError for a negative sigma. Source: torchvision.transforms.v2.GaussianNoise.
 *
 * ```ts
 * const grey: Picture = { data: new Uint8Array([100, 100]), width: 2, height: 1, channels: 1 };
 * gaussianNoise(grey, new Random(0), { mean: 0.2, sigma: 0 }).data; // Uint8Array(2) [ 151, 151 ]
 * ```
 */
export function gaussianNoise<T extends PictureOrExample>(
  x: T,
  random: Random,
  { mean = 0, sigma = 0.1 }: GaussianNoiseOptions = {},
): T {
  if (!(sigma >= 0)) throw new ArgumentError(`gaussianNoise: sigma is a number from 0 on, but is ${sigma}.`);
  return repaint(x, (picture) => {
    const { data } = picture;
    const bytes = new Uint8ClampedArray(data.length); // rounds to the nearest, ties to even
    for (let i = 0; i < data.length; i++) bytes[i] = data[i] + 255 * (mean + sigma * random.normal());
    return { ...picture, data: new Uint8Array(bytes.buffer) };
  });
}

export interface GaussianNoiseOptions {
  /** in parts of 255; 0 */
  mean?: number;
  /** standard deviation, in parts of 255; 0.1 */
  sigma?: number;
}

/**
 * The picture with one rectangle painted over, as far as it lies in it, by `fill` (bytes) or by noise. Source:
 * torchvision.transforms.functional.erase.
 *
 * ```ts
 * const grey: Picture = { data: new Uint8Array([1, 2, 3, 4]), width: 2, height: 2, channels: 1 };
 * erase(grey, { top: 0, left: 1, height: 2, width: 1 }, 9).data; // Uint8Array(4) [ 1, 9, 3, 9 ]
 * ```
 */
export function erase<T extends PictureOrExample>(x: T, at: Rectangle, fill: Fill | Random): T {
  return repaint(x, (picture) => {
    const { width, height, channels } = picture;
    const data = picture.data.slice();
    const [bottom, right] = [Math.min(at.top + at.height, height), Math.min(at.left + at.width, width)];
    for (let row = Math.max(at.top, 0); row < bottom; row++) {
      for (let column = Math.max(at.left, 0); column < right; column++) {
        for (let c = 0; c < channels; c++) {
          const byte = typeof fill === "object" && "uniform" in fill ? fill.integer(256) : fillOf(fill, c);
          data[(row * width + column) * channels + c] = byte;
        }
      }
    }
    return { ...picture, data };
  });
}
