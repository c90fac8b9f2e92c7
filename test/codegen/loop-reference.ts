/** Loop IR by its definition, one element at a time: what renderers are compared with. */

import { castValue, type DType, type TypedArray } from "../../src/core/dtype.ts";
import {
  bitcastValue,
  COMBINE,
  COMPARE,
  type ExactBinaryOp,
  type ExactUnaryOp,
  exactBinary,
  exactUnary,
  identityOf,
  joinWords,
  wordOf,
} from "../../src/core/scalar.ts";
import { indicesOf } from "../../src/lower/expr.ts";
import { type Atom, atomsOf, type Index, type Var } from "../../src/lower/index-expr.ts";
import type {
  Epilogue,
  Expr,
  Guard,
  LoopKernel,
  LoopStmt,
  ReduceStmt,
  Stmt,
  StoreStmt,
} from "../../src/lower/loop-ir.ts";

export class Reference {
  readonly #buffers: readonly TypedArray[];
  readonly #vars = new Map<Var, number>();
  readonly #locals = new Map<number, number>();
  /** values at the current position, until anything moves */
  readonly #known = new Map<Expr, number>();
  status = 0;

  constructor(buffers: readonly TypedArray[], positions: ReadonlyMap<Var, number> = new Map()) {
    this.#buffers = buffers;
    for (const [variable, value] of positions) this.#vars.set(variable, value);
  }

  run(kernel: LoopKernel): void {
    this.#body(kernel.body);
  }

  /** What follows a contraction, for rows r0 to r1 − 1 and columns c0 to c1 − 1 of a batch. */
  runPart({ batch, row, cols, nest }: Epilogue, g: number, r0: number, r1: number, c0: number, c1: number): void {
    let inside = nest.body;
    for (let depth = 0; depth <= cols.length; depth++) inside = (inside[0] as LoopStmt).body;
    this.#vars.set(batch, g);
    for (let r = r0; r < r1; r++) {
      for (let c = c0; c < c1; c++) {
        this.#vars.set(row, r);
        const last = cols[cols.length - 1];
        this.#vars.set(last, c % last.size);
        if (cols.length > 1) this.#vars.set(cols[0], Math.floor(c / last.size));
        this.#known.clear();
        this.#body(inside);
      }
    }
  }

  #body(stmts: readonly Stmt[]): void {
    for (let i = 0; i < stmts.length; ) {
      const stmt = stmts[i];
      if (stmt.kind === "store") {
        const writes: (() => void)[] = [];
        for (let next: Stmt = stmt; next?.kind === "store"; next = stmts[++i]) {
          const store: StoreStmt = next;
          const value = this.#value(store.value);
          const at = this.#index(store.index);
          writes.push(() => this.#write(store, store.value.dtype, at, value));
        }
        for (const write of writes) write();
        continue;
      }
      if (stmt.kind === "loop") this.#each(stmt.variable, () => this.#body(stmt.body));
      else if (stmt.kind === "reduce") {
        this.#locals.set(stmt.result.id, this.#reduce(stmt));
        this.#known.clear();
      } else {
        const reduction = stmt.op === "cumsum" ? "sum" : "prod";
        const combine = exactBinary(COMBINE[reduction], stmt.value.dtype);
        let sum = identityOf(reduction, stmt.value.dtype);
        const step = () => {
          sum = combine(sum, this.#value(stmt.value));
          this.#write(stmt.store, stmt.value.dtype, this.#index(stmt.store.index), sum);
        };
        this.#each(stmt.variable, step, stmt.reverse);
      }
      i++;
    }
  }

  #each(variable: Var, body: () => void, reverse = false): void {
    for (let i = 0; i < variable.size; i++) {
      this.#vars.set(variable, reverse ? variable.size - 1 - i : i);
      this.#known.clear();
      body();
    }
  }

