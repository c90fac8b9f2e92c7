import { expect, test } from "vitest";
import { BatchNorm1d, Linear, Sequential } from "../../src/nn/index.ts";
import { ArgumentError, full, ones, StateError, tensor } from "../../src/tensor/index.ts";
import { EarlyStopping, type EarlyStoppingOptions } from "../../src/train/index.ts";

/** When it stops: how many of the metrics it has taken. */
function stopsAfter(options: EarlyStoppingOptions, metrics: readonly number[]): number | undefined {
  const stopping = new EarlyStopping(options);
  const at = metrics.findIndex((metric) => stopping.step(metric));
  return at < 0 ? undefined : at + 1;
}

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test.each<[EarlyStoppingOptions, number[], number | undefined]>([
  [{ patience: 1 }, [3, 2, 2, 1], 3],
  [{ patience: 2 }, [3, 2, 2, 1, 1, 1], 6],
  [{ patience: 2 }, [3, 2, 1, 0], undefined],
  [{}, [1, ...Array<number>(10).fill(1)], 11],
  [{ patience: 2, mode: "max" }, [1, 2, 1.9, 1.8], 4],
  [{ patience: 1, minDelta: 0.5 }, [3, 2.5], 2],
  [{ patience: 1, minDelta: 0.5 }, [3, 2.4, 1.8], undefined],
  [{ patience: 2, minDelta: 0.5 }, [3, 2.8, 2.4, 2.2, 2], 5], // slow, but each is measured against the best
  [{ patience: 1, minDelta: 0.5, mode: "max" }, [1, 1.5], 2],
  [{ patience: 2 }, [nan, nan], 2],
  [{ patience: 2 }, [nan, 5, nan, 4, nan, nan], 6],
  [{ patience: 1 }, [inf], 1],
  [{ patience: 2 }, [-1, -2, -3, -3, -3], 5],
])("%o of %j stops after %s", (options, metrics, want) => {
  expect(stopsAfter(options, metrics)).toBe(want);
});

test("the best state comes back, buffers included", async () => {
  const model = new Sequential(new Linear(2, 2), new BatchNorm1d(2));
  const stopping = new EarlyStopping({ patience: 2, restoreBest: true });
  const seen = [];
  for (const [epoch, loss] of [5, 3, 4, Number.NaN].entries()) {
    for (const [, variable] of [...model.namedParameters(), ...model.namedBuffers()])
      variable.assign(full(variable.shape, epoch));
    seen.push(stopping.step(loss, model));
  }
  expect(seen).toEqual([false, false, false, true]);
  expect(stopping.best).toBe(3);
  for (const x of Object.values(model.stateDict())) expect(new Set(await x.data())).toEqual(new Set([1]));
});

test("a training that is not stopped restores by itself", async () => {
  const model = new Linear(1, 1, { bias: false });
  const stopping = new EarlyStopping({ restoreBest: true });
  stopping.restore(model); // nothing is kept yet
  for (const loss of [2, 1, 3]) {
    model.weight.assign(tensor([[loss]]));
    stopping.step(loss, model);
  }
  expect(await model.weight.item()).toBe(3);
  stopping.restore(model);
  expect(await model.weight.item()).toBe(1);
});

test("without restoreBest the model stays", async () => {
  const model = new Linear(1, 1, { bias: false });
  const stopping = new EarlyStopping({ patience: 1 });
  stopping.step(1, model);
  model.weight.assign(tensor([[7]]));
  expect(stopping.step(2, model)).toBe(true);
  expect(await model.weight.item()).toBe(7);
});

test("a loaded state goes on", async () => {
  const model = new Linear(1, 1, { bias: false });
  const stopping = new EarlyStopping({ patience: 2, restoreBest: true });
  for (const loss of [0.1, 0.3]) {
    model.weight.assign(tensor([[loss]]));
    stopping.step(loss, model);
  }
  const state = stopping.stateDict();
  expect(Object.keys(state)).toEqual(["best", "num_bad_steps", "best_state.weight"]);

  const resumed = new EarlyStopping({ patience: 2, restoreBest: true });
  resumed.loadStateDict(state);
  expect(resumed.best).toBe(0.1);
  expect(resumed.step(0.2, model)).toBe(true);
  expect(await model.weight.item()).toBe(Math.fround(0.1));
  expect(() => resumed.loadStateDict({ best: ones([]), weight: ones([1]) })).toThrow(StateError);
  expect(() => resumed.loadStateDict({ best: ones([]), weight: ones([1]) })).toThrow(
    "The state dict does not fit EarlyStopping: num_bad_steps is missing; weight is unexpected.",
  );
});

test("wrong options are refused", () => {
  expect(() => new EarlyStopping({ patience: 0 })).toThrow("patience must be a whole number, at least 1, but is 0.");
  expect(() => new EarlyStopping({ minDelta: -1 })).toThrow(ArgumentError);
  expect(() => new EarlyStopping({ restoreBest: true }).step(1)).toThrow("step needs the model");
});
