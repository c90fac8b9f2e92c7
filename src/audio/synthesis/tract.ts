/** A vocal tract: a buzz and noises through a row of resonators, whose settings move. */

import type { Random } from "../../data/index.ts";
import type { Phoneme } from "./phonemes.ts";

/** Who speaks. */
export interface Voice {
  /** how often the vocal folds open in a second, on average; a man's some 120, a woman's 210 */
  readonly pitch: number;
  /** how much higher than a man's resonances are: 1.17 for a woman, more for a child */
  readonly formants: number;
  /** noise of the breath beside the buzz: 0 for a clear voice, 0.3 for a breathy one */
  readonly breathiness: number;
  /** the part of a period in which the vocal folds are open: 0.4 for a pressed voice, 0.8 for a soft one */
  readonly openness: number;
  /** how much the tract damps: 1 by default, wider resonances above it */
  readonly damping: number;
}

/** A sound with its place in time, in seconds. */
export interface Segment {
  readonly phoneme: Phoneme;
  readonly start: number;
  readonly end: number;
}

export const SAMPLE_RATE = 8000;

// Settings move every five milliseconds; within, they stand.
const FRAME = 40;
// How far beyond its own time a sound is felt: the tongue is slow, breath and vocal folds are quick (seconds).
const SLOW = 0.035;
const QUICK = 0.006;
const REACH = 0.2;

/** What is set: formants and widths; the frication's resonance and width; voicing, aspiration, frication. */
const settingsOf = ({ formants, bandwidths = [60, 90, 150], ...sources }: Phoneme): readonly number[] => {
  const { frication: [amount, frequency, width] = [0, 3000, 1000], voicing = 0, aspiration = 0 } = sources;
  return [...formants, ...bandwidths, frequency, width, voicing, aspiration, amount];
};
const SLOW_SETTINGS = 8;

/**
 * The settings at a time: Σ Dᵢ(t) Tᵢ / Σ Dᵢ(t) of the sounds' targets, with Dᵢ = wᵢ within a sound and wᵢ exp(−distance / τ)
 * beside it. So sounds blend where they meet, and short ones never reach their targets.
 * Cohen and Massaro, Modeling coarticulation in synthetic visual speech, 1993.
 */
function settingsAt(time: number, segments: readonly Segment[], targets: readonly (readonly number[])[]): number[] {
  const sums = new Array<number>(targets[0].length).fill(0);
  let [slowly, quickly] = [0, 0];
  for (let i = 0; i < segments.length; i++) {
    const { phoneme, start, end } = segments[i];
    const distance = Math.max(start - time, time - end, 0);
    if (distance > REACH) continue;
    const slow = (phoneme.dominance ?? 1) * Math.exp(-distance / SLOW);
    const quick = Math.exp(-distance / QUICK);
    slowly += slow;
    quickly += quick;
    for (let k = 0; k < sums.length; k++) sums[k] += targets[i][k] * (k < SLOW_SETTINGS ? slow : quick);
  }
  return sums.map((sum, k) => sum / (k < SLOW_SETTINGS ? slowly : quickly));
}

/** A second-order resonance, of which 0 Hz passes unchanged: yₙ = a xₙ + b yₙ₋₁ + c yₙ₋₂. */
class Resonator {
  #a = 1;
  #b = 0;
  #c = 0;
  #last = 0;
  #older = 0;

  set(frequency: number, width: number): void {
    const radius = Math.exp((-Math.PI * width) / SAMPLE_RATE);
    this.#c = -radius * radius;
    this.#b = 2 * radius * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
    this.#a = 1 - this.#b - this.#c;
  }

  next(x: number): number {
    const y = this.#a * x + this.#b * this.#last + this.#c * this.#older;
    this.#older = this.#last;
    this.#last = y;
    return y;
  }
}

const HIGHEST = 3800; // Hz: what the rate can carry

/**
 * The samples of `segments`, which follow one another from time 0, with the voice's pitch times `melody(t)`.
 *
 * A glottal flow's derivative, 2t/o − 3(t/o)² in the open part o of each period, with breath, goes through four formants in a
 * row; noise of a narrow place goes through a resonance of its own. Klatt, Software for a cascade/parallel formant
 * synthesizer, 1980; Klatt and Klatt, Analysis, synthesis, and perception of voice quality variations, 1990 (the source).
 */
export function utter(
  segments: readonly Segment[],
  voice: Voice,
  melody: (time: number) => number,
  random: Random,
): Float32Array {
  const targets = segments.map(({ phoneme }) => settingsOf(phoneme));
  const samples = new Float32Array(Math.ceil((segments.at(-1)?.end ?? 0) * SAMPLE_RATE));
  const formants = Array.from({ length: 4 }, () => new Resonator());
  const front = new Resonator();
  formants[3].set(Math.min(3300 * voice.formants, HIGHEST), 250 * voice.damping);
  let phase = 0; // of a period, from 0 to 1
  let [length, strength] = [1, 1]; // of this period, which no two have alike
  let aheadOf = 0;
  for (let from = 0; from < samples.length; from += FRAME) {
    const time = from / SAMPLE_RATE;
    const settings = settingsAt(time, segments, targets);
    const [voicing, aspiration, frication] = settings.slice(SLOW_SETTINGS);
    for (let i = 0; i < 3; i++) {
      formants[i].set(Math.min(settings[i] * voice.formants, HIGHEST), settings[3 + i] * voice.damping);
    }
    front.set(Math.min(settings[6] * Math.sqrt(voice.formants), HIGHEST), settings[7]);
    const step = (voice.pitch * melody(time)) / SAMPLE_RATE;
    for (let at = from; at < Math.min(from + FRAME, samples.length); at++) {
      phase += step / length;
      if (phase >= 1) {
        phase -= 1;
        [length, strength] = [1 + 0.01 * random.normal(), 1 + 0.05 * random.normal()];
      }
      const open = phase / voice.openness;
      const flow = open < 1 ? 2 * open - 3 * open * open : 0;
      const breath = random.uniform(-1.7, 1.7); // of variance 1
      // Breath is strongest while the folds are open.
      const source =
        voicing * (strength * flow + voice.breathiness * (open < 1 ? 0.6 : 0.3) * breath) + aspiration * breath;
      let voiced = source;
      for (let i = 0; i < 4; i++) voiced = formants[i].next(voiced);
      // The lips let high frequencies pass: the difference of what arrives.
      const hiss = front.next(frication * breath);
      samples[at] = voiced + hiss - aheadOf;
      aheadOf = hiss;
    }
  }
  return samples;
}
