/**
 * Loop nests ─► WebAssembly functions.
 *
 * A vector loop takes four lanes (two where f64 is touched) at a time, and its end with fewer lanes by the same code;
 * other loops and reductions run the same code on vectors whose lanes are equal. What does not change in a loop is
 * computed before it; an expression that is used twice, once.
 */

import type { DType } from "../../core/dtype.ts";
import { BYTES, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import { COMBINE, identityOf } from "../../core/scalar.ts";
import { indicesOf, operandsOf, visitStmt, walk } from "../../lower/expr.ts";
import {
  type Atom,
  add,
  atomsOf,
  type Index,
  keyOf,
  scale,
  type Term,
  type Var,
  varIndex,
  ZERO,
} from "../../lower/index-expr.ts";
import type {
  CumulateStmt,
  Expr,
  Guard,
  LoopKernel,
  LoopStmt,
  ReduceStmt,
  Stmt,
  StoreStmt,
} from "../../lower/loop-ir.ts";
import type { FunctionBuilder, Local } from "./assembler.ts";
import type { KernelContext, Phase } from "./context.ts";
import { Values } from "./values.ts";

/** Vectors that a vector loop takes at once; more where it holds reductions, since independent sums hide latency. */
const GROUPS = 2;
const REDUCED_GROUPS = 4;
/** Reduced axes up to this size are written out. */
const WRITTEN_OUT = 4;

/** Renders a loop nest; threads share its outermost loop where its iterations are independent. */
export function renderLoops(kernel: LoopKernel, context: KernelContext): readonly Phase[] {
  const [only, ...others] = kernel.body;
  const shared = others.length === 0 && only?.kind === "loop" && !only.serial ? only : undefined;
  const width = touchesF64(kernel.body) ? 2 : 4;
  const func = context.module.function(["i32", "i32"], [], (f) => {
    new LoopRenderer(f, kernel, context, width).render(shared);
  });
  const grain = shared?.vector ? width * groupsOf(shared) : 1;
  return [{ func, range: shared ? shared.variable.size : 1, grain }];
}

function touchesF64(body: readonly Stmt[]): boolean {
  let found = false;
  const seen = new Set<Expr>();
  const inside = (e: Expr): void => walk(e, (x) => (found ||= x.dtype === "f64"), seen);
  const onIndex = (index: Index): void => {
    for (const atom of atomsOf(index)) if (atom.kind === "data") inside(atom.value);
  };
  for (const stmt of body) visitStmt(stmt, inside, onIndex);
  return found;
}

/** Vectors that a vector loop takes at once. */
function groupsOf({ body }: LoopStmt): number {
  const long = (stmt: Stmt): boolean =>
    (stmt.kind === "reduce" && stmt.variables.some((variable) => variable.size > WRITTEN_OUT)) ||
    stmt.kind === "cumulate";
  return body.some(long) ? REDUCED_GROUPS : GROUPS;
}

/** The loop whose positions are lanes: vector g holds positions base + g·width to base + (g + 1)·width − 1. */
interface Axis {
  readonly variable: Var;
  /** the first vector, and how many */
  readonly first: number;
  readonly groups: number;
  /** lanes of each vector that hold a position */
  readonly active: number;
}

/** What an expression depends on. */
interface Needs {
  readonly vars: Set<Var>;
  readonly locals: Set<number>;
  /** whether it reads what the kernel writes: then it is computed where it stands */
  pinned: boolean;
}

/** A value that a statement left: one register for each vector of the axis, or one if it does not vary. */
interface Bound {
  readonly registers: readonly Local[];
  readonly varies: boolean;
  readonly depth: number;
}

/** Where elements lie: an index into a buffer, or a plain number if there is none. */
interface Place {
  readonly buffer: number | undefined;
  readonly bytes: number;
  readonly index: Index;
}

/** Where a reduction adds up; argmax and argmin also keep the position. */
interface Accumulator {
  readonly value: Local;
  readonly position: Local | undefined;
}

/** The part of the outermost loop that one call does. */
interface Range {
  readonly from: Local;
  readonly to: Local;
}

class LoopRenderer {
  readonly #f: FunctionBuilder;
  readonly #kernel: LoopKernel;
  readonly #context: KernelContext;
  readonly #values: Values;
  readonly #width: 2 | 4;
  readonly #needs = new Map<Expr, Needs>();
  /** how often an expression is used, and a number to name it by */
  readonly #uses = new Map<Expr, number>();
  readonly #ids = new Map<Expr, number>();
  readonly #pointers = new Map<number, Local>();
  readonly #vars = new Map<Var, { readonly register: Local; readonly depth: number }>();
  readonly #locals = new Map<number, Bound>();
  /** for each open scope, the registers that hold what was computed in it */
  readonly #scopes: Map<string, Local>[] = [new Map()];
  #axis: Axis | undefined;
  /** which vector of the axis is computed */
  #group = 0;

  constructor(f: FunctionBuilder, kernel: LoopKernel, context: KernelContext, width: 2 | 4) {
    this.#f = f;
    this.#kernel = kernel;
    this.#context = context;
    this.#width = width;
    this.#values = new Values(f, context.module, width);
  }

  render(shared: LoopStmt | undefined): void {
    const f = this.#f;
    const { block } = this.#context;
    for (const buffer of new Set([...this.#kernel.reads, ...this.#kernel.writes])) {
      const pointer = f.local("i32");
      f.globalGet(block).memory("i32.load", this.#context.pointer(buffer)).set(pointer);
      this.#pointers.set(buffer, pointer);
    }
    for (const variable of this.#survey()) {
      const position = f.local("i32");
      f.globalGet(block).memory("i32.load", this.#context.position(variable)).set(position);
      this.#vars.set(variable, { register: position, depth: 0 });
    }
    if (shared) this.#loop(shared, { from: f.params[0], to: f.params[1] });
    else this.#body(this.#kernel.body);
  }

  /** Counts the uses of every expression; gives the variables that no loop of the kernel binds, which are scans'. */
  #survey(): Set<Var> {
    const free = new Set<Var>();
    const seen = new Set<Expr>();
    const use = (e: Expr) => this.#uses.set(e, (this.#uses.get(e) ?? 0) + 1);
    const onIndex = (index: Index) => {
      for (const atom of atomsOf(index)) {
        if (atom.kind === "var") free.add(atom.variable);
        else if (atom.kind === "data") onExpr(atom.value);
      }
    };
    const onExpr = (root: Expr) => {
      use(root);
      walk(
        root,
        (e) => {
          operandsOf(e).forEach(use);
          indicesOf(e).forEach(onIndex);
        },
        seen,
      );
    };
    const bound: Var[] = [];
    const onStmt = (stmt: Stmt) => {
      if (stmt.kind === "reduce") bound.push(...stmt.variables);
      else if (stmt.kind !== "store") bound.push(stmt.variable);
      if (stmt.kind === "loop") stmt.body.forEach(onStmt);
    };
    for (const stmt of this.#kernel.body) {
      visitStmt(stmt, onExpr, onIndex);
      onStmt(stmt);
    }
    for (const variable of bound) free.delete(variable);
    return free;
  }

  // Statements

  #body(stmts: readonly Stmt[]): void {
    for (let i = 0; i < stmts.length; ) {
      const stmt = stmts[i];
      if (stmt.kind === "store") {
        const run: StoreStmt[] = [];
        for (let next: Stmt | undefined = stmt; next?.kind === "store"; next = stmts[++i]) run.push(next);
        this.#stores(run);
        continue;
      }
      if (stmt.kind === "loop") this.#loop(stmt);
      else if (stmt.kind === "reduce") this.#reduce(stmt);
      else this.#cumulate(stmt);
      i++;
    }
  }

  #loop(stmt: LoopStmt, range?: Range): void {
    const { variable, body } = stmt;
    this.#hoist(body);
    if (!stmt.vector) {
      this.#each(variable, { range }, () => this.#body(body));
      return;
    }
    const width = this.#width;
    const along = (groups: number, active: number) =>
      this.#along({ variable, first: 0, groups, active }, () => this.#body(body));
    const steps = [...new Set([groupsOf(stmt), 1])].map((groups) => groups * width);
    this.#strip(
      variable,
      steps,
      range,
      (step) => along(step / width, width),
      (rest) => along(1, rest),
    );
  }

  #reduce(stmt: ReduceStmt): void {
    const f = this.#f;
    const { op, variables, lanes, value, result } = stmt;
    const width = this.#width;
    const inLanes = lanes > 1;
    if (inLanes && this.#axis) throw new InternalError("A reduction in lanes cannot stand inside a vector loop.");
    const arg = op === "argmax" || op === "argmin";
    const count = inLanes ? Math.max(1, lanes / width) : (this.#axis?.groups ?? 1);
    const accumulators = Array.from({ length: count }, (): Accumulator => {
      const start: Accumulator = { value: f.local("v128"), position: arg ? f.local("v128") : undefined };
      this.#values.constant(value.dtype, identityOf(REDUCTION[op], value.dtype));
      f.set(start.value);
      if (start.position) f.i32x4(0).set(start.position);
      return start;
    });
    const position: Expr = { op: "index", dtype: "i32", index: flatPosition(variables) };
    const accumulate = () => this.#eachGroup((group) => this.#accumulate(stmt, accumulators[group], position, inLanes));
    const inner = variables[variables.length - 1];
    const strip = () => {
      const along = (first: number, groups: number, active: number) =>
        this.#along({ variable: inner, first, groups, active }, accumulate);
      const whole = Math.min(lanes, width);
      this.#strip(
        inner,
        [lanes],
        undefined,
        () => along(0, count, whole),
        (rest) => {
          const full = Math.floor(rest / width);
          if (full > 0) along(0, full, width);
          if (rest % width > 0) this.#open(() => along(full, 1, rest % width));
        },
      );
    };
    const nest = (outer: readonly Var[]) => {
      this.#hoist([stmt]);
      if (outer.length > 0) this.#each(outer[0], { writtenOut: true }, () => nest(outer.slice(1)));
      else if (inLanes) strip();
      else accumulate();
    };
    nest(inLanes ? variables.slice(0, -1) : variables);
    if (inLanes) this.#fold(stmt, accumulators);
    this.#locals.set(result.id, {
      registers: accumulators.map((accumulator) => accumulator.position ?? accumulator.value),
      varies: this.#axis !== undefined,
      depth: this.#scopes.length - 1,
    });
  }

  /** Takes one more element of each lane. */
  #accumulate(stmt: ReduceStmt, into: Accumulator, position: Expr, inLanes: boolean): void {
    const f = this.#f;
    const { op, value, other } = stmt;
    const { dtype } = value;
    const active = this.#axis?.active ?? 1;
    // The other lanes' accumulators are as good as any: they stay what they are.
    const some = inLanes && active < this.#width;
    if (op === "argmax" || op === "argmin") {
      this.#value(value);
      this.#value(position);
      f.scope(() => {
        const [x, at] = [f.local("v128"), f.local("v128")];
        f.set(at).set(x);
        this.#better(op, dtype, x, into.value);
        if (some) f.i32x4(...activeMask(active)).op("v128.and");
        this.#take(dtype, into, x, at);
      });
      return;
    }
    if (op === "dot" && dtype === "f32" && this.#context.features.relaxedMadd) {
      this.#value(value);
      this.#value(other!);
      f.get(into.value).op("f32x4.relaxed_madd");
    } else {
      f.get(into.value);
      this.#value(value);
      if (op === "dot") {
        this.#value(other!);
        this.#arithmetic("mul", dtype);
      }
      this.#arithmetic(COMBINE[REDUCTION[op]], dtype);
    }
    if (some) {
      f.get(into.value)
        .i32x4(...activeMask(active, dtype))
        .op("v128.bitselect");
    }
    f.set(into.value);
  }

  /** Folds lanes and vectors in halves; the result is in all lanes of the first. */
  #fold(stmt: ReduceStmt, accumulators: readonly Accumulator[]): void {
    const f = this.#f;
    const { op } = stmt;
    const { dtype } = stmt.value;
    const combine = (into: Accumulator, from: Accumulator) => {
      if (op === "argmax" || op === "argmin") {
        // Of equals the first: better, or not worse and earlier.
        this.#better(op, dtype, from.value, into.value);
        this.#better(op, dtype, into.value, from.value);
        f.op("v128.not").get(from.position!).get(into.position!).op("i32x4.lt_s", "v128.and", "v128.or");
        this.#take(dtype, into, from.value, from.position!);
        return;
      }
      f.get(into.value).get(from.value);
      this.#arithmetic(COMBINE[REDUCTION[op]], dtype);
      f.set(into.value);
    };
    for (let half = accumulators.length / 2; half >= 1; half /= 2) {
      for (let i = 0; i < half; i++) combine(accumulators[i], accumulators[i + half]);
    }
    const [result] = accumulators;
    const { value, position } = result;
    /** Pushes lanes from `half` on, in the place of the first ones. */
    const upper = (of: Local, half: number) => {
      f.get(of).get(of);
      if (half === 2) f.shuffle32(2, 3, 2, 3);
      else f.shuffle32(1, 1, 1, 1);
    };
    for (let half = Math.min(stmt.lanes, this.#width) / 2; half >= 1; half /= 2) {
      f.scope(() => {
        const from: Accumulator = { value: f.local("v128"), position: position && f.local("v128") };
        upper(value, dtype === "f64" ? 2 : half);
        f.set(from.value);
        if (position) {
          upper(position, half);
          f.set(from.position!);
        }
        combine(result, from);
      });
    }
    f.get(value);
    this.#values.spread(dtype);
    f.set(value);
    if (!position) return;
    f.get(position);
    this.#values.spread("i32");
    f.set(position);
  }

  /** ─► mask: x beats y; NaN beats all numbers. */
  #better(op: "argmax" | "argmin", dtype: DType, x: Local, y: Local): void {
    const f = this.#f;
    const [low, high] = op === "argmax" ? [x, y] : [y, x];
    f.get(low).get(high);
    this.#values.compare("le", dtype);
    f.op("v128.not");
    if (!isFloat(dtype)) return;
    f.get(y).get(y);
    this.#values.compare("eq", dtype);
    f.op("v128.and");
  }

  /** mask ─►: takes value and position where it holds. */
  #take(dtype: DType, into: Accumulator, value: Local, position: Local): void {
    const f = this.#f;
    f.scope(() => {
      const mask = f.local("v128");
      f.set(mask);
      f.get(value).get(into.value).get(mask);
      this.#values.select(dtype);
      f.set(into.value);
      f.get(position).get(into.position!).get(mask).op("v128.bitselect").set(into.position!);
    });
  }

  #cumulate({ op, variable, reverse, value, store }: CumulateStmt): void {
    const f = this.#f;
    const reduction = op === "cumsum" ? "sum" : "prod";
    const running = Array.from({ length: this.#axis?.groups ?? 1 }, () => {
      const register = f.local("v128");
      this.#values.constant(value.dtype, identityOf(reduction, value.dtype));
      f.set(register);
      return register;
    });
    this.#hoist([{ kind: "store", buffer: store.buffer, index: store.index, value, accumulate: false }]);
    this.#each(variable, { reverse }, () =>
      this.#eachGroup((group) => {
        f.get(running[group]);
        this.#value(value);
        this.#arithmetic(COMBINE[reduction], value.dtype);
        f.set(running[group]);
        this.#write(store, value.dtype, () => f.get(running[group]));
      }),
    );
  }

  /** Stores that act together: all values first. */
  #stores(stmts: readonly StoreStmt[]): void {
    const f = this.#f;
    if (stmts.length === 1) {
      const [stmt] = stmts;
      this.#eachGroup(() => {
        this.#ready(stmt.index);
        this.#write(stmt, stmt.value.dtype, () => this.#value(stmt.value));
      });
      return;
    }
    const writes: (() => void)[] = [];
    for (const stmt of stmts) {
      this.#eachGroup((group) => {
        const register = f.local("v128");
        this.#ready(stmt.index);
        this.#value(stmt.value);
        f.set(register);
        writes.push(() => {
          this.#group = group;
          this.#write(stmt, stmt.value.dtype, () => f.get(register));
        });
      });
    }
    for (const write of writes) write();
    this.#group = 0;
  }

  /** Writes what `value` pushes, for the current vector. */
  #write({ buffer, index, accumulate }: StoreStmt, dtype: DType, value: () => void): void {
    const f = this.#f;
    const place: Place = { buffer, bytes: BYTES[dtype], index };
    this.#ready(index);
    const active = this.#axis?.active ?? 1;
    if (!this.#axis || this.#stride(index) === 1) {
      const offset = this.#address(place, 0);
      if (accumulate) this.#values.load(dtype, active, this.#address(place, 0));
      value();
      if (accumulate) this.#arithmetic("add", dtype);
      this.#values.store(dtype, active, offset);
      return;
    }
    value();
    if (!accumulate) {
      this.#values.scatter(dtype, active, (lane) => this.#address(place, lane));
      return;
    }
    // Lanes may meet at one element: they add to it one after the other.
    f.scope(() => {
      const [all, one] = [f.local("v128"), f.local("v128")];
      f.set(all);
      for (let lane = 0; lane < active; lane++) {
        this.#values.load(dtype, 1, this.#address(place, lane));
        f.get(all).get(all);
        if (dtype === "f64") f.shuffle32(2 * lane, 2 * lane + 1, 2 * lane, 2 * lane + 1);
        else f.shuffle32(lane, lane, lane, lane);
        this.#arithmetic("add", dtype);
        f.set(one);
        const offset = this.#address(place, lane);
        f.get(one);
        this.#values.store(dtype, 1, offset);
      }
    });
  }

  // Loops and scopes

  /** Emits `body` in a scope of its own: what it computes is known in it only. */
  #open(body: () => void): void {
    this.#scopes.push(new Map());
    this.#f.scope(body);
    this.#scopes.pop();
    for (const [id, { depth }] of this.#locals) if (depth >= this.#scopes.length) this.#locals.delete(id);
  }

  /** A scope in which `variable` is known, in a register that starts at `start`. */
  #counting(variable: Var, start: () => void, body: (register: Local) => void): void {
    this.#open(() => {
      const register = this.#f.local("i32");
      start();
      this.#f.set(register);
      this.#vars.set(variable, { register, depth: this.#scopes.length - 1 });
      body(register);
      this.#vars.delete(variable);
    });
  }

  /** Emits `body` for each position, one by one. */
  #each(
    variable: Var,
    how: { readonly range?: Range; readonly reverse?: boolean; readonly writtenOut?: boolean },
    body: () => void,
  ): void {
    const f = this.#f;
    const { size } = variable;
    const { range, reverse = false, writtenOut = false } = how;
    const inScope = () => this.#open(body);
    if (range) {
      this.#counting(
        variable,
        () => f.get(range.from),
        (position) => this.#while(position, 1, range.to, inScope),
      );
      return;
    }
    if (size === 0) return;
    this.#counting(
      variable,
      () => f.i32(reverse ? size - 1 : 0),
      (position) => {
        if (size === 1) inScope();
        else if (writtenOut && size <= WRITTEN_OUT) {
          for (let i = 0; i < size; i++) {
            if (i > 0) f.i32(i).set(position);
            inScope();
          }
        } else {
          f.loop((again) => {
            inScope();
            f.get(position)
              .i32(reverse ? -1 : 1)
              .op("i32.add")
              .tee(position);
            if (reverse) f.i32(0).op("i32.ge_s").brIf(again);
            else f.i32(size).op("i32.lt_s").brIf(again);
          });
        }
      },
    );
  }

  /** Emits `body` for runs of positions: as many of the first of `steps` as fit, then of the next; `tail` takes the rest. */
  #strip(
    variable: Var,
    steps: readonly number[],
    range: Range | undefined,
    body: (step: number) => void,
    tail: (rest: number) => void,
  ): void {
    const f = this.#f;
    const { size } = variable;
    this.#counting(
      variable,
      () => (range ? f.get(range.from) : f.i32(0)),
      (position) => {
        let done = 0;
        for (const step of steps) {
          const inScope = () => this.#open(() => body(step));
          const rounds = Math.floor((size - done) / step);
          if (rounds === 0) continue;
          done += rounds * step;
          const advance = () => f.get(position).i32(step).op("i32.add");
          if (range) this.#while(position, step, range.to, inScope);
          else if (rounds === 1) {
            inScope();
            advance().set(position);
          } else {
            f.loop((again) => {
              inScope();
              advance().tee(position).i32(done).op("i32.lt_s").brIf(again);
            });
          }
        }
        const rest = size - done;
        if (rest === 0) return;
        const inScope = () => this.#open(() => tail(rest));
        // A range is cut at whole steps, so that only the last one has a rest.
        if (range) f.get(position).get(range.to).op("i32.lt_s").if(inScope);
        else inScope();
      },
    );
  }

  /** Emits `body` as long as position + step ≤ end. */
  #while(position: Local, step: number, end: Local, body: () => void): void {
    const f = this.#f;
    f.scope(() => {
      const last = f.local("i32");
      f.get(end).i32(step).op("i32.sub").set(last);
      f.get(position).get(last).op("i32.le_s");
      f.if(() => {
        f.loop((again) => {
          body();
          f.get(position).i32(step).op("i32.add").tee(position).get(last).op("i32.le_s").brIf(again);
        });
      });
    });
  }

  /** Emits code for the vectors of an axis. */
  #along(axis: Axis, emit: () => void): void {
    this.#axis = axis;
    emit();
    this.#axis = undefined;
  }

  #eachGroup(emit: (group: number) => void): void {
    const { first, groups } = this.#axis ?? { first: 0, groups: 1 };
    for (let group = first; group < first + groups; group++) {
      this.#group = group;
      emit(group);
    }
    this.#group = 0;
  }

  // What is known where

  #need(e: Expr): Needs {
    let needs = this.#needs.get(e);
    if (needs) return needs;
    needs = { vars: new Set(), locals: new Set(), pinned: e.op === "load" && this.#kernel.writes.includes(e.buffer) };
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

  /** The scope in which an expression first can be computed. */
  #depth(e: Expr): number {
    let depth = 0;
    const { vars, locals } = this.#need(e);
    for (const variable of vars) depth = Math.max(depth, this.#vars.get(variable)?.depth ?? Number.POSITIVE_INFINITY);
    for (const id of locals) depth = Math.max(depth, this.#locals.get(id)?.depth ?? Number.POSITIVE_INFINITY);
    return depth;
  }

  #atomDepth(atom: Atom): number {
    if (atom.kind === "var") return this.#vars.get(atom.variable)?.depth ?? Number.POSITIVE_INFINITY;
    if (atom.kind === "data") return this.#depth(atom.value);
    return Math.max(0, ...atom.of.terms.map((term) => this.#atomDepth(term.atom)));
  }

  /** Whether the lanes of a vector differ. */
  #varies(e: Expr): boolean {
    if (!this.#axis) return false;
    const { vars, locals } = this.#need(e);
    if (vars.has(this.#axis.variable)) return true;
    for (const id of locals) if (this.#locals.get(id)?.varies) return true;
    return false;
  }

  #atomVaries(atom: Atom): boolean {
    if (atom.kind === "var") return atom.variable === this.#axis?.variable;
    if (atom.kind === "data") return this.#varies(atom.value);
    return atom.of.terms.some((term) => this.#atomVaries(term.atom));
  }

  /** From lane to lane, how far an index moves; undefined where that is not one number. */
  #stride(index: Index): number | undefined {
    let stride = 0;
    for (const { atom, coefficient } of index.terms) {
      if (atom.kind === "var" && atom.variable === this.#axis?.variable) stride += coefficient;
      else if (this.#atomVaries(atom)) return undefined;
    }
    return stride;
  }

  #find(key: string): Local | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const register = this.#scopes[i].get(key);
      if (register) return register;
    }
    return undefined;
  }

  /** Keeps what is on the stack, for as long as the innermost scope is open. */
  #keep(key: string, type: "v128" | "i32"): Local {
    const register = this.#f.local(type);
    this.#scopes[this.#scopes.length - 1].set(key, register);
    return register;
  }

  #key(e: Expr): string {
    if (e.op === "const") return `c${e.dtype}${Object.is(e.value, -0) ? "-0" : e.value}`;
    let id = this.#ids.get(e);
    if (id === undefined) this.#ids.set(e, (id = this.#ids.size));
    return this.#varies(e) ? `e${id}@${this.#group}` : `e${id}`;
  }

  /** Computes now what the statements need and what no longer changes in them. */
  #hoist(stmts: readonly Stmt[]): void {
    const here = this.#scopes.length - 1;
    const seen = new Set<Expr>();
    const onExpr = (e: Expr) => {
      if (seen.has(e)) return;
      seen.add(e);
      if (this.#depth(e) <= here && !this.#need(e).pinned) {
        if (this.#varies(e)) this.#eachGroup(() => this.#materialize(e));
        else this.#materialize(e);
        return;
      }
      operandsOf(e).forEach(onExpr);
      const places = e.op === "load" ? indicesOf(e).slice(1) : indicesOf(e);
      for (const index of places) onPlace({ buffer: undefined, bytes: 1, index });
      if (e.op === "load") onPlace({ buffer: e.buffer, bytes: BYTES[e.dtype], index: e.index });
    };
    const onPlace = (place: Place) => {
      for (const atom of atomsOf(place.index)) if (atom.kind === "data") onExpr(atom.value);
      this.#hoistPlace(place, here);
    };
    const onStmt = (stmt: Stmt) => {
      if (stmt.kind === "loop") stmt.body.forEach(onStmt);
      else {
        onExpr(stmt.value);
        if (stmt.kind === "reduce" && stmt.other) onExpr(stmt.other);
        if (stmt.kind === "cumulate")
          onPlace({ buffer: stmt.store.buffer, bytes: BYTES[stmt.value.dtype], index: stmt.store.index });
        if (stmt.kind === "store") onPlace({ buffer: stmt.buffer, bytes: BYTES[stmt.value.dtype], index: stmt.index });
      }
    };
    stmts.forEach(onStmt);
  }

  #hoistPlace(place: Place, here: number): void {
    const known = place.index.terms.filter(({ atom }) => this.#atomDepth(atom) <= here);
    const linear = this.#stride(place.index) !== undefined;
    const fixed = linear ? known : known.filter(({ atom }) => !this.#atomVaries(atom));
    const key = prefixKey(place, fixed);
    if ((fixed.length > 0 || (place.buffer !== undefined && prefixConstant(place) !== 0)) && !this.#find(key)) {
      this.#prefix(place, fixed);
      this.#f.set(this.#keep(key, "i32"));
    }
    if (linear) return;
    for (const { atom } of known) {
      if (atom.kind === "var" || !this.#atomVaries(atom)) continue;
      this.#eachGroup(() => {
        for (let lane = 0; lane < this.#axis!.active; lane++) {
          const key = this.#laneKey(atom, lane);
          if (this.#find(key)) continue;
          this.#atom(atom, lane);
          this.#f.set(this.#keep(key, "i32"));
        }
      });
    }
  }

  // Indices

  /** Computes the numbers that an index reads from data: they cannot be computed inside a condition. */
  #ready(index: Index): void {
    for (const atom of atomsOf(index)) if (atom.kind === "data") this.#materialize(atom.value);
  }

  /** Pushes the sum of what a place has in common for all lanes: pointer, constant and terms, the outermost first. */
  #prefix(place: Place, terms: readonly Term[]): void {
    const f = this.#f;
    const known = this.#find(prefixKey(place, terms));
    if (known) {
      f.get(known);
      return;
    }
    const innermost = Math.max(0, ...terms.map(({ atom }) => this.#atomDepth(atom)));
    const inner = terms.filter(({ atom }) => this.#atomDepth(atom) === innermost);
    if (inner.length < terms.length || innermost > 0) {
      this.#prefix(
        place,
        terms.filter((term) => !inner.includes(term)),
      );
    } else {
      const constant = prefixConstant(place) * place.bytes;
      if (place.buffer === undefined) f.i32(constant);
      else {
        f.get(this.#pointers.get(place.buffer)!);
        if (constant !== 0) f.i32(constant).op("i32.add");
      }
    }
    for (const term of inner) {
      this.#atom(term.atom, 0, true);
      this.#times(term.coefficient * place.bytes).op("i32.add");
    }
  }

  /** Pushes the address of a lane's element, less the offset that it gives. */
  #address(place: Place, lane: number, exact = false): number {
    const f = this.#f;
    const { index, bytes } = place;
    const offset = (index.constant - prefixConstant(place)) * bytes;
    const stride = this.#stride(index);
    if (stride !== undefined) {
      this.#prefix(place, index.terms);
      const shift = stride * (this.#group * this.#width + lane) * bytes;
      // An offset is added without wrapping: what it is added to must be an address itself.
      if (shift > 0 && !exact) return offset + shift;
      if (shift !== 0) f.i32(shift).op("i32.add");
      return offset;
    }
    this.#prefix(
      place,
      index.terms.filter(({ atom }) => !this.#atomVaries(atom)),
    );
    for (const { atom, coefficient } of index.terms) {
      if (!this.#atomVaries(atom)) continue;
      this.#atom(atom, lane);
      this.#times(coefficient * bytes).op("i32.add");
    }
    return offset;
  }

  /** Pushes an index of a lane as a number. */
  #number(index: Index, lane: number): void {
    const offset = this.#address({ buffer: undefined, bytes: 1, index }, lane, true);
    if (offset !== 0) this.#f.i32(offset).op("i32.add");
  }

  #laneKey(atom: Atom, lane: number): string {
    return `${atom.key}@${this.#group * this.#width + lane}`;
  }

  /** Pushes an atom's value in a lane (`base`: in the first lane of the first vector). */
  #atom(atom: Atom, lane: number, base = false): void {
    const f = this.#f;
    if (atom.kind === "var") {
      f.get(this.#vars.get(atom.variable)!.register);
      const shift = base || !this.#atomVaries(atom) ? 0 : this.#group * this.#width + lane;
      if (shift > 0) f.i32(shift).op("i32.add");
      return;
    }
    const varies = this.#atomVaries(atom);
    const known = varies ? this.#find(this.#laneKey(atom, lane)) : undefined;
    if (known) {
      f.get(known);
      return;
    }
    if (atom.kind === "data") {
      this.#value(atom.value);
      f.lane("i32x4.extract_lane", varies ? lane : 0);
      return;
    }
    // Division truncates: a multiple of the divisor makes the dividend positive.
    const { kind, of, by } = atom;
    const lift = of.low < 0 ? Math.ceil(-of.low / by) : 0;
    this.#number(of, lane);
    if (lift > 0) f.i32(lift * by).op("i32.add");
    const power = Math.log2(by);
    if (kind === "mod") {
      if (Number.isInteger(power)) f.i32(by - 1).op("i32.and");
      else f.i32(by).op("i32.rem_u");
      return;
    }
    if (Number.isInteger(power)) f.i32(power).op("i32.shr_u");
    else f.i32(by).op("i32.div_u");
    if (lift > 0) f.i32(lift).op("i32.sub");
  }

  #times(factor: number): FunctionBuilder {
    const f = this.#f;
    const power = Math.log2(factor);
    if (factor === 1) return f;
    return Number.isInteger(power) ? f.i32(power).op("i32.shl") : f.i32(factor).op("i32.mul");
  }

  /** Pushes whether all guards hold in a lane. */
  #holds(guards: readonly Guard[], lane: number): void {
    const f = this.#f;
    guards.forEach(({ index, low, high }, i) => {
      this.#number(index, lane);
      // One unsigned comparison checks both bounds.
      if (low !== 0) f.i32(low).op("i32.sub");
      f.i32(high - low).op("i32.lt_u");
      if (i > 0) f.op("i32.and");
    });
  }

  /** Pushes the lanes' indices as an i32 vector. */
  #indices(index: Index): void {
    const f = this.#f;
    const stride = this.#stride(index);
    if (stride !== undefined) {
      this.#number(index, 0);
      f.op("i32x4.splat");
      if (stride !== 0) f.i32x4(0, stride, 2 * stride, 3 * stride).op("i32x4.add");
      return;
    }
    f.i32x4(0);
    for (let lane = 0; lane < this.#axis!.active; lane++) {
      this.#number(index, lane);
      f.lane("i32x4.replace_lane", lane);
    }
  }

  /** Pushes the mask of lanes in which all guards hold. */
  #mask(guards: readonly Guard[]): void {
    const f = this.#f;
    guards.forEach(({ index, low, high }, i) => {
      this.#ready(index);
      this.#indices(index);
      if (low !== 0) f.i32x4(low).op("i32x4.sub");
      f.i32x4(high - low).op("i32x4.lt_u");
      if (i > 0) f.op("v128.and");
    });
  }

  // Values

  /** Computes an expression for the current vector, unless that has been done, and keeps it. */
  #materialize(e: Expr): void {
    if (e.op === "local") return;
    const key = this.#key(e);
    if (this.#find(key)) return;
    if (e.op === "const") this.#values.constant(e.dtype, e.value);
    else this.#compute(e);
    this.#f.set(this.#keep(key, "v128"));
  }

  /** Pushes an expression's value for the current vector. */
  #value(e: Expr): void {
    const f = this.#f;
    if (e.op === "const") {
      const known = this.#find(this.#key(e));
      if (known) f.get(known);
      else this.#values.constant(e.dtype, e.value);
      return;
    }
    if (e.op === "local") {
      const { registers, varies } = this.#locals.get(e.local.id)!;
      f.get(registers[varies ? this.#group : 0]);
      return;
    }
    const key = this.#key(e);
    const known = this.#find(key);
    if (known) f.get(known);
    else {
      this.#compute(e);
      if (this.#uses.get(e)! > 1) f.tee(this.#keep(key, "v128"));
    }
  }

  #compute(e: Expr): void {
    const values = this.#values;
    const lanes = { active: this.#axis?.active ?? 1, uniform: !this.#varies(e) };
    switch (e.op) {
      case "load":
        this.#load(e);
        return;
      case "index":
        this.#ready(e.index);
        this.#indices(e.index);
        values.cast("i32", e.dtype);
        return;
      case "guarded":
        this.#value(e.value);
        values.constant(e.dtype, e.fill);
        this.#mask(e.guards);
        values.select(e.dtype);
        return;
      case "check":
        this.#check(e, lanes.uniform ? 1 : lanes.active);
        return;
      case "unary":
        this.#value(e.x);
        values.unary(e.name, e.dtype, lanes);
        return;
      case "binary":
        this.#value(e.a);
        this.#value(e.b);
        values.binary(e.name, e.dtype, { ...lanes, uniformShift: !this.#varies(e.b) });
        return;
      case "compare":
        this.#value(e.a);
        this.#value(e.b);
        values.compare(e.name, e.a.dtype);
        return;
      case "where":
        this.#where(e);
        return;
      case "cast":
        this.#value(e.x);
        values.cast(e.x.dtype, e.dtype);
        return;
      case "bitcast":
        this.#value(e.x);
        return;
      default:
        throw new InternalError(`${e.op} has no code of its own.`);
    }
  }

  #arithmetic(name: "add" | "mul" | "maximum" | "minimum", dtype: DType): void {
    this.#values.binary(name, dtype, { active: this.#width, uniform: false, uniformShift: false });
  }

  #where({ condition, a, b, dtype }: Extract<Expr, { op: "where" }>): void {
    const shape = dtype === "f64" ? "f64x2" : "f32x4";
    if (condition.op === "compare" && condition.name === "lt" && isFloat(dtype)) {
      // x < y ? y : x and x < y ? x : y are one instruction each.
      const [x, y] = [condition.a, condition.b];
      if (same(x, b) && same(y, a)) {
        this.#value(x);
        this.#value(y);
        this.#f.op(`${shape}.pmax`);
        return;
      }
      if (same(x, a) && same(y, b)) {
        this.#value(y);
        this.#value(x);
        this.#f.op(`${shape}.pmin`);
        return;
      }
    }
    this.#value(a);
    this.#value(b);
    this.#value(condition);
    this.#values.select(dtype);
  }

  /** Clamps an index from data; reports one that was out of range. */
  #check(e: Extract<Expr, { op: "check" }>, active: number): void {
    const f = this.#f;
    this.#value(e.value);
    const value = this.#keep(`check${this.#key(e)}`, "v128");
    f.tee(value).i32x4(e.size).op("i32x4.ge_u");
    if (active < 4) f.i32x4(...activeMask(active)).op("v128.and");
    if (e.guards.length > 0) {
      this.#mask(e.guards);
      f.op("v128.and");
    }
    f.op("v128.any_true").if(() => f.i32(e.code).call(this.#context.fail));
    f.get(value)
      .i32x4(0)
      .op("i32x4.max_s")
      .i32x4(e.size - 1)
      .op("i32x4.min_s");
  }

  #load(e: Extract<Expr, { op: "load" }>): void {
    const f = this.#f;
    const values = this.#values;
    const { dtype, guards, fill } = e;
    const place: Place = { buffer: e.buffer, bytes: BYTES[dtype], index: e.index };
    const guarded = guards.length > 0;
    for (const index of indicesOf(e)) this.#ready(index);
    const active = this.#axis?.active ?? 1;
    const stride = this.#stride(e.index);
    const address = (lane: number) => this.#address(place, lane, guarded);
    const whole = () => {
      if (stride === 0) values.loadSplat(dtype, address(0));
      else if (stride === 1) values.load(dtype, active, address(0));
      else if (stride === 2 && active === 4 && BYTES[dtype] === 4) values.loadEveryOther(address(0));
      else values.gather(dtype, active, 0, address);
    };
    if (!guarded) {
      whole();
      return;
    }
    const strides = guards.map((guard) => this.#stride(guard.index));
    const eachLane = () => values.gather(dtype, active, fill, address, (lane) => this.#holds(guards, lane));
    if (strides.every((s) => s === 0)) {
      this.#holds(guards, 0);
      f.if(whole, () => values.constant(dtype, fill), "v128");
    } else if (strides.every((s) => s !== undefined)) {
      // Where they hold at both ends of a vector they hold between.
      this.#holds(guards, 0);
      this.#holds(guards, active - 1);
      f.op("i32.and").if(whole, eachLane, "v128");
    } else eachLane();
  }
}

/** Which accumulator's identity and combination a reduction starts from. */
const REDUCTION = {
  sum: "sum",
  prod: "prod",
  max: "max",
  min: "min",
  dot: "sum",
  argmax: "max",
  argmin: "min",
} as const;

/** Row-major over the variables. */
function flatPosition(variables: readonly Var[]): Index {
  let index = ZERO;
  let stride = 1;
  for (const variable of [...variables].reverse()) {
    index = add(index, scale(varIndex(variable), stride));
    stride *= variable.size;
  }
  return index;
}

/** A constant mask of the first lanes. */
function activeMask(active: number, dtype: DType = "i32"): [number, number, number, number] {
  const lanes = dtype === "f64" ? 2 * active : active;
  return [0, 1, 2, 3].map((lane) => (lane < lanes ? -1 : 0)) as [number, number, number, number];
}

/** The part of an index's constant that is added to addresses; the rest is an instruction's offset, which cannot wrap. */
function prefixConstant({ index }: Place): number {
  const { constant, low } = index;
  return constant > 0 && low >= constant ? 0 : constant;
}

function prefixKey(place: Place, terms: readonly Term[]): string {
  const sum = keyOf({ constant: prefixConstant(place), terms, low: 0, high: 0 });
  return place.buffer === undefined ? `i${sum}` : `b${place.buffer}:${sum}`;
}

function same(a: Expr, b: Expr): boolean {
  return a === b || (a.op === "const" && b.op === "const" && a.dtype === b.dtype && Object.is(a.value, b.value));
}
