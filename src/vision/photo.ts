/**
 * A photo or drawing of a digit, made into what MNIST's makers made of their scans: light strokes on black, the digit's
 * larger side 20 pixels, centred by its mass in 28×28.
 * Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III.
 */

import { ArgumentError } from "../core/errors.ts";

/** Pixels as a canvas or a PNG decoder gives them: red, green, blue, alpha, a byte each, row by row. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A digit as the training pictures show it, and what is unlike them. */
export interface DigitImage {
  /** (28, 28), row major, in [0, 1] */
  readonly pixels: Float32Array;
  /** one sentence each; empty if the picture looks like the training data */
  readonly warnings: readonly string[];
}

const SIDE = 28;
const DIGIT = 20;

// Larger pictures are shrunk first: strokes of a digit that is to be 20 pixels high lose nothing by it.
const WORKING_SIDE = 400;

// The background is smooth: its fit needs fewer pixels still.
const BACKGROUND_SIDE = 100;

// Paper and lighting vary by this much of the full range at least, however even they look.
const FAINTEST_INK = 0.1;
const LOW_CONTRAST = 0.25;

// The share of ink (mean pixel) of all but 1 in 1000 training pictures on either side.
const TYPICAL_INK = [0.036, 0.291];

/** One channel of a picture, values in [0, 1]. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Finds the digit in a picture, dark on light or light on dark, and prepares it as MNIST was.
 *
 * The background is a smooth surface, as uneven light makes it, fitted from the border inwards; what departs is ink.
 * Throws an ArgumentError if `data` does not have width · height · 4 bytes.
 *
 * ```ts
 * // White paper, 60×60, with a black bar that is 12 wide and 40 high.
 * const data = new Uint8Array(60 * 60 * 4).fill(255);
 * for (let y = 10; y < 50; y++) for (let x = 8; x < 20; x++) data.fill(0, 4 * (60 * y + x), 4 * (60 * y + x) + 3);
 * const { pixels, warnings } = digitFromPhoto({ width: 60, height: 60, data });
 * pixels.reduce((ink, pixel) => ink + pixel); // 120
 * warnings; // []
 * ```
 */
export function digitFromPhoto(image: RgbaImage): DigitImage {
  const { width, height, data } = image;
  if (width < 1 || height < 1 || data.length !== width * height * 4) {
    throw new ArgumentError(
      `digitFromPhoto: ${width}×${height} pixels need ${width * height * 4} bytes of RGBA, but got ${data.length}.`,
    );
  }
  const grey = shrink(luminance(image), WORKING_SIDE);
  const { departure, noise } = departFromBackground(grey);
  const floor = Math.max(FAINTEST_INK, 4 * noise);
  const candidates = departure.data.filter((value) => value > floor);
  if (candidates.length === 0) {
    return {
      pixels: new Float32Array(SIDE * SIDE),
      warnings: ["Nothing was found: no stroke stands out from the background."],
    };
  }
  const threshold = Math.max(floor, otsu(candidates)); // ink of a single shade has nothing to split
  const strength = median(candidates.filter((value) => value >= threshold));
  const { ink, warnings } = selectMarks(departure, threshold, strength);
  if (strength < LOW_CONTRAST) {
    warnings.push(
      `Low contrast: the strokes stand out from the background by ${percent(strength)} only. More light or a thicker pen helps.`,
    );
  }
  const pixels = centre(scaleToFit(ink));
  const share = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
  if (share < TYPICAL_INK[0] || share > TYPICAL_INK[1]) {
    const kind = share < TYPICAL_INK[0] ? "thinner" : "thicker";
    warnings.push(
      `The strokes are ${kind} than in the training data: they cover ${percent(share)} of the picture, there ${percent(TYPICAL_INK[0])} to ${percent(TYPICAL_INK[1])}.`,
    );
  }
  return { pixels, warnings };
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Luma of ITU-R BT.601, transparent pixels laid on white. */
function luminance({ width, height, data }: RgbaImage): Plane {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const luma = (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
    const alpha = data[4 * i + 3] / 255;
    grey[i] = luma * alpha + 1 - alpha;
  }
  return { width, height, data: grey };
}

/** Scales the larger side down to `side`, if it is larger. */
function shrink(plane: Plane, side: number): Plane {
  return Math.max(plane.width, plane.height) > side ? scaleTo(plane, side) : plane;
}

/** Scales the larger side to `side`. */
function scaleTo(plane: Plane, side: number): Plane {
  const scale = side / Math.max(plane.width, plane.height);
  const scaled = (size: number) => Math.max(1, Math.round(size * scale));
  return resample(plane, scaled(plane.width), scaled(plane.height));
}

/** Resizes by area averaging: each new pixel is the mean of what it covers, parts of pixels counting in part. */
function resample(plane: Plane, width: number, height: number): Plane {
  return transpose(resampleRows(transpose(resampleRows(plane, width)), height));
}

function resampleRows({ width, height, data }: Plane, target: number): Plane {
  const out = new Float32Array(target * height);
  const scale = width / target;
  for (let x = 0; x < target; x++) {
    const [from, to] = [x * scale, (x + 1) * scale];
    for (let source = Math.floor(from); source < Math.min(Math.ceil(to), width); source++) {
      const share = (Math.min(to, source + 1) - Math.max(from, source)) / scale;
      for (let y = 0; y < height; y++) out[y * target + x] += share * data[y * width + source];
    }
  }
  return { width: target, height, data: out };
}

function transpose({ width, height, data }: Plane): Plane {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x];
  return { width: height, height: width, data: out };
}

