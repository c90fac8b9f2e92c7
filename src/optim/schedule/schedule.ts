import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import type { Grouped, ParamGroup, Settings } from "../group.ts";
import { requireFit } from "../state-dict.ts";

/** Where a group of parameters stands in a step of a schedule. */
export interface Moment {
  /** how many steps the schedule has made: 0 when it is created */
  readonly t: number;
  /** the group's learning rate as it is */
  readonly lr: number;
  /** what it was before the first schedule took hold of it */
  readonly initialLr: number;
  /** the position of the group in the optimizer */
  readonly group: number;
}

/** A group's next learning rate, or momentum. */
export type ValueAt = (moment: Moment) => number;

/** One value for all groups, or one for each. */
export type PerGroup<T> = T | readonly T[];

/** The rates before any schedule: later schedules of a group begin from the same. */
const initialRates: WeakMap<ParamGroup<Settings>, number> = new WeakMap();

/**
 * The base class of schedules: (step, learning rate) ─► learning rate, for each group of an optimizer's parameters.
 *
 * Creating a schedule makes its step 0; `step()` makes the next, after the optimizer's. Learning rates are inputs of
 * compiled steps, so that nothing is compiled anew. Throws an ArgumentError if a rate is negative or NaN.
 *
 * ```ts
 * class HarmonicLR extends LRScheduler {
 *   constructor(optimizer: Optimizer, { halfLife }: { halfLife: number }) {
 *     super(optimizer, ({ t, initialLr }) => initialLr / (1 + t / halfLife));
 *   }
 * }
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 6 });
 * const schedule = new HarmonicLR(optimizer, { halfLife: 2 });
 * for (let epoch = 0; epoch < 4; epoch++) schedule.step();
 * schedule.getLastLr(); // [ 2 ]
 * optimizer.lr; // 2
 * ```
 */
export abstract class LRScheduler {
  readonly optimizer: Grouped;
  #initialLrs: readonly number[];
  readonly #rateAt: ValueAt;
  readonly #momentumAt: ValueAt | undefined;
  #t = 0;
  #lastLrs: readonly number[] = [];

