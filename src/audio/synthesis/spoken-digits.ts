import { ArgumentError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import { type Blueprint, type Dataset, Random } from "../../data/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { drawNoise } from "../augment/noise.ts";
import type { Sound } from "../wav.ts";
import { drawVoice, speakDigits } from "./speak.ts";
import { SAMPLE_RATE, type Voice } from "./tract.ts";

export interface SpokenDigitsOptions {
  /** the training's speakers and tempos, or the test's, which are others */
  train: boolean;
  /** how many strings */
  count: number;
  /** fewest and most digits of a string; [3, 7] */
  digits?: readonly [number, number];
  /** how long each recording is; 5 */
  seconds?: number;
  /** how many voices there are; 100 for training, 40 for the test */
  speakers?: number;
  /** lowest and highest signal-to-noise ratio, in decibels; [0, 30] for training, [10, 10] for the test */
  snr?: readonly [number, number];
  /** string i depends on (seed, epoch, i) alone; 0 */
  seed?: number;
}

/** One string of digits as it was spoken and recorded. */
export interface SpokenString {
  /** (8000 · seconds) */
  readonly samples: Float32Array;
  readonly digits: readonly number[];
  readonly voice: Voice;
  /** how many times as fast as usual */
  readonly tempo: number;
  /** decibels */
  readonly snr: number;
}

// The test's examples and voices are not those of the training.
const TEST = 2 ** 31;
// No epoch of a loader has this number.
const VOICES = 2 ** 32 - 1;

/** A recording (8000 · seconds) f32, its digits (most) i32, filled up with −1, and how many there are () i32. */
export type SpokenSample = readonly [recording: Tensor, digits: Tensor, count: Tensor];

/**
 * Strings of digits, spoken by formant synthesis at 8000 Hz in white or pink noise: synthetic speech, drawn when it is asked
 * for, from (seed, epoch, i) alone, so that each epoch of a loader has new ones of the same voices.
 *
 * Each string is somewhere in its recording, with noise from end to end; the signal-to-noise ratio is that of its own time.
 * In training each speaks 0.8 to 1.25 times as fast as usual, in the test slower or faster than that: 0.65 to 0.8 times, or
 * 1.25 to 1.5 times, and none of the test's voices is one of the training's. Recordings have an effective value of 0.1.
 * Throws an ArgumentError for options out of their domain.
 *
 * ```ts
 * const strings = new SpokenDigits({ train: false, count: 100, seed: 1 });
 * const { digits, tempo } = strings.example(7);
 * digits; // [ 8, 6, 6, 1, 3 ]
 * strings.get(7)[0].shape; // [ 40000 ]
 * ```
 */
export class SpokenDigits implements Dataset<SpokenSample> {
  readonly length: number;
  readonly #options: Required<SpokenDigitsOptions>;

  constructor(options: SpokenDigitsOptions) {
    this.#options = checked(options);
    this.length = options.count;
  }

  get blueprint(): Blueprint {
    return { module: import.meta.url, name: "SpokenDigits", args: [this.#options] };
  }

  example(index: number, epoch = 0): SpokenString {
    checkIndex("SpokenDigits", index, this.length);
    const { train, digits, seconds, speakers, snr, seed } = this.#options;
    const part = train ? 0 : TEST;
    const random = new Random(seed, epoch, part + index);
    const voice = drawVoice(new Random(seed, VOICES, part + random.integer(speakers)));
    const tempos = train ? [0.8, 1.25] : random.integer(2) ? [0.65, 0.8] : [1.25, 1.5];
    const tempo = random.uniform(tempos[0], tempos[1]);
    const count = digits[0] + random.integer(digits[1] - digits[0] + 1);
    const string = Array.from({ length: count }, () => random.integer(10));
    const speech = speakDigits(string, voice, random, { tempo, seconds });
    const decibels = random.uniform(...snr);
    const length = Math.floor(seconds * SAMPLE_RATE);
    const noise = drawNoise(length, random.integer(2) ? "white" : "pink", random);
    const start = random.integer(length - speech.length + 1);
    const samples = recorded(speech, noise, start, decibels);
    return { samples, digits: string, voice, tempo, snr: decibels };
  }

  get(index: number, epoch?: number): SpokenSample {
    const { samples, digits } = this.example(index, epoch);
    const filled = [...digits, ...new Array(this.#options.digits[1] - digits.length).fill(-1)];
    return [
      tensor(samples, { shape: [samples.length], dtype: "f32" }),
      tensor(filled, { dtype: "i32" }),
      tensor(digits.length, { dtype: "i32" }),
    ];
  }
}

function energy(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return sum;
}

function checked(options: SpokenDigitsOptions): Required<SpokenDigitsOptions> {
  const { train } = options;
  const given = { digits: [3, 7] as const, seconds: 5, speakers: train ? 100 : 40, seed: 0 };
  const all = { ...given, snr: train ? ([0, 30] as const) : ([10, 10] as const), ...options };
  const whole = (value: number, from: number) => Number.isInteger(value) && value >= from;
  const check = (holds: boolean, what: string) => {
    if (!holds) throw new ArgumentError(`SpokenDigits: ${what}.`);
  };
  const [fewest, most] = all.digits;
  check(whole(all.count, 0), `count is a whole number from 0, but is ${all.count}`);
  check(whole(fewest, 1) && whole(most, fewest), `digits are fewest and most, but are [${all.digits.join(", ")}]`);
  check(all.seconds >= 0.3 * most, `${most} digits need at least ${0.3 * most} seconds, but have ${all.seconds}`);
  check(whole(all.speakers, 1), `speakers is a whole number from 1, but is ${all.speakers}`);
  check(all.snr[0] <= all.snr[1], `snr is lowest and highest, but is [${all.snr.join(", ")}]`);
  check(whole(all.seed, 0) && all.seed < 2 ** 32, `seed is a whole number below 2³², but is ${all.seed}`);
  return all;
}

export interface SynthesizeDigitsOptions {
  /** which voice; each seed has one of its own, and says the digits in its own way; 0 */
  seed?: number;
  /** how many times as fast as usual; 1 */
  tempo?: number;
  /** signal-to-noise ratio of white noise, in decibels; 20 */
  snr?: number;
}

/**
 * A string of digits as a sound, spoken by a voice of the seed's, with an effective value of 0.1: (1, time) at 8000 Hz.
 *
 * Throws an ArgumentError for a text that has anything but digits.
 *
 * ```ts
 * const { waveform, sampleRate } = synthesizeDigits("42", { seed: 1 });
 * sampleRate; // 8000
 * waveform.square().mean().sqrt(); // tensor(0.1000)
 * ```
 */
export function synthesizeDigits(digits: string, options: SynthesizeDigitsOptions = {}): Sound {
  const { seed = 0, tempo, snr = 20 } = options;
  if (!/^\d+$/.test(digits)) throw new ArgumentError(`synthesizeDigits speaks digits, but got "${digits}".`);
  const random = new Random(seed, VOICES, VOICES);
  const speech = speakDigits([...digits].map(Number), drawVoice(random), random, { tempo });
  const samples = recorded(speech, drawNoise(speech.length, "white", random), 0, snr);
  return { waveform: tensor(samples, { shape: [1, samples.length], dtype: "f32" }), sampleRate: SAMPLE_RATE };
}

/** Speech from sample `start` on in noise, at a signal-to-noise ratio over its own time, with an effective value of 0.1. */
function recorded(speech: Float32Array, noise: Float32Array, start: number, snr: number): Float32Array {
  const heard = noise.subarray(start, start + speech.length);
  const gain = Math.sqrt((energy(speech) / energy(heard)) * 10 ** (-snr / 10));
  const samples = noise.map((value) => gain * value);
  for (let i = 0; i < speech.length; i++) samples[start + i] += speech[i];
  const level = 0.1 / Math.sqrt(energy(samples) / samples.length);
  return samples.map((value) => level * value);
}
