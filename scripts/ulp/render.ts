/** Renders functions of src/core/numerics.ts to C, one statement an operation, on vectors of eight. */

import type { DType } from "../../src/core/dtype.ts";
import { type ElementaryOp, FLOAT32, type Ops } from "../../src/core/numerics.ts";

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

/** Operations that append C statements to `lines`. A constant is not one. */
function cOps(lines: string[]): Ops<Name> {
  const assign = (dtype: DType, value: string): Name => {
    const text = `v${lines.length}`;
    lines.push(`${dtype === "bool" ? "i32" : dtype} ${text} = ${value};`);
    return { text, dtype };
  };
  const infix = (op: string, dtype: DType, a: Name, b: Name): Name => {
    // integers wrap around: signed ones would not, in C, so they meet as u32, save in shr
    const wraps = a.dtype === "i32" && op !== "shr";
    const value = wraps ? `(i32)((u32)${a.text} ${BINARY[op]} (u32)${b.text})` : `${a.text} ${BINARY[op]} ${b.text}`;
    return assign(dtype, value);
  };
  return {
    constant(value, dtype) {
      const text =
        dtype !== "f32"
          ? `${value}`
          : Number.isNaN(value)
            ? '__builtin_nanf("")'
            : Number.isFinite(value)
              ? `${value}`
              : `${value < 0 ? "-" : ""}__builtin_inff()`;
      return { text: dtype === "f32" ? `F(${text})` : dtype === "u32" ? `U(${text}u)` : `I(${text})`, dtype };
    },
    unary(op, x) {
      if (op !== "abs") throw new Error(`numerics.ts does not use ${op}.`);
      return assign("f32", `(f32)((i32)${x.text} & 0x7fffffff)`);
    },
    binary: (op, a, b) => infix(op, a.dtype, a, b),
    compare: (op, a, b) => infix(op, "bool", a, b),
    where: (condition, a, b) =>
      assign(a.dtype, `(${a.dtype})(((i32)${a.text} & ${condition.text}) | ((i32)${b.text} & ~${condition.text}))`),
    cast: (x, dtype) => assign(dtype, `__builtin_convertvector(${x.text}, ${dtype})`),
    bitcast: (x, dtype) => ({ text: `((${dtype})${x.text})`, dtype }),
  };
}

export const C_TYPES = `typedef float f32 __attribute__((vector_size(32), aligned(4)));
typedef int i32 __attribute__((vector_size(32), aligned(4)));
typedef unsigned u32 __attribute__((vector_size(32), aligned(4)));
#define F(c) ((f32){} + (float)(c))
#define I(c) ((i32){} + (int)(c))
#define U(c) ((u32){} + (unsigned)(c))
`;

/** A C function `name` on eight float32. */
export function renderC(name: ElementaryOp): string {
  const lines: string[] = [];
  const result = FLOAT32[name](cOps(lines), { text: "x", dtype: "f32" });
  return `static f32 ours_${name}(f32 x) {\n${lines.map((line) => `  ${line}\n`).join("")}  return ${result.text};\n}\n`;
}

/** The number of operations of a function, bitcasts and constants left out. */
export function countOps(name: ElementaryOp): { total: number; divisions: number } {
  const lines: string[] = [];
  FLOAT32[name](cOps(lines), { text: "x", dtype: "f32" });
  return { total: lines.length, divisions: lines.filter((line) => line.includes(" / ")).length };
}
