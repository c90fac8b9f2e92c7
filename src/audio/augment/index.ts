export { addNoise, drawNoise, type NoiseColor } from "./noise.ts";
