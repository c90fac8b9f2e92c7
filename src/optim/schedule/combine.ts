import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Grouped } from "../group.ts";
import { LRScheduler, requireWhole, type ValueAt } from "./schedule.ts";

/** What a schedule of schedules does to rates itself. */
const unchanged: ValueAt = ({ lr }) => lr;

/** A schedule that leaves learning rates to others. */
abstract class Combination extends LRScheduler {
  protected readonly schedulers: readonly LRScheduler[];

  constructor(optimizer: Grouped, schedulers: readonly LRScheduler[]) {
    super(optimizer, unchanged);
    if (schedulers.some((each) => each.optimizer !== optimizer)) {
      throw new ArgumentError(`${this.constructor.name}: all schedules must belong to one optimizer.`);
    }
    this.schedulers = [...schedulers];
  }

  /** Everything that steps change: of the i-th schedule as `_schedulers.i.last_epoch` and so on. */
  override stateDict(): Record<string, Tensor> {
    const theirs = this.schedulers.flatMap((each, i) =>
      Object.entries(each.stateDict()).map(([name, x]): [string, Tensor] => [`_schedulers.${i}.${name}`, x]),
    );
    return { ...super.stateDict(), ...Object.fromEntries(theirs) };
  }

  protected override load(state: Readonly<Record<string, Tensor>>): void {
    for (const [i, each] of this.schedulers.entries()) {
      const names = Object.keys(each.stateDict());
      each.loadStateDict(Object.fromEntries(names.map((name) => [name, state[`_schedulers.${i}.${name}`]])));
    }
    super.load(state);
  }
}

/**
 * Steps several schedules at once: each changes the learning rate that the one before has left.
 *
 * Those that decay a rate multiply; those that set it (`LambdaLR`, `CosineAnnealingWarmRestarts`, `CyclicLR`,
 * `OneCycleLR`, the warm-ups) make those before them void. Throws an ArgumentError if there is no schedule, or they
 * belong to different optimizers. PyTorch documentation, torch.optim.lr_scheduler.ChainedScheduler.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new ChainedScheduler([
 *   new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 }),
 *   new ExponentialLR(optimizer, { gamma: 0.5 }),
 * ]);
 * schedule.step();
 * schedule.getLastLr(); // [ 0.25 ]
 * schedule.step();
 * schedule.getLastLr(); // [ 0.25 ]
 * ```
 */
export class ChainedScheduler extends Combination {
  constructor(schedulers: readonly LRScheduler[]) {
    requireSome("ChainedScheduler", schedulers);
    super(schedulers[0].optimizer, schedulers);
  }

  override step(): void {
    for (const each of this.schedulers) each.step();
    super.step();
  }

  override begin(): void {
    for (const each of this.schedulers) each.begin();
    super.begin();
  }
}

export interface SequentialLROptions {
  /** the schedules, all of the same optimizer */
  schedulers: readonly LRScheduler[];
  /** the steps in which the second one, the third one and so on take over: they ascend */
  milestones: readonly number[];
}

/**
 * Steps one schedule after another: the next takes over at each milestone and makes its step 0 there, from the initial
 * learning rate (`MultiplicativeLR` and `SWALR` go on from the rate as it is).
 *
 * Throws an ArgumentError if there is no schedule, they belong to different optimizers, or the milestones are not one
 * fewer or do not ascend. PyTorch documentation, torch.optim.lr_scheduler.SequentialLR.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1 });
 * const schedule = new SequentialLR(optimizer, {
 *   schedulers: [
 *     new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
 *     new ExponentialLR(optimizer, { gamma: 0.5 }),
 *   ],
 *   milestones: [2],
 * });
 * const rates = [];
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   rates.push(...schedule.getLastLr());
 *   schedule.step();
 * }
 * rates; // [ 0.5, 0.75, 1, 0.5, 0.25 ]
 * ```
 */
export class SequentialLR extends Combination {
  readonly #milestones: readonly number[];

  constructor(optimizer: Grouped, { schedulers, milestones }: SequentialLROptions) {
    requireSome("SequentialLR", schedulers);
    for (const milestone of milestones) requireWhole("SequentialLR: a milestone", milestone);
    if (milestones.length !== schedulers.length - 1 || milestones.some((each, i) => each <= milestones[i - 1])) {
      throw new ArgumentError(
        `SequentialLR: ${schedulers.length} schedules need ${schedulers.length - 1} milestones that ascend, but got [${milestones.join(", ")}].`,
      );
    }
    super(optimizer, schedulers);
    this.#milestones = milestones;
    this.restart(); // undoes what creating the later ones has done
  }

  override step(): void {
    const t = this.lastEpoch + 1;
    const current = this.schedulers[this.#milestones.filter((milestone) => milestone <= t).length];
    if (this.#milestones.includes(t)) current.restart();
    else current.step();
    super.step();
  }

  override begin(): void {
    this.schedulers[0].begin();
    super.begin();
  }
}

function requireSome(name: string, schedulers: readonly LRScheduler[]): void {
  if (schedulers.length === 0) throw new ArgumentError(`${name} was given no schedules.`);
}
