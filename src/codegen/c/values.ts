/**
 * What a value is in C, and the text of each operation on values.
 *
 * What varies from lane to lane of a vector loop is a vector, everything else a scalar; an operator takes one of each.
 * f32: f32x16 or f32; f64: f64x8 or f64; i32 and u32: i32x16 and i32, u32x16 and u32; u8: as i32, 0 to 255; bool: as
 * i32, 0 or −1. Functions are those of native/vectors.h.
 */

import { type DType, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import type { BinaryOp, CompareOp, UnaryOp } from "../../core/primitives.ts";

export interface Value {
  readonly text: string;
  readonly vector: boolean;
  /** the operator that joins its parts, if it must stand in parentheses beside others */
  readonly infix?: string;
  /** the number, of a constant */
  readonly constant?: number;
}

/** What holds one value. */
const LANE: Readonly<Record<DType, "f32" | "f64" | "i32" | "u32">> = {
  f32: "f32",
  f64: "f64",
  i32: "i32",
  u32: "u32",
  u8: "i32",
  bool: "i32",
};

/** What an element is in memory. */
export const ELEMENT: Readonly<Record<DType, string>> = {
  f32: "f32",
  f64: "f64",
  i32: "i32",
  u32: "u32",
  u8: "uint8_t",
  bool: "uint8_t",
};

const INFIX = { add: "+", sub: "-", mul: "*", and: "&", or: "|", xor: "^" } as const;
const FUNCTIONS = { maximum: "max", minimum: "min", mod: "mod" } as const;
const EXACT: readonly string[] = ["sqrt", "floor", "ceil", "round", "trunc", "abs", "sign"] satisfies UnaryOp[];
const COMPARISON = { eq: "==", ne: "!=", lt: "<", le: "<=" } as const;

/** The text of operations on `width` lanes. */
export class Values {
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  type(dtype: DType, vector: boolean): string {
    return vector ? `${LANE[dtype]}x${this.width}` : LANE[dtype];
  }

  constant(dtype: DType, value: number): Value {
    return { text: literal(dtype, value), vector: false, constant: value };
  }

  /** The value in all lanes. */
  splat(dtype: DType, { text, vector }: Value): string {
    return vector ? text : `${this.type(dtype, true)}_splat(${text})`;
  }

  call(name: string, dtype: DType, args: readonly Value[]): Value {
    const vector = args.some((arg) => arg.vector);
    const texts = args.map((arg) => (vector ? this.splat(dtype, arg) : arg.text));
    return { text: `${this.type(dtype, vector)}_${name}(${texts.join(", ")})`, vector };
  }

  infix(a: Value, operator: string, b: Value): Value {
    const [left, right] = [beside(a, operator, true), beside(b, operator, false)];
    return { text: `${left} ${operator} ${right}`, vector: a.vector || b.vector, infix: operator };
  }

  #prefix(operator: string, x: Value): Value {
    return { text: `${operator}${x.text.startsWith("-") ? `(${x.text})` : operand(x)}`, vector: x.vector };
  }

  #wrap(dtype: DType, x: Value): Value {
    return dtype === "u8" ? this.infix(x, "&", this.constant("i32", 255)) : x;
  }

  unary(name: UnaryOp, dtype: DType, x: Value): Value {
    if (name === "not") return this.#wrap(dtype, this.#prefix("~", x));
    if (name === "neg") return this.#wrap(dtype, this.#prefix("-", x));
    if (name === "abs" && (dtype === "u32" || dtype === "u8")) return x;
    if (EXACT.includes(name)) return this.call(name, dtype, [x]);
    throw new InternalError(`${name} of ${dtype} reached the C renderer: the lowering expands it.`);
  }

  binary(name: BinaryOp, dtype: DType, a: Value, b: Value): Value {
    switch (name) {
      case "add":
      case "sub":
      case "mul":
      case "and":
      case "or":
      case "xor":
        return this.#wrap(dtype, this.infix(a, INFIX[name], b));
      case "maximum":
      case "minimum":
        return this.#extreme(name, dtype, a, b);
      case "mod":
        return this.call(FUNCTIONS[name], dtype, [a, b]);
      case "div":
        return isFloat(dtype) ? this.infix(a, "/", b) : this.call(name, dtype, [a, b]);
      case "shl":
      case "shr": {
        const { constant } = b;
        if (!a.vector || constant === undefined) return this.#wrap(dtype, this.call(name, dtype, [a, b]));
        const count = { text: String(constant & 31), vector: false };
        return this.#wrap(dtype, this.infix(a, name === "shl" ? "<<" : ">>", count));
      }
      default:
        throw new InternalError(`${name} of ${dtype} reached the C renderer: the lowering expands it.`);
    }
  }

  /** With a constant it is one comparison: of NaN and a number none holds, and zeros are told apart by which one it is. */
  #extreme(name: "maximum" | "minimum", dtype: DType, a: Value, b: Value): Value {
    const [x, c] = a.constant === undefined ? [a, b] : [b, a];
    const { constant } = c;
    if (!isFloat(dtype) || constant === undefined || x.constant !== undefined || Number.isNaN(constant))
      return this.call(FUNCTIONS[name], dtype, [a, b]);
    const negative = Object.is(constant, -0);
    const [low, high] = name === "maximum" ? [x, c] : [c, x];
    const compare = (name === "maximum") === negative ? "lt" : "le";
    return this.select(dtype, this.compare(compare, dtype, low, high), c, x);
  }

  /** A mask; of scalars 0 or −1. */
  compare(name: CompareOp, dtype: DType, a: Value, b: Value): Value {
    // true is −1, which is less than 0
    if (dtype === "bool" && (name === "lt" || name === "le")) [a, b] = [b, a];
    if (a.text === b.text && !isFloat(dtype)) return this.constant("bool", name === "eq" || name === "le" ? 1 : 0);
    const compared = this.infix(a, COMPARISON[name], b);
    if (!compared.vector) return { text: `-(${compared.text})`, vector: false };
    // A mask of f64 is as wide as they are.
    return dtype === "f64"
      ? this.#convert(this.#prefix(`(i64x${this.width})`, compared), `i32x${this.width}`)
      : compared;
  }

  /** a where the mask holds, else b */
  select(dtype: DType, mask: Value, a: Value, b: Value): Value {
    if (!mask.vector) return this.choose(dtype, /^\w+$/.test(mask.text) ? mask.text : `${operand(mask)} != 0`, a, b);
    const type = this.type(dtype, true);
    const texts = [mask.text, this.splat(dtype, a), this.splat(dtype, b)];
    return { text: `${type}_select(${texts.join(", ")})`, vector: true };
  }

  /** a where a condition on scalars holds, else b */
  choose(dtype: DType, condition: string, a: Value, b: Value): Value {
    const vector = a.vector || b.vector;
    const [x, y] = vector ? [this.splat(dtype, a), this.splat(dtype, b)] : [operand(a), operand(b)];
    return { text: `${condition} ? ${x} : ${y}`, vector, infix: "?" };
  }

  #convert(x: Value, type: string): Value {
    return { text: `CONVERT(${x.text}, ${type})`, vector: true };
  }

  /** x in another dtype, as `castValue` says */
  cast(from: DType, to: DType, x: Value): Value {
    if (from === to) return x;
    if (to === "bool") return this.compare("ne", from, x, this.constant(from, 0));
    if (from === "bool") x = this.infix(x, "&", this.constant("i32", 1));
    const type = this.type(to, x.vector);
    if (isFloat(from) && !isFloat(to)) {
      return this.#wrap(to, { text: `${type}_of_${LANE[from]}(${x.text})`, vector: x.vector });
    }
    if (isFloat(to) && x.vector) return this.#convert(x, type);
    if (type === this.type(from, x.vector)) return this.#wrap(to, x);
    return this.#wrap(to, this.#prefix(`(${type})`, x));
  }

  bitcast(from: DType, to: DType, x: Value): Value {
    if (LANE[from] === LANE[to]) return x;
    const type = this.type(to, x.vector);
    if (x.vector || (!isFloat(from) && !isFloat(to))) return this.#prefix(`(${type})`, x);
    return { text: `${type}_bits_of_${LANE[from]}(${x.text})`, vector: false };
  }

  word(x: Value, word: 0 | 1): Value {
    return this.call(word === 0 ? "low" : "high", "f64", [x]);
  }

  join(low: Value, high: Value): Value {
    const vector = low.vector || high.vector;
    const texts = [low, high].map((x) => (vector ? this.splat("u32", x) : x.text));
    return { text: `${this.type("f64", vector)}_join(${texts.join(", ")})`, vector };
  }

  /** Neighbouring elements from an address; in lanes where the mask does not hold, 0. */
  load(dtype: DType, address: string, mask: string | undefined): Value {
    const bytes = ELEMENT[dtype] === "uint8_t" ? "_u8" : "";
    const type = this.type(dtype, true);
    const text = mask ? `${type}_load${bytes}_some(${address}, ${mask})` : `${type}_load${bytes}(${address})`;
    return this.loaded(dtype, { text, vector: true });
  }

  /** Elements of four bytes or more that stand `stride` apart, from an address; in lanes where the mask does not hold, 0. */
  loadApart(dtype: DType, address: string, stride: number, mask: string | undefined): Value {
    const name = `${this.type(dtype, true)}_load_${stride === 2 ? "even" : "apart"}${mask ? "_some" : ""}`;
    const given = [address, ...(stride === 2 ? [] : [stride]), ...(mask ? [mask] : [])];
    return { text: `${name}(${given.join(", ")})`, vector: true };
  }

  /** What an element in memory is as a value. */
  loaded(dtype: DType, x: Value): Value {
    return dtype === "bool" ? this.compare("ne", "i32", x, this.constant("i32", 0)) : x;
  }

  /** What a value is in memory. */
  stored(dtype: DType, x: Value): Value {
    return dtype === "bool" ? this.infix(x, "&", this.constant("i32", 1)) : x;
  }

  /** The statement that writes neighbouring elements; where there is a mask, lanes in which it holds. */
  store(dtype: DType, address: string, value: Value, mask: string | undefined): string {
    const bytes = ELEMENT[dtype] === "uint8_t" ? "_u8" : "";
    const type = this.type(dtype, true);
    const lanes = this.splat(dtype, this.stored(dtype, value));
    return mask
      ? `${type}_store${bytes}_some(${address}, ${lanes}, ${mask});`
      : `${type}_store${bytes}(${address}, ${lanes});`;
  }
}

