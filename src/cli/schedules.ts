/** Schedules that options alone describe, without a function or a metric. */

import {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  InverseSquareRootLR,
  LinearLR,
  type LRScheduler,
  MultiStepLR,
  NoamLR,
  OneCycleLR,
  type Optimizer,
  PolynomialLR,
  StepLR,
  SWALR,
  WarmupCosineLR,
  WarmupLinearLR,
} from "../optim/index.ts";

/** Of a schedule; a list is written `milestones=30,60`. */
export type Options = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** A schedule, and what its options are in a training of so many steps where the command line does not say. */
export interface Example {
  readonly options: (steps: number, lr: number) => Options;
  readonly create: (optimizer: Optimizer, options: never) => LRScheduler;
}

const example =
  <O>(Class: new (optimizer: Optimizer, options: O) => LRScheduler) =>
  (options: (steps: number, lr: number) => O & Options): Example => ({
    options,
    create: (optimizer, own) => new Class(optimizer, own),
  });

const part = (steps: number, divisor: number): number => Math.max(1, Math.round(steps / divisor));

export const SCHEDULES: Readonly<Record<string, Example>> = {
  StepLR: example(StepLR)((n) => ({ stepSize: part(n, 4), gamma: 0.1 })),
  MultiStepLR: example(MultiStepLR)((n) => ({ milestones: [part(n, 2), part(3 * n, 4)], gamma: 0.1 })),
  ExponentialLR: example(ExponentialLR)((n) => ({ gamma: 0.01 ** (1 / n) })),
  ConstantLR: example(ConstantLR)((n) => ({ factor: 1 / 3, totalIters: part(n, 10) })),
  LinearLR: example(LinearLR)((n) => ({ startFactor: 1 / 3, endFactor: 1, totalIters: part(n, 10) })),
  PolynomialLR: example(PolynomialLR)((n) => ({ totalIters: n, power: 1 })),
  CosineAnnealingLR: example(CosineAnnealingLR)((n) => ({ tMax: n, etaMin: 0 })),
  CosineAnnealingWarmRestarts: example(CosineAnnealingWarmRestarts)((n) => ({ t0: part(n, 7), tMult: 2, etaMin: 0 })),
  CyclicLR: example(CyclicLR)((n, lr) => {
    const size = part(n, 8);
    return { baseLr: lr / 10, maxLr: lr, stepSizeUp: size, stepSizeDown: size, mode: "triangular", gamma: 1 };
  }),
  OneCycleLR: example(OneCycleLR)((n, lr) => {
    const shape = { pctStart: 0.3, annealStrategy: "cos", threePhase: false } as const;
    return { maxLr: lr, totalSteps: n, divFactor: 25, finalDivFactor: 1e4, ...shape };
  }),
  SWALR: example(SWALR)((n, lr) => ({ swaLr: lr / 10, annealEpochs: part(n, 2), annealStrategy: "cos" })),
  WarmupLinearLR: example(WarmupLinearLR)((n) => ({ numWarmupSteps: part(n, 10), numTrainingSteps: n })),
  WarmupCosineLR: example(WarmupCosineLR)((n) => ({
    ...{ numWarmupSteps: part(n, 10), numTrainingSteps: n },
    numCycles: 0.5,
  })),
  NoamLR: example(NoamLR)((n) => ({ dModel: 512, numWarmupSteps: part(n, 10) })),
  InverseSquareRootLR: example(InverseSquareRootLR)((n) => ({ numWarmupSteps: part(n, 10) })),
};
