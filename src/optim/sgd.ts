import { ArgumentError } from "../core/errors.ts";
import { full, type Tensor, where, zerosLike } from "../tensor/index.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { complement, decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type SGDSettings = {
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly form: "torch" | "averaged" | "velocity";
};

export interface SGDOptions extends SharedOptions {
  /** the learning rate */
  lr: number;
  /** μ; 0 by default, which is plain gradient descent */
  momentum?: number;
  /** what the velocity leaves out of each gradient but the first; 0 by default */
  dampening?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
  /** whether the step looks ahead along the velocity; needs momentum, no dampening and the form `"torch"` */
  nesterov?: boolean;
  /**
   * which velocity: `"torch"` (the default) sums gradients, `"averaged"` averages them, v ← μ·v + (1 − μ)·g from v = 0,
   * and `"velocity"` sums steps, Δ ← μ·Δ − lr·g and p ← p + Δ, where a change of lr takes hold slowly
   */
  form?: "torch" | "averaged" | "velocity";
}

/**
 * Stochastic gradient descent: v ← μ·v + (1 − dampening)·(g + λ·p) and p ← p − lr·v; the first v is the gradient.
 *
 * Without momentum, p ← p − lr·g: gradient descent, if the gradient is that of the whole data. With `nesterov`,
 * p ← p − lr·(g + μ·v). Throws an ArgumentError if a setting is out of its domain.
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
  constructor(params: ParamsOrGroups<SGDSettings>, { lr, ...options }: SGDOptions) {
    const { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false, form = "torch", ...shared } = options;
    super(params, lr, { momentum, dampening, weightDecay, nesterov, form, ...shared });
  }

  protected override requireDomain({ momentum, dampening, weightDecay, nesterov, form }: SGDSettings): void {
    requireAtLeastZero("SGD: momentum", momentum);
    requireAtLeastZero("SGD: weightDecay", weightDecay);
    if (nesterov && (momentum === 0 || dampening !== 0 || form !== "torch")) {
      throw new ArgumentError('SGD: nesterov needs a momentum greater than 0, no dampening and the form "torch".');
    }
    if (form !== "torch" && dampening !== 0) throw new ArgumentError(`SGD: the form "${form}" has no dampening.`);
  }

  protected override initialState(p: Tensor, { momentum }: Operands<SGDSettings>): State {
    return momentum === 0 ? {} : { momentumBuffer: zerosLike(p) };
  }

  /** The part of the gradient that joins the velocity: all of the first one. */
  protected override factors({ dampening }: Operands<SGDSettings>): FactorsOf | undefined {
    return dampening === 0
      ? undefined
      : (count) => ({ share: where(count.eq(1), 1, full([], 1 - dampening, { dtype: "f64" })) });
  }

  protected override update(step: Step<SGDSettings>): Updated {
    const { p, g, lr, factors, state, settings } = decayed(step);
    const { momentum, nesterov, form } = settings;
    if (!state.momentumBuffer) return { p: p.sub(g.mul(lr)), state: {} };
    const kept = state.momentumBuffer.mul(momentum);
    if (form === "velocity") {
      const Δ = kept.sub(g.mul(lr));
      return { p: p.add(Δ), state: { momentumBuffer: Δ } };
    }
    const share = form === "averaged" ? complement(momentum) : factors.share;
    const v = kept.add(share === undefined ? g : g.mul(share));
    const direction = nesterov ? g.add(v.mul(momentum)) : v;
    return { p: p.sub(direction.mul(lr)), state: { momentumBuffer: v } };
  }
}
