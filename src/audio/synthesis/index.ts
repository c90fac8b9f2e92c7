export { drawVoice, type SpeakOptions, speakDigits } from "./speak.ts";
export { SpokenDigits, type SpokenDigitsOptions, type SpokenSample, type SpokenString } from "./spoken-digits.ts";
export type { Voice } from "./tract.ts";
