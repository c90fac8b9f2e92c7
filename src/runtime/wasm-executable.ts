import { listProgram } from "../codegen/wasm/listing.ts";
import { type RenderedProgram, renderProgram } from "../codegen/wasm/program.ts";
import { BYTES } from "../core/dtype.ts";
import { IndexError, InternalError } from "../core/errors.ts";
import { Storage } from "../core/storage.ts";
import type { BufferRole, Program } from "../lower/loop-ir.ts";
import { type MemoryPlan, needsState, showMemory } from "../lower/memory.ts";
import { showProgram } from "../lower/print.ts";
import type { Executable, Inspection, RunResult } from "./device.ts";
import { debug } from "./host.ts";
import { showTimes } from "./times.ts";
import type { Instance, WasmEngine } from "./wasm-engine.ts";
import type { Region } from "./wasm-residents.ts";

// Smaller arguments and results are copied sooner than a region is looked after.
const WORTH_KEEPING = 1 << 16;

/** Arguments that have come once: the second time they stay. */
const seen = new WeakSet<Storage>();

interface Port {
  readonly buffer: number;
  readonly position: number;
  readonly bytes: number;
  /** of its address in the control block, in words from its beginning */
  readonly word: number;
  /** in the arena */
  readonly offset: number;
}

interface StatePort extends Port {
  readonly read: boolean;
  readonly written: boolean;
}

/** A program on the wasm device. */
export class WasmExecutable implements Executable {
  readonly program: Program;
  readonly rendered: RenderedProgram;
  readonly #engine: WasmEngine;
  readonly #plan: MemoryPlan;
  readonly #graph: () => string;
  readonly #module: WebAssembly.Module;
  readonly #args: readonly Port[];
  readonly #results: readonly Port[];
  readonly #states: readonly StatePort[];
  /** microseconds by kernel of the present run, if they are asked for */
  readonly #times: number[] | undefined;
  #clock = 0;
  #instance: Instance | undefined;

