import { DataError } from "../core/errors.ts";

const BLOCK = 512;

interface Header {
  readonly name: string;
  readonly size: number;
  /** no folder, link or the like */
  readonly isFile: boolean;
}

/** What a block at byte `at` says of the file behind it; undefined for the block of zeros that ends an archive. */
function headerOf(block: Uint8Array, archive: string, at: number): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  // The sum of the header's bytes, those of the checksum itself counted as spaces.
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (octal(block, 148, 8) !== sum) throw new DataError(`${archive} is not a tar archive, or damaged at byte ${at}.`);
  const prefix = text(block, 345, 155);
  return {
    name: (prefix && `${prefix}/`) + text(block, 0, 100),
    size: octal(block, 124, 12),
    isFile: block[156] === 0 || block[156] === 0x30,
  };
}

const endless = (archive: string): DataError =>
  new DataError(`${archive} is truncated: the block of zeros that ends it is missing.`);

/**
 * The regular files of a tar archive by name. Their bytes are views of `bytes`: nothing is written, whatever the names say.
 * Throws a DataError that gives `archive` if a header is damaged or the last file is cut off.
 * Source: POSIX.1-1988, ustar interchange format.
 */
export function readTar(bytes: Uint8Array, archive: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = headerOf(bytes.subarray(at, at + BLOCK), archive, at);
    if (!header) return files;
    const { name, size, isFile } = header;
    const start = at + BLOCK;
    if (!(start + size <= bytes.length)) throw new DataError(`${archive} is truncated: it ends within ${name}.`);
    if (isFile) files.set(name, bytes.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw endless(archive);
}

/**
 * The regular files of a tar archive that comes in pieces, one after the other: an archive larger than memory. Throws what
 * {@link readTar} throws, and for a file of more than `mostBytes`.
 */
export async function* streamTar(
  pieces: AsyncIterable<Uint8Array>,
  archive: string,
  mostBytes: number,
): AsyncGenerator<readonly [name: string, content: Uint8Array]> {
  const source = pieces[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  /** The next `size` bytes; undefined if the pieces end before. */
  const take = async (size: number): Promise<Uint8Array | undefined> => {
    const parts = [held];
    let length = held.length;
    while (length < size) {
      const { value, done } = await source.next();
      if (done) return undefined;
      parts.push(value);
      length += value.length;
    }
    const all = parts.length === 1 ? held : Buffer.concat(parts);
    held = all.subarray(size);
    return all.subarray(0, size);
  };
  for (let at = 0; ; ) {
    const block = await take(BLOCK);
    if (!block) throw endless(archive);
    const header = headerOf(block, archive, at);
    if (!header) break;
    const { name, size, isFile } = header;
    if (!(size <= mostBytes)) throw new DataError(`${archive}: ${name} has ${size} bytes, more than ${mostBytes}.`);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const content = await take(padded);
    if (!content) throw new DataError(`${archive} is truncated: it ends within ${name}.`);
    if (isFile) yield [name, content.subarray(0, size)];
    at += BLOCK + padded;
  }
  while (!(await source.next()).done); // what is behind the end belongs to the archive's digest
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
