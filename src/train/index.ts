export {
  type Comparison,
  type ComparisonChart,
  type ComparisonSettings,
  type Conclusion,
  defineComparison,
  isComparison,
  type Row,
  type Stage,
} from "./comparison.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping.ts";
export { accuracyOf, formatScore, scoreOf } from "./evaluate.ts";
export { learningRateRangeTest, type RateTest, type RateTestOptions } from "./rate-test.ts";
export {
  defineRecipe,
  type Examples,
  type InputDescription,
  isRecipe,
  type Measure,
  type Model,
  type Recipe,
  type Score,
  type Settings,
  type Targets,
  wrongSeed,
  wrongSetting,
} from "./recipe.ts";
export { type EpochResult, newFolder, RunFolder, type RunInfo } from "./run-folder.ts";
export { type Progress, type TrainOptions, train } from "./train.ts";
export { updateBn } from "./update-bn.ts";
