/** Optimizers: what training does with gradients. */

export { Adam, type AdamOptions, type AdamSettings, AdamW } from "./adam.ts";
export {
  type Factors,
  type FactorsOf,
  type GroupOptions,
  Optimizer,
  ParamGroup,
  type ParamsOrGroups,
  type Setting,
  type Settings,
  type State,
  type Step,
  type Updated,
} from "./optimizer.ts";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.ts";
