import { DataError } from "../core/errors.ts";

const BLOCK = 512;

/**
 * The regular files of a tar archive by name. Their bytes are views of `bytes`: nothing is written, whatever the names say.
 * Throws a DataError that gives `archive` if a header is damaged or the last file is cut off.
 * Source: POSIX.1-1988, ustar interchange format.
 */
export function readTar(bytes: Uint8Array, archive: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files; // the end
    // The sum of the header's bytes, those of the checksum itself counted as spaces.
    const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    if (octal(header, 148, 8) !== sum)
      throw new DataError(`${archive} is not a tar archive, or damaged at byte ${at}.`);
    const size = octal(header, 124, 12);
    const start = at + BLOCK;
    if (!(start + size <= bytes.length)) {
      throw new DataError(`${archive} is truncated: it ends within ${text(header, 0, 100)}.`);
    }
    const kind = header[156];
    if (kind === 0 || kind === 0x30) {
      const prefix = text(header, 345, 155);
      files.set((prefix && `${prefix}/`) + text(header, 0, 100), bytes.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new DataError(`${archive} is truncated: the block of zeros that ends it is missing.`);
}

/** A field up to its first zero. */
function text(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** A number in octal digits; NaN if it is not one. */
function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
