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
import type { Var } from "../../lower/index-expr.ts";
import type { CumulateStmt, Expr, LoopKernel, LoopStmt, ReduceStmt, Stmt, StoreStmt } from "../../lower/loop-ir.ts";
import { ACCUMULATOR, flatPosition, siblings, startOf, survey } from "../survey.ts";
import type { FunctionBuilder, Local } from "./assembler.ts";
import type { KernelContext, Phase } from "./context.ts";
import { Elements, type Place } from "./elements.ts";
import { Scope } from "./scope.ts";
import { activeMask, Values } from "./values.ts";

/** Vectors that a vector loop takes at once; more where it holds reductions, since independent sums hide latency. */
const GROUPS = 2;
const REDUCED_GROUPS = 4;
/** Reduced axes up to this size are written out. */
const WRITTEN_OUT = 4;

/** Renders a loop nest; threads share its outermost loop where its iterations are independent. */
export function renderLoops(kernel: LoopKernel, context: KernelContext): readonly Phase[] {
  const [only, ...others] = kernel.body;
  const shared = others.length === 0 && only?.kind === "loop" && !only.serial ? only : undefined;
  const width = survey(kernel).touchesF64 ? 2 : 4;
  const func = context.module.function(["i32", "i32"], [], (f) => {
    new LoopRenderer(f, kernel, context, width).render(shared);
  });
  const grain = shared?.vector ? width * groupsOf(shared) : 1;
  return [{ func, range: shared ? shared.variable.size : 1, grain }];
}

