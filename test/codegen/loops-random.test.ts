import { expect, test } from "vitest";
import type { DType } from "../../src/core/dtype.ts";
import { constant, EXPR_OPS, guarded, local, makeLocal } from "../../src/lower/expr.ts";
import {
  add,
  dataIndex,
  div,
  type Index,
  makeVar,
  mod,
  offset,
  scale,
  type Var,
  varIndex,
  ZERO,
} from "../../src/lower/index-expr.ts";
import type { Expr, Guard, ReduceStmt, Stmt, StoreStmt } from "../../src/lower/loop-ir.ts";
import { type Buffer, buffer, checkLoops, empty } from "./loop-harness.ts";

const { unary, binary, compare, where, cast } = EXPR_OPS;

/** Nests of random depth, with random indices, guards, reductions and expressions that share parts. */
class Maker {
  #state: number;
  readonly buffers: Buffer[] = [];
  readonly #dtypes: readonly DType[];

  constructor(seed: number) {
    this.#state = (seed * 747796405 + 2891336453) | 0;
    this.#dtypes = this.#chance(0.3) ? ["f32", "f64", "i32", "bool"] : ["f32", "i32", "u8", "bool"];
  }

  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
  }

  #below = (n: number): number => Math.floor(this.#random() * n);
  #chance = (p: number): boolean => this.#random() < p;
  #pick = <T>(items: readonly T[]): T => items[this.#below(items.length)];

  #index(vars: readonly Var[]): Index {
    let index = offset(ZERO, this.#below(5) - 2);
    for (const variable of vars) {
      if (this.#chance(0.6)) index = add(index, scale(varIndex(variable), this.#pick([1, 1, 1, 2, 3, -1])));
    }
    if (this.#chance(0.15)) index = this.#pick([div, mod])(index, this.#pick([2, 3, 4]));
    return this.#chance(0.15) ? add(index, mod(varIndex(this.#pick(vars)), 3)) : index;
  }

  /** A buffer of its own, as long as the index needs. */
  #fresh(dtype: DType, index: Index, from = index.low, to = index.high): { at: number; index: Index } {
    const values = Array.from({ length: Math.max(1, to - from + 1) }, () => {
      if (dtype === "bool") return this.#below(2);
      if (dtype === "u8") return this.#below(256);
      return dtype === "i32" ? this.#below(100) - 50 : this.#random() * 4 - 2;
    });
    return { at: this.buffers.push(buffer(dtype, values)) - 1, index: offset(index, -from) };
  }

  #guards(vars: readonly Var[]): Guard[] {
    const index = this.#index(vars);
    const low = index.low + this.#below(4);
    return [{ index, low, high: low + 1 + this.#below(12) }];
  }

  #load(dtype: DType, vars: readonly Var[]): Expr {
    let index = this.#index(vars);
    if (this.#chance(0.1)) {
      const size = 1 + this.#below(7);
      const value = this.#load("i32", vars);
      const guards = this.#chance(0.3) ? this.#guards(vars) : [];
      const check: Expr = { op: "check", dtype: "i32", value, size, code: 1 + this.#below(3), guards };
      index = add(index, dataIndex(check, 0, size - 1));
    }
    if (this.#chance(0.3)) {
      // What is beyond the guard is beyond the buffer.
      const low = index.low + this.#below(3);
      const high = Math.max(low + 1, index.high - this.#below(3));
      const place = this.#fresh(dtype, index, low, high - 1);
      const guards = [{ index, low, high }, ...(this.#chance(0.3) ? this.#guards(vars) : [])];
      return { op: "load", dtype, buffer: place.at, index: place.index, guards, fill: this.#below(3) };
    }
    const place = this.#fresh(dtype, index);
    const guards = this.#chance(0.2) ? this.#guards(vars) : [];
    return { op: "load", dtype, buffer: place.at, index: place.index, guards, fill: 1 };
  }

  #expr(dtype: DType, vars: readonly Var[], known: Expr[], depth: number): Expr {
    const usable = known.filter((e) => e.dtype === dtype);
    if (usable.length > 0 && this.#chance(0.35)) return this.#pick(usable);
    const e = this.#newExpr(dtype, vars, known, depth);
    known.push(e);
    return e;
  }

  #newExpr(dtype: DType, vars: readonly Var[], known: Expr[], depth: number): Expr {
    const inner = (of: DType = dtype) => this.#expr(of, vars, known, depth - 1);
    if (depth === 0 || this.#chance(0.15)) {
      if (this.#chance(0.7)) return this.#load(dtype, vars);
      if (this.#chance(0.5)) return constant(this.#below(4), dtype);
      return cast({ op: "index", dtype: "i32", index: this.#index(vars) }, dtype);
    }
    const what = this.#random();
    if (what < 0.15) return where(inner("bool"), inner(), inner());
    if (what < 0.3) return cast(inner(this.#pick(this.#dtypes)), dtype);
    if (what < 0.4) return guarded(this.#guards(vars), this.#below(3), inner());
    if (dtype === "bool") {
      const of = this.#pick(this.#dtypes);
      return compare(this.#pick(["eq", "ne", "lt", "le"]), inner(of), inner(of));
    }
    const float = dtype === "f32" || dtype === "f64";
    if (what < 0.55)
      return unary(this.#pick(float ? ["neg", "abs", "floor", "sign"] : ["neg", "abs", "not", "sign"]), inner());
    const names = ["add", "sub", "mul", "maximum", "minimum", "div", "mod"] as const;
    return binary(this.#pick(float ? names : [...names, "and", "shl", "shr"]), inner(), inner());
  }

  #store(vars: readonly Var[], vector: Var | undefined, known: Expr[]): StoreStmt {
    const dtype = this.#pick(this.#dtypes);
    // Every position has an element of its own: row-major over some order of the variables, with gaps.
    const order = [...vars].sort((a, b) => (a === vector ? 1 : b === vector ? -1 : this.#random() - 0.5));
    if (this.#chance(0.2)) order.reverse();
    let index = ZERO;
    let stride = this.#pick([1, 1, 1, 2]);
    for (const variable of order.reverse()) {
      index = add(index, scale(varIndex(variable), stride));
      stride *= variable.size + this.#below(2);
    }
    const at = this.buffers.push(empty(dtype, index.high + 1)) - 1;
    const value = this.#expr(dtype, vars, known, 4);
    return { kind: "store", buffer: at, index, value, accumulate: dtype !== "bool" && this.#chance(0.2) };
  }

  #reduce(vars: readonly Var[], known: Expr[], lanes: number): ReduceStmt {
    const dtype = this.#pick(this.#dtypes.filter((d) => d !== "bool"));
    const variables = Array.from({ length: 1 + this.#below(2) }, (_, i) => makeVar(`r${i}`, 1 + this.#below(9)));
    if (lanes > 1) variables.push(makeVar("lane", 2 + this.#below(80)));
    const op = this.#pick(["sum", "max", "min", "dot", "argmax", "argmin"] as const);
    const inside = [...vars, ...variables];
    const shared = [...known];
    const value = this.#expr(dtype, inside, shared, 2);
    const other = op === "dot" ? this.#expr(dtype, inside, shared, 2) : undefined;
    const result = makeLocal(op === "argmax" || op === "argmin" ? "i32" : dtype);
    return { kind: "reduce", op, variables, lanes, value, other, result };
  }

  body(): Stmt[] {
    const outer = Array.from({ length: this.#below(3) }, (_, i) => makeVar(`i${i}`, 1 + this.#below(4)));
    const inLanes = this.#chance(0.3);
    const vector = inLanes ? undefined : makeVar("v", 1 + this.#below(40));
    const vars = vector ? [...outer, vector] : outer;
    const known: Expr[] = [];
    const inner: Stmt[] = [];
    for (let i = this.#below(3); i > 0; i--) {
      const reduce = this.#reduce(vars, known, inLanes ? 2 ** (1 + this.#below(5)) : 1);
      inner.push(reduce);
      known.push(local(reduce.result));
    }
    if (vars.length === 0) vars.push(makeVar("one", 1));
    for (let i = 1 + this.#below(2); i > 0; i--) inner.push(this.#store(vars, vector, known));
    let body = inner;
    if (vector) body = [{ kind: "loop", variable: vector, vector: true, serial: false, body }];
    for (const variable of outer.reverse()) body = [{ kind: "loop", variable, vector: false, serial: false, body }];
    return body;
  }
}

const FIRST = Number(process.env["SEED"] ?? 1);
const COUNT = Number(process.env["COUNT"] ?? 150);

test(`${COUNT} random nests`, () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const maker = new Maker(seed);
    const body = maker.body();
    try {
      checkLoops(body, maker.buffers);
    } catch (error) {
      expect.fail(`seed ${seed}: ${error instanceof Error ? error.message.slice(0, 1500) : error}`);
    }
  }
});
