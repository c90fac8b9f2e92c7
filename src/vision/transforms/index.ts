export { Random } from "../../data/random.ts";
export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  rgbToGrayscale,
} from "./color.ts";
export { AugmentedDataset, type AugmentedDatasetOptions } from "./dataset.ts";
export type { Example, ExampleSource } from "./example.ts";
export {
  erase,
  type GaussianNoiseOptions,
  gaussianBlur,
  gaussianNoise,
  type KernelSize,
  type Rectangle,
} from "./filter.ts";
export {
  type AffineOptions,
  affine,
  centerCrop,
  crop,
  type FillOptions,
  hflip,
  type Padding,
  type PaddingMode,
  type PadOptions,
  padPicture,
  perspective,
  type ResizeOptions,
  type RotateOptions,
  resize,
  resizedCrop,
  rotate,
  type Size,
  vflip,
  type WarpOptions,
} from "./geometry.ts";
export type { Point } from "./matrix.ts";
export type { PictureOrExample } from "./move.ts";
export {
  CenterCrop,
  Pad,
  RandomAffine,
  type RandomAffineOptions,
  RandomCrop,
  type RandomCropOptions,
  RandomHorizontalFlip,
  RandomPerspective,
  type RandomPerspectiveOptions,
  RandomResizedCrop,
  type RandomResizedCropOptions,
  RandomRotation,
  RandomVerticalFlip,
  Resize,
} from "./moving.ts";
export {
  ColorJitter,
  type ColorJitterOptions,
  GaussianBlur,
  GaussianNoise,
  Grayscale,
  RandomErasing,
  type RandomErasingOptions,
  RandomGrayscale,
} from "./painting.ts";
export type { Fill, Interpolation } from "./sample.ts";
export { Compose, RandomApply, type Range, type Transform } from "./transform.ts";
