/** Pictures as PNG and JPEG files hold them. */

import { ArgumentError, DataError } from "../core/errors.ts";

/** A picture in memory: bytes row by row, the channels of a pixel side by side, (height, width, channels). */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: red, green, blue */
  readonly channels: 1 | 3;
}

// Decoders work on four times this many bytes and more: a picture that is larger is no photograph.
const MOST_PIXELS = 2 ** 26;

/**
 * The picture in a PNG or JPEG file: 8 bits a channel (16 are rounded), transparent pixels laid on white, upright as the
 * camera's Exif note says; grey files have one channel, all others three.
 *
 * Throws a DataError that gives `name` for another kind of file, one that is damaged, or one of more than 2²⁶ pixels,
 * which is seen before memory is taken; it needs the packages `pngjs` and `jpeg-js`.
 * Sources: ISO/IEC 15948 (PNG), ITU-T T.81 (JPEG), Exif 2.32.
 *
 * ```ts
 * const bytes = await encodePng({ data: new Uint8Array([0, 128, 255, 64]), width: 2, height: 2, channels: 1 });
 * await decodePicture(bytes); // { data: Uint8Array(4) [ 0, 128, 255, 64 ], width: 2, height: 2, channels: 1 }
 * await decodePicture(bytes.subarray(0, 50), "half.png"); // throws DataError
 * ```
 */
export async function decodePicture(bytes: Uint8Array, name?: string): Promise<Picture> {
  return (await pictureDecoder())(bytes, name);
}

/** {@link decodePicture} for many files: what it needs is loaded, so that it does not wait. */
export async function pictureDecoder(): Promise<(bytes: Uint8Array, name?: string) => Picture> {
  const [decodePng, decodeJpeg] = [await pngDecoder(), await jpegDecoder()];
  return (bytes, name = "the picture") => {
    const isPng = bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
    const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
    if (!isPng && !isJpeg) throw new DataError(`${name} is neither a PNG nor a JPEG picture: convert it to one.`);
    const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      return isPng ? decodePng(file) : decodeJpeg(file);
    } catch (cause) {
      if (cause instanceof DataError) throw cause; // a package is missing
      throw new DataError(`${name} is damaged: ${(cause as Error).message}`, { cause });
    }
  };
}

/**
 * A picture as the bytes of a PNG file of 8 bits a channel. Throws an ArgumentError if `data` does not have
 * width · height · channels bytes, a DataError without the package `pngjs`.
 *
 * ```ts
 * const file = await encodePng({ data: new Uint8Array([255, 0, 0]), width: 1, height: 1, channels: 3 });
 * file.slice(1, 4); // Uint8Array(3) [ 80, 78, 71 ]
 * ```
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const { width, height, channels, data } = picture;
  if (!(width >= 1 && height >= 1) || data.length !== width * height * channels) {
    throw new ArgumentError(
      `encodePng: ${width}×${height} pixels of ${channels} channels need ${width * height * channels} bytes, but got ${data.length}.`,
    );
  }
  const { PNG } = await import("pngjs").catch((cause) => missing("pngjs", cause));
  const png = new PNG({ width, height });
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) png.data[4 * pixel + c] = data[channels * pixel + (c % channels)];
    png.data[4 * pixel + 3] = 255;
  }
  return new Uint8Array(PNG.sync.write(png, { colorType: channels === 3 ? 2 : 0 }));
}

function missing(name: string, cause: unknown): never {
  throw new DataError(`pictures of this kind need the package ${name}: run \`npm install ${name}\`.`, { cause });
}

type Decoder = (file: DataView) => Picture;

function checkSize(width: number, height: number): void {
  if (width >= 1 && height >= 1 && width * height <= MOST_PIXELS) return;
  throw new Error(`it says that it has ${width}×${height} pixels, of which there may be 1 to ${MOST_PIXELS}.`);
}

async function pngDecoder(): Promise<Decoder> {
  try {
    const { PNG } = await import("pngjs");
    const { inflateSync } = await import("node:zlib");
    return (file) => {
      const chunks = pixelChunks(file);
      const [width, height] = [file.getUint32(16), file.getUint32(20)];
      checkSize(width, height);
      // pngjs inflates interlaced pictures without a limit: whether they are as large as the header says is seen first.
      const limit = 8 * width * height + 4 * height + 14;
      if (file.getUint8(28) !== 0) inflateSync(Buffer.concat(chunks), { maxOutputLength: limit });
      const { data } = PNG.sync.read(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
      const channels = (file.getUint8(25) & 2) === 0 ? 1 : 3; // bit 1 of the colour type: colour
      return { data: onWhite(data, channels), width, height, channels };
    };
  } catch (cause) {
    return () => missing("pngjs", cause);
  }
}

/** The first channels of pixels of red, green, blue and alpha, laid on white. */
function onWhite(rgba: Uint8Array, channels: number): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * channels);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3];
    for (let c = 0; c < channels; c++) out[to++] = Math.round((rgba[from + c] * alpha) / 255 + 255 - alpha);
  }
  return out;
}

