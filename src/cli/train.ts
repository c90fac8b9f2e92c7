import { resolve } from "node:path";
import { currentDevice, setDevice } from "../runtime/select.ts";
import { type EpochResult, type Recipe, RunFolder, train } from "../train/index.ts";
import { err, out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { commandLine } from "./invocation.ts";
import { loadRecipe, recipeNames, referenceOf } from "./load-recipe.ts";
import { RUNS, samplePicture } from "./places.ts";
import { duration, ProgressBar } from "./progress.ts";
import { overrideSettings } from "./settings.ts";
import { Interruption } from "./signals.ts";

export interface TrainFlags {
  /** true: the latest run */
  resume?: string | true;
  epochs?: string;
  seed?: string;
  set?: ReadonlyMap<string, string>;
  device?: string;
  json?: boolean;
}

/** `chainrule train`: gives the exit code. */
export async function trainCommand(name: string | undefined, flags: TrainFlags): Promise<number> {
  const overrides = new Map(flags.set);
  for (const key of ["epochs", "seed"] as const) if (flags[key] !== undefined) overrides.set(key, flags[key]);
  const { recipe, run } = flags.resume
    ? await reopen(name, flags.resume, overrides, flags.device)
    : await begin(name, overrides, flags.device);
  const { settings } = run.info;
  const emit = (event: string, fields: object) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
  const say = (line: string) => process.stderr.write(`${line}\n`);

  say(`${err.bold(recipe.name)}  ${recipe.description}`);
  say(err.dim(`device    ${currentDevice().description}`));
  say(
    err.dim(
      `settings  ${Object.entries(settings)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ")}`,
    ),
  );
  say(err.dim(`run       ${run.path}`));
  if (flags.json) emit("start", { run: run.path, recipe: run.info.recipe, device: run.info.device, settings });

  let bar: ProgressBar | undefined;
  const interruption = new Interruption(() => {
    bar?.hide();
    say("stopping after this step and saving; Ctrl-C again stops at once");
  });
  const onEpoch = (result: EpochResult) => {
    bar?.hide();
    if (flags.json) emit("epoch", result);
    else process.stdout.write(`${epochLine(result, settings.epochs)}\n`);
  };
  let finished: boolean;
  try {
    finished = await train(recipe, run, {
      signal: interruption.signal,
      onStart: (progress, examples) => {
        bar = new ProgressBar(settings, examples);
        if (progress.step > 0) say(err.dim(`resumed   after step ${progress.step}`));
        if (progress.history.length < settings.epochs) bar.show(progress, "compiling");
      },
      onStep: (progress) => {
        if (!interruption.signal.aborted) bar?.show(progress);
      },
      onEpoch,
      onDamaged: (reason) => say(`${err.yellow("warning")} ${reason} Trying the checkpoint before it.`),
    });
  } finally {
    bar?.hide();
    interruption.release();
  }

  const resume = commandLine("train", "--resume", run.path);
  if (!finished) {
    if (flags.json) emit("interrupted", { run: run.path, resume });
    say(`saved. To go on:\n  ${err.bold(resume)}`);
    return interruption.exitCode;
  }
  if (flags.json) emit("done", { run: run.path, model: run.model });
  else process.stdout.write(`saved ${out.bold(run.model)}\n${nextSteps(recipe, run)}\n`);
  return 0;
}

interface Prepared {
  readonly recipe: Recipe;
  readonly run: RunFolder;
}

async function begin(
  name: string | undefined,
  overrides: ReadonlyMap<string, string>,
  device = "auto",
): Promise<Prepared> {
  if (!name) throw new UsageError(`train needs a recipe: ${recipeNames().join(", ")}, or the path of your own.`);
  const { recipe, reference } = await loadRecipe(name);
  const settings = overrideSettings(recipe.defaults, overrides);
  setDevice(device);
  const info = { recipe: reference, settings, device: currentDevice().name, created: new Date().toISOString() };
  return { recipe, run: await RunFolder.create(RUNS, recipe.name, info) };
}

/** A run goes on with its own recipe and settings; only `epochs` may change. */
async function reopen(
  name: string | undefined,
  which: string | true,
  overrides: ReadonlyMap<string, string>,
  device: string | undefined,
): Promise<Prepared> {
  const reference = name && referenceOf(name);
  const run = which === true ? await RunFolder.latest(RUNS, reference) : await RunFolder.open(which);
  if (!run) throw new UsageError(`there is no run${name ? ` of ${name}` : ""} to resume in ${resolve(RUNS)}.`);
  if (reference && run.info.recipe !== reference) {
    throw new UsageError(`${run.path} is a run of ${run.info.recipe}, not of ${name}.`);
  }
  const changed = [...overrides.keys()].find((key) => key !== "epochs");
  if (changed) throw new UsageError(`a run goes on with its own settings: only epochs can be changed, not ${changed}.`);
  setDevice(device ?? run.info.device);
  if (currentDevice().name !== run.info.device) {
    process.stderr.write(
      `${err.yellow("warning")} the run began on ${run.info.device}: results differ in the last bits\n`,
    );
  }
  const { recipe } = await loadRecipe(run.info.recipe);
  const settings = overrideSettings(run.info.settings, overrides);
  return { recipe, run: overrides.size > 0 ? await run.withSettings(settings) : run };
}

/** Three commands that make sense now. */
function nextSteps(recipe: Recipe, run: RunFolder): string {
  const steps = [
    recipe.input.shape.join() === "1,28,28"
      ? commandLine("predict", samplePicture())
      : commandLine("summary", run.info.recipe),
    commandLine("eval", run.path),
    commandLine("train", "--resume", run.path, "--epochs", String(run.info.settings.epochs + 1)),
  ];
  return ["next:", ...steps.map((step) => `  ${step}`)].join("\n");
}

function epochLine({ epoch, loss, accuracy, seconds }: EpochResult, epochs: number): string {
  return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  test accuracy ${(100 * accuracy).toFixed(2)} %  ${duration(seconds)}`;
}
