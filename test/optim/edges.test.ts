/** Optimizers, schedules and what watches over training at the edges: gradients, parameters and settings that are hardly any. */

import { describe, expect, test } from "vitest";
import { parseSafetensors, serializeSafetensors } from "../../src/io/index.ts";
import { Linear } from "../../src/nn/index.ts";
import * as optim from "../../src/optim/index.ts";
import {
  ArgumentError,
  compile,
  ones,
  Parameter,
  setDevice,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";
import { EarlyStopping, learningRateRangeTest } from "../../src/train/index.ts";
import { FLOATS, type Float, INF, NAN } from "../edges.ts";

setDevice("wasm");

type Make = (params: optim.ParamsOrGroups<Record<never, never>>, options?: object) => optim.Optimizer;

const made = (Class: unknown, defaults: object): Make => {
  const Optimizer = Class as new (params: unknown, options: object) => optim.Optimizer;
  return (params, options = {}) => new Optimizer(params, { ...defaults, ...options });
};

/** Each with the settings that cannot be, alone or in a group, and the word that the error says. */
const OPTIMIZERS: Readonly<Record<string, readonly [Make, wrong: readonly optim.Settings[]]>> = {
  SGD: [
    made(optim.SGD, { lr: 0.1, momentum: 0.9 }),
    [{ momentum: -1 }, { weightDecay: NAN }, { dampening: 1, form: "averaged" }],
  ],
  Nesterov: [made(optim.Nesterov, { lr: 0.1 }), [{ momentum: 1 }, { weightDecay: -1 }]],
  Rprop: [made(optim.Rprop, {}), [{ etas: [1.2, 0.5] }, { stepSizes: [0, 1] }, { weightDecay: -1 }]],
  Adagrad: [
    made(optim.Adagrad, {}),
    [{ lrDecay: -1 }, { initialAccumulatorValue: -1 }, { eps: NAN }, { weightDecay: -1 }],
  ],
  Adadelta: [made(optim.Adadelta, {}), [{ rho: 2 }, { eps: -1 }, { weightDecay: -1 }]],
  RMSprop: [
    made(optim.RMSprop, { centered: true, momentum: 0.5 }),
    [{ alpha: -1 }, { momentum: -1 }, { eps: -1 }, { weightDecay: -1 }],
  ],
  Adam: [made(optim.Adam, { amsgrad: true }), [{ betas: [0.9, 1] }, { eps: -1 }, { weightDecay: -1 }]],
  AdamW: [made(optim.AdamW, {}), [{ betas: [-0.1, 0.9] }, { eps: NAN }, { weightDecay: -1 }]],
  Adamax: [made(optim.Adamax, {}), [{ betas: [0.9, 1] }, { eps: -1 }, { weightDecay: -1 }]],
  NAdam: [made(optim.NAdam, {}), [{ betas: [0.9, 1] }, { momentumDecay: -1 }, { eps: -1 }, { weightDecay: -1 }]],
  RAdam: [made(optim.RAdam, {}), [{ betas: [0.9, 1] }, { eps: -1 }, { weightDecay: -1 }]],
  Lion: [made(optim.Lion, {}), [{ betas: [0.9, 1] }, { weightDecay: -1 }]],
  LAMB: [made(optim.LAMB, {}), [{ betas: [0.9, 1] }, { eps: -1 }, { weightDecay: -1 }]],
  Adafactor: [
    made(optim.Adafactor, {}),
    [{ beta2Decay: 0.1 }, { eps: [NAN, 1e-3] }, { eps: [undefined, -1] }, { d: 0.5 }, { weightDecay: -1 }],
  ],
  MuonAdamW: [made(optim.MuonAdamW, {}), [{ betas: [0.9, 1] }, { nsSteps: 100 }, { eps: -1 }, { weightDecay: -1 }]],
  Muon: [made(optim.Muon, {}), [{ nsSteps: 100 }, { momentum: -1 }, { eps: -1 }, { weightDecay: -1 }]],
};

test("every optimizer is here", () => {
  const all = Object.entries(optim).flatMap(([name, value]) =>
    typeof value === "function" && value.prototype instanceof optim.Optimizer ? [name] : [],
  );
  expect(Object.keys(OPTIMIZERS).sort()).toEqual(all.sort());
});

const numbers = async (tensors: readonly Tensor[]): Promise<number[][]> =>
  Promise.all(tensors.map(async (x) => [...(await x.data())]));

/** Some steps, each with a gradient for each parameter, or none. */
function follow(
  optimizer: optim.Optimizer,
  params: readonly Parameter[],
  gradients: readonly (Tensor | undefined)[][],
): void {
  for (const step of gradients) {
    optimizer.step(() => {
      params.forEach((parameter, i) => {
        parameter.grad = step[i];
      });
    });
  }
}

describe.each(Object.entries(OPTIMIZERS))("%s", (name, [make, wrong]) => {
  /** Numbers as a parameter that the optimizer takes: Muon's are matrices. */
  const shaped = (values: readonly number[], dtype: Float): Tensor =>
    tensor(values, { dtype, shape: [1, values.length] });

  test.each(wrong.map((settings) => ({ settings })))(
    "$settings cannot be: not now, not in a group, not later",
    ({ settings }) => {
      const params = () => [new Parameter(ones([2, 2]))];
      const [word] = Object.keys(settings);
      const message = new RegExp(`^${name}: .*${"form" in settings ? "dampening" : word}`);
      expect(() => make(params(), settings)).toThrow(message);
      expect(() => make([{ params: params() }, { params: params(), ...settings }])).toThrow(message);
      const [group] = make(params()).groups;
      const before = group.settings;
      expect(() => {
        group.settings = { ...before, ...settings };
      }).toThrow(message);
      expect(group.settings).toBe(before);
    },
  );

  test("lr and l1 are at least 0, in groups too", () => {
    const params = [new Parameter(ones([2, 2]))];
    for (const word of ["lr", "l1"]) {
      for (const value of [-1, NAN]) {
        expect(() => make(params, { [word]: value })).toThrow(`${word} must be at least 0`);
        expect(() => make([{ params, [word]: value }])).toThrow(`${word} must be at least 0`);
      }
    }
  });

  test.each(FLOATS)("gradients of 0 and tiny ones move nothing to NaN; lr = 0 moves nothing, %s", async (dtype) => {
    const tiny = dtype === "f32" ? 1e-45 : 5e-324;
    for (const lr of [0, 0.1]) {
      for (const gradient of [0, -0, tiny, -tiny, 1e-30]) {
        const p = new Parameter(shaped([0, 1, -2], dtype));
        const steps = [[shaped([gradient, gradient, gradient], dtype)], [shaped([0, 0, 0], dtype)]];
        follow(make([p], { lr }), [p], steps);
        const [values] = await numbers([p]);
        expect.soft(values.every(Number.isFinite), `${gradient}, lr ${lr}: ${values}`).toBe(true);
        // lr = 0 is Rprop's first step and no other optimizer's
        if (lr === 0 && name !== "Rprop") expect.soft(values).toEqual([0, 1, -2]);
      }
    }
  });

  test.each(FLOATS)(
    "NaN spreads no further than its parameter, and its state comes back from a file, %s",
    async (dtype) => {
      for (const bad of [NAN, INF, -INF]) {
        const params = () => [shaped([1, 2], dtype), shaped([3, 4], dtype)].map((x) => new Parameter(x));
        const ordinary = () => shaped([0.5, -0.25], dtype);
        const steps = [
          [shaped([bad, 1], dtype), ordinary()],
          [ordinary(), ordinary()],
        ];
        const [harmed, alone] = [params(), params()];
        const optimizer = make(harmed);
        follow(optimizer, harmed, steps);
        follow(
          make(alone),
          alone,
          steps.map(([, g]) => [g, g]),
        );
        expect.soft((await numbers(harmed))[1], `${bad}`).toEqual((await numbers(alone))[1]);

        const { tensors } = await parseSafetensors(await serializeSafetensors(optimizer.stateDict()));
        const resumed = harmed.map((p) => new Parameter(p.detach()));
        const other = make(resumed);
        other.loadStateDict(tensors);
        expect(await numbers(Object.values(other.stateDict()))).toEqual(
          await numbers(Object.values(optimizer.stateDict())),
        );
        follow(other, resumed, steps.slice(1));
        follow(optimizer, harmed, steps.slice(1));
        expect(await numbers(resumed)).toEqual(await numbers(harmed));
      }
    },
  );

  test.each(FLOATS)("gradients of 1e30 leave numbers, and compiled code the same ones, %s", async (dtype) => {
    if (name === "Adafactor" && dtype === "f32") return; // NaN, as in PyTorch: the infinite square of a row over another
    const start = shaped([1, -2, 0.5], dtype);
    const [eager, compiled] = [new Parameter(start), new Parameter(start)];
    const [a, b] = [make([eager]), make([compiled])];
    const step = compile((gradient: Tensor) => {
      follow(b, [compiled], [[gradient]]);
      compiled.grad = undefined;
    });
    for (const gradient of [shaped([1e30, -1e30, 0], dtype), shaped([1, 1, 1], dtype)]) {
      follow(a, [eager], [[gradient]]);
      step(gradient);
    }
    const [values] = await numbers([eager]);
    expect(values.every(Number.isFinite), `${values}`).toBe(true);
    expect(await numbers([compiled])).toEqual([values]);
  });

  test.each(FLOATS)("numbers alone, nothing at all, without a gradient, frozen, %s", async (dtype) => {
    if (name === "Muon") return; // matrices only
    const alone = new Parameter(tensor(2, { dtype }));
    const nothing = new Parameter(zeros([0], { dtype }));
    const missing = new Parameter(tensor([3], { dtype }));
    const frozen = new Parameter(tensor([4], { dtype }));
    frozen.requiresGrad = false;
    const params = [alone, nothing, missing, frozen];
    const optimizer = make(params);
    const gradients = [tensor(1, { dtype }), zeros([0], { dtype }), undefined, undefined];
    follow(optimizer, params, [gradients, gradients, gradients]);
    const [[one], none, still, cold] = await numbers(params);
    expect(one).toBeLessThan(2);
    expect([none, still, cold]).toEqual([[], [3], [4]]);
    const { tensors } = await parseSafetensors(await serializeSafetensors(optimizer.stateDict()));
    const resumed = params.map((p) => new Parameter(p.detach()));
    resumed[3].requiresGrad = false;
    const other = make(resumed);
    other.loadStateDict(tensors);
    expect(await numbers(Object.values(other.stateDict()))).toEqual(
      await numbers(Object.values(optimizer.stateDict())),
    );
  });

  test("empty matrices", async () => {
    for (const shape of [
      [0, 3],
      [3, 0],
    ]) {
      const p = new Parameter(zeros(shape));
      follow(make([p]), [p], [[zeros(shape)], [zeros(shape)]]);
      expect(await numbers([p])).toEqual([[]]);
    }
  });
});

describe("clipping", () => {
  const withGradients = (...gradients: (Tensor | undefined)[]): Parameter[] =>
    gradients.map((grad) => Object.assign(new Parameter(zeros(grad?.shape ?? [1], { dtype: grad?.dtype })), { grad }));
  const clipped = async (params: readonly Parameter[]) => numbers(params.flatMap(({ grad }) => (grad ? [grad] : [])));

  // what PyTorch 1.13 makes of [x, 3] with a greatest norm of 1, but for 1e30, whose square is infinite there
  test.each([
    [0, 3, [0, 1]],
    [1e-45, 3, [0, 1]],
    [1e30, 1e30, [1, 0]],
    [INF, INF, [NAN, 0]],
    [-INF, INF, [NAN, 0]],
    [NAN, NAN, [NAN, NAN]],
  ])("of %s beside 3: the norm is %s", async (x, norm, wanted) => {
    const params = withGradients(tensor([x]), undefined, tensor([3]), zeros([0]));
    const found = await optim.clipGradNorm(params, 1).item();
    if (Number.isFinite(norm)) expect(found / norm).toBeCloseTo(1, 6);
    else expect(found).toBe(norm);
    const [first, second, nothing] = await clipped(params);
    const close = ([got]: number[], want: number) =>
      Number.isNaN(want) ? expect(got).toBeNaN() : expect(got).toBeCloseTo(want, 6);
    close(first, wanted[0]);
    close(second, wanted[1]);
    expect(nothing).toEqual([]);
  });

  test("zeros stay zeros, a greatest norm of 0 makes them, and without gradients the norm is 0", async () => {
    const params = withGradients(tensor([0, 0]), tensor([0], { dtype: "f64" }));
    expect(await optim.clipGradNorm(params, 1).item()).toBe(0);
    expect(await clipped(params)).toEqual([[0, 0], [0]]);
    const others = withGradients(tensor([3, -4]));
    expect(await optim.clipGradNorm(others, 0).item()).toBe(5);
    expect((await clipped(others)).flat().every((x) => x === 0)).toBe(true);
    expect(await optim.clipGradNorm([new Parameter(ones([1]))], 1).item()).toBe(0);
  });

  test("by value: infinities have it, NaN stays", async () => {
    const params = withGradients(tensor([INF, -INF, NAN, 1e30, 0, 0.5]), zeros([0]), undefined);
    optim.clipGradValue(params, 2);
    expect(await clipped(params)).toEqual([[2, -2, NAN, 2, 0, 0.5], []]);
  });
});

describe("schedules", () => {
  type Schedule = {
    step(metric?: number): void;
    stateDict(): Record<string, Tensor>;
    loadStateDict: optim.LRScheduler["loadStateDict"];
  };
  type On = (optimizer: optim.Optimizer) => Schedule;

  /** Each with the shortest length that it may have, and what is too short. */
  const SCHEDULES: Readonly<Record<string, readonly [shortest: On, ...tooShort: On[]]>> = {
    LambdaLR: [(o) => new optim.LambdaLR(o, { lrLambda: (t) => 1 / (1 + t) })],
    MultiplicativeLR: [(o) => new optim.MultiplicativeLR(o, { lrLambda: () => 0.5 })],
    StepLR: [(o) => new optim.StepLR(o, { stepSize: 1 }), (o) => new optim.StepLR(o, { stepSize: 0 })],
    MultiStepLR: [
      (o) => new optim.MultiStepLR(o, { milestones: [] }),
      (o) => new optim.MultiStepLR(o, { milestones: [-1] }),
    ],
    ExponentialLR: [(o) => new optim.ExponentialLR(o, { gamma: 0 })],
    ConstantLR: [(o) => new optim.ConstantLR(o, { totalIters: 1 }), (o) => new optim.ConstantLR(o, { totalIters: 0 })],
    LinearLR: [(o) => new optim.LinearLR(o, { totalIters: 1 }), (o) => new optim.LinearLR(o, { totalIters: 0 })],
    PolynomialLR: [
      (o) => new optim.PolynomialLR(o, { totalIters: 1 }),
      (o) => new optim.PolynomialLR(o, { totalIters: 0 }),
    ],
    CosineAnnealingLR: [
      (o) => new optim.CosineAnnealingLR(o, { tMax: 1 }),
      (o) => new optim.CosineAnnealingLR(o, { tMax: 0 }),
    ],
    CosineAnnealingWarmRestarts: [
      (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 1, tMult: 2 }),
      (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 0 }),
      (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 1, tMult: 0 }),
    ],
    CyclicLR: [
      (o) => new optim.CyclicLR(o, { baseLr: 0, maxLr: 1, stepSizeUp: 1 }),
      (o) => new optim.CyclicLR(o, { baseLr: 0, maxLr: 1, stepSizeUp: 0 }),
    ],
    OneCycleLR: [
      (o) => new optim.OneCycleLR(o, { maxLr: 1, totalSteps: 3 }),
      (o) => new optim.OneCycleLR(o, { maxLr: 1, totalSteps: 0 }),
    ],
    ReduceLROnPlateau: [
      (o) => new optim.ReduceLROnPlateau(o, { patience: 0 }),
      (o) => new optim.ReduceLROnPlateau(o, { patience: -1 }),
    ],
    SWALR: [
      (o) => new optim.SWALR(o, { swaLr: 0, annealEpochs: 0 }),
      (o) => new optim.SWALR(o, { swaLr: 0, annealEpochs: -1 }),
    ],
    SequentialLR: [
      (o) => new optim.SequentialLR(o, { schedulers: [new optim.ConstantLR(o)], milestones: [] }),
      (o) => new optim.SequentialLR(o, { schedulers: [], milestones: [] }),
    ],
    ChainedScheduler: [
      (o) => new optim.ChainedScheduler([new optim.ConstantLR(o), new optim.StepLR(o, { stepSize: 1 })]),
      () => new optim.ChainedScheduler([]),
    ],
    WarmupLinearLR: [
      (o) => new optim.WarmupLinearLR(o, { numWarmupSteps: 0, numTrainingSteps: 0 }),
      (o) => new optim.WarmupLinearLR(o, { numWarmupSteps: -1, numTrainingSteps: 1 }),
    ],
    WarmupCosineLR: [
      (o) => new optim.WarmupCosineLR(o, { numWarmupSteps: 0, numTrainingSteps: 0 }),
      (o) => new optim.WarmupCosineLR(o, { numWarmupSteps: -1, numTrainingSteps: 1 }),
    ],
    NoamLR: [
      (o) => new optim.NoamLR(o, { dModel: 1, numWarmupSteps: 1 }),
      (o) => new optim.NoamLR(o, { dModel: 1, numWarmupSteps: 0 }),
    ],
    InverseSquareRootLR: [
      (o) => new optim.InverseSquareRootLR(o, { numWarmupSteps: 1 }),
      (o) => new optim.InverseSquareRootLR(o, { numWarmupSteps: 0 }),
    ],
  };

  test("every schedule is here", () => {
    const all = Object.keys(optim).filter((name) => /(LR|Scheduler|OnPlateau|WarmRestarts)$/.test(name));
    expect(Object.keys(SCHEDULES).sort()).toEqual(all.filter((name) => name !== "LRScheduler").sort());
  });

  const sgd = (lr: number): optim.SGD => new optim.SGD([new Parameter(ones([1]))], { lr, momentum: 0.9 });

  test.each(Object.entries(SCHEDULES))(
    "%s: one step, none, rates of 0, and a very late step",
    (name, [shortest, ...tooShort]) => {
      for (const make of tooShort) expect(() => make(sgd(1))).toThrow(ArgumentError);
      for (const lr of [0, 1]) {
        const optimizer = sgd(lr);
        const schedule = shortest(optimizer);
        for (let i = 0; i < 3 && !(name === "OneCycleLR" && i === 2); i++) {
          schedule.step(1);
          const { lr } = optimizer;
          expect(Number.isFinite(lr) && lr >= 0, `${lr}`).toBe(true);
        }
      }
      if (name === "OneCycleLR") return; // which ends
      const optimizer = sgd(1);
      const schedule = shortest(optimizer);
      const late = Object.entries(schedule.stateDict()).map(([key, x]) => [
        key,
        /last_epoch$/.test(key) ? tensor(1e9, { dtype: "f64" }) : x,
      ]);
      schedule.loadStateDict(Object.fromEntries(late));
      for (let i = 0; i < 3; i++) schedule.step(1);
      expect(Number.isFinite(optimizer.lr) && optimizer.lr >= 0, `${optimizer.lr}`).toBe(true);
    },
  );

  test("two at once multiply, in either order", () => {
    for (const order of [0, 1]) {
      const optimizer = sgd(1);
      const both: Schedule[] = [
        new optim.ExponentialLR(optimizer, { gamma: 0.5 }),
        new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.1 }),
      ];
      if (order) both.reverse();
      const rates = Array.from({ length: 4 }, () => {
        for (const schedule of both) schedule.step();
        return optimizer.lr;
      });
      for (const [i, wanted] of [0.5, 0.025, 0.0125, 0.000625].entries()) expect(rates[i]).toBeCloseTo(wanted, 12);
    }
  });

  test("a decay below the smallest number is 0, and stays it", () => {
    const optimizer = sgd(1);
    const schedule = new optim.ExponentialLR(optimizer, { gamma: 1e-100 });
    for (let i = 0; i < 6; i++) schedule.step();
    expect(optimizer.lr).toBe(0);
  });

  test("what makes a rate of NaN, or a negative one, is refused", () => {
    for (const gamma of [NAN, -1]) {
      const schedule = new optim.ExponentialLR(sgd(1), { gamma });
      expect(() => schedule.step()).toThrow("lr must be at least 0");
    }
  });

  test("plateaus: metrics that are infinite, constant or NaN are no improvement", () => {
    for (const metric of [INF, NAN, 1]) {
      const optimizer = sgd(1);
      const schedule = new optim.ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5 });
      for (let i = 0; i < 4; i++) schedule.step(metric);
      expect(optimizer.lr).toBe(metric === 1 ? 0.5 : 0.25);
    }
  });
});

