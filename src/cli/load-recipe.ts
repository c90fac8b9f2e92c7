import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";
import { RecipeError } from "../core/errors.ts";
import { isRecipe, type Recipe } from "../train/index.ts";
import { PACKAGE } from "./places.ts";

const RECIPES = fileURLToPath(new URL("recipes/", PACKAGE));

export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** as {@link referenceOf} */
  readonly reference: string;
}

/** The names of the recipes that come with chainrule. */
export function recipeNames(): string[] {
  const names = readdirSync(RECIPES).filter((name) => name.endsWith(".ts"));
  return names.map((name) => name.slice(0, -3)).sort();
}

/** What finds a recipe from any folder: a name stays, a path becomes absolute. */
export function referenceOf(nameOrPath: string): string {
  const isName = /^[\w.-]+$/.test(nameOrPath) && !/\.[cm]?[jt]s$/.test(nameOrPath);
  return isName ? nameOrPath : resolve(nameOrPath);
}

/**
 * Loads a recipe by name, or by the path of a TypeScript or JavaScript module whose default export it is.
 * What the module imports from "chainrule" is the library that this command runs.
 */
export async function loadRecipe(nameOrPath: string): Promise<LoadedRecipe> {
  const reference = referenceOf(nameOrPath);
  const path = isAbsolute(reference) ? reference : `${RECIPES}${reference}.ts`;
  if (!existsSync(path)) {
    throw new RecipeError(
      path !== reference
        ? `there is no recipe "${nameOrPath}"; there are ${recipeNames().join(", ")}. Your own is given by its path: ./${nameOrPath}.ts.`
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
  if (!isRecipe(loaded.default)) {
    throw new RecipeError(
      `the default export of ${path} is not a recipe: make it with \`export default defineRecipe({ … })\`, from "chainrule/train".`,
    );
  }
  return { recipe: loaded.default, reference };
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
