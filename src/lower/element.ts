/** One element of a value as an expression: views become indices, elementwise nodes nest, buffers are read. */

import { castValue } from "../core/dtype.ts";
import type { Node, Value } from "../core/graph.ts";
import { type ElementaryOp, FLOAT32, FLOAT64, threefry } from "../core/numerics.ts";
import { pow32, pow64 } from "../core/pow.ts";
import type { BinaryOp, CompareOp, UnaryOp } from "../core/primitives.ts";
import { PRIMITIVES } from "../core/primitives.ts";
import { rowMajor, showShape } from "../core/shape.ts";
import { constant, EXPR_OPS, guarded, mayFail, neverHolds, walk } from "./expr.ts";
import { add, constantIndex, dataIndex, div, type Index, keyOf, mod, scale, ZERO } from "./index-expr.ts";
import type { Expr, Guard } from "./loop-ir.ts";
import { splat } from "./simplify.ts";
import { type Source, sourceOf } from "./views.ts";

/** Where a realized value lies: element i is at offset + Σ i·strides of the buffer. */
export interface Location {
  readonly buffer: number;
  readonly offset: Index;
  readonly strides: readonly number[];
}

export function addressOf(location: Location, index: readonly Index[]): Index {
  let at = location.offset;
  index.forEach((i, axis) => {
    at = add(at, scale(i, location.strides[axis]));
  });
  return at;
}

/** What an element reader knows of its surroundings. */
export interface Scope {
  /** the buffer of a realized value; undefined if it is computed where it is read */
  locate(value: Value): Location | undefined;
  /** an expression that already holds the element (a value computed in the same iteration) */
  forward?(value: Value): Expr | undefined;
  /** told of every realized value that is read, and where */
  onRead?(value: Value, index: readonly Index[]): void;
  /** the status code of an index that is out of range */
  code(message: string): number;
}

/** A position read from data, and the expression that checks it. */
export interface Position {
  readonly index: Index;
  readonly check: Expr;
}

/** Reads elements within one kernel; equal elements are one expression. */
export class ElementReader {
  readonly #scope: Scope;
  readonly #known = new Map<string, Expr>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** A reader whose loads are made only where `guards` hold. */
  under(guards: readonly Guard[]): ElementReader {
    const inner = new ElementReader(this.#scope);
    inner.#always = guards;
    return inner;
  }

  #always: readonly Guard[] = [];

  /** The element of `value` at `index`; it is only used where all `guards` hold. */
  read(value: Value, at: readonly Index[], guards: readonly Guard[] = []): Expr {
    // Where the guards hold, an axis of size 1 is at 0.
    const index = at.map((i, axis) => (value.shape[axis] === 1 ? ZERO : i));
    const forwarded = this.#scope.forward?.(value);
    if (forwarded) return forwarded;
    const location = this.#scope.locate(value);
    if (location === undefined) return this.compute(value, index, guards);
    this.#scope.onRead?.(value, index);
    const all = this.#always.length === 0 ? guards : [...this.#always, ...guards];
    return this.#once("load", value, index, all, () => this.#load(value, location, index, all));
  }

  /** The element as its node computes it, whether or not it also has a buffer. */
  compute(value: Value, index: readonly Index[], guards: readonly Guard[] = []): Expr {
    return this.#once("compute", value, index, guards, () => this.#node(value, index, guards));
  }

  #once(kind: string, value: Value, index: readonly Index[], guards: readonly Guard[], make: () => Expr): Expr {
    let key = `${kind}${value.node.id}.${value.index}`;
    for (const i of index) key += `|${keyOf(i)}`;
    for (const g of guards) key += `?${keyOf(g.index)}:${g.low}:${g.high}`;
    let e = this.#known.get(key);
    if (e === undefined) this.#known.set(key, (e = make()));
    return e;
  }

