import type { RenderedProgram } from "../codegen/c/program.ts";
import { BYTES } from "../core/dtype.ts";
import { IndexError, InternalError } from "../core/errors.ts";
import { type Resident, Storage } from "../core/storage.ts";
import type { BufferRole, Program } from "../lower/loop-ir.ts";
import { type MemoryPlan, readsFirst, showMemory } from "../lower/memory.ts";
import { showProgram } from "../lower/print.ts";
import type { Executable, Inspection, RunResult, Started } from "./device.ts";
import { debug } from "./host.ts";
import type { NativeLoader } from "./native-loader.ts";
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

/** Where a storage's bytes are: they live in an ArrayBuffer and never move, so that they are asked for once. */
class Address implements Resident {
  readonly dirty = false;
  readonly low: number;
  readonly high: number;
  /** the run that last wrote there */
  written = 0;

  constructor(address: number) {
    this.low = address >>> 0;
    this.high = Math.floor(address / 2 ** 32);
  }

  read(): void {}
}

interface Port {
  readonly position: number;
  readonly bytes: number;
  /** of its address in the control block, in 32-bit words */
  readonly word: number;
  /** in the arena; of results that are small, in the control block */
  readonly offset: number;
}

/** What a run will leave if it succeeds; results that are small are still in the control block. */
interface Pending {
  readonly results: readonly (Storage | undefined)[];
  readonly states: readonly (Storage | undefined)[];
}

interface StatePort extends Port {
  readonly read: boolean;
  readonly written: boolean;
}

// A cache line, the widest vector that there is, and how far beyond its end a vector may be read.
const ALIGNMENT = 64;
// Smaller results are written into the control block and copied out of it: that is sooner done than asking for an address.
const SMALL = 4096;

/** Counts runs of all programs. */
let run = 0;

/** A program on the native device. */
export class NativeExecutable implements Executable {
  readonly #loader: NativeLoader;
  readonly #loaded: LoadedProgram;
  readonly #block: ArrayBuffer;
  readonly #words: Uint32Array;
  readonly #entry: number;
  readonly #args: readonly Port[];
  readonly #results: readonly Port[];
  readonly #states: readonly StatePort[];
  /** the arena that the addresses point into */
  #arena = -1;

