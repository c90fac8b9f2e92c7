/** What each golden function of pictures is in chainrule: plain code on bytes, outside of tensors. */

import * as vision from "../../../src/vision/index.ts";
import type { Numbers, Options } from "../cases.ts";

type Own = vision.AffineOptions &
  vision.RotateOptions &
  vision.ResizeOptions &
  vision.PadOptions & {
    readonly top: number;
    readonly left: number;
    readonly height: number;
    readonly width: number;
    readonly size: readonly [number, number];
    readonly padding: vision.Padding;
    readonly factor: number;
    readonly angle: number;
    readonly startPoints: readonly vision.Point[];
    readonly endPoints: readonly vision.Point[];
    readonly numOutputChannels: 1 | 3;
    readonly kernelSize: vision.KernelSize;
    readonly sigma: number;
    readonly fill: vision.Fill;
  };

const FUNCTIONS: Readonly<Record<string, (x: vision.Picture, options: Own) => vision.Picture>> = {
  hflip: vision.hflip,
  vflip: vision.vflip,
  crop: (x, { top, left, height, width, ...options }) => vision.crop(x, top, left, height, width, options),
  padPicture: (x, { padding, ...options }) => vision.padPicture(x, padding, options),
  centerCrop: (x, { size }) => vision.centerCrop(x, size),
  resize: (x, { size, ...options }) => vision.resize(x, size, options),
  resizedCrop: (x, { top, left, height, width, size }) => vision.resizedCrop(x, top, left, height, width, size),
  rotate: (x, { angle, ...options }) => vision.rotate(x, angle, options),
  affine: vision.affine,
  perspective: (x, { startPoints, endPoints, ...options }) => vision.perspective(x, startPoints, endPoints, options),
  adjustBrightness: (x, { factor }) => vision.adjustBrightness(x, factor),
  adjustContrast: (x, { factor }) => vision.adjustContrast(x, factor),
  adjustSaturation: (x, { factor }) => vision.adjustSaturation(x, factor),
  adjustHue: (x, { factor }) => vision.adjustHue(x, factor),
  rgbToGrayscale: (x, { numOutputChannels }) => vision.rgbToGrayscale(x, numOutputChannels),
  erase: (x, { fill, ...at }) => vision.erase(x, at, fill),
  gaussianBlur: (x, { kernelSize, sigma }) => vision.gaussianBlur(x, kernelSize, sigma),
};

/** Bytes (H, W, C) through a function, as bytes. */
export const PICTURES: Readonly<Record<string, (x: Numbers, options: Options) => Numbers>> = Object.fromEntries(
  Object.entries(FUNCTIONS).map(([name, f]) => [
    name,
    ({ data, shape: [height, width, channels] }, options) => {
      const picture = { data: data as Uint8Array, width, height, channels: channels as 1 | 3 };
      const { data: moved, ...size } = f(picture, options as unknown as Own);
      return { dtype: "u8", shape: [size.height, size.width, size.channels], data: moved };
    },
  ]),
);
