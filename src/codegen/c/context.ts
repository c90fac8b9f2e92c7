/** What a kernel is rendered to in C, and what its code may count on. */

import type { Var } from "../../lower/index-expr.ts";
import type { Program } from "../../lower/loop-ir.ts";
import type { Target } from "./target.ts";

export interface KernelContext {
  readonly program: Program;
  readonly target: Target;
}

/** A word of the program's control block that a phase works on: a buffer's address, or the position of a scan. */
export type Port = { readonly buffer: number } | { readonly position: Var };

/**
 * One step of a kernel: the body of a C function of type `phase` (native/abi.h), which does iterations lo to hi − 1 of
 * `range`. Any cut of the range at multiples of `grain` gives the same bits, in any order and on any number of threads.
 *
 * The body knows `block`, `ports`, `scratch`, `lo` and `hi`: port i is `block[ports[i]]`. It names no buffer otherwise, so that
 * kernels which differ in their buffers only are one function.
 */
export interface Phase {
  readonly body: string;
  readonly ports: readonly Port[];
  /** number of iterations; 1 if threads cannot share it */
  readonly range: number;
  readonly grain: number;
  /** bytes of scratch memory that a thread needs */
  readonly scratch: number;
}
