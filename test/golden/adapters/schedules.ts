/** The learning rates of a schedule, step by step, and the momenta where they move. */

import { ones, Parameter } from "../../../src/index.ts";
import {
  Adam,
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  InverseSquareRootLR,
  LambdaLR,
  LinearLR,
  type LRScheduler,
  MultiplicativeLR,
  MultiStepLR,
  NoamLR,
  OneCycleLR,
  type Optimizer,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  SGD,
  StepLR,
  SWALR,
  WarmupCosineLR,
  WarmupLinearLR,
} from "../../../src/optim/index.ts";
import type { Numbers, Options } from "../cases.ts";

type Schedule = LRScheduler | ReduceLROnPlateau;

/** What a schedule and its optimizer show after each of the steps: (steps, groups) each. */
export interface Course {
  readonly rates: readonly number[][];
  readonly momenta: readonly number[][];
}

// The functions of the step that scripts/golden/cases/schedules.py names.
const FUNCTIONS: Readonly<Record<string, (t: number) => number>> = {
  "0.95^t": (t) => 0.95 ** t,
  "1/(1+t)": (t) => 1 / (1 + t),
  "t/10": (t) => Math.min(1, t / 10),
  "t mod 7": (t) => 1 / (1 + (t % 7)),
  "0.97": () => 0.97,
  "1.02": () => 1.02,
  wave: (t) => 1 + 0.5 * Math.cos(t),
  "1/x": (x) => 1 / x,
  "0.9^x": (x) => 0.9 ** x,
};

const CLASSES = {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  InverseSquareRootLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  NoamLR,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
  SWALR,
  WarmupCosineLR,
  WarmupLinearLR,
};

type Name = keyof typeof CLASSES;

/** The schedule of a case, whose options name functions and other schedules. */
function create(name: Name, optimizer: Optimizer, options: Options): Schedule {
  const functions = (names: unknown) => (Array.isArray(names) ? names.map((x) => FUNCTIONS[x]) : FUNCTIONS[`${names}`]);
  const parts = (options.schedulers ?? []) as readonly [Name, Options][];
  const schedulers = parts.map(([part, own]) => create(part, optimizer, own) as LRScheduler);
  if (name === "ChainedScheduler") return new ChainedScheduler(schedulers);
  const Class = CLASSES[name] as new (optimizer: Optimizer, options: Options) => Schedule;
  return new Class(optimizer, {
    ...options,
    ...("lrLambda" in options && { lrLambda: functions(options.lrLambda) }),
    ...("scaleFn" in options && { scaleFn: functions(options.scaleFn) }),
    ...("schedulers" in options && { schedulers }),
  });
}

/** Runs a case's schedule; `metrics` are what a step is told. */
function course(name: Name, options: Options, steps: number, metrics?: Numbers): Course {
  const { lrs, optimizer: kind, changed = {}, ...own } = options;
  const groups = (lrs as number[]).map((lr) => ({ params: [new Parameter(ones([1]))], lr }));
  const optimizer: Optimizer = kind === "SGD" ? new SGD(groups, { lr: 1, momentum: 0.9 }) : new Adam(groups);
  const schedule = create(name, optimizer, own);
  const [rates, momenta]: [number[][], number[][]] = [[], []];
  for (let t = 0; t < steps; t++) {
    if (t > 0) schedule.step(metrics?.data[t - 1] as never);
    const other = (changed as Readonly<Record<number, number>>)[t];
    if (other !== undefined) optimizer.groups[0].lr = other;
    rates.push(optimizer.groups.map(({ lr }) => lr));
    momenta.push(optimizer.groups.map(({ settings }) => [settings.momentum ?? settings.betas].flat()[0] as number));
  }
  return { rates, momenta };
}

export const SCHEDULES: Readonly<Record<string, (options: Options, steps: number, metrics?: Numbers) => Course>> =
  Object.fromEntries(
    (Object.keys(CLASSES) as Name[]).map((name) => [
      name,
      (options, steps, metrics) => course(name, options, steps, metrics),
    ]),
  );
