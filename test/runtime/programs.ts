/** Small programs in Loop IR, written by hand: what the device is tested with below the lowering. */

import { type DType, viewBytes } from "../../src/core/dtype.ts";
import { Storage } from "../../src/core/storage.ts";
import { add, dataIndex, type Index, makeVar, scale, varIndex } from "../../src/lower/index-expr.ts";
import type { BufferDecl, BufferRole, Expr, Kernel, LoopKernel, Program } from "../../src/lower/loop-ir.ts";

export function buffer(role: BufferRole, length: number, position = 0, dtype: DType = "f32"): BufferDecl {
  return { role, length, position, dtype, given: role === "state" };
}

export const constant = (value: number): Expr => ({ op: "const", dtype: "f32", value });

export function load(from: number, index: Index, dtype: DType = "f32"): Expr {
  return { op: "load", dtype, buffer: from, index, guards: [], fill: 0 };
}

export function binary(name: "add" | "mul" | "div", a: Expr, b: Expr): Expr {
  return { op: "binary", dtype: a.dtype, name, a, b };
}

/** target[i] = value(i), for i in 0..length−1. */
export function map(
  target: number,
  length: number,
  reads: readonly number[],
  value: (i: Index) => Expr,
  options: { readonly work?: number; readonly at?: (i: Index) => Index } = {},
): LoopKernel {
  const variable = makeVar("i", length);
  const index = varIndex(variable);
  const { work = length, at = (i: Index) => i } = options;
  const store = { kind: "store", buffer: target, index: at(index), value: value(index), accumulate: false } as const;
  const loop = { kind: "loop", variable, vector: true, serial: false, body: [store] } as const;
  return { kind: "loops", name: `b${target}`, reads, writes: [target], work, body: [loop] };
}

export function program(
  buffers: readonly BufferDecl[],
  kernels: readonly Kernel[],
  rest: { readonly commit?: number; readonly messages?: readonly string[] } = {},
): Program {
  return { buffers, kernels, commit: rest.commit ?? kernels.length, messages: rest.messages ?? [] };
}

/** result = 2·x + y */
export function axpy(length: number, work?: number): Program {
  const value = (i: Index) => binary("add", binary("mul", load(0, i), constant(2)), load(1, i));
  return program(
    [buffer("arg", length, 0), buffer("arg", length, 1), buffer("result", length)],
    [map(2, length, [0, 1], value, { work })],
  );
}

/** state += 1; result = the state before */
export function counter(length: number, work?: number): Program {
  return program(
    [buffer("state", length), buffer("result", length)],
    [
      map(1, length, [0], (i) => load(0, i), { work }),
      map(0, length, [0], (i) => binary("add", load(0, i), constant(1)), { work }),
    ],
    { commit: 1 },
  );
}

/** state += 1 */
export function increment(length: number): Program {
  const value = (i: Index) => binary("add", load(0, i), constant(1));
  return program([buffer("state", length)], [map(0, length, [0], value)], { commit: 0 });
}

/** result = table[index], then state = result; an index outside is an error */
export function lookup(size: number, length: number, work?: number): Program {
  const checked = (i: Index): Expr => {
    return { op: "check", dtype: "i32", value: load(1, i, "i32"), size, code: 2, guards: [] };
  };
  const taken = (i: Index): Expr => load(0, dataIndex(checked(i), 0, size - 1));
  return program(
    [buffer("arg", size, 0), buffer("arg", length, 1, "i32"), buffer("temp", length), buffer("state", length)],
    [map(2, length, [0, 1], taken, { work }), map(3, length, [2], (i) => load(2, i), { work })],
    { commit: 1, messages: ["another check", `take: an index is outside 0 to ${size - 1}`] },
  );
}

/** result[t, i] = h after step t of h = h/2 + x[t, i], from h = 0 */
export function recurrence(steps: number, width: number, reverse: boolean, work?: number): Program {
  const variable = makeVar("t", steps);
  const row = (i: Index) => add(scale(varIndex(variable), width), i);
  const next = (i: Index) => binary("add", binary("mul", load(1, i), constant(0.5)), load(0, row(i)));
  return program(
    [buffer("arg", steps * width), buffer("temp", width), buffer("result", steps * width)],
    [
      map(1, width, [], () => constant(0)),
      {
        kind: "scan",
        name: "scan",
        reads: [0, 1],
        writes: [1, 2],
        work: width,
        variable,
        reverse,
        rows: 1,
        body: [map(1, width, [0, 1], next, { work }), map(2, width, [1], (i) => load(1, i), { at: row, work })],
      },
    ],
  );
}

/** result = argsort of each row */
export function argsort(rows: number, length: number): Program {
  return program(
    [
      buffer("arg", rows * length, 0, "u32"),
      buffer("result", rows * length, 0, "i32"),
      buffer("temp", 4 * length, 0, "i32"),
    ],
    [
      {
        kind: "argsort",
        name: "sort",
        reads: [0],
        writes: [1, 2],
        work: rows * length,
        keys: 0,
        out: 1,
        scratch: 2,
        rows,
        length,
      },
    ],
  );
}

export function store(array: Float32Array | Int32Array | Uint32Array | Uint8Array): Storage {
  return Storage.of(array.slice());
}

export const f32 = (...values: number[]): Storage => store(Float32Array.from(values));
export const floats = (storage: Storage | undefined): number[] => [...viewBytes("f32", storage!.bytes())];
