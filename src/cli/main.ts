#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { ACTIVATIONS } from "../nn/index.ts";
import { currentDevice, describeDevices, devices } from "../runtime/select.ts";
import { wrongSetting } from "../train/index.ts";
import type { CompareFlags } from "./compare.ts";
import type { OptimizerFlags } from "./compare-optimizers/command.ts";
import { CONTENDERS } from "./compare-optimizers/contenders.ts";
import { report, UsageError } from "./errors.ts";
import { evaluateCommand } from "./evaluate.ts";
import { type ExplainFlags, explainCommand } from "./explain.ts";
import { comparisonNames, loadRecipe, recipeNames } from "./load-recipe.ts";
import { PACKAGE } from "./places.ts";
import type { PlotFlags } from "./plot.ts";
import type { PlotScheduleFlags } from "./plot-schedule.ts";
import { predictCommand } from "./predict.ts";
import { SCHEDULES } from "./schedules.ts";
import { collectSetting, overrideSettings } from "./settings.ts";
import { type TrainFlags, trainCommand } from "./train.ts";
import { tuneKernelsCommand } from "./tune-kernels.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as { version: string };

const program = new Command("chainrule")
  .description("Deep learning for TypeScript: train, test and use models.")
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "error[E_USAGE] ")) })
  .hook("preAction", (_, command) => {
    // Read by the runtime when its first thread starts, which is later.
    const { threads } = command.opts<{ threads?: number }>();
    if (threads !== undefined) process.env.CHAINRULE_THREADS = String(threads);
  });

/** A command with the options that all which compute have. */
function computing(name: string): Command {
  return program
    .command(name)
    .addOption(new Option("--device <name>", "where to compute").choices(["auto", ...devices()]))
    .option("--threads <n>", "threads to compute with (all cores)", wholeNumber("--threads", 1))
    .option("--json", "print JSON lines");
}

computing("train")
  .description("train a recipe; Ctrl-C saves, --resume goes on")
  .argument("[recipe]", `${recipeNames().join(", ")}, or the path of your own`)
  .option("--resume [run]", "go on with a run (the latest one)")
  .option("--quick", "the recipe's settings for a minute, to see that learning works")
  .option("--epochs <n>", "passes over the training set")
  .option("--seed <n>", "of everything random")
  .option("--set <key=value>", "another setting of the recipe; may be repeated", collectSetting)
  .action(async (recipe: string | undefined, flags: TrainFlags) => {
    process.exitCode = await trainCommand(recipe, flags);
  });

computing("eval")
  .description("accuracy of a trained model on the test set, or what else its recipe is judged by")
  .argument("[run]", "a run's folder or a model's file (the latest run)")
  .action(evaluateCommand);

computing("predict")
  .description("recognise the digit in a picture, or answer a text as the recipe's models do")
  .argument("<input>", "a PNG or JPEG file, or a text")
  .option("--model <path>", "a model's file or a run's folder (the latest run)")
  .option("--set <key=value>", "another setting of a recipe that answers texts; may be repeated", collectSetting)
  .action(predictCommand);

computing("explain")
  .description(
    "an HTML page of what a trained classifier looks at: filters, feature maps, saliency, Grad-CAM, occlusion",
  )
  .option("--model <path>", "a model's file or a run's folder (the latest run)")
  .option("--examples <numbers>", "of the test set, by commas", wholeNumbers("--examples"), [0, 1, 2, 3])
  .option("--layer <name>", "for Grad-CAM; the last convolution by default")
  .option("--out <file>", "the page", "explain.html")
  .action(async (flags: ExplainFlags) => await explainCommand(flags));

program
  .command("summary")
  .description("layers, shapes and parameters of a recipe's model")
  .argument("<recipe>", `${recipeNames().join(", ")}, or the path of your own`)
  .option("--set <key=value>", "another setting of the recipe; may be repeated", collectSetting)
  .action(async (name: string, { set }: { set?: ReadonlyMap<string, string> }) => {
    const { recipe } = await loadRecipe(name);
    const model = recipe.model(overrideSettings(recipe.defaults, set ?? new Map(), wrongSetting));
    if (!recipe.input) throw new UsageError(`the recipe ${recipe.name} does not say what its model takes (\`input\`).`);
    const { shape, dtype } = recipe.input;
    process.stdout.write(`${model.summary([1, ...shape], { dtype })}\n`);
  });

