import { currentDevice, setDevice } from "../runtime/select.ts";
import { type Conclusion, wrongSeed } from "../train/index.ts";
import { CompareOutput } from "./compare-output.ts";
import { loadComparison } from "./load-recipe.ts";
import { overrideSettings } from "./settings.ts";
import { Interruption } from "./signals.ts";

export interface CompareFlags {
  quick?: boolean;
  seed?: string;
  set?: ReadonlyMap<string, string>;
  device?: string;
  json?: boolean;
}

/** `chainrule compare`: gives the exit code. */
export async function compareCommand(name: string, flags: CompareFlags): Promise<number> {
  const comparison = await loadComparison(name);
  const overrides = new Map(flags.set);
  if (flags.seed !== undefined) overrides.set("seed", flags.seed);
  const defaults = { ...comparison.defaults, ...(flags.quick && comparison.quick) };
  const settings = overrideSettings(defaults, overrides, ({ seed }) => wrongSeed(seed));
  if (flags.device) setDevice(flags.device);
  currentDevice(); // what it cannot do is said before anything else
  const interruption = new Interruption(() => output.stopping());
  const output = new CompareOutput(comparison, settings, interruption.signal, flags.json === true);
  output.header();
  let conclusion: Conclusion | undefined;
  try {
    conclusion = await comparison.run(settings, output);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  } finally {
    output.end();
    interruption.release();
  }
  await output.finish(conclusion);
  return interruption.exitCode;
}
