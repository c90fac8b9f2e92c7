/** The elements of a kernel: indices, loads and expressions, each computed as early and as rarely as it can be. */

import { BYTES, type DType, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import { indicesOf, operandsOf } from "../../lower/expr.ts";
import { type Atom, atomsOf, type Index, keyOf, type Term } from "../../lower/index-expr.ts";
import type { Expr, Guard, LoopKernel, Stmt } from "../../lower/loop-ir.ts";
import { sameExpr, survey } from "../survey.ts";
import type { FunctionBuilder, Local } from "./assembler.ts";
import type { KernelContext } from "./context.ts";
import type { Scope } from "./scope.ts";
import { activeMask, type Values } from "./values.ts";

/** Where elements lie: an index into a buffer, or a plain number if there is none. */
export interface Place {
  readonly buffer: number | undefined;
  readonly bytes: number;
  readonly index: Index;
}

/** Emits the code of expressions for the scope's current vector. */
export class Elements {
  readonly #f: FunctionBuilder;
  readonly #context: KernelContext;
  readonly #values: Values;
  readonly #scope: Scope;
  /** how often an expression is used, and a number to name it by */
  readonly #uses: ReadonlyMap<Expr, number>;
  readonly #ids = new Map<Expr, number>();
  readonly #pointers = new Map<number, Local>();

  /** Emits loads of the buffers' addresses and of the scans' positions. */
  constructor(f: FunctionBuilder, kernel: LoopKernel, context: KernelContext, scope: Scope, values: Values) {
    this.#f = f;
    this.#context = context;
    this.#values = values;
    this.#scope = scope;
    const { uses, free } = survey(kernel);
    this.#uses = uses;
    const { block } = context;
    for (const buffer of new Set([...kernel.reads, ...kernel.writes])) {
      const pointer = f.local("i32");
      f.globalGet(block).memory("i32.load", context.pointer(buffer)).set(pointer);
      this.#pointers.set(buffer, pointer);
    }
    for (const variable of free) {
      const position = f.local("i32");
      f.globalGet(block).memory("i32.load", context.position(variable)).set(position);
      scope.define(variable, position);
    }
  }

  #key(e: Expr): string {
    if (e.op === "const") return `c${e.dtype}${Object.is(e.value, -0) ? "-0" : e.value}`;
    let id = this.#ids.get(e);
    if (id === undefined) this.#ids.set(e, (id = this.#ids.size));
    return this.#scope.varies(e) ? `e${id}@${this.#scope.group}` : `e${id}`;
  }

  /** Computes now what the statements need and what no longer changes in them. */
  hoist(stmts: readonly Stmt[]): void {
    const { here } = this.#scope;
    const seen = new Set<Expr>();
    const onExpr = (e: Expr) => {
      if (seen.has(e)) return;
      seen.add(e);
      if (this.#scope.depth(e) <= here && !this.#scope.pinned(e)) {
        if (this.#scope.varies(e)) this.#scope.eachGroup(() => this.#materialize(e));
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
    const known = place.index.terms.filter(({ atom }) => this.#scope.atomDepth(atom) <= here);
    const linear = this.#scope.stride(place.index) !== undefined;
    const fixed = linear ? known : known.filter(({ atom }) => !this.#scope.atomVaries(atom));
    const key = prefixKey(place, fixed);
    if ((fixed.length > 0 || (place.buffer !== undefined && prefixConstant(place) !== 0)) && !this.#scope.find(key)) {
      this.#prefix(place, fixed);
      this.#f.set(this.#scope.keep(key, "i32"));
    }
    if (linear) return;
    for (const { atom } of known) {
      if (atom.kind === "var" || !this.#scope.atomVaries(atom)) continue;
      this.#scope.eachGroup(() => {
        const lanes = this.#scope.offsets(place.index) ? 1 : this.#scope.axis!.active;
        for (let lane = 0; lane < lanes; lane++) {
          const key = this.#laneKey(atom, lane);
          if (this.#scope.find(key)) continue;
          this.#atom(atom, lane);
          this.#f.set(this.#scope.keep(key, "i32"));
        }
      });
    }
  }

  // Indices

  /** Computes the numbers that an index reads from data: they cannot be computed inside a condition. */
  ready(index: Index): void {
    for (const atom of atomsOf(index)) if (atom.kind === "data") this.#materialize(atom.value);
  }

  /** Pushes the sum of what a place has in common for all lanes: pointer, constant and terms, the outermost first. */
  #prefix(place: Place, terms: readonly Term[]): void {
    const f = this.#f;
    const known = this.#scope.find(prefixKey(place, terms));
    if (known) {
      f.get(known);
      return;
    }
    const innermost = Math.max(0, ...terms.map(({ atom }) => this.#scope.atomDepth(atom)));
    const inner = terms.filter(({ atom }) => this.#scope.atomDepth(atom) === innermost);
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
  address(place: Place, lane: number, exact = false): number {
    const f = this.#f;
    const { index, bytes } = place;
    const offset = (index.constant - prefixConstant(place)) * bytes;
    const stride = this.#scope.stride(index);
    if (stride !== undefined) {
      this.#prefix(place, index.terms);
      const shift = stride * (this.#scope.group * this.#values.width + lane) * bytes;
      // An offset is added without wrapping: what it is added to must be an address itself.
      if (shift > 0 && !exact) return offset + shift;
      if (shift !== 0) f.i32(shift).op("i32.add");
      return offset;
    }
    this.#prefix(
      place,
      index.terms.filter(({ atom }) => !this.#scope.atomVaries(atom)),
    );
    for (const { atom, coefficient } of index.terms) {
      if (!this.#scope.atomVaries(atom)) continue;
      this.#atom(atom, lane);
      this.#times(coefficient * bytes).op("i32.add");
    }
    return offset;
  }

  /** Pushes an index of a lane as a number. */
  #number(index: Index, lane: number): void {
    const offset = this.address({ buffer: undefined, bytes: 1, index }, lane, true);
    if (offset !== 0) this.#f.i32(offset).op("i32.add");
  }

  #laneKey(atom: Atom, lane: number): string {
    return `${atom.key}@${this.#scope.group * this.#values.width + lane}`;
  }

  /** Pushes an atom's value in a lane (`base`: in the first lane of the first vector). */
  #atom(atom: Atom, lane: number, base = false): void {
    const f = this.#f;
    if (atom.kind === "var") {
      f.get(this.#scope.position(atom.variable));
      const shift = base || !this.#scope.atomVaries(atom) ? 0 : this.#scope.group * this.#values.width + lane;
      if (shift > 0) f.i32(shift).op("i32.add");
      return;
    }
    const varies = this.#scope.atomVaries(atom);
    const known = varies ? this.#scope.find(this.#laneKey(atom, lane)) : undefined;
    if (known) {
      f.get(known);
      return;
    }
    if (atom.kind === "data") {
      this.value(atom.value);
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
    const stride = this.#scope.stride(index);
    if (stride !== undefined) {
      this.#number(index, 0);
      f.op("i32x4.splat");
      if (stride !== 0) f.i32x4(0, stride, 2 * stride, 3 * stride).op("i32x4.add");
      return;
    }
    const offsets = this.#scope.offsets(index);
    if (offsets) {
      const [a, b = 0, c = 0, d = 0] = offsets;
      this.#number(index, 0);
      f.op("i32x4.splat").i32x4(a, b, c, d).op("i32x4.add");
      return;
    }
    f.i32x4(0);
    for (let lane = 0; lane < this.#scope.axis!.active; lane++) {
      this.#number(index, lane);
      f.lane("i32x4.replace_lane", lane);
    }
  }

  /** Pushes the mask of lanes in which all guards hold. */
  #mask(guards: readonly Guard[]): void {
    const f = this.#f;
    guards.forEach(({ index, low, high }, i) => {
      this.ready(index);
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
    if (this.#scope.find(key)) return;
    if (e.op === "const") this.#values.constant(e.dtype, e.value);
    else this.#compute(e);
    this.#f.set(this.#scope.keep(key, "v128"));
  }

  /** Pushes an expression's value for the current vector. */
  value(e: Expr): void {
    const f = this.#f;
    if (e.op === "const") {
      const known = this.#scope.find(this.#key(e));
      if (known) f.get(known);
      else this.#values.constant(e.dtype, e.value);
      return;
    }
    if (e.op === "local") {
      f.get(this.#scope.result(e.local));
      return;
    }
    const key = this.#key(e);
    const known = this.#scope.find(key);
    if (known) f.get(known);
    else {
      this.#compute(e);
      if (this.#uses.get(e)! > 1) f.tee(this.#scope.keep(key, "v128"));
    }
  }

  #compute(e: Expr): void {
    const values = this.#values;
    const lanes = { active: this.#scope.axis?.active ?? 1, uniform: !this.#scope.varies(e) };
    switch (e.op) {
      case "load":
        this.#load(e);
        return;
      case "index":
        this.ready(e.index);
        this.#indices(e.index);
        values.cast("i32", e.dtype);
        return;
      case "guarded":
        this.value(e.value);
        values.constant(e.dtype, e.fill);
        this.#mask(e.guards);
        values.select(e.dtype);
        return;
      case "check":
        this.#check(e, lanes.uniform ? 1 : lanes.active);
        return;
      case "unary":
        this.value(e.x);
        values.unary(e.name, e.dtype);
        return;
      case "binary":
        this.value(e.a);
        this.value(e.b);
        values.binary(e.name, e.dtype, { ...lanes, uniformShift: !this.#scope.varies(e.b) });
        return;
      case "compare":
        this.value(e.a);
        this.value(e.b);
        values.compare(e.name, e.a.dtype);
        return;
      case "where":
        this.#where(e);
        return;
      case "cast":
        this.value(e.x);
        values.cast(e.x.dtype, e.dtype);
        return;
      case "bitcast":
        this.value(e.x);
        return;
      case "word":
        this.value(e.x);
        values.word(e.word);
        return;
      case "join":
        this.value(e.low);
        this.value(e.high);
        values.join();
        return;
      default:
        throw new InternalError(`${e.op} has no code of its own.`);
    }
  }

  arithmetic(name: "add" | "mul" | "maximum" | "minimum", dtype: DType): void {
    this.#values.binary(name, dtype, { active: this.#values.width, uniform: false, uniformShift: false });
  }

  #where({ condition, a, b, dtype }: Extract<Expr, { op: "where" }>): void {
    const shape = dtype === "f64" ? "f64x2" : "f32x4";
    if (condition.op === "compare" && condition.name === "lt" && isFloat(dtype)) {
      // x < y ? y : x and x < y ? x : y are one instruction each.
      const [x, y] = [condition.a, condition.b];
      if (sameExpr(x, b) && sameExpr(y, a)) {
        this.value(x);
        this.value(y);
        this.#f.op(`${shape}.pmax`);
        return;
      }
      if (sameExpr(x, a) && sameExpr(y, b)) {
        this.value(y);
        this.value(x);
        this.#f.op(`${shape}.pmin`);
        return;
      }
    }
    this.value(a);
    this.value(b);
    this.value(condition);
    this.#values.select(dtype);
  }

  /** Clamps an index from data; reports one that was out of range. */
  #check(e: Extract<Expr, { op: "check" }>, active: number): void {
    const f = this.#f;
    this.value(e.value);
    const value = this.#scope.keep(`check${this.#key(e)}`, "v128");
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
    for (const index of indicesOf(e)) this.ready(index);
    const active = this.#scope.axis?.active ?? 1;
    const stride = this.#scope.stride(e.index);
    const address = (lane: number) => this.address(place, lane, guarded);
    const offsets = stride === undefined ? this.#scope.offsets(e.index) : undefined;
    const near = offsets?.every((by) => by >= 0 && by < values.width) ? offsets : undefined;
    const whole = () => {
      if (stride === 0) values.loadSplat(dtype, address(0));
      else if (stride === 1) values.load(dtype, active, address(0));
      else if (stride === 2 && active === 4 && BYTES[dtype] === 4) values.loadEveryOther(address(0));
      else if (near) values.loadNear(dtype, near, address(0));
      else values.gather(dtype, active, 0, address);
    };
    if (!guarded) {
      whole();
      return;
    }
    const strides = guards.map((guard) => this.#scope.stride(guard.index));
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

/** The part of an index's constant that is added to addresses; the rest is an instruction's offset, which cannot wrap. */
function prefixConstant({ index }: Place): number {
  const { constant, low } = index;
  return constant > 0 && low >= constant ? 0 : constant;
}

function prefixKey(place: Place, terms: readonly Term[]): string {
  const sum = keyOf({ constant: prefixConstant(place), terms, low: 0, high: 0 });
  return place.buffer === undefined ? `i${sum}` : `b${place.buffer}:${sum}`;
}
