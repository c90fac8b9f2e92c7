import { ArgumentError, DataError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { writeFileAtomic } from "../io/atomic.ts";
import { type Tensor, tensor } from "../tensor/index.ts";

/** How a sample is stored: whole numbers of 8 (unsigned), 16, 24 or 32 bits, or floating-point numbers. */
export type WavEncoding = "pcm8" | "pcm16" | "pcm24" | "pcm32" | "float32" | "float64";

/** Samples with the number of them in a second. */
export interface Sound {
  /** (channels, time), full scale from −1 to 1; f64 of files with 64-bit numbers, f32 of all others */
  readonly waveform: Tensor;
  /** samples per second */
  readonly sampleRate: number;
}

export interface WavOptions {
  /** how samples are stored; whole numbers are rounded, and cut off at full scale; "pcm16" by default */
  encoding?: WavEncoding;
}

interface Coding {
  /** the format's number in the file */
  readonly tag: number;
  readonly bytes: number;
  read(view: DataView, at: number): number;
  write(view: DataView, at: number, value: number): void;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Whole numbers from −2ⁿ⁻¹ to 2ⁿ⁻¹ − 1 for −1 to 1. */
function whole(bytes: number, get: (view: DataView, at: number) => number, set: Coding["write"]): Coding {
  const scale = 2 ** (8 * bytes - 1);
  return {
    tag: PCM,
    bytes,
    read: (view, at) => get(view, at) / scale,
    write: (view, at, value) => set(view, at, Math.min(Math.max(Math.round(value * scale), -scale), scale - 1)),
  };
}

const CODINGS: Readonly<Record<WavEncoding, Coding>> = {
  pcm8: whole(
    1,
    (view, at) => view.getUint8(at) - 128,
    (view, at, value) => view.setUint8(at, value + 128),
  ),
  pcm16: whole(
    2,
    (view, at) => view.getInt16(at, true),
    (view, at, value) => view.setInt16(at, value, true),
  ),
  pcm24: whole(
    3,
    (view, at) => view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16,
    (view, at, value) => {
      view.setUint16(at, value & 0xffff, true);
      view.setInt8(at + 2, value >> 16);
    },
  ),
  pcm32: whole(
    4,
    (view, at) => view.getInt32(at, true),
    (view, at, value) => view.setInt32(at, value, true),
  ),
  float32: {
    tag: FLOAT,
    bytes: 4,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, value, true),
  },
  float64: {
    tag: FLOAT,
    bytes: 8,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, value, true),
  },
};

/**
 * The sound in the bytes of a WAV file: 8, 16, 24 or 32 bits PCM, or 32 or 64 bits floating point, of any channels.
 *
 * Whole numbers of n bits are divided by 2ⁿ⁻¹; those of 8 bits have their zero at 128. Everything that the file says of
 * itself is checked before memory is allocated; chunks that are not needed are passed over.
 * Throws a DataError that begins with `name` if the bytes are truncated, contradict themselves, or hold another format.
 *
 * ```ts
 * const bytes = serializeWav({ waveform: tensor([[0, 0.5, -1]]), sampleRate: 8000 });
 * bytes.length; // 50
 * const { waveform, sampleRate } = parseWav(bytes);
 * waveform; // tensor([[ 0.0000, 0.5000, -1.0000]])
 * sampleRate; // 8000
 * parseWav(bytes.subarray(0, 45)); // throws DataError
 * ```
 *
 * Source: Microsoft and IBM, Multimedia programming interface and data specifications 1.0, 1991; Microsoft, Multiple
 * channel audio data and WAVE files, 2001 (WAVE_FORMAT_EXTENSIBLE).
 */
