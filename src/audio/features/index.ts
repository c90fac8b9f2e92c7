export { type FbanksOptions, type MelScale, melscaleFbanks } from "./mel.ts";
export { type ResampleOptions, resample } from "./resample.ts";
export {
  type AmplitudeToDbOptions,
  amplitudeToDb,
  createDct,
  MelSpectrogram,
  type MelSpectrogramOptions,
  MFCC,
  type MFCCOptions,
  Spectrogram,
  type SpectrogramOptions,
} from "./spectrogram.ts";
export { type IstftOptions, istft, type StftOptions, stft } from "./stft.ts";
export {
  blackmanWindow,
  type HammingWindowOptions,
  hammingWindow,
  hannWindow,
  type WindowOptions,
} from "./windows.ts";
