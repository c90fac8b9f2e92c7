import { ArgumentError } from "../../core/errors.ts";
import type { Random } from "../../data/index.ts";
import { DIGIT_PHONEMES, PAUSE } from "./phonemes.ts";
import { SAMPLE_RATE, type Segment, utter, type Voice } from "./tract.ts";

export interface SpeakOptions {
  /** how many times as fast as usual; 1 by default */
  tempo?: number;
  /** the longest that it may take, in seconds: a string that would take longer is spoken faster; no limit by default */
  seconds?: number;
}

/** A voice by number: pitch from 75 to 280 Hz, formants that go along with it more or less. The same for the same `random`. */
export function drawVoice(random: Random): Voice {
  const height = random.uniform(); // from a deep voice to a child's
  return {
    pitch: 80 * 3.2 ** height * Math.exp(0.08 * random.normal()),
    formants: (0.9 + 0.35 * height) * Math.exp(0.04 * random.normal()),
    breathiness: random.uniform(0.02, 0.3),
    openness: random.uniform(0.45, 0.75),
    damping: random.uniform(0.9, 1.6),
  };
}

/**
 * Digits as one speaks them: their samples at 8000 Hz, by formant synthesis.
 *
 * Sounds flow into one another, also across words; durations vary, pauses come and go, the pitch falls towards the end and
 * rises in each word. The same `random` gives the same samples. Throws an ArgumentError for what is no digit, and for a tempo
 * that is not above 0. Klatt, Software for a cascade/parallel formant synthesizer, 1980.
 *
 * ```ts
 * const random = new Random(1);
 * const samples = speakDigits([4, 2], drawVoice(random), random);
 * (samples.length / 8000).toFixed(1); // "0.9"
 * ```
 */
export function speakDigits(
  digits: readonly number[],
  voice: Voice,
  random: Random,
  options: SpeakOptions = {},
): Float32Array {
  const { tempo = 1, seconds = Number.POSITIVE_INFINITY } = options;
  if (!(tempo > 0) || !digits.every((digit) => digit in DIGIT_PHONEMES)) {
    throw new ArgumentError(`speakDigits needs digits 0 to 9 and a tempo above 0, but got [${digits}] and ${tempo}.`);
  }
  const vary = (deviation: number) => Math.exp(deviation * Math.min(Math.max(random.normal(), -2), 2));
  const lengths: number[] = []; // of each segment, in seconds
  const phonemes = [PAUSE];
  const stresses: number[] = []; // of each segment: how much the pitch rises
  const add = (phoneme: (typeof phonemes)[number], milliseconds: number, stress: number) => {
    phonemes.push(phoneme);
    lengths.push(milliseconds / 1000 / tempo);
    stresses.push(stress);
  };
  phonemes.pop();
  add(PAUSE, random.uniform(60, 250), 0);
  for (const [i, digit] of digits.entries()) {
    const last = i === digits.length - 1;
    const pace = vary(0.12) * (last ? 1.2 : 1);
    const stress = random.uniform(0, 0.15);
    for (const phoneme of DIGIT_PHONEMES[digit]) add(phoneme, phoneme.duration * pace * vary(0.12), stress);
    // Half of the digits run into the next one.
    add(PAUSE, last ? random.uniform(60, 250) : random.uniform() < 0.5 ? 0 : random.uniform(20, 200), 0);
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const squeeze = Math.min(1, seconds / total);
  let end = 0;
  const segments: Segment[] = phonemes.map((phoneme, i) => {
    const start = end;
    end += lengths[i] * squeeze;
    return { phoneme, start, end };
  });
  const duration = end;
  const fall = random.uniform(0.1, 0.3);
  let at = 0;
  let rise = 0;
  const melody = (time: number) => {
    while (at < segments.length - 1 && time >= segments[at].end) at++;
    rise += 0.1 * (stresses[at] - rise); // vocal folds are no switch
    return 1 + rise - (fall * time) / duration;
  };
  return utter(segments, voice, melody, random).subarray(0, Math.floor(seconds * SAMPLE_RATE));
}
