import { currentDevice, setDevice } from "../runtime/select.ts";
import { scoreOf } from "../train/index.ts";
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
  const { name, of } = scoreOf(recipe);
  const score = (await of(model, settings)(test))!;
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ event: "eval", model: path, examples: test.length, [name]: score })}\n`);
  else process.stdout.write(`test ${name} ${(100 * score).toFixed(2)} %  (${test.length} examples, ${path})\n`);
}
