/**
 * Programs as text: what `inspect()` shows as loops.
 *
 * Values are numbered in the order in which they appear, so that equal programs print equally.
 */

import { indicesOf, operandsOf, visitStmt } from "./expr.ts";
import type { Atom, Index } from "./index-expr.ts";
import type {
  AttentionKernel,
  AttentionOperand,
  AttentionRows,
  ContractionAxis,
  ContractionKernel,
  ContractionOperand,
  Expr,
  Guard,
  Kernel,
  Local,
  Program,
  Stmt,
  StoreStmt,
} from "./loop-ir.ts";

export function showProgram({ buffers, kernels, commit }: Program): string {
  const lines = buffers.map(({ dtype, length, role, position }, i) => {
    const where = role === "temp" ? "" : ` ${position}`;
    return `b${i}: ${dtype}[${length}] ${role}${where}`;
  });
  lines.push("");
  kernels.forEach((kernel, i) => {
    if (i === commit) lines.push("-- commit");
    lines.push(...showKernel(kernel));
  });
  return lines.join("\n");
}

function showKernel(kernel: Kernel): string[] {
  const head = `${kernel.kind} ${kernel.name}`;
  return [head, ...showBody(kernel).map(indent)];
}

const indent = (line: string): string => `  ${line}`;

function showBody(kernel: Kernel): string[] {
  switch (kernel.kind) {
    case "loops": {
      const printer = new ExprPrinter();
      for (const statement of kernel.body)
        visitStmt(
          statement,
          (e) => printer.count(e),
          (i) => printer.countIndex(i),
        );
      return showStmts(kernel.body, printer);
    }
    case "contraction":
      return showContraction(kernel, new ExprPrinter());
    case "attention":
      return showAttention(kernel, new ExprPrinter());
    case "argsort":
      return [`b${kernel.out} = argsort b${kernel.keys}, ${kernel.rows} rows of ${kernel.length}`];
    case "scan": {
      const { name, size } = kernel.variable;
      const body = kernel.body.flatMap(showKernel).map(indent);
      const rows = kernel.rows > 1 ? `, each of ${kernel.rows} rows by itself` : "";
      return [`for ${name} < ${size}${kernel.reverse ? " from the end" : ""}${rows}:`, ...body];
    }
  }
}

function showContraction(kernel: ContractionKernel, printer: ExprPrinter): string[] {
  const { batch, rows, cols, inner, a, b, out, parts, epilogue } = kernel;
  const operand = ({ buffer, offset }: ContractionOperand): string => `b${buffer}[${printer.index(offset)}…]`;
  const axes = (list: readonly ContractionAxis[]): string =>
    list.map(({ size, strides }) => `${size}(${strides.join(" ")})`).join(" ") || "1";
  return [
    `${operand(out)} = ${operand(a)} · ${operand(b)}${parts > 1 ? ` in ${parts} parts` : ""}`,
    `batch ${axes(batch)} | rows ${axes(rows)} | cols ${axes(cols)} | inner ${axes(inner)}`,
    ...(epilogue
      ? [`then for ${epilogue.batch.name} < ${epilogue.batch.size}:`, ...showBody(epilogue.nest).map(indent)]
      : []),
  ];
}

function showAttention(kernel: AttentionKernel, printer: ExprPrinter): string[] {
  const { gradient, operands, batch, queries, keys, width, valueWidth, causal, scale, dropsBelow } = kernel;
  const show = (names: readonly AttentionOperand[]): string =>
    names.flatMap((name) => (operands[name] ? [`${name} ${showRows(operands[name], printer)}`] : [])).join(", ");
  const results = show(gradient ? ["dq", "dk", "dv"] : ["out", "lse"]);
  const given = show(
    gradient ? ["q", "k", "v", "mask", "state", "out", "lse", "grad"] : ["q", "k", "v", "mask", "state"],
  );
  const batches = batch.map(({ size, strides }) => `${size}(${strides.join(" ")})`).join(" ") || "1";
  return [
    `${results} = ${causal ? "causal " : ""}attention of ${given}, times ${scale}${operands.state ? `, without ${dropsBelow} of 65536` : ""}`,
    `batch ${batches} | queries ${queries} | keys ${keys} | width ${width} and ${valueWidth}`,
  ];
}

const showRows = ({ buffer, offset, row }: AttentionRows, printer: ExprPrinter): string =>
  `b${buffer}[${printer.index(offset)} + ${row}i…]`;

function showStmts(statements: readonly Stmt[], printer: ExprPrinter): string[] {
  const lines: string[] = [];
  statements.forEach((statement, i) => {
    const shown = showStmt(statement, printer);
    // Stores act together: what they share is computed before the first.
    const begin = statement.kind === "store" ? lines.length - storesBefore(statements, i) : lines.length;
    lines.splice(begin, 0, ...printer.definitions());
    lines.push(...shown);
  });
  return lines;
}

function storesBefore(statements: readonly Stmt[], at: number): number {
  let first = at;
  while (first > 0 && statements[first - 1].kind === "store") first--;
  return at - first;
}

