export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping.ts";
export { accuracyOf } from "./evaluate.ts";
export { learningRateRangeTest, type RateTest, type RateTestOptions } from "./rate-test.ts";
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
export { updateBn } from "./update-bn.ts";
