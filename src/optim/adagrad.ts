import { fullLike, type Tensor } from "../tensor/index.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type AdagradSettings = {
  readonly lrDecay: number;
  readonly initialAccumulatorValue: number;
  readonly weightDecay: number;
  readonly eps: number;
  readonly epsInsideRoot: boolean;
};

export interface AdagradOptions extends SharedOptions {
  /** the learning rate; 0.01 by default */
  lr?: number;
  /** step t goes by lr / (1 + (t − 1)·lrDecay); 0 by default */
  lrDecay?: number;
  /** G before the first step; 0 by default (TensorFlow's is 0.1) */
  initialAccumulatorValue?: number;
  /** λ, added to the gradient as λ·p; 0 by default */
  weightDecay?: number;
  /** ε, added to the denominator; 1e-10 by default */
  eps?: number;
  /** whether ε stands inside the root, √(G + ε); false by default */
  epsInsideRoot?: boolean;
}

/** √x + ε, or √(x + ε): what a step is divided by. */
export const rooted = (x: Tensor, eps: number, inside: boolean): Tensor =>
  inside ? x.add(eps).sqrt() : x.sqrt().add(eps);

/**
 * AdaGrad: G ← G + g² and p ← p − lr · g / (√G + ε).
 *
 * Steps only shrink, and least for what is rare. Throws an ArgumentError if a setting is out of its domain.
 * Duchi et al., Adaptive subgradient methods for online learning and stochastic optimization, 2011.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Adagrad([w], { lr: 0.1 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0.9000, 1.9000])
 * ```
 */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(params: ParamsOrGroups<AdagradSettings>, { lr = 0.01, ...options }: AdagradOptions = {}) {
    const { lrDecay = 0, initialAccumulatorValue = 0, weightDecay = 0, eps = 1e-10, ...others } = options;
    const { epsInsideRoot = false, ...shared } = others;
    super(params, lr, { lrDecay, initialAccumulatorValue, weightDecay, eps, epsInsideRoot, ...shared });
  }

  protected override requireDomain({ lrDecay, initialAccumulatorValue, weightDecay, eps }: AdagradSettings): void {
    const numbers = { lrDecay, initialAccumulatorValue, weightDecay, eps };
    for (const [name, value] of Object.entries(numbers)) requireAtLeastZero(`Adagrad: ${name}`, value);
  }

  protected override initialState(p: Tensor, { initialAccumulatorValue }: Operands<AdagradSettings>): State {
    return { sum: fullLike(p, initialAccumulatorValue) };
  }

  protected override factors({ lrDecay }: Operands<AdagradSettings>): FactorsOf | undefined {
    return lrDecay === 0 ? undefined : (count, lr) => ({ rate: lr.div(count.sub(1).mul(lrDecay).add(1)) });
  }

  protected override update(step: Step<AdagradSettings>): Updated {
    const { p, g, lr, factors, state, settings } = decayed(step);
    const sum = state.sum.add(g.mul(g));
    const direction = g.div(rooted(sum, settings.eps, settings.epsInsideRoot));
    return { p: p.sub(direction.mul(factors.rate ?? lr)), state: { sum } };
  }
}