function showStmt(s: Stmt, printer: ExprPrinter): string[] {
  switch (s.kind) {
    case "loop": {
      const mark = s.vector ? " vector" : s.serial ? " serial" : "";
      return [`for ${s.variable.name} < ${s.variable.size}${mark}:`, ...showStmts(s.body, printer).map(indent)];
    }
    case "reduce": {
      const over = s.variables.map(({ name, size }) => `${name} < ${size}`).join(", ");
      const order = s.lanes > 1 ? ` in ${s.lanes} lanes` : "";
      const value = s.other ? `${printer.expr(s.value)} * ${printer.expr(s.other)}` : printer.expr(s.value);
      return [
        `${printer.local(s.result)} = ${s.op} ${over}${order}:`,
        ...printer.definitions().map(indent),
        indent(value),
      ];
    }
    case "cumulate": {
      const { name, size } = s.variable;
      const line = showStore(s.store, printer.expr(s.value), printer);
      const head = `${s.op} ${name} < ${size}${s.reverse ? " from the end" : ""}:`;
      return [head, ...printer.definitions().map(indent), indent(line)];
    }
    case "store":
      return [showStore(s, printer.expr(s.value), printer)];
  }
}

const showStore = ({ buffer, index, accumulate }: StoreStmt, value: string, printer: ExprPrinter): string =>
  `b${buffer}[${printer.index(index)}] ${accumulate ? "+=" : "="} ${value}`;

/** Expressions of one kernel. They are DAGs: what is used twice has a name and a line, or texts would grow exponentially. */
class ExprPrinter {
  readonly #uses = new Map<Expr, number>();
  readonly #names = new Map<Expr, string>();
  readonly #locals = new Map<number, string>();
  #definitions: string[] = [];

  /** Notes what an expression uses, before any is printed. */
  count(root: Expr): void {
    this.#use(root);
  }

  countIndex({ terms }: Index): void {
    for (const { atom } of terms) {
      if (atom.kind === "data") this.#use(atom.value);
      else if (atom.kind !== "var") this.countIndex(atom.of);
    }
  }

  /** The lines that name what was printed since the last call. */
  definitions(): string[] {
    const lines = this.#definitions;
    this.#definitions = [];
    return lines;
  }

  local({ id }: Local): string {
    let name = this.#locals.get(id);
    if (name === undefined) this.#locals.set(id, (name = `t${this.#locals.size}`));
    return name;
  }

  expr(e: Expr): string {
    const known = this.#names.get(e);
    if (known !== undefined) return known;
    const text = this.#text(e);
    if ((this.#uses.get(e) ?? 0) < 2 || isShort(e)) return text;
    const name = `e${this.#names.size}`;
    this.#names.set(e, name);
    this.#definitions.push(`${name} = ${text}`);
    return name;
  }

  index({ constant, terms }: Index): string {
    const parts = terms.map(({ atom, coefficient }) =>
      coefficient === 1 ? this.#atom(atom) : `${coefficient}*${this.#atom(atom)}`,
    );
    if (constant !== 0 || parts.length === 0) parts.push(String(constant));
    return parts.join(" + ");
  }

  #use(e: Expr): void {
    const uses = this.#uses.get(e) ?? 0;
    this.#uses.set(e, uses + 1);
    if (uses > 0) return;
    for (const operand of operandsOf(e)) this.#use(operand);
    for (const index of indicesOf(e)) this.countIndex(index);
  }

  #text(e: Expr): string {
    switch (e.op) {
      case "const":
        return String(e.value);
      case "load":
        return `b${e.buffer}[${this.index(e.index)}]${this.#guards(e.guards, e.fill)}`;
      case "index":
        return `(${this.index(e.index)})`;
      case "guarded":
        return `(${this.expr(e.value)})${this.#guards(e.guards, e.fill)}`;
      case "check":
        return `check(${this.expr(e.value)}, ${e.size})`;
      case "local":
        return this.local(e.local);
      case "unary":
        return `${e.name}(${this.expr(e.x)})`;
      case "binary":
      case "compare":
        return `${e.name}(${this.expr(e.a)}, ${this.expr(e.b)})`;
      case "where":
        return `where(${this.expr(e.condition)}, ${this.expr(e.a)}, ${this.expr(e.b)})`;
      case "word":
        return `word${e.word}(${this.expr(e.x)})`;
      case "join":
        return `join(${this.expr(e.low)}, ${this.expr(e.high)})`;
      case "cast":
      case "bitcast":
        return `${e.op}_${e.dtype}(${this.expr(e.x)})`;
    }
  }

  #guards(guards: readonly Guard[], fill: number): string {
    if (guards.length === 0) return "";
    const conditions = guards.map(({ index, low, high }) => `${low} <= ${this.index(index)} < ${high}`);
    return ` if ${conditions.join(" and ")} else ${fill}`;
  }

  #atom(atom: Atom): string {
    if (atom.kind === "var") return atom.variable.name;
    if (atom.kind === "data") return this.expr(atom.value);
    return `(${this.index(atom.of)})${atom.kind === "div" ? "/" : "%"}${atom.by}`;
  }
}

/** Not worth a name. */
function isShort(e: Expr): boolean {
  return e.op === "const" || e.op === "local" || e.op === "index" || (e.op === "load" && e.guards.length === 0);
}
