/** Runs one loop kernel as WebAssembly and by its definition, and compares all buffers bit for bit. */

import { expect } from "vitest";
import { ModuleBuilder } from "../../src/codegen/wasm/assembler.ts";
import type { KernelContext, Phase } from "../../src/codegen/wasm/context.ts";
import { renderFmod } from "../../src/codegen/wasm/fmod.ts";
import { renderLoops } from "../../src/codegen/wasm/loops.ts";
import { BYTES, type DType, type TypedArray, view } from "../../src/core/dtype.ts";
import type { Var } from "../../src/lower/index-expr.ts";
import type { LoopKernel, Program, Stmt } from "../../src/lower/loop-ir.ts";
import { loopKernel } from "../../src/lower/nest.ts";
import { Reference } from "./loop-reference.ts";

export interface Buffer {
  readonly dtype: DType;
  readonly data: TypedArray;
}

export const buffer = (dtype: DType, values: ArrayLike<number>): Buffer => {
  const data = view(dtype, new ArrayBuffer(values.length * BYTES[dtype]));
  data.set(values);
  return { dtype, data };
};

export const empty = (dtype: DType, length: number): Buffer => buffer(dtype, new Array<number>(length).fill(0));

export interface Options {
  /** how the outermost loop is cut: sizes of the runs, in grains */
  readonly cut?: number;
  readonly positions?: ReadonlyMap<Var, number>;
  /** where the first buffer lies in memory */
  readonly base?: number;
}

export interface Ran {
  readonly outputs: readonly TypedArray[];
  readonly status: number;
}

const BLOCK = 64;

export interface Compiled {
  readonly phases: readonly Phase[];
  readonly bytes: Uint8Array;
  readonly exports: Record<string, (lo: number, hi: number) => void>;
  readonly memory: WebAssembly.Memory;
  readonly starts: readonly number[];
}

/** The kernel in a module of its own, its buffers in memory. */
export function compile(kernel: LoopKernel, buffers: readonly Buffer[], options: Options = {}): Compiled {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { initial: 1 });
  const positions = [...(options.positions ?? [])];
  const pointers = BLOCK + 8 + 4 * positions.length;
  const program: Program = {
    buffers: buffers.map(({ dtype, data }, i) => ({
      dtype,
      length: data.length,
      role: "arg",
      position: i,
      given: false,
    })),
    kernels: [kernel],
    commit: 1,
    messages: [],
  };
  const status = BLOCK;
  const fail = module.function(["i32"], [], (f) => {
    const [code] = f.params;
    f.i32(status).memory("i32.load").op("i32.eqz").get(code).i32(status).memory("i32.load").op("i32.lt_s", "i32.or");
    f.if(() => f.i32(status).get(code).memory("i32.store"));
  });
  const context: KernelContext = {
    program,
    features: { relaxedMadd: false },
    module,
    block: module.importGlobal("env", "block", "i32", false),
    scratch: module.importGlobal("env", "scratch", "i32", false),
    fail,
    fmod: renderFmod(module),
    pointer: (i) => pointers - BLOCK + 4 * i,
    position: (variable) => 8 + 4 * positions.findIndex(([v]) => v === variable),
    reserveScratch: () => {},
    reserveShared: () => 0,
  };
  const phases = renderLoops(kernel, context);
  phases.forEach((phase, i) => {
    module.export(`phase${i}`, "function", phase.func);
  });
  const bytes = module.build();
  let top = options.base ?? Math.ceil((pointers + 4 * buffers.length) / 64) * 64;
  const starts = buffers.map(({ data }) => {
    const start = top;
    top = Math.ceil((start + data.byteLength) / 64) * 64;
    return start;
  });
  const memory = new WebAssembly.Memory({ initial: Math.ceil((top + 64) / 65536) });
  const words = new Int32Array(memory.buffer);
  positions.forEach(([, value], i) => {
    words[(BLOCK + 8) / 4 + i] = value;
  });
  starts.forEach((start, i) => {
    words[pointers / 4 + i] = start;
    new Uint8Array(memory.buffer, start).set(new Uint8Array(buffers[i].data.buffer));
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: {
      memory,
      block: new WebAssembly.Global({ value: "i32" }, BLOCK),
      scratch: new WebAssembly.Global({ value: "i32" }, 0),
    },
  });
  return { phases, bytes, exports: instance.exports as Compiled["exports"], memory, starts };
}

export function runWasm(kernel: LoopKernel, buffers: readonly Buffer[], options: Options = {}): Ran {
  const { phases, exports, memory, starts } = compile(kernel, buffers, options);
  phases.forEach(({ range, grain }, i) => {
    const step = options.cut ? options.cut * grain : range;
    // Last runs first: the order must not matter.
    for (let lo = Math.floor((range - 1) / step) * step; lo >= 0; lo -= step)
      exports[`phase${i}`](lo, Math.min(lo + step, range));
  });
  const outputs = buffers.map(({ dtype, data }, i) => view(dtype, memory.buffer, starts[i], data.length).slice());
  // What lies behind a buffer is not touched.
  starts.forEach((start, i) => {
    const end = start + buffers[i].data.byteLength;
    const padding = new Uint8Array(memory.buffer, end, Math.ceil(end / 64) * 64 - end);
    expect(
      padding.every((byte) => byte === 0),
      `bytes behind buffer ${i}`,
    ).toBe(true);
  });
  return { outputs, status: new Int32Array(memory.buffer)[BLOCK / 4] };
}

/** Bytes, NaNs made equal: which NaN an operation gives is not specified. */
export function bits(x: TypedArray): TypedArray {
  const out = x.slice();
  for (let i = 0; i < out.length; i++) if (Number.isNaN(out[i])) out[i] = Number.NaN;
  return new Uint8Array(out.buffer);
}

/** Runs `body` both ways, cut in one piece and in many. */
export function checkLoops(body: readonly Stmt[], buffers: readonly Buffer[], options: Options = {}): Ran {
  const kernel = loopKernel("test", body, 1);
  const expected = buffers.map(({ data }) => data.slice());
  const reference = new Reference(expected, options.positions);
  reference.run(kernel);
  let ran: Ran | undefined;
  for (const cut of [undefined, 1, 3]) {
    ran = runWasm(kernel, buffers, { ...options, cut });
    ran.outputs.forEach((output, i) => {
      if (!equal(bits(output), bits(expected[i])))
        expect([...output], `buffer ${i}, cut ${cut}`).toEqual([...expected[i]]);
    });
    expect(ran.status).toBe(reference.status);
  }
  return ran!;
}

export function equal(a: TypedArray, b: TypedArray): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
