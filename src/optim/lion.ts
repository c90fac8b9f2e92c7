import { type Tensor, zerosLike } from "../tensor/index.ts";
import { requireMoments } from "./adam.ts";
import type { ParamsOrGroups, SharedOptions } from "./group.ts";
import { complement, decayed, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type LionSettings = {
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
};

export interface LionOptions extends SharedOptions {
  /** the learning rate; 1e-4 by default: a third to a tenth of what suits AdamW */
  lr?: number;
  /** how much of the momentum is in the step's direction, and how much of it stays; [0.9, 0.99] by default */
  betas?: readonly [number, number];
  /** λ, decoupled; 1e-3 by default: three to ten times what suits AdamW */
  weightDecay?: number;
}

/**
 * Lion: p ← p − lr·(sign(β₁·m + (1 − β₁)·g) + λ·p), then m ← β₂·m + (1 − β₂)·g. Every element moves by ±lr.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Chen et al., Symbolic discovery of optimization algorithms, 2023.
 *
 * ```ts
 * const w = new Parameter(tensor([1, -2]));
 * const optimizer = new Lion([w], { lr: 0.1, weightDecay: 0 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([ 0.9000, -1.9000])
 * ```
 */
export class Lion extends Optimizer<LionSettings> {
  constructor(params: ParamsOrGroups<LionSettings>, options: LionOptions = {}) {
    const { lr = 1e-4, betas = [0.9, 0.99], weightDecay = 1e-3, ...shared } = options;
    super(params, lr, { betas, weightDecay, ...shared });
  }

  protected override requireDomain({ betas, weightDecay }: LionSettings): void {
    requireMoments("Lion", betas, 0, weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { expAvg: zerosLike(p) };
  }

  protected override update(step: Step<LionSettings>): Updated {
    const { p, g, lr, state, settings } = decayed(step, "decoupled");
    const [β1, β2] = settings.betas;
    const direction = state.expAvg
      .mul(β1)
      .add(g.mul(complement(β1)))
      .sign();
    return {
      p: p.sub(direction.mul(lr)),
      state: { expAvg: state.expAvg.mul(β2).add(g.mul(complement(β2))) },
    };
  }
}
