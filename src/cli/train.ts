import { resolve } from "node:path";
import { currentDevice, setDevice } from "../runtime/select.ts";
import { type Recipe, RunFolder, train, wrongSetting } from "../train/index.ts";
import { err } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { loadRecipe, recipeNames, referenceOf } from "./load-recipe.ts";
import { RUNS } from "./places.ts";
import { overrideSettings } from "./settings.ts";
import { Interruption } from "./signals.ts";
import { TrainOutput } from "./train-output.ts";

export interface TrainFlags {
  /** true: the latest run */
  resume?: string | true;
  epochs?: string;
  seed?: string;
  set?: ReadonlyMap<string, string>;
  quick?: boolean;
  device?: string;
  json?: boolean;
}

/** `chainrule train`: gives the exit code. */
export async function trainCommand(name: string | undefined, flags: TrainFlags): Promise<number> {
  const overrides = new Map(flags.set);
  for (const key of ["epochs", "seed"] as const) if (flags[key] !== undefined) overrides.set(key, flags[key]);
  const { recipe, run } = flags.resume
    ? await reopen(name, flags.resume, overrides, flags)
    : await begin(name, overrides, flags);
  const output = new TrainOutput(recipe, run, flags.json === true);
  const interruption = new Interruption(() => output.stopping());
  output.header();
  try {
    const finished = await train(recipe, run, {
      signal: interruption.signal,
      onStart: (progress, examples) => output.start(progress, examples),
      onStep: (progress) => output.step(progress),
      onEpoch: (result, samples) => output.epoch(result, samples),
      onDamaged: (reason) => output.damaged(reason),
    });
    output.end();
    if (finished) output.done();
    else output.interrupted();
    return finished ? 0 : interruption.exitCode;
  } finally {
    output.end();
    interruption.release();
  }
}

interface Prepared {
  readonly recipe: Recipe;
  readonly run: RunFolder;
}

async function begin(
  name: string | undefined,
  overrides: ReadonlyMap<string, string>,
  { quick, device }: TrainFlags,
): Promise<Prepared> {
  if (!name) throw new UsageError(`train needs a recipe: ${recipeNames().join(", ")}, or the path of your own.`);
  const { recipe, reference } = await loadRecipe(name);
  if (quick && !recipe.quick) throw new UsageError(`the recipe ${recipe.name} has no quick form.`);
  const settings = overrideSettings({ ...recipe.defaults, ...(quick && recipe.quick) }, overrides, wrongSetting);
  if (device) setDevice(device);
  const info = { recipe: reference, settings, device: currentDevice().name, created: new Date().toISOString() };
  return { recipe, run: await RunFolder.create(RUNS, recipe.name, info) };
}

/** A run goes on with its own recipe and settings; only `epochs` may change. */
async function reopen(
  name: string | undefined,
  which: string | true,
  overrides: ReadonlyMap<string, string>,
  { quick, device }: TrainFlags,
): Promise<Prepared> {
  const reference = name && referenceOf(name);
  const run = which === true ? await RunFolder.latest(RUNS, reference) : await RunFolder.open(which);
  if (!run) throw new UsageError(`there is no run${name ? ` of ${name}` : ""} to resume in ${resolve(RUNS)}.`);
  if (reference && run.info.recipe !== reference) {
    throw new UsageError(`${run.path} is a run of ${run.info.recipe}, not of ${name}.`);
  }
  const changed = quick ? "--quick" : [...overrides.keys()].find((key) => key !== "epochs");
  if (changed) throw new UsageError(`a run goes on with its own settings: only epochs can be changed, not ${changed}.`);
  setDevice(device ?? run.info.device);
  if (currentDevice().name !== run.info.device) {
    process.stderr.write(
      `${err.yellow("warning")} the run began on ${run.info.device}: results differ in the last bits\n`,
    );
  }
  const { recipe } = await loadRecipe(run.info.recipe);
  const settings = overrideSettings(run.info.settings, overrides, wrongSetting);
  return { recipe, run: overrides.size > 0 ? await run.withSettings(settings) : run };
}
