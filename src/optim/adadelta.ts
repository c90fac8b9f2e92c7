import { ArgumentError } from "../core/errors.ts";
import { type Tensor, zerosLike } from "../tensor/index.ts";
import { type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { decayed, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type AdadeltaSettings = {
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
};

export interface AdadeltaOptions extends SharedOptions {
  /** what the step is multiplied by; 1 by default */
  lr?: number;
  /** ρ, how much of the averages stays in each step; 0.9 by default */
  rho?: number;
  /** ε, inside both roots; 1e-6 by default */
  eps?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
}

/**
 * AdaDelta: v ← ρ·v + (1 − ρ)·g², Δ = g · √(u + ε) / √(v + ε), p ← p − lr·Δ and u ← ρ·u + (1 − ρ)·Δ².
 *
 * Steps are as large as the last ones were, in the parameter's own units. Throws an ArgumentError if a setting is out of
 * its domain.
 * Zeiler, ADADELTA: An adaptive learning rate method, 2012.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Adadelta([w], { lr: 100 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.6838, 1.6838])
 * ```
 */
export class Adadelta extends Optimizer<AdadeltaSettings> {
  constructor(params: ParamsOrGroups<AdadeltaSettings>, { lr = 1, ...options }: AdadeltaOptions = {}) {
    const { rho = 0.9, eps = 1e-6, weightDecay = 0, ...shared } = options;
    super(params, lr, { rho, eps, weightDecay, ...shared });
  }

  protected override requireDomain({ rho, eps, weightDecay }: AdadeltaSettings): void {
    if (!(rho >= 0 && rho <= 1)) throw new ArgumentError(`Adadelta: rho lies in [0, 1], but is ${rho}.`);
    requireAtLeastZero("Adadelta: eps", eps);
    requireAtLeastZero("Adadelta: weightDecay", weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { squareAvg: zerosLike(p), accDelta: zerosLike(p) };
  }

  protected override update(step: Step<AdadeltaSettings>): Updated {
    const { p, g, lr, state, settings } = decayed(step);
    const { rho: ρ, eps } = settings;
    const v = state.squareAvg.mul(ρ).add(g.mul(g).mul(1 - ρ));
    const Δ = state.accDelta.add(eps).sqrt().div(v.add(eps).sqrt()).mul(g);
    const u = state.accDelta.mul(ρ).add(Δ.mul(Δ).mul(1 - ρ));
    return { p: p.sub(Δ.mul(lr)), state: { squareAvg: v, accDelta: u } };
  }
}
