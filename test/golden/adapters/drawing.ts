/** Pictures as bytes (H, W, C). */

import { type Tensor, tensor } from "../../../src/index.ts";
import {
  type BoundingBoxOptions,
  drawBoundingBoxes,
  drawSegmentationMasks,
  type GridOptions,
  makeGrid,
  type Picture,
  type SegmentationMaskOptions,
  toPictures,
} from "../../../src/vision/index.ts";
import type { Operator } from "./operators.ts";

const bytes = ({ data, width, height, channels }: Picture): Tensor =>
  tensor(data, { shape: [height, width, channels] });

const pictureOf = (image: Tensor): Picture => toPictures(image.unsqueeze(0))[0]; // (C, H, W)

export const DRAWING: Readonly<Record<string, Operator<GridOptions & BoundingBoxOptions & SegmentationMaskOptions>>> = {
  toPictures: ([images], options) => toPictures(images, options).map(bytes),
  makeGrid: ([images], options) => bytes(makeGrid(images, options)),
  drawBoundingBoxes: ([image, boxes], options) => bytes(drawBoundingBoxes(pictureOf(image), boxes, options)),
  drawSegmentationMasks: ([image, masks], options) => bytes(drawSegmentationMasks(pictureOf(image), masks, options)),
};
