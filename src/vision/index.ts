export * from "./blocks/index.ts";
export * from "./boxes/index.ts";
export { ImageDataset, type Normalization } from "./images.ts";
export { MNIST_STATISTICS, type MnistOptions, mnist } from "./mnist.ts";
export { type DigitImage, digitFromPhoto, type RgbaImage } from "./photo.ts";
export type { Picture } from "./picture.ts";
export * from "./transforms/index.ts";
