/** Optimizers: what training does with gradients. */

export { Adam, type AdamOptions, type AdamSettings, AdamW } from "./adam.ts";
export {
  type Constraint,
  maxNorm,
  type NormConstraintOptions,
  nonNegative,
  unitNorm,
} from "./constraint.ts";
export {
  type Factors,
  type FactorsOf,
  type GroupOptions,
  type Operand,
  type Operands,
  Optimizer,
  ParamGroup,
  type ParamsOrGroups,
  type Schedulable,
  type Setting,
  type Settings,
  type SharedOptions,
  type SharedSettings,
  type State,
  type Step,
  type Updated,
} from "./optimizer.ts";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.ts";