/** How far each pixel is from the background, ink positive whether it is darker or lighter, and the background's noise. */
function departFromBackground(grey: Plane): { departure: Plane; noise: number } {
  const { width, height, data } = grey;
  const surface = fitBackground(shrink(grey, BACKGROUND_SIDE));
  const residual = new Float32Array(data.length);
  eachPixel(width, height, (i, terms) => {
    residual[i] = data[i] - terms.reduce((sum, term, t) => sum + term * surface[t], 0);
  });
  const noise = spread(residual.filter((value) => Math.abs(value) < FAINTEST_INK));
  const balance = residual.reduce((sum, value) => sum + (Math.abs(value) > FAINTEST_INK ? value : 0), 0);
  return { departure: { width, height, data: balance < 0 ? residual.map((value) => -value) : residual }, noise };
}

/**
 * The background as a surface z = a + bx + cy + dx² + exy + fy², x and y from −1 to 1: least squares, first over the
 * border where it is near its median (ink may run over the edge), then, five times, over all that is near the last fit.
 */
function fitBackground({ width, height, data }: Plane): number[] {
  const ring = Math.max(1, Math.round(Math.min(width, height) * 0.08));
  const onBorder = data.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Number(Math.min(x, y, width - 1 - x, height - 1 - y) < ring);
  });
  const border = data.filter((_, i) => onBorder[i]);
  const paper = median(border);
  const tolerance = Math.max(0.05, 3 * spread(border.map((value) => value - paper)));
  let included = onBorder.map((on, i) => on * Number(Math.abs(data[i] - paper) <= tolerance));
  let surface: number[] = [];
  for (let round = 0; round < 6; round++) {
    const equations = Array.from({ length: 6 }, () => new Array<number>(7).fill(0));
    eachPixel(width, height, (i, terms) => {
      if (!included[i]) return;
      for (let row = 0; row < 6; row++) {
        for (let column = 0; column < 6; column++) equations[row][column] += terms[row] * terms[column];
        equations[row][6] += terms[row] * data[i];
      }
    });
    surface = solve(equations);
    const residual = new Float32Array(data.length);
    eachPixel(width, height, (i, terms) => {
      residual[i] = data[i] - terms.reduce((sum, term, t) => sum + term * surface[t], 0);
    });
    const near = Math.max(0.02, 3 * spread(residual.filter((_, i) => included[i])));
    included = residual.map((value) => Number(Math.abs(value) <= near));
  }
  return surface;
}

/** The index of each pixel and the six terms of the surface there. */
function eachPixel(width: number, height: number, f: (index: number, terms: readonly number[]) => void): void {
  for (let row = 0; row < height; row++) {
    const y = (2 * row + 1) / height - 1;
    for (let column = 0; column < width; column++) {
      const x = (2 * column + 1) / width - 1;
      f(row * width + column, [1, x, y, x * x, x * y, y * y]);
    }
  }
}

/** Gaussian elimination with pivoting on an augmented matrix; a pixel or a line leaves some unknowns free: they are 0. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column; r < n; r++) if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) pivot = r;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    if (Math.abs(rows[column][column]) < 1e-9) continue;
    for (let r = 0; r < n; r++) {
      if (r === column) continue;
      const factor = rows[r][column] / rows[column][column];
      for (let c = column; c <= n; c++) rows[r][c] -= factor * rows[column][c];
    }
  }
  return rows.map((row, i) => (Math.abs(row[i]) < 1e-9 ? 0 : row[n] / row[i]));
}

function median(values: Float32Array): number {
  return values.length === 0 ? 0 : values.slice().sort()[values.length >> 1];
}

/** The standard deviation that a normal distribution with this median of magnitudes has. */
const spread = (values: Float32Array): number => 1.4826 * median(values.map(Math.abs));

