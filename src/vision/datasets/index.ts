export type { FetchOptions } from "../../io/download.ts";
export {
  CIFAR10_CLASSES,
  CIFAR10_STATISTICS,
  CIFAR100_CLASSES,
  CIFAR100_STATISTICS,
  type CifarOptions,
  cifar10,
  cifar100,
} from "./cifar.ts";
export {
  type Canvas,
  type CanvasOptions,
  ComposedDigits,
  type ComposedDigitsOptions,
  composedDigits,
} from "./composed-digits.ts";
export { FASHION_MNIST_CLASSES, FASHION_MNIST_STATISTICS, fashionMnist } from "./fashion-mnist.ts";
export { ImageFolder, type ImageFolderOptions, imageFolder } from "./image-folder.ts";
export { ImageDataset, type ImageDatasetOptions, type Normalization } from "./images.ts";
export { MNIST_STATISTICS, type MnistOptions, mnist } from "./mnist.ts";
export { DetectionDataset, type DetectionOptions, SegmentationDataset, type ViewOptions } from "./views.ts";
export { VOC_CLASSES, VocDetection, type VocExample, type VocOptions, vocDetection } from "./voc.ts";
