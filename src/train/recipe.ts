import { RecipeError } from "../core/errors.ts";
import type { Dataset } from "../data/index.ts";
import type { Module } from "../nn/index.ts";
import type { LRScheduler, Optimizer } from "../optim/index.ts";
import type { DType, Tensor } from "../tensor/index.ts";

/** What can be changed from the command line: numbers, strings and booleans, the first four of these among them. */
export interface Settings {
  epochs: number;
  batchSize: number;
  lr: number;
  seed: number;
  /** threads that make batches ahead; 0 by default */
  numWorkers?: number;
}

/** What belongs to an input: one label, or boxes and their classes, or nothing. */
export type Targets = readonly Tensor[];

export type Examples<T extends Targets = readonly [target: Tensor]> = Dataset<readonly [input: Tensor, ...targets: T]>;

/** A module of one input. */
export type Model<Output = Tensor> = Module & { forward(x: Tensor): Output };

/** What one example looks like to the model; a picture of pixels in [0, 1] is normalized to (pixel − mean) / std. */
export interface InputDescription {
  /** of one example, without the batch: [1, 28, 28] */
  shape: readonly number[];
  /** f32 by default; tokens are "i32" */
  dtype?: DType;
  mean?: number;
  std?: number;
}

/** Examples ─► how well a model does on them; undefined if the signal was aborted before the end. */
export type Measure<T extends Targets = Targets> = {
  // A method's type: what measures on labels is then a Measure among others, as a recipe with labels is a Recipe.
  of(examples: Examples<T>, signal?: AbortSignal): Promise<number | undefined>;
}["of"];

/** What a recipe's models are judged by. */
export interface Score<T extends Targets = Targets, M = Module, S = Settings> {
  /** as it is printed, and the key in metrics.jsonl */
  name: string;
  /** how it is printed: a share from 0 to 1 as a percentage (the default), or any number as it is */
  format?: "percent" | "number";
  of(model: M, settings: S): Measure<T>;
}

/** An experiment that the command can train, resume, evaluate and predict with. */
export interface Recipe<S extends Settings = Settings, T extends Targets = Targets, M extends Module = Module> {
  name: string;
  /** one line, shown in lists */
  description: string;
  defaults: S;
  /** the settings of `--quick`: a minute or less, to see that learning works */
  quick?: Partial<S>;
  /** for `summary`, and for `predict` and `explain` of pictures */
  input?: InputDescription;
  /** the names of the classes, for `predict`; their numbers by default */
  classes?: readonly string[];
  data(settings: S): Promise<{ train: Examples<T>; test: Examples<T> }>;
  /** whether each epoch takes the training examples in an order of its own; true by default */
  shuffle?: boolean;
  model(settings: S): M;
  optimizer(model: M, settings: S): Optimizer;
  /** stepped after each step of the optimizer, of which there are `steps` in all; none by default */
  schedule?(optimizer: Optimizer, steps: number, settings: S): LRScheduler;
  /** of `model.forward(x)` */
  loss?(output: ReturnType<NoInfer<M>["forward"]>, ...targets: NoInfer<T>): Tensor;
  /** the loss of a batch, in the place of `loss`, for models that need more than x: teacher forcing, an adversary */
  trainingStep?(model: M, x: Tensor, ...targets: T): Tensor;
  /** accuracy by default; with `trainingStep` there is no default */
  score?: Score<T, M, S>;
  /** what there is to see after an epoch, files by name: texts (.txt), which are printed too, and pictures (.svg) */
  samples?(model: M, settings: S): Promise<Readonly<Record<string, string>>>;
  /** the answer of a trained model to a text, piece by piece, for `chainrule predict` */
  predict?(model: M, text: string, settings: S): AsyncIterable<string>;
}

const recipes = new WeakSet<object>();

/**
 * Declares a recipe: the default export of a file that `chainrule train <file>` runs.
 *
 * Throws a RecipeError if a part is missing or a default is out of its domain.
 *
 * ```ts
 * export default defineRecipe({
 *   name: "linear",
 *   description: "a straight line through the digits",
 *   defaults: { epochs: 1, batchSize: 64, lr: 0.1, seed: 0 },
 *   input: { shape: [1, 28, 28] },
 *   data: async () => ({ train: await mnist({ train: true }), test: await mnist({ train: false }) }),
 *   model: () => new Sequential(new Flatten(), new Linear(784, 10)),
 *   optimizer: (model, { lr }) => new SGD(model.parameters(), { lr }),
 *   loss: crossEntropy,
 * });
 * ```
 */
// Without T's default, TypeScript would hold `loss: crossEntropy` against any number of targets.
export function defineRecipe<S extends Settings, M extends Module, T extends Targets = [target: Tensor]>(
  recipe: Recipe<S, T, M>,
): Recipe<S, T, M> {
  const { name } = recipe;
  requireName("recipe", name);
  for (const part of ["data", "model", "optimizer"] as const) {
    if (typeof recipe[part] !== "function") throw new RecipeError(`recipe "${name}" has no function \`${part}\`.`);
  }
  if ((recipe.loss === undefined) === (recipe.trainingStep === undefined)) {
    throw new RecipeError(`recipe "${name}" needs one of \`loss\` and \`trainingStep\`.`);
  }
  if (recipe.trainingStep && !recipe.score) throw new RecipeError(`recipe "${name}" has no \`score: { name, of }\`.`);
  if (recipe.input && !Array.isArray(recipe.input.shape)) {
    throw new RecipeError(`recipe "${name}" has no \`shape\` in its \`input\`.`);
  }
  const wrong = wrongSetting(recipe.defaults ?? {}) ?? wrongSetting({ ...recipe.defaults, ...recipe.quick });
  if (wrong) throw new RecipeError(`recipe "${name}": ${wrong}.`);
  const taken = ["epoch", "step", "loss", "seconds", "event", "model", "examples"]; // what stands beside it
  if (recipe.score && taken.includes(recipe.score.name)) {
    throw new RecipeError(`recipe "${name}": its score cannot be called "${recipe.score.name}".`);
  }
  recipes.add(recipe);
  return recipe;
}

/** Whether a module's default export came from {@link defineRecipe}. */
export const isRecipe = (value: unknown): value is Recipe =>
  typeof value === "object" && value !== null && recipes.has(value);

/** Throws a RecipeError unless folders can be called so. */
export function requireName(kind: "recipe" | "comparison" | "sample", name: unknown): void {
  if (typeof name === "string" && /^[\w.-]+$/.test(name)) return;
  throw new RecipeError(
    `a ${kind}'s name is made of letters, digits, "-", "_" and ".", but got ${JSON.stringify(name)}.`,
  );
}

/** What is wrong with the four settings that every recipe has, as the end of a sentence; undefined if nothing is. */
export function wrongSetting({ epochs, batchSize, lr, seed }: Partial<Settings>): string | undefined {
  if (!isWhole(epochs, 1)) return `epochs must be a whole number from 1, but got ${epochs}`;
  if (!isWhole(batchSize, 1)) return `batchSize must be a whole number from 1, but got ${batchSize}`;
  if (!(typeof lr === "number" && lr >= 0 && lr < Number.POSITIVE_INFINITY))
    return `lr must be a number from 0, but got ${lr}`;
  return wrongSeed(seed);
}

/** What is wrong with a seed; undefined if nothing is. */
export function wrongSeed(seed: unknown): string | undefined {
  if (isWhole(seed, 0) && seed <= 0xffffffff) return undefined;
  return `seed must be a whole number from 0 to 4294967295, but got ${seed}`;
}

const isWhole = (value: unknown, from: number): value is number => Number.isInteger(value) && (value as number) >= from;