/** What the chunks of pixels of a PNG hold. The header comes first, and once: pngjs would follow a second one. */
function pixelChunks(file: DataView): Uint8Array[] {
  const pixels: Uint8Array[] = [];
  for (let at = 8; at + 12 <= file.byteLength; at += 12 + file.getUint32(at)) {
    const kind = file.getUint32(at + 4);
    if ((kind === 0x49484452) !== (at === 8)) throw new Error("it does not begin with its only header."); // IHDR
    if (kind === 0x49444154) pixels.push(new Uint8Array(file.buffer, file.byteOffset + at + 8, file.getUint32(at))); // IDAT
  }
  return pixels;
}

async function jpegDecoder(): Promise<Decoder> {
  try {
    const { decode } = await import("jpeg-js");
    const options = {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MOST_PIXELS / 1e6,
      maxMemoryUsageInMB: 2048,
    } as const;
    return (file) => {
      const { width, height, components, orientation } = jpegHeader(file);
      checkSize(width, height);
      const { data } = decode(new Uint8Array(file.buffer, file.byteOffset, file.byteLength), options); // red, green, blue
      if (components !== 1) return turn({ data, width, height, channels: 3 }, orientation);
      const grey = Uint8Array.from({ length: width * height }, (_, pixel) => data[3 * pixel]);
      return turn({ data: grey, width, height, channels: 1 }, orientation);
    };
  } catch (cause) {
    return () => missing("jpeg-js", cause);
  }
}

interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** 1 to 8; 1 is upright */
  readonly orientation: number;
}

/** What the segments up to the frame say. */
function jpegHeader(file: DataView): JpegHeader {
  let orientation = 1;
  for (let at = 2; file.getUint8(at) === 0xff; ) {
    const marker = file.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xc2) {
      const [height, width] = [file.getUint16(at + 5), file.getUint16(at + 7)];
      return { width, height, components: file.getUint8(at + 9), orientation };
    }
    const length = file.getUint16(at + 2);
    if (marker === 0xe1) orientation = exifOrientation(new DataView(file.buffer, file.byteOffset + at + 4, length - 2));
    at += 2 + length;
  }
  throw new Error("it has no frame.");
}

/** The Exif orientation, 1 if there is none. Source: Exif 2.32, tag 0x0112. */
function exifOrientation(segment: DataView): number {
  if (segment.byteLength < 14 || segment.getUint32(0) !== 0x45786966) return 1; // "Exif", two zeros, then a TIFF file
  const little = segment.getUint8(6) === 0x49;
  const word = (at: number) => (at + 2 > segment.byteLength ? 0 : segment.getUint16(at, little));
  const directory = 6 + segment.getUint32(10, little);
  for (let entry = 0; entry < word(directory); entry++) {
    const at = directory + 2 + 12 * entry;
    if (word(at) === 0x0112) return word(at + 8);
  }
  return 1;
}

/** Undoes a camera's orientation: 5 to 8 are transposed; then columns (2, 3, 7, 8) or rows (3, 4, 6, 7) run backwards. */
function turn(picture: Picture, orientation: number): Picture {
  if (orientation < 2 || orientation > 8) return picture;
  const { data, channels } = picture;
  const transposed = orientation > 4;
  const [width, height] = transposed ? [picture.height, picture.width] : [picture.width, picture.height];
  const target = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = transposed ? [y, x] : [x, y]; // column and row in the file, before mirroring
      const column = [2, 3, 7, 8].includes(orientation) ? picture.width - 1 - u : u;
      const row = [3, 4, 6, 7].includes(orientation) ? picture.height - 1 - v : v;
      const from = channels * (row * picture.width + column);
      for (let c = 0; c < channels; c++) target[channels * (y * width + x) + c] = data[from + c];
    }
  }
  return { data: target, width, height, channels };
}
