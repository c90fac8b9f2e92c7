import { ArgumentError } from "../../core/errors.ts";
import type { Grouped } from "../group.ts";
import { cosine, LRScheduler, requireWhole, scaled } from "./schedule.ts";

export interface CosineAnnealingLROptions {
  /** steps from the initial rate to the lowest one */
  tMax: number;
  /** the lowest rate; 0 by default */
  etaMin?: number;
}

/**
 * Moves the learning rate along a cosine: lr = η + (lr₀ − η)·(1 + cos(πt / tMax)) / 2 with η = etaMin.
 *
 * After `tMax` steps it rises again. Throws an ArgumentError if `tMax` is not a whole number, at least 1.
 * Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 3, etaMin: 0.2 });
 * schedule.step();
 * schedule.getLastLr()[0].toFixed(6); // "0.800000"
 * ```
 */
export class CosineAnnealingLR extends LRScheduler {
  constructor(optimizer: Grouped, { tMax, etaMin = 0 }: CosineAnnealingLROptions) {
    requireWhole("CosineAnnealingLR: tMax", tMax);
    super(
      optimizer,
      scaled(
        (t) => cosine(t / tMax),
        () => etaMin,
      ),
    );
  }
}

export interface CosineAnnealingWarmRestartsOptions {
  /** steps of the first period */
  t0: number;
  /** how many times as long each period is as the one before; 1 by default */
  tMult?: number;
  /** the lowest rate; 0 by default */
  etaMin?: number;
}

/**
 * Moves the learning rate along a cosine that begins again: lr = η + (lr₀ − η)·(1 + cos(πc / p)) / 2, where c steps of
 * the period of p steps are over and η = etaMin.
 *
 * Throws an ArgumentError if `t0` or `tMult` is not a whole number, at least 1.
 * Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new CosineAnnealingWarmRestarts(optimizer, { t0: 2, tMult: 2 });
 * const rates = [];
 * for (let epoch = 0; epoch < 7; epoch++) {
 *   rates.push(schedule.getLastLr()[0].toFixed(2));
 *   schedule.step();
 * }
 * rates.join(" "); // "1.00 0.50 1.00 0.85 0.50 0.15 1.00"
 * ```
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  constructor(optimizer: Grouped, options: CosineAnnealingWarmRestartsOptions) {
    const { t0, tMult = 1, etaMin = 0 } = options;
    requireWhole("CosineAnnealingWarmRestarts: t0", t0);
    requireWhole("CosineAnnealingWarmRestarts: tMult", tMult);
    super(optimizer, ({ t, initialLr }) => {
      let [over, period] = [tMult === 1 ? t % t0 : t, t0];
      for (; over >= period; period *= tMult) over -= period;
      return etaMin + (initialLr - etaMin) * cosine(over / period);
    });
  }

  /** Sets the next learning rates; or those of `epoch`, which may be a fraction: `schedule.step(epoch + i / batches)`. */
  override step(epoch: number = this.lastEpoch + 1): void {
    if (!(epoch >= 0)) throw new ArgumentError(`CosineAnnealingWarmRestarts: an epoch is at least 0, but is ${epoch}.`);
    this.goTo(epoch);
  }
}
