import { RecipeError } from "../core/errors.ts";
import type { Dataset } from "../data/index.ts";
import type { Module } from "../nn/index.ts";
import type { Optimizer } from "../optim/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** What can be changed from the command line: numbers, strings and booleans, these four among them. */
export interface Settings {
  epochs: number;
  batchSize: number;
  lr: number;
  seed: number;
}

export type Examples = Dataset<readonly [input: Tensor, target: Tensor]>;

/** A module of one input and one output. */
export type Model = Module & { forward(x: Tensor): Tensor };

/** What one example looks like to the model; a picture of pixels in [0, 1] is normalized to (pixel − mean) / std. */
export interface InputDescription {
  /** of one example, without the batch: [1, 28, 28] */
  shape: readonly number[];
  mean?: number;
  std?: number;
}

/** An experiment that the command can train, resume, evaluate and predict with. */
export interface Recipe<S extends Settings = Settings> {
  name: string;
  /** one line, shown in lists */
  description: string;
  defaults: S;
  input: InputDescription;
  data: (settings: S) => Promise<{ train: Examples; test: Examples }>;
  model: (settings: S) => Model;
  optimizer: (model: Model, settings: S) => Optimizer;
  loss: (output: Tensor, target: Tensor) => Tensor;
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
export function defineRecipe<S extends Settings>(recipe: Recipe<S>): Recipe<S> {
  const { name } = recipe;
  if (typeof name !== "string" || !/^[\w.-]+$/.test(name)) {
    throw new RecipeError(
      `a recipe's name is made of letters, digits, "-", "_" and ".", but got ${JSON.stringify(name)}.`,
    );
  }
  for (const part of ["data", "model", "optimizer", "loss"] as const) {
    if (typeof recipe[part] !== "function") throw new RecipeError(`recipe "${name}" has no function \`${part}\`.`);
  }
  if (!Array.isArray(recipe.input?.shape)) throw new RecipeError(`recipe "${name}" has no \`input: { shape }\`.`);
  const wrong = wrongSetting(recipe.defaults ?? {});
  if (wrong) throw new RecipeError(`recipe "${name}": ${wrong}.`);
  recipes.add(recipe);
  return recipe;
}

/** Whether a module's default export came from {@link defineRecipe}. */
export const isRecipe = (value: unknown): value is Recipe =>
  typeof value === "object" && value !== null && recipes.has(value);

/** What is wrong with the four settings that every recipe has, as the end of a sentence; undefined if nothing is. */
export function wrongSetting({ epochs, batchSize, lr, seed }: Partial<Settings>): string | undefined {
  const whole = (value: unknown, from: number) => Number.isInteger(value) && (value as number) >= from;
  if (!whole(epochs, 1)) return `epochs must be a whole number from 1, but got ${epochs}`;
  if (!whole(batchSize, 1)) return `batchSize must be a whole number from 1, but got ${batchSize}`;
  if (!(typeof lr === "number" && lr >= 0 && lr < Number.POSITIVE_INFINITY))
    return `lr must be a number from 0, but got ${lr}`;
  if (!whole(seed, 0) || seed! > 0xffffffff) return `seed must be a whole number from 0 to 4294967295, but got ${seed}`;
  return undefined;
}
