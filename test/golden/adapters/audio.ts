/** Sound: what each golden operator of chainrule/audio is. */

import {
  type AmplitudeToDbOptions,
  amplitudeToDb,
  blackmanWindow,
  createDct,
  type FbanksOptions,
  type HammingWindowOptions,
  hammingWindow,
  hannWindow,
  type IstftOptions,
  istft,
  MelSpectrogram,
  type MelSpectrogramOptions,
  MFCC,
  type MFCCOptions,
  melscaleFbanks,
  type ResampleOptions,
  resample,
  Spectrogram,
  type SpectrogramOptions,
  type StftOptions,
  stft,
  type WindowOptions,
} from "../../../src/audio/index.ts";
import type { Tensor } from "../../../src/index.ts";
import type { Operator } from "./operators.ts";

const WINDOWS = { hannWindow, hammingWindow, blackmanWindow };

type Sizes = readonly [number, number, number, number, number];

interface AudioOptions
  extends Omit<StftOptions, "window">,
    Omit<IstftOptions, "window">,
    Omit<FbanksOptions, "dtype">,
    HammingWindowOptions,
    ResampleOptions,
    AmplitudeToDbOptions,
    Omit<MFCCOptions, "sampleRate"> {
  readonly nFft: number;
  readonly size: number;
  readonly sizes: Sizes;
  readonly rates: readonly [number, number];
  readonly windowFn?: keyof typeof WINDOWS;
  readonly sampleRate?: number;
  readonly power?: number;
}

const withWindow = <O extends object>({ windowFn, ...options }: O & { windowFn?: keyof typeof WINDOWS }) => ({
  ...options,
  ...(windowFn && { windowFn: (size: number, given: WindowOptions): Tensor => WINDOWS[windowFn](size, given) }),
});

export const AUDIO: Readonly<Record<string, Operator<AudioOptions>>> = {
  hannWindow: (_, { size, ...options }) => hannWindow(size, options),
  hammingWindow: (_, { size, ...options }) => hammingWindow(size, options),
  blackmanWindow: (_, { size, ...options }) => blackmanWindow(size, options),
  stft: ([x, window], { nFft, ...options }) => stft(x, nFft, { ...options, window }),
  istft: ([x, window], { nFft, ...options }) => istft(x, nFft, { ...options, window }),
  melscaleFbanks: (_, { sizes, ...options }) => melscaleFbanks(...sizes, options),
  createDct: (_, { sizes: [mfcc, mels], ...options }) => createDct(mfcc, mels, options),
  Spectrogram: ([x], options) => new Spectrogram(withWindow(options) as SpectrogramOptions).forward(x),
  MelSpectrogram: ([x], options) => new MelSpectrogram(options as unknown as MelSpectrogramOptions).forward(x),
  MFCC: ([x], options) => new MFCC(options).forward(x),
  amplitudeToDb: ([x], options) => amplitudeToDb(x, options),
  resample: ([x], { rates: [from, to], ...options }) => resample(x, from, to, options),
};
