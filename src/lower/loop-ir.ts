/**
 * The Loop IR: a program as ordered kernels over flat buffers.
 *
 * It knows no target. It says which loop is shared among threads, which is vectorised, in which order a reduction
 * adds; a renderer maps that to SIMD lanes and threads, or to workgroups. Everything is static but the numbers.
 */

import type { DType } from "../core/dtype.ts";
import type { ArgReduceOp, BinaryOp, CompareOp, CumulativeOp, ReduceOp, UnaryOp } from "../core/primitives.ts";
import type { Index, Var } from "./index-expr.ts";

/** A condition on an index: low ≤ index < high. */
export interface Guard {
  readonly index: Index;
  readonly low: number;
  readonly high: number;
}

/**
 * A value inside a kernel. Expressions form a DAG: one object used twice is computed once.
 * Semantics are those of the primitives of the same names, on one element.
 */
export type Expr =
  | { readonly op: "const"; readonly dtype: DType; readonly value: number }
  // guards: where one fails the load is not made and the value is `fill`
  | {
      readonly op: "load";
      readonly dtype: DType;
      readonly buffer: number;
      readonly index: Index;
      readonly guards: readonly Guard[];
      readonly fill: number;
    }
  // an index as a number (i32)
  | { readonly op: "index"; readonly dtype: DType; readonly index: Index }
  // where all guards hold `value`, else the constant `fill`
  | {
      readonly op: "guarded";
      readonly dtype: DType;
      readonly guards: readonly Guard[];
      readonly value: Expr;
      readonly fill: number;
    }
  // an i32 index from data, clamped to 0..size−1; a value outside sets status word to `code` (the first one stays)
  | {
      readonly op: "check";
      readonly dtype: "i32";
      readonly value: Expr;
      readonly size: number;
      readonly code: number;
      readonly guards: readonly Guard[];
    }
  // what a statement before this one computed (a reduction or a contraction's accumulator)
  | { readonly op: "local"; readonly dtype: DType; readonly local: Local }
  | { readonly op: "unary"; readonly dtype: DType; readonly name: UnaryOp; readonly x: Expr }
  | { readonly op: "binary"; readonly dtype: DType; readonly name: BinaryOp; readonly a: Expr; readonly b: Expr }
  | { readonly op: "compare"; readonly dtype: "bool"; readonly name: CompareOp; readonly a: Expr; readonly b: Expr }
  | { readonly op: "where"; readonly dtype: DType; readonly condition: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly op: "cast"; readonly dtype: DType; readonly x: Expr }
  | { readonly op: "bitcast"; readonly dtype: DType; readonly x: Expr }
  // one of the two words of an f64, 0 the low one
  | { readonly op: "word"; readonly dtype: "u32"; readonly x: Expr; readonly word: 0 | 1 }
  // an f64 from its two words, u32 each
  | { readonly op: "join"; readonly dtype: "f64"; readonly low: Expr; readonly high: Expr };

/** A value that a statement defines and later statements of the same scope read. */
export interface Local {
  readonly id: number;
  readonly dtype: DType;
}

export type Stmt = LoopStmt | ReduceStmt | CumulateStmt | StoreStmt;

/**
 * for v in 0..size−1. At most one loop of a nest is `vector`; no loop stands inside a vector loop
 * (a sequential reduction may). Iterations are independent unless `serial`.
 */
export interface LoopStmt {
  readonly kind: "loop";
  readonly variable: Var;
  readonly vector: boolean;
  readonly serial: boolean;
  readonly body: readonly Stmt[];
}

/**
 * result = the reduction of `value` over `variables` (outermost first), in the order of core/reduction.ts (one part):
 * - "sequential": one accumulator; the statement may stand in a vector loop, whose lanes are then separate results;
 * - "lanes": position i of the innermost variable goes to accumulator i mod `lanes`; never inside a vector loop.
 * "dot" is Σ a·b, in either order: acc + a·b, where product and sum each round (no target fuses them).
 * argmax and argmin give the flat position (row-major over `variables`) of the first extremum, a NaN being one.
 */
export interface ReduceStmt {
  readonly kind: "reduce";
  readonly result: Local;
  readonly op: ReduceOp | ArgReduceOp | "dot";
  readonly variables: readonly Var[];
  readonly lanes: number; // 1: sequential
  readonly value: Expr;
  /** the second factor of "dot" */
  readonly other: Expr | undefined;
}

/** Running sum or product along `variable`: store after each step; `reverse` runs from the end. */
export interface CumulateStmt {
  readonly kind: "cumulate";
  readonly op: CumulativeOp;
  readonly variable: Var;
  readonly reverse: boolean;
  readonly value: Expr;
  readonly store: StoreStmt;
}

/**
 * buffer[index] = value, or buffer[index] += value.
 * Stores that follow one another in a body act together: all their values are computed before the first is written.
 */
export interface StoreStmt {
  readonly kind: "store";
  readonly buffer: number;
  readonly index: Index;
  readonly value: Expr;
  readonly accumulate: boolean;
}

export type Kernel = LoopKernel | ContractionKernel | AttentionKernel | ArgsortKernel | ScanKernel;

interface KernelBase {
  /** what it computes, in the graph's terms */
  readonly name: string;
  /** buffers read and written */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** about how many scalar operations it takes: what decides whether threads share it */
  readonly work: number;
}

