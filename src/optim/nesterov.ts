import { ArgumentError } from "../core/errors.ts";
import { type Tensor, zerosLike } from "../tensor/index.ts";
import { type Operand, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { complement, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type NesterovSettings = {
  readonly momentum: number;
  readonly weightDecay: number;
};

export interface NesterovOptions extends SharedOptions {
  /** the learning rate */
  lr: number;
  /** β, how much of the velocity stays in each step; 0.9 by default */
  momentum?: number;
  /** λ, added to the gradient as λ·p of the point that it was taken at; 0 by default */
  weightDecay?: number;
}

/** Where the velocity alone would lead: p − lr·β·v. */
const ahead = (p: Tensor, v: Tensor, lr: Tensor, β: Operand): Tensor => p.sub(v.mul(β).mul(lr));

/**
 * Nesterov's momentum as it is written: g is the gradient at p − lr·β·v, then v ← β·v + (1 − β)·g and p ← p − lr·v.
 *
 * `step` needs a closure, which computes the gradients there. (`SGD` with `nesterov` is PyTorch's form, which needs none:
 * it keeps the point ahead as its parameters.) Throws an ArgumentError if a setting is out of its domain.
 * Nesterov, A method for solving the convex programming problem with convergence rate O(1/k²), 1983.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Nesterov([w], { lr: 0.5, momentum: 0.5 });
 * const closure = () => {
 *   optimizer.zeroGrad();
 *   const loss = w.mul(w).sum();
 *   loss.backward();
 *   return loss;
 * };
 * optimizer.step(closure).item(); // 5
 * w.detach(); // tensor([0.5000, 1.0000])
 * optimizer.step(closure).item(); // 0.3125
 * ```
 */
export class Nesterov extends Optimizer<NesterovSettings> {
  constructor(params: ParamsOrGroups<NesterovSettings>, { lr, ...options }: NesterovOptions) {
    const { momentum = 0.9, weightDecay = 0, ...shared } = options;
    super(params, lr, { momentum, weightDecay, ...shared });
  }

  protected override requireDomain({ momentum, weightDecay }: NesterovSettings): void {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new ArgumentError(`Nesterov: momentum lies in [0, 1), but is ${momentum}.`);
    }
    requireAtLeastZero("Nesterov: weightDecay", weightDecay);
  }

  protected override initialState(p: Tensor): State {
    return { momentumBuffer: zerosLike(p) };
  }

  override step(): never;
  override step<T>(closure: () => T): T;
  override step<T>(closure?: () => T): T {
    if (!closure) throw new ArgumentError("Nesterov: step needs a closure that computes the gradients.");
    const moved = this.groups.flatMap(({ params, operands, rate }) =>
      params.map((parameter) => {
        const { momentumBuffer: v } = this.stateOf(parameter);
        const start = parameter.detach();
        if (v) parameter.assign(ahead(start, v, rate, operands.momentum));
        return { parameter, start };
      }),
    );
    return super.step(() => {
      try {
        return closure();
      } finally {
        for (const { parameter, start } of moved) parameter.assign(start);
      }
    });
  }

  protected override update({ p, g, lr, state, settings }: Step<NesterovSettings>): Updated {
    const { momentum: β, weightDecay } = settings;
    const decay = weightDecay === 0 ? undefined : ahead(p, state.momentumBuffer, lr, β).mul(weightDecay);
    const v = state.momentumBuffer.mul(β).add((decay ? g.add(decay) : g).mul(complement(β)));
    return { p: p.sub(v.mul(lr)), state: { momentumBuffer: v } };
  }
}
