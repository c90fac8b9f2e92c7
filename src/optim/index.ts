/** Optimizers: what training does with gradients. */

export { Adadelta, type AdadeltaOptions, type AdadeltaSettings } from "./adadelta.ts";
export { Adafactor, type AdafactorOptions, type AdafactorSettings } from "./adafactor.ts";
export { Adagrad, type AdagradOptions, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamOptions, type AdamSettings, AdamW } from "./adam.ts";
export { Adamax, type AdamaxOptions, type AdamaxSettings } from "./adamax.ts";
export {
  type Averageable,
  AveragedModel,
  type AveragedModelOptions,
  type AvgFn,
  getEmaAvgFn,
  getSwaAvgFn,
} from "./averaging.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip.ts";
export {
  type Constraint,
  maxNorm,
  type NormConstraintOptions,
  nonNegative,
  unitNorm,
} from "./constraint.ts";
export {
  type Grouped,
  type GroupOptions,
  type Operand,
  type Operands,
  ParamGroup,
  type ParamsOrGroups,
  type Schedulable,
  type Setting,
  type Settings,
  type SharedOptions,
  type SharedSettings,
} from "./group.ts";
export { LAMB, type LAMBOptions, type LAMBSettings } from "./lamb.ts";
export { LBFGS, type LBFGSOptions, type LBFGSSettings } from "./lbfgs.ts";
export { Lion, type LionOptions, type LionSettings } from "./lion.ts";
export { Muon, type MuonOptions, type MuonSettings } from "./muon.ts";
export { MuonAdamW, type MuonAdamWOptions, type MuonAdamWSettings } from "./muon-adamw.ts";
export { NAdam, type NAdamOptions, type NAdamSettings } from "./nadam.ts";
export { Nesterov, type NesterovOptions, type NesterovSettings } from "./nesterov.ts";
export { type Factors, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";
export { RAdam, type RAdamOptions, type RAdamSettings } from "./radam.ts";
export { RMSprop, type RMSpropOptions, type RMSpropSettings } from "./rmsprop.ts";
export { Rprop, type RpropOptions, type RpropSettings } from "./rprop.ts";
export * from "./schedule/index.ts";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.ts";