/** Text beside an operator: arithmetic is written without parentheses where everybody knows the order. */
function beside({ text, infix }: Value, operator: string, left: boolean): string {
  if (infix === undefined) return text;
  const [inner, outer] = [infix, operator].map((op) => (/[*/]/.test(op) ? 2 : /[+-]/.test(op) ? 1 : 0));
  return inner > 0 && outer > 0 && (inner > outer || (left && inner === outer)) ? text : `(${text})`;
}

/** A value that stands alone. */
export const operand = ({ text, infix }: Value): string => (infix ? `(${text})` : text);

export function literal(dtype: DType, value: number): string {
  switch (dtype) {
    case "f32":
    case "f64": {
      const f = dtype === "f32" ? "f" : "";
      if (Number.isNaN(value)) return `__builtin_nan${f}("")`;
      if (!Number.isFinite(value)) return `${value < 0 ? "-" : ""}__builtin_inf${f}()`;
      const number = dtype === "f32" ? Math.fround(value) : value;
      const digits = Object.is(number, -0) ? "-0" : String(number);
      return `${/[.e]/.test(digits) ? digits : `${digits}.0`}${f}`;
    }
    case "u32":
      return `${value >>> 0}u`;
    case "bool":
      return value !== 0 ? "-1" : "0";
    case "u8":
      return String(value & 255);
    case "i32":
      return (value | 0) === -2147483648 ? "(-2147483647 - 1)" : String(value | 0);
  }
}
