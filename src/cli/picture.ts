import { readFile } from "node:fs/promises";
import { DataError } from "../core/errors.ts";
import { decodePicture, type RgbaImage } from "../vision/index.ts";
import { out } from "./colors.ts";

/** Reads a PNG or JPEG file. */
export async function readPicture(path: string): Promise<RgbaImage> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new DataError(`cannot open ${path}: ${cause.message}`, { cause });
  });
  const { data, width, height, channels } = await decodePicture(bytes, path);
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = data[channels * pixel + (c % channels)];
  }
  return { width, height, data: rgba };
}

/** A grey picture in [0, 1] as text, two rows of pixels a line: in greys on a terminal with colours, else in four steps. */
export function drawPicture(pixels: Float32Array, width: number): string {
  const lines: string[] = [];
  for (let top = 0; top < pixels.length; top += 2 * width) {
    let line = "";
    for (let x = 0; x < width; x++) {
      const [upper, lower] = [pixels[top + x], pixels[top + width + x] ?? 0];
      line += out.isColorSupported ? `\x1b[38;5;${grey(upper)};48;5;${grey(lower)}m▀` : block(upper, lower);
    }
    lines.push(out.isColorSupported ? `${line}\x1b[0m` : line);
  }
  return lines.join("\n");
}

// The 24 greys of the 256 colours of terminals.
const grey = (value: number): number => 232 + Math.round(value * 23);

const block = (upper: number, lower: number): string =>
  [" ", "▄", "▀", "█"][2 * Number(upper > 0.4) + Number(lower > 0.4)];
