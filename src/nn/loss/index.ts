export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./binary.ts";
export {
  CrossEntropyLoss,
  type CrossEntropyOptions,
  crossEntropy,
  NLLLoss,
  type NLLLossOptions,
  nllLoss,
} from "./classification.ts";
export type { LossOptions, Reduction } from "./loss.ts";
export { huberLoss, l1Loss, MSELoss, mseLoss, smoothL1Loss } from "./regression.ts";
