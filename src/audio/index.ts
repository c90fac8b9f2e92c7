/** Sound: files, spectrograms, and labels found in them. */
export * from "./augment/index.ts";
export * from "./ctc/index.ts";
export * from "./datasets/index.ts";
export * from "./features/index.ts";
export * from "./synthesis/index.ts";
export { parseWav, readWav, type Sound, serializeWav, type WavEncoding, type WavOptions, writeWav } from "./wav.ts";
