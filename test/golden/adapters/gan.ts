/** What each golden loss of an adversarial game is in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import {
  type CycleConsistencyLossOptions,
  cycleConsistencyLoss,
  discriminatorLoss,
  type GANLossOptions,
  generatorLoss,
  gradientPenalty,
  identityLoss,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a loss takes beside tensors. Each loss's cases have the options that it reads. */
type GANOptions = GANLossOptions & CycleConsistencyLossOptions & { readonly critic: string };

const CRITICS: Readonly<Record<string, (hidden: Tensor) => Tensor>> = {
  linear: (hidden) => hidden,
  tanh: (hidden) => hidden.tanh(),
  square: (hidden) => hidden.square(),
  softplus: (hidden) => hidden.softplus(),
};

export const GAN: Readonly<Record<string, Operator<GANOptions>>> = {
  generatorLoss: ([fake], options) => generatorLoss(fake, options),
  discriminatorLoss: ([real, fake], options) => discriminatorLoss(real, fake, options),
  gradientPenalty: ([real, fake, w, v], { critic, ...options }) =>
    gradientPenalty((x) => CRITICS[critic](x.flatten(1).matmul(w)).matmul(v), real, fake, options),
  cycleConsistencyLoss: ([x, a, y, b], options) => cycleConsistencyLoss(x, a, y, b, options),
  identityLoss: ([x, a, y, b], options) => identityLoss(x, a, y, b, options),
};
