export {
  type Canvas,
  type CanvasOptions,
  ComposedDigits,
  type ComposedDigitsOptions,
  composedDigits,
} from "./composed-digits.ts";
export type { FetchOptions } from "./download.ts";
export { FASHION_MNIST_CLASSES, FASHION_MNIST_STATISTICS, fashionMnist } from "./fashion-mnist.ts";
export { ImageDataset, type ImageDatasetOptions, type Normalization } from "./images.ts";
export { MNIST_STATISTICS, type MnistOptions, mnist } from "./mnist.ts";
export { DetectionDataset, type DetectionOptions, SegmentationDataset, type ViewOptions } from "./views.ts";
