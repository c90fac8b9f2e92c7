import { currentDevice, setDevice } from "../runtime/select.ts";
import { formatScore, scoreOf } from "../train/index.ts";
import { err } from "./colors.ts";
import { openModel } from "./model.ts";

/** `chainrule eval`: the accuracy on the test set, or what else the recipe is judged by. */
export async function evaluateCommand(
  run: string | undefined,
  flags: { device?: string; json?: boolean },
): Promise<void> {
  if (flags.device) setDevice(flags.device);
  process.stderr.write(err.dim(`device    ${currentDevice().description}\n`));
  const { recipe, settings, model, path } = await openModel(run);
  const { test } = await recipe.data(settings);
  const score = scoreOf(recipe);
  const reached = (await score.of(model, settings)(test))!;
  if (flags.json)
    process.stdout.write(
      `${JSON.stringify({ event: "eval", model: path, examples: test.length, [score.name]: reached })}\n`,
    );
  else process.stdout.write(`test ${score.name} ${formatScore(score, reached)}  (${test.length} examples, ${path})\n`);
}
