/**
 * Pictures moved: flips, windows, sizes, affine and perspective maps. Each function takes a `Picture`, or an `Example`, whose
 * boxes and mask then move along, and gives a new one of the same kind.
 */

import { ArgumentError } from "../../core/errors.ts";
import { fourPoints, invert, type Matrix, multiply, type Point, scaleShift } from "./matrix.ts";
import { move, type PictureOrExample, pictureOf } from "./move.ts";
import { type Canvas, type Fill, type Interpolation, pick, resample, warp } from "./sample.ts";

/** A height and a width; a number is both, unless it says otherwise. */
export type Size = number | readonly [height: number, width: number];

/** What lies beyond the border: one colour, the border's pixels, or the picture mirrored without and with its last row. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";

export interface FillOptions {
  /** bytes of new pixels: of all channels or of each; 0. A mask's are 0 */
  fill?: Fill;
}

export interface PadOptions extends FillOptions {
  /** what lies beyond the border; "constant" */
  paddingMode?: PaddingMode;
}

export interface WarpOptions extends FillOptions {
  /** how pixels between pixels are found; masks are always "nearest" */
  interpolation?: Interpolation;
}

export interface ResizeOptions {
  /** "bilinear"; masks are always "nearest" */
  interpolation?: Interpolation;
  /** whether "bilinear" averages all pixels that a smaller one covers; true */
  antialias?: boolean;
}

function range(count: number, at: (i: number) => number): Int32Array {
  const places = new Int32Array(count);
  for (let i = 0; i < count; i++) places[i] = at(i);
  return places;
}

/**
 * The picture seen in an upright mirror: x ↦ width − x. Source: torchvision.transforms.functional.hflip.
 *
 * ```ts
 * hflip({ data: new Uint8Array([1, 2, 3]), width: 3, height: 1, channels: 1 }).data; // Uint8Array(3) [ 3, 2, 1 ]
 * ```
 */
export function hflip<T extends PictureOrExample>(x: T): T {
  const { width, height } = pictureOf(x);
  const rows = range(height, (i) => i);
  const columns = range(width, (i) => width - 1 - i);
  return move(x, { pixels: (p) => pick(p, rows, columns, 0), matrix: scaleShift(-1, width, 1, 0) });
}

/** The picture upside down: y ↦ height − y. Source: torchvision.transforms.functional.vflip. */
export function vflip<T extends PictureOrExample>(x: T): T {
  const { width, height } = pictureOf(x);
  const rows = range(height, (i) => height - 1 - i);
  const columns = range(width, (i) => i);
  return move(x, { pixels: (p) => pick(p, rows, columns, 0), matrix: scaleShift(1, 0, -1, height) });
}

/** Which of 0 … size − 1 stands at place i, which may be beyond: −1 for none. */
function beyond(i: number, size: number, mode: PaddingMode): number {
  if (i >= 0 && i < size) return i;
  if (mode === "constant") return -1;
  if (mode === "edge") return i < 0 ? 0 : size - 1;
  const period = mode === "reflect" ? Math.max(1, 2 * size - 2) : 2 * size;
  const folded = ((i % period) + period) % period;
  return folded < size ? folded : period - folded - (mode === "reflect" ? 0 : 1);
}

/** A rectangle that may reach beyond the picture. */
function view<T extends PictureOrExample>(
  x: T,
  [top, left]: Point,
  [height, width]: readonly [number, number],
  { fill = 0, paddingMode = "constant" }: PadOptions,
): T {
  const old = pictureOf(x);
  const rows = range(height, (i) => beyond(top + i, old.height, paddingMode));
  const columns = range(width, (i) => beyond(left + i, old.width, paddingMode));
  return move(x, {
    pixels: (p, isMask) => pick(p, rows, columns, isMask ? 0 : fill),
    matrix: scaleShift(1, -left, 1, -top),
  });
}

