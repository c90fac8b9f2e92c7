/** Optimizers, schedules and what watches over training at the edges: gradients, parameters and settings that are hardly any. */

import { describe, expect, test } from "vitest";
import { parseSafetensors, serializeSafetensors } from "../../src/io/index.ts";
import * as optim from "../../src/optim/index.ts";
import { compile, ones, Parameter, setDevice, type Tensor, tensor, zeros } from "../../src/tensor/index.ts";
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
