/**
 * The safetensors format: 8 bytes of header length (little endian), a JSON header, then the tensors' bytes.
 * Source: https://github.com/huggingface/safetensors#format
 *
 * Nothing in a file is believed: lengths, offsets, shapes and dtypes are checked before memory is taken for them.
 */

import type { DType, TypedArray } from "../core/dtype.ts";
import { view } from "../core/dtype.ts";
import { ArgumentError, DataError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import { writeFileAtomic } from "./atomic.ts";
import { fromBFloat16, fromFloat16, toBFloat16, toFloat16 } from "./half.ts";

/** The dtypes of the format that can be read and written. */
export type StoredDType = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "U32" | "U8" | "BOOL";

/** What a file holds. Handed to `saveSafetensors` as options, it saves every tensor in the dtype it came in. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
  /** how each tensor is stored: F16 and BF16 are computed with as f32, I64 as i32 */
  readonly dtypes: Record<string, StoredDType>;
}

export interface SafetensorsOptions {
  metadata?: Readonly<Record<string, string>>;
  /** stored dtypes that differ from the tensors' own; names that the dict does not hold are ignored */
  dtypes?: Readonly<Record<string, StoredDType>>;
}

interface Codec {
  readonly bytes: number;
  readonly dtype: DType;
  readonly decode?: (bytes: ArrayBuffer, name: string) => TypedArray;
  readonly encode?: (values: TypedArray) => ArrayBufferView;
}

const CODECS: Readonly<Record<StoredDType, Codec>> = {
  F64: { bytes: 8, dtype: "f64" },
  F32: { bytes: 4, dtype: "f32" },
  F16: {
    bytes: 2,
    dtype: "f32",
    decode: (bytes) => Float32Array.from(new Uint16Array(bytes), fromFloat16),
    encode: (values) => Uint16Array.from(values, toFloat16),
  },
  BF16: {
    bytes: 2,
    dtype: "f32",
    decode: (bytes) => Float32Array.from(new Uint16Array(bytes), fromBFloat16),
    encode: (values) => Uint16Array.from(values, toBFloat16),
  },
  I64: {
    bytes: 8,
    dtype: "i32",
    decode: narrow,
    encode: (values) => BigInt64Array.from(values as Int32Array, BigInt),
  },
  I32: { bytes: 4, dtype: "i32" },
  U32: { bytes: 4, dtype: "u32" },
  U8: { bytes: 1, dtype: "u8" },
  BOOL: { bytes: 1, dtype: "bool" },
};

const STORED: Readonly<Record<DType, StoredDType>> = {
  f64: "F64",
  f32: "F32",
  i32: "I32",
  u32: "U32",
  u8: "U8",
  bool: "BOOL",
};

// The reference implementation's limit, so that a corrupt length cannot ask for the whole memory.
const LONGEST_HEADER = 100_000_000;

/**
 * Reads a safetensors file.
 *
 * Throws a DataError that names the file if it is missing, truncated, altered, or holds a dtype that is not one of
 * {@link StoredDType} or an I64 value that does not fit 32 bits.
 *
 * ```ts
 * await saveSafetensors("model.safetensors", { weight: tensor([[1, 2]]) });
 * const { tensors, dtypes } = await loadSafetensors("model.safetensors");
 * tensors; // { weight: tensor([[1., 2.]]) }
 * dtypes; // { weight: 'F32' }
 * ```
 */
export async function loadSafetensors(path: string): Promise<Safetensors> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new DataError(`cannot open ${path}: ${(cause as Error).message}`, { cause });
  });
  try {
    const { size } = await file.stat();
    return await decode(path, size, async (start, length) => {
      const bytes = new Uint8Array(length);
      for (let have = 0; have < length; ) {
        const { bytesRead } = await file.read(bytes, have, length - have, start + have);
        if (bytesRead === 0) throw new DataError(`${path} ended at byte ${start + have} while it was being read.`);
        have += bytesRead;
      }
      return bytes.buffer;
    });
  } finally {
    await file.close();
  }
}

/** Reads the bytes of a safetensors file; `name` is what errors call it. As {@link loadSafetensors}. */
export function parseSafetensors(bytes: Uint8Array, name = "safetensors"): Promise<Safetensors> {
  return decode(name, bytes.length, async (start, length) => bytes.slice(start, start + length).buffer);
}

/**
 * Writes tensors to a safetensors file, atomically. The same tensors, metadata and dtypes give the same bytes.
 *
 * ```ts
 * await saveSafetensors("half.safetensors", { weight: tensor([0.5]) }, { dtypes: { weight: "F16" } });
 * const file = await loadSafetensors("half.safetensors");
 * await saveSafetensors("copy.safetensors", file.tensors, file);
 * (await loadSafetensors("copy.safetensors")).dtypes; // { weight: 'F16' }
 * ```
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions = {},
): Promise<void> {
  await writeFileAtomic(path, ...(await encode(tensors, options)));
}

/** The bytes that {@link saveSafetensors} writes. */
export async function serializeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions = {},
): Promise<Uint8Array> {
  return concatenate(await encode(tensors, options));
}

type Read = (start: number, length: number) => Promise<ArrayBuffer>;

interface Entry {
  readonly name: string;
  readonly stored: StoredDType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly stop: number;
}

