import { tuneKernels } from "../runtime/native.ts";
import type { Trial } from "../runtime/native-tuning.ts";

/** `chainrule tune-kernels`: measures block sizes on this machine and keeps the fastest. */
export function tuneKernelsCommand({ json }: { json?: boolean }): void {
  const print = (event: object, text: string) => process.stdout.write(`${json ? JSON.stringify(event) : text}\n`);
  const search = tuneKernels();
  let first: Trial | undefined;
  let best: Trial | undefined;
  for (let step = search.next(); ; step = search.next()) {
    if (step.done) {
      const gain = `${(first!.mean / best!.mean).toFixed(2)} times as fast as the default`;
      const kept = `Kept ${show(best!)} in ${step.value}: ${gain}. Results are the same bits.`;
      print({ event: "kept", file: step.value, blocks: best!.blocks, speedup: first!.mean / best!.mean }, kept);
      return;
    }
    const trial = step.value;
    first ??= trial;
    if (!best || trial.mean < best.mean) best = trial;
    const mark = trial === best ? "  best so far" : "";
    print({ event: "trial", ...trial }, `${show(trial).padEnd(44)} ${trial.mean.toFixed(1).padStart(8)} µs${mark}`);
  }
}

function show({ blocks }: Trial): string {
  const sizes = Object.entries(blocks).map(([name, size]) => `${name.slice(6).toLowerCase()} ${size}`);
  return sizes.length === 0 ? "the default" : `blocks of ${sizes.join(", ")}`;
}