describe("early stopping", () => {
  test.each([
    ["NaN", [NAN, NAN, NAN], [false, true, true], INF],
    ["infinite", [INF, INF, INF], [false, true, true], INF],
    ["constant", [1, 1, 1], [false, false, true], 1],
    ["falling to −∞", [1, -INF, -INF, -INF], [false, false, false, true], -INF],
    ["one value", [5], [false], 5],
    ["NaN between", [3, NAN, 2, NAN, NAN], [false, false, false, false, true], 2],
  ])("%s", (_, metrics, stops, best) => {
    const stopping = new EarlyStopping({ patience: 2 });
    expect(metrics.map((metric) => stopping.step(metric))).toEqual(stops);
    expect(stopping.best).toBe(best);
  });

  test("nothing is restored where nothing was best", async () => {
    const model = new Linear(1, 1);
    const before = await numbers(model.parameters());
    const stopping = new EarlyStopping({ patience: 1, restoreBest: true });
    expect(stopping.step(NAN, model)).toBe(true);
    expect(await numbers(model.parameters())).toEqual(before);
  });
});

describe("range test", () => {
  /** The losses as they come, without a model to speak of. */
  const along = (losses: readonly number[]) => {
    const model = new Linear(1, 1);
    let i = 0;
    const step = () => tensor(losses[Math.min(i++, losses.length - 1)]);
    return learningRateRangeTest(step, model, new optim.SGD(model.parameters(), { lr: 1 }), { steps: 20 });
  };

  test.each([
    ["NaN", [NAN], 0, "the loss is not finite at the lowest rate"],
    ["infinite", [INF], 0, "the loss is not finite at the lowest rate"],
    ["−∞", [-INF], 0, "the loss is not finite at the lowest rate"],
    ["constant", [1], 20, "flat"],
    ["0", [0], 20, "flat"],
    ["one number, then NaN", [1, NAN], 1, "diverges"],
    ["1e30", [1e30], 20, "flat"],
  ])("%s: no suggestion, and why", async (_, losses, length, why) => {
    const { losses: seen, suggestion, reason } = await along(losses);
    expect(seen).toHaveLength(length);
    expect(suggestion).toBeUndefined();
    expect(reason).toContain(why);
  });
});