  #load(value: Value, location: Location, index: readonly Index[], guards: readonly Guard[]): Expr {
    const needed = guards.filter(mayFail);
    return {
      op: "load",
      dtype: value.dtype,
      buffer: location.buffer,
      index: addressOf(location, index),
      guards: needed,
      fill: 0,
    };
  }

  #node(value: Value, index: readonly Index[], guards: readonly Guard[]): Expr {
    const { node, dtype } = value;
    const number = splat(value);
    if (number !== undefined) return constant(castValue(number, "f64", dtype), dtype);
    const operand = (i: number): Expr => this.read(node.inputs[i], index, guards);
    switch (node.op) {
      case "iota": {
        const at: Expr = { op: "index", dtype: "i32", index: index[(node as Node<"iota">).attrs.axis] };
        return EXPR_OPS.cast(at, dtype);
      }
      case "cast":
        return EXPR_OPS.cast(operand(0), dtype);
      case "bitcast": {
        const { word } = (node as Node<"bitcast">).attrs;
        return word === undefined ? EXPR_OPS.bitcast(operand(0), dtype) : EXPR_OPS.word(operand(0), word);
      }
      case "pow":
        return (dtype === "f32" ? pow32 : pow64)(EXPR_OPS, operand(0), operand(1));
      case "where":
        return EXPR_OPS.where(operand(0), operand(1), operand(2));
      case "threefry": {
        const words = this.#threefry(node, index, guards);
        return words[(node as Node<"threefry">).attrs.word];
      }
      case "take":
      case "gather":
        return this.#index(node as Node<"take" | "gather">, index, guards);
      case "fold":
        return this.#tile(node as Node<"fold">, index, guards);
      case "eq":
      case "ne":
      case "lt":
      case "le":
        return EXPR_OPS.compare(node.op as CompareOp, operand(0), operand(1));
    }
    if (PRIMITIVES[node.op].kind === "movement") return this.through(sourceOf(node, index), guards);
    if (node.inputs.length === 2) return EXPR_OPS.binary(node.op as BinaryOp, operand(0), operand(1));
    const formulas = dtype === "f32" ? FLOAT32 : FLOAT64;
    if (node.op in formulas) return formulas[node.op as ElementaryOp](EXPR_OPS, operand(0));
    return EXPR_OPS.unary(node.op as UnaryOp, operand(0));
  }

  /** What a view takes from its source; a load that is not made, or a computed value that is not taken, gives the fill. */
  through({ value, index, guards, fill }: Source, outer: readonly Guard[]): Expr {
    if (guards.length === 0) return this.read(value, index, outer);
    if (guards.some(neverHolds)) return constant(fill, value.dtype);
    const inside = this.read(value, index, [...outer, ...guards]);
    // A load under these very guards may give the fill itself.
    const needed = guards.filter(mayFail);
    if (inside.op === "load" && outer.length === 0 && needed.length > 0 && sameGuards(inside.guards, needed))
      return { ...inside, fill };
    return guarded(guards, fill, inside);
  }

  /** An element at an index that the program reads from data. */
  #index(node: Node<"take" | "gather">, index: readonly Index[], guards: readonly Guard[]): Expr {
    const [x, indices] = node.inputs;
    const { axis } = node.attrs;
    const count = node.op === "take" ? indices.shape.length : 1;
    const at = node.op === "take" ? index.slice(axis, axis + count) : index;
    const found = this.position(node, indices, at, x.shape, axis, guards);
    return this.checked(
      found,
      this.read(x, [...index.slice(0, axis), found.index, ...index.slice(axis + count)], guards),
    );
  }

  /** The value, so that the check of a position is made even where the position does not matter. */
  checked({ check }: Position, value: Expr): Expr {
    let made = false;
    walk(value, (e) => {
      made ||= e === check;
    });
    if (made) return value;
    return EXPR_OPS.where(EXPR_OPS.compare("eq", check, check), value, constant(0, value.dtype));
  }

  readonly #positions = new Map<Expr, Map<string, Position>>();

  /** An index read from data, checked against the size of `axis`. */
  position(
    { op, attrs: { asker = op, complaint } }: Node<"take" | "gather" | "indexAdd" | "scatterAdd">,
    indices: Value,
    at: readonly Index[],
    shape: readonly number[],
    axis: number,
    guards: readonly Guard[],
  ): Position {
    const size = shape[axis];
    const raw = this.read(indices, at, guards);
    const wrong = `an index is out of range: dimension ${axis} of a tensor of shape ${showShape(shape)} takes 0 to ${size - 1}. Check the labels or indices that were passed in.`;
    const message = `${asker}: ${complaint ?? wrong}`;
    let checked = this.#positions.get(raw);
    if (checked === undefined) this.#positions.set(raw, (checked = new Map()));
    const known = checked.get(message);
    if (known) return known;
    const value: Expr = { op: "check", dtype: "i32", value: raw, size, code: this.#scope.code(message), guards };
    const position = { index: size === 1 ? ZERO : dataIndex(value, 0, Math.max(0, size - 1)), check: value };
    checked.set(message, position);
    return position;
  }

  // The two words come from one evaluation.
  readonly #words = new Map<string, readonly [Expr, Expr]>();

  #threefry(node: Node, index: readonly Index[], guards: readonly Guard[]): readonly [Expr, Expr] {
    const key =
      node.inputs.map((v) => `${v.node.id}.${v.index}`).join() +
      index.map(keyOf).join("|") +
      guards.map((g) => keyOf(g.index)).join("?");
    let words = this.#words.get(key);
    if (words === undefined) {
      const [k0, k1, c0, c1] = node.inputs.map((input) => this.read(input, index, guards));
      this.#words.set(key, (words = threefry(EXPR_OPS, k0, k1, c0, c1)));
    }
    return words;
  }

  /** fold over windows that do not overlap: the one tap that holds the element, added to +0. */
  #tile(node: Node<"fold">, index: readonly Index[], outer: readonly Guard[]): Expr {
    const { axes, size } = node.attrs;
    const [x] = node.inputs;
    const at = [...index];
    const guards: Guard[] = [];
    axes.forEach((axis, i) => {
      at[axis] = div(index[axis], size[i]);
      guards.push({ index: at[axis], low: 0, high: x.shape[axis] });
    });
    const taps = axes.map((axis, i) => mod(index[axis], size[i]));
    const tap = this.through({ value: x, index: [...at, ...taps], guards, fill: 0 }, outer);
    return EXPR_OPS.binary("add", constant(0, x.dtype), tap);
  }
}

export const denseLocation = (
  buffer: number,
  shape: readonly number[],
  offset: Index = constantIndex(0),
): Location => ({
  buffer,
  offset,
  strides: rowMajor(shape),
});

const sameGuards = (a: readonly Guard[], b: readonly Guard[]): boolean =>
  a.length === b.length && a.every((guard, i) => guard === b[i]);