  #write({ buffer, accumulate }: StoreStmt, dtype: DType, at: number, value: number): void {
    const array = this.#buffers[buffer];
    if (at < 0 || at >= array.length) throw new RangeError(`store at ${at} of ${array.length}`);
    this.#known.clear();
    array[at] = accumulate ? exactBinary("add", dtype)(array[at], value) : value;
  }

  #reduce(stmt: ReduceStmt): number {
    const { op, variables, lanes, value, other } = stmt;
    const { dtype } = value;
    if (op === "argmax" || op === "argmin") {
      let best = 0;
      let have: number | undefined;
      let at = 0;
      this.#nest(variables, () => {
        const x = this.#value(value);
        const beats =
          have === undefined || (!Number.isNaN(have) && (Number.isNaN(x) || (op === "argmax" ? x > have : x < have)));
        if (beats) {
          have = x;
          best = at;
        }
        at++;
      });
      return best;
    }
    const kind = op === "dot" ? "sum" : op;
    const combine = exactBinary(COMBINE[kind], dtype);
    const sums = new Array<number>(lanes).fill(identityOf(kind, dtype));
    this.#nest(variables, () => {
      const lane = lanes === 1 ? 0 : this.#vars.get(variables[variables.length - 1])! % lanes;
      const x = this.#value(value);
      if (op !== "dot") sums[lane] = combine(sums[lane], x);
      else sums[lane] = combine(sums[lane], exactBinary("mul", dtype)(x, this.#value(other!)));
    });
    for (let half = lanes / 2; half >= 1; half /= 2) {
      for (let i = 0; i < half; i++) sums[i] = combine(sums[i], sums[i + half]);
    }
    return sums[0];
  }

  #nest(variables: readonly Var[], body: () => void): void {
    if (variables.length === 0) body();
    else this.#each(variables[0], () => this.#nest(variables.slice(1), body));
  }

  #index(index: Index): number {
    let sum = index.constant;
    for (const { atom, coefficient } of index.terms) sum += coefficient * this.#atom(atom);
    return sum;
  }

  #atom(atom: Atom): number {
    if (atom.kind === "var") return this.#vars.get(atom.variable)!;
    if (atom.kind === "data") return this.#value(atom.value);
    const of = this.#index(atom.of);
    const quotient = Math.floor(of / atom.by);
    return atom.kind === "div" ? quotient : of - quotient * atom.by;
  }

  #hold(guards: readonly Guard[]): boolean {
    return guards.every(({ index, low, high }) => {
      const at = this.#index(index);
      return low <= at && at < high;
    });
  }

  #value(e: Expr): number {
    let value = this.#known.get(e);
    if (value === undefined) this.#known.set(e, (value = this.#compute(e)));
    return value;
  }

  #compute(e: Expr): number {
    switch (e.op) {
      case "const":
        return castValue(e.value, "f64", e.dtype);
      case "load": {
        // Whatever an expression mentions is computed, and so checked; only the load itself is not made.
        for (const index of indicesOf(e)) {
          for (const atom of atomsOf(index)) if (atom.kind === "data") this.#value(atom.value);
        }
        if (!this.#hold(e.guards)) return castValue(e.fill, "f64", e.dtype);
        const array = this.#buffers[e.buffer];
        const at = this.#index(e.index);
        if (at < 0 || at >= array.length) throw new RangeError(`load at ${at} of ${array.length}`);
        return array[at];
      }
      case "index":
        return castValue(this.#index(e.index), "i32", e.dtype);
      case "guarded": {
        const value = this.#value(e.value);
        return this.#hold(e.guards) ? value : castValue(e.fill, "f64", e.dtype);
      }
      case "check": {
        const value = this.#value(e.value);
        if (value >= 0 && value < e.size) return value;
        if (this.#hold(e.guards) && (this.status === 0 || e.code < this.status)) this.status = e.code;
        return Math.min(Math.max(value, 0), e.size - 1);
      }
      case "local":
        return this.#locals.get(e.local.id)!;
      case "unary":
        return exactUnary(e.name as ExactUnaryOp, e.dtype)(this.#value(e.x));
      case "binary":
        return exactBinary(e.name as ExactBinaryOp, e.dtype)(this.#value(e.a), this.#value(e.b));
      case "compare":
        return COMPARE[e.name](this.#value(e.a), this.#value(e.b)) ? 1 : 0;
      case "where": {
        const [a, b] = [this.#value(e.a), this.#value(e.b)];
        return this.#value(e.condition) ? a : b;
      }
      case "cast":
        return castValue(this.#value(e.x), e.x.dtype, e.dtype);
      case "bitcast":
        return bitcastValue(this.#value(e.x), e.x.dtype, e.dtype);
      case "word":
        return wordOf(this.#value(e.x), e.word);
      case "join":
        return joinWords(this.#value(e.low), this.#value(e.high));
    }
  }
}