/**
 * The rectangle of `height` rows and `width` columns from (top, left) on; where it reaches beyond the picture, `fill` or
 * what `paddingMode` says.
 *
 * Throws an ArgumentError if the numbers are not whole or a size is not above 0.
 * Source: torchvision.transforms.functional.crop.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([1, 2, 3, 4]), width: 2, height: 2, channels: 1 };
 * crop(picture, 1, 0, 1, 3).data; // Uint8Array(3) [ 3, 4, 0 ]
 * ```
 */
export function crop<T extends PictureOrExample>(
  x: T,
  top: number,
  left: number,
  height: number,
  width: number,
  options: PadOptions = {},
): T {
  if (![top, left].every(Number.isInteger)) {
    throw new ArgumentError(`crop: top and left must be whole numbers, but got ${top} and ${left}.`);
  }
  return view(x, [top, left], sizeOf("crop", [height, width]), options);
}

/** One number for all sides, [left and right, top and bottom], or [left, top, right, bottom]. */
export type Padding =
  | number
  | readonly [horizontal: number, vertical: number]
  | readonly [left: number, top: number, right: number, bottom: number];

export function sidesOf(op: string, padding: Padding): readonly [number, number, number, number] {
  const [left, top, right = left, bottom = top] = typeof padding === "number" ? [padding, padding] : padding;
  const sides = [left, top, right, bottom] as const;
  if (!sides.every((side) => Number.isInteger(side) && side >= 0)) {
    throw new ArgumentError(`${op}: padding is whole numbers from 0 on, but is ${sides.join(", ")}.`);
  }
  return sides;
}

/**
 * The picture with a border around it. Throws an ArgumentError if `padding` is negative or not whole.
 * Source: torchvision.transforms.functional.pad.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([1, 2, 3]), width: 3, height: 1, channels: 1 };
 * padPicture(picture, [2, 0], { paddingMode: "reflect" }).data; // Uint8Array(7) [ 3, 2, 1, 2, 3, 2, 1 ]
 * ```
 */
export function padPicture<T extends PictureOrExample>(x: T, padding: Padding, options: PadOptions = {}): T {
  const [left, top, right, bottom] = sidesOf("padPicture", padding);
  const { width, height } = pictureOf(x);
  return view(x, [-top, -left], [height + top + bottom, width + left + right], options);
}

/** Height and width, checked. */
export function sizeOf(op: string, size: Size): readonly [number, number] {
  const pair = typeof size === "number" ? ([size, size] as const) : size;
  if (!pair.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ArgumentError(`${op}: a size is whole numbers above 0, but is ${pair.join("×")}.`);
  }
  return pair;
}

/** The middle of the picture, with a border of zeros where it is too small. Source: torchvision.transforms.functional.center_crop. */
export function centerCrop<T extends PictureOrExample>(x: T, size: Size): T {
  const [height, width] = sizeOf("centerCrop", size);
  const old = pictureOf(x);
  // Python rounds halves to even, and pads the smaller half in front: both are kept, so that the same pixels are seen.
  const from = (had: number, wanted: number) =>
    had < wanted ? -Math.floor((wanted - had) / 2) : roundHalfEven((had - wanted) / 2);
  return view(x, [from(old.height, height), from(old.width, width)], [height, width], {});
}