/** A loop nest. If the only statement of `body` is a loop that is not serial, threads may share its range. */
export interface LoopKernel extends KernelBase {
  readonly kind: "loops";
  readonly body: readonly Stmt[];
}

/** One axis of a contraction: its size, and its stride in each operand, in elements. */
export interface ContractionAxis {
  readonly size: number;
  /** of a contraction: a, b, out */
  readonly strides: readonly number[];
}

export interface ContractionOperand {
  readonly buffer: number;
  /** of the element at position zero: a constant, or a multiple of an enclosing scan's variable plus one */
  readonly offset: Index;
}

/**
 * out[batch, row, col] = Σ_inner a[batch, row, inner] · b[batch, inner, col], f32, for matmul and convolution.
 *
 * Each operand's address is its offset plus the sum of position × stride over the axes, so that transposes and
 * patches of an image are only strides. Order: inner positions row-major and ascending, acc = fma(a, b, acc), from +0,
 * in `parts` runs of ⌈K / parts⌉ (core/reduction.ts), each of which leaves its own result.
 */
export interface ContractionKernel extends KernelBase {
  readonly kind: "contraction";
  readonly batch: readonly ContractionAxis[];
  readonly rows: readonly ContractionAxis[];
  readonly cols: readonly ContractionAxis[];
  readonly inner: readonly ContractionAxis[];
  readonly a: ContractionOperand;
  readonly b: ContractionOperand;
  readonly out: ContractionOperand;
  readonly parts: number;
  /** from one part's result to the next, in elements of `out` */
  readonly partStride: number;
  /** what follows element by element; only where there is one part */
  readonly epilogue?: Epilogue;
}

/**
 * What follows a contraction element by element, while its result is in the nearest cache.
 *
 * `nest` stands for one batch: a loop over `row`, in it loops over `cols`, the last of which is the vector loop; all
 * iterations are independent. A renderer runs any part of their ranges once that part of `out` is stored, and each
 * position once. Indices are sums of multiples of the variables and of enclosing scans'. Of `out` the nest reads the
 * element at its own position only, and it writes neither `out` nor operands. Its reads (but for `out`) and writes are among
 * the kernel's, its work is in the kernel's.
 */
export interface Epilogue {
  /** position in the batch axes, as one */
  readonly batch: Var;
  /** position in the rows' axes, as one */
  readonly row: Var;
  /** position in the columns' axes, as one; if they are two (a convolution's images and pixels), column c is (c div n, c mod n) */
  readonly cols: readonly Var[];
  readonly nest: LoopKernel;
}

/** The operands of attention, in the order of native/abi.h: what an attention without gradient has ends with `lse`. */
export const ATTENTION_OPERANDS = ["q", "k", "v", "mask", "state", "out", "lse", "grad", "dq", "dk", "dv"] as const;
export type AttentionOperand = (typeof ATTENTION_OPERANDS)[number];

/** Rows of an operand: the last dimension's elements are neighbours. */
export interface AttentionRows extends ContractionOperand {
  /** from one row to the next, in elements */
  readonly row: number;
}

/**
 * softmax(q·kᵀ·scale + mask)·v, f32, without the table of scores, or (`gradient`) the cotangents of q, k and v. Where there
 * is a random state, u32 (4), it drops weights.
 * native/abi.h states the order of its operations.
 */
export interface AttentionKernel extends KernelBase {
  readonly kind: "attention";
  readonly gradient: boolean;
  /** strides in the order of ATTENTION_OPERANDS; 0 where there is no such operand */
  readonly batch: readonly ContractionAxis[];
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly causal: boolean;
  readonly scale: number;
  /** which halves of random words drop a weight, and what the others are multiplied by: 0 and 1 without dropout */
  readonly dropsBelow: number;
  readonly kept: number;
  readonly maskColumn: number;
  readonly operands: { readonly [name in AttentionOperand]?: AttentionRows };
}

/** The stable ascending order of each row of u32 keys. `scratch` holds 4·length words. */
export interface ArgsortKernel extends KernelBase {
  readonly kind: "argsort";
  readonly keys: number;
  readonly out: number;
  readonly scratch: number;
  readonly rows: number;
  readonly length: number;
}

/** Runs `body` once for each value of `variable` (in reverse order if so), which the body's indices may use. */
export interface ScanKernel extends KernelBase {
  readonly kind: "scan";
  readonly variable: Var;
  readonly reverse: boolean;
  readonly body: readonly Kernel[];
  /**
   * In how many equal parts the kernels' outermost ranges may be cut so that each part, through all of time, computes by
   * itself what the whole does (of a contraction, the first axis of its batch, or else of its rows); 1 if they may not.
   */
  readonly rows: number;
}

/** Where a buffer's bytes come from and go to. */
export type BufferRole = "arg" | "result" | "state" | "temp";

export interface BufferDecl {
  readonly dtype: DType;
  /** elements */
  readonly length: number;
  readonly role: BufferRole;
  /** arg, result: its position; state: its slot */
  readonly position: number;
  /** state: whether the program is given what it holds, or has to write it first */
  readonly given: boolean;
}

export interface Program {
  readonly buffers: readonly BufferDecl[];
  readonly kernels: readonly Kernel[];
  /** kernels from here on write state: they run only if no check has failed */
  readonly commit: number;
  /** what status code i + 1 means */
  readonly messages: readonly string[];
}
