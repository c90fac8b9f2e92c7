import { describe, expect, test } from "vitest";
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
  LRScheduler,
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
} from "../../src/optim/index.ts";
import { ArgumentError, compile, ones, Parameter, StateError, TraceError, tensor } from "../../src/tensor/index.ts";

/** An optimizer with a group for each rate. */
const sgd = (...lrs: number[]): SGD =>
  new SGD(
    lrs.map((lr) => ({ params: [new Parameter(ones([1]))], lr })),
    { lr: 1, momentum: 0.9 },
  );

interface Schedule {
  step(metric?: number): void;
  getLastLr(): number[];
  stateDict(): ReturnType<LRScheduler["stateDict"]>;
  loadStateDict: LRScheduler["loadStateDict"];
}

const SCHEDULES: Readonly<Record<string, (optimizer: Optimizer) => Schedule>> = {
  LambdaLR: (o) => new LambdaLR(o, { lrLambda: (t) => 1 / (1 + t) }),
  MultiplicativeLR: (o) => new MultiplicativeLR(o, { lrLambda: (t) => 1 - 1 / (t + 2) }),
  StepLR: (o) => new StepLR(o, { stepSize: 3 }),
  MultiStepLR: (o) => new MultiStepLR(o, { milestones: [2, 6] }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  ConstantLR: (o) => new ConstantLR(o),
  LinearLR: (o) => new LinearLR(o, { totalIters: 9 }),
  PolynomialLR: (o) => new PolynomialLR(o, { totalIters: 9, power: 2 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 7, etaMin: 0.001 }),
  CosineAnnealingWarmRestarts: (o) => new CosineAnnealingWarmRestarts(o, { t0: 3, tMult: 2 }),
  CyclicLR: (o) => new CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 3, mode: "triangular2" }),
  OneCycleLR: (o) => new OneCycleLR(o, { maxLr: [1, 0.5], totalSteps: 12 }),
  ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o, { patience: 1, cooldown: 1, factor: 0.7 }),
  SWALR: (o) => new SWALR(o, { swaLr: 0.05, annealEpochs: 8 }),
  SequentialLR: (o) =>
    new SequentialLR(o, {
      schedulers: [new LinearLR(o), new CyclicLR(o, { baseLr: 0.1, maxLr: 1, stepSizeUp: 2 })],
      milestones: [5],
    }),
  "SequentialLR of cycles": (o) =>
    new SequentialLR(o, {
      schedulers: [
        new CyclicLR(o, { baseLr: 0.1, maxLr: 1, stepSizeUp: 4 }),
        new OneCycleLR(o, { maxLr: 1, totalSteps: 9 }),
      ],
      milestones: [9],
    }),
  ChainedScheduler: (o) => new ChainedScheduler([new LinearLR(o, { totalIters: 8 }), new StepLR(o, { stepSize: 2 })]),
  WarmupLinearLR: (o) => new WarmupLinearLR(o, { numWarmupSteps: 4, numTrainingSteps: 11 }),
  WarmupCosineLR: (o) => new WarmupCosineLR(o, { numWarmupSteps: 4, numTrainingSteps: 11 }),
  NoamLR: (o) => new NoamLR(o, { dModel: 16, numWarmupSteps: 5 }),
  InverseSquareRootLR: (o) => new InverseSquareRootLR(o, { numWarmupSteps: 4 }),
};

/** What an optimizer's next step would use. */
const used = ({ groups }: Optimizer) => groups.map(({ lr, settings: { momentum } }) => [lr, momentum]);

const METRICS = [5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3];