  constructor(engine: WasmEngine, program: Program, plan: MemoryPlan, graph: () => string, timed: boolean) {
    this.program = program;
    this.#engine = engine;
    this.#plan = plan;
    this.#graph = graph;
    this.#times = timed ? [] : undefined;
    const { features, threads } = engine;
    this.rendered = renderProgram(program, {
      features,
      threads: threads > 1,
      kernelsOutside: engine.kernels !== undefined,
      marks: timed,
    });
    this.#module = new WebAssembly.Module(this.rendered.code);
    const { kernels } = program;
    this.#args = this.#ports("arg");
    this.#results = this.#ports("result");
    this.#states = this.#ports("state").map((port) => ({
      ...port,
      read: needsState(program, port.buffer),
      written: kernels.some((kernel) => kernel.writes.includes(port.buffer)),
    }));
  }

  run(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult {
    const { residents, memory } = this.#engine;
    this.#engine.begin();
    const instance = this.#ready();
    const block = instance.block / 4;
    const regions = this.#states.map((port) => this.#stateRegion(port, states));
    for (let i = 0; i < regions.length; i++) memory.words[block + this.#states[i].word] = regions[i].address;
    for (const port of this.#args) {
      const address = this.#argument(port, args[port.position], instance.arena); // may grow memory: before `words`
      memory.words[block + port.word] = address;
    }
    const kept = this.#results.map(({ bytes }) => (bytes >= WORTH_KEEPING ? residents.create(bytes) : undefined));
    for (let i = 0; i < kept.length; i++) {
      const { word, offset } = this.#results[i];
      memory.words[block + word] = kept[i]?.address ?? instance.arena + offset;
    }
    const status = this.#call(instance);
    if (status !== 0) {
      for (const region of [...regions, ...kept]) if (region && !region.owned) residents.free(region);
      throw new IndexError(this.program.messages[status - 1]);
    }
    const after = [...states];
    for (let i = 0; i < regions.length; i++) {
      const { position, written } = this.#states[i];
      if (written) after[position] = this.#written(regions[i], states[position]);
    }
    const results = this.#results.map(({ bytes, offset }, i) => {
      const region = kept[i];
      if (region) return this.#written(region, undefined);
      const begin = instance.arena + offset;
      return Storage.of(memory.bytes.slice(begin, begin + bytes));
    });
    residents.trim();
    return { results, states: after };
  }

  inspect(): Inspection {
    return {
      graph: this.#graph(),
      loops: showProgram(this.program),
      source: listProgram(this.rendered),
      memory: showMemory(this.program, this.#plan),
    };
  }

  #call(instance: Instance): number {
    this.#clock = performance.now();
    try {
      return instance.run();
    } catch (error) {
      throw this.#engine.fail(error as Error);
    } finally {
      if (this.#times) debug(showTimes(this.program, this.#times, undefined));
    }
  }

  #mark(kernel: number): void {
    const now = performance.now();
    this.#times![kernel] = 1000 * (now - this.#clock);
    this.#clock = now;
  }

  #ports(role: BufferRole): Port[] {
    const { buffers } = this.program;
    return buffers.flatMap(({ role: have, position, dtype, length }, buffer) => {
      if (have !== role) return [];
      const word = this.rendered.pointers / 4 + buffer;
      return [{ buffer, position, bytes: BYTES[dtype] * length, word, offset: this.#plan.offsets[buffer] }];
    });
  }

  /** The instance, made again if it was released since, with its addresses in today's arena. */
  #ready(): Instance {
    const engine = this.#engine;
    if (!this.#instance || !engine.has(this.#instance)) {
      this.#instance = engine.instantiate(this.rendered, this.#module, (kernel) => this.#mark(kernel));
    }
    const instance = this.#instance;
    instance.used = engine.residents.run;
    const { size } = this.#plan;
    const arena = engine.arena(size + this.rendered.workspaceBytes);
    if (instance.arena === arena) return instance;
    instance.arena = arena;
    const { words } = engine.memory;
    const first = (instance.block + this.rendered.pointers) / 4;
    for (const [i, offset] of this.#plan.offsets.entries()) if (offset >= 0) words[first + i] = arena + offset;
    for (const { word, offset } of this.rendered.workspace) words[(instance.block + word) / 4] = arena + size + offset;
    return instance;
  }

  /** Where a slot's bytes are for this run. What is overwritten although somebody may read it goes to the host first. */
  #stateRegion(port: StatePort, states: readonly (Storage | undefined)[]): Region {
    const { residents } = this.#engine;
    const storage = states[port.position];
    if (!storage && port.read)
      throw new InternalError(`The program reads state ${port.position}, which has no storage.`);
    if (storage && storage.byteLength !== port.bytes) {
      throw new InternalError(
        `State ${port.position} has ${storage.byteLength} bytes, but the program expects ${port.bytes}.`,
      );
    }
    // Two slots that were assigned the same tensor share its storage, but what is written to one is not the other's.
    if (storage?.captured && port.written && states.indexOf(storage) !== states.lastIndexOf(storage)) {
      const copy = residents.create(port.bytes);
      if (port.read) copy.fill(storage.bytes());
      copy.written = residents.run;
      return copy;
    }
    let region = storage && residents.find(storage);
    if (storage && !region && port.read) region = residents.admit(storage);
    if (storage?.captured && region && port.written) storage.bytes();
    region ??= residents.create(port.bytes);
    residents.use(region);
    if (port.written) region.written = residents.run;
    return region;
  }

  /** The storage of a region that has been written: a new one if the old version must live on. */
  #written(region: Region, before: Storage | undefined): Storage {
    const storage = before && !before.captured ? before : new Storage(region.byteLength);
    if (storage !== before && before?.resident === region) before.resident = undefined;
    if (storage.resident !== region) this.#engine.residents.give(region, storage);
    region.dirty = true;
    return storage;
  }

  /** The address of an argument's bytes: where they are already, or its place in the arena. */
  #argument(port: Port, storage: Storage, arena: number): number {
    if (storage.byteLength !== port.bytes) {
      throw new InternalError(
        `Argument ${port.position} has ${storage.byteLength} bytes, but the program expects ${port.bytes}.`,
      );
    }
    const { residents, memory } = this.#engine;
    const address = arena + port.offset;
    let region = residents.find(storage);
    if (!region && port.bytes >= WORTH_KEEPING) {
      if (seen.has(storage)) region = residents.admit(storage);
      seen.add(storage);
    }
    if (!region) memory.bytes.set(storage.bytes(), address);
    else if (region.written === residents.run)
      memory.bytes.copyWithin(address, region.address, region.address + port.bytes);
    else {
      residents.use(region);
      return region.address;
    }
    return address;
  }
}
