import { writeFileAtomic } from "../io/index.ts";
import { SGD } from "../optim/index.ts";
import { Parameter, zeros } from "../tensor/index.ts";
import { type Line, lineChart } from "./chart.ts";
import { out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { named } from "./near.ts";
import { type Options, SCHEDULES } from "./schedules.ts";
import { parseAs } from "./settings.ts";

export interface PlotScheduleFlags {
  readonly steps: number;
  readonly lr: number;
  readonly out: string;
  readonly json?: boolean;
}

/** `chainrule plot schedule`: learning rates of schedules in one picture, or as numbers. */
export async function plotScheduleCommand(schedules: readonly string[], flags: PlotScheduleFlags): Promise<void> {
  const lines = new Map(schedules.map((text) => [text, courseOf(text, flags)]));
  await writeFileAtomic(flags.out, lineChart([{ title: "learning rate", x: { label: "step" }, lines }]));
  if (flags.json) {
    for (const [schedule, { y }] of lines) print({ event: "schedule", schedule, lr: y });
    print({ event: "plot", file: flags.out });
  } else process.stdout.write(`saved ${out.bold(flags.out)}\n`);
}

const print = (event: object): boolean => process.stdout.write(`${JSON.stringify(event)}\n`);

/** The rates of `StepLR stepSize=30 gamma=0.5`. */
function courseOf(text: string, { steps, lr }: PlotScheduleFlags): Line & { readonly y: number[] } {
  const [word, ...settings] = text.trim().split(/\s+/);
  const name = named("schedule", word, Object.keys(SCHEDULES));
  const { options, create } = SCHEDULES[name];
  const chosen: { -readonly [K in keyof Options]: Options[K] } = { ...options(steps, lr) };
  for (const setting of settings) {
    const [key, value] = setting.split("=");
    if (value === undefined || !Object.hasOwn(chosen, key)) {
      throw new UsageError(`${name} takes ${Object.keys(chosen).join("=…, ")}=…, but got "${setting}".`);
    }
    chosen[key] = Array.isArray(chosen[key])
      ? value.split(",").map((part) => Number(parseAs("number", key, part)))
      : parseAs(typeof chosen[key], key, value);
  }
  const schedule = create(new SGD([new Parameter(zeros([1]))], { lr }), chosen as never);
  const y: number[] = [];
  for (let t = 0; t < steps; t++) {
    if (t > 0) schedule.step();
    y.push(schedule.getLastLr()[0]);
  }
  return { x: y.map((_, t) => t), y };
}
