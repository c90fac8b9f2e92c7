export { SpecAugment, type SpecAugmentOptions } from "./masking.ts";
export { addNoise, drawNoise, type NoiseColor } from "./noise.ts";