async function decode(file: string, size: number, read: Read): Promise<Safetensors> {
  if (size < 8)
    throw new DataError(
      `${file} is not a safetensors file: it has ${size} bytes, fewer than the 8 of the header's length.`,
    );
  const length = Number(new DataView(await read(0, 8)).getBigUint64(0, true));
  if (length > Math.min(size - 8, LONGEST_HEADER)) {
    throw new DataError(
      `${file} is truncated or not a safetensors file: it announces a header of ${length} bytes, but has ${size - 8} after the length.`,
    );
  }
  const { entries, metadata } = parseHeader(file, await read(8, length), size - 8 - length);
  const tensors: [string, Tensor][] = [];
  for (const { name, stored, shape, start, stop } of entries) {
    const codec = CODECS[stored];
    const bytes = await read(8 + length + start, stop - start);
    const values = codec.decode ? codec.decode(bytes, `${file}: tensor "${name}"`) : view(codec.dtype, bytes);
    tensors.push([name, tensor(values, { shape, dtype: codec.dtype })]);
  }
  // fromEntries defines properties: a tensor called "__proto__" stays a tensor.
  return {
    tensors: Object.fromEntries(tensors),
    metadata,
    dtypes: Object.fromEntries(entries.map(({ name, stored }) => [name, stored])),
  };
}

function parseHeader(
  file: string,
  bytes: ArrayBuffer,
  dataLength: number,
): { entries: Entry[]; metadata: Record<string, string> } {
  const header = parseObject(file, bytes);
  const metadata = header["__metadata__"] ?? {};
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw new DataError(`${file}: __metadata__ must map strings to strings.`);
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => parseEntry(file, name, entry));
  entries.sort((a, b) => a.start - b.start || a.stop - b.stop);
  let end = 0;
  for (const { name, start, stop } of entries) {
    if (start !== end) {
      throw new DataError(
        `${file}: tensor "${name}" starts at byte ${start}, but the one before it ends at ${end}: tensors must follow each other without gaps or overlaps.`,
      );
    }
    end = stop;
  }
  if (end !== dataLength) {
    throw new DataError(
      `${file} is truncated or altered: its header describes ${end} bytes of tensors, but it holds ${dataLength}.`,
    );
  }
  return { entries, metadata: metadata as Record<string, string> };
}

function parseObject(file: string, bytes: ArrayBuffer): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError(`${file}: the header is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(header)) throw new DataError(`${file}: the header must be a JSON object.`);
  return header;
}

function parseEntry(file: string, name: string, entry: unknown): Entry {
  const where = `${file}: tensor "${name}"`;
  if (!isObject(entry)) throw new DataError(`${where} has no description.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(CODECS, dtype)) {
    throw new DataError(
      `${where} has dtype ${String(dtype)}; those that can be read are ${Object.keys(CODECS).join(", ")}.`,
    );
  }
  if (!isSizes(shape)) throw new DataError(`${where} has no valid shape.`);
  if (!isSizes(offsets) || offsets.length !== 2) throw new DataError(`${where} has no valid data_offsets.`);
  const [start, stop] = offsets;
  const stored = dtype as StoredDType;
  const need = numel(shape) * CODECS[stored].bytes;
  if (stop - start !== need) {
    throw new DataError(
      `${where} is ${stored}${showShape(shape)} and needs ${need} bytes, but its data_offsets [${start}, ${stop}] hold ${stop - start}.`,
    );
  }
  return { name, stored, shape, start, stop };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

async function encode(tensors: Readonly<Record<string, Tensor>>, options: SafetensorsOptions): Promise<Uint8Array[]> {
  const { metadata = {}, dtypes = {} } = options;
  const stored = (name: string): StoredDType =>
    Object.hasOwn(dtypes, name) ? dtypes[name] : STORED[tensors[name].dtype];
  // Wide elements first, then by name: the order is fixed and every tensor lies aligned.
  const names = Object.keys(tensors).sort(
    (a, b) => CODECS[stored(b)].bytes - CODECS[stored(a)].bytes || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length > 0) header.push(["__metadata__", Object.fromEntries(sorted)]);
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    if (name === "__metadata__") throw new ArgumentError('saveSafetensors: a tensor cannot be called "__metadata__".');
    const { shape, dtype } = tensors[name];
    const target = stored(name);
    const codec = CODECS[target];
    if (codec.dtype !== dtype) {
      throw new ArgumentError(
        `saveSafetensors: "${name}" is ${dtype} and cannot be stored as ${target}: convert it with .to("${codec.dtype}").`,
      );
    }
    const values = await tensors[name].data();
    const { buffer, byteOffset, byteLength } = codec.encode ? codec.encode(values) : values;
    chunks.push(new Uint8Array(buffer, byteOffset, byteLength));
    header.push([name, { dtype: target, shape, data_offsets: [offset, offset + byteLength] }]);
    offset += byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20); // spaces
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(text, 8);
  return [padded, ...chunks];
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    out.set(chunk, offset);
    offset += chunk.length;
  }
  return out;
}

function narrow(bytes: ArrayBuffer, name: string): Int32Array {
  const wide = new BigInt64Array(bytes);
  const out = new Int32Array(wide.length);
  for (let i = 0; i < wide.length; i++) {
    out[i] = Number(wide[i]);
    if (BigInt(out[i]) !== wide[i])
      throw new DataError(`${name} holds the 64-bit integer ${wide[i]}, which does not fit i32.`);
  }
  return out;
}