export function parseWav(bytes: Uint8Array, name = "the WAV file"): Sound {
  const fail = (reason: string): never => {
    throw new DataError(`${name} ${reason}.`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || word(bytes, 0) !== "RIFF" || word(bytes, 8) !== "WAVE") {
    return fail('is no WAV file: it does not begin with "RIFF" and "WAVE"');
  }

  const chunks = new Map<string, DataView>();
  for (let at = 12; at + 8 <= bytes.length && !(chunks.has("fmt ") && chunks.has("data")); ) {
    const [id, size] = [word(bytes, at), view.getUint32(at + 4, true)];
    const left = bytes.length - at - 8;
    if (size > left) fail(`is truncated: its chunk "${id}" has ${size} bytes, of which ${left} are there`);
    if (!chunks.has(id)) chunks.set(id, new DataView(bytes.buffer, bytes.byteOffset + at + 8, size));
    at += 8 + size + (size % 2); // an odd chunk is followed by one byte of nothing
  }
  const format = chunks.get("fmt ");
  const data = chunks.get("data");
  if (!format || format.byteLength < 16) return fail("is damaged: it has no chunk that says its format");
  if (!data) return fail("is truncated: it has no samples");

  const channels = format.getUint16(2, true);
  const sampleRate = format.getUint32(4, true);
  const frame = format.getUint16(12, true);
  const bits = format.getUint16(14, true);
  const tag = tagOf(format);
  const coding = Object.values(CODINGS).find((coding) => coding.tag === tag && 8 * coding.bytes === bits);
  if (!coding) return fail(`has samples of format ${tag} with ${bits} bits; 8 to 32 bits PCM or floats can be read`);
  if (channels === 0 || sampleRate === 0 || frame !== channels * coding.bytes) {
    fail(`contradicts itself: ${channels} channels of ${bits} bits at ${sampleRate} Hz in frames of ${frame} bytes`);
  }
  if (data.byteLength % frame !== 0) fail(`ends within a frame: ${data.byteLength} bytes in frames of ${frame}`);

  const times = data.byteLength / frame;
  const samples = new (coding.bytes === 8 ? Float64Array : Float32Array)(channels * times);
  for (let time = 0; time < times; time++) {
    for (let channel = 0; channel < channels; channel++) {
      samples[channel * times + time] = coding.read(data, time * frame + channel * coding.bytes);
    }
  }
  const dtype = samples instanceof Float64Array ? "f64" : "f32";
  return { waveform: tensor(samples, { shape: [channels, times], dtype }), sampleRate };
}

/** Four bytes as text. */
const word = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

// What follows the first two bytes of a sub-format's identifier.
const SUBFORMAT = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/** The number of a format, in the extensible form that of its sub-format; −1 if that has none. */
function tagOf(format: DataView): number {
  const tag = format.getUint16(0, true);
  if (tag !== EXTENSIBLE) return tag;
  if (format.byteLength < 40 || !SUBFORMAT.every((byte, i) => format.getUint8(26 + i) === byte)) return -1;
  return format.getUint16(24, true);
}

/** Reads a WAV file by {@link parseWav}. Throws a DataError if it cannot be read or holds no sound. */
export async function readWav(path: string): Promise<Sound> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new DataError(`cannot read ${path}: ${cause.message}`, { cause });
  });
  return parseWav(bytes, path);
}

/**
 * The bytes of a WAV file of a sound: (channels, time), or (time) of one channel, of which the values are read.
 *
 * Throws a ShapeError for another shape, an ArgumentError for a rate that is no whole number from 1. {@link parseWav} shows
 * an example and names the source.
 */
export function serializeWav({ waveform, sampleRate }: Sound, options: WavOptions = {}): Uint8Array {
  const coding = CODINGS[options.encoding ?? "pcm16"];
  const [channels, times] = waveform.ndim === 1 ? [1, waveform.shape[0]] : waveform.shape;
  if (waveform.ndim < 1 || waveform.ndim > 2 || channels === 0) {
    throw new ShapeError(`serializeWav needs a waveform (channels, time), but got ${showShape(waveform.shape)}.`);
  }
  if (!(Number.isInteger(sampleRate) && sampleRate > 0 && sampleRate < 2 ** 32)) {
    throw new ArgumentError(`serializeWav: a rate is a whole number of samples per second, but is ${sampleRate}.`);
  }
  const frame = channels * coding.bytes;
  const size = times * frame;
  const bytes = new Uint8Array(44 + size + (size % 2));
  const view = new DataView(bytes.buffer);
  const put = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at);
  put("RIFF", 0);
  view.setUint32(4, bytes.length - 8, true);
  put("WAVEfmt ", 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, coding.tag, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 8 * coding.bytes, true);
  put("data", 36);
  view.setUint32(40, size, true);
  const samples = waveform.dataSync();
  for (let time = 0; time < times; time++) {
    for (let channel = 0; channel < channels; channel++) {
      coding.write(view, 44 + time * frame + channel * coding.bytes, samples[channel * times + time]);
    }
  }
  return bytes;
}

/** Writes a sound as a WAV file, whole or not at all, by {@link serializeWav}. */
export async function writeWav(path: string, sound: Sound, options: WavOptions = {}): Promise<void> {
  await writeFileAtomic(path, serializeWav(sound, options));
}
