/** What renderers know of a loop nest before they begin. */

import { identityOf } from "../core/scalar.ts";
import { indicesOf, operandsOf, visitStmt, walk } from "../lower/expr.ts";
import { add, atomsOf, type Index, scale, type Var, varIndex, ZERO } from "../lower/index-expr.ts";
import type { Expr, LoopKernel, ReduceStmt, Stmt } from "../lower/loop-ir.ts";

export interface Survey {
  /** how often each expression is used */
  readonly uses: ReadonlyMap<Expr, number>;
  /** the variables that no loop of the kernel binds: they are scans' */
  readonly free: ReadonlySet<Var>;
  readonly touchesF64: boolean;
}

/** `bound`: variables that the kernel finds bound already. */
export function survey(kernel: LoopKernel, bound: readonly Var[] = []): Survey {
  const uses = new Map<Expr, number>();
  const free = new Set<Var>();
  const seen = new Set<Expr>();
  let touchesF64 = false;
  const use = (e: Expr) => uses.set(e, (uses.get(e) ?? 0) + 1);
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
        touchesF64 ||= e.dtype === "f64";
      },
      seen,
    );
  };
  const found = [...bound];
  const onStmt = (stmt: Stmt) => {
    if (stmt.kind === "reduce") found.push(...stmt.variables);
    else if (stmt.kind !== "store") found.push(stmt.variable);
    if (stmt.kind === "loop") stmt.body.forEach(onStmt);
  };
  for (const stmt of kernel.body) {
    visitStmt(stmt, onExpr, onIndex);
    onStmt(stmt);
  }
  for (const variable of found) free.delete(variable);
  return { uses, free, touchesF64 };
}

// More accumulators than these run out of registers.
const MOST_TOGETHER = 4;

/** The reductions that `stmts` begin with and that one pass over the elements can do: none needs another's result. */
export function siblings(stmts: readonly Stmt[]): readonly ReduceStmt[] {
  const found: ReduceStmt[] = [];
  for (const stmt of stmts) {
    if (stmt.kind !== "reduce" || found.length === MOST_TOGETHER) break;
    const [first] = found;
    if (first && (first.lanes !== stmt.lanes || !sameVariables(first, stmt) || needs(stmt, found))) break;
    found.push(stmt);
  }
  return found;
}

const sameVariables = (a: ReduceStmt, b: ReduceStmt): boolean =>
  a.variables.length === b.variables.length && a.variables.every((variable, i) => variable === b.variables[i]);

/** Whether a reduction needs the result of others. */
function needs({ value, other }: ReduceStmt, others: readonly ReduceStmt[]): boolean {
  let found = false;
  const seen = new Set<Expr>();
  const visit = (e: Expr) => {
    found ||= e.op === "local" && others.some(({ result }) => result === e.local);
  };
  walk(value, visit, seen);
  if (other) walk(other, visit, seen);
  return found;
}

/** Which accumulator a reduction has. */
export const ACCUMULATOR = {
  sum: "sum",
  prod: "prod",
  max: "max",
  min: "min",
  dot: "sum",
  argmax: "max",
  argmin: "min",
} as const;

/** What a reduction's accumulators start from. */
export const startOf = ({ op, value }: ReduceStmt): number => identityOf(ACCUMULATOR[op], value.dtype);

/** The row-major position in the variables' ranges. */
export function flatPosition(variables: readonly Var[]): Index {
  let index = ZERO;
  let stride = 1;
  for (const variable of [...variables].reverse()) {
    index = add(index, scale(varIndex(variable), stride));
    stride *= variable.size;
  }
  return index;
}

/** Whether two expressions are one, or equal constants. */
export function sameExpr(a: Expr, b: Expr): boolean {
  return a === b || (a.op === "const" && b.op === "const" && a.dtype === b.dtype && Object.is(a.value, b.value));
}