describe.each(Object.entries(SCHEDULES))("%s", (_, make) => {
  const [before, after] = [METRICS.slice(0, 6), METRICS.slice(6)];

  test.each(["optimizer, schedule", "schedule, optimizer"])("goes on bit for bit: %s", (order) => {
    const optimizer = sgd(0.2, 0.7);
    const schedule = make(optimizer);
    for (const metric of before) schedule.step(metric);
    optimizer.groups[1].lr *= 0.9; // by hand
    const states = [optimizer.stateDict(), schedule.stateDict()] as const;

    const other = sgd(1, 1);
    const resumed = make(other);
    if (order.startsWith("schedule")) resumed.loadStateDict(states[1]);
    other.loadStateDict(states[0]);
    if (order.startsWith("optimizer")) resumed.loadStateDict(states[1]);
    expect(used(other)).toEqual(used(optimizer));
    expect(resumed.getLastLr()).toEqual(schedule.getLastLr());
    for (const metric of after) {
      schedule.step(metric);
      resumed.step(metric);
      expect(used(other)).toEqual(used(optimizer));
    }
  });

  test("goes on without the optimizer's state, in an optimizer that has gone on", () => {
    const optimizer = sgd(0.2, 0.7);
    const schedule = make(optimizer);
    for (const metric of before) schedule.step(metric);
    const other = sgd(...optimizer.groups.map(({ lr }) => lr));
    const resumed = make(other);
    resumed.loadStateDict(schedule.stateDict());
    expect(used(other)).toEqual(used(optimizer));
  });

  test("a state that does not fit changes nothing", async () => {
    const optimizer = sgd(0.2, 0.7);
    const schedule = make(optimizer);
    schedule.step(1);
    const now = used(optimizer);
    const { lr: _, ...rest } = make(sgd(0.3, 0.4)).stateDict();
    const load = () => schedule.loadStateDict({ ...rest, _last_lr: ones([3]), more: ones([1]) });
    expect(load).toThrow(StateError);
    expect(load).toThrow(/lr is missing; more is unexpected; _last_lr is \(3,\), not \(2,\)\.$/);
    expect(used(optimizer)).toEqual(now);
  });
});

test("the state has PyTorch's names", () => {
  const [a, b] = [sgd(0.1), sgd(0.1)];
  expect(Object.keys(SCHEDULES.StepLR(a).stateDict())).toEqual(["last_epoch", "base_lrs", "_last_lr", "lr"]);
  expect(Object.keys(SCHEDULES.ReduceLROnPlateau(a).stateDict()).slice(0, 4)).toEqual([
    ...["best", "num_bad_epochs", "cooldown_counter", "last_epoch"],
  ]);
  expect(Object.keys(SCHEDULES.ChainedScheduler(b).stateDict())).toContain("_schedulers.1.last_epoch");
});

test("neither rates nor momenta trace a compiled step again", async () => {
  const p = new Parameter(tensor([0], { dtype: "f64" }));
  const optimizer = new SGD([p], { lr: 1, momentum: 0.9 });
  const schedule = new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 9 });
  let traces = 0;
  const step = compile(() => {
    traces++;
    p.sub(3).square().sum().backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  let [want, v] = [0, 0];
  for (let t = 0; t < 9; t++) {
    const { lr, settings } = optimizer.groups[0];
    v = settings.momentum * v + 2 * (want - 3);
    want -= lr * v;
    step();
    schedule.step();
  }
  expect(await p.item()).toBeCloseTo(want, 12);
  expect(traces).toBe(1);
});

test("a schedule moves Adam's first beta and leaves the second", () => {
  const optimizer = new Adam([new Parameter(ones([1]))], { betas: [0.5, 0.99] });
  const schedule = new CyclicLR(optimizer, { baseLr: 0.1, maxLr: 0.2, stepSizeUp: 2 });
  expect(optimizer.groups[0].settings.betas).toEqual([0.9, 0.99]);
  schedule.step();
  schedule.step();
  expect(optimizer.groups[0].settings.betas).toEqual([0.8, 0.99]);
  expect(optimizer.lr).toBe(0.2);
});

test("a schedule cannot be stepped inside of a compiled function", () => {
  const schedule = new ExponentialLR(sgd(1), { gamma: 0.5 });
  const step = compile(() => {
    schedule.step();
    return ones([1]);
  });
  expect(() => step()).toThrow(TraceError);
  expect(() => step()).toThrow("or step the schedule, between steps");
});

