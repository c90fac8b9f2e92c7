import type { Grouped } from "../group.ts";
import { cosine, LRScheduler, requireWhole } from "./schedule.ts";

export interface WarmupLROptions {
  /** steps until the initial rate is reached */
  numWarmupSteps: number;
  /** steps of the whole training */
  numTrainingSteps: number;
}

/** The part of the training after the warm-up that is over: 0 at its end, 1 at the training's. */
const progress = (t: number, { numWarmupSteps, numTrainingSteps }: WarmupLROptions): number =>
  (t - numWarmupSteps) / Math.max(1, numTrainingSteps - numWarmupSteps);

/**
 * Raises the learning rate along a line, then lowers it to 0 along another: lr = lr₀·t / w while t < w, then
 * lr₀·max(0, (T − t) / (T − w)), with w = numWarmupSteps and T = numTrainingSteps.
 *
 * Throws an ArgumentError if a number of steps is not a whole number, at least 0.
 * Devlin et al., BERT: pre-training of deep bidirectional transformers for language understanding, 2019, appendix A.2.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new WarmupLinearLR(optimizer, { numWarmupSteps: 2, numTrainingSteps: 6 });
 * const rates = [];
 * for (let batch = 0; batch < 6; batch++) {
 *   rates.push(...schedule.getLastLr());
 *   schedule.step();
 * }
 * rates; // [ 0, 0.5, 1, 0.75, 0.5, 0.25 ]
 * ```
 */
export class WarmupLinearLR extends LRScheduler {
  constructor(optimizer: Grouped, options: WarmupLROptions) {
    const { numWarmupSteps } = options;
    requireWhole("WarmupLinearLR: numWarmupSteps", numWarmupSteps, 0);
    requireWhole("WarmupLinearLR: numTrainingSteps", options.numTrainingSteps, 0);
    super(optimizer, ({ t, initialLr }) => {
      const factor = t < numWarmupSteps ? t / numWarmupSteps : Math.max(0, 1 - progress(t, options));
      return initialLr * factor;
    });
  }
}

export interface WarmupCosineLROptions extends WarmupLROptions {
  /** waves of the cosine; 0.5 by default, which is once from 1 to 0 */
  numCycles?: number;
}

/**
 * Raises the learning rate along a line, then moves it along a cosine: lr = lr₀·t / w while t < w, then
 * lr₀·(1 + cos(2π·numCycles·(t − w) / (T − w))) / 2, with w = numWarmupSteps and T = numTrainingSteps.
 *
 * After T steps the cosine goes on. Throws an ArgumentError if a number of steps is not a whole number, at least 0.
 * Loshchilov and Hutter, SGDR, 2017, with the warm-up of Goyal et al., Accurate, large minibatch SGD, 2017.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new WarmupCosineLR(optimizer, { numWarmupSteps: 1, numTrainingSteps: 4 });
 * const rates = [];
 * for (let batch = 0; batch < 4; batch++) {
 *   rates.push(schedule.getLastLr()[0].toFixed(2));
 *   schedule.step();
 * }
 * rates.join(" "); // "0.00 1.00 0.75 0.25"
 * ```
 */
export class WarmupCosineLR extends LRScheduler {
  constructor(optimizer: Grouped, options: WarmupCosineLROptions) {
    const { numWarmupSteps, numCycles = 0.5 } = options;
    requireWhole("WarmupCosineLR: numWarmupSteps", numWarmupSteps, 0);
    requireWhole("WarmupCosineLR: numTrainingSteps", options.numTrainingSteps, 0);
    super(optimizer, ({ t, initialLr }) => {
      const factor = t < numWarmupSteps ? t / numWarmupSteps : cosine(2 * numCycles * progress(t, options));
      return initialLr * factor;
    });
  }
}

export interface NoamLROptions {
  /** d: the size of the model's vectors */
  dModel: number;
  /** w: steps until the highest rate */
  numWarmupSteps: number;
}

/**
 * The Transformer's learning rate: lr = lr₀·d^(−1/2)·min(s^(−1/2), s·w^(−3/2)) in step s = t + 1.
 *
 * lr₀, the optimizer's own, is 1 in the paper. Throws an ArgumentError if d or w is not a whole number, at least 1.
 * Vaswani et al., Attention is all you need, 2017, section 5.3.
 *
 * ```ts
 * const optimizer = new Adam([new Parameter(tensor([1]))], { lr: 1, betas: [0.9, 0.98], eps: 1e-9 });
 * const schedule = new NoamLR(optimizer, { dModel: 512, numWarmupSteps: 4000 });
 * schedule.getLastLr()[0].toExponential(3); // "1.747e-7"
 * for (let batch = 1; batch < 4000; batch++) schedule.step();
 * schedule.getLastLr()[0].toExponential(3); // "6.988e-4"
 * ```
 */
export class NoamLR extends LRScheduler {
  constructor(optimizer: Grouped, { dModel, numWarmupSteps }: NoamLROptions) {
    requireWhole("NoamLR: dModel", dModel);
    requireWhole("NoamLR: numWarmupSteps", numWarmupSteps);
    super(optimizer, ({ t, initialLr }) => {
      const s = t + 1;
      return initialLr * dModel ** -0.5 * Math.min(s ** -0.5, s * numWarmupSteps ** -1.5);
    });
  }
}

export interface InverseSquareRootLROptions {
  /** w: steps until the initial rate is reached */
  numWarmupSteps: number;
}

/**
 * Raises the learning rate along a line, then lowers it with the root of the step: lr = lr₀·t / w while t < w, then
 * lr₀·√(w / t).
 *
 * Throws an ArgumentError if `numWarmupSteps` is not a whole number, at least 1.
 * Ott et al., fairseq: a fast, extensible toolkit for sequence modeling, 2019.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new InverseSquareRootLR(optimizer, { numWarmupSteps: 2 });
 * const rates = [];
 * for (let batch = 0; batch < 9; batch++) {
 *   rates.push(...schedule.getLastLr());
 *   schedule.step();
 * }
 * [rates[1], rates[2], rates[8]]; // [ 0.5, 1, 0.5 ]
 * ```
 */
export class InverseSquareRootLR extends LRScheduler {
  constructor(optimizer: Grouped, { numWarmupSteps }: InverseSquareRootLROptions) {
    requireWhole("InverseSquareRootLR: numWarmupSteps", numWarmupSteps);
    super(optimizer, ({ t, initialLr }) => {
      const factor = t < numWarmupSteps ? t / numWarmupSteps : Math.sqrt(numWarmupSteps / t);
      return initialLr * factor;
    });
  }
}
