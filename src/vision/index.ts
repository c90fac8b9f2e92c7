export * from "./blocks/index.ts";
export * from "./boxes/index.ts";
export * from "./datasets/index.ts";
export * from "./draw/index.ts";
export * from "./explain/index.ts";
export * from "./models/index.ts";
export { type DigitImage, digitFromPhoto, type RgbaImage } from "./photo.ts";
export { decodePicture, encodePng, type Picture } from "./picture.ts";
export * from "./transforms/index.ts";
