/** Where pixels, masks and boxes go when a picture is moved. */

import { ShapeError } from "../../core/errors.ts";
import type { Picture } from "../picture.ts";
import type { Example } from "./example.ts";
import { apply, type Matrix } from "./matrix.ts";

/** A picture alone, or one with boxes and a mask, which then move along: functions give back what they are given. */
export type PictureOrExample = Picture | Example;

export interface Motion {
  /** the moved picture; a mask's pixels are classes, which do not blend, and 0 comes in from outside */
  pixels(picture: Picture, isMask: boolean): Picture;
  /** from where a point was to where it is */
  readonly matrix: Matrix;
}

export const pictureOf = (x: PictureOrExample): Picture => ("picture" in x ? x.picture : x);

/** The picture changed in place: nothing moves. */
export function repaint<T extends PictureOrExample>(x: T, paint: (picture: Picture) => Picture): T {
  return ("picture" in x ? { ...x, picture: paint(x.picture) } : paint(x)) as T;
}

/** Everything of an example moved the same way. */
export function move<T extends PictureOrExample>(x: T, motion: Motion): T {
  if (!("picture" in x)) return motion.pixels(x, false) as T;
  const { width, height } = x.picture;
  const picture = motion.pixels(x.picture, false);
  const moved: { -readonly [K in keyof Example]: Example[K] } = { ...x, picture };
  if (x.mask) {
    if (x.mask.length !== width * height) {
      throw new ShapeError(`a mask of ${x.mask.length} pixels is none of a picture of ${height}×${width} (H×W).`);
    }
    moved.mask = motion.pixels({ data: x.mask, width, height, channels: 1 }, true).data;
  }
  if (x.boxes) Object.assign(moved, moveBoxes(x.boxes, x.labels, motion.matrix, picture));
  return moved as T;
}

/**
 * The upright boxes around the moved ones, cut at the picture's border; boxes of which less than a pixel's width or height
 * is left are left out, with their labels, as torchvision's SanitizeBoundingBoxes does.
 */
function moveBoxes(boxes: Float32Array, labels: Int32Array | undefined, matrix: Matrix, { width, height }: Picture) {
  const count = boxes.length / 4;
  if (!Number.isInteger(count) || (labels && labels.length !== count)) {
    throw new ShapeError(`${boxes.length} corners of boxes (K, 4) do not fit ${labels?.length ?? count} labels (K).`);
  }
  const moved = new Float32Array(boxes.length);
  const kept = new Int32Array(count);
  let n = 0;
  for (let k = 0; k < count; k++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
    if (!(x1 < x2 && y1 < y2)) continue;
    const corners = [apply(matrix, x1, y1), apply(matrix, x2, y1), apply(matrix, x1, y2), apply(matrix, x2, y2)];
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    const [left, right] = [Math.max(0, Math.min(...xs)), Math.min(width, Math.max(...xs))];
    const [top, bottom] = [Math.max(0, Math.min(...ys)), Math.min(height, Math.max(...ys))];
    if (!(right - left >= 1 && bottom - top >= 1)) continue;
    moved.set([left, top, right, bottom], 4 * n);
    kept[n++] = k;
  }
  return { boxes: moved.slice(0, 4 * n), ...(labels && { labels: kept.slice(0, n).map((k) => labels[k]) }) };
}
