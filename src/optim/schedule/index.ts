export {
  ChainedScheduler,
  SequentialLR,
  type SequentialLROptions,
} from "./combine.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine.ts";
export { CyclicLR, type CyclicLROptions, OneCycleLR, type OneCycleLROptions } from "./cycle.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  ExponentialLR,
  type ExponentialLROptions,
  LinearLR,
  type LinearLROptions,
  MultiStepLR,
  type MultiStepLROptions,
  PolynomialLR,
  type PolynomialLROptions,
  StepLR,
  type StepLROptions,
} from "./decay.ts";
export { type Factor, LambdaLR, type LambdaLROptions, MultiplicativeLR } from "./lambda.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./plateau.ts";
export { LRScheduler, type Moment, type PerGroup, type ValueAt } from "./schedule.ts";
export { SWALR, type SWALROptions } from "./swa.ts";
export {
  InverseSquareRootLR,
  type InverseSquareRootLROptions,
  NoamLR,
  type NoamLROptions,
  WarmupCosineLR,
  type WarmupCosineLROptions,
  WarmupLinearLR,
  type WarmupLROptions,
} from "./warmup.ts";
