import { ArgumentError } from "../core/errors.ts";
import { minimum, type Tensor, zeros, zerosLike } from "../tensor/index.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type AdafactorSettings = {
  readonly beta2Decay: number;
  readonly eps: readonly [number | undefined, number];
  readonly d: number;
  readonly weightDecay: number;
};

export interface AdafactorOptions extends SharedOptions {
  /** the largest relative step; 1e-2 by default */
  lr?: number;
  /** τ ≤ 0: step t gives its squared gradient the weight t^τ in the second moment; −0.8 by default */
  beta2Decay?: number;
  /**
   * ε₁, the least root of the second moment (if undefined, the machine epsilon of the dtype), and ε₂, the least size that
   * a parameter is taken to have; [undefined, 1e-3] by default
   */
  eps?: readonly [number | undefined, number];
  /** the largest root mean square of a step before it is scaled, at least 1; 1 by default */
  d?: number;
  /** λ, decoupled; 0 by default */
  weightDecay?: number;
}

/**
 * Adafactor: steps relative to a parameter's size, with a second moment that for a matrix is a column times a row.
 *
 * In step t, with RMS the root mean square over a parameter, R and C the moving means of g² over the last dimension and
 * the one before it (a mean moves by t^τ of the way), and V = R·C / max(mean(R), ε₁), or for a vector the moving g²:
 * u = g / max(√V, ε₁), û = u / max(1, RMS(u) / d), and p ← (1 − lr·λ)·p − max(ε₂, RMS(p))·min(lr, 1/√t)·û.
 * Gradients whose squares are beyond the dtype make NaN, as in PyTorch.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Shazeer and Stern, Adafactor: Adaptive learning rates with sublinear memory cost, 2018; ε₁ stands where PyTorch has it.
 *
 * ```ts
 * const w = new Parameter(tensor([3, 4]));
 * const optimizer = new Adafactor([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([2.6464, 3.6464])
 * ```
 */
export class Adafactor extends Optimizer<AdafactorSettings> {
  constructor(params: ParamsOrGroups<AdafactorSettings>, options: AdafactorOptions = {}) {
    const { lr = 1e-2, beta2Decay = -0.8, eps = [undefined, 1e-3], d = 1, weightDecay = 0, ...shared } = options;
    super(params, lr, { beta2Decay, eps, d, weightDecay, ...shared });
  }

  protected override requireDomain({ beta2Decay, eps, d, weightDecay }: AdafactorSettings): void {
    const [ε1, ε2] = eps;
    if (!(beta2Decay <= 0)) throw new ArgumentError(`Adafactor: beta2Decay must be at most 0, but is ${beta2Decay}.`);
    if (ε1 !== undefined) requireAtLeastZero("Adafactor: eps[0]", ε1);
    requireAtLeastZero("Adafactor: eps[1]", ε2);
    if (!(d >= 1)) throw new ArgumentError(`Adafactor: d must be at least 1, but is ${d}.`);
    requireAtLeastZero("Adafactor: weightDecay", weightDecay);
  }

  protected override initialState(p: Tensor): State {
    if (p.ndim < 2) return { variance: zerosLike(p) };
    const without = (axis: number): Tensor =>
      zeros(
        p.shape.map((size, i) => (i === axis ? 1 : size)),
        { dtype: p.dtype },
      );
    return { rowVar: without(p.ndim - 1), colVar: without(p.ndim - 2) };
  }

  /** The weight of the newest squared gradient, and the size of the step relative to the parameter's. */
  protected override factors({ beta2Decay }: Operands<AdafactorSettings>): FactorsOf {
    return (count, lr) => ({ newest: count.pow(beta2Decay), relative: minimum(lr, count.rsqrt()) });
  }

  protected override update(step: Step<AdafactorSettings>): Updated {
    const { p, g, factors, state } = step;
    const {
      eps: [ε1 = EPSILON[p.dtype as "f32" | "f64"], ε2],
      d,
    } = step.settings;
    const moved = (average: Tensor, now: Tensor): Tensor => average.lerp(now, factors.newest);
    const squared = g.mul(g);
    const next: State = state.variance
      ? { variance: moved(state.variance, squared) }
      : {
          rowVar: moved(state.rowVar, squared.mean(-1, { keepdim: true })), // (…, R, 1)
          colVar: moved(state.colVar, squared.mean(-2, { keepdim: true })), // (…, 1, C)
        };
    const variance =
      next.variance ?? next.rowVar.mul(next.colVar).div(next.rowVar.mean(-2, { keepdim: true }).clamp(ε1)); // (…, R, C)
    const u = g.div(variance.sqrt().clamp(ε1));
    const size = rootMeanSquare(p).clamp(ε2).mul(factors.relative);
    return { p: decayed(step, "decoupled").p.sub(u.mul(size.div(rootMeanSquare(u).div(d).clamp(1)))), state: next };
  }
}

const EPSILON = { f32: 2 ** -23, f64: Number.EPSILON };

const rootMeanSquare = (x: Tensor): Tensor => x.mul(x).mean().sqrt();
