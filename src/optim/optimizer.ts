import type { DType } from "../core/dtype.ts";
import { ArgumentError } from "../core/errors.ts";
import {
  enableGrad,
  full,
  maximum,
  minimum,
  noGrad,
  type Parameter,
  stack,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from "../tensor/index.ts";
import {
  groupsOf,
  type Operand,
  type Operands,
  ParamGroup,
  type ParamsOrGroups,
  type Settings,
  type SharedOptions,
  type SharedSettings,
} from "./group.ts";
import { groupEntries, readGroups, requireFit, snakeCase } from "./state-dict.ts";

/** What an optimizer keeps for one parameter. */
export type State = Readonly<Record<string, Tensor>>;

/** What a step takes from its number alone, as Adam does the corrections of its moments. */
export type Factors = Readonly<Record<string, Tensor>>;

/**
 * Factors for all parameters of a group at once, one element each: `count` (n, f64) says which step of theirs this is,
 * from 1; `lr` is the learning rate, f64.
 */
export type FactorsOf = (count: Tensor, lr: Tensor) => Factors;

/** What an update reads. */
export interface Step<S extends Settings> {
  /** the parameter */
  readonly p: Tensor;
  /** its gradient; of the objective's negative, where `maximize` is set */
  readonly g: Tensor;
  /** the learning rate, f64 without dimensions: beside p, which has dimensions here, it takes p's dtype */
  readonly lr: Tensor;
  /** those of this parameter and step, in p's dtype, without dimensions */
  readonly factors: Factors;
  readonly state: State;
  readonly settings: Operands<S>;
}

/** What an update gives: the parameter's and the state's next values. */
export interface Updated {
  readonly p: Tensor;
  readonly state: State;
}

/**
 * The base class of optimizers: subclasses say what a step computes, (parameter, gradient, state) ─► (parameter, state).
 *
 * ```ts
 * class Descent extends Optimizer {
 *   constructor(params: Parameter[], lr: number) {
 *     super(params, lr, {});
 *   }
 *   override initialState() {
 *     return {};
 *   }
 *   override update({ p, g, lr }: Step) {
 *     return { p: p.sub(g.mul(lr)), state: {} };
 *   }
 * }
 * const w = new Parameter(tensor([1, 2]));
 * const optimizer = new Descent([w], 0.5);
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([0., 0.])
 * ```
 */
export abstract class Optimizer<S extends Settings = Settings> {
  readonly groups: readonly ParamGroup<S>[];
  readonly #states: Map<Parameter, Readonly<Record<string, Variable>>> = new Map();
  /** how often each parameter of a group was stepped: one tensor, so that what follows from it is computed at once */
  readonly #counts: Map<ParamGroup<S>, Variable> = new Map();

  /** Throws an ArgumentError if there is no parameter, one stands in two places, or a setting is out of its domain. */
  constructor(params: ParamsOrGroups<S>, lr: number, settings: S & SharedOptions) {
    this.groups = groupsOf(params).map(({ params, lr: own = lr, ...others }) => {
      const { maximize = false, l1 = 0, constraint, ...rest } = { ...settings, ...others };
      const shared: SharedSettings = { maximize, l1, constraint };
      const all = { ...(rest as unknown as S), ...shared };
      return new ParamGroup(params, own, all, (chosen) => this.requireDomain(chosen));
    });
    const all = this.#parameters();
    if (all.length === 0) throw new ArgumentError(`${this.constructor.name} was given no parameters.`);
    if (new Set(all).size < all.length)
      throw new ArgumentError(`${this.constructor.name}: a parameter was given twice.`);
    // Now rather than in the first step, which would be compiled for parameters without state.
    for (const group of this.groups) {
      const { operands } = group;
      for (const p of group.params) if (p.requiresGrad) this.#state(p, operands);
      if (group.params.length > 0 && this.factors(operands)) this.#count(group);
    }
  }

  /** Throws an ArgumentError if a group's settings are out of their domains: those of the constructor, or of the group. */
  protected requireDomain(_settings: S): void {}

  /** What is kept for a parameter before its first step. */
  protected abstract initialState(p: Tensor, settings: Operands<S>): State;

  /** What updates take from the number of the step; steps are counted, as `step` in the state, unless it is undefined. */
  protected factors(_settings: Operands<S>): FactorsOf | undefined {
    return undefined;
  }

  /** One parameter's step. */
  protected abstract update(step: Step<S>): Updated;

  /** What is kept for a parameter now, by name: nothing, if it is frozen. */
  protected stateOf(parameter: Parameter): Readonly<Record<string, Variable>> {
    return this.#states.get(parameter) ?? {};
  }

  /** The learning rate of all groups (of the first one, if they differ); changing it compiles nothing anew. */
  get lr(): number {
    return this.groups[0].lr;
  }

  set lr(next: number) {
    for (const group of this.groups) group.lr = next;
  }

  /**
   * Updates every parameter that has a gradient.
   *
   * `closure` computes the gradients first, and what it gives (the loss) is returned.
   */
  step(): undefined;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    const result = closure && enableGrad(closure);
    noGrad(() => {
      for (const group of this.groups) this.#stepGroup(group);
    });
    return result;
  }

  #stepGroup(group: ParamGroup<S>): void {
    const settings = group.operands;
    const { maximize, l1, constraint } = settings;
    const grads = group.params.map(({ grad }) => grad);
    const factorsAt = this.#countStep(group, grads, settings);
    const lr = group.rate;
    group.params.forEach((parameter, i) => {
      const grad = grads[i];
      if (!grad) return;
      const kept = this.#state(parameter, settings);
      // A number alone would meet lr in f64; with a dimension it stays of its own dtype.
      const alone = parameter.ndim === 0;
      const inside = (x: Tensor): Tensor => (alone && x.ndim === 0 ? x.reshape([1]) : x);
      const assign = (target: Variable, x: Tensor) => target.assign(alone ? x.reshape(target.shape) : x);
      const state = Object.fromEntries(
        Object.entries(kept).map(([name, variable]) => [name, inside(variable.detach())]),
      );
      const factors = factorsAt(i, parameter.dtype);
      const g = inside(maximize ? grad.neg() : grad);
      const next = this.update({ p: inside(parameter.detach()), g, lr, factors, state, settings });
      const p = l1 === 0 ? next.p : shrink(next.p, lr.mul(l1));
      assign(parameter, constraint ? constraint(p) : p);
      for (const [name, value] of Object.entries(next.state)) assign(kept[name], value);
    });
  }

  /** Drops every parameter's gradient. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.grad = undefined;
  }

  /** Everything that steps change and the settings, by PyTorch's names: `state.0.exp_avg`, `param_groups.0.lr`. */
  stateDict(): Record<string, Tensor> {
    const counts = this.groups.flatMap((group) => {
      const count = this.#counts.get(group)?.detach();
      // Not by select: one program reads them all.
      return group.params.map((_, i) => count?.indexSelect(0, tensor([i], { dtype: "i32" })).reshape([]));
    });
    const entries = this.#parameters().flatMap((parameter, i) => {
      const variables = this.#states.get(parameter);
      if (!variables) return [];
      const state = Object.entries(variables).map(([name, variable]): [string, Tensor] => [name, variable.detach()]);
      const count: [string, Tensor][] = counts[i] ? [["step", counts[i]]] : [];
      return [...count, ...state].map(([name, x]): [string, Tensor] => [`state.${i}.${snakeCase(name)}`, x]);
    });
    return { ...Object.fromEntries(entries), ...groupEntries(this.groups) };
  }

  /**
   * Goes on from a `stateDict()`, bit for bit. Throws a StateError that lists what is missing, unexpected or of another
   * shape, or says which setting is out of its domain; then nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    this.#startAsIn(state);
    requireFit(this.constructor.name, this.stateDict(), state);
    const setGroups = readGroups(this.constructor.name, this.groups, state);
    this.#parameters().forEach((parameter, i) => {
      for (const [name, variable] of Object.entries(this.#states.get(parameter) ?? {})) {
        variable.assign(state[`state.${i}.${snakeCase(name)}`]);
      }
    });
    let next = 0;
    for (const group of this.groups) {
      const counts = group.params.map(() => state[`state.${next++}.step`]?.to("f64") ?? zeros([], { dtype: "f64" }));
      this.#counts.get(group)?.assign(stack(counts));
    }
    setGroups();
  }

  /** Begins the state of parameters that are frozen here, but had been unfrozen when `state` was saved. */
  #startAsIn(state: Readonly<Record<string, Tensor>>): void {
    const started = new Set(Object.keys(state).map((name) => name.split(".").slice(0, 2).join(".")));
    let i = 0;
    for (const { params, operands } of this.groups) {
      for (const parameter of params) if (started.has(`state.${i++}`)) this.#state(parameter, operands);
    }
  }

  #parameters(): Parameter[] {
    return this.groups.flatMap((group) => group.params);
  }

  #count(group: ParamGroup<S>): Variable {
    let count = this.#counts.get(group);
    if (!count) this.#counts.set(group, (count = new Variable(zeros([group.params.length], { dtype: "f64" }))));
    return count;
  }

  /** Counts a step of the parameters that have a gradient: the factors of the i-th, in its dtype. */
  #countStep(
    group: ParamGroup<S>,
    grads: readonly unknown[],
    settings: Operands<S>,
  ): (i: number, dtype: DType) => Factors {
    const factors = this.factors(settings);
    const stepped = grads.map((grad) => (grad ? 1 : 0));
    if (!factors || !stepped.includes(1)) return () => ({});
    const count = this.#count(group);
    const all = !stepped.includes(0);
    const now = count.add(all ? 1 : tensor(stepped, { dtype: "f64" }));
    count.assign(now);
    // (Before its first step a parameter has no factors: numbers that nobody reads must be finite all the same.)
    const found = Object.entries(factors(all ? now : now.clamp(1), group.rate));
    return (i, dtype) => Object.fromEntries(found.map(([name, x]) => [name, x.to(dtype).select(0, i)]));
  }

  /** What is kept for a parameter: more than before when a setting asks for more (a momentum that was 0). */
  #state(parameter: Parameter, settings: Operands<S>): Readonly<Record<string, Variable>> {
    const known = this.#states.get(parameter) ?? {};
    const initial = Object.entries(this.initialState(parameter.detach(), settings)).filter(
      ([name]) => !(name in known),
    );
    if (initial.length === 0) return known;
    const added = Object.fromEntries(initial.map(([name, value]) => [name, new Variable(value)]));
    const state = { ...known, ...added };
    this.#states.set(parameter, state);
    return state;
  }
}

/** Nearer to 0 by `amount`, and 0 from there on: the proximal step of L1. */
const shrink = (p: Tensor, amount: Tensor): Tensor => p.sub(minimum(maximum(p, amount.neg()), amount));

/** The step with weight decay λ: λ·p joins the gradient, or, decoupled, p loses lr·λ·p first. */
export function decayed<S extends Settings & { readonly weightDecay: number }>(
  step: Step<S>,
  how: "coupled" | "decoupled" = "coupled",
): Step<S> {
  const { p, g, lr } = step;
  const { weightDecay }: { readonly weightDecay: number } = step.settings;
  if (weightDecay === 0) return step;
  if (how === "coupled") return { ...step, g: g.add(p.mul(weightDecay)) };
  return { ...step, p: p.mul(lr.mul(-weightDecay).add(1)) };
}

/** 1 − x. */
export function complement(x: number): number;
export function complement(x: Tensor): Tensor;
export function complement(x: Operand): Operand;
export function complement(x: Operand): Operand {
  return typeof x === "number" ? 1 - x : x.neg().add(1);
}

/** The number as a tensor: f64, without dimensions. */
export const scalar = (x: Operand): Tensor => (typeof x === "number" ? full([], x, { dtype: "f64" }) : x);
