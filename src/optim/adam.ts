import { ArgumentError } from "../core/errors.ts";
import { full, maximum, type Tensor, zerosLike } from "../tensor/index.ts";
import {
  type FactorsOf,
  Optimizer,
  type ParamsOrGroups,
  requireAtLeastZero,
  type State,
  type Step,
  type Updated,
} from "./optimizer.ts";

export type AdamSettings = {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
  readonly maximize: boolean;
};

export interface AdamOptions {
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
  /** whether to climb */
  maximize?: boolean;
}

/** p − lr·m̂ / (√v̂ + ε) with the moments m and v, corrected for their start at 0. */
function adam({ p, g, factors: { size, deviation }, state, settings }: Step<AdamSettings>): Updated {
  const {
    betas: [β1, β2],
    eps,
  } = settings;
  const m = state.expAvg.mul(β1).add(g.mul(1 - β1));
  const v = state.expAvgSq.mul(β2).add(g.mul(g).mul(1 - β2));
  const largest = state.maxExpAvgSq && maximum(state.maxExpAvgSq, v);
  const denominator = (largest ?? v).sqrt().div(deviation).add(eps);
  return {
    p: p.sub(m.div(denominator).mul(size)),
    state: { expAvg: m, expAvgSq: v, ...(largest && { maxExpAvgSq: largest }) },
  };
}

/** lr / (1 − β₁ᵗ) and √(1 − β₂ᵗ). */
const corrections =
  ({ betas: [β1, β2] }: AdamSettings): FactorsOf =>
  (count, lr) => ({ size: lr.div(correction(β1, count)), deviation: correction(β2, count).sqrt() });

/** 1 − βᵗ: what a moving average that began at 0 has seen. In f64, since it cancels in f32. */
const correction = (β: number, count: Tensor): Tensor => full([], β, { dtype: "f64" }).pow(count).neg().add(1);

function initialState(p: Tensor, { amsgrad }: AdamSettings): State {
  const moments = { expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
  return { ...moments, ...(amsgrad && { maxExpAvgSq: zerosLike(p) }) };
}

function settingsOf(name: string, options: AdamOptions, decay: number): AdamSettings {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = decay, amsgrad = false, maximize = false } = options;
  if (!betas.every((β) => β >= 0 && β < 1)) {
    throw new ArgumentError(`${name}: betas lie in [0, 1), but are [${betas.join(", ")}].`);
  }
  requireAtLeastZero(`${name}: eps`, eps);
  requireAtLeastZero(`${name}: weightDecay`, weightDecay);
  return { betas, eps, weightDecay, amsgrad, maximize };
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
  constructor(params: ParamsOrGroups<AdamSettings>, options: AdamOptions = {}) {
    super(params, options.lr ?? 1e-3, settingsOf("Adam", options, 0));
  }

  protected override initialState(p: Tensor, settings: AdamSettings): State {
    return initialState(p, settings);
  }

  protected override factors(settings: AdamSettings): FactorsOf {
    return corrections(settings);
  }

  protected override update(step: Step<AdamSettings>): Updated {
    const {
      p,
      g,
      settings: { weightDecay },
    } = step;
    return adam(weightDecay === 0 ? step : { ...step, g: g.add(p.mul(weightDecay)) });
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
  constructor(params: ParamsOrGroups<AdamSettings>, options: AdamOptions = {}) {
    super(params, options.lr ?? 1e-3, settingsOf("AdamW", options, 0.01));
  }

  protected override initialState(p: Tensor, settings: AdamSettings): State {
    return initialState(p, settings);
  }

  protected override factors(settings: AdamSettings): FactorsOf {
    return corrections(settings);
  }

  protected override update(step: Step<AdamSettings>): Updated {
    const {
      p,
      lr,
      settings: { weightDecay },
    } = step;
    const kept = lr.mul(-weightDecay).add(1).to(p.dtype); // 1 − lr·λ
    return adam({ ...step, p: p.mul(kept) });
  }
}