function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * The picture in another size: [height, width], or a number for the shorter side, which keeps the proportions.
 *
 * "bilinear" averages under a triangle as wide as a new pixel, or two old ones (PIL's and PyTorch's antialias); "nearest"
 * takes the pixel under the new one's centre, as PIL does. Throws an ArgumentError if a size is not whole and above 0.
 * Source: torchvision.transforms.functional.resize.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([0, 40, 80, 120]), width: 4, height: 1, channels: 1 };
 * resize(picture, [1, 2]).data; // Uint8Array(2) [ 29, 91 ]
 * resize(picture, [1, 2], { antialias: false }).data; // Uint8Array(2) [ 20, 100 ]
 * resize(picture, [1, 2], { interpolation: "nearest" }).data; // Uint8Array(2) [ 40, 120 ]
 * ```
 */
export function resize<T extends PictureOrExample>(x: T, size: Size, options: ResizeOptions = {}): T {
  const { interpolation = "bilinear", antialias = true } = options;
  const old = pictureOf(x);
  const [height, width] = typeof size === "number" ? keepProportions(old, size) : sizeOf("resize", size);
  const [sx, sy] = [width / old.width, height / old.height];
  const nearest = (had: number, wanted: number) => range(wanted, (i) => Math.floor(((i + 0.5) * had) / wanted));
  return move(x, {
    pixels: (p, isMask) =>
      isMask || interpolation === "nearest"
        ? pick(p, nearest(p.height, height), nearest(p.width, width), 0)
        : resample(p, width, height, antialias),
    matrix: scaleShift(sx, 0, sy, 0),
  });
}

function keepProportions({ width, height }: Canvas, size: number): readonly [number, number] {
  const [shorter] = sizeOf("resize", size);
  const longer = Math.trunc((shorter * Math.max(width, height)) / Math.min(width, height));
  return height < width ? [shorter, longer] : [longer, shorter];
}

/** `crop`, then `resize`. Source: torchvision.transforms.functional.resized_crop. */
export function resizedCrop<T extends PictureOrExample>(
  x: T,
  top: number,
  left: number,
  height: number,
  width: number,
  size: readonly [height: number, width: number],
  options: ResizeOptions = {},
): T {
  return resize(crop(x, top, left, height, width), size, options);
}

function through<T extends PictureOrExample>(x: T, matrix: Matrix, canvas: Canvas, options: Required<WarpOptions>): T {
  const inverse = invert(matrix);
  const { interpolation, fill } = options;
  return move(x, {
    pixels: (p, isMask) => warp(p, inverse, canvas, isMask ? "nearest" : interpolation, isMask ? 0 : fill),
    matrix,
  });
}

export interface AffineOptions extends WarpOptions {
  /** degrees clockwise; 0 */
  angle?: number;
  /** pixels to the right and down, after all else; [0, 0] */
  translate?: Point;
  /** factor of both lengths; 1 */
  scale?: number;
  /** degrees along x and y; [0, 0] */
  shear?: Point;
  /** the point [x, y] that stays where it is, before translation; the middle */
  center?: Point;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Translation · to the centre · rotation · scale · shear · from the centre. */
function affineMatrix(canvas: Canvas, options: AffineOptions): Matrix {
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0] } = options;
  const [cx, cy] = options.center ?? [canvas.width / 2, canvas.height / 2];
  const [rotation, sx, sy] = [radians(angle), radians(shear[0]), radians(shear[1])];
  const [cos, sin] = [Math.cos(rotation - sy) / Math.cos(sy), Math.sin(rotation - sy) / Math.cos(sy)];
  const linear = [cos, -cos * Math.tan(sx) - Math.sin(rotation), sin, -sin * Math.tan(sx) + Math.cos(rotation)];
  const [a, b, c, d] = linear.map((entry) => entry * scale);
  const middle: Matrix = [a, b, 0, c, d, 0, 0, 0, 1];
  const back = scaleShift(1, cx + translate[0], 1, cy + translate[1]);
  return multiply(back, multiply(middle, scaleShift(1, -cx, 1, -cy)));
}

/**
 * The picture rotated, scaled, sheared and translated, in this order from the last: T·C·R(angle)·scale·Shear·C⁻¹.
 *
 * `interpolation` is "nearest" if nothing is said. Throws an ArgumentError if `scale` is not above 0.
 * Source: torchvision.transforms.functional.affine.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([1, 2, 3, 4]), width: 2, height: 2, channels: 1 };
 * affine(picture, { angle: 90 }).data; // Uint8Array(4) [ 3, 1, 4, 2 ]
 * affine(picture, { translate: [1, 0], fill: 9 }).data; // Uint8Array(4) [ 9, 1, 9, 3 ]
 * ```
 */
