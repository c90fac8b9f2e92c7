import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { type Grouped, requireAtLeastZero } from "../group.ts";
import { requireFit } from "../state-dict.ts";
import { numbers, type PerGroup, perGroup, requireWhole, requireWord, setRates } from "./schedule.ts";

export interface ReduceLROnPlateauOptions {
  /** whether the metric is to fall (`"min"`, the default) or to rise (`"max"`) */
  mode?: "min" | "max";
  /** what the rate is multiplied by, less than 1; 0.1 by default */
  factor?: number;
  /** how many steps in a row may pass without improvement; 10 by default */
  patience?: number;
  /** smaller changes are no improvement; 1e-4 by default */
  threshold?: number;
  /** whether the threshold is a part of the best metric (`"rel"`, the default) or a difference (`"abs"`) */
  thresholdMode?: "rel" | "abs";
  /** how many steps after a reduction are not counted; 0 by default */
  cooldown?: number;
  /** the lowest rate; 0 by default */
  minLr?: PerGroup<number>;
  /** smaller reductions are left out; 1e-8 by default */
  eps?: number;
}

/**
 * Reduces the learning rate when a metric has stopped improving: lr ← max(lr·factor, minLr) after more than `patience`
 * steps in a row without improvement.
 *
 * A NaN is no improvement. Throws an ArgumentError if a setting is out of its domain.
 * PyTorch documentation, torch.optim.lr_scheduler.ReduceLROnPlateau.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 1 });
 * for (const loss of [3, 2, 2, 2, 1]) schedule.step(loss);
 * schedule.getLastLr(); // [ 0.5 ]
 * ```
 */
export class ReduceLROnPlateau {
  readonly optimizer: Grouped;
  readonly #better: (metric: number, best: number) => boolean;
  readonly #reduced: (lr: number, group: number) => number;
  readonly #patience: number;
  readonly #cooldown: number;
  #best: number;
  #badEpochs = 0;
  #cooling = 0;
  #epoch = 0;
  #lastLrs: readonly number[];

  constructor(optimizer: Grouped, options: ReduceLROnPlateauOptions = {}) {
    const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel" } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    if (!(factor >= 0 && factor < 1)) {
      throw new ArgumentError(`ReduceLROnPlateau: factor must lie in [0, 1), but is ${factor}.`);
    }
    requireWord("ReduceLROnPlateau: mode", mode, ["min", "max"]);
    requireWord("ReduceLROnPlateau: thresholdMode", thresholdMode, ["rel", "abs"]);
    requireWhole("ReduceLROnPlateau: patience", patience, 0);
    requireWhole("ReduceLROnPlateau: cooldown", cooldown, 0);
    requireAtLeastZero("ReduceLROnPlateau: threshold", threshold);
    const sign = mode === "min" ? -1 : 1;
    this.optimizer = optimizer;
    this.#better = (metric, best) => {
      const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
      return mode === "min" ? metric < bar : metric > bar;
    };
    const lowest = perGroup("ReduceLROnPlateau: minLr", minLr, optimizer);
    this.#reduced = (lr, group) => {
      const next = Math.max(lr * factor, lowest[group]);
      return lr - next > eps ? next : lr;
    };
    this.#patience = patience;
    this.#cooldown = cooldown;
    this.#best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#lastLrs = optimizer.groups.map(({ lr }) => lr);
  }

  /** How many steps the schedule has made. */
  get lastEpoch(): number {
    return this.#epoch;
  }

  /** The best metric so far. */
  get best(): number {
    return this.#best;
  }

  /** The learning rate of each group after the last step. */
  getLastLr(): number[] {
    return [...this.#lastLrs];
  }

  /** Takes an epoch's metric, and reduces the learning rates if there has been no better one for too long. */
  step(metric: number): void {
    this.#epoch++;
    const better = this.#better(metric, this.#best);
    if (better) this.#best = metric;
    this.#badEpochs = better || this.#cooling > 0 ? 0 : this.#badEpochs + 1;
    this.#cooling = Math.max(0, this.#cooling - 1);
    const { groups } = this.optimizer;
    if (this.#badEpochs > this.#patience) {
      const reduced = groups.map(({ lr }, i) => this.#reduced(lr, i));
      setRates(this.optimizer, reduced);
      this.#badEpochs = 0;
      this.#cooling = this.#cooldown;
    }
    this.#lastLrs = groups.map(({ lr }) => lr);
  }

  /** Everything that steps change, by PyTorch's names, and the learning rates as they are. */
  stateDict(): Record<string, Tensor> {
    return numbers({
      best: this.#best,
      num_bad_epochs: this.#badEpochs,
      cooldown_counter: this.#cooling,
      last_epoch: this.#epoch,
      _last_lr: this.#lastLrs,
      lr: this.optimizer.groups.map(({ lr }) => lr),
    });
  }

  /**
   * Goes on from a `stateDict()`, bit for bit: the optimizer has its learning rates again.
   *
   * Throws a StateError that lists what is missing, unexpected or of another shape; then nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    requireFit("ReduceLROnPlateau", this.stateDict(), state);
    this.#best = state.best.itemSync();
    this.#badEpochs = state.num_bad_epochs.itemSync();
    this.#cooling = state.cooldown_counter.itemSync();
    this.#epoch = state.last_epoch.itemSync();
    this.#lastLrs = [...state._last_lr.dataSync()];
    setRates(this.optimizer, [...state.lr.dataSync()]);
  }
}
