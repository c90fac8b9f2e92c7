import { ArgumentError, StateError } from "../core/errors.ts";
import type { Module } from "../nn/index.ts";
import { type Tensor, tensor } from "../tensor/index.ts";

export interface EarlyStoppingOptions {
  /** how many steps in a row without improvement end the training, at least 1; 10 by default */
  patience?: number;
  /** smaller changes are no improvement; 0 by default */
  minDelta?: number;
  /** whether the metric is to fall (`"min"`, the default) or to rise (`"max"`) */
  mode?: "min" | "max";
  /** whether the model's best state is kept, and put back in the end; false by default */
  restoreBest?: boolean;
}

/**
 * Says when to stop: after `patience` steps in a row in which a metric has not improved by more than `minDelta`.
 *
 * A NaN is no improvement. Throws an ArgumentError if a setting is out of its domain.
 * Prechelt, Early stopping: but when?, 1998.
 *
 * ```ts
 * const stopping = new EarlyStopping({ patience: 2 });
 * [0.9, 0.5, 0.6, 0.5].map((loss) => stopping.step(loss)); // [ false, false, false, true ]
 * stopping.best; // 0.5
 * ```
 */
export class EarlyStopping {
  readonly #patience: number;
  readonly #restoreBest: boolean;
  readonly #improves: (metric: number) => boolean;
  #best: number;
  #badSteps = 0;
  #bestState: Readonly<Record<string, Tensor>> = {};

  constructor(options: EarlyStoppingOptions = {}) {
    const { patience = 10, minDelta = 0, mode = "min", restoreBest = false } = options;
    if (!(Number.isInteger(patience) && patience >= 1)) {
      throw new ArgumentError(`EarlyStopping: patience must be a whole number, at least 1, but is ${patience}.`);
    }
    if (!(minDelta >= 0)) throw new ArgumentError(`EarlyStopping: minDelta must be at least 0, but is ${minDelta}.`);
    this.#patience = patience;
    this.#restoreBest = restoreBest;
    this.#best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#improves =
      mode === "min" ? (metric) => metric < this.#best - minDelta : (metric) => metric > this.#best + minDelta;
  }

  /** The best metric so far. */
  get best(): number {
    return this.#best;
  }

  /**
   * Takes an epoch's metric, and gives whether to stop; then the model, if its best state was kept, has it again.
   *
   * Throws an ArgumentError if the best state is to be kept and there is no model.
   */
  step(metric: number, model?: Module): boolean {
    if (this.#restoreBest && !model) {
      throw new ArgumentError("EarlyStopping: step needs the model whose best state is to be restored.");
    }
    if (this.#improves(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
      if (this.#restoreBest && model) this.#bestState = model.stateDict();
      return false;
    }
    this.#badSteps++;
    const stop = this.#badSteps >= this.#patience;
    if (stop && model) this.restore(model);
    return stop;
  }

  /** Puts the best state back, if one was kept: for a training that ends before it is stopped. */
  restore(model: Module): void {
    if (Object.keys(this.#bestState).length > 0) model.loadStateDict(this.#bestState);
  }

  /** What steps change: `best`, `num_bad_steps`, and the model's best state as `best_state.weight` and so on. */
  stateDict(): Record<string, Tensor> {
    const kept = Object.entries(this.#bestState).map(([name, x]): [string, Tensor] => [PREFIX + name, x]);
    return {
      best: tensor(this.#best, { dtype: "f64" }),
      num_bad_steps: tensor(this.#badSteps, { dtype: "f64" }),
      ...Object.fromEntries(kept),
    };
  }

  /** Goes on from a `stateDict()`. Throws a StateError that lists what is missing or unexpected. */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    const { best, num_bad_steps: badSteps, ...others } = state;
    const unexpected = Object.keys(others).filter((name) => !name.startsWith(PREFIX));
    if (!best || !badSteps || unexpected.length > 0) {
      const missing = ["best", "num_bad_steps"].filter((name) => !(name in state));
      const wrong = [
        ...missing.map((name) => `${name} is missing`),
        ...unexpected.map((name) => `${name} is unexpected`),
      ];
      throw new StateError(`The state dict does not fit EarlyStopping: ${wrong.join("; ")}.`);
    }
    this.#best = best.itemSync();
    this.#badSteps = badSteps.itemSync();
    this.#bestState = Object.fromEntries(Object.entries(others).map(([name, x]) => [name.slice(PREFIX.length), x]));
  }
}

const PREFIX = "best_state.";
