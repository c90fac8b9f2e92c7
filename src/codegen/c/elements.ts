/** The elements of a kernel: indices, loads and expressions, each computed as early and as rarely as it can be. */

import { type DType, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import { indicesOf, mayFail, operandsOf } from "../../lower/expr.ts";
import { type Atom, atomsOf, type Index, type Var } from "../../lower/index-expr.ts";
import type { Expr, Guard, LoopKernel, Stmt } from "../../lower/loop-ir.ts";
import type { Scope } from "../scope.ts";
import { type Survey, sameExpr } from "../survey.ts";
import type { Port } from "./context.ts";
import type { Line, Source } from "./source.ts";
import { ELEMENT, operand, type Value, type Values } from "./values.ts";

/** Single expressions up to this length are written where they are used. */
const LINE = 64;

/** The strides of a vector's lanes are multiplied as i32. */
const FAR = 2 ** 24;

/** Lanes of the last vector of a loop: how many hold a position, and the mask of those. */
export interface Tail {
  readonly count: string;
  readonly mask: string;
}

/** Writes the code of expressions for the scope's current vector. */
export class Elements {
  /** set while the lanes of vectors are not all in use */
  tail: Tail | undefined;
  readonly ports: Port[] = [];
  readonly #source: Source;
  readonly #kernel: LoopKernel;
  readonly #values: Values;
  readonly #scope: Scope<string>;
  readonly #uses: ReadonlyMap<Expr, number>;
  /** a number to name expressions by */
  readonly #ids = new Map<Expr, number>();
  readonly #pointers = new Map<number, string>();
  /** lines that find the ports */
  readonly #found: Line[] = [];

  constructor(source: Source, kernel: LoopKernel, scope: Scope<string>, values: Values, survey: Survey) {
    this.#source = source;
    this.#kernel = kernel;
    this.#values = values;
    this.#scope = scope;
    this.#uses = survey.uses;
    for (const variable of survey.free) {
      const name = source.name("s");
      this.#found.push({ text: `const int64_t ${name} = block[ports[${this.ports.length}]].number;`, defines: name });
      this.ports.push({ position: variable });
      scope.define(variable, name);
    }
  }

  /** The lines that come first: they find the words of the control block that the others use. */
  get found(): readonly Line[] {
    return this.#found;
  }

  #pointer(buffer: number, dtype: DType): string {
    const known = this.#pointers.get(buffer);
    if (known) return known;
    const name = this.#source.name("p");
    const type = `${this.#kernel.writes.includes(buffer) ? "" : "const "}${ELEMENT[dtype]} *`;
    const text = `${type}restrict ${name} = (${type})block[ports[${this.ports.length}]].pointer;`;
    this.#found.push({ text, defines: name });
    this.ports.push({ buffer });
    this.#pointers.set(buffer, name);
    return name;
  }

  // Names

  #key(e: Expr): string {
    let id = this.#ids.get(e);
    if (id === undefined) this.#ids.set(e, (id = this.#ids.size));
    return this.#scope.varies(e) ? `e${id}@${this.#scope.group}` : `e${id}`;
  }

  /** Gives a value a name. */
  named(dtype: DType, value: Value, stem = "e"): Value {
    const name = this.#source.name(stem);
    this.#source.line(`const ${this.#values.type(dtype, value.vector)} ${name} = ${value.text};`, name);
    return { text: name, vector: value.vector };
  }

  /** Names a value and, after it, those of the other vectors, so that independent operations stand side by side. */
  #keep(e: Expr, value: Value): Value {
    const named = /^\w+$/.test(value.text) ? value : this.named(e.dtype, value, e.op === "load" ? "x" : "e");
    this.#scope.remember(this.#key(e), named.text);
    if (named.vector) this.#scope.eachGroup(() => this.materialize(e));
    return named;
  }

  /** Computes now what the statements need and what no longer changes in them. */
  hoist(stmts: readonly Stmt[]): void {
    const { here } = this.#scope;
    const seen = new Set<Expr>();
    const onExpr = (e: Expr) => {
      if (seen.has(e)) return;
      seen.add(e);
      if (this.#scope.depth(e) <= here && !this.#scope.pinned(e)) {
        if (this.#scope.varies(e)) this.#scope.eachGroup(() => this.materialize(e));
        else this.materialize(e);
        return;
      }
      operandsOf(e).forEach(onExpr);
      indicesOf(e).forEach(onIndex);
    };
    const onIndex = (index: Index) => {
      for (const atom of atomsOf(index)) if (atom.kind === "data") onExpr(atom.value);
    };
    const onStmt = (stmt: Stmt) => {
      if (isEmpty(stmt)) return;
      if (stmt.kind === "loop") stmt.body.forEach(onStmt);
      else {
        onExpr(stmt.value);
        if (stmt.kind === "reduce" && stmt.other) onExpr(stmt.other);
        if (stmt.kind === "cumulate") onIndex(stmt.store.index);
        if (stmt.kind === "store") onIndex(stmt.index);
      }
    };
    stmts.forEach(onStmt);
  }

  // Indices

  /** Computes the numbers that an index reads from data: they cannot be computed inside a condition or a loop over lanes. */
  ready(index: Index): void {
    for (const atom of atomsOf(index)) if (atom.kind === "data") this.materialize(atom.value);
  }

  /** An index as a number: of the current vector's first lane, or of a lane. */
  index(index: Index, lane?: string): string {
    return sum([
      ...index.terms.map(({ atom, coefficient }) => ({ text: this.#atom(atom, lane), factor: coefficient })),
      { text: "1", factor: index.constant },
    ]);
  }

  #atom(atom: Atom, lane: string | undefined): string {
    if (atom.kind === "var") {
      const at = this.#scope.position(atom.variable);
      if (!this.#scope.atomVaries(atom)) return at;
      const first = { text: "1", factor: this.#scope.group * this.#values.width };
      const parts = [{ text: at, factor: 1 }, first, { text: lane ?? "0", factor: 1 }];
      return parenthesized(sum(parts));
    }
    if (atom.kind === "data") {
      const value = this.value(atom.value);
      return value.vector ? `(int64_t)${value.text}[${lane}]` : `(int64_t)${operand(value)}`;
    }
    // Division truncates: a multiple of the divisor makes the dividend positive.
    const { kind, of, by } = atom;
    const lift = of.low < 0 ? Math.ceil(-of.low / by) : 0;
    const dividend = parenthesized(
      sum([
        { text: this.index(of, lane), factor: 1 },
        { text: "1", factor: lift * by },
      ]),
    );
    const type = of.high + lift * by < 2 ** 32 ? "u32" : "uint64_t";
    if (kind === "mod") return `(int64_t)((${type})${dividend} % ${by})`;
    const quotient = `(int64_t)((${type})${dividend} / ${by})`;
    return lift > 0 ? `(${quotient} - ${lift})` : quotient;
  }

  /** The place of an element, as a pointer. */
  address(buffer: number, dtype: DType, index: Index): string {
    const at = this.index(index);
    const pointer = this.#pointer(buffer, dtype);
    return at === "0" ? pointer : `${pointer} + ${at}`;
  }

  /** An element in memory, as an lvalue. */
  element(buffer: number, dtype: DType, index: Index, lane?: string): string {
    return `${this.#pointer(buffer, dtype)}[${this.index(index, lane)}]`;
  }

  /** Writes a statement for each lane in use, which may be there for a name only. */
  eachLane(statement: string, defines?: string): void {
    const count = this.tail?.count ?? String(this.#values.width);
    const head = /^\d+$/.test(count) ? `EACH_LANE(${count})` : `for (i32 lane = 0; lane < ${count}; lane++)`;
    this.#source.line(`${head} ${statement}`, defines);
  }

  /** The indices of the lanes, as i32. */
  #indices(index: Index): Value {
    const stride = this.#scope.stride(index);
    if (stride === 0) return { text: `(i32)${parenthesized(this.index(index))}`, vector: false };
    const type = this.#values.type("i32", true);
    if (stride !== undefined) {
      const lanes = stride === 1 ? `${type}_iota()` : `${type}_iota() * ${stride}`;
      return { text: `(i32)${parenthesized(this.index(index))} + ${lanes}`, vector: true, infix: "+" };
    }
    const offsets = this.#scope.offsets(index);
    if (offsets) {
      const text = `(i32)${parenthesized(this.index(index))} + (${type}){${offsets.join(", ")}}`;
      return { text, vector: true, infix: "+" };
    }
    const name = this.#source.name("e");
    this.#source.line(`${type} ${name} = {0};`, name);
    this.eachLane(`${name}[lane] = (i32)${parenthesized(this.index(index, "lane"))};`, name);
    return { text: name, vector: true };
  }

  /** Where all guards hold: a condition on scalars, a mask of lanes, or either. */
  #guards(guards: readonly Guard[]): { condition: string | undefined; mask: string | undefined } {
    const conditions: string[] = [];
    const masks: string[] = [];
    for (const guard of guards) {
      const { index, low, high } = guard;
      if (!mayFail(guard)) continue;
      this.ready(index);
      let at = this.#indices(index);
      if (!at.vector) at = { text: parenthesized(this.index(index)), vector: false };
      else if (at.infix) at = this.named("i32", at);
      const into = at.vector ? masks : conditions;
      if (index.low < low) into.push(`${operand(at)} >= ${low}`);
      if (index.high >= high) into.push(`${operand(at)} < ${high}`);
    }
    const join = (parts: readonly string[], by: string) =>
      parts.length < 2 ? parts[0] : parts.map((part) => (by === "&" ? `(${part})` : part)).join(` ${by} `);
    const condition = join(conditions, "&&");
    if (masks.length === 0) return { condition, mask: undefined };
    if (condition !== undefined) masks.push(`-(${condition})`);
    return { condition: undefined, mask: join(masks, "&") };
  }

  // Values

  /** Computes an expression for the current vector, unless that has been done, and names it. */
  materialize(e: Expr): void {
    if (e.op === "local" || e.op === "const" || this.#scope.find(this.#key(e))) return;
    this.#keep(e, this.#compute(e));
  }

  /** An expression's value for the current vector. */
  value(e: Expr): Value {
    if (e.op === "const") return this.#values.constant(e.dtype, e.value);
    const vector = this.#scope.varies(e);
    if (e.op === "local") return { text: this.#scope.result(e.local), vector };
    const known = this.#scope.find(this.#key(e));
    if (known !== undefined) return { text: known, vector };
    const value = this.#compute(e);
    return this.#uses.get(e)! > 1 || value.text.length > LINE ? this.#keep(e, value) : value;
  }

  #compute(e: Expr): Value {
    const value = this.#computed(e);
    // An operand that varies may have no effect.
    if (value.vector || !this.#scope.varies(e)) return value;
    return { text: this.#values.splat(e.dtype, value), vector: true };
  }

  #computed(e: Expr): Value {
    const values = this.#values;
    switch (e.op) {
      case "load":
        return this.#load(e);
      case "index":
        this.ready(e.index);
        return values.cast("i32", e.dtype, this.#indices(e.index));
      case "guarded": {
        const value = this.value(e.value);
        return this.#where(e.dtype, e.guards, value, e.fill);
      }
      case "check":
        return this.#check(e);
      case "unary":
        return values.unary(e.name, e.dtype, this.value(e.x));
      case "binary":
        return values.binary(e.name, e.dtype, this.value(e.a), this.value(e.b));
      case "compare":
        return values.compare(e.name, e.a.dtype, this.value(e.a), this.value(e.b));
      case "where":
        return this.#choice(e) ?? values.select(e.dtype, this.value(e.condition), this.value(e.a), this.value(e.b));
      case "cast":
        return values.cast(e.x.dtype, e.dtype, this.value(e.x));
      case "bitcast":
        return values.bitcast(e.x.dtype, e.dtype, this.value(e.x));
      case "word":
        return values.word(this.value(e.x), e.word);
      case "join":
        return values.join(this.value(e.low), this.value(e.high));
      default:
        throw new InternalError(`${e.op} has no code of its own.`);
    }
  }

  /** x < y ? y : x and x < y ? x : y are one instruction each. */
  #choice({ condition, a, b, dtype }: Extract<Expr, { op: "where" }>): Value | undefined {
    if (condition.op !== "compare" || condition.name !== "lt" || !isFloat(dtype)) return undefined;
    const [x, y] = [condition.a, condition.b];
    if (sameExpr(x, b) && sameExpr(y, a)) return this.#values.call("greater", dtype, [this.value(y), this.value(x)]);
    if (sameExpr(x, a) && sameExpr(y, b)) return this.#values.call("less", dtype, [this.value(x), this.value(y)]);
    return undefined;
  }

  /** The value where all guards hold, else `fill`. */
  #where(dtype: DType, guards: readonly Guard[], value: Value, fill: number): Value {
    const { condition, mask } = this.#guards(guards);
    const otherwise = this.#values.constant(dtype, fill);
    if (mask !== undefined) return this.#values.select(dtype, { text: mask, vector: true }, value, otherwise);
    if (condition === undefined) return value;
    return this.#values.choose(dtype, condition, value, otherwise);
  }

  /** Clamps an index from data; reports one that was out of range. */
  #check(e: Extract<Expr, { op: "check" }>): Value {
    const values = this.#values;
    const found = this.value(e.value);
    const value = /^\w+$/.test(found.text) ? found : this.named("i32", found);
    const { condition, mask } = this.#guards(e.guards);
    const outside = `(${values.type("u32", value.vector)})${operand(value)} >= ${e.size}u`;
    const any = `${values.type("i32", true)}_any`;
    const active = this.tail?.mask;
    const masks = [value.vector ? `(${outside})` : undefined, mask && `(${mask})`, active].filter(Boolean);
    const lanes = value.vector || mask ? `${any}(${masks.join(" & ")})` : undefined;
    const conditions = [value.vector ? undefined : outside, condition, lanes].filter(Boolean);
    this.#source.line(`if (${conditions.join(" && ")}) fail(block, ${e.code});`);
    const low = values.binary("maximum", "i32", value, values.constant("i32", 0));
    return values.binary("minimum", "i32", low, values.constant("i32", e.size - 1));
  }

  #load(e: Extract<Expr, { op: "load" }>): Value {
    const values = this.#values;
    const { dtype, buffer, index, fill } = e;
    for (const each of indicesOf(e)) this.ready(each);
    const stride = this.#scope.stride(index);
    const { condition, mask } = this.#guards(e.guards);
    const otherwise = values.constant(dtype, fill);
    if (stride === 0 && mask === undefined) {
      const value = values.loaded(dtype, { text: this.element(buffer, dtype, index), vector: false });
      return condition === undefined ? value : values.choose(dtype, condition, value, otherwise);
    }
    const near = mask === undefined && stride !== 1 && stride !== 2 ? this.#near(index) : undefined;
    if (stride === 1 || (stride && !near && ELEMENT[dtype] !== "uint8_t" && Math.abs(stride) < FAR)) {
      const active = this.tail?.mask;
      const lanes = mask !== undefined && active !== undefined ? `(${mask}) & ${active}` : (mask ?? active);
      const named = mask === undefined ? lanes : this.named("bool", { text: lanes!, vector: true }).text;
      const address = this.address(buffer, dtype, index);
      const value = stride === 1 ? values.load(dtype, address, named) : values.loadApart(dtype, address, stride, named);
      if (mask !== undefined)
        return Object.is(fill, 0) ? value : values.select(dtype, { text: named!, vector: true }, value, otherwise);
      return condition === undefined ? value : values.choose(dtype, condition, value, otherwise);
    }
    if (near) {
      // Elements within a vector of the first lane's: one load, and each lane picks.
      const type = this.#values.type("i32", true);
      const mask = `${type}_first(${Math.max(...near) + 1})`;
      const load = values.load(dtype, this.address(buffer, dtype, index), mask);
      const value = values.call("pick", dtype, [load, { text: `(${type}){${near.join(", ")}}`, vector: true }]);
      return condition === undefined ? value : values.choose(dtype, condition, value, otherwise);
    }
    return this.#gather(e, condition, mask);
  }

  /** How far from the first lane's element those of the lanes in use lie, if that is less than a vector. */
  #near(index: Index): readonly number[] | undefined {
    if (this.tail && !/^\d+$/.test(this.tail.count)) return undefined;
    const offsets = this.#scope.offsets(index);
    return offsets?.every((by) => by >= 0 && by < this.#values.width) ? offsets : undefined;
  }

  /** One element a lane. */
  #gather(
    { dtype, buffer, index, fill }: Extract<Expr, { op: "load" }>,
    condition: string | undefined,
    mask: string | undefined,
  ): Value {
    const values = this.#values;
    const name = this.#source.name("x");
    const held = mask && this.named("bool", { text: mask, vector: true }).text;
    const start = held || condition ? values.splat(dtype, values.constant(dtype, fill)) : "{0}";
    this.#source.line(`${values.type(dtype, true)} ${name} = ${start};`, name);
    const element = values.loaded(dtype, { text: this.element(buffer, dtype, index, "lane"), vector: false });
    const set = `${name}[lane] = ${element.text};`;
    if (condition !== undefined) this.#source.block(`if (${condition})`, () => this.eachLane(set, name), name);
    else this.eachLane(held ? `if (${held}[lane]) ${set}` : set, name);
    return { text: name, vector: true };
  }

  /** What holds a variable's position. */
  position(variable: Var): string {
    return this.#scope.position(variable);
  }
}

/** Whether a statement does nothing, and what it needs must not be computed: there may be nothing to load. */
export function isEmpty(stmt: Stmt): boolean {
  if (stmt.kind === "store") return false;
  if (stmt.kind === "reduce") return stmt.variables.some((variable) => variable.size === 0);
  return stmt.variable.size === 0;
}

interface Part {
  readonly text: string;
  readonly factor: number;
}

/** Σ factor · text; numbers are added up. */
function sum(parts: readonly Part[]): string {
  let constant = 0;
  let text = "";
  for (const part of parts) {
    const number = Number(part.text);
    if (Number.isInteger(number)) constant += number * part.factor;
    else if (part.factor !== 0) {
      const size = Math.abs(part.factor);
      const term = size === 1 ? part.text : `${size} * ${parenthesized(part.text)}`;
      text += text === "" ? `${part.factor < 0 ? "-" : ""}${term}` : ` ${part.factor < 0 ? "-" : "+"} ${term}`;
    }
  }
  if (text === "") return String(constant);
  return constant === 0 ? text : `${text} ${constant < 0 ? "-" : "+"} ${Math.abs(constant)}`;
}

/** Text that may stand beside an operator. */
const parenthesized = (text: string): string => (/^(\w+|\(int64_t\)\S+)$/.test(text) ? text : `(${text})`);
