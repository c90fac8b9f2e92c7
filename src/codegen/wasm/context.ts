/**
 * What the code of one kernel may count on: how it finds its buffers, the scan it stands in and the status word.
 *
 * Every program owns a control block in linear memory, whose address is the module's global `block`:
 * status word, positions of the scans, then one address a buffer. Regions may move between runs, never in one,
 * so kernels load the addresses that they need once, on entry.
 */

import type { Var } from "../../lower/index-expr.ts";
import type { Program } from "../../lower/loop-ir.ts";
import type { Func, Global, ModuleBuilder } from "./assembler.ts";

/** What the engine can do beyond SIMD, which is always there. */
export interface WasmFeatures {
  /** whether f32x4.relaxed_madd exists and rounds once: contractions then use it */
  readonly relaxedMadd: boolean;
}

export interface KernelContext {
  readonly program: Program;
  readonly features: WasmFeatures;
  readonly module: ModuleBuilder;
  /** immutable i32: the address of the control block */
  readonly block: Global;
  /** immutable i32: the address of this thread's own scratch memory, 64-byte aligned */
  readonly scratch: Global;
  /** (code: i32) records a failed check: the lowest code stays */
  readonly fail: Func;
  /** (x: f64, y: f64) ─► x mod y */
  readonly fmod: Func;
  /** offset in the control block of a buffer's address (i32, unsigned, 64-byte aligned) */
  pointer(buffer: number): number;
  /** offset in the control block of the current position (i32) of a scan that the kernel stands in */
  position(variable: Var): number;
  /** asks for that many bytes at `scratch`: private to a thread, lost between two calls of a phase */
  reserveScratch(bytes: number): void;
  /** offset in the control block of the address of that many bytes, which the phases of one kernel share among threads */
  reserveShared(bytes: number): number;
}

/**
 * One step of a kernel: a function (lo: i32, hi: i32) that does iterations lo to hi − 1 of `range`.
 * Any cut of the range at multiples of `grain` gives the same bits, in any order and on any number of threads.
 */
export interface Phase {
  readonly func: Func;
  /** number of iterations; 1 if threads cannot share it */
  readonly range: number;
  readonly grain: number;
}

/** Renders a kernel to the phases that follow one another when it runs. */
export type RenderKernel<K> = (kernel: K, context: KernelContext) => readonly Phase[];
