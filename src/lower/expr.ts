/** Builds Loop IR expressions; the same nodes as `Ops`, so that the formulas of core/numerics.ts expand in place. */

import { castValue, type DType } from "../core/dtype.ts";
import type { Ops } from "../core/float.ts";
import {
  bitcastValue,
  COMPARE,
  type ExactBinaryOp,
  type ExactUnaryOp,
  exactBinary,
  exactUnary,
  joinWords,
  wordOf,
} from "../core/scalar.ts";
import type { Index } from "./index-expr.ts";
import type { Expr, Guard, Local, Stmt } from "./loop-ir.ts";

export const constant = (value: number, dtype: DType): Expr => ({ op: "const", dtype, value });

/** What is known is computed here, so that a formula with a constant argument (x^2.5) is as short as it can be. */
export const EXPR_OPS: Ops<Expr> = {
  constant,
  unary(name, x) {
    if (x.op === "const") return constant(exactUnary(name as ExactUnaryOp, x.dtype)(x.value), x.dtype);
    return { op: "unary", dtype: x.dtype, name, x };
  },
  binary(name, a, b) {
    if (a.op === "const" && b.op === "const")
      return constant(exactBinary(name as ExactBinaryOp, a.dtype)(a.value, b.value), a.dtype);
    return { op: "binary", dtype: a.dtype, name, a, b };
  },
  compare(name, a, b) {
    if (a.op === "const" && b.op === "const") return constant(COMPARE[name](a.value, b.value) ? 1 : 0, "bool");
    return { op: "compare", dtype: "bool", name, a, b };
  },
  where(condition, a, b) {
    const [taken, left] = condition.op === "const" && condition.value === 0 ? [b, a] : [a, b];
    const same = a === b || (a.op === "const" && b.op === "const" && Object.is(a.value, b.value));
    if (condition.op === "const" ? !checks(left) : same && !checks(condition)) return taken;
    return { op: "where", dtype: a.dtype, condition, a, b };
  },
  cast(x, dtype) {
    if (x.dtype === dtype) return x;
    if (x.op === "const") return constant(castValue(x.value, x.dtype, dtype), dtype);
    return { op: "cast", dtype, x };
  },
  bitcast(x, dtype) {
    if (x.op === "const") return constant(bitcastValue(x.value, x.dtype, dtype), dtype);
    return { op: "bitcast", dtype, x };
  },
  word(x, word) {
    if (x.op === "const") return constant(wordOf(x.value, word), "u32");
    return { op: "word", dtype: "u32", x, word };
  },
  join(low, high) {
    if (low.op === "const" && high.op === "const") return constant(joinWords(low.value, high.value), "f64");
    return { op: "join", dtype: "f64", low, high };
  },
};

/** Whether an expression reports an index that is out of range, so that it is computed even if nobody needs it. */
function checks(e: Expr): boolean {
  let found = false;
  walk(e, ({ op }) => {
    found ||= op === "check";
  });
  return found;
}

export const local = (of: Local): Expr => ({ op: "local", dtype: of.dtype, local: of });

let nextLocal = 0;
export const makeLocal = (dtype: DType): Local => ({ id: nextLocal++, dtype });

/** Whether the bounds of a guard's index leave open that it fails. */
export const mayFail = ({ index, low, high }: Guard): boolean => index.low < low || index.high >= high;

/** Whether the bounds of a guard's index show that it always fails. */
export const neverHolds = ({ index, low, high }: Guard): boolean => index.high < low || index.low >= high;

/** A value where all guards hold, else `fill`; guards that always hold are dropped. */
export function guarded(guards: readonly Guard[], fill: number, value: Expr): Expr {
  const needed = guards.filter(mayFail);
  if (needed.length === 0) return value;
  if (needed.some(neverHolds)) return constant(fill, value.dtype);
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
    case "join":
      return [e.low, e.high];
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
