/**
 * Loop nests ─► C.
 *
 * A vector loop takes as many lanes as a register has at a time, and its end with fewer lanes by the same code; what does
 * not vary from lane to lane is a scalar. What does not change in a loop is computed before it; an expression that is
 * used twice, once.
 */

import { BYTES, type DType, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import { COMBINE, identityOf } from "../../core/scalar.ts";
import type { Var } from "../../lower/index-expr.ts";
import type {
  CumulateStmt,
  Epilogue,
  Expr,
  LoopKernel,
  LoopStmt,
  ReduceStmt,
  Stmt,
  StoreStmt,
} from "../../lower/loop-ir.ts";
import { Scope } from "../scope.ts";
import { ACCUMULATOR, flatPosition, type Survey, siblings, startOf, survey } from "../survey.ts";
import type { KernelContext, Phase } from "./context.ts";
import { Elements, isEmpty } from "./elements.ts";
import { Source } from "./source.ts";
import { operand, type Value, Values } from "./values.ts";

/** Elements that a vector loop takes at once where there is little to do with them. */
const STEP = 16;
/** Vectors that it takes at once where there is more: what is independent hides latency. */
const GROUPS = 2;
const MORE = 16; // expressions
/** Vectors that it takes at once where it holds reductions. */
const REDUCED_GROUPS = 4;
/** Vectors that a reduction to an extreme takes at once. */
const EXTREME_GROUPS = 8;
/** Reduced axes up to this size are written out. */
const WRITTEN_OUT = 4;

/** Renders a loop nest; threads share its outermost loop where its iterations are independent. */
export function renderLoops(kernel: LoopKernel, context: KernelContext): readonly Phase[] {
  const [only, ...others] = kernel.body;
  const shared = others.length === 0 && only?.kind === "loop" && !only.serial ? only : undefined;
  const known = survey(kernel);
  const width = context.target.vectorBytes / BYTES[known.touchesF64 ? "f64" : "f32"];
  const renderer = new LoopRenderer(kernel, width, known);
  if (shared) renderer.limit(shared.variable, () => ({ from: "lo", to: "hi" }));
  const body = renderer.render();
  const grain = shared?.vector ? width * renderer.groupsOf(shared) : 1;
  return [{ body, ports: renderer.ports, range: shared ? shared.variable.size : 1, grain, scratch: 0 }];
}

/** Renders what follows a contraction: the body of a C function of type `epilogue` (native/abi.h). */
export function renderEpilogue(
  { batch, row, cols, nest }: Epilogue,
  context: KernelContext,
): Pick<Phase, "body" | "ports"> {
  const known = survey(nest, [batch]);
  const width = context.target.vectorBytes / BYTES[known.touchesF64 ? "f64" : "f32"];
  const renderer = new LoopRenderer(nest, width, known);
  renderer.bind(batch, "batch");
  renderer.limit(row, () => ({ from: "r0", to: "r1" }));
  const [first, second] = cols;
  if (second) {
    // Column c is (c div n, c mod n).
    const n = second.size;
    renderer.limit(first, () => ({ from: `c0 / ${n}`, to: `(c1 + ${n - 1}) / ${n}` }));
    renderer.limit(second, () => {
      const begin = `${n} * ${renderer.position(first)}`;
      return { from: `c0 > ${begin} ? c0 - ${begin} : 0`, to: `(c1 - ${begin} < ${n} ? c1 - ${begin} : ${n})` };
    });
  } else renderer.limit(first, () => ({ from: "c0", to: "c1" }));
  return { body: renderer.render(), ports: renderer.ports };
}

/** The part of a loop's range that a call does, as C. */
interface Part {
  readonly from: string;
  readonly to: string;
}

/** Where a reduction adds up; argmax and argmin also keep the position. */
interface Accumulator {
  readonly value: Value;
  readonly position: Value | undefined;
}

/** A reduction and its accumulators, one for each vector. */
interface Total {
  readonly stmt: ReduceStmt;
  readonly accumulators: readonly Accumulator[];
}

class LoopRenderer {
  readonly #source = new Source();
  readonly #kernel: LoopKernel;
  readonly #width: number;
  readonly #groups: number;
  readonly #scope: Scope<string>;
  readonly #values: Values;
  readonly #elements: Elements;
  /** loops of which a call does a part */
  readonly #parts = new Map<Var, () => Part>();

  constructor(kernel: LoopKernel, width: number, known: Survey) {
    this.#kernel = kernel;
    this.#width = width;
    this.#groups = known.uses.size > MORE ? GROUPS : Math.ceil(STEP / width);
    this.#scope = new Scope(kernel.writes);
    this.#values = new Values(width);
    this.#elements = new Elements(this.#source, kernel, this.#scope, this.#values, known);
  }

  get ports(): Phase["ports"] {
    return this.#elements.ports;
  }

  /** Vectors that a vector loop takes at once. */
  groupsOf({ body }: LoopStmt): number {
    const long = (stmt: Stmt): boolean =>
      (stmt.kind === "reduce" && stmt.variables.some((variable) => variable.size > WRITTEN_OUT)) ||
      stmt.kind === "cumulate";
    return body.some(long) ? REDUCED_GROUPS : this.#groups;
  }

  /** Says where a variable is that no loop of the kernel binds. */
  bind(variable: Var, position: string): void {
    this.#scope.define(variable, position);
  }

  /** Says of which part of a loop's range a call does the iterations; asked for when the loop is written. */
  limit(variable: Var, part: () => Part): void {
    this.#parts.set(variable, part);
  }

  /** Where a variable is that is bound here. */
  position(variable: Var): string {
    return this.#scope.position(variable);
  }

  render(): string {
    this.#body(this.#kernel.body);
    const comment = `/* ${this.#kernel.name.replaceAll("*/", "* /")} */`;
    return this.#source.text([{ text: comment }, ...this.#elements.found]);
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
        const together = siblings(stmts.slice(i).map((s) => (s.kind === "reduce" ? this.#inLanes(s) : s)));
        this.#reduce(together);
        i += together.length;
        continue;
      }
      if (!isEmpty(stmt)) {
        if (stmt.kind === "loop") this.#loop(stmt);
        else this.#cumulate(stmt);
      }
      i++;
    }
  }

  #loop(stmt: LoopStmt): void {
    const { variable, body } = stmt;
    this.#elements.hoist(body);
    if (!stmt.vector) {
      this.#each(variable, {}, () => this.#body(body));
      return;
    }
    const width = this.#width;
    const along = (groups: number, active: number) =>
      this.#scope.along({ variable, first: 0, groups, active, step: width }, () => this.#body(body));
    const steps = [...new Set([this.groupsOf(stmt), 1])].map((groups) => groups * width);
    const part = this.#parts.get(variable);
    if (part) this.#partialStrip(variable, part(), steps, (step) => along(step / width, width));
    else
      this.#strip(
        variable,
        steps,
        (step) => along(step / width, width),
        (rest) => this.#inTail(String(rest), () => along(1, rest)),
      );
  }

  /** Reductions in one pass over their elements. */
  #reduce(together: readonly ReduceStmt[]): void {
    const [{ lanes }] = together;
    const width = this.#width;
    const inLanes = lanes > 1;
    if (inLanes && this.#scope.axis) throw new InternalError("A reduction in lanes cannot stand inside a vector loop.");
    const vector = inLanes || this.#scope.axis !== undefined;
    const count = inLanes ? Math.max(1, lanes / width) : (this.#scope.axis?.groups ?? 1);
    const totals = together.map((stmt): Total => {
      const { op, value } = stmt;
      const arg = op === "argmax" || op === "argmin";
      const start = this.#values.constant(value.dtype, startOf(stmt));
      const accumulators = Array.from({ length: count }, () => ({
        value: this.#variable(op, value.dtype, start, vector),
        position: arg ? this.#variable("at", "i32", this.#values.constant("i32", 0), vector) : undefined,
      }));
      return { stmt, accumulators };
    });
    if (!isEmpty(together[0])) this.#accumulateAll(totals);
    for (const { stmt, accumulators } of totals) {
      let left = accumulators.map((accumulator) => accumulator.position ?? accumulator.value);
      if (inLanes) {
        this.#fold(stmt, accumulators);
        left = [{ text: `${left[0].text}[0]`, vector: false }];
      }
      this.#scope.bind(
        stmt.result,
        left.map(({ text }) => text),
      );
    }
  }

  /** Extremes are the same in any order: enough vectors to hide the latency of a comparison, if there are so many. */
  #inLanes(stmt: ReduceStmt): ReduceStmt {
    const { op, lanes, variables } = stmt;
    if (lanes === 1 || op === "sum" || op === "prod" || op === "dot") return stmt;
    const most = Math.min(variables[variables.length - 1].size, EXTREME_GROUPS * this.#width);
    return { ...stmt, lanes: Math.max(lanes, 2 ** Math.floor(Math.log2(Math.max(1, most)))) };
  }

  /** Visits all elements. */
  #accumulateAll(totals: readonly Total[]): void {
    const stmts = totals.map(({ stmt }) => stmt);
    const [{ variables, lanes }] = stmts;
    const width = this.#width;
    const inLanes = lanes > 1;
    const position: Expr = { op: "index", dtype: "i32", index: flatPosition(variables) };
    const accumulate = () => {
      for (const { stmt, accumulators } of totals)
        this.#scope.eachGroup((group) => this.#accumulate(stmt, accumulators[group], position, inLanes));
    };
    const inner = variables[variables.length - 1];
    const strip = () => {
      const along = (first: number, groups: number, active: number) =>
        this.#scope.along({ variable: inner, first, groups, active, step: Math.min(lanes, width) }, accumulate);
      const some = (first: number, active: number) => this.#inTail(String(active), () => along(first, 1, active));
      this.#strip(
        inner,
        [lanes],
        () => (lanes < width ? some(0, lanes) : along(0, lanes / width, width)),
        (rest) => {
          const full = Math.floor(rest / width);
          if (full > 0) along(0, full, width);
          if (rest % width > 0) this.#scope.open(() => some(full, rest % width));
        },
      );
    };
    const nest = (outer: readonly Var[]) => {
      this.#elements.hoist(stmts);
      if (outer.length > 0) this.#each(outer[0], { writtenOut: true }, () => nest(outer.slice(1)));
      else if (inLanes) strip();
      else accumulate();
    };
    nest(inLanes ? variables.slice(0, -1) : variables);
  }

  /** Takes one more element of each lane. */
  #accumulate(stmt: ReduceStmt, into: Accumulator, position: Expr, inLanes: boolean): void {
    const { op, value, other } = stmt;
    const { dtype } = value;
    // The other lanes' accumulators are as good as any: they stay what they are.
    const some = inLanes ? this.#elements.tail?.mask : undefined;
    const x = this.#elements.value(value);
    if (op === "argmax" || op === "argmin") {
      const taken = this.#elements.named(dtype, x, "x");
      const at = this.#elements.value(position);
      const better = this.#better(op, dtype, taken, into.value);
      this.#take(dtype, into, some ? this.#values.infix(better, "&", { text: some, vector: true }) : better, taken, at);
      return;
    }
    const next = op === "dot" ? this.#values.binary("mul", dtype, x, this.#elements.value(other!)) : x;
    const combined = this.#combined(stmt, into.value, next);
    const kept = some ? this.#values.select(dtype, { text: some, vector: true }, combined, into.value) : combined;
    this.#source.line(`${into.value.text} = ${kept.text};`);
  }

  #combined({ op, value }: ReduceStmt, a: Value, b: Value): Value {
    return this.#values.binary(COMBINE[ACCUMULATOR[op]], value.dtype, a, b);
  }

  /** Folds lanes and vectors in halves; the result is in the first lane of the first. */
  #fold(stmt: ReduceStmt, accumulators: readonly Accumulator[]): void {
    const { op } = stmt;
    const { dtype } = stmt.value;
    const combine = (into: Accumulator, from: Accumulator) => {
      if (op === "argmax" || op === "argmin") {
        // Of equals the first: better, or not worse and earlier.
        const better = operand(this.#better(op, dtype, from.value, into.value));
        const worse = operand(this.#better(op, dtype, into.value, from.value));
        const earlier = `${from.position!.text} < ${into.position!.text}`;
        const mask = { text: `${better} | (~${worse} & (${earlier}))`, vector: true, infix: "|" };
        this.#take(dtype, into, mask, from.value, from.position!);
      } else this.#source.line(`${into.value.text} = ${this.#combined(stmt, into.value, from.value).text};`);
    };
    for (let half = accumulators.length / 2; half >= 1; half /= 2) {
      for (let i = 0; i < half; i++) combine(accumulators[i], accumulators[i + half]);
    }
    const [{ value, position }] = accumulators;
    const upper = (of: Value, type: DType, half: number): Value =>
      this.#elements.named(type, { text: `${this.#values.type(type, true)}_from(${of.text}, ${half})`, vector: true });
    for (let half = Math.min(stmt.lanes, this.#width) / 2; half >= 1; half /= 2) {
      combine(accumulators[0], {
        value: upper(value, dtype, half),
        position: position && upper(position, "i32", half),
      });
    }
  }

  /** The mask in which x beats y; NaN beats all numbers. */
  #better(op: "argmax" | "argmin", dtype: DType, x: Value, y: Value): Value {
    const values = this.#values;
    const [low, high] = op === "argmax" ? [x, y] : [y, x];
    const above = values.unary("not", "bool", values.compare("le", dtype, low, high));
    return isFloat(dtype) ? values.infix(above, "&", values.compare("eq", dtype, y, y)) : above;
  }

  /** Takes value and position where the mask holds. */
  #take(dtype: DType, into: Accumulator, mask: Value, value: Value, position: Value): void {
    const better = this.#elements.named("bool", mask, "better");
    const set = (of: Value, type: DType, to: Value) =>
      this.#source.line(`${of.text} = ${this.#values.select(type, better, to, of).text};`);
    set(into.value, dtype, value);
    set(into.position!, "i32", position);
  }

  /** A variable that holds `start`. */
  #variable(stem: string, dtype: DType, start: Value, vector: boolean): Value {
    const name = this.#source.name(stem);
    const text = vector ? this.#values.splat(dtype, start) : start.text;
    this.#source.line(`${this.#values.type(dtype, vector)} ${name} = ${text};`);
    return { text: name, vector };
  }

  #cumulate({ op, variable, reverse, value, store }: CumulateStmt): void {
    const reduction = op === "cumsum" ? "sum" : "prod";
    const { dtype } = value;
    const start = this.#values.constant(dtype, identityOf(reduction, dtype));
    const { axis } = this.#scope;
    const running = Array.from({ length: axis?.groups ?? 1 }, () =>
      this.#variable(reduction, dtype, start, axis !== undefined),
    );
    this.#elements.hoist([{ kind: "store", buffer: store.buffer, index: store.index, value, accumulate: false }]);
    this.#each(variable, { reverse }, () =>
      this.#scope.eachGroup((group) => {
        const total = running[group];
        const next = this.#values.binary(COMBINE[reduction], dtype, total, this.#elements.value(value));
        this.#source.line(`${total.text} = ${next.text};`);
        this.#write(store, dtype, total);
      }),
    );
  }

  /** Stores that act together: all values first. */
  #stores(stmts: readonly StoreStmt[]): void {
    const alone = stmts.length === 1 && (this.#scope.axis?.groups ?? 1) === 1;
    const writes: (() => void)[] = [];
    for (const stmt of stmts) {
      const { dtype } = stmt.value;
      this.#scope.eachGroup((group) => {
        this.#elements.ready(stmt.index);
        if (!alone) this.#elements.materialize(stmt.value);
        const value = this.#elements.value(stmt.value);
        writes.push(() => {
          this.#scope.group = group;
          this.#write(stmt, dtype, value);
        });
      });
    }
    for (const write of writes) write();
    this.#scope.group = 0;
  }

  /** Writes a value for the current vector. */
  #write({ buffer, index, accumulate }: StoreStmt, dtype: DType, value: Value): void {
    const elements = this.#elements;
    const values = this.#values;
    elements.ready(index);
    const { axis } = this.#scope;
    if (axis && this.#scope.stride(index) === 1) {
      const address = elements.address(buffer, dtype, index);
      const mask = elements.tail?.mask;
      const next = accumulate ? values.binary("add", dtype, values.load(dtype, address, mask), value) : value;
      this.#source.line(values.store(dtype, address, next, mask));
      return;
    }
    // Lanes may meet at one element: they add to it one after the other.
    const named = axis && value.vector && !/^\w+$/.test(value.text) ? elements.named(dtype, value) : value;
    const lane = axis && "lane";
    const element = elements.element(buffer, dtype, index, lane);
    const one: Value = named.vector ? { text: `${named.text}[lane]`, vector: false } : named;
    const next = accumulate
      ? values.binary("add", dtype, { text: element, vector: false }, one)
      : values.stored(dtype, one);
    const statement = `${element} = ${next.text};`;
    if (axis) elements.eachLane(statement);
    else this.#source.line(statement);
  }

  // Loops and scopes

  /** Opens a scope in which a variable's position is `position`. */
  #at(variable: Var, position: string, body: () => void): void {
    this.#scope.open(() => {
      this.#scope.define(variable, position);
      this.#scope.open(body);
      this.#scope.forget(variable);
    });
  }

  /** Writes `body` for vectors of which only the first lanes are in use. */
  #inTail(count: string, body: () => void): void {
    const mask = this.#source.name("active", false);
    const type = this.#values.type("bool", true);
    this.#elements.tail = { count, mask };
    this.#source.line(`const ${type} ${mask} = ${type}_first(${count});`, mask);
    body();
    this.#elements.tail = undefined;
  }

  /** Writes `body` for each position, one by one. */
  #each(variable: Var, how: { readonly reverse?: boolean; readonly writtenOut?: boolean }, body: () => void): void {
    const { size } = variable;
    const { reverse = false, writtenOut = false } = how;
    const part = this.#parts.get(variable);
    if (size === 1 && !part) {
      this.#at(variable, "0", body);
      return;
    }
    const at = this.#positionName(variable);
    const { from, to } = part?.() ?? { from: "0", to: String(size) };
    const head = reverse
      ? `for (int64_t ${at} = ${size - 1}; ${at} >= 0; ${at}--)`
      : `for (int64_t ${at} = ${from}; ${at} < ${to}; ${at}++)`;
    const unroll = writtenOut && size <= WRITTEN_OUT ? "UNROLL " : "";
    this.#source.block(unroll + head, () => this.#at(variable, at, body));
  }

  /** Writes `body` for runs of positions: as many of the first of `steps` as fit, then of the next; `tail` takes the rest. */
  #strip(variable: Var, steps: readonly number[], body: (step: number) => void, tail: (rest: number) => void): void {
    const { size } = variable;
    const at = this.#positionName(variable);
    let done = 0;
    for (const step of steps) {
      const rounds = Math.floor((size - done) / step);
      if (rounds === 0) continue;
      const from = done;
      done += rounds * step;
      if (rounds === 1) this.#source.block("", () => this.#at(variable, String(from), () => body(step)));
      else {
        const head = `for (int64_t ${at} = ${from}; ${at} < ${done}; ${at} += ${step})`;
        this.#source.block(head, () => this.#at(variable, at, () => body(step)));
      }
    }
    const rest = size - done;
    if (rest > 0) this.#source.block("", () => this.#at(variable, String(done), () => tail(rest)));
  }

  /** The same for the part of the range that a call does; any rest is done by the tail. */
  #partialStrip(variable: Var, { from, to }: Part, steps: readonly number[], body: (step: number) => void): void {
    const at = this.#positionName(variable);
    this.#source.line(`int64_t ${at} = ${from};`);
    for (const step of steps) {
      this.#source.block(`for (; ${at} + ${step} <= ${to}; ${at} += ${step})`, () =>
        this.#at(variable, at, () => body(step)),
      );
    }
    this.#source.block(`if (${at} < ${to})`, () =>
      this.#inTail(`${to} - ${at}`, () => this.#at(variable, at, () => body(this.#width))),
    );
  }

  #positionName(variable: Var): string {
    return this.#source.name(variable.name.replace(/\W/g, "_"), false);
  }
}