export function affine<T extends PictureOrExample>(x: T, options: AffineOptions): T {
  const { scale = 1, interpolation = "nearest", fill = 0 } = options;
  if (!(scale > 0)) throw new ArgumentError(`affine: scale is a number above 0, but is ${scale}.`);
  const picture = pictureOf(x);
  return through(x, affineMatrix(picture, options), picture, { interpolation, fill });
}

export interface RotateOptions extends WarpOptions {
  /** whether the new picture is as large as the whole rotated one needs; false */
  expand?: boolean;
  /** the point [x, y] that stays where it is; the middle */
  center?: Point;
}

/**
 * The picture turned by `angle` degrees, counter-clockwise. `interpolation` is "nearest" if nothing is said.
 * Throws an ArgumentError if `expand` meets a centre. Source: torchvision.transforms.functional.rotate.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([1, 2, 3, 4, 5, 6]), width: 3, height: 2, channels: 1 };
 * rotate(picture, 180).data; // Uint8Array(6) [ 6, 5, 4, 3, 2, 1 ]
 * const { width, height } = rotate(picture, 45, { expand: true });
 * [width, height]; // [ 5, 4 ]
 * ```
 */
export function rotate<T extends PictureOrExample>(x: T, angle: number, options: RotateOptions = {}): T {
  const { interpolation = "nearest", expand = false, fill = 0, center } = options;
  const picture = pictureOf(x);
  const matrix = affineMatrix(picture, { angle: -angle, center });
  if (!expand) return through(x, matrix, picture, { interpolation, fill });
  if (center) throw new ArgumentError("rotate: expand turns around the middle; leave out center.");
  const [a, b, , c, d] = matrix.map(Math.abs);
  const { width, height } = picture;
  const canvas = { width: extent(width, a * width + b * height), height: extent(height, c * width + d * height) };
  const recentred = scaleShift(1, (canvas.width - width) / 2, 1, (canvas.height - height) / 2);
  return through(x, multiply(recentred, matrix), canvas, { interpolation, fill });
}

/** The whole pixels that a side which has become `length` touches, around the middle of the old one. */
function extent(old: number, length: number): number {
  const slack = 1e-4; // or a rounding error would be a pixel
  return Math.ceil((old + length) / 2 - slack) - Math.floor((old - length) / 2 + slack);
}

/**
 * The picture seen from elsewhere: four points come to lie on four others, [x, y] each.
 *
 * `interpolation` is "bilinear" if nothing is said. Throws an ArgumentError if there are not four of each, or three of them
 * lie on a line. Source: torchvision.transforms.functional.perspective.
 *
 * ```ts
 * const picture: Picture = { data: new Uint8Array([1, 2, 3, 4]), width: 2, height: 2, channels: 1 };
 * const corners: [number, number][] = [[0, 0], [2, 0], [2, 2], [0, 2]];
 * perspective(picture, corners, [[2, 0], [2, 2], [0, 2], [0, 0]]).data; // Uint8Array(4) [ 3, 1, 4, 2 ]
 * ```
 */
export function perspective<T extends PictureOrExample>(
  x: T,
  startPoints: readonly Point[],
  endPoints: readonly Point[],
  options: WarpOptions = {},
): T {
  const { interpolation = "bilinear", fill = 0 } = options;
  if (startPoints.length !== 4 || endPoints.length !== 4) {
    throw new ArgumentError(
      `perspective: ${startPoints.length} points and ${endPoints.length}, but four of each are needed.`,
    );
  }
  const matrix = fourPoints(startPoints, endPoints);
  const inverse = invert(matrix);
  if (![...matrix, ...inverse].every(Number.isFinite)) {
    throw new ArgumentError("perspective: three of the points lie on a line.");
  }
  return through(x, matrix, pictureOf(x), { interpolation, fill });
}
