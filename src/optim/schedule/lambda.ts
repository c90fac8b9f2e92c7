import type { Grouped } from "../group.ts";
import { LRScheduler, type PerGroup, perGroup } from "./schedule.ts";

/** Step ─► factor. */
export type Factor = (t: number) => number;

export interface LambdaLROptions {
  /** the factor in step t; a list has one for each group */
  lrLambda: PerGroup<Factor>;
}

/**
 * Scales the initial learning rate by a function of the step: lr = lr₀·f(t).
 *
 * Throws an ArgumentError if a list of functions has another length than the optimizer's groups.
 * PyTorch documentation, torch.optim.lr_scheduler.LambdaLR.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 8 });
 * const schedule = new LambdaLR(optimizer, { lrLambda: (t) => 0.5 ** t });
 * schedule.step();
 * schedule.step();
 * schedule.getLastLr(); // [ 2 ]
 * ```
 */
export class LambdaLR extends LRScheduler {
  constructor(optimizer: Grouped, { lrLambda }: LambdaLROptions) {
    const factors = perGroup("LambdaLR: lrLambda", lrLambda, optimizer);
    super(optimizer, ({ t, initialLr, group }) => initialLr * factors[group](t));
  }
}

/**
 * Multiplies the learning rate by a function of the step: lr ← lr·f(t), from t = 1.
 *
 * Throws an ArgumentError if a list of functions has another length than the optimizer's groups.
 * PyTorch documentation, torch.optim.lr_scheduler.MultiplicativeLR.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new MultiplicativeLR(optimizer, { lrLambda: (t) => 1 / t });
 * for (let epoch = 0; epoch < 4; epoch++) schedule.step();
 * schedule.getLastLr()[0].toFixed(6); // "0.041667"
 * ```
 */
export class MultiplicativeLR extends LRScheduler {
  constructor(optimizer: Grouped, { lrLambda }: LambdaLROptions) {
    const factors = perGroup("MultiplicativeLR: lrLambda", lrLambda, optimizer);
    super(optimizer, ({ t, lr, group }) => (t === 0 ? lr : lr * factors[group](t)));
  }

  /** Begins from the rates as they are. */
  override restart(): void {
    this.begin();
  }
}