const plot = program.command("plot").description("draw curves as SVG");

plot
  .command("activation")
  .description("activations of one number, in one picture; --json prints the numbers too")
  .argument("<names...>", Object.keys(ACTIVATIONS).join(", "))
  .option("--from <x>", "where the curves begin", finite("--from"), -5)
  .option("--to <x>", "where they end", finite("--to"), 5)
  .option("--derivative", "their derivatives beside them")
  .option("--out <file>", "the picture", "activations.svg")
  .option("--json", "print JSON lines")
  .action(async (names: string[], flags: PlotFlags) => {
    const { plotActivationCommand } = await import("./plot.ts"); // Observable Plot takes a quarter of a second to load
    await plotActivationCommand(names, flags);
  });

plot
  .command("schedule")
  .description("learning rates of schedules, in one picture; --json prints the numbers too")
  .argument("<schedules...>", `${Object.keys(SCHEDULES).join(", ")}, with options as "StepLR stepSize=30 gamma=0.5"`)
  .option("--steps <n>", "how many steps", wholeNumber("--steps", 1), 100)
  .option("--lr <rate>", "the initial rate", finite("--lr"), 0.1)
  .option("--out <file>", "the picture", "schedules.svg")
  .option("--json", "print JSON lines")
  .action(async (schedules: string[], flags: PlotScheduleFlags) => {
    const { plotScheduleCommand } = await import("./plot-schedule.ts"); // as above
    await plotScheduleCommand(schedules, flags);
  });

program
  .command("devices")
  .description("where chainrule can compute here, best first (* in use, - not possible)")
  .option("--json", "print JSON lines")
  .action(({ json }: { json?: boolean }) => {
    const { devices, auto, reason } = describeDevices();
    const { name: chosen } = currentDevice();
    const print = (event: object, text: string) => process.stdout.write(`${json ? JSON.stringify(event) : text}\n`);
    for (const device of devices) {
      const mark = device.name === chosen ? "*" : device.available ? " " : "-";
      print(
        { event: "device", ...device, chosen: device.name === chosen },
        `${mark} ${device.name.padEnd(6)}  ${device.description}`,
      );
    }
    print({ event: "auto", name: auto, reason }, `auto takes ${auto}: ${reason}.`);
  });

computing("compare")
  .description("train several models and hold them against one another: a table, a chart, and what follows")
  .argument("<comparison>", `${comparisonNames().join(", ")}, or the path of your own`)
  .option("--quick", "the comparison's settings for a minute, to see that learning works")
  .option("--seed <n>", "of everything random")
  .option("--set <key=value>", "another setting of the comparison; may be repeated", collectSetting)
  .action(async (name: string, flags: CompareFlags) => {
    const { compareCommand } = await import("./compare.ts"); // as above
    process.exitCode = await compareCommand(name, flags);
  });

computing("compare-optimizers")
  .description("train the digits with every optimizer; a table, loss curves, and paths on surfaces as SVG")
  .argument("[names...]", `${CONTENDERS.map(({ name }) => name).join(", ")} (all)`)
  .option("--passes <n>", "over the training set, instead of each one's own", wholeNumber("--passes", 1))
  .option("--seed <n>", "of weights and batches", wholeNumber("--seed", 0), 0)
  .option("--out <folder>", "where the pictures go", "compare-optimizers")
  .action(async (names: string[], flags: OptimizerFlags) => {
    const { compareOptimizers } = await import("./compare-optimizers/command.ts"); // as above
    process.exitCode = await compareOptimizers(names, flags);
  });

program
  .command("tune-kernels")
  .description("search the fastest block sizes for this machine; results stay the same bits")
  .option("--json", "print JSON lines")
  .action(tuneKernelsCommand);

function wholeNumbers(flag: string): (text: string) => number[] {
  const one = wholeNumber(flag, 0);
  return (text) => text.split(",").map(one);
}

function finite(flag: string): (text: string) => number {
  return (text) => {
    const x = Number(text);
    if (text.trim() === "" || !Number.isFinite(x)) throw new UsageError(`${flag} must be a number, but got "${text}".`);
    return x;
  };
}

function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (text.trim() !== "" && Number.isInteger(n) && n >= least) return n;
    throw new UsageError(`${flag} must be a whole number from ${least}, but got "${text}".`);
  };
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
