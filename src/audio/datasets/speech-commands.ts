import { DataError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import type { Blueprint, Dataset } from "../../data/index.ts";
import type { FetchOptions } from "../../io/download.ts";
import { type ArchiveSource, obtainUnpacked } from "../../io/unpacked.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { parseWav } from "../wav.ts";

export interface SpeechCommandsOptions extends FetchOptions {
  /** the archive's own lists say which recordings are for validation and test; speakers are in one of the three only */
  split: "train" | "validation" | "test";
  /** the words that are wanted, whose labels are their places; {@link SPEECH_COMMANDS_CLASSES} */
  classes?: readonly string[];
}

/** The words with the labels 0 to 34. */
export const SPEECH_COMMANDS_CLASSES: readonly string[] = (
  "backward bed bird cat dog down eight five follow forward four go happy house learn left marvin nine " +
  "no off on one right seven sheila six stop three tree two up visual wow yes zero"
).split(" ");

const SPEECH_COMMANDS: ArchiveSource = {
  title: "Speech Commands",
  folder: "speech-commands-v0.02",
  archive: "speech_commands_v0.02.tar.gz",
  sha256: "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58", // as torchaudio and TensorFlow Datasets have it
  mirrors: ["https://storage.googleapis.com/download.tensorflow.org/data", "http://download.tensorflow.org/data"],
  marker: "testing_list.txt",
  files: /^(\w+\/\w+\.wav|\w+\.txt|LICENSE|README\.md)$/,
};

const RATE = 16000;

/**
 * Speech Commands v0.02: 105,829 recordings of a second, each of one of 35 words, by 2,618 people. Example i is
 * [recording (16000) f32, label () i32]; shorter recordings are filled up with zeros.
 *
 * Looked for in `root` if that is given, else in $XDG_CACHE_HOME/chainrule/speech-commands-v0.02 (~/.cache by default);
 * downloaded and unpacked otherwise (2.4 GB), with the archive's SHA-256 checked. A recording is read when it is asked for.
 * Throws a DataError that says what to do if something is missing, damaged, or cannot be fetched.
 * Source: Warden, Speech commands: a dataset for limited-vocabulary speech recognition, 2018.
 *
 * ```ts
 * SPEECH_COMMANDS_CLASSES[34]; // "zero"
 * await speechCommands({ split: "test", root: "nowhere", download: false }); // throws DataError
 * ```
 */
export function speechCommands(options: SpeechCommandsOptions): Promise<SpeechCommands> {
  return readSpeechCommands(SPEECH_COMMANDS, options);
}

/** The recordings of an archive in the form of Speech Commands. */
export async function readSpeechCommands(
  source: ArchiveSource,
  options: SpeechCommandsOptions,
): Promise<SpeechCommands> {
  const { readdirSync, readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { split, classes = SPEECH_COMMANDS_CLASSES } = options;
  const folder = await obtainUnpacked(source, options);
  const read = (name: string): Uint8Array => {
    try {
      return readFileSync(join(folder, name));
    } catch (cause) {
      throw new DataError(`cannot read ${join(folder, name)}: ${(cause as Error).message}`, { cause });
    }
  };
  const listed = (name: string) => new TextDecoder().decode(read(name)).split("\n").filter(Boolean);
  const [validation, test] = [listed("validation_list.txt"), listed("testing_list.txt")];
  const all = (): string[] => {
    const held = new Set([...validation, ...test]);
    const words = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return words
      .flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`))
      .filter((path) => path.endsWith(".wav") && !held.has(path))
      .sort();
  };
  const paths = split === "train" ? all() : split === "test" ? test : validation;
  for (const path of paths) {
    if (!/^\w+\/\w+\.wav$/.test(path)) throw new DataError(`the lists in ${folder} name no recording: "${path}".`);
  }
  const wanted = paths.filter((path) => classes.includes(path.split("/")[0]));
  const blueprint = { module: import.meta.url, name: "speechCommands", args: [{ ...options, root: folder }] };
  return new SpeechCommands(wanted, classes, read, blueprint);
}

/** What {@link speechCommands} gives. */
export class SpeechCommands implements Dataset<readonly [recording: Tensor, label: Tensor]> {
  readonly length: number;
  /** the recordings' files: word/speaker_nohash_number.wav */
  readonly paths: readonly string[];
  readonly classes: readonly string[];
  readonly blueprint: Blueprint;
  readonly #read: (path: string) => Uint8Array;

  constructor(
    paths: readonly string[],
    classes: readonly string[],
    read: (path: string) => Uint8Array,
    blueprint: Blueprint,
  ) {
    this.length = paths.length;
    this.paths = paths;
    this.classes = classes;
    this.blueprint = blueprint;
    this.#read = read;
  }

  get(index: number): readonly [recording: Tensor, label: Tensor] {
    checkIndex("SpeechCommands", index, this.length);
    const path = this.paths[index];
    const { waveform, sampleRate } = parseWav(this.#read(path), path);
    if (sampleRate !== RATE) throw new DataError(`${path} has ${sampleRate} samples a second, not ${RATE}.`);
    const samples = new Float32Array(RATE);
    samples.set(waveform.dataSync().subarray(0, Math.min(RATE, waveform.shape[1])));
    const label = this.classes.indexOf(path.split("/")[0]);
    return [tensor(samples, { shape: [RATE], dtype: "f32" }), tensor(label, { dtype: "i32" })];
  }
}
