import { ArgumentError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import type { Blueprint } from "../../data/index.ts";
import { Random } from "../../data/random.ts";
import type { FetchOptions } from "../../io/download.ts";
import type { Example, ExampleSource } from "../transforms/example.ts";
import type { ImageDataset } from "./images.ts";
import { mnist } from "./mnist.ts";

/** What canvases look like. */
export interface CanvasOptions {
  /** how many canvases */
  count: number;
  /** height and width of a canvas in pixels; 64 */
  size?: number;
  /** fewest and most digits on a canvas, as far as there is room; [1, 4] */
  digits?: readonly [number, number];
  /** smallest and largest scale of a digit, of which 1 is MNIST's 20 pixels; [0.7, 1.5] */
  scale?: readonly [number, number];
  /** the largest part of a digit's box that another digit's box may cover; 0.2 */
  overlap?: number;
  /** pieces of digits, 8×8 pixels, that belong to no box; 0 */
  clutter?: number;
  /** standard deviation of the noise on every pixel in [0, 1]; 0 */
  noise?: number;
  /** canvas i depends on (seed, i) alone; 0 */
  seed?: number;
}

export interface ComposedDigitsOptions extends CanvasOptions, FetchOptions {
  /** digits from MNIST's training pictures, or from its test pictures */
  train: boolean;
}

/** A canvas: boxes are tight, labels are digits, the mask is 0 on the background and 1 + digit on a digit. */
export type Canvas = Example & Required<Pick<Example, "boxes" | "labels" | "mask">>;

// From this byte on a pixel belongs to a digit: a quarter of full ink.
const INK = 64;
const PIECE = 8;
const ATTEMPTS = 20;

/**
 * MNIST's digits, scaled and strewn on square canvases: examples for detection and segmentation.
 *
 * Example i has a grey picture, the digits' boxes (tight around their ink, x₁ y₁ x₂ y₂), their labels 0 to 9, and a mask
 * that is 0 on the background and 1 + digit on a digit; where two overlap, the pixel is the brighter one's. It is made when
 * it is asked for, from (seed, i) alone. {@link SegmentationDataset} and {@link DetectionDataset} make tensors of it.
 * Throws an ArgumentError for options out of their domain, a DataError as {@link mnist} does.
 *
 * ```ts
 * const digits = await composedDigits({ train: false, count: 100, seed: 1 });
 * const { picture, labels, boxes } = digits.example(7);
 * [picture.width, picture.height]; // [ 64, 64 ]
 * labels; // Int32Array(2) [ 9, 3 ]
 * boxes.slice(0, 4); // Float32Array(4) [ 25, 36, 41, 59 ]
 * ```
 */
export async function composedDigits(options: ComposedDigitsOptions): Promise<ComposedDigits> {
  const { train, root, download, ...canvas } = options;
  return new ComposedDigits(await mnist({ train, root, download }), canvas);
}

/** Canvases of the digits of a dataset of grey pictures: what {@link composedDigits} gives. */
export class ComposedDigits implements ExampleSource {
  readonly length: number;
  readonly #digits: ImageDataset;
  readonly #options: Required<CanvasOptions>;

  constructor(digits: ImageDataset, options: CanvasOptions) {
    this.#digits = digits;
    this.#options = checked(options, digits);
    this.length = options.count;
  }

  get blueprint(): Blueprint {
    return { module: import.meta.url, name: "ComposedDigits", args: [this.#digits.blueprint, this.#options] };
  }

  example(index: number): Canvas {
    checkIndex("ComposedDigits", index, this.length);
    const { size, digits, scale, overlap, clutter, noise, seed } = this.#options;
    const random = new Random(seed, 0, index);
    const data = new Uint8Array(size * size);
    const mask = new Uint8Array(size * size);

    for (let piece = 0; piece < clutter; piece++) {
      const glyph = pieceOf(this.#glyph(random.integer(this.#digits.length), 1), random);
      paint(glyph, random.integer(size - glyph.width + 1), random.integer(size - glyph.height + 1), data, size);
    }

    const boxes: number[][] = [];
    const labels: number[] = [];
    const wanted = digits[0] + random.integer(digits[1] - digits[0] + 1);
    for (let attempt = 0; boxes.length < wanted && attempt < ATTEMPTS; attempt++) {
      const chosen = random.integer(this.#digits.length);
      const glyph = this.#glyph(chosen, random.uniform(...scale));
      const [left, top] = [random.integer(size - glyph.width + 1), random.integer(size - glyph.height + 1)];
      const box = boxOf(glyph, left, top);
      if (boxes.some((other) => cover(box, other) > overlap)) continue;
      const label = this.#digits.labels[chosen];
      paint(glyph, left, top, data, size, { mask, value: label + 1 });
      boxes.push(box);
      labels.push(label);
    }

    if (noise > 0) addNoise(data, 255 * noise, random);
    return {
      picture: { data, width: size, height: size, channels: 1 },
      boxes: Float32Array.from(boxes.flat()),
      labels: Int32Array.from(labels),
      mask,
    };
  }

  /** Digit `index` without its margins, scaled by bilinear interpolation. */
  #glyph(index: number, scale: number): Glyph {
    const [, height, width] = this.#digits.shape;
    const bytes = this.#digits.images.subarray(index * height * width, (index + 1) * height * width);
    const [left, top, right, bottom] = extent({ data: bytes, width, height }, 1);
    const [w, h] = [Math.round((right - left) * scale), Math.round((bottom - top) * scale)].map((n) => Math.max(1, n));
    const data = new Uint8Array(w * h);
    const columns = taps(w, left, right);
    const rows = taps(h, top, bottom);
    for (const [y, [above, under, down]] of rows.entries()) {
      for (const [x, [before, after, across]] of columns.entries()) {
        const upper = bytes[above * width + before] * (1 - across) + bytes[above * width + after] * across;
        const lower = bytes[under * width + before] * (1 - across) + bytes[under * width + after] * across;
        data[y * w + x] = Math.round(upper * (1 - down) + lower * down);
      }
    }
    return { data, width: w, height: h };
  }
}

interface Glyph {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function checked(options: CanvasOptions, digits: ImageDataset): Required<CanvasOptions> {
  const given = { size: 64, digits: [1, 4] as const, scale: [0.7, 1.5] as const, overlap: 0.2, clutter: 0, noise: 0 };
  const all = { ...given, seed: 0, ...options };
  const whole = (value: number, from: number) => Number.isInteger(value) && value >= from;
  const check = (holds: boolean, what: string) => {
    if (!holds) throw new ArgumentError(`composedDigits: ${what}.`);
  };
  const [fewest, most] = all.digits;
  const [smallest, largest] = all.scale;
  const [, height, width] = digits.shape;
  const room = Math.ceil(Math.max(height, width, PIECE) * Math.max(largest, 1));
  check(whole(all.count, 0), `count is a whole number from 0, but is ${all.count}`);
  check(whole(fewest, 0) && whole(most, fewest), `digits are fewest and most, but are [${all.digits.join(", ")}]`);
  check(smallest > 0 && largest >= smallest, `scale is smallest and largest, but is [${all.scale.join(", ")}]`);
  check(whole(all.size, room), `size is a whole number from ${room}, so that digits fit, but is ${all.size}`);
  check(all.overlap >= 0 && all.overlap <= 1, `overlap is in [0, 1], but is ${all.overlap}`);
  check(whole(all.clutter, 0), `clutter is a whole number from 0, but is ${all.clutter}`);
  check(all.noise >= 0, `noise is not below 0, but is ${all.noise}`);
  check(whole(all.seed, 0) && all.seed < 2 ** 32, `seed is a whole number below 2³², but is ${all.seed}`);
  return all;
}

/** For each of `count` pixels over the span: the two pixels that it lies between, and how far from the first one. */
function taps(count: number, from: number, to: number): [number, number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * (to - from)) / count - 0.5, 0), to - from - 1);
    const first = Math.floor(at);
    return [from + first, Math.min(from + first + 1, to - 1), at - first];
  });
}

