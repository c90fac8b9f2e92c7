import { ArgumentError } from "../core/errors.ts";
import { full, type Tensor, where, zerosLike } from "../tensor/index.ts";
import {
  type FactorsOf,
  Optimizer,
  type ParamsOrGroups,
  requireAtLeastZero,
  type State,
  type Step,
  type Updated,
} from "./optimizer.ts";

export type SGDSettings = {
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
};

export interface SGDOptions {
  /** the learning rate */
  lr: number;
  /** μ; 0 by default */
  momentum?: number;
  /** 0 by default */
  dampening?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
  /** whether the step looks ahead along the velocity; needs momentum and no dampening */
  nesterov?: boolean;
  /** whether to climb */
  maximize?: boolean;
}

/**
 * Stochastic gradient descent: v ← μ·v + (1 − dampening)·(g + λ·p) and p ← p − lr·v; the first v is the gradient.
 *
 * With `nesterov`, p ← p − lr·(g + μ·v). Throws an ArgumentError if a setting is out of its domain.
 * Sutskever et al., On the importance of initialization and momentum in deep learning, 2013.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.8000, 1.6000])
 * ```
 */
export class SGD extends Optimizer<SGDSettings> {
  constructor(params: ParamsOrGroups<SGDSettings>, options: SGDOptions) {
    const { lr, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false, maximize = false } = options;
    requireAtLeastZero("SGD: momentum", momentum);
    requireAtLeastZero("SGD: weightDecay", weightDecay);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError("SGD: nesterov needs a momentum greater than 0 and no dampening.");
    }
    super(params, lr, { momentum, dampening, weightDecay, nesterov, maximize });
  }

  protected override initialState(p: Tensor, { momentum }: SGDSettings): State {
    return momentum === 0 ? {} : { momentumBuffer: zerosLike(p) };
  }

  /** The part of the gradient that joins the velocity: all of the first one. */
  protected override factors({ dampening }: SGDSettings): FactorsOf | undefined {
    return dampening === 0
      ? undefined
      : (count) => ({ share: where(count.eq(1), 1, full([], 1 - dampening, { dtype: "f64" })) });
  }

  protected override update({ p, g, lr, factors: { share }, state, settings }: Step<SGDSettings>): Updated {
    const { momentum, weightDecay, nesterov } = settings;
    const rate = lr.to(p.dtype);
    const gradient = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
    if (!state.momentumBuffer) return { p: p.sub(gradient.mul(rate)), state: {} };
    const v = state.momentumBuffer.mul(momentum).add(share ? gradient.mul(share) : gradient);
    const direction = nesterov ? gradient.add(v.mul(momentum)) : v;
    return { p: p.sub(direction.mul(rate)), state: { momentumBuffer: v } };
  }
}
