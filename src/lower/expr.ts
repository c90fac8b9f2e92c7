/** Builds Loop IR expressions; the same nodes as `Ops`, so that the polynomials of core/numerics.ts expand in place. */

import type { DType } from "../core/dtype.ts";
import type { Ops } from "../core/numerics.ts";
import type { Index } from "./index-expr.ts";
import type { Expr, Guard, Local, Stmt } from "./loop-ir.ts";

export const constant = (value: number, dtype: DType): Expr => ({ op: "const", dtype, value });

export const EXPR_OPS: Ops<Expr> = {
  constant,
  unary: (name, x) => ({ op: "unary", dtype: x.dtype, name, x }),
  binary: (name, a, b) => ({ op: "binary", dtype: a.dtype, name, a, b }),
  compare: (name, a, b) => ({ op: "compare", dtype: "bool", name, a, b }),
  where: (condition, a, b) => ({ op: "where", dtype: a.dtype, condition, a, b }),
  cast: (x, dtype) => (x.dtype === dtype ? x : { op: "cast", dtype, x }),
  bitcast: (x, dtype) => ({ op: "bitcast", dtype, x }),
};

export const local = (of: Local): Expr => ({ op: "local", dtype: of.dtype, local: of });

let nextLocal = 0;
export const makeLocal = (dtype: DType): Local => ({ id: nextLocal++, dtype });

/** Whether the bounds of a guard's index leave open that it fails. */
export const mayFail = ({ index, low, high }: Guard): boolean => index.low < low || index.high >= high;

/** A value where all guards hold, else `fill`; guards that always hold are dropped. */
export function guarded(guards: readonly Guard[], fill: number, value: Expr): Expr {
  const needed = guards.filter(mayFail);
  if (needed.length === 0) return value;
  if (needed.some(({ index, low, high }) => index.high < low || index.low >= high)) return constant(fill, value.dtype);
  return { op: "guarded", dtype: value.dtype, guards: needed, value, fill };
}

/** The operands of an expression. */
export function operandsOf(e: Expr): readonly Expr[] {
  switch (e.op) {
    case "unary":
    case "cast":
    case "bitcast":
    case "word":
      return [e.x];
    case "binary":
    case "compare":
      return [e.a, e.b];
    case "where":
      return [e.condition, e.a, e.b];
    case "guarded":
    case "check":
      return [e.value];
    default:
      return [];
  }
}

/** Every expression of a DAG once, those inside indices included. */
export function walk(e: Expr, visit: (e: Expr) => void, seen: Set<Expr> = new Set()): void {
  if (seen.has(e)) return;
  seen.add(e);
  for (const operand of operandsOf(e)) walk(operand, visit, seen);
  for (const index of indicesOf(e)) walkIndex(index, visit, seen);
  visit(e);
}

function walkIndex(index: Index, visit: (e: Expr) => void, seen: Set<Expr>): void {
  for (const { atom } of index.terms) {
    if (atom.kind === "data") walk(atom.value, visit, seen);
    else if (atom.kind !== "var") walkIndex(atom.of, visit, seen);
  }
}

/** Every index of a DAG; atoms that hold expressions are the callback's to enter. */
export function walkIndices(e: Expr, visit: (index: Index) => void, seen: Set<Expr> = new Set()): void {
  if (seen.has(e)) return;
  seen.add(e);
  for (const operand of operandsOf(e)) walkIndices(operand, visit, seen);
  for (const index of indicesOf(e)) visit(index);
}

/** The indices that an expression itself uses. */
export function indicesOf(e: Expr): readonly Index[] {
  switch (e.op) {
    case "load":
      return [e.index, ...e.guards.map((g) => g.index)];
    case "index":
      return [e.index];
    case "guarded":
    case "check":
      return e.guards.map((g) => g.index);
    default:
      return [];
  }
}

/** The expressions and indices that a statement holds, nested ones included. */
export function visitStmt(s: Stmt, onExpr: (e: Expr) => void, onIndex: (index: Index) => void): void {
  switch (s.kind) {
    case "loop":
      for (const inner of s.body) visitStmt(inner, onExpr, onIndex);
      return;
    case "reduce":
      onExpr(s.value);
      if (s.other) onExpr(s.other);
      return;
    case "cumulate":
      onExpr(s.value);
      onIndex(s.store.index);
      return;
    case "store":
      onExpr(s.value);
      onIndex(s.index);
  }
}