  /** `momentumAt` moves the momentum too, or where the optimizer has `betas`, the first of them. */
  constructor(optimizer: Grouped, rateAt: ValueAt, momentumAt?: ValueAt) {
    this.optimizer = optimizer;
    this.#rateAt = rateAt;
    this.#momentumAt = momentumAt;
    this.#initialLrs = optimizer.groups.map((group) => {
      if (!initialRates.has(group)) initialRates.set(group, group.lr);
      return initialRates.get(group)!;
    });
    this.goTo(0);
  }

  /** How many steps the schedule has made. */
  get lastEpoch(): number {
    return this.#t;
  }

  /** The learning rate of each group after the last step. */
  getLastLr(): number[] {
    return [...this.#lastLrs];
  }

  /** Sets the next learning rates. */
  step(): void {
    this.goTo(this.#t + 1);
  }

  /** Makes step 0 once more, from the rates as they are. */
  begin(): void {
    this.goTo(0);
  }

  /** Makes step 0 once more, from the initial rates: `SequentialLR` does so with the schedule whose turn it is. */
  restart(): void {
    setRates(this.optimizer, this.#initialLrs);
    this.begin();
  }

  /** Makes step t. */
  protected goTo(t: number): void {
    const rates = this.#each(this.#rateAt, t);
    setRates(this.optimizer, rates);
    if (this.#momentumAt) setMomenta(this.optimizer, this.#each(this.#momentumAt, t));
    this.#t = t;
    this.#lastLrs = rates;
  }

  #each(valueAt: ValueAt, t: number): number[] {
    return this.optimizer.groups.map(({ lr }, group) => {
      return valueAt({ t, lr, initialLr: this.#initialLrs[group], group });
    });
  }

  /** Everything that steps change, by PyTorch's names, and learning rates and momenta as they are. */
  stateDict(): Record<string, Tensor> {
    return numbers({
      last_epoch: this.#t,
      base_lrs: this.#initialLrs,
      _last_lr: this.#lastLrs,
      lr: this.optimizer.groups.map(({ lr }) => lr),
      ...(this.#momentumAt && { momentum: momentaOf(this.optimizer) }),
    });
  }

  /**
   * Goes on from a `stateDict()`, bit for bit: the optimizer has its learning rates and momenta again.
   *
   * Throws a StateError that lists what is missing, unexpected or of another shape; then nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    requireFit(this.constructor.name, this.stateDict(), state);
    this.load(state);
  }

  /** Takes a state that fits. */
  protected load(state: Readonly<Record<string, Tensor>>): void {
    this.#t = state.last_epoch.itemSync();
    this.#initialLrs = [...state.base_lrs.dataSync()];
    this.#lastLrs = [...state._last_lr.dataSync()];
    setRates(this.optimizer, [...state.lr.dataSync()]);
    if (this.#momentumAt) setMomenta(this.optimizer, [...state.momentum.dataSync()]);
  }
}

/** Sets each group's learning rate. */
export function setRates({ groups }: Grouped, rates: readonly number[]): void {
  groups.forEach((group, i) => {
    group.lr = rates[i];
  });
}

/** Each group's momentum: Adam's is β₁. */
const momentaOf = ({ groups }: Grouped): number[] =>
  groups.map(({ settings: { betas, momentum } }) => Number(Array.isArray(betas) ? betas[0] : momentum));

function setMomenta({ groups }: Grouped, momenta: readonly number[]): void {
  groups.forEach((group, i) => {
    const { betas } = group.settings;
    if (Array.isArray(betas)) group.schedule("betas", [momenta[i], ...betas.slice(1)]);
    else group.schedule("momentum", momenta[i]);
  });
}

/** Numbers and lists of them as a state dict: f64, so that they come back as they were. */
export function numbers(values: Readonly<Record<string, number | readonly number[]>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(value, { dtype: "f64" })]));
}

/**
 * The initial rate with the distance to a floor scaled: floor + (initialLr − floor)·s(t).
 *
 * Each step scales the rate as it is by s(t) / s(t − 1), as PyTorch's schedules do, so that what others do to it, a
 * chained schedule for instance, remains. Out of s = 0, from where no factor leads, (initialLr − floor)·s(t) is added.
 */
export function scaled(s: (t: number) => number, floor: (group: number) => number = () => 0): ValueAt {
  return ({ t, lr, initialLr, group }) => {
    const [before, now, low] = [t === 0 ? 1 : s(t - 1), s(t), floor(group)];
    if (now === before) return lr;
    return before === 0 ? lr + (initialLr - low) * now : low + (lr - low) * (now / before);
  };
}

/** (1 + cos πx) / 2: from 1 at x = 0 to 0 at x = 1. As a square, which is exact where the sum cancels. */
export const cosine = (x: number): number => (Math.abs(x % 2) === 1 ? 0 : Math.cos((Math.PI * x) / 2) ** 2);

/** A value for each group. Throws an ArgumentError if a list has another length. */
export function perGroup<T>(name: string, value: PerGroup<T>, { groups }: Grouped): readonly T[] {
  const isList = (x: PerGroup<T>): x is readonly T[] => Array.isArray(x);
  if (!isList(value)) return groups.map(() => value);
  if (value.length === groups.length) return value;
  throw new ArgumentError(
    `${name} has ${value.length} values for the optimizer's ${groups.length} groups: give one for each, or one for all.`,
  );
}

/** Throws an ArgumentError unless the number is a whole one, at least `least`. */
export function requireWhole(name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ArgumentError(`${name} must be a whole number, at least ${least}, but is ${value}.`);
}

/** Throws an ArgumentError unless the number lies in [0, 1]. */
export function requireShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new ArgumentError(`${name} must lie between 0 and 1, but is ${value}.`);
}

/** Throws an ArgumentError unless the word is one of those. */
export function requireWord(name: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  throw new ArgumentError(`${name} must be ${words.map((each) => `"${each}"`).join(" or ")}, but is "${word}".`);
}
