import type { Picture } from "../picture.ts";

/** Red, green and blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * Colours that differ for the colour-blind too, taken in turn where none are given.
 * Okabe and Ito, Color universal design, 2008, without black.
 */
export const PALETTE: readonly Color[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

/** A copy to draw on, with three channels. */
export function rgbCopy({ data, width, height, channels }: Picture): Picture {
  const copy =
    channels === 3 ? data.slice() : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]);
  return { data: copy, width, height, channels: 3 };
}

/** Paints the pixels of a rectangle, from x1 y1 up to but without x2 y2, as far as they are in the picture. */
export function fillRectangle(picture: Picture, x1: number, y1: number, x2: number, y2: number, color: Color): void {
  const { data, width, height } = picture;
  for (let y = Math.max(0, y1); y < Math.min(height, y2); y++) {
    for (let x = Math.max(0, x1); x < Math.min(width, x2); x++) data.set(color, 3 * (y * width + x));
  }
}
