/** The addon that runs native programs (native/loader.c). */

/** What the addon gives to one module of JavaScript; threads, arena and scratch memory are the process's. Misuse throws. */
export interface NativeLoader {
  /** Opens a shared object and gives its number; throws with the system's reason. */
  open(path: string): number;
  /** Closes a shared object, whose programs must have been released. */
  close(library: number): void;
  /** The number of the program that a shared object exports under a name, for this control block, which is kept alive. */
  entry(library: number, symbol: string, block: ArrayBuffer): number;
  /** Forgets a program and its control block, once it has run as often as it was started. */
  release(program: number): void;
  /** Runs a program, after everything that has been started, and gives its status. */
  run(program: number): number;
  /** Runs a program on another thread, first in, first out; its memory must stay as it is until the promise gives its status. */
  start(program: number): Promise<number>;
  /** Returns when everything that was started has run; the promises are settled later. */
  wait(): void;
  /** Opens the kernel library, which programs, `contract` and `attend` call. */
  kernels(path: string): void;
  /** Sets how many threads share a phase: 1 to 64. */
  threads(count: number): void;
  /** Makes sure that each thread has so many bytes of scratch memory. */
  scratch(bytes: number): void;
  /** The address of at least so many bytes for temporaries: the content of one run only, and elsewhere when it grew. */
  arena(bytes: number): number;
  /** The address of the first byte. */
  address(buffer: ArrayBuffer | ArrayBufferView): number;
  /**
   * Runs a contraction (native/abi.h) on the memory at three addresses. Its descriptor's 64-bit words: how many batch, row,
   * column and inner axes there are, `parts`, `part_stride`, then for each axis its size and its strides in a, b and out.
   */
  contract(descriptor: ArrayBuffer, a: number, b: number, out: number): void;
  /**
   * Runs attention or its gradient (native/abi.h) on the memory at the addresses of its operands, 0 for those that it has
   * not. Its descriptor's 64-bit words: whether it is the gradient, how many batch axes there are, whether it is causal,
   * queries, keys, width, value_width, mask_column, the bits of scale and of kept, drops_below, from one row to the next
   * for each operand, then for each axis its size and its strides.
   */
  attend(descriptor: ArrayBuffer, operands: Float64Array): void;
  /** Does so many rounds of multiply-adds on one thread's registers; how many operations that was. */
  probe(rounds: number): number;
  /** Nanoseconds by kernel of the last run, if that program was rendered with marks; else empty. */
  times(): Float64Array;
}

/** Loads the addon into this process. */
export function loadAddon(path: string): NativeLoader {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as NativeLoader;
}
