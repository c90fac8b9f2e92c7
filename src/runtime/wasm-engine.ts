import type { WasmFeatures } from "../codegen/wasm/context.ts";
import type { OutsideKernel, RenderedProgram } from "../codegen/wasm/program.ts";
import { BYTES } from "../core/dtype.ts";
import { InternalError } from "../core/errors.ts";
import { ATTENTION_OPERANDS, type ContractionOperand } from "../lower/loop-ir.ts";
import { ALIGNMENT, align, LinearMemory } from "./wasm-memory.ts";
import { SLOTS, WasmPool } from "./wasm-pool.ts";
import { Residents } from "./wasm-residents.ts";

export interface EngineOptions {
  readonly features: WasmFeatures;
  readonly threads: number;
  /** bytes that linear memory may grow to */
  readonly memoryLimit: number;
  /** bytes of state, and of arguments that come again, to keep in linear memory between runs */
  readonly residentLimit: number;
  /** does contractions and attention on linear memory in place of code of its own */
  readonly kernels?: KernelLibrary;
}

/** Does a kernel whose operands are at these addresses in a memory, in the order of the kernel's kind. */
export type KernelLibrary = (
  kernel: OutsideKernel,
  memory: Uint8Array,
  addresses: readonly (number | undefined)[],
) => void;

/** Is told after each kernel which one it was, in programs that are rendered with marks. */
export type Mark = (kernel: number) => void;

/** A program that is ready to run: its code and its control block are in linear memory. */
export interface Instance {
  readonly run: () => number;
  readonly block: number;
  /** the run that used it last */
  used: number;
  /** the arena that its addresses point into */
  arena: number;
  readonly release: () => void;
}

/** What all programs of a wasm device share: memory, resident storages, one arena, threads. */
export class WasmEngine {
  readonly features: WasmFeatures;
  readonly threads: number;
  readonly memory: LinearMemory;
  readonly residents: Residents;
  readonly kernels: KernelLibrary | undefined;
  readonly #instances = new Set<Instance>();
  /** scratch memory by size a thread; programs of one size share it, since one runs at a time */
  readonly #scratch = new Map<number, number>();
  #arena = { address: 0, bytes: 0 };
  #pool: WasmPool | undefined;
  #failure: InternalError | undefined;

  constructor({ features, threads, memoryLimit, residentLimit, kernels }: EngineOptions) {
    this.features = features;
    this.threads = threads;
    this.kernels = kernels;
    this.memory = new LinearMemory(threads > 1, memoryLimit);
    this.residents = new Residents(this.memory, residentLimit);
  }

  /** Begins a run. */
  begin(): void {
    if (this.#failure) throw this.#failure;
    this.residents.run++;
  }

  /** The address of at least so many bytes for arguments, results and temporaries: the content of one run only. */
  arena(bytes: number): number {
    if (bytes > this.#arena.bytes) {
      if (this.#arena.bytes > 0) this.memory.free(this.#arena.address);
      this.#arena = { address: 0, bytes: 0 };
      this.#arena = { address: this.residents.allocate(bytes, "intermediate results"), bytes };
    }
    return this.#arena.address;
  }

  /** Puts a program's control block and (for other threads) code into linear memory. */
  instantiate(rendered: RenderedProgram, module: WebAssembly.Module, mark: Mark): Instance {
    if (this.#instances.size >= SLOTS) this.#releaseOldest();
    const shares = rendered.phases.some((phase) => phase.shared);
    const code = shares ? rendered.code : new Uint8Array(0);
    const block = this.residents.allocate(align(rendered.blockBytes) + code.length, "a program's control block");
    const codeAddress = block + align(rendered.blockBytes);
    const stride = powerOfTwo(rendered.scratchBytes);
    const scratch = this.#scratchOf(stride);
    const share = shares ? this.#workers().share : undefined;

    const { bytes } = this.memory;
    bytes.fill(0, block, block + rendered.blockBytes);
    bytes.set(code, codeAddress);
    const kernel = (number: number) => this.#runOutside(rendered, block, rendered.outside[number]);
    const env = { memory: this.memory.memory, block, scratch, mark, kernel, share: share ?? (() => {}) };
    const { exports } = new WebAssembly.Instance(module, { env });
    const slot = shares
      ? this.#workers().add({ code: codeAddress, length: code.length, block, scratch, stride }, exports["phase"])
      : undefined;
    const instance: Instance = {
      run: exports["run"] as () => number,
      block,
      used: this.residents.run,
      arena: -1,
      release: () => {
        this.#instances.delete(instance);
        if (slot !== undefined) this.#workers().remove(slot);
        this.memory.free(block);
      },
    };
    this.#instances.add(instance);
    return instance;
  }

  /** After a trap, which is a bug of ours, other threads may still be writing: nothing runs here any more. */
  fail(error: Error): InternalError {
    this.#failure ??= new InternalError(
      `A kernel of the wasm device failed: ${error.message}. The device cannot go on.`,
    );
    return this.#failure;
  }

  #runOutside({ pointers, positions }: RenderedProgram, block: number, kernel: OutsideKernel): void {
    const { words, bytes } = this.memory;
    const address = ({ buffer, offset }: ContractionOperand): number => {
      let element = offset.constant;
      for (const { atom, coefficient } of offset.terms) {
        if (atom.kind !== "var") throw new InternalError("An operand's offset is no sum of positions.");
        element += coefficient * words[(block + positions.get(atom.variable)!) / 4];
      }
      return (words[(block + pointers) / 4 + buffer] >>> 0) + BYTES.f32 * element;
    };
    const operands =
      kernel.kind === "attention"
        ? ATTENTION_OPERANDS.map((name) => kernel.operands[name])
        : [kernel.a, kernel.b, kernel.out];
    this.kernels!(
      kernel,
      bytes,
      operands.map((operand) => operand && address(operand)),
    );
  }

  has(instance: Instance): boolean {
    return this.#instances.has(instance);
  }

  /** Threads start when the first program has work for them. */
  #workers(): WasmPool {
    if (!this.#pool) {
      const control = this.residents.allocate(WasmPool.controlBytes(this.threads), "threads");
      this.#pool = new WasmPool(this.memory, this.threads, control);
    }
    return this.#pool;
  }

  #scratchOf(stride: number): number {
    let address = this.#scratch.get(stride);
    if (address === undefined) {
      address = this.residents.allocate(stride * this.threads, "scratch");
      this.#scratch.set(stride, address);
    }
    return address;
  }

  #releaseOldest(): void {
    let oldest: Instance | undefined;
    for (const instance of this.#instances) {
      if (oldest === undefined || instance.used < oldest.used) oldest = instance;
    }
    oldest?.release();
  }
}

function powerOfTwo(bytes: number): number {
  let size = ALIGNMENT;
  while (size < bytes) size *= 2;
  return size;
}
