export { type BoundingBoxOptions, drawBoundingBoxes } from "./boxes.ts";
export { type GridOptions, makeGrid, type PictureOptions, toPictures } from "./grid.ts";
export { drawSegmentationMasks, type SegmentationMaskOptions } from "./masks.ts";
export { type Color, PALETTE } from "./palette.ts";
