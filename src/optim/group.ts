import { ArgumentError } from "../core/errors.ts";
import { Cell, observe, type Parameter, type Tensor } from "../tensor/index.ts";
import type { Constraint } from "./constraint.ts";

/** A setting of an optimizer. */
export type Setting = number | boolean | string | readonly (number | undefined)[];

/** The settings of an optimizer, without the learning rate and what all optimizers have. */
export type Settings = Readonly<Record<string, Setting>>;

/** What every optimizer can be told, for all parameters or for a group. */
export interface SharedOptions {
  /** whether to climb: the sign of the objective flips; false by default */
  maximize?: boolean;
  /** λ of the L1 penalty λ·Σ|p|, a proximal step after the update: p shrinks by lr·λ and stops at exactly 0; 0 by default */
  l1?: number;
  /** applied to the parameter after the step, as `maxNorm`, `unitNorm` and `nonNegative` are; none by default */
  constraint?: Constraint;
}

/** `SharedOptions`, as a group holds them. */
export interface SharedSettings {
  readonly maximize: boolean;
  readonly l1: number;
  readonly constraint: Constraint | undefined;
}

/** The settings besides the learning rate that a schedule may move. */
export type Schedulable = "momentum" | "betas";

/** A number in an update: a constant of the step, or, once a schedule has taken hold of it, f64 without dimensions. */
export type Operand = number | Tensor;

type OperandOf<V> = V extends number ? Operand : { readonly [I in keyof V]: Operand };

/** Settings as an update reads them. */
export type Operands<S> = { readonly [K in keyof S]: K extends Schedulable ? OperandOf<S[K]> : S[K] };

/** Parameters with settings of their own, as an optimizer is given them. */
export type GroupOptions<S extends Settings> = {
  readonly params: readonly Parameter[];
  readonly lr?: number;
} & Partial<S> &
  SharedOptions;

/** Parameters, or groups of them. */
export type ParamsOrGroups<S extends Settings> = readonly Parameter[] | readonly GroupOptions<S>[];

/** What a schedule needs of an optimizer. */
export interface Grouped {
  readonly groups: readonly ParamGroup<Settings>[];
}

/** The groups that an optimizer is given: one, if it is given parameters. */
export function groupsOf<S extends Settings>(params: ParamsOrGroups<S>): readonly GroupOptions<S>[] {
  const isGroups = (items: ParamsOrGroups<S>): items is readonly GroupOptions<S>[] =>
    items.every((item) => "params" in item);
  return isGroups(params) ? params : [{ params } as GroupOptions<S>];
}

/** Throws for settings out of their domains. A method's type: by a function's no group would be one of `Settings`. */
type RequireDomain<S> = { require(settings: S): void }["require"];

/** Parameters that share their settings. */
export class ParamGroup<S extends Settings> {
  readonly params: readonly Parameter[];
  readonly #requireDomain: RequireDomain<S>;
  readonly #lr: Cell;
  #settings: S & SharedSettings;
  /** the numbers that a schedule moves, by the name of their setting */
  readonly #cells: Map<string, readonly Cell[]> = new Map();

  /** `requireDomain` throws an ArgumentError for settings that the optimizer cannot have, now or later. */
  constructor(params: readonly Parameter[], lr: number, settings: S & SharedSettings, requireDomain: RequireDomain<S>) {
    this.params = params;
    this.#requireDomain = requireDomain;
    this.requireDomain(lr, settings);
    this.#lr = new Cell(lr);
    this.#settings = settings;
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

  /** The settings besides the learning rate; a compiled step traces again when one changes that is not scheduled. */
  get settings(): S & SharedSettings {
    return this.#settings;
  }

  set settings(next: S & SharedSettings) {
    this.requireDomain(this.lr, next);
    this.#settings = next;
    for (const [name, cells] of this.#cells) {
      [next[name]].flat().forEach((value, i) => {
        cells[i].value = Number(value);
      });
    }
  }

  /**
   * Sets `momentum` or `betas` as a schedule does, in every step anew: from the first call on they are inputs of
   * compiled steps, as the learning rate is. Throws an ArgumentError if the optimizer has no such setting, or it is out
   * of its domain.
   *
   * ```ts
   * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 0.1, momentum: 0.9 });
   * optimizer.groups[0].schedule("momentum", 0.85);
   * optimizer.groups[0].settings.momentum; // 0.85
   * ```
   */
  schedule<K extends Schedulable & keyof S>(name: K, value: S[K]): void {
    if (!(name in this.#settings)) throw new ArgumentError(`schedule: this optimizer has no ${name}.`);
    if (!this.#cells.has(name)) {
      const now: Setting = this.#settings[name];
      this.#cells.set(
        name,
        [now].flat().map((number) => new Cell(Number(number))),
      );
    }
    this.settings = { ...this.#settings, [name]: value };
  }

  /** Throws an ArgumentError if the optimizer cannot have this learning rate or these settings. */
  requireDomain(lr: number, settings: S & SharedSettings): void {
    requireAtLeastZero("lr", lr);
    requireAtLeastZero("l1", settings.l1);
    this.#requireDomain(settings);
  }

  /** The settings as an update reads them; a compiled step depends on each that is not scheduled. */
  get operands(): Operands<S> & SharedSettings {
    const entries = Object.keys(this.#settings).map((name) => {
      const cells = observe(() => this.#cells.get(name));
      const value: unknown = this.#settings[name];
      if (cells) return [name, Array.isArray(value) ? cells.map((cell) => cell.as("f64")) : cells[0].as("f64")];
      observe(() => (Array.isArray(this.#settings[name]) ? String(this.#settings[name]) : this.#settings[name]));
      return [name, value];
    });
    return Object.fromEntries(entries) as Operands<S> & SharedSettings;
  }
}

/** The number, if it is at least 0; throws an ArgumentError otherwise. */
export function requireAtLeastZero(name: string, value: number): number {
  if (value >= 0) return value;
  throw new ArgumentError(`${name} must be at least 0, but is ${value}.`);
}
