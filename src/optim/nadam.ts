import { full, ones, type Tensor, zerosLike } from "../tensor/index.ts";
import { correction, moments, requireMoments } from "./adam.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { complement, decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type NAdamSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentumDecay: number;
  readonly decoupledWeightDecay: boolean;
};

export interface NAdamOptions extends SharedOptions {
  /** the learning rate; 2e-3 by default */
  lr?: number;
  /** how much of the moments stays in each step; [0.9, 0.999] by default */
  betas?: readonly [number, number];
  /** ε, added to the denominator; 1e-8 by default */
  eps?: number;
  /** λ; 0 by default */
  weightDecay?: number;
  /** ψ, how fast the momentum μₜ rises to β₁; 4e-3 by default */
  momentumDecay?: number;
  /** whether p loses lr·λ·p, as in AdamW, instead of λ·p joining the gradient; false by default */
  decoupledWeightDecay?: boolean;
}

/**
 * NAdam, Adam with Nesterov's momentum: p ← p − lr · (μₜ₊₁·m / (1 − Πμ) + (1 − μₜ)·g / (1 − Πμ)) / (√v̂ + ε), with
 * μₜ = β₁·(1 − 0.96^(t·ψ) / 2) and the first Πμ up to t + 1, the second up to t.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Dozat, Incorporating Nesterov momentum into Adam, 2016.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new NAdam([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.8944, 1.8944])
 * ```
 */
export class NAdam extends Optimizer<NAdamSettings> {
  constructor(params: ParamsOrGroups<NAdamSettings>, { lr = 2e-3, ...options }: NAdamOptions = {}) {
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, momentumDecay = 4e-3, ...others } = options;
    const { decoupledWeightDecay = false, ...shared } = others;
    super(params, lr, { betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, ...shared });
  }

  protected override requireDomain({ betas, eps, weightDecay, momentumDecay }: NAdamSettings): void {
    requireMoments("NAdam", betas, eps, weightDecay);
    requireAtLeastZero("NAdam: momentumDecay", momentumDecay);
  }

  protected override initialState(p: Tensor): State {
    return { muProduct: ones([], { dtype: p.dtype }), expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
  }

  protected override factors({ betas: [β1, β2], momentumDecay }: Operands<NAdamSettings>): FactorsOf {
    const fading = full([], 0.96 ** momentumDecay, { dtype: "f64" });
    const momentum = (count: Tensor): Tensor => fading.pow(count).mul(-0.5).add(1).mul(β1);
    return (count) => ({
      mu: momentum(count),
      next: momentum(count.add(1)),
      deviation: correction(β2, count).sqrt(),
    });
  }

  protected override update(step: Step<NAdamSettings>): Updated {
    const { p, g, lr, factors, state, settings } = decayed(
      step,
      step.settings.decoupledWeightDecay ? "decoupled" : "coupled",
    );
    const { betas, eps } = settings;
    const { mu: μ, next, deviation } = factors;
    const [m, v] = moments(g, state, betas);
    const muProduct = state.muProduct.mul(μ);
    const ofGradient = complement(μ).div(complement(muProduct)).mul(lr);
    const ofMoment = next.div(complement(muProduct.mul(next))).mul(lr);
    const denominator = v.sqrt().div(deviation).add(eps);
    return {
      p: p.sub(g.mul(ofGradient).add(m.mul(ofMoment)).div(denominator)),
      state: { muProduct, expAvg: m, expAvgSq: v },
    };
  }
}