/** The threshold that splits values in [0, 1] into the two classes with the greatest variance between them (Otsu, 1979). */
function otsu(values: Float32Array): number {
  const bins = new Float64Array(256);
  for (const value of values) bins[Math.min(255, Math.floor(value * 256))]++;
  const total = bins.reduce((sum, count, bin) => sum + count * bin, 0);
  let best = { variance: -1, bin: 0 };
  let below = 0;
  let sum = 0;
  for (let bin = 0; bin < 256; bin++) {
    const above = values.length - below;
    const variance = below === 0 || above === 0 ? 0 : below * above * ((total - sum) / above - sum / below) ** 2;
    if (variance > best.variance) best = { variance, bin };
    below += bins[bin];
    sum += bins[bin] * bin;
  }
  return best.bin / 256;
}

interface Mark {
  readonly pixels: number[];
  /** pixels above the threshold */
  area: number;
  /** larger side of the bounding box */
  span: number;
  touchesEdge: boolean;
}

/** The ink of the digit in [0, 1], without specks and without what reaches in from outside (a table's edge, a shadow). */
function selectMarks(departure: Plane, threshold: number, strength: number): { ink: Plane; warnings: string[] } {
  const { width, height, data } = departure;
  const marks = findMarks(departure, threshold);
  const inner = marks.filter((mark) => !mark.touchesEdge);
  // A fifth of the picture is no speck: then what touches the edge is not the digit.
  const isInner = inner.some((mark) => mark.span >= Math.min(width, height) / 5);
  const eligible = isInner ? inner : marks;
  const largest = Math.max(...eligible.map((mark) => mark.area));
  const kept = eligible.filter((mark) => mark.area >= largest / 50);
  const ink = new Float32Array(data.length);
  for (const mark of kept) for (const i of mark.pixels) ink[i] = Math.min(1, data[i] / strength);
  const warnings: string[] = [];
  const separate = kept.filter((mark) => mark.area >= largest / 5).length;
  if (separate > 1)
    warnings.push(`There are ${separate} separate marks: if they are several digits, crop the picture to one.`);
  if (!isInner && kept.some((mark) => mark.touchesEdge))
    warnings.push("The digit touches the edge of the picture and may be cut off.");
  return { ink: { width, height, data: ink }, warnings };
}

/** Connected pixels (8 neighbours) above a quarter of the threshold, where some are above the whole of it. */
function findMarks({ width, height, data }: Plane, threshold: number): Mark[] {
  const seen = new Uint8Array(data.length);
  const marks: Mark[] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start] || data[start] < threshold) continue;
    seen[start] = 1;
    const pixels = [start];
    let area = 0;
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let next = 0; next < pixels.length; next++) {
      const x = pixels[next] % width;
      const y = (pixels[next] - x) / width;
      if (data[pixels[next]] >= threshold) {
        area++;
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      }
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const i = ny * width + nx;
          if (seen[i] || data[i] < threshold / 4) continue;
          seen[i] = 1;
          pixels.push(i);
        }
      }
    }
    const touchesEdge = left === 0 || top === 0 || right === width - 1 || bottom === height - 1;
    marks.push({ pixels, area, span: Math.max(right - left, bottom - top) + 1, touchesEdge });
  }
  return marks;
}

/** Crops to the ink and scales its larger side to 20 pixels. The brightest pixel becomes 1, as in every training picture. */
function scaleToFit({ width, height, data }: Plane): Plane {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const [w, h] = [right - left + 1, bottom - top + 1];
  const crop = new Float32Array(w * h);
  for (let y = 0; y < h; y++) crop.set(data.subarray((top + y) * width + left, (top + y) * width + right + 1), y * w);
  const small = scaleTo({ width: w, height: h, data: crop }, DIGIT);
  const brightest = small.data.reduce((a, b) => Math.max(a, b), 0);
  return { ...small, data: small.data.map((value) => value / brightest) };
}

/** Lays the digit into 28×28 so that its centre of mass is as near to pixel (14, 14) as whole pixels allow. */
function centre({ width, height, data }: Plane): Float32Array {
  let [mass, massX, massY] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    massX += value * (i % width);
    massY += value * Math.floor(i / width);
  });
  const place = (moment: number, size: number) =>
    Math.min(Math.max(Math.round(SIDE / 2 - moment / mass), 0), SIDE - size);
  const [left, top] = [place(massX, width), place(massY, height)];
  const out = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) out.set(data.subarray(y * width, (y + 1) * width), (top + y) * SIDE + left);
  return out;
}
