export { accuracyOf } from "./evaluate.ts";
export {
  defineRecipe,
  type Examples,
  type InputDescription,
  isRecipe,
  type Model,
  type Recipe,
  type Settings,
  wrongSetting,
} from "./recipe.ts";
export { type EpochResult, RunFolder, type RunInfo } from "./run-folder.ts";
export { type Progress, type TrainOptions, train } from "./train.ts";
