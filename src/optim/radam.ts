import { type Tensor, where, zerosLike } from "../tensor/index.ts";
import { correction, moments, requireMoments } from "./adam.ts";
import type { Operands, ParamsOrGroups, SharedOptions } from "./group.ts";
import {
  complement,
  decayed,
  type FactorsOf,
  Optimizer,
  type State,
  type Step,
  scalar,
  type Updated,
} from "./optimizer.ts";

export type RAdamSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupledWeightDecay: boolean;
};

export interface RAdamOptions extends SharedOptions {
  /** the learning rate; 1e-3 by default */
  lr?: number;
  /** how much of the moments stays in each step; [0.9, 0.999] by default */
  betas?: readonly [number, number];
  /** ε, added to the denominator; 1e-8 by default */
  eps?: number;
  /** λ; 0 by default */
  weightDecay?: number;
  /** whether p loses lr·λ·p, as in AdamW, instead of λ·p joining the gradient; false by default */
  decoupledWeightDecay?: boolean;
}

/**
 * RAdam, Adam that trusts its second moment only once it has seen enough: p ← p − lr · m̂ · r / (√v̂ + ε) if ρₜ > 5, else
 * p ← p − lr · m̂, with ρ∞ = 2/(1 − β₂) − 1, ρₜ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ) and
 * r² = (ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ).
 *
 * As in PyTorch, ε is added before the second moment is corrected. Throws an ArgumentError if a setting is out of its
 * domain.
 * Liu et al., On the variance of the adaptive learning rate and beyond, 2020.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new RAdam([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.8000, 1.6000])
 * ```
 */
export class RAdam extends Optimizer<RAdamSettings> {
  constructor(params: ParamsOrGroups<RAdamSettings>, { lr = 1e-3, ...options }: RAdamOptions = {}) {
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, decoupledWeightDecay = false, ...shared } = options;
    super(params, lr, { betas, eps, weightDecay, decoupledWeightDecay, ...shared });
  }

  protected override requireDomain({ betas, eps, weightDecay }: RAdamSettings): void {
    requireMoments("RAdam", betas, eps, weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
  }

  /** lr / (1 − β₁ᵗ), and r·√(1 − β₂ᵗ), which is 0 while the second moment is not to be trusted. */
  protected override factors({ betas: [β1, β2] }: Operands<RAdamSettings>): FactorsOf {
    const most = scalar(complement(β2)).pow(-1).mul(2).sub(1);
    return (count, lr) => {
      const power = scalar(β2).pow(count);
      const seen = complement(power);
      const length = most.sub(count.mul(2).mul(power).div(seen));
      const share = (ρ: Tensor): Tensor => ρ.sub(4).mul(ρ.sub(2)).div(ρ);
      const rectification = share(length.clamp(5))
        .div(share(most.clamp(5)))
        .mul(seen)
        .sqrt(); // (√ of what is positive)
      return {
        size: lr.div(correction(β1, count)),
        rectification: where(length.gt(5), rectification, 0),
      };
    };
  }

  protected override update(step: Step<RAdamSettings>): Updated {
    const { p, g, factors, state, settings } = decayed(
      step,
      step.settings.decoupledWeightDecay ? "decoupled" : "coupled",
    );
    const { betas, eps } = settings;
    const { size, rectification } = factors;
    const [m, v] = moments(g, state, betas);
    const scale = where(rectification.gt(0), rectification.div(v.sqrt().add(eps)), 1);
    return { p: p.sub(m.mul(scale).mul(size)), state: { expAvg: m, expAvgSq: v } };
  }
}
