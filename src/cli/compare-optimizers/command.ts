import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../io/index.ts";
import { currentDevice, setDevice } from "../../runtime/select.ts";
import { err, out } from "../colors.ts";
import { named } from "../near.ts";
import { duration, TaskBar } from "../progress.ts";
import { Interruption } from "../signals.ts";
import { CONTENDERS, type Contender } from "./contenders.ts";
import { loadDigits, type Outcome, trainOnDigits } from "./digits.ts";
import { bestPath } from "./paths.ts";
import { lossCurves, pathsOn } from "./pictures.ts";
import { SURFACES } from "./surfaces.ts";

export interface OptimizerFlags {
  out: string;
  passes?: number;
  seed: number;
  device?: string;
  json?: boolean;
}

/** Steps on a surface. */
const STEPS = 200;

/** `chainrule compare-optimizers`: gives the exit code. */
export async function compareOptimizers(names: readonly string[], flags: OptimizerFlags): Promise<number> {
  const contenders = chosen(names);
  if (flags.device) setDevice(flags.device);
  const print = (event: object, text: string) => process.stdout.write(`${flags.json ? JSON.stringify(event) : text}\n`);
  const walkers = contenders.filter(({ walks }) => walks !== "never");
  const surfaces = Object.entries(walkers.length > 0 ? SURFACES : {});
  const file = (picture: string) => join(flags.out, `${picture}.svg`);
  const missing = new Set([
    ...contenders.map(({ name }) => name),
    ...["losses", ...surfaces.map(([name]) => name)].map(file),
  ]);
  const line = columns(contenders);
  const bar = new TaskBar();
  const interruption = new Interruption(() => bar.hide());
  const { signal } = interruption;
  try {
    await mkdir(flags.out, { recursive: true });
    process.stderr.write(err.dim(`device  ${currentDevice().description}\n`));
    const digits = await loadDigits();
    const outcomes = new Map<Contender, Outcome>();
    if (!flags.json) process.stdout.write(`${out.bold(line(HEAD))}\n`);
    for (const contender of contenders) {
      const passes = flags.passes ?? contender.passes;
      const onStep = (done: number, total: number) => bar.show(contender.name, done, total);
      const outcome = await trainOnDigits(contender, digits, { seed: flags.seed, passes, signal, onStep });
      outcomes.set(contender, outcome);
      missing.delete(contender.name);
      bar.hide();
      print(eventOf(contender, passes, outcome), line(row(contender, outcome)));
    }
    const write = async (picture: string, svg: string) => {
      const path = file(picture);
      await writeFileAtomic(path, svg);
      missing.delete(path);
      print({ event: "picture", file: path }, path);
    };
    await write("losses", lossCurves(outcomes));
    for (const [name, surface] of surfaces) {
      const paths = new Map<Contender, Awaited<ReturnType<typeof bestPath>>>();
      for (const [i, contender] of walkers.entries()) {
        signal.throwIfAborted();
        bar.show(surface.title, i, walkers.length);
        paths.set(contender, await bestPath(contender, surface, STEPS));
      }
      bar.hide();
      await write(name, await pathsOn(surface, paths));
    }
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write(`interrupted: without ${[...missing].join(", ")}\n`);
    return interruption.exitCode;
  } finally {
    bar.hide();
    interruption.release();
  }
}

/** The contenders of some names, or all of them. */
function chosen(names: readonly string[]): readonly Contender[] {
  const known = CONTENDERS.map(({ name }) => name);
  const found = new Set(names.map((name) => named("optimizer", name, known)));
  return names.length === 0 ? CONTENDERS : [...found].map((name) => CONTENDERS[known.indexOf(name)]);
}

const HEAD = ["optimizer", "settings", "batch", "steps", "loss", "accuracy", "time", "state"];

/** Puts cells under the head's; names and settings have the room that they take. */
function columns(contenders: readonly Contender[]): (cells: readonly string[]) => string {
  const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const [name, settings] = [contenders.map(({ name }) => name), contenders.map(settingsOf)];
  const widths = [longest([HEAD[0], ...name]), longest([HEAD[1], ...settings]), 5, 5, 6, 8, 5, 6];
  return (cells) => cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
}

const settingsOf = ({ settings }: Contender): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

/** The loss at the end: of everything, or of the last hundred mini-batches. */
function lastLoss({ batch }: Contender, { losses }: Outcome): number {
  const last = losses.subarray(batch === Number.POSITIVE_INFINITY ? -1 : -100);
  return last.reduce((a, b) => a + b) / last.length;
}

function row(contender: Contender, outcome: Outcome): readonly string[] {
  const { losses, accuracy, seconds, state } = outcome;
  return [
    contender.name,
    settingsOf(contender),
    contender.batch === Number.POSITIVE_INFINITY ? "all" : String(contender.batch),
    String(losses.length),
    lastLoss(contender, outcome).toFixed(4),
    `${(100 * accuracy).toFixed(2)} %`,
    duration(seconds),
    state.toFixed(2),
  ];
}

function eventOf(contender: Contender, passes: number, outcome: Outcome): object {
  const { name, settings, batch } = contender;
  const { losses, accuracy, seconds, state } = outcome;
  return {
    event: "optimizer",
    name,
    settings,
    batch: Number.isFinite(batch) ? batch : "all",
    passes,
    steps: losses.length,
    loss: lastLoss(contender, outcome),
    accuracy,
    seconds,
    state,
    losses: [...losses],
  };
}
