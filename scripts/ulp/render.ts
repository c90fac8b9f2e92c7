/** Renders functions of src/core/numerics.ts and pow.ts to C, one statement an operation, on vectors of eight. */

import type { DType } from "../../src/core/dtype.ts";
import type { Ops } from "../../src/core/float.ts";
import { type ElementaryOp, FLOAT32, FLOAT64 } from "../../src/core/numerics.ts";
import { pow32, pow64 } from "../../src/core/pow.ts";

export type FloatDType = "f32" | "f64";

/** What is rendered: the elementary functions, and x to the power y. */
export type Rendered = ElementaryOp | "pow";

/** A name in the generated C, with the dtype it holds; bool is an i32 mask. */
interface Name {
  readonly text: string;
  readonly dtype: DType;
}

const BINARY: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
  lt: "<",
  eq: "==",
};

const SPLAT: Readonly<Record<string, string>> = { f32: "F", f64: "D", i32: "I", u32: "U" };

function literal(value: number, dtype: DType): string {
  if (dtype === "u32") return `${value}u`;
  if (dtype === "i32" || Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? '__builtin_nan("")' : `${value < 0 ? "-" : ""}__builtin_inf()`;
}

/** Operations that append C statements to `lines`. A constant is not one. */
function cOps(lines: string[]): Ops<Name> {
  const assign = (dtype: DType, value: string): Name => {
    const text = `v${lines.length}`;
    lines.push(`${dtype === "bool" ? "i32" : dtype} ${text} = ${value};`);
    return { text, dtype };
  };
  // lanes of as many bits as those of a dtype, to mask them
  const integer = (dtype: DType): string => (dtype === "f64" ? "i64" : "i32");
  return {
    constant: (value, dtype) => ({ text: `${SPLAT[dtype]}(${literal(value, dtype)})`, dtype }),
    unary(op, { text, dtype }) {
      if (op === "neg") return assign(dtype, `-${text}`);
      if (op === "abs") return assign(dtype, `(${dtype})((${integer(dtype)})${text} & ~SIGN_${dtype})`);
      if (op === "floor" && dtype === "f64") return assign(dtype, `floor8(${text})`);
      throw new Error(`The formulas do not use ${op} of ${dtype}.`);
    },
    binary(op, a, b) {
      // integers wrap around: signed ones would not, in C, so they meet as u32, save in shr
      const wraps = a.dtype === "i32" && op !== "shr";
      const value = wraps ? `(i32)((u32)${a.text} ${BINARY[op]} (u32)${b.text})` : `${a.text} ${BINARY[op]} ${b.text}`;
      return assign(a.dtype, value);
    },
    compare: (op, a, b) => assign("bool", `__builtin_convertvector(${a.text} ${BINARY[op]} ${b.text}, i32)`),
    where(condition, a, b) {
      const { dtype } = a;
      const as = integer(dtype);
      const mask = dtype === "f64" ? `__builtin_convertvector(${condition.text}, i64)` : condition.text;
      return assign(dtype, `(${dtype})(((${as})${a.text} & ${mask}) | ((${as})${b.text} & ~${mask}))`);
    },
    cast: (x, dtype) => assign(dtype, `__builtin_convertvector(${x.text}, ${dtype})`),
    bitcast: (x, dtype) => ({ text: `((${dtype})${x.text})`, dtype }),
    word: (x, word) => assign("u32", `__builtin_convertvector((u64)${x.text} >> ${32 * word}, u32)`),
    join: (low, high) =>
      assign(
        "f64",
        `(f64)(__builtin_convertvector(${low.text}, u64) | __builtin_convertvector(${high.text}, u64) << 32)`,
      ),
  };
}

export const C_TYPES = `typedef float f32 __attribute__((vector_size(32), aligned(4)));
typedef double f64 __attribute__((vector_size(64), aligned(8)));
typedef int i32 __attribute__((vector_size(32), aligned(4)));
typedef unsigned u32 __attribute__((vector_size(32), aligned(4)));
typedef long long i64 __attribute__((vector_size(64), aligned(8)));
typedef unsigned long long u64 __attribute__((vector_size(64), aligned(8)));
#define F(c) ((f32){} + (float)(c))
#define D(c) ((f64){} + (double)(c))
#define I(c) ((i32){} + (int)(c))
#define U(c) ((u32){} + (unsigned)(c))
#define SIGN_f32 ((i32){} - 0x7fffffff - 1)
#define SIGN_f64 ((i64){} - 0x7fffffffffffffff - 1)
static inline f64 floor8(f64 x) {
  for (int i = 0; i < 8; i++) x[i] = __builtin_floor(x[i]);
  return x;
}
`;

function statements(name: Rendered, dtype: FloatDType): { lines: string[]; result: string } {
  const lines: string[] = [];
  const ops = cOps(lines);
  const x: Name = { text: "x", dtype };
  const y: Name = { text: "y", dtype };
  const formulas = dtype === "f32" ? FLOAT32 : FLOAT64;
  const result = name === "pow" ? (dtype === "f32" ? pow32 : pow64)(ops, x, y) : formulas[name](ops, x);
  return { lines, result: result.text };
}

/** A C function `ours_name(x, y)` on eight floats; only pow looks at y. */
export function renderC(name: Rendered, dtype: FloatDType): string {
  const { lines, result } = statements(name, dtype);
  const body = lines.map((line) => `  ${line}\n`).join("");
  return `static ${dtype} ours_${name}(${dtype} x, ${dtype} y) {\n  (void)y;\n${body}  return ${result};\n}\n`;
}

/** The number of operations of a function, bitcasts and constants left out. */
export function countOps(name: Rendered, dtype: FloatDType): { total: number; divisions: number } {
  const { lines } = statements(name, dtype);
  return { total: lines.length, divisions: lines.filter((line) => line.includes(" / ")).length };
}
