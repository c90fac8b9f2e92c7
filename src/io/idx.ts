import { DataError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";

/** A multi-dimensional array of unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** row major; shares the memory of the bytes that were parsed */
  readonly data: Uint8Array;
}

/**
 * Parses an IDX file of unsigned bytes, the format of MNIST: the bytes 0, 0, 8 (the type), the number of dimensions,
 * each size as a big-endian 32-bit integer, then the elements.
 *
 * Throws a DataError that gives `name` and the numbers that do not fit.
 * Source: https://yann.lecun.com/exdb/mnist (file formats).
 *
 * ```ts
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * parseIdx(bytes, "labels"); // { shape: [ 3 ], data: Uint8Array(3) [ 7, 2, 1 ] }
 * parseIdx(bytes.subarray(0, 10), "labels"); // throws DataError
 * ```
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4)
    throw new DataError(
      `${name} is not an IDX file: it has ${bytes.length} bytes, fewer than the 4 of the magic number.`,
    );
  const magic = header.getUint32(0);
  const rank = magic & 255;
  if (magic >>> 8 !== 8 || rank === 0) {
    throw new DataError(
      `${name} is not an IDX file of unsigned bytes: its magic number is 0x${magic.toString(16).padStart(8, "0")}, expected 0x000008 and the number of dimensions.`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new DataError(
      `${name} is truncated: a header for ${rank} dimensions has ${start} bytes, but the file has ${bytes.length}.`,
    );
  const shape = Array.from({ length: rank }, (_, i) => header.getUint32(4 + 4 * i));
  const need = start + numel(shape);
  if (bytes.length !== need) {
    throw new DataError(
      `${name} is ${bytes.length < need ? "truncated" : "altered"}: shape ${showShape(shape)} needs ${need} bytes, but the file has ${bytes.length}.`,
    );
  }
  return { shape, data: bytes.subarray(start) };
}