/** The smallest box x₁ y₁ x₂ y₂ that has all pixels from `least` on; of all, if there are none. */
function extent({ data, width, height }: Glyph, least: number): [number, number, number, number] {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] < least) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), y + 1];
    }
  }
  return right === 0 ? [0, 0, width, height] : [left, top, right, bottom];
}

/** A window of at most 8×8 pixels. */
function pieceOf(glyph: Glyph, random: Random): Glyph {
  const [width, height] = [Math.min(PIECE, glyph.width), Math.min(PIECE, glyph.height)];
  const [left, top] = [random.integer(glyph.width - width + 1), random.integer(glyph.height - height + 1)];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * glyph.width + left;
    data.set(glyph.data.subarray(from, from + width), y * width);
  }
  return { data, width, height };
}

const boxOf = (glyph: Glyph, left: number, top: number): number[] =>
  extent(glyph, INK).map((edge, i) => edge + (i % 2 === 0 ? left : top));

/** How much of the smaller one of two boxes lies in the other. */
function cover(a: readonly number[], b: readonly number[]): number {
  const span = (axis: number) => Math.max(0, Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]));
  const area = ([left, top, right, bottom]: readonly number[]) => (right - left) * (bottom - top);
  return (span(0) * span(1)) / Math.min(area(a), area(b));
}

/** Lays a glyph on the canvas, the brighter pixel above, and writes `value` into the mask where its ink is. */
function paint(
  glyph: Glyph,
  left: number,
  top: number,
  canvas: Uint8Array,
  size: number,
  marked?: { mask: Uint8Array; value: number },
): void {
  for (let y = 0; y < glyph.height; y++) {
    for (let x = 0; x < glyph.width; x++) {
      const ink = glyph.data[y * glyph.width + x];
      const at = (top + y) * size + left + x;
      if (marked && ink >= INK && (ink >= canvas[at] || marked.mask[at] === 0)) marked.mask[at] = marked.value;
      if (ink > canvas[at]) canvas[at] = ink;
    }
  }
}

function addNoise(canvas: Uint8Array, deviation: number, random: Random): void {
  for (let i = 0; i < canvas.length; i++) {
    canvas[i] = Math.min(Math.max(Math.round(canvas[i] + deviation * random.normal()), 0), 255);
  }
}
