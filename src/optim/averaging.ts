import { ArgumentError } from "../core/errors.ts";
import { noGrad, type Parameter, type Tensor, Variable, where, zeros } from "../tensor/index.ts";
import { requireFit } from "./state-dict.ts";

/** The next average, from the average, the weight of now and the number of weights in the average. */
export type AvgFn = (averaged: Tensor, current: Tensor, nAveraged: Tensor) => Tensor;

/** What has weights to average: a module. */
export interface Averageable {
  namedParameters(): [string, Parameter][];
  namedBuffers(): [string, Variable][];
}

export interface AveragedModelOptions {
  /** how weights are averaged; `getSwaAvgFn()` by default: all count the same */
  avgFn?: AvgFn;
  /** whether buffers (the statistics of batch normalisation) are averaged too, instead of copied; false by default */
  useBuffers?: boolean;
}

/**
 * a ← decay·a + (1 − decay)·w: an exponential moving average of about 1 / (1 − decay) steps; decay is 0.999 by default.
 *
 * Throws an ArgumentError if decay is outside of [0, 1]. Polyak and Juditsky, Acceleration of stochastic approximation by
 * averaging, 1992; with exponential weights as in Tarvainen and Valpola, Mean teachers, 2017.
 *
 * ```ts
 * getEmaAvgFn(0.9)(tensor(1), tensor(2), tensor(5)); // tensor(1.1000)
 * ```
 */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  if (!(decay >= 0 && decay <= 1)) throw new ArgumentError(`getEmaAvgFn: decay lies in [0, 1], but is ${decay}.`);
  return (averaged, current) => averaged.mul(decay).add(current.mul(1 - decay));
}

/**
 * a ← a + (w − a) / (n + 1): the mean of all weights (stochastic weight averaging).
 *
 * Izmailov et al., Averaging weights leads to wider optima and better generalization, 2018.
 *
 * ```ts
 * getSwaAvgFn()(tensor(1), tensor(2), tensor(3)); // tensor(1.2500)
 * ```
 */
export function getSwaAvgFn(): AvgFn {
  return (averaged, current, nAveraged) => averaged.add(current.sub(averaged).div(nAveraged.add(1)));
}

/**
 * Averages of a model's weights over its training, and a way to use them in the model.
 *
 * `updateParameters()` after a step, inside of `compile` too, takes the weights of now into the averages; the first time
 * it copies them. `use(f)` runs `f` with the averages in the model. Buffers are copied, or averaged with `useBuffers`;
 * else let `updateBn` compute batch normalisation's statistics anew. The state dict is that of PyTorch's AveragedModel.
 * PyTorch documentation, torch.optim.swa_utils.AveragedModel.
 *
 * ```ts
 * const model = new Linear(1, 1, { bias: false });
 * const averaged = new AveragedModel(model);
 * for (const w of [1, 2, 6]) {
 *   model.loadStateDict({ weight: tensor([[w]]) });
 *   averaged.updateParameters();
 * }
 * averaged.use(() => model.forward(ones([1, 1]))); // tensor([[3.]], requiresGrad=true)
 * model.forward(ones([1, 1])); // tensor([[6.]], requiresGrad=true)
 * ```
 */
export class AveragedModel {
  /** how often weights were taken in, i32 */
  readonly nAveraged: Variable = new Variable(zeros([], { dtype: "i32" }));
  readonly #avgFn: AvgFn;
  readonly #weights: readonly Weight[];

  constructor(model: Averageable, options: AveragedModelOptions = {}) {
    const { avgFn = getSwaAvgFn(), useBuffers = false } = options;
    this.#avgFn = avgFn;
    const weights = (named: readonly [string, Variable][], isAveraged: boolean): Weight[] =>
      named.map(([name, own]) => ({ name, own, kept: new Variable(own.detach()), isAveraged }));
    this.#weights = [...weights(model.namedParameters(), true), ...weights(model.namedBuffers(), useBuffers)];
  }

  /** Takes the model's weights of now into the averages. */
  updateParameters(): void {
    noGrad(() => {
      const n = this.nAveraged.detach();
      for (const { own, kept, isAveraged } of this.#weights) {
        const now = own.detach();
        kept.assign(isAveraged ? where(n.eq(0), now, this.#avgFn(kept.detach(), now, n).to(now.dtype)) : now);
      }
      this.nAveraged.assign(n.add(1));
    });
  }

  /** Exchanges the model's weights and buffers for the averages; a second time, back. */
  swap(): void {
    for (const { own, kept } of this.#weights) {
      const now = own.detach();
      own.assign(kept.detach());
      kept.assign(now);
    }
  }

  /**
   * What `f` gives with the averages in the model; then the model's own weights are back, also if `f` throws or when its
   * promise is settled. What `f` does to the model's weights and buffers happens to the averages.
   */
  use<T>(f: () => T): T {
    this.swap();
    let result: T;
    try {
      result = f();
    } catch (error) {
      this.swap();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => this.swap()) as T;
    this.swap();
    return result;
  }

  /** `n_averaged`, and the averages by the model's names, a shared weight by its first: `module.0.weight`. */
  stateDict(): Record<string, Tensor> {
    const averages = this.#weights.map(({ name, kept }): [string, Tensor] => [`module.${name}`, kept.detach()]);
    return { n_averaged: this.nAveraged.detach(), ...Object.fromEntries(averages) };
  }

  /**
   * Goes on from a `stateDict()`. Throws a StateError that lists what is missing, unexpected or of another shape; then
   * nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    requireFit("AveragedModel", this.stateDict(), state);
    this.nAveraged.assign(state.n_averaged);
    for (const { name, kept } of this.#weights) kept.assign(state[`module.${name}`]);
  }
}

/** A weight of the model, and what is kept for it. */
interface Weight {
  readonly name: string;
  readonly own: Variable;
  readonly kept: Variable;
  readonly isAveraged: boolean;
}