test("one's own schedule is a formula", () => {
  class Sawtooth extends LRScheduler {
    constructor(optimizer: Optimizer, { period }: { period: number }) {
      super(optimizer, ({ t, initialLr, group }) => (initialLr * (1 + (t % period))) / (1 + group));
    }
  }
  const optimizer = sgd(1, 4);
  const schedule = new Sawtooth(optimizer, { period: 2 });
  expect(schedule.getLastLr()).toEqual([1, 2]);
  schedule.step();
  expect(schedule.getLastLr()).toEqual([2, 4]);
  schedule.step();
  expect(schedule.getLastLr()).toEqual([1, 2]);
  expect(schedule.lastEpoch).toBe(2);
});

test("a later schedule begins from the rates before the first one", () => {
  const optimizer = sgd(1);
  new ConstantLR(optimizer, { factor: 0.5 });
  const schedule = new LambdaLR(optimizer, { lrLambda: () => 1 });
  expect(schedule.getLastLr()).toEqual([1]);
});

test("what others do to a rate remains", () => {
  const optimizer = sgd(1);
  const schedule = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
  optimizer.lr = 8;
  schedule.step();
  expect(optimizer.lr).toBe(8);
  schedule.step();
  expect(optimizer.lr).toBe(4);
});

// PyTorch divides by zero here.
test("a rate that was 0 rises again", () => {
  const warm = new LinearLR(sgd(1), { startFactor: 0, totalIters: 4 });
  warm.step();
  expect(warm.getLastLr()).toEqual([0.25]);
  const constant = new ConstantLR(sgd(1), { factor: 0, totalIters: 1 });
  expect(constant.getLastLr()).toEqual([0]);
  constant.step();
  expect(constant.getLastLr()).toEqual([1]);
});

test("a cosine is exact after a million steps", () => {
  const n = 1_000_000;
  const optimizer = sgd(1);
  const schedule = new CosineAnnealingWarmRestarts(optimizer, { t0: n });
  schedule.step(n - 1);
  // 1 + cos(π − x) = x²/2 − …, which the sum itself would give to five digits only
  expect(optimizer.lr / ((Math.PI / n) ** 2 / 4)).toBeCloseTo(1, 9);
  schedule.step();
  expect(optimizer.lr).toBe(1);
});

test("warm restarts take a fraction of an epoch", () => {
  const schedule = new CosineAnnealingWarmRestarts(sgd(1), { t0: 2, tMult: 2 });
  schedule.step(0.5);
  expect(schedule.getLastLr()[0]).toBeCloseTo((1 + Math.cos(Math.PI / 4)) / 2, 14);
  schedule.step(3); // the second period: 1 of 4
  expect(schedule.getLastLr()[0]).toBeCloseTo((1 + Math.cos(Math.PI / 4)) / 2, 14);
  schedule.step(6.5); // the third: 0.5 of 8
  expect(schedule.getLastLr()[0]).toBeCloseTo((1 + Math.cos(Math.PI / 16)) / 2, 14);
  expect(() => schedule.step(-1)).toThrow("an epoch is at least 0, but is -1");
});

test("sequences and chains may stand in one another", () => {
  const optimizer = sgd(1);
  const schedule = new SequentialLR(optimizer, {
    schedulers: [
      new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
      new ChainedScheduler([
        new ExponentialLR(optimizer, { gamma: 0.5 }),
        new ConstantLR(optimizer, { factor: 0.25, totalIters: 1 }),
      ]),
    ],
    milestones: [2],
  });
  const rates: number[] = [];
  for (let t = 0; t < 6; t++) {
    rates.push(optimizer.lr);
    schedule.step();
  }
  expect(rates).toEqual([0.5, 0.75, 0.25, 0.5, 0.25, 0.125]);
});

test("one cycle ends where it ends", () => {
  const optimizer = sgd(1);
  const schedule = new OneCycleLR(optimizer, { maxLr: 1, epochs: 2, stepsPerEpoch: 3, annealStrategy: "linear" });
  for (let t = 0; t < 5; t++) schedule.step();
  expect(optimizer.lr).toBe(1 / 25 / 1e4);
  schedule.step(); // after the last batch: nothing is trained with it
  expect(optimizer.lr).toBe(1 / 25 / 1e4);
  expect(() => schedule.step()).toThrow("OneCycleLR has 6 steps, but was to make one more.");
});

