import { maximum, type Tensor, zerosLike } from "../tensor/index.ts";
import { correction, requireMoments } from "./adam.ts";
import type { Operands, ParamsOrGroups, SharedOptions } from "./group.ts";
import { complement, decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type AdamaxSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
};

export interface AdamaxOptions extends SharedOptions {
  /** the learning rate; 2e-3 by default */
  lr?: number;
  /** how much of the moment and of the largest gradient stays in each step; [0.9, 0.999] by default */
  betas?: readonly [number, number];
  /** ε, added to the gradient's size; 1e-8 by default */
  eps?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
}

/**
 * Adamax, Adam by the infinity norm: m ← β₁·m + (1 − β₁)·g, u ← max(β₂·u, |g| + ε) and p ← p − lr / (1 − β₁ᵗ) · m / u.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Kingma and Ba, Adam: A method for stochastic optimization, 2015.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Adamax([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.9000, 1.9000])
 * ```
 */
export class Adamax extends Optimizer<AdamaxSettings> {
  constructor(params: ParamsOrGroups<AdamaxSettings>, { lr = 2e-3, ...options }: AdamaxOptions = {}) {
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, ...shared } = options;
    super(params, lr, { betas, eps, weightDecay, ...shared });
  }

  protected override requireDomain({ betas, eps, weightDecay }: AdamaxSettings): void {
    requireMoments("Adamax", betas, eps, weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { expAvg: zerosLike(p), expInf: zerosLike(p) };
  }

  protected override factors({ betas: [β1] }: Operands<AdamaxSettings>): FactorsOf {
    return (count, lr) => ({ size: lr.div(correction(β1, count)) });
  }

  protected override update(step: Step<AdamaxSettings>): Updated {
    const { p, g, factors, state, settings } = decayed(step);
    const {
      betas: [β1, β2],
      eps,
    } = settings;
    const m = state.expAvg.mul(β1).add(g.mul(complement(β1)));
    const u = maximum(state.expInf.mul(β2), g.abs().add(eps));
    return { p: p.sub(m.div(u).mul(factors.size)), state: { expAvg: m, expInf: u } };
  }
}