  constructor(loader: NativeLoader, loaded: LoadedProgram) {
    this.#loader = loader;
    this.#loaded = loaded;
    const { program, rendered } = loaded;
    const small = program.buffers.map(({ role, dtype, length }) =>
      role === "result" && BYTES[dtype] * length <= SMALL ? align(BYTES[dtype] * length) : 0,
    );
    const own = align(8 * rendered.words);
    this.#block = new ArrayBuffer(own + small.reduce((sum, bytes) => sum + bytes, ALIGNMENT));
    this.#words = new Uint32Array(this.#block);
    this.#entry = loader.entry(loaded.library, rendered.symbol, this.#block);
    let top = own;
    const inBlock = small.map((bytes) => (top += bytes) - bytes);
    const { kernels } = program;
    this.#args = this.#ports("arg");
    this.#results = this.#ports("result").map((port) => {
      const buffer = port.word / 2 - rendered.pointers;
      return small[buffer] > 0 ? { ...port, offset: inBlock[buffer] } : port;
    });
    this.#states = this.#ports("state").map((port) => {
      const buffer = port.word / 2 - rendered.pointers;
      const written = kernels.some((kernel) => kernel.writes.includes(buffer));
      return { ...port, read: readsFirst(kernels, buffer), written };
    });
    const base = loader.address(this.#block);
    for (const { bytes, word, offset } of this.#results) if (bytes <= SMALL) this.#point(word, base + offset);
  }

  run(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult {
    const pending = this.#prepare(args, states);
    return this.#collect(this.#loader.run(this.#entry), pending);
  }

  start(args: readonly Storage[], states: readonly (Storage | undefined)[]): Started {
    const pending = this.#prepare(args, states);
    const done = this.#loader.start(this.#entry);
    const wait = () => this.#loader.wait();
    return { done, wait, result: () => this.#collect(this.#words[0], pending) };
  }

  /** Puts all addresses in the control block. */
  #prepare(args: readonly Storage[], states: readonly (Storage | undefined)[]): Pending {
    run++;
    this.#settle();
    const after = [...states];
    for (const port of this.#states) after[port.position] = this.#state(port, states);
    for (const port of this.#args) this.#argument(port, args[port.position]);
    const results = this.#results.map(({ bytes, word }) => {
      if (bytes <= SMALL) return undefined;
      const storage = this.#allocate(bytes);
      this.#use(word, storage);
      return storage;
    });
    return { states: after, results };
  }

  #collect(status: number, { states, results }: Pending): RunResult {
    const { program, peak } = this.#loaded;
    if (peak !== undefined) {
      const microseconds = Array.from(this.#loader.times(), (nanoseconds) => nanoseconds / 1000);
      debug(showTimes(program, microseconds, peak));
    }
    if (status !== 0) throw new IndexError(program.messages[status - 1]);
    const small = ({ bytes, offset }: Port) => Storage.of(new Uint8Array(this.#block.slice(offset, offset + bytes)));
    return { results: this.#results.map((port, i) => results[i] ?? small(port)), states };
  }

  inspect(): Inspection {
    const { program, plan, graph, source } = this.#loaded;
    return { graph: graph(), loops: showProgram(program), source, memory: showMemory(program, plan) };
  }

  #ports(role: BufferRole): Port[] {
    const { program, rendered, plan } = this.#loaded;
    return program.buffers.flatMap(({ role: have, position, dtype, length }, buffer) => {
      if (have !== role) return [];
      const word = 2 * (rendered.pointers + buffer);
      return [{ position, bytes: BYTES[dtype] * length, word, offset: plan.offsets[buffer] }];
    });
  }

  /** Points temporaries into today's arena. */
  #settle(): void {
    const { plan, rendered, program } = this.#loaded;
    const arena = this.#loader.arena(plan.size);
    if (arena === this.#arena) return;
    this.#arena = arena;
    program.buffers.forEach(({ role }, buffer) => {
      if (role === "temp") this.#point(2 * (rendered.pointers + buffer), arena + plan.offsets[buffer]);
    });
  }

  /** A slot's storage after this run, in place: a new one where the old version must live on. */
  #state(port: StatePort, states: readonly (Storage | undefined)[]): Storage | undefined {
    const before = states[port.position];
    if (!before && port.read)
      throw new InternalError(`The program reads state ${port.position}, which has no storage.`);
    if (before) this.#expect(`State ${port.position}`, port, before);
    let storage = before;
    if (port.written && (!before || before.captured)) {
      storage = this.#allocate(port.bytes);
      if (before && port.read) storage.bytes().set(before.bytes());
    }
    if (!storage) return undefined;
    const address = this.#use(port.word, storage);
    if (port.written) address.written = run;
    return storage;
  }

  #argument(port: Port, storage: Storage): void {
    this.#expect(`Argument ${port.position}`, port, storage);
    const address = addressOf(storage);
    // What a slot overwrites in place may be an argument too: then the argument is what it was.
    if (address?.written === run) {
      const copy = this.#allocate(port.bytes);
      copy.bytes().set(storage.bytes());
      this.#use(port.word, copy);
    } else this.#use(port.word, storage);
  }

  #expect(what: string, { bytes }: Port, storage: Storage): void {
    if (storage.byteLength !== bytes)
      throw new InternalError(`${what} has ${storage.byteLength} bytes, but the program expects ${bytes}.`);
  }

  /** Puts a storage's address into the control block. */
  #use(word: number, storage: Storage): Address {
    let address = addressOf(storage);
    if (!address) storage.resident = address = new Address(this.#loader.address(storage.bytes()));
    this.#words[word] = address.low;
    this.#words[word + 1] = address.high;
    return address;
  }

  #point(word: number, address: number): void {
    this.#words[word] = address >>> 0;
    this.#words[word + 1] = Math.floor(address / 2 ** 32);
  }

  /** Zeroed bytes that begin on a cache line. */
  #allocate(bytes: number): Storage {
    const buffer = new ArrayBuffer(bytes + 2 * ALIGNMENT);
    const address = this.#loader.address(buffer);
    const offset = align(address) - address;
    const storage = new Storage(bytes, new Uint8Array(buffer, offset, bytes));
    storage.resident = new Address(address + offset);
    return storage;
  }
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** What another device knows of a storage does not count here. */
const addressOf = ({ resident }: Storage): Address | undefined => (resident instanceof Address ? resident : undefined);
