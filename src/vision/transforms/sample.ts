/** New pixels from old ones: picked by row and column, resampled between, or looked up through a map of the plane. */

import type { Picture } from "../picture.ts";
import type { Matrix } from "./matrix.ts";

/** "nearest": the pixel in which a point lies; "bilinear": between the four around it. */
export type Interpolation = "nearest" | "bilinear";

/** The bytes of pixels that come from outside: of all channels, or of each. */
export type Fill = number | readonly number[];

const blank = (width: number, height: number, channels: 1 | 3): Picture => ({
  data: new Uint8Array(width * height * channels),
  width,
  height,
  channels,
});

export const fillOf = (fill: Fill, channel: number): number => (typeof fill === "number" ? fill : fill[channel]);

/** Pixel (y, x) is the old (rows[y], columns[x]); −1 stands for outside. */
export function pick(picture: Picture, rows: Int32Array, columns: Int32Array, fill: Fill): Picture {
  const { data, width, channels } = picture;
  const picked = blank(columns.length, rows.length, channels);
  const to = picked.data;
  const outside = [0, 1, 2].map((c) => fillOf(fill, c));
  let at = 0;
  // As hot as augmentation gets: a loop over the channels inside would double its time.
  for (let y = 0; y < rows.length; y++) {
    const start = rows[y] * width;
    for (let x = 0; x < columns.length; x++) {
      const column = start < 0 ? -1 : columns[x];
      const from = (start + column) * channels;
      to[at++] = column < 0 ? outside[0] : data[from];
      if (channels === 1) continue;
      to[at++] = column < 0 ? outside[1] : data[from + 1];
      to[at++] = column < 0 ? outside[2] : data[from + 2];
    }
  }
  return picked;
}

/** Of each new pixel, the first old one that counts, and the weights from there on. */
function triangles(size: number, wanted: number, antialias: boolean) {
  const scale = size / wanted;
  const radius = antialias ? Math.max(scale, 1) : 1; // the filter spans what a new pixel covers
  return Array.from({ length: wanted }, (_, i) => {
    const centre = scale * (i + 0.5);
    const first = Math.max(0, Math.trunc(centre - radius + 0.5));
    const last = Math.min(size, Math.trunc(centre + radius + 0.5));
    const weights = Float64Array.from({ length: last - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / radius),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Along each axis, the mean of the old pixels under a triangle around the new one's centre. */
export function resample(picture: Picture, width: number, height: number, antialias: boolean): Picture {
  const { data, channels } = picture;
  const across = triangles(picture.width, width, antialias);
  const down = triangles(picture.height, height, antialias);
  const line = width * channels;
  const narrow = new Float64Array(picture.height * line); // (old height, width, channels)
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let j = 0, at = (y * picture.width + first) * channels + c; j < weights.length; j++, at += channels) {
          sum += weights[j] * data[at];
        }
        narrow[y * line + x * channels + c] = sum;
      }
    }
  }
  const resized = blank(width, height, channels);
  const rounded = new Uint8ClampedArray(resized.data.buffer); // rounds to the nearest, ties to even
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y];
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let j = 0, at = first * line + x; j < weights.length; j++, at += line) sum += weights[j] * narrow[at];
      rounded[y * line + x] = sum;
    }
  }
  return resized;
}

export interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** The pixel at each point is what `inverse` finds in the old picture; between the border and outside it blends with `fill`. */
export function warp(
  picture: Picture,
  inverse: Matrix,
  { width, height }: Canvas,
  interpolation: Interpolation,
  fill: Fill,
): Picture {
  const { data, channels, width: oldWidth, height: oldHeight } = picture;
  const [a, b, c, d, e, f, g, h, i] = inverse;
  const warped = blank(width, height, channels);
  const to = new Uint8ClampedArray(warped.data.buffer); // rounds to the nearest, ties to even
  const nearest = interpolation === "nearest";
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      const w = g * (x + 0.5) + h * (y + 0.5) + i;
      const u = (a * (x + 0.5) + b * (y + 0.5) + c) / w - (nearest ? 0 : 0.5);
      const v = (d * (x + 0.5) + e * (y + 0.5) + f) / w - (nearest ? 0 : 0.5);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      if (!(left >= -1 && top >= -1 && left < oldWidth && top < oldHeight)) {
        for (let k = 0; k < channels; k++) to[at + k] = fillOf(fill, k);
        continue;
      }
      const inLeft = left >= 0;
      const inTop = top >= 0;
      const from = (top * oldWidth + left) * channels;
      if (nearest) {
        for (let k = 0; k < channels; k++) to[at + k] = inLeft && inTop ? data[from + k] : fillOf(fill, k);
        continue;
      }
      const inRight = left + 1 < oldWidth;
      const inBottom = top + 1 < oldHeight;
      const [p, q] = [u - left, v - top];
      const below = from + oldWidth * channels;
      for (let k = 0; k < channels; k++) {
        const outside = fillOf(fill, k);
        const topLeft = inTop && inLeft ? data[from + k] : outside;
        const topRight = inTop && inRight ? data[from + channels + k] : outside;
        const bottomLeft = inBottom && inLeft ? data[below + k] : outside;
        const bottomRight = inBottom && inRight ? data[below + channels + k] : outside;
        to[at + k] = (1 - q) * ((1 - p) * topLeft + p * topRight) + q * ((1 - p) * bottomLeft + p * bottomRight);
      }
    }
  }
  return warped;
}
