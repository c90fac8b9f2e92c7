import { writeFileAtomic } from "../io/index.ts";
import {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  InverseSquareRootLR,
  LinearLR,
  type LRScheduler,
  NoamLR,
  OneCycleLR,
  type Optimizer,
  PolynomialLR,
  SGD,
  StepLR,
  SWALR,
  WarmupCosineLR,
  WarmupLinearLR,
} from "../optim/index.ts";
import { Parameter, zeros } from "../tensor/index.ts";
import { type Line, lineChart } from "./chart.ts";
import { out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { didYouMean } from "./near.ts";
import { parseAs } from "./settings.ts";

export interface PlotScheduleFlags {
  readonly steps: number;
  readonly lr: number;
  readonly out: string;
  readonly json?: boolean;
}

type Options = Readonly<Record<string, number | boolean | string>>;

/** A schedule, and what its options are in a training of so many steps where the command line does not say. */
interface Example {
  readonly options: (steps: number, lr: number) => Options;
  readonly create: (optimizer: Optimizer, options: never) => LRScheduler;
}

const example =
  <O>(Class: new (optimizer: Optimizer, options: O) => LRScheduler) =>
  (options: (steps: number, lr: number) => O & Options): Example => ({
    options,
    create: (optimizer, own) => new Class(optimizer, own),
  });

const part = (steps: number, divisor: number): number => Math.max(1, Math.round(steps / divisor));

const EXAMPLES: Readonly<Record<string, Example>> = {
  StepLR: example(StepLR)((n) => ({ stepSize: part(n, 4), gamma: 0.1 })),
  ExponentialLR: example(ExponentialLR)((n) => ({ gamma: 0.01 ** (1 / n) })),
  ConstantLR: example(ConstantLR)((n) => ({ factor: 1 / 3, totalIters: part(n, 10) })),
  LinearLR: example(LinearLR)((n) => ({ startFactor: 1 / 3, endFactor: 1, totalIters: part(n, 10) })),
  PolynomialLR: example(PolynomialLR)((n) => ({ totalIters: n, power: 1 })),
  CosineAnnealingLR: example(CosineAnnealingLR)((n) => ({ tMax: n, etaMin: 0 })),
  CosineAnnealingWarmRestarts: example(CosineAnnealingWarmRestarts)((n) => ({ t0: part(n, 7), tMult: 2, etaMin: 0 })),
  CyclicLR: example(CyclicLR)((n, lr) => {
    const size = part(n, 8);
    return { baseLr: lr / 10, maxLr: lr, stepSizeUp: size, stepSizeDown: size, mode: "triangular", gamma: 1 };
  }),
  OneCycleLR: example(OneCycleLR)((n, lr) => {
    const shape = { pctStart: 0.3, annealStrategy: "cos", threePhase: false } as const;
    return { maxLr: lr, totalSteps: n, divFactor: 25, finalDivFactor: 1e4, ...shape };
  }),
  SWALR: example(SWALR)((n, lr) => ({ swaLr: lr / 10, annealEpochs: part(n, 2), annealStrategy: "cos" })),
  WarmupLinearLR: example(WarmupLinearLR)((n) => ({ numWarmupSteps: part(n, 10), numTrainingSteps: n })),
  WarmupCosineLR: example(WarmupCosineLR)((n) => ({
    ...{ numWarmupSteps: part(n, 10), numTrainingSteps: n },
    numCycles: 0.5,
  })),
  NoamLR: example(NoamLR)((n) => ({ dModel: 512, numWarmupSteps: part(n, 10) })),
  InverseSquareRootLR: example(InverseSquareRootLR)((n) => ({ numWarmupSteps: part(n, 10) })),
};

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
  const [name, ...settings] = text.trim().split(/\s+/);
  if (!Object.hasOwn(EXAMPLES, name)) {
    const known = Object.keys(EXAMPLES);
    throw new UsageError(
      `there is no schedule "${name}"${didYouMean(name, known) || "."} There are ${known.join(", ")}.`,
    );
  }
  const { options, create } = EXAMPLES[name];
  const chosen: Record<string, number | boolean | string> = { ...options(steps, lr) };
  for (const setting of settings) {
    const [key, value] = setting.split("=");
    if (value === undefined || !Object.hasOwn(chosen, key)) {
      throw new UsageError(`${name} takes ${Object.keys(chosen).join("=…, ")}=…, but got "${setting}".`);
    }
    chosen[key] = parseAs(typeof chosen[key], key, value);
  }
  const schedule = create(new SGD([new Parameter(zeros([1]))], { lr }), chosen as never);
  const y: number[] = [];
  for (let t = 0; t < steps; t++) {
    if (t > 0) schedule.step();
    y.push(schedule.getLastLr()[0]);
  }
  return { x: y.map((_, t) => t), y };
}
