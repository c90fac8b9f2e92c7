import { ArgumentError } from "../core/errors.ts";
import { type Tensor, where, zerosLike } from "../tensor/index.ts";
import { type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { decayed, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type RpropSettings = {
  readonly etas: readonly [number, number];
  readonly stepSizes: readonly [number, number];
  readonly weightDecay: number;
  readonly weightBacktracking: boolean;
};

export interface RpropOptions extends SharedOptions {
  /** the size of each weight's first step; 0.01 by default */
  lr?: number;
  /** what step sizes are multiplied by where the gradient's sign has changed and where it has not; [0.5, 1.2] by default */
  etas?: readonly [number, number];
  /** the smallest and the largest step; [1e-6, 50] by default */
  stepSizes?: readonly [number, number];
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
  /** whether a weight takes its last step back where the gradient's sign has changed (Rprop⁺); false by default */
  weightBacktracking?: boolean;
}

/**
 * Rprop: p ← p − sign(g)·Δ, where each weight's Δ grows by η⁺ while the gradient keeps its sign and shrinks by η⁻ when it
 * changes; then the weight waits for a step.
 *
 * Only signs count, so it needs the gradient of the whole data: those of small batches change their sign at random.
 * Throws an ArgumentError if a setting is out of its domain.
 * Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the RPROP algorithm, 1993.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Rprop([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.9000, 1.9000])
 * ```
 */
export class Rprop extends Optimizer<RpropSettings> {
  constructor(params: ParamsOrGroups<RpropSettings>, { lr = 0.01, ...options }: RpropOptions = {}) {
    const { etas = [0.5, 1.2], stepSizes = [1e-6, 50], weightDecay = 0, ...others } = options;
    const { weightBacktracking = false, ...shared } = others;
    super(params, lr, { etas, stepSizes, weightDecay, weightBacktracking, ...shared });
  }

  protected override requireDomain({ etas, stepSizes, weightDecay }: RpropSettings): void {
    if (!(etas[0] > 0 && etas[0] < 1 && etas[1] > 1)) {
      throw new ArgumentError(`Rprop: etas lie in (0, 1) and above 1, but are [${etas.join(", ")}].`);
    }
    if (!(stepSizes[0] > 0 && stepSizes[0] <= stepSizes[1])) {
      throw new ArgumentError(`Rprop: stepSizes are greater than 0 and ascend, but are [${stepSizes.join(", ")}].`);
    }
    requireAtLeastZero("Rprop: weightDecay", weightDecay);
  }

  /** A step size of 0 stands for the learning rate of the first step. */
  protected override initialState(p: Tensor): State {
    return { prev: zerosLike(p), stepSize: zerosLike(p) };
  }

  protected override update(step: Step<RpropSettings>): Updated {
    const { p, g, lr, state, settings } = decayed(step);
    const {
      etas: [less, more],
      stepSizes,
      weightBacktracking,
    } = settings;
    const agreement = g.sign().mul(state.prev.sign());
    const turned = agreement.lt(0);
    const last = where(state.stepSize.eq(0), lr.to(p.dtype), state.stepSize);
    const stepSize = where(agreement.gt(0), last.mul(more), where(turned, last.mul(less), last)).clamp(...stepSizes);
    const prev = where(turned, 0, g);
    const onward = prev.sign().mul(stepSize);
    const back = state.prev.sign().mul(last).neg();
    return { p: p.sub(weightBacktracking ? where(turned, back, onward) : onward), state: { prev, stepSize } };
  }
}
