/**
 * A whole program as one WebAssembly module: `run() ─► status` calls the kernels' phases one after another.
 *
 * It imports the memory, the address of its control block (`block`), that of the thread's scratch memory (`scratch`) and,
 * if threads share any phase, `share(block, phase, range, grain)`, which runs a phase on all of them through the
 * exported `phase(number, lo, hi)`.
 */

import { InternalError } from "../../core/errors.ts";
import type { Var } from "../../lower/index-expr.ts";
import type { AttentionKernel, ContractionKernel, Kernel, Program } from "../../lower/loop-ir.ts";
import { scanVariables } from "../scan-variables.ts";
import { renderArgsort } from "./argsort.ts";
import { type Func, type FunctionBuilder, type Global, ModuleBuilder } from "./assembler.ts";
import type { KernelContext, Phase, WasmFeatures } from "./context.ts";
import { renderContraction } from "./contraction.ts";
import { renderFmod } from "./fmod.ts";
import { renderLoops } from "./loops.ts";

/** Where a control block keeps what does not depend on its program; positions of scans and addresses follow. */
export const CONTROL = { status: 0, slot: 4, id: 8, rest: 12 } as const;

export interface ProgramOptions {
  readonly features: WasmFeatures;
  /** whether there are other threads (and so whether the memory is shared) */
  readonly threads: boolean;
  /** whether contractions and attention are done by an imported `kernel(number)` */
  readonly kernelsOutside: boolean;
  /** whether `run` calls an imported `mark(kernel)` after each kernel, to time it */
  readonly marks: boolean;
}

export interface RenderedPhase extends Phase {
  readonly kernel: Kernel;
  /** whether threads share it */
  readonly shared: boolean;
}

export interface RenderedProgram {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly phases: readonly RenderedPhase[];
  /** bytes of the control block */
  readonly blockBytes: number;
  /** offset in the control block of buffer 0's address; the others' follow */
  readonly pointers: number;
  /** offsets in the control block of the positions of scans */
  readonly positions: ReadonlyMap<Var, number>;
  /** the kernels that are done outside, by their number */
  readonly outside: readonly OutsideKernel[];
  /** bytes of scratch memory that each thread needs */
  readonly scratchBytes: number;
  /** bytes that the phases of one kernel share, and which words of the control block point into them, at which offset */
  readonly workspaceBytes: number;
  readonly workspace: readonly { readonly word: number; readonly offset: number }[];
}

export type OutsideKernel = ContractionKernel | AttentionKernel;
type Leaf = Exclude<Kernel, { kind: "scan" }>;
type Inside = Exclude<Leaf, { kind: "attention" }>;

// About 20 µs of work: waking a thread takes us 5 µs. A contraction does more operations a cycle.
const WORTH_SHARING: Readonly<Record<Inside["kind"], number>> = {
  loops: 1 << 18,
  contraction: 1 << 19,
  argsort: Infinity, // its rows use one scratch buffer
};

export function renderProgram(program: Program, options: ProgramOptions): RenderedProgram {
  return new ProgramRenderer(program, options).render();
}

class ProgramRenderer implements KernelContext {
  readonly program: Program;
  readonly features: WasmFeatures;
  readonly module: ModuleBuilder = new ModuleBuilder();
  readonly block: Global;
  readonly scratch: Global;
  readonly fail: Func;
  #fmod: Func | undefined;
  readonly #options: ProgramOptions;
  readonly #share: Func | undefined;
  readonly #outside: Func | undefined;
  readonly #outsideKernels: OutsideKernel[] = [];
  readonly #mark: Func | undefined;
  readonly #phases: RenderedPhase[] = [];
  readonly #positions = new Map<Var, number>();
  readonly #pointers: number;
  readonly #workspace: { word: number; offset: number }[] = [];
  #workspaceTop = 0;
  #workspaceBytes = 0;
  #scratchBytes = 0;

  constructor(program: Program, options: ProgramOptions) {
    this.program = program;
    this.features = options.features;
    this.#options = options;
    const { module } = this;
    module.importMemory("env", "memory", { initial: 1, maximum: 65536, shared: options.threads });
    this.block = module.importGlobal("env", "block", "i32", false);
    this.scratch = module.importGlobal("env", "scratch", "i32", false);
    if (options.threads) this.#share = module.importFunction("env", "share", ["i32", "i32", "i32", "i32"], []);
    if (options.kernelsOutside) this.#outside = module.importFunction("env", "kernel", ["i32"], []);
    if (options.marks) this.#mark = module.importFunction("env", "mark", ["i32"], []);
    for (const variable of scanVariables(program.kernels)) {
      this.#positions.set(variable, CONTROL.rest + 4 * this.#positions.size);
    }
    this.#pointers = CONTROL.rest + 4 * this.#positions.size;
    this.fail = module.function(["i32"], [], (f) => this.#recordFailure(f));
  }

  get fmod(): Func {
    this.#fmod ??= renderFmod(this.module);
    return this.#fmod;
  }

  pointer(buffer: number): number {
    return this.#pointers + 4 * buffer;
  }

  position(variable: Var): number {
    return this.#positions.get(variable)!;
  }

  reserveScratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
  }

