import { readFile } from "node:fs/promises";
import { decode } from "jpeg-js";
import { PNG } from "pngjs";
import { DataError } from "../core/errors.ts";
import type { RgbaImage } from "../vision/index.ts";
import { out } from "./colors.ts";

/** Reads a PNG or JPEG file, turned upright as the camera noted. */
export async function readPicture(path: string): Promise<RgbaImage> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new DataError(`cannot open ${path}: ${cause.message}`, { cause });
  });
  const isPng = bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) throw new DataError(`${path} is neither a PNG nor a JPEG picture: convert it to one.`);
  try {
    return isPng
      ? PNG.sync.read(bytes)
      : turn(decode(bytes, { useTArray: true, maxMemoryUsageInMB: 2048 }), orientation(bytes));
  } catch (cause) {
    throw new DataError(`${path} is damaged: ${(cause as Error).message}`, { cause });
  }
}

/** The Exif orientation of a JPEG, 1 to 8; 1 (upright) if it has none. Source: Exif 2.32, tag 0x0112. */
function orientation(bytes: Buffer): number {
  const tiff = bytes.indexOf("Exif\0\0") + 6;
  if (tiff < 6 || tiff + 8 > bytes.length) return 1;
  const little = bytes[tiff] === 0x49;
  const word = (at: number) => (at + 2 > bytes.length ? 0 : little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const directory = tiff + (little ? bytes.readUInt32LE(tiff + 4) : bytes.readUInt32BE(tiff + 4));
  for (let entry = 0; entry < word(directory); entry++) {
    const at = directory + 2 + 12 * entry;
    if (word(at) === 0x0112) return word(at + 8);
  }
  return 1;
}

/** Undoes a camera's orientation: 5 to 8 are transposed; then columns (2, 3, 7, 8) or rows (3, 4, 6, 7) run backwards. */
function turn(image: RgbaImage, orientation: number): RgbaImage {
  if (orientation < 2 || orientation > 8) return image;
  const transposed = orientation > 4;
  const [width, height] = transposed ? [image.height, image.width] : [image.width, image.height];
  const source = new Uint32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
  const target = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = transposed ? [y, x] : [x, y]; // column and row in the file, before mirroring
      const column = [2, 3, 7, 8].includes(orientation) ? image.width - 1 - u : u;
      const row = [3, 4, 6, 7].includes(orientation) ? image.height - 1 - v : v;
      target[y * width + x] = source[row * image.width + column];
    }
  }
  return { width, height, data: new Uint8Array(target.buffer) };
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
