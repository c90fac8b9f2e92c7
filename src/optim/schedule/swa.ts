import type { Grouped } from "../group.ts";
import { cosine, LRScheduler, type PerGroup, perGroup, requireWhole, requireWord, scaled } from "./schedule.ts";

export interface SWALROptions {
  /** the rate to end with */
  swaLr: PerGroup<number>;
  /** how many steps the way there takes; 10 by default */
  annealEpochs?: number;
  /** along a cosine (`"cos"`, the default) or a line */
  annealStrategy?: "cos" | "linear";
}

/**
 * Anneals the learning rate to a constant, for averaging weights: lr = swaLr + (lr₀ − swaLr)·s(t), where s falls from 1
 * to 0 in `annealEpochs` steps.
 *
 * It begins with the rate as it is in its first `step()`, whatever other schedules have done until then. Throws an
 * ArgumentError if `annealEpochs` is not a whole number, at least 0.
 * Izmailov et al., Averaging weights leads to wider optima and better generalization, 2018.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new SWALR(optimizer, { swaLr: 0.5, annealEpochs: 2, annealStrategy: "linear" });
 * schedule.step();
 * schedule.getLastLr(); // [ 0.75 ]
 * schedule.step();
 * schedule.getLastLr(); // [ 0.5 ]
 * ```
 */
export class SWALR extends LRScheduler {
  constructor(optimizer: Grouped, { swaLr, annealEpochs = 10, annealStrategy = "cos" }: SWALROptions) {
    requireWhole("SWALR: annealEpochs", annealEpochs, 0);
    requireWord("SWALR: annealStrategy", annealStrategy, ["cos", "linear"]);
    const swaLrs = perGroup("SWALR: swaLr", swaLr, optimizer);
    const left = (t: number): number => {
      const x = annealEpochs === 0 ? 1 : Math.min(1, t / annealEpochs);
      return annealStrategy === "cos" ? cosine(x) : 1 - x;
    };
    const annealed = scaled(left, (group) => swaLrs[group]);
    super(optimizer, (moment) => (left(moment.t) === 0 ? swaLrs[moment.group] : annealed(moment)));
  }

  /** Begins from the rates as they are. */
  override restart(): void {
    this.begin();
  }
}
