import type { DType } from "../core/dtype.ts";
import { ArgumentError, StateError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { Cell, noGrad, observe, type Parameter, stack, type Tensor, tensor, Variable, zeros } from "../tensor/index.ts";

/** A setting of an optimizer. */
export type Setting = number | boolean | readonly number[];

/** The settings of an optimizer, without the learning rate. */
export type Settings = Readonly<Record<string, Setting>>;

/** What an optimizer keeps for one parameter. */
export type State = Readonly<Record<string, Tensor>>;

/** Parameters with settings of their own, as an optimizer is given them. */
export type GroupOptions<S extends Settings> = {
  readonly params: readonly Parameter[];
  readonly lr?: number;
} & Partial<S>;

/** Parameters, or groups of them. */
export type ParamsOrGroups<S extends Settings> = readonly Parameter[] | readonly GroupOptions<S>[];

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
  /** the learning rate, f64 without dimensions: cast what is computed from it to p's dtype */
  readonly lr: Tensor;
  /** those of this parameter and step, in p's dtype, without dimensions */
  readonly factors: Factors;
  readonly state: State;
  readonly settings: S;
}

/** What an update gives: the parameter's and the state's next values. */
export interface Updated {
  readonly p: Tensor;
  readonly state: State;
}

/** Parameters that share their settings. */
export class ParamGroup<S extends Settings> {
  readonly params: readonly Parameter[];
  /** the settings besides the learning rate; a compiled step traces again when one changes */
  settings: S;
  readonly #lr: Cell;

  constructor(params: readonly Parameter[], lr: number, settings: S) {
    this.params = params;
    this.settings = settings;
    this.#lr = new Cell(lr);
  }

  /** The learning rate: an input of compiled steps, so that it may change from step to step. */
  get lr(): number {
    return this.#lr.value;
  }

  set lr(next: number) {
    this.#lr.value = requireAtLeastZero("lr", next);
  }

  /** The learning rate as a tensor, f64. */
  get rate(): Tensor {
    return this.#lr.as("f64");
  }
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
 *     return { p: p.sub(g.mul(lr.to(p.dtype))), state: {} };
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

  /** Throws an ArgumentError if there is no parameter, or one stands in two places. */
  constructor(params: ParamsOrGroups<S>, lr: number, settings: S) {
    this.groups = groupsOf(params).map(({ params, lr: own = lr, ...others }) => {
      return new ParamGroup(params, requireAtLeastZero("lr", own), { ...settings, ...others });
    });
    const all = this.#parameters();
    if (all.length === 0) throw new ArgumentError(`${this.constructor.name} was given no parameters.`);
    if (new Set(all).size < all.length)
      throw new ArgumentError(`${this.constructor.name}: a parameter was given twice.`);
    // Now rather than in the first step, which would be compiled for parameters without state.
    for (const group of this.groups) {
      for (const p of group.params) if (p.requiresGrad) this.#state(p, group.settings);
      if (group.params.length > 0 && this.factors(group.settings)) this.#count(group);
    }
  }

  /** What is kept for a parameter before its first step. */
  protected abstract initialState(p: Tensor, settings: S): State;

  /** What updates take from the number of the step; steps are counted, as `step` in the state, unless it is undefined. */
  protected factors(_settings: S): FactorsOf | undefined {
    return undefined;
  }

  /** One parameter's step. */
  protected abstract update(step: Step<S>): Updated;

  /** The learning rate of all groups (of the first one, if they differ); changing it compiles nothing anew. */
  get lr(): number {
    return this.groups[0].lr;
  }