/** Vectors that a vector loop takes at once. */
function groupsOf({ body }: LoopStmt): number {
  const long = (stmt: Stmt): boolean =>
    (stmt.kind === "reduce" && stmt.variables.some((variable) => variable.size > WRITTEN_OUT)) ||
    stmt.kind === "cumulate";
  return body.some(long) ? REDUCED_GROUPS : GROUPS;
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
  readonly #width: 2 | 4;
  readonly #scope: Scope;
  readonly #values: Values;
  readonly #elements: Elements;

  constructor(f: FunctionBuilder, kernel: LoopKernel, context: KernelContext, width: 2 | 4) {
    this.#f = f;
    this.#kernel = kernel;
    this.#width = width;
    this.#scope = new Scope(f, kernel.writes);
    this.#values = new Values(f, context, width);
    this.#elements = new Elements(f, kernel, context, this.#scope, this.#values);
  }

  render(shared: LoopStmt | undefined): void {
    if (shared) this.#loop(shared, { from: this.#f.params[0], to: this.#f.params[1] });
    else this.#body(this.#kernel.body);
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
      if (stmt.kind === "reduce") {
        const together = siblings(stmts.slice(i));
        this.#reduce(together);
        i += together.length;
        continue;
      }
      if (stmt.kind === "loop") this.#loop(stmt);
      else this.#cumulate(stmt);
      i++;
    }
  }

  #loop(stmt: LoopStmt, range?: Range): void {
    const { variable, body } = stmt;
    this.#elements.hoist(body);
    if (!stmt.vector) {
      this.#each(variable, { range }, () => this.#body(body));
      return;
    }
    const width = this.#width;
    const along = (groups: number, active: number) =>
      this.#scope.along({ variable, first: 0, groups, active, step: width }, () => this.#body(body));
    const steps = [...new Set([groupsOf(stmt), 1])].map((groups) => groups * width);
    this.#strip(
      variable,
      steps,
      range,
      (step) => along(step / width, width),
      (rest) => along(1, rest),
    );
  }

  /** Reductions in one pass over their elements. */
  #reduce(together: readonly ReduceStmt[]): void {
    const f = this.#f;
    const [{ variables, lanes }] = together;
    const width = this.#width;
    const inLanes = lanes > 1;
    if (inLanes && this.#scope.axis) throw new InternalError("A reduction in lanes cannot stand inside a vector loop.");
    const count = inLanes ? Math.max(1, lanes / width) : (this.#scope.axis?.groups ?? 1);
    const totals = together.map((stmt) => {
      const arg = stmt.op === "argmax" || stmt.op === "argmin";
      const accumulators = Array.from({ length: count }, (): Accumulator => {
        const start: Accumulator = { value: f.local("v128"), position: arg ? f.local("v128") : undefined };
        this.#values.constant(stmt.value.dtype, startOf(stmt));
        f.set(start.value);
        if (start.position) f.i32x4(0).set(start.position);
        return start;
      });
      return { stmt, accumulators };
    });
    const position: Expr = { op: "index", dtype: "i32", index: flatPosition(variables) };
    const accumulate = () => {
      for (const { stmt, accumulators } of totals)
        this.#scope.eachGroup((group) => this.#accumulate(stmt, accumulators[group], position, inLanes));
    };
    const inner = variables[variables.length - 1];
    const strip = () => {
      const along = (first: number, groups: number, active: number) =>
        this.#scope.along({ variable: inner, first, groups, active, step: Math.min(lanes, width) }, accumulate);
      const whole = Math.min(lanes, width);
      this.#strip(
        inner,
        [lanes],
        undefined,
        () => along(0, count, whole),
        (rest) => {
          const full = Math.floor(rest / width);
          if (full > 0) along(0, full, width);
          if (rest % width > 0) this.#scope.open(() => along(full, 1, rest % width));
        },
      );
    };
    const nest = (outer: readonly Var[]) => {
      this.#elements.hoist(together);
      if (outer.length > 0) this.#each(outer[0], { writtenOut: true }, () => nest(outer.slice(1)));
      else if (inLanes) strip();
      else accumulate();
    };
    nest(inLanes ? variables.slice(0, -1) : variables);
    for (const { stmt, accumulators } of totals) {
      if (inLanes) this.#fold(stmt, accumulators);
      this.#scope.bind(
        stmt.result,
        accumulators.map((accumulator) => accumulator.position ?? accumulator.value),
      );
    }
  }

  /** Takes one more element of each lane. */
  #accumulate(stmt: ReduceStmt, into: Accumulator, position: Expr, inLanes: boolean): void {
    const f = this.#f;
    const { op, value, other } = stmt;
    const { dtype } = value;
    const active = this.#scope.axis?.active ?? 1;
    // The other lanes' accumulators are as good as any: they stay what they are.
    const some = inLanes && active < this.#width;
    if (op === "argmax" || op === "argmin") {
      this.#elements.value(value);
      this.#elements.value(position);
      f.scope(() => {
        const [x, at] = [f.local("v128"), f.local("v128")];
        f.set(at).set(x);
        this.#better(op, dtype, x, into.value);
        if (some) f.i32x4(...activeMask(active)).op("v128.and");
        this.#take(dtype, into, x, at);
      });
      return;
    }
    f.get(into.value);
    this.#elements.value(value);
    if (op === "dot") {
      this.#elements.value(other!);
      this.#elements.arithmetic("mul", dtype);
    }
    this.#elements.arithmetic(COMBINE[ACCUMULATOR[op]], dtype);
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
      this.#elements.arithmetic(COMBINE[ACCUMULATOR[op]], dtype);
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
    const running = Array.from({ length: this.#scope.axis?.groups ?? 1 }, () => {
      const register = f.local("v128");
      this.#values.constant(value.dtype, identityOf(reduction, value.dtype));
      f.set(register);
      return register;
    });
    this.#elements.hoist([{ kind: "store", buffer: store.buffer, index: store.index, value, accumulate: false }]);
    this.#each(variable, { reverse }, () =>
      this.#scope.eachGroup((group) => {
        f.get(running[group]);
        this.#elements.value(value);
        this.#elements.arithmetic(COMBINE[reduction], value.dtype);
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
      this.#scope.eachGroup(() => {
        this.#elements.ready(stmt.index);
        this.#write(stmt, stmt.value.dtype, () => this.#elements.value(stmt.value));
      });
      return;
    }
    const writes: (() => void)[] = [];
    for (const stmt of stmts) {
      this.#scope.eachGroup((group) => {
        const register = f.local("v128");
        this.#elements.ready(stmt.index);
        this.#elements.value(stmt.value);
        f.set(register);
        writes.push(() => {
          this.#scope.group = group;
          this.#write(stmt, stmt.value.dtype, () => f.get(register));
        });
      });
    }
    for (const write of writes) write();
    this.#scope.group = 0;
  }

  /** Writes what `value` pushes, for the current vector. */
  #write({ buffer, index, accumulate }: StoreStmt, dtype: DType, value: () => void): void {
    const f = this.#f;
    const place: Place = { buffer, bytes: BYTES[dtype], index };
    this.#elements.ready(index);
    const active = this.#scope.axis?.active ?? 1;
    if (!this.#scope.axis || this.#scope.stride(index) === 1) {
      const offset = this.#elements.address(place, 0);
      if (accumulate) this.#values.load(dtype, active, this.#elements.address(place, 0));
      value();
      if (accumulate) this.#elements.arithmetic("add", dtype);
      this.#values.store(dtype, active, offset);
      return;
    }
    value();
    if (!accumulate) {
      this.#values.scatter(dtype, active, (lane) => this.#elements.address(place, lane));
      return;
    }
    // Lanes may meet at one element: they add to it one after the other.
    f.scope(() => {
      const [all, one] = [f.local("v128"), f.local("v128")];
      f.set(all);
      for (let lane = 0; lane < active; lane++) {
        this.#values.load(dtype, 1, this.#elements.address(place, lane));
        f.get(all).get(all);
        if (dtype === "f64") f.shuffle32(2 * lane, 2 * lane + 1, 2 * lane, 2 * lane + 1);
        else f.shuffle32(lane, lane, lane, lane);
        this.#elements.arithmetic("add", dtype);
        f.set(one);
        const offset = this.#elements.address(place, lane);
        f.get(one);
        this.#values.store(dtype, 1, offset);
      }
    });
  }

  // Loops and scopes

  /** A scope in which `variable` is known, in a register that starts at `start`. */
  #counting(variable: Var, start: () => void, body: (register: Local) => void): void {
    this.#scope.open(() => {
      const register = this.#f.local("i32");
      start();
      this.#f.set(register);
      this.#scope.define(variable, register);
      body(register);
      this.#scope.forget(variable);
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
    const inScope = () => this.#scope.open(body);
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
          const inScope = () => this.#scope.open(() => body(step));
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
        const inScope = () => this.#scope.open(() => tail(rest));
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
}
