import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";
import { RecipeError } from "../core/errors.ts";
import { type Comparison, isComparison, isRecipe, type Recipe } from "../train/index.ts";
import { PACKAGE } from "./places.ts";

/** What a file in the folder declares, and by which function. */
interface Kind<T> {
  readonly name: string;
  readonly folder: string;
  readonly define: string;
  readonly is: (value: unknown) => value is T;
}

const RECIPE: Kind<Recipe> = {
  name: "recipe",
  folder: fileURLToPath(new URL("recipes/", PACKAGE)),
  define: "defineRecipe",
  is: isRecipe,
};

const COMPARISON: Kind<Comparison> = {
  name: "comparison",
  folder: fileURLToPath(new URL("recipes/comparisons/", PACKAGE)),
  define: "defineComparison",
  is: isComparison,
};

export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** as {@link referenceOf} */
  readonly reference: string;
}

/** The names of the recipes that come with chainrule. */
export const recipeNames = (): string[] => namesIn(RECIPE.folder);

/** The names of the comparisons that come with chainrule. */
export const comparisonNames = (): string[] => namesIn(COMPARISON.folder);

function namesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return names.map((name) => name.slice(0, -3)).sort();
}

/** What finds a recipe from any folder: a name stays, a path becomes absolute. */
export function referenceOf(nameOrPath: string): string {
  const isName = /^[\w.-]+$/.test(nameOrPath) && !/\.[cm]?[jt]s$/.test(nameOrPath);
  return isName ? nameOrPath : resolve(nameOrPath);
}

export async function loadRecipe(nameOrPath: string): Promise<LoadedRecipe> {
  return { recipe: await load(RECIPE, nameOrPath), reference: referenceOf(nameOrPath) };
}

export const loadComparison = (nameOrPath: string): Promise<Comparison> => load(COMPARISON, nameOrPath);

/**
 * Loads a recipe by name, or by the path of a TypeScript or JavaScript module whose default export it is; a comparison
 * likewise. What the module imports from "chainrule" is the library that this command runs.
 */
async function load<T>({ name, folder, define, is }: Kind<T>, nameOrPath: string): Promise<T> {
  const reference = referenceOf(nameOrPath);
  const path = isAbsolute(reference) ? reference : `${folder}${reference}.ts`;
  if (!existsSync(path)) {
    throw new RecipeError(
      path !== reference
        ? `there is no ${name} "${nameOrPath}"; there are ${namesIn(folder).join(", ")}. Your own is given by its path: ./${nameOrPath}.ts.`
        : `there is no file ${path}.`,
    );
  }
  const jiti = createJiti(import.meta.url, { virtualModules: await library(), interopDefault: false, fsCache: false });
  let loaded: { default?: unknown };
  try {
    loaded = await jiti.import(path);
  } catch (cause) {
    if (cause instanceof RecipeError) throw cause;
    throw new RecipeError(`cannot load ${path}: ${(cause as Error).message}`, { cause });
  }
  if (!is(loaded.default)) {
    throw new RecipeError(
      `the default export of ${path} is not a ${name}: make it with \`export default ${define}({ … })\`, from "chainrule/train".`,
    );
  }
  return loaded.default;
}

/** Every entry point of the package, by the name that a recipe imports it under. */
async function library(): Promise<Record<string, unknown>> {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as {
    exports: Record<string, string | { default: string }>;
  };
  const modules: Record<string, unknown> = {};
  for (const [name, target] of Object.entries(exports)) {
    if (typeof target !== "string")
      modules[`chainrule${name.slice(1)}`] = await import(new URL(target.default, PACKAGE).href);
  }
  return modules;
}
