import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Picture } from "../picture.ts";

export interface HeatmapOptions {
  /** the picture that the map lies over; none by default: the map alone */
  over?: Picture;
  /** how much of the colour is the map's where there is a picture, 0 to 1; 0.5 by default */
  alpha?: number;
  /** what has the last colour; the largest number in the map by default */
  max?: number;
}

// Inferno at 0, 1/5, … 1: black, violet, red, orange, yellow; it is read in grey too.
const COLORS = [
  [0, 0, 4],
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
] as const;

/**
 * A map of numbers as colours from black (0 and below) over red to yellow, the map's largest number; over a picture, if
 * there is one, to whose size it is enlarged by repeating.
 *
 * Shapes: (H, W) ─► a picture of H × W pixels, or of the picture's size. Throws a ShapeError for other shapes.
 * The colours are those of matplotlib's inferno.
 *
 * ```ts
 * const { width, height, data } = await heatmap(tensor([[0, 1]]));
 * [width, height, [...data]]; // [ 2, 1, [ 0, 0, 4, 252, 255, 164 ] ]
 * ```
 */
export async function heatmap(map: Tensor, options: HeatmapOptions = {}): Promise<Picture> {
  if (map.ndim !== 2 || map.numel() === 0)
    throw new ShapeError(`heatmap needs a map (H, W) of numbers, but got ${showShape(map.shape)}.`);
  const [rows, columns] = map.shape;
  const values = (await map.data()) as ArrayLike<number>;
  const { over, alpha = 0.5, max = Math.max(...Array.from(values)) } = options;
  const { width, height } = over ?? { width: columns, height: rows };
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width)];
      const color = colorAt(max > 0 ? value / max : 0);
      const at = y * width + x;
      for (let c = 0; c < 3; c++) {
        const below = over?.data[at * over.channels + (c % over.channels)];
        data[3 * at + c] = Math.round(below === undefined ? color[c] : (1 - alpha) * below + alpha * color[c]);
      }
    }
  }
  return { data, width, height, channels: 3 };
}

/** The colour of a number in [0, 1], between two of the table's. */
function colorAt(value: number): number[] {
  const place = Math.min(Math.max(value, 0), 1) * (COLORS.length - 1);
  const low = Math.min(Math.floor(place), COLORS.length - 2);
  return COLORS[low].map((from, c) => Math.round(from + (place - low) * (COLORS[low + 1][c] - from)));
}
