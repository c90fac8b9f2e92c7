import { type Tensor, where, zerosLike } from "../tensor/index.ts";
import { correction, moments, requireMoments } from "./adam.ts";
import type { Operands, ParamsOrGroups, SharedOptions } from "./group.ts";
import { type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type LAMBSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
};

export interface LAMBOptions extends SharedOptions {
  /** the learning rate; 1e-3 by default */
  lr?: number;
  /** how much of the moments stays in each step; [0.9, 0.999] by default */
  betas?: readonly [number, number];
  /** added to the denominator; 1e-6 by default */
  eps?: number;
  /** λ; 0 by default */
  weightDecay?: number;
}

/**
 * LAMB, for large batches: p ← p − lr·(‖p‖ / ‖u‖)·u, where u = m̂ / (√v̂ + ε) + λ·p is AdamW's step.
 *
 * The trust ratio ‖p‖ / ‖u‖, of 2-norms over a whole parameter, makes every layer move in proportion to its size. It is
 * not clipped (the paper's φ is the identity), and it is 1 if either norm is 0, so that zeros can be left.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * You et al., Large batch optimization for deep learning: Training BERT in 76 minutes, 2020.
 *
 * ```ts
 * const w = new Parameter(tensor([3, 4]));
 * const optimizer = new LAMB([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([2.6464, 3.6464])
 * ```
 */
export class LAMB extends Optimizer<LAMBSettings> {
  constructor(params: ParamsOrGroups<LAMBSettings>, options: LAMBOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-6, weightDecay = 0, ...shared } = options;
    super(params, lr, { betas, eps, weightDecay, ...shared });
  }

  protected override requireDomain({ betas, eps, weightDecay }: LAMBSettings): void {
    requireMoments("LAMB", betas, eps, weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
  }

  protected override factors({ betas: [β1, β2] }: Operands<LAMBSettings>): FactorsOf {
    return (count) => ({ mean: correction(β1, count), deviation: correction(β2, count).sqrt() });
  }

  protected override update({ p, g, lr, factors, state, settings }: Step<LAMBSettings>): Updated {
    const { betas, eps, weightDecay } = settings;
    const [m, v] = moments(g, state, betas);
    const adam = m.div(factors.mean).div(v.sqrt().div(factors.deviation).add(eps));
    const u = weightDecay === 0 ? adam : adam.add(p.mul(weightDecay));
    const [size, length] = [p.norm(), u.norm()];
    const trust = where(size.eq(0).logicalOr(length.eq(0)), 1, size.div(length));
    return { p: p.sub(u.mul(trust.mul(lr))), state: { expAvg: m, expAvgSq: v } };
  }
}
