import type { RenderedProgram } from "../codegen/c/program.ts";
import { BYTES } from "../core/dtype.ts";
import { IndexError, InternalError } from "../core/errors.ts";
import type { Storage } from "../core/storage.ts";
import type { BufferRole, Program } from "../lower/loop-ir.ts";
import { type MemoryPlan, needsState, showMemory } from "../lower/memory.ts";
import { showProgram } from "../lower/print.ts";
import type { Executable, Inspection, RunResult, Started } from "./device.ts";
import { debug } from "./host.ts";
import type { NativeLoader } from "./native-loader.ts";
import { Address, type NativeMemory } from "./native-memory.ts";
import { showTimes } from "./times.ts";

/** A program as the loader has it. */
export interface LoadedProgram {
  readonly program: Program;
  readonly plan: MemoryPlan;
  readonly rendered: RenderedProgram;
  /** the number of the shared object that it is in */
  readonly library: number;
  /** what the compiler was given */
  readonly source: string;
  readonly graph: () => string;
  /** GFLOP/s that its threads can reach, if kernels are to be timed */
  readonly peak: number | undefined;
}

interface Port {
  readonly position: number;
  readonly bytes: number;
  /** of its address in the control block, in 32-bit words */
  readonly word: number;
}

interface StatePort extends Port {
  readonly read: boolean;
  readonly written: boolean;
}

/** A program on the native device. */
export class NativeExecutable implements Executable {
  readonly #loader: NativeLoader;
  readonly #memory: NativeMemory;
  readonly #loaded: LoadedProgram;
  /** the control block */
  readonly #words: Uint32Array;
  readonly #entry: number;
  readonly #args: readonly Port[];
  readonly #results: readonly Port[];
  readonly #states: readonly StatePort[];
  /** the arena that the addresses point into */
  #arena = -1;
  /** what the present run reads and nobody else holds */
  #copies: Storage[] = [];

  constructor(loader: NativeLoader, memory: NativeMemory, loaded: LoadedProgram) {
    this.#loader = loader;
    this.#memory = memory;
    this.#loaded = loaded;
    const { program, rendered } = loaded;
    const block = new ArrayBuffer(8 * rendered.words);
    this.#words = new Uint32Array(block);
    this.#entry = loader.entry(loaded.library, rendered.symbol, block);
    this.#args = this.#ports("arg");
    this.#results = this.#ports("result");
    this.#states = this.#ports("state").map((port) => {
      const buffer = port.word / 2 - rendered.pointers;
      const written = program.kernels.some((kernel) => kernel.writes.includes(buffer));
      return { ...port, read: needsState(program, buffer), written };
    });
  }

  run(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult {
    const after = this.#prepare(args, states);
    this.#check(this.#loader.run(this.#entry));
    return after;
  }

  start(args: readonly Storage[], states: readonly (Storage | undefined)[]): Started {
    const after = this.#prepare(args, states);
    const done = this.#loader.start(this.#entry);
    const result = () => {
      this.#check(this.#words[0]);
      return after;
    };
    return { done, wait: () => this.#loader.wait(), result };
  }

  /** Puts all addresses in the control block; gives what the run will leave if it succeeds. */
  #prepare(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult {
    this.#settle();
    this.#copies = [];
    const after = [...states];
    for (const port of this.#states) after[port.position] = this.#state(port, states[port.position]);
    for (const port of this.#args) this.#argument(port, args[port.position], after);
    const results = this.#results.map(({ bytes, word }) => {
      const storage = this.#memory.allocate(bytes);
      this.#point(word, this.#memory.addressOf(storage));
      return storage;
    });
    return { results, states: after };
  }

  #check(status: number): void {
    const { program, peak } = this.#loaded;
    if (peak !== undefined) {
      const microseconds = Array.from(this.#loader.times(), (nanoseconds) => nanoseconds / 1000);
      debug(showTimes(program, microseconds, peak));
    }
    if (status !== 0) throw new IndexError(program.messages[status - 1]);
  }

  inspect(): Inspection {
    const { program, plan, graph, source } = this.#loaded;
    return { graph: graph(), loops: showProgram(program), source, memory: showMemory(program, plan) };
  }

  #ports(role: BufferRole): Port[] {
    const { program, rendered } = this.#loaded;
    return program.buffers.flatMap(({ role: have, position, dtype, length }, buffer) =>
      have === role ? [{ position, bytes: BYTES[dtype] * length, word: 2 * (rendered.pointers + buffer) }] : [],
    );
  }

  /** Points temporaries into today's arena. */
  #settle(): void {
    const { plan, rendered, program } = this.#loaded;
    const arena = this.#loader.arena(plan.size);
    if (arena === this.#arena) return;
    this.#arena = arena;
    program.buffers.forEach(({ role }, buffer) => {
      if (role === "temp") this.#point(2 * (rendered.pointers + buffer), new Address(arena + plan.offsets[buffer]));
    });
  }

  /** A slot's storage after this run, in place: a new one where the old version must live on. */
  #state(port: StatePort, before: Storage | undefined): Storage | undefined {
    if (!before && port.read)
      throw new InternalError(`The program reads state ${port.position}, which has no storage.`);
    if (before) this.#expect("State", port, before);
    let storage = before;
    if (port.written && (!before || before.captured)) {
      storage = this.#memory.allocate(port.bytes);
      if (before && port.read) storage.bytes().set(before.bytes());
    }
    if (storage) this.#point(port.word, this.#memory.addressOf(storage));
    return storage;
  }

  #argument(port: Port, storage: Storage, states: readonly (Storage | undefined)[]): void {
    this.#expect("Argument", port, storage);
    let read = storage;
    // What a slot overwrites in place may be an argument too: then the argument is what it was.
    const slot = this.#states.find(({ position, written }) => written && states[position] === storage);
    if (slot) {
      read = this.#memory.allocate(port.bytes);
      read.bytes().set(storage.bytes());
      this.#copies.push(read);
    }
    this.#point(port.word, this.#memory.addressOf(read));
  }

  #expect(what: string, { position, bytes }: Port, storage: Storage): void {
    if (storage.byteLength !== bytes) {
      throw new InternalError(`${what} ${position} has ${storage.byteLength} bytes, but the program expects ${bytes}.`);
    }
  }

  #point(word: number, { low, high }: Address): void {
    this.#words[word] = low;
    this.#words[word + 1] = high;
  }
}
