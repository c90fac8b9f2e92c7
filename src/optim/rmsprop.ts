import { type Tensor, where, zerosLike } from "../tensor/index.ts";
import { rooted } from "./adagrad.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { decayed, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type RMSpropSettings = {
  readonly momentum: number;
  readonly alpha: number;
  readonly eps: number;
  readonly centered: boolean;
  readonly weightDecay: number;
  readonly epsInsideRoot: boolean;
};

export interface RMSpropOptions extends SharedOptions {
  /** the learning rate; 0.01 by default */
  lr?: number;
  /** α, how much of the average stays in each step; 0.99 by default */
  alpha?: number;
  /** ε, added to the denominator; 1e-8 by default */
  eps?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
  /** μ, of a velocity v ← μ·v + step; 0 by default */
  momentum?: number;
  /** whether to divide by the gradient's deviation, √(E[g²] − E[g]²); false by default */
  centered?: boolean;
  /** whether ε stands inside the root, √(v + ε); false by default */
  epsInsideRoot?: boolean;
}

/**
 * RMSprop: v ← α·v + (1 − α)·g² and p ← p − lr · g / (√v + ε).
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Tieleman and Hinton, Lecture 6.5: rmsprop, 2012. Graves, Generating sequences with recurrent neural networks, 2013
 * (centered).
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new RMSprop([w], { lr: 0.1, alpha: 0.75 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.8000, 1.8000])
 * ```
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  constructor(params: ParamsOrGroups<RMSpropSettings>, { lr = 0.01, ...options }: RMSpropOptions = {}) {
    const { momentum = 0, alpha = 0.99, eps = 1e-8, weightDecay = 0, ...others } = options;
    const { centered = false, epsInsideRoot = false, ...shared } = others;
    super(params, lr, { momentum, alpha, eps, weightDecay, centered, epsInsideRoot, ...shared });
  }

  protected override requireDomain({ momentum, alpha, eps, weightDecay }: RMSpropSettings): void {
    const numbers = { momentum, alpha, eps, weightDecay };
    for (const [name, value] of Object.entries(numbers)) requireAtLeastZero(`RMSprop: ${name}`, value);
  }

  protected override initialState(p: Tensor, { momentum, centered }: Operands<RMSpropSettings>): State {
    return {
      squareAvg: zerosLike(p),
      ...(momentum !== 0 && { momentumBuffer: zerosLike(p) }),
      ...(centered && { gradAvg: zerosLike(p) }),
    };
  }

  protected override update(step: Step<RMSpropSettings>): Updated {
    const { p, g, lr, state, settings } = decayed(step);
    const { momentum, alpha: α, eps, centered, epsInsideRoot } = settings;
    const v = state.squareAvg.mul(α).add(g.mul(g).mul(1 - α));
    const mean = centered && state.gradAvg.mul(α).add(g.mul(1 - α));
    // (Rounding can make it negative, and where v overflows the difference is of infinities.)
    const spread = mean ? where(v.isinf(), v, v.sub(mean.mul(mean)).clamp(0)) : v;
    const ratio = g.div(rooted(spread, eps, epsInsideRoot));
    const velocity = momentum !== 0 && state.momentumBuffer.mul(momentum).add(ratio);
    return {
      p: p.sub((velocity || ratio).mul(lr)),
      state: { squareAvg: v, ...(velocity && { momentumBuffer: velocity }), ...(mean && { gradAvg: mean }) },
    };
  }
}