test("wrong options are refused", () => {
  const twice = new StepLR(sgd(1), { stepSize: 1 });
  const wrong: readonly [() => unknown, string][] = [
    [() => new StepLR(sgd(1), { stepSize: 0 }), "StepLR: stepSize must be a whole number, at least 1, but is 0."],
    [() => new MultiStepLR(sgd(1), { milestones: [1.5] }), "a milestone must be a whole number"],
    [() => new ConstantLR(sgd(1), { factor: 2 }), "ConstantLR: factor must lie between 0 and 1, but is 2."],
    [() => new LinearLR(sgd(1), { totalIters: 0 }), "totalIters must be a whole number"],
    [() => new LambdaLR(sgd(1, 2), { lrLambda: [() => 1] }), "lrLambda has 1 values for the optimizer's 2 groups"],
    [() => new LambdaLR(sgd(1), { lrLambda: () => -1 }), "lr must be at least 0, but is -1."],
    [() => new LambdaLR(sgd(1), { lrLambda: () => Number.NaN }), "lr must be at least 0, but is NaN."],
    [() => new OneCycleLR(sgd(1), { maxLr: 1 }), "totalSteps (or epochs · stepsPerEpoch) must be a whole number"],
    [() => new OneCycleLR(sgd(1), { maxLr: 1, totalSteps: 5, pctStart: 1.5 }), "pctStart must lie between 0 and 1"],
    [() => new CyclicLR(sgd(1), { baseLr: 0, maxLr: 1, stepSizeUp: 0 }), "both step sizes must be above 0"],
    [() => new ReduceLROnPlateau(sgd(1), { factor: 1 }), "factor must lie in [0, 1), but is 1."],
    [
      () => new CyclicLR(sgd(1), { baseLr: 0, maxLr: 1, mode: "square" as "triangular" }),
      'CyclicLR: mode must be "triangular" or "triangular2" or "exp_range", but is "square".',
    ],
    [
      () => new SWALR(sgd(1), { swaLr: 0, annealStrategy: "cosine" as "cos" }),
      'annealStrategy must be "cos" or "linear"',
    ],
    [() => new ReduceLROnPlateau(sgd(1), { mode: "maximum" as "max" }), 'mode must be "min" or "max"'],
    [() => new ChainedScheduler([]), "ChainedScheduler was given no schedules."],
    [
      () => new ChainedScheduler([new StepLR(sgd(1), { stepSize: 1 }), new StepLR(sgd(1), { stepSize: 1 })]),
      "ChainedScheduler: all schedules must belong to one optimizer.",
    ],
    [
      () => new SequentialLR(twice.optimizer, { schedulers: [twice, twice, twice], milestones: [5, 3] }),
      "SequentialLR: 3 schedules need 2 milestones that ascend, but got [5, 3].",
    ],
    [() => new SequentialLR(sgd(1), { schedulers: [], milestones: [] }), "SequentialLR was given no schedules."],
  ];
  for (const [make, message] of wrong) {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  }
});

test("an optimizer without momentum is refused where it would have to move", () => {
  class Descent extends SGD {
    constructor() {
      super([new Parameter(ones([1]))], { lr: 1 });
      const { momentum: _, ...others } = this.groups[0].settings;
      this.groups[0].settings = others as (typeof this.groups)[0]["settings"];
    }

    protected override requireDomain(): void {}
  }
  expect(() => new CyclicLR(new Descent(), { baseLr: 0, maxLr: 1 })).toThrow(
    "CyclicLR: Descent has no momentum that could move: pass { cycleMomentum: false }.",
  );
  new CyclicLR(new Descent(), { baseLr: 0, maxLr: 1, cycleMomentum: false });
});

test("a refused schedule leaves the rate as it was", () => {
  const optimizer = sgd(1);
  expect(() => new OneCycleLR(optimizer, { maxLr: 1 })).toThrow(ArgumentError);
  expect(optimizer.lr).toBe(1);
});

test("plateaus: a NaN is no improvement, and the best metric can be read", () => {
  const optimizer = sgd(1);
  const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 1 });
  for (const metric of [2, Number.NaN, Number.NaN]) schedule.step(metric);
  expect(optimizer.lr).toBe(0.5);
  expect(schedule.best).toBe(2);
  expect(schedule.lastEpoch).toBe(3);
});
