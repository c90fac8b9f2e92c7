import { ArgumentError } from "../core/errors.ts";
import { maximum, type Tensor, zerosLike } from "../tensor/index.ts";
import { type Operand, type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
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

export type AdamSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
  readonly form: "torch" | "epsilonHat";
};

export interface AdamOptions extends SharedOptions {
  /** the learning rate; 1e-3 by default */
  lr?: number;
  /** how much of the moments stays in each step; [0.9, 0.999] by default */
  betas?: readonly [number, number];
  /** added to the denominator; 1e-8 by default */
  eps?: number;
  /** λ; 0 by default for Adam, 0.01 for AdamW */
  weightDecay?: number;
  /** whether the second moment never shrinks (Reddi et al., 2018) */
  amsgrad?: boolean;
  /**
   * where ε stands: m̂ / (√v̂ + ε), or `"epsilonHat"` (TensorFlow's): √(1 − β₂ᵗ)·m̂ / (√v + ε), where ε weighs more in the
   * first steps; `"torch"` by default
   */
  form?: "torch" | "epsilonHat";
}

/** The moving averages of the gradient and of its square: β·old + (1 − β)·new. */
export function moments(g: Tensor, { expAvg, expAvgSq }: State, [β1, β2]: readonly Operand[]): [m: Tensor, v: Tensor] {
  return [expAvg.mul(β1).add(g.mul(complement(β1))), expAvgSq.mul(β2).add(g.mul(g).mul(complement(β2)))];
}

/** p − lr·m̂ / (√v̂ + ε) with the moments m and v, corrected for their start at 0. */
export function adam({ p, g, factors: { size, deviation }, state, settings }: Step<AdamSettings>): Updated {
  const { betas, eps, form } = settings;
  const [m, v] = moments(g, state, betas);
  const largest = state.maxExpAvgSq && maximum(state.maxExpAvgSq, v);
  const root = (largest ?? v).sqrt();
  const ratio = form === "torch" ? m.div(root.div(deviation).add(eps)) : m.mul(deviation).div(root.add(eps));
  return {
    p: p.sub(ratio.mul(size)),
    state: { expAvg: m, expAvgSq: v, ...(largest && { maxExpAvgSq: largest }) },
  };
}

/** lr / (1 − β₁ᵗ) and √(1 − β₂ᵗ). */
export const corrections =
  ({ betas: [β1, β2] }: Pick<Operands<AdamSettings>, "betas">): FactorsOf =>
  (count, lr) => ({ size: lr.div(correction(β1, count)), deviation: correction(β2, count).sqrt() });

/** 1 − βᵗ: what a moving average that began at 0 has seen. In f64, since it cancels in f32. */
export const correction = (β: Operand, count: Tensor): Tensor => complement(scalar(β).pow(count));

/** Moments of zero. */
export function initialMoments(p: Tensor, { amsgrad }: Operands<AdamSettings>): State {
  const moments = { expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
  return { ...moments, ...(amsgrad && { maxExpAvgSq: zerosLike(p) }) };
}

function settingsOf(options: Omit<AdamOptions, "lr">, decay: number): AdamSettings & SharedOptions {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = decay, amsgrad = false, form = "torch", ...shared } = options;
  return { betas, eps, weightDecay, amsgrad, form, ...shared };
}

/** Throws an ArgumentError if a setting that Adam's family shares is out of its domain. */
export function requireMoments(name: string, betas: readonly number[], eps: number, weightDecay: number): void {
  if (!betas.every((β) => β >= 0 && β < 1)) {
    throw new ArgumentError(`${name}: betas lie in [0, 1), but are [${betas.join(", ")}].`);
  }
  requireAtLeastZero(`${name}: eps`, eps);
  requireAtLeastZero(`${name}: weightDecay`, weightDecay);
}

/**
 * Adam: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g² and p ← p − lr · m̂ / (√v̂ + ε), with m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) in step t.
 *
 * `weightDecay` adds λ·p to the gradient. Throws an ArgumentError if a setting is out of its domain.
 * Kingma and Ba, Adam: A method for stochastic optimization, 2015.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Adam([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.9000, 1.9000])
 * ```
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(params: ParamsOrGroups<AdamSettings>, { lr = 1e-3, ...options }: AdamOptions = {}) {
    super(params, lr, settingsOf(options, 0));
  }

  protected override requireDomain({ betas, eps, weightDecay }: AdamSettings): void {
    requireMoments("Adam", betas, eps, weightDecay);
  }

  protected override initialState(p: Tensor, settings: Operands<AdamSettings>): State {
    return initialMoments(p, settings);
  }

  protected override factors(settings: Operands<AdamSettings>): FactorsOf {
    return corrections(settings);
  }

  protected override update(step: Step<AdamSettings>): Updated {
    return adam(decayed(step));
  }
}

/**
 * Adam with decoupled weight decay: p ← p − lr·λ·p, then Adam's step. λ is 0.01 by default.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new AdamW([w], { lr: 0.1, weightDecay: 0.5 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.8500, 1.8000])
 * ```
 */
export class AdamW extends Optimizer<AdamSettings> {
  constructor(params: ParamsOrGroups<AdamSettings>, { lr = 1e-3, ...options }: AdamOptions = {}) {
    super(params, lr, settingsOf(options, 0.01));
  }

  protected override requireDomain({ betas, eps, weightDecay }: AdamSettings): void {
    requireMoments("AdamW", betas, eps, weightDecay);
  }

  protected override initialState(p: Tensor, settings: Operands<AdamSettings>): State {
    return initialMoments(p, settings);
  }

  protected override factors(settings: Operands<AdamSettings>): FactorsOf {
    return corrections(settings);
  }

  protected override update(step: Step<AdamSettings>): Updated {
    return adam(decayed(step, "decoupled"));
  }
}