  reserveShared(bytes: number): number {
    const word = this.pointer(this.program.buffers.length) + 4 * this.#workspace.length;
    this.#workspace.push({ word, offset: this.#workspaceTop });
    this.#workspaceTop += Math.ceil(bytes / 64) * 64;
    this.#workspaceBytes = Math.max(this.#workspaceBytes, this.#workspaceTop);
    return word;
  }

  render(): RenderedProgram {
    const { kernels, commit } = this.program;
    const calls = kernels.map((kernel) => this.#kernel(kernel));
    this.module.function(
      [],
      ["i32"],
      (f) => {
        f.globalGet(this.block).i32(0).memory("i32.store", CONTROL.status);
        calls.forEach((call, i) => {
          if (i === commit) this.#status(f).if(() => this.#status(f).op("return"));
          call(f);
          if (this.#mark) f.i32(i).call(this.#mark);
        });
        this.#status(f);
      },
      "run",
    );
    if (this.#phases.some((phase) => phase.shared)) this.#dispatcher();
    return {
      code: this.module.build(),
      phases: this.#phases,
      blockBytes: this.pointer(this.program.buffers.length) + 4 * this.#workspace.length,
      pointers: this.#pointers,
      positions: this.#positions,
      outside: this.#outsideKernels,
      scratchBytes: this.#scratchBytes,
      workspaceBytes: this.#workspaceBytes,
      workspace: this.#workspace,
    };
  }

  /** Renders a kernel's functions; what comes back emits the calls to them. */
  #kernel(kernel: Kernel): (f: FunctionBuilder) => void {
    const outside = this.#outside;
    if ((kernel.kind === "contraction" || kernel.kind === "attention") && outside) {
      const number = this.#outsideKernels.push(kernel) - 1;
      return (f) => f.i32(number).call(outside);
    }
    if (kernel.kind !== "scan") {
      const phases = this.#leaf(kernel);
      return (f) => {
        for (const phase of phases) this.#call(f, phase);
      };
    }
    const body = kernel.body.map((inner) => this.#kernel(inner));
    const { size } = kernel.variable;
    if (size === 0) return () => {};
    return (f) =>
      f.scope(() => {
        const position = f.local("i32");
        f.i32(kernel.reverse ? size - 1 : 0).set(position);
        f.loop((again) => {
          f.globalGet(this.block).get(position).memory("i32.store", this.position(kernel.variable));
          for (const call of body) call(f);
          f.get(position)
            .i32(kernel.reverse ? -1 : 1)
            .op("i32.add")
            .tee(position);
          f.i32(kernel.reverse ? -1 : size)
            .op("i32.ne")
            .brIf(again);
        });
      });
  }

  #leaf(kernel: Leaf): readonly RenderedPhase[] {
    if (kernel.kind === "attention") throw new InternalError("Attention is not spelled out.");
    this.#workspaceTop = 0;
    const functions = this.#functions(kernel);
    const worth = this.#options.threads && kernel.work >= WORTH_SHARING[kernel.kind];
    const phases = functions
      .filter(({ range }) => range > 0)
      .map((phase) => ({ ...phase, kernel, shared: worth && phase.range > phase.grain }));
    this.#phases.push(...phases);
    return phases;
  }

  #functions(kernel: Inside): readonly Phase[] {
    switch (kernel.kind) {
      case "loops":
        return renderLoops(kernel, this);
      case "contraction":
        return renderContraction(kernel, this);
      case "argsort":
        return renderArgsort(kernel, this);
    }
  }

  #call(f: FunctionBuilder, phase: RenderedPhase): void {
    if (phase.shared && this.#share) {
      f.globalGet(this.block).i32(this.#phases.indexOf(phase)).i32(phase.range).i32(phase.grain).call(this.#share);
    } else {
      f.i32(0).i32(phase.range).call(phase.func);
    }
  }

  #status(f: FunctionBuilder): FunctionBuilder {
    return f.globalGet(this.block).memory("i32.load", CONTROL.status);
  }

  /** The lowest code stays, whichever thread comes first: status − 1 is the largest number while there is none. */
  #recordFailure(f: FunctionBuilder): void {
    const [code] = f.params;
    const seen = f.local("i32");
    f.loop((again) => {
      f.globalGet(this.block).atomic("i32.atomic.load", CONTROL.status).tee(seen).i32(1).op("i32.sub");
      f.get(code)
        .i32(1)
        .op("i32.sub", "i32.gt_u")
        .if(() => {
          f.globalGet(this.block).get(seen).get(code).atomic("i32.atomic.rmw.cmpxchg", CONTROL.status);
          f.get(seen).op("i32.ne").brIf(again);
        });
    });
  }

  /** How other threads reach the phases. */
  #dispatcher(): void {
    const table = this.module.table(this.#phases.map((phase) => phase.func));
    this.module.function(
      ["i32", "i32", "i32"],
      [],
      (f) => {
        const [number, lo, hi] = f.params;
        f.get(lo).get(hi).get(number).callIndirect(table, ["i32", "i32"], []);
      },
      "phase",
    );
  }
}
