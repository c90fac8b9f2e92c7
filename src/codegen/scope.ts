/** What is known at a point of a kernel's code: loop variables, statements' results, and what was computed before. */

import { indicesOf, operandsOf } from "../lower/expr.ts";
import { type Atom, atomsOf, type Index, laneOffsets, type Var } from "../lower/index-expr.ts";
import type { Expr, Local } from "../lower/loop-ir.ts";

/** The loop whose positions are lanes: vector g holds positions base + g·width to base + (g + 1)·width − 1. */
export interface Axis {
  readonly variable: Var;
  /** the first vector, and how many */
  readonly first: number;
  readonly groups: number;
  /** lanes of each vector that hold a position */
  readonly active: number;
  /** what the first position is a multiple of */
  readonly step: number;
}

/** What an expression depends on. */
interface Needs {
  readonly vars: Set<Var>;
  readonly locals: Set<number>;
  /** whether it reads what the kernel writes: then it is computed where it stands */
  pinned: boolean;
}

/** A value that a statement left: one register for each vector of the axis, or one if it does not vary. */
interface Bound<Register> {
  readonly registers: readonly Register[];
  readonly varies: boolean;
  readonly depth: number;
}

/** Nested scopes: the loops that are open, outermost first, and the registers that each filled. */
export class Scope<Register> {
  /** the vector loop that is open, if any */
  axis: Axis | undefined;
  /** which vector of the axis is computed */
  group = 0;
  readonly #writes: readonly number[];
  readonly #needs = new Map<Expr, Needs>();
  readonly #vars = new Map<Var, { readonly register: Register; readonly depth: number }>();
  readonly #locals = new Map<number, Bound<Register>>();
  readonly #scopes: Map<string, Register>[] = [new Map()];

  /** `writes`: the buffers that the kernel writes */
  constructor(writes: readonly number[]) {
    this.#writes = writes;
  }

  /** How many scopes enclose this point. */
  get here(): number {
    return this.#scopes.length - 1;
  }

  /** Emits `body` in a scope of its own: what it computes is known in it only. */
  open(body: () => void): void {
    this.#scopes.push(new Map());
    body();
    this.#scopes.pop();
    for (const [id, { depth }] of this.#locals) if (depth >= this.#scopes.length) this.#locals.delete(id);
  }

  /** Says where a loop variable is, until `forget`. */
  define(variable: Var, register: Register): void {
    this.#vars.set(variable, { register, depth: this.here });
  }

  forget(variable: Var): void {
    this.#vars.delete(variable);
  }

  position(variable: Var): Register {
    return this.#vars.get(variable)!.register;
  }

  /** Says where a statement left its result, one register for each vector, until the scope closes. */
  bind(result: Local, registers: readonly Register[]): void {
    this.#locals.set(result.id, { registers, varies: this.axis !== undefined, depth: this.here });
  }

  /** The result for the current vector. */
  result(of: Local): Register {
    const { registers, varies } = this.#locals.get(of.id)!;
    return registers[varies ? this.group : 0];
  }

  /** Emits code for the vectors of an axis. */
  along(axis: Axis, emit: () => void): void {
    this.axis = axis;
    emit();
    this.axis = undefined;
  }

  eachGroup(emit: (group: number) => void): void {
    const { first, groups } = this.axis ?? { first: 0, groups: 1 };
    const { group: before } = this;
    for (let group = first; group < first + groups; group++) {
      this.group = group;
      emit(group);
    }
    this.group = before;
  }

  #need(e: Expr): Needs {
    let needs = this.#needs.get(e);
    if (needs) return needs;
    needs = { vars: new Set(), locals: new Set(), pinned: e.op === "load" && this.#writes.includes(e.buffer) };
    this.#needs.set(e, needs);
    if (e.op === "local") needs.locals.add(e.local.id);
    const merge = (other: Expr) => {
      const { vars, locals, pinned } = this.#need(other);
      for (const variable of vars) needs.vars.add(variable);
      for (const id of locals) needs.locals.add(id);
      needs.pinned ||= pinned;
    };
    operandsOf(e).forEach(merge);
    for (const index of indicesOf(e)) {
      for (const atom of atomsOf(index)) {
        if (atom.kind === "var") needs.vars.add(atom.variable);
        else if (atom.kind === "data") merge(atom.value);
      }
    }
    return needs;
  }

  /** Whether an expression reads what the kernel writes, so that it cannot be computed before it stands. */
  pinned(e: Expr): boolean {
    return this.#need(e).pinned;
  }

  /** The scope in which an expression first can be computed. */
  depth(e: Expr): number {
    let depth = 0;
    const { vars, locals } = this.#need(e);
    for (const variable of vars) depth = Math.max(depth, this.#vars.get(variable)?.depth ?? Number.POSITIVE_INFINITY);
    for (const id of locals) depth = Math.max(depth, this.#locals.get(id)?.depth ?? Number.POSITIVE_INFINITY);
    return depth;
  }

  atomDepth(atom: Atom): number {
    if (atom.kind === "var") return this.#vars.get(atom.variable)?.depth ?? Number.POSITIVE_INFINITY;
    if (atom.kind === "data") return this.#need(atom.value).pinned ? Number.POSITIVE_INFINITY : this.depth(atom.value);
    return Math.max(0, ...atom.of.terms.map((term) => this.atomDepth(term.atom)));
  }

  /** Whether the lanes of a vector differ. */
  varies(e: Expr): boolean {
    if (!this.axis) return false;
    const { vars, locals } = this.#need(e);
    if (vars.has(this.axis.variable)) return true;
    for (const id of locals) if (this.#locals.get(id)?.varies) return true;
    return false;
  }

  atomVaries(atom: Atom): boolean {
    if (atom.kind === "var") return atom.variable === this.axis?.variable;
    if (atom.kind === "data") return this.varies(atom.value);
    return atom.of.terms.some((term) => this.atomVaries(term.atom));
  }

  /** From lane to lane, how far an index moves; undefined where that is not one number. */
  stride(index: Index): number | undefined {
    let stride = 0;
    for (const { atom, coefficient } of index.terms) {
      if (atom.kind === "var" && atom.variable === this.axis?.variable) stride += coefficient;
      else if (this.atomVaries(atom)) return undefined;
    }
    return stride;
  }

  /** How far from the first lane's each lane's index is; undefined where that is not known. */
  offsets(index: Index): readonly number[] | undefined {
    const { variable, step, active } = this.axis!;
    return laneOffsets(index, variable, step, active, (atom) => this.atomVaries(atom));
  }

  /** The register that holds what was kept under `key`. */
  find(key: string): Register | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const register = this.#scopes[i].get(key);
      if (register) return register;
    }
    return undefined;
  }

  /** Says which register holds what `key` names, for as long as the innermost scope is open. */
  remember(key: string, register: Register): void {
    this.#scopes[this.#scopes.length - 1].set(key, register);
  }
}
