import {
  type GaussianNLLLossOptions,
  gaussianNllLoss,
  huberLoss,
  klDiv,
  l1Loss,
  logCoshLoss,
  mapeLoss,
  mseLoss,
  poissonNllLoss,
  quantileLoss,
  smoothL1Loss,
} from "../../../src/nn/index.ts";
import { loss } from "./loss.ts";
import type { Operator } from "./operators.ts";

export const REGRESSION: Readonly<Record<string, Operator<never>>> = {
  mseLoss: loss(mseLoss),
  l1Loss: loss(l1Loss),
  smoothL1Loss: loss(smoothL1Loss),
  huberLoss: loss(huberLoss),
  logCoshLoss: loss(logCoshLoss),
  quantileLoss: loss(quantileLoss),
  mapeLoss: loss(mapeLoss),
  poissonNllLoss: loss(poissonNllLoss),
  gaussianNllLoss: ([input, target, variance], options: GaussianNLLLossOptions) =>
    gaussianNllLoss(input, target, variance, options),
  klDiv: loss(klDiv),
};