  set lr(next: number) {
    for (const group of this.groups) group.lr = next;
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    noGrad(() => {
      for (const group of this.groups) {
        const settings = observed(group);
        const grads = group.params.map(({ grad }) => grad);
        const factorsAt = this.#countStep(group, grads, settings);
        group.params.forEach((parameter, i) => {
          const grad = grads[i];
          if (!grad) return;
          const kept = this.#state(parameter, settings);
          const state = Object.fromEntries(Object.entries(kept).map(([name, variable]) => [name, variable.detach()]));
          const g = settings.maximize === true ? grad.neg() : grad;
          const factors = factorsAt(i, parameter.dtype);
          const next = this.update({ p: parameter.detach(), g, lr: group.rate, factors, state, settings });
          parameter.assign(next.p);
          for (const [name, value] of Object.entries(next.state)) kept[name].assign(value);
        });
      }
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
    const settings = this.groups.flatMap(({ lr, settings }, i) =>
      Object.entries({ lr, ...settings }).map(([name, value]): [string, Tensor] => [
        `param_groups.${i}.${snakeCase(name)}`,
        typeof value === "boolean" ? tensor(value) : tensor(value, { dtype: "f64" }),
      ]),
    );
    return Object.fromEntries([...entries, ...settings]);
  }

  /**
   * Goes on from a `stateDict()`, bit for bit. Throws a StateError that lists what is missing, unexpected or of another
   * shape; then nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    this.#startAsIn(state);
    const own = this.stateDict();
    const wrong = [
      ...Object.keys(own)
        .filter((name) => !(name in state))
        .map((name) => `${name} is missing`),
      ...Object.keys(state)
        .filter((name) => !(name in own))
        .map((name) => `${name} is unexpected`),
      ...Object.keys(own)
        .filter((name) => name in state && !sameShape(own[name].shape, state[name].shape))
        .map((name) => `${name} is ${showShape(state[name].shape)}, not ${showShape(own[name].shape)}`),
    ];
    if (wrong.length > 0)
      throw new StateError(`The state dict does not fit ${this.constructor.name}: ${wrong.join("; ")}.`);
    this.#parameters().forEach((parameter, i) => {
      for (const [name, variable] of Object.entries(this.#states.get(parameter) ?? {})) {
        variable.assign(state[`state.${i}.${snakeCase(name)}`]);
      }
    });
    let next = 0;
    this.groups.forEach((group, i) => {
      const counts = group.params.map(() => state[`state.${next++}.step`]?.to("f64") ?? zeros([], { dtype: "f64" }));
      this.#counts.get(group)?.assign(stack(counts));
      const read = (name: string): Tensor => state[`param_groups.${i}.${snakeCase(name)}`];
      group.lr = read("lr").itemSync();
      const settings = Object.entries(group.settings).map(([name, value]) => [name, settingOf(read(name), value)]);
      group.settings = Object.fromEntries(settings) as S;
    });
  }

  /** Begins the state of parameters that are frozen here, but had been unfrozen when `state` was saved. */
  #startAsIn(state: Readonly<Record<string, Tensor>>): void {
    const started = new Set(Object.keys(state).map((name) => name.split(".").slice(0, 2).join(".")));
    let i = 0;
    for (const { params, settings } of this.groups) {
      for (const parameter of params) if (started.has(`state.${i++}`)) this.#state(parameter, settings);
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
  #countStep(group: ParamGroup<S>, grads: readonly unknown[], settings: S): (i: number, dtype: DType) => Factors {
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

  #state(parameter: Parameter, settings: S): Readonly<Record<string, Variable>> {
    let state = this.#states.get(parameter);
    if (!state) {
      const initial = Object.entries(this.initialState(parameter.detach(), settings));
      state = Object.fromEntries(initial.map(([name, value]) => [name, new Variable(value)]));
      this.#states.set(parameter, state);
    }
    return state;
  }
}

function groupsOf<S extends Settings>(params: ParamsOrGroups<S>): readonly GroupOptions<S>[] {
  const isGroups = (items: ParamsOrGroups<S>): items is readonly GroupOptions<S>[] =>
    items.every((item) => "params" in item);
  return isGroups(params) ? params : [{ params } as GroupOptions<S>];
}

/** The settings, each of which a compiled step depends on. */
function observed<S extends Settings>(group: ParamGroup<S>): S {
  for (const name of Object.keys(group.settings)) {
    observe(() => {
      const value: Setting = group.settings[name];
      return typeof value === "object" ? value.join() : value;
    });
  }
  return group.settings;
}

/** A setting as it is read back from a state dict. */
function settingOf(x: Tensor, like: Setting): Setting {
  if (typeof like === "object") return [...x.dataSync()];
  return typeof like === "boolean" ? x.itemSync() !== 0 : x.itemSync();
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The number, if it is at least 0; throws an ArgumentError otherwise. */
export function requireAtLeastZero(name: string, value: number): number {
  if (value >= 0) return value;
  throw new ArgumentError(`${name} must be at least 0, but is ${value}.`);
}
