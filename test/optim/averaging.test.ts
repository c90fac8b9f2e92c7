import { expect, test } from "vitest";
import { BatchNorm1d, Linear, Sequential } from "../../src/nn/index.ts";
import { AveragedModel, getEmaAvgFn, getSwaAvgFn, SGD } from "../../src/optim/index.ts";
import { compile, ones, StateError, tensor } from "../../src/tensor/index.ts";

const model = () => new Linear(1, 1, { bias: false });
const set = (layer: Linear, w: number) => layer.loadStateDict({ weight: tensor([[w]]) });

test("weights count the same, or the newer the more", async () => {
  const layer = model();
  const [mean, moving] = [new AveragedModel(layer), new AveragedModel(layer, { avgFn: getEmaAvgFn(0.5) })];
  for (const w of [8, 2, 5]) {
    set(layer, w);
    mean.updateParameters();
    moving.updateParameters();
  }
  expect(await mean.stateDict()["module.weight"].item()).toBe(5);
  expect(await moving.stateDict()["module.weight"].item()).toBe(5); // (8 + 2) / 2, (5 + 5) / 2
  expect(await mean.nAveraged.item()).toBe(3);
  expect(await layer.weight.item()).toBe(5);
});

test("inside of compile the bits are the same, and nothing is traced twice", async () => {
  const run = async (wrap: <T>(f: () => T) => () => T) => {
    const layer = model();
    set(layer, 1);
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
    const averaged = new AveragedModel(layer, { avgFn: getEmaAvgFn(0.9) });
    let traces = 0;
    const step = wrap(() => {
      traces++;
      layer
        .forward(ones([1, 1]))
        .square()
        .sum()
        .backward();
      optimizer.step();
      optimizer.zeroGrad();
      averaged.updateParameters();
    });
    for (let i = 0; i < 5; i++) step();
    return { traces, weight: await averaged.stateDict()["module.weight"].item() };
  };
  const [eager, compiled] = [await run((f) => f), await run((f) => compile(f))];
  expect(compiled.weight).toBe(eager.weight);
  expect(compiled.traces).toBe(1);
});

test("the averages are in the model only while they are used", async () => {
  const layer = model();
  set(layer, 1);
  const averaged = new AveragedModel(layer);
  averaged.updateParameters();
  set(layer, 7);
  const read = () => layer.weight.item();
  expect(await averaged.use(read)).toBe(1);
  expect(await read()).toBe(7);
  const fails = () => {
    throw new Error("no data");
  };
  expect(() => averaged.use(fails)).toThrow("no data");
  expect(await read()).toBe(7);
  await expect(averaged.use(async () => fails())).rejects.toThrow("no data");
  expect(await read()).toBe(7);
  averaged.swap();
  expect(await read()).toBe(1);
  averaged.swap();
  expect(await read()).toBe(7);
});

test("buffers are copied, or averaged on demand; integers are cut", async () => {
  const net = new Sequential(new BatchNorm1d(1));
  const copied = new AveragedModel(net);
  const averaged = new AveragedModel(net, { useBuffers: true });
  for (const x of [0, 10, 20]) {
    net.forward(tensor([[x], [x]]));
    copied.updateParameters();
    averaged.updateParameters();
  }
  const means = [0, 1, 2.9]; // momentum 0.1
  expect(await copied.stateDict()["module.0.running_mean"].item()).toBeCloseTo(2.9, 6);
  expect(await averaged.stateDict()["module.0.running_mean"].item()).toBeCloseTo((means[1] + means[2]) / 3, 6);
  expect(await averaged.stateDict()["module.0.num_batches_tracked"].item()).toBe(1); // of 1, 2, 3: 1, 1 + 1/2, 1 + 2/3
});

test("a loaded state goes on", async () => {
  const layer = model();
  set(layer, 2);
  const averaged = new AveragedModel(layer);
  averaged.updateParameters();
  const state = averaged.stateDict();
  expect(Object.keys(state)).toEqual(["n_averaged", "module.weight"]);
  const resumed = new AveragedModel(layer);
  resumed.loadStateDict(state);
  set(layer, 4);
  resumed.updateParameters();
  expect(await resumed.stateDict()["module.weight"].item()).toBe(3);
  const load = () => resumed.loadStateDict({ "module.weight": ones([2, 1]) });
  expect(load).toThrow(StateError);
  expect(load).toThrow("n_averaged is missing; module.weight is (2, 1), not (1, 1).");
});

test("a decay lies in [0, 1]", async () => {
  expect(() => getEmaAvgFn(1.5)).toThrow("getEmaAvgFn: decay lies in [0, 1], but is 1.5.");
  expect(await getSwaAvgFn()(tensor(4), tensor(8), tensor(3)).item()).toBe(5);
});
