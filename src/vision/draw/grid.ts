import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { Tensor } from "../../tensor/index.ts";
import type { Picture } from "../picture.ts";
import { rgbCopy } from "./palette.ts";

export interface PictureOptions {
  /** whether the smallest value becomes black and the largest white; false by default */
  normalize?: boolean;
  /** whether that is done for each image by itself; false by default: over all of them */
  scaleEach?: boolean;
}

/**
 * Images as pictures: floats from 0 (black) to 1 (white), limited to that, become bytes; u8 are bytes already.
 *
 * Shapes: (N, C, H, W) with 1 or 3 channels ─► N pictures. Reads values: not for `compile`. Throws a ShapeError for others.
 * Source: torchvision.utils.save_image.
 *
 * ```ts
 * toPictures(tensor([[[[0, 0.5, 2]]]])); // [ { data: Uint8Array(3) [ 0, 128, 255 ], width: 3, height: 1, channels: 1 } ]
 * ```
 */
export function toPictures(images: Tensor, options: PictureOptions = {}): Picture[] {
  const [count, channels, height, width] = images.shape;
  if (images.ndim !== 4 || (channels !== 1 && channels !== 3)) {
    throw new ShapeError(
      `toPictures needs images (N, C, H, W) with 1 or 3 channels, but got ${showShape(images.shape)}.`,
    );
  }
  const { normalize = false, scaleEach = false } = options;
  const values = images.dataSync();
  const pixels = height * width;
  const size = channels * pixels;
  const whole: readonly [number, number] = images.dtype === "u8" ? [0, 255] : [0, 1];
  const shared = normalize ? range(values) : whole;
  return Array.from({ length: count }, (_, n) => {
    const own = values.subarray(n * size, (n + 1) * size);
    const [low, high] = normalize && scaleEach ? range(own) : shared;
    const data = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      const value = (own[(i % channels) * pixels + Math.floor(i / channels)] - low) / Math.max(high - low, 1e-5);
      data[i] = Math.floor(255 * Math.min(Math.max(value, 0), 1) + 0.5);
    }
    return { data, width, height, channels };
  });
}

function range(values: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

export interface GridOptions extends PictureOptions {
  /** pictures in a row; 8 by default */
  nrow?: number;
  /** pixels around each picture; 2 by default */
  padding?: number;
  /** their grey, 0 to 255; 0 by default */
  padValue?: number;
}

/**
 * One picture of many, row by row, with `padding` pixels between and around them; a single one has none around it.
 *
 * Takes images (N, C, H, W) as `toPictures` does, or pictures of one size, for which `normalize` and `scaleEach` mean
 * nothing. Gives a picture with three channels. Throws a ShapeError if sizes differ, and an ArgumentError if there is no
 * image or `nrow` or `padding` is no whole number. Source: torchvision.utils.make_grid.
 *
 * ```ts
 * const { width, height, channels } = makeGrid(rand([10, 1, 28, 28]));
 * [width, height, channels]; // [ 242, 62, 3 ]
 * ```
 */
export function makeGrid(images: Tensor | readonly Picture[], options: GridOptions = {}): Picture {
  const { nrow = 8, padding = 2, padValue = 0 } = options;
  const pictures = images instanceof Tensor ? toPictures(images, options) : images;
  if (pictures.length === 0) throw new ArgumentError("makeGrid: there is no image.");
  if (!(Number.isInteger(nrow) && nrow >= 1 && Number.isInteger(padding) && padding >= 0)) {
    throw new ArgumentError(
      `makeGrid: nrow is a whole number above 0 and padding one from 0, but they are ${nrow} and ${padding}.`,
    );
  }
  const [{ width, height }] = pictures;
  const other = pictures.find((picture) => picture.width !== width || picture.height !== height);
  if (other) {
    throw new ShapeError(
      `makeGrid needs pictures of one size, but got ${width}×${height} and ${other.width}×${other.height}: resize them.`,
    );
  }
  if (pictures.length === 1) return rgbCopy(pictures[0]);
  const columns = Math.min(nrow, pictures.length);
  const [across, down] = [width + padding, height + padding];
  const gridWidth = columns * across + padding;
  const gridHeight = Math.ceil(pictures.length / columns) * down + padding;
  const data = new Uint8Array(3 * gridWidth * gridHeight).fill(padValue);
  for (const [n, picture] of pictures.entries()) {
    const left = padding + (n % columns) * across;
    const top = padding + Math.floor(n / columns) * down;
    const rows = rgbCopy(picture).data;
    for (let y = 0; y < height; y++) {
      data.set(rows.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * gridWidth + left));
    }
  }
  return { data, width: gridWidth, height: gridHeight, channels: 3 };
}
