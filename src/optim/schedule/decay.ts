import type { Grouped } from "../group.ts";
import { LRScheduler, requireShare, requireWhole, scaled } from "./schedule.ts";

export interface StepLROptions {
  /** steps between two decays */
  stepSize: number;
  /** what the rate is multiplied by; 0.1 by default */
  gamma?: number;
}

/**
 * Decays the learning rate every `stepSize` steps: lr = lr₀·γ^⌊t / stepSize⌋.
 *
 * Throws an ArgumentError if `stepSize` is not a whole number, at least 1.
 * Goodfellow, Bengio and Courville, Deep learning, 2016, section 8.3.1.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new StepLR(optimizer, { stepSize: 3, gamma: 0.5 });
 * for (let epoch = 0; epoch < 7; epoch++) schedule.step();
 * schedule.getLastLr(); // [ 0.25 ]
 * ```
 */
export class StepLR extends LRScheduler {
  constructor(optimizer: Grouped, { stepSize, gamma = 0.1 }: StepLROptions) {
    requireWhole("StepLR: stepSize", stepSize);
    super(
      optimizer,
      scaled((t) => gamma ** Math.floor(t / stepSize)),
    );
  }
}

export interface MultiStepLROptions {
  /** the steps that decay the rate; one that stands here twice does it twice */
  milestones: readonly number[];
  /** what the rate is multiplied by; 0.1 by default */
  gamma?: number;
}

/**
 * Decays the learning rate at milestones: lr = lr₀·γⁿ, where n of them are at most t.
 *
 * Throws an ArgumentError if a milestone is not a whole number, at least 0.
 * He et al., Deep residual learning for image recognition, 2016.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new MultiStepLR(optimizer, { milestones: [2, 3], gamma: 0.5 });
 * for (let epoch = 0; epoch < 7; epoch++) schedule.step();
 * schedule.getLastLr(); // [ 0.25 ]
 * ```
 */
export class MultiStepLR extends LRScheduler {
  constructor(optimizer: Grouped, { milestones, gamma = 0.1 }: MultiStepLROptions) {
    for (const milestone of milestones) requireWhole("MultiStepLR: a milestone", milestone, 0);
    super(
      optimizer,
      scaled((t) => gamma ** milestones.filter((milestone) => milestone <= t).length),
    );
  }
}

export interface ExponentialLROptions {
  /** what the rate is multiplied by in every step */
  gamma: number;
}

/**
 * Decays the learning rate in every step: lr = lr₀·γᵗ.
 *
 * PyTorch documentation, torch.optim.lr_scheduler.ExponentialLR.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
 * for (let epoch = 0; epoch < 3; epoch++) schedule.step();
 * schedule.getLastLr(); // [ 0.125 ]
 * ```
 */
export class ExponentialLR extends LRScheduler {
  constructor(optimizer: Grouped, { gamma }: ExponentialLROptions) {
    super(
      optimizer,
      scaled((t) => gamma ** t),
    );
  }
}

export interface ConstantLROptions {
  /** the part of the rate that is used at first, within [0, 1]; 1/3 by default */
  factor?: number;
  /** how many steps it is used for; 5 by default */
  totalIters?: number;
}

/**
 * Uses a part of the learning rate at first: lr = lr₀·factor while t < totalIters, then lr₀.
 *
 * Throws an ArgumentError if `factor` is outside of [0, 1] or `totalIters` not a whole number, at least 1.
 * He et al., Deep residual learning for image recognition, 2016, section 4.2.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new ConstantLR(optimizer, { factor: 0.25, totalIters: 2 });
 * schedule.getLastLr(); // [ 0.25 ]
 * schedule.step();
 * schedule.step();
 * schedule.getLastLr(); // [ 1 ]
 * ```
 */
export class ConstantLR extends LRScheduler {
  constructor(optimizer: Grouped, { factor = 1 / 3, totalIters = 5 }: ConstantLROptions = {}) {
    requireShare("ConstantLR: factor", factor);
    requireWhole("ConstantLR: totalIters", totalIters);
    super(
      optimizer,
      scaled((t) => (t < totalIters ? factor : 1)),
    );
  }
}

export interface LinearLROptions {
  /** the part of the rate in step 0, within [0, 1]; 1/3 by default */
  startFactor?: number;
  /** the part of the rate at the end, within [0, 1]; 1 by default */
  endFactor?: number;
  /** how many steps lie between them; 5 by default */
  totalIters?: number;
}

/**
 * Moves the learning rate along a line: lr = lr₀·(start + (end − start)·min(t, T) / T) with T = totalIters.
 *
 * Throws an ArgumentError if a factor is outside of [0, 1] or `totalIters` not a whole number, at least 1.
 * Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, section 2.2.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new LinearLR(optimizer, { startFactor: 0.5, totalIters: 4 });
 * schedule.step();
 * schedule.getLastLr(); // [ 0.625 ]
 * ```
 */
export class LinearLR extends LRScheduler {
  constructor(optimizer: Grouped, options: LinearLROptions = {}) {
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    requireShare("LinearLR: startFactor", startFactor);
    requireShare("LinearLR: endFactor", endFactor);
    requireWhole("LinearLR: totalIters", totalIters);
    super(
      optimizer,
      scaled((t) => startFactor + ((endFactor - startFactor) * Math.min(t, totalIters)) / totalIters),
    );
  }
}

export interface PolynomialLROptions {
  /** how many steps the decay takes; 5 by default */
  totalIters?: number;
  /** p; 1 by default */
  power?: number;
}

/**
 * Decays the learning rate to 0 by a polynomial: lr = lr₀·(1 − min(t, T) / T)ᵖ with T = totalIters.
 *
 * Throws an ArgumentError if `totalIters` is not a whole number, at least 1.
 * Chen et al., DeepLab: semantic image segmentation with deep convolutional nets, 2018, section 4.1.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new PolynomialLR(optimizer, { totalIters: 4, power: 2 });
 * schedule.step();
 * schedule.getLastLr(); // [ 0.5625 ]
 * ```
 */
export class PolynomialLR extends LRScheduler {
  constructor(optimizer: Grouped, { totalIters = 5, power = 1 }: PolynomialLROptions = {}) {
    requireWhole("PolynomialLR: totalIters", totalIters);
    super(
      optimizer,
      scaled((t) => (1 - Math.min(t, totalIters) / totalIters) ** power),
    );
  }
}
