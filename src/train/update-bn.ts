import { BatchNorm1d, BatchNorm2d, BatchNorm3d, type Module } from "../nn/index.ts";
import { compile, noGrad, onesLike, type Tensor, type Variable, zerosLike } from "../tensor/index.ts";
import { breathe } from "./evaluate.ts";
import type { Model } from "./recipe.ts";

/**
 * Computes anew what batch normalisation keeps: the means of all batches' means and variances, each batch counting the
 * same.
 *
 * Averaged weights need it, since no batch has ever passed through them: run it while they are in the model. A batch is
 * the input, or a list that begins with it. Parameters do not change. A model without running statistics stays as it is.
 * Izmailov et al., Averaging weights leads to wider optima and better generalization, 2018.
 *
 * ```ts
 * const model = new Sequential(new BatchNorm1d(1));
 * const averaged = new AveragedModel(model);
 * averaged.updateParameters();
 * const batches = [tensor([[0], [2]]), tensor([[4], [8]])];
 * await averaged.use(() => updateBn(batches, model));
 * averaged.stateDict()["module.0.running_mean"]; // tensor([3.5000])
 * averaged.stateDict()["module.0.running_var"]; // tensor([5.])
 * ```
 */
export async function updateBn(batches: Iterable<Tensor | readonly Tensor[]>, model: Model<unknown>): Promise<void> {
  const norms = model.modules().filter(isTracking);
  if (norms.length === 0) return;
  const before = norms.map(({ momentum }) => momentum);
  const { training } = model;
  for (const norm of norms) {
    norm.momentum = null; // all batches evenly
    norm.runningMean.assign(zerosLike(norm.runningMean));
    norm.runningVar.assign(onesLike(norm.runningVar));
    norm.numBatchesTracked.assign(zerosLike(norm.numBatchesTracked));
  }
  model.train();
  try {
    const pass = compile((x: Tensor) => noGrad(() => void model.forward(x)));
    for (const batch of batches) {
      pass("shape" in batch ? batch : batch[0]);
      await breathe();
    }
  } finally {
    norms.forEach((norm, i) => {
      norm.momentum = before[i];
    });
    model.train(training);
  }
}

/** A batch normalisation with running statistics; its momentum is for nobody else to change. */
interface Tracking {
  momentum: number | null;
  readonly runningMean: Variable;
  readonly runningVar: Variable;
  readonly numBatchesTracked: Variable;
}

const isTracking = (module: Module): module is Module & Tracking =>
  [BatchNorm1d, BatchNorm2d, BatchNorm3d].some((kind) => module instanceof kind) &&
  (module as Partial<Tracking>).runningMean !== undefined;
