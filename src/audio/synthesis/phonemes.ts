/** What the mouth aims at for each sound of the ten digits: numbers for a man's voice, in Hz, milliseconds and parts of full scale. */

export interface Phoneme {
  /** the first three resonances of the vocal tract */
  readonly formants: readonly [number, number, number];
  /** their widths; [60, 90, 150] by default */
  readonly bandwidths?: readonly [number, number, number];
  /** how strongly the vocal folds swing; 0 by default */
  readonly voicing?: number;
  /** noise of the breath, through all of the tract; 0 by default */
  readonly aspiration?: number;
  /** noise made at a narrow place: its strength, the resonance in front of it, and that one's width; none by default */
  readonly frication?: readonly [amount: number, frequency: number, width: number];
  /** how long it lasts at tempo 1 */
  readonly duration: number;
  /** how much it bends the formants of what is beside it; 1 by default */
  readonly dominance?: number;
}

const vowel = (f1: number, f2: number, f3: number, duration: number): Phoneme => ({
  formants: [f1, f2, f3],
  voicing: 1,
  duration,
});

const PHONEMES = {
  // diphthongs are two of them
  IY: vowel(290, 2070, 2960, 150),
  IH: vowel(420, 1800, 2570, 90),
  AH: vowel(620, 1220, 2550, 110),
  AX: vowel(500, 1400, 2300, 60),
  EH: vowel(530, 1680, 2500, 100),
  AO: vowel(600, 990, 2570, 130),
  UW: vowel(320, 1050, 2200, 150),
  OW1: vowel(540, 1100, 2300, 90),
  OW2: vowel(400, 850, 2300, 80),
  EY1: vowel(480, 1720, 2520, 90),
  EY2: vowel(330, 2050, 2700, 80),
  AY1: vowel(680, 1200, 2550, 110),
  AY2: vowel(400, 1900, 2550, 90),

  R: { formants: [310, 1060, 1380], bandwidths: [70, 100, 120], voicing: 0.8, duration: 65, dominance: 1.5 },
  W: { formants: [290, 610, 2150], bandwidths: [50, 80, 60], voicing: 0.7, duration: 65, dominance: 1.5 },
  N: { formants: [270, 1500, 2600], bandwidths: [90, 250, 300], voicing: 0.5, duration: 70 },

  V: { formants: [220, 1100, 2080], voicing: 0.45, frication: [0.03, 2500, 2500], duration: 55 },
  Z: { formants: [240, 1390, 2530], voicing: 0.4, frication: [0.05, 3600, 500], duration: 75 },
  F: { formants: [340, 1100, 2080], frication: [0.05, 2600, 3000], duration: 95 },
  TH: { formants: [320, 1290, 2540], frication: [0.03, 3000, 2500], duration: 85 },
  S: { formants: [320, 1390, 2530], frication: [0.1, 3600, 400], duration: 110 },

  // A stop: the mouth is shut, bursts open, and breath goes on until the folds swing.
  TCL: { formants: [300, 1700, 2600], duration: 55 },
  TB: { formants: [300, 1700, 2600], frication: [0.15, 3400, 700], duration: 15 },
  TH_: { formants: [400, 1600, 2600], aspiration: 0.15, frication: [0.03, 3400, 900], duration: 35, dominance: 0.3 },
  KCL: { formants: [300, 1990, 2850], duration: 55 },
  KB: { formants: [300, 1990, 2850], frication: [0.12, 2000, 300], duration: 18 },

  PAUSE: { formants: [500, 1500, 2500], duration: 0, dominance: 0.05 },
} satisfies Readonly<Record<string, Phoneme>>;

export const PAUSE: Phoneme = PHONEMES.PAUSE;

/** The sounds of the words zero to nine. */
export const DIGIT_PHONEMES: readonly (readonly Phoneme[])[] = [
  "Z IH R OW1 OW2",
  "W AH N",
  "TCL TB TH_ UW",
  "TH R IY",
  "F AO R",
  "F AY1 AY2 V",
  "S IH KCL KB S",
  "S EH V AX N",
  "EY1 EY2 TCL TB TH_",
  "N AY1 AY2 N",
].map((word) => word.split(" ").map((name) => PHONEMES[name as keyof typeof PHONEMES]));
