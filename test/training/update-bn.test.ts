import { expect, test } from "vitest";
import { BatchNorm1d, BatchNorm2d, Conv2d, Linear, Sequential } from "../../src/nn/index.ts";
import { AveragedModel, getEmaAvgFn } from "../../src/optim/index.ts";
import { manualSeed, randn, type Tensor, tensor } from "../../src/tensor/index.ts";
import { updateBn } from "../../src/train/index.ts";

test("statistics are the means over all batches, and the model is as before", async () => {
  const norm = new BatchNorm1d(1, { momentum: 0.5 });
  const model = new Sequential(norm);
  model.forward(tensor([[100], [200]])); // forgotten
  model.eval();
  await updateBn([[tensor([[0], [2]]), tensor([1, 1])], tensor([[3], [3], [9]])], model);
  expect(await norm.runningMean?.item()).toBe(3); // (1 + 5) / 2
  expect(await norm.runningVar?.item()).toBe(7); // (2 + 12) / 2, unbiased
  expect(await norm.numBatchesTracked?.item()).toBe(2);
  expect(norm.momentum).toBe(0.5);
  expect(model.training).toBe(false);
});

test("with averaged weights in the model, its own statistics come back", async () => {
  manualSeed(0);
  const norm = new BatchNorm2d(2);
  const model = new Sequential(new Conv2d(1, 2, 3), norm);
  const averaged = new AveragedModel(model, { avgFn: getEmaAvgFn(0.5) });
  const batches = [randn([4, 1, 5, 5]), randn([4, 1, 5, 5]), randn([3, 1, 5, 5])];
  for (const x of batches) {
    model.forward(x);
    averaged.updateParameters();
  }
  const own = await norm.runningMean?.array();
  await averaged.use(() => updateBn(batches, model));
  expect(await norm.runningMean?.array()).toEqual(own);
  const means = batches.map((x) => (model[0].forward(x) as Tensor).detach().mean([0, 2, 3]));
  const wanted = await means[0].add(means[1]).add(means[2]).div(3).data();
  const got = await averaged.stateDict()["module.1.running_mean"].data();
  for (const [i, x] of wanted.entries()) expect(got[i]).toBeCloseTo(x, 6);
});

test("a batch that does not fit leaves momentum and mode as they were", async () => {
  const norm = new BatchNorm1d(2);
  const model = new Sequential(norm).eval();
  await expect(updateBn([tensor([[1], [2]])], model)).rejects.toThrow("has 1 channels");
  expect(norm.momentum).toBe(0.1);
  expect(model.training).toBe(false);
});

test("a model without statistics stays", async () => {
  const model = new Sequential(new Linear(2, 1), new BatchNorm1d(1, { trackRunningStats: false })).eval();
  await updateBn([tensor([[1, 2]])], model);
  expect(model.training).toBe(false);
});
