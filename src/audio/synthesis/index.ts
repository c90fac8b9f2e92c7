export { drawVoice, type SpeakOptions, speakDigits } from "./speak.ts";
export {
  SpokenDigits,
  type SpokenDigitsOptions,
  type SpokenSample,
  type SpokenString,
  type SynthesizeDigitsOptions,
  synthesizeDigits,
} from "./spoken-digits.ts";
export type { Voice } from "./tract.ts";
