/**
 * Threads that share the kernels of wasm programs.
 *
 * The main thread publishes a job (program, phase, range, chunks). Everybody, main included, claims chunks by one
 * compare-and-swap on a 64-bit word [job number : 32 | chunks left : 32], so a late thread cannot take a chunk of another
 * job, and a thread that sleeps or has not started yet delays nobody: main does what is left, and waits only for
 * chunks that somebody is busy with. Idle threads spin for a while, then sleep, all inside wasm; they come back to
 * JavaScript only to instantiate a program that they have not met, whose bytes they find in the shared memory.
 */

import { type FunctionBuilder, type Local, ModuleBuilder } from "../codegen/wasm/assembler.ts";
import { CONTROL } from "../codegen/wasm/program.ts";
import { builtin } from "./host.ts";
import type { LinearMemory } from "./wasm-memory.ts";

/** Programs that can be shared at a time. */
export const SLOTS = 256;

// What one thread writes while others read it stands in its own cache line.
const CLAIM = 0;
const DONE = 64; // chunks that are finished
const WAITING = 68; // whether main sleeps on DONE
const FAILED = 72; // whether a kernel trapped in a worker
const WAKE = 128; // what idle workers sleep on
const SLEEPERS = 132;
const JOB = { slot: 192, id: 196, phase: 200, range: 204, chunk: 208, chunks: 212 } as const;
const REGISTRY = 256; // a record a slot: the program's id (0: none), then SharedProgram's fields
const RECORD_BYTES = 32;
const KNOWN = REGISTRY + SLOTS * RECORD_BYTES; // a list a thread: the id of the program that it has in each slot

// About 50 µs of looking at a word; a kernel that is worth sharing takes as long, and a wake-up costs less.
const SPINS = 50_000;
// More chunks than threads, so that one that comes late or is interrupted leaves less to wait for.
const CHUNKS_PER_THREAD = 4;

type Share = (block: number, phase: number, range: number, grain: number) => void;

/** Where threads find a program: its module's bytes, its control block, and scratch memory `stride` bytes a thread. */
export interface SharedProgram {
  readonly code: number;
  readonly length: number;
  readonly block: number;
  readonly scratch: number;
  readonly stride: number;
}

export class WasmPool {
  readonly threads: number;
  /** runs a phase on all threads; programs import it */
  readonly share: Share;
  readonly #memory: LinearMemory;
  readonly #control: number;
  readonly #table: WebAssembly.Table;
  readonly #freeSlots: number[] = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  #lastId = 0;

  /** `control` is the address of `WasmPool.controlBytes(threads)` bytes. */
  constructor(memory: LinearMemory, threads: number, control: number) {
    this.threads = threads;
    this.#memory = memory;
    this.#control = control;
    memory.bytes.fill(0, control, control + WasmPool.controlBytes(threads));
    const code = poolModule(threads);
    this.#table = new WebAssembly.Table({ element: "anyfunc", initial: SLOTS });
    const imports = { memory: memory.memory, table: this.#table, control, known: control + KNOWN };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: imports });
    this.share = exports["share"] as Share;
    for (let index = 1; index < threads; index++) {
      const known = control + KNOWN + index * SLOTS * 4;
      startWorker({ memory: memory.memory, code, control, known, index });
    }
  }

  static controlBytes(threads: number): number {
    return KNOWN + threads * SLOTS * 4;
  }

  /** Lets threads run a program, whose `phase` function main has instantiated. Returns its slot. */
  add(program: SharedProgram, phase: WebAssembly.ExportValue): number {
    const slot = this.#freeSlots.pop()!;
    this.#table.set(slot, phase);
    const { words } = this.#memory;
    const record = (this.#control + REGISTRY + slot * RECORD_BYTES) / 4;
    const { code, length, block, scratch, stride } = program;
    words.set([code, length, block, scratch, stride], record + 1);
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    Atomics.store(words, record, this.#lastId);
    words[(block + CONTROL.slot) / 4] = slot;
    words[(block + CONTROL.id) / 4] = this.#lastId;
    return slot;
  }

  /** Forgets a program. A worker that is just reading its bytes sees that the id has gone, and drops them. */
  remove(slot: number): void {
    Atomics.store(this.#memory.words, (this.#control + REGISTRY + slot * RECORD_BYTES) / 4, 0);
    this.#table.set(slot, null);
    this.#freeSlots.push(slot);
  }
}

// ── the threads' own module ─────────────────────────────────────────────────────────────────────────────────────────

/** `share` for main; `work`, which returns the slot of a program that the worker has to instantiate. */
function poolModule(threads: number): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { initial: 1, maximum: 65536, shared: true });
  const table = module.importTable("env", "table", SLOTS);
  const control = module.importGlobal("env", "control", "i32", false);
  const known = module.importGlobal("env", "known", "i32", false);
  const jobs = module.global("i32", true, 0);

  const load = (f: FunctionBuilder, offset: number) => f.globalGet(control).memory("i32.load", offset);
  const atomicLoad = (f: FunctionBuilder, offset: number) => f.globalGet(control).atomic("i32.atomic.load", offset);
  const loadClaim = (f: FunctionBuilder) => f.globalGet(control).atomic("i64.atomic.load", CLAIM);

  /** Tries to take a chunk as `claim` promises it, and runs it. */
  const takeChunk = (f: FunctionBuilder, claim: Local) => {
    f.globalGet(control).get(claim);
    f.get(claim).i64(1n).op("i64.sub");
    f.atomic("i64.atomic.rmw.cmpxchg", CLAIM).get(claim).op("i64.eq");
    f.if(() => {
      const lo = f.local("i32");
      const hi = f.local("i32");
      load(f, JOB.chunks).get(claim).op("i32.wrap_i64", "i32.sub");
      load(f, JOB.chunk).op("i32.mul").set(lo);
      f.get(lo);
      load(f, JOB.chunk).op("i32.add").tee(hi);
      load(f, JOB.range).get(hi);
      load(f, JOB.range).op("i32.lt_u", "select").set(hi);
      load(f, JOB.phase).get(lo).get(hi);
      load(f, JOB.slot).callIndirect(table, ["i32", "i32", "i32"], []);
      f.globalGet(control).i32(1).atomic("i32.atomic.rmw.add", DONE).op("drop");
    });
  };

  module.function(
    ["i32", "i32", "i32", "i32"],
    [],
    (f) => {
      const [block, phase, range, grain] = f.params;
      const units = f.local("i32");
      const chunk = f.local("i32");
      const chunks = f.local("i32");
      const claim = f.local("i64");
      const spins = f.local("i32");
      const seen = f.local("i32");
      const most = threads * CHUNKS_PER_THREAD;

      // chunk = ⌈units / most⌉ · grain, where units = ⌈range / grain⌉
      f.get(range).get(grain).op("i32.add").i32(1).op("i32.sub").get(grain).op("i32.div_u").set(units);
      f.get(units)
        .i32(most - 1)
        .op("i32.add")
        .i32(most)
        .op("i32.div_u");
      f.get(grain).op("i32.mul").set(chunk);
      f.get(range).get(chunk).op("i32.add").i32(1).op("i32.sub").get(chunk).op("i32.div_u").set(chunks);

      // The last job's chunks are all claimed, and finished: nobody reads its fields to any effect.
      const put = (offset: number, value: () => void) => {
        f.globalGet(control);
        value();
        f.memory("i32.store", offset);
      };
      put(JOB.slot, () => f.get(block).memory("i32.load", CONTROL.slot));
      put(JOB.id, () => f.get(block).memory("i32.load", CONTROL.id));
      put(JOB.phase, () => f.get(phase));
      put(JOB.range, () => f.get(range));
      put(JOB.chunk, () => f.get(chunk));
      put(JOB.chunks, () => f.get(chunks));
      f.globalGet(control).i32(0).atomic("i32.atomic.store", DONE);
      f.globalGet(jobs).i32(1).op("i32.add").globalSet(jobs);
      f.globalGet(control);
      f.globalGet(jobs).op("i64.extend_i32_u").i64(32n).op("i64.shl");
      f.get(chunks).op("i64.extend_i32_u", "i64.or").atomic("i64.atomic.store", CLAIM);

      // A worker counts itself among the sleepers before it looks at the claim a last time, so one of us sees the other.
      atomicLoad(f, SLEEPERS).if(() => {
        f.globalGet(control).i32(1).atomic("i32.atomic.rmw.add", WAKE).op("drop");
        f.globalGet(control).i32(-1).atomic("memory.atomic.notify", WAKE).op("drop");
      });

      f.block((end) => {
        f.loop((again) => {
          loadClaim(f).tee(claim).op("i32.wrap_i64", "i32.eqz").brIf(end);
          takeChunk(f, claim);
          f.br(again);
        });
      });

      f.i32(SPINS).set(spins);
      f.block((end) => {
        f.loop((again) => {
          atomicLoad(f, DONE).tee(seen).get(chunks).op("i32.eq").brIf(end);
          f.get(spins).if(() => f.get(spins).i32(1).op("i32.sub").set(spins).br(again));
          // Perhaps the system has taken the core away from a worker: leave it ours.
          f.globalGet(control).i32(1).atomic("i32.atomic.store", WAITING);
          f.globalGet(control).get(seen).i64(1_000_000n).atomic("memory.atomic.wait32", DONE).op("drop");
          f.globalGet(control).i32(0).atomic("i32.atomic.store", WAITING);
          f.br(again);
        });
      });
      atomicLoad(f, FAILED).if(() => f.op("unreachable"));
    },
    "share",
  );

  module.function(
    [],
    ["i32"],
    (f) => {
      const claim = f.local("i64");
      const spins = f.local("i32");
      const wake = f.local("i32");
      const slot = f.local("i32");
      f.loop((again) => {
        f.i32(SPINS).set(spins);
        f.block((found) => {
          f.loop((spin) => {
            loadClaim(f).tee(claim).op("i32.wrap_i64").brIf(found);
            f.get(spins).i32(1).op("i32.sub").tee(spins).brIf(spin);
          });
          atomicLoad(f, WAKE).set(wake);
          f.globalGet(control).i32(1).atomic("i32.atomic.rmw.add", SLEEPERS).op("drop");
          loadClaim(f)
            .op("i32.wrap_i64", "i32.eqz")
            .if(() => {
              f.globalGet(control).get(wake).i64(-1n).atomic("memory.atomic.wait32", WAKE).op("drop");
            });
          f.globalGet(control).i32(1).atomic("i32.atomic.rmw.sub", SLEEPERS).op("drop");
          f.br(again);
        });
        load(f, JOB.slot).set(slot);
        f.globalGet(known).get(slot).i32(2).op("i32.shl", "i32.add").memory("i32.load");
        load(f, JOB.id)
          .op("i32.ne")
          .if(() => f.get(slot).op("return"));
        takeChunk(f, claim);
        atomicLoad(f, WAITING).if(() => f.globalGet(control).i32(1).atomic("memory.atomic.notify", DONE).op("drop"));
        f.br(again);
      });
      f.op("unreachable");
    },
    "work",
  );
  return module.build();
}

interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly code: Uint8Array;
  readonly control: number;
  readonly known: number;
  readonly index: number;
}

// Plain JavaScript in a string, so that neither bundlers nor TypeScript loaders have to find a file.
const WORKER = `
function start({ memory, code, control, known, index }) {
  const words = new Int32Array(memory.buffer);
  const table = new WebAssembly.Table({ element: "anyfunc", initial: ${SLOTS} });
  const instantiate = (bytes, env) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
  const { work } = instantiate(code, { memory, table, control, known });
  const unused = () => {};
  for (;;) {
    let slot;
    try {
      slot = work();
    } catch (error) { // a kernel trapped: main must not wait for its chunk
      Atomics.store(words, (control + ${FAILED}) / 4, 1);
      Atomics.add(words, (control + ${DONE}) / 4, 1);
      Atomics.notify(words, (control + ${DONE}) / 4);
      continue;
    }
    const record = (control + ${REGISTRY}) / 4 + slot * ${RECORD_BYTES / 4};
    const id = Atomics.load(words, record);
    const [at, length, block, scratch, stride] = words.subarray(record + 1, record + 6);
    const begin = at >>> 0;
    if (id === 0 || begin + length > memory.buffer.byteLength) continue;
    const bytes = new Uint8Array(memory.buffer, begin, length).slice();
    if (Atomics.load(words, record) !== id) continue; // gone meanwhile: the bytes may be anything
    try {
      const own = { memory, block, scratch: scratch + index * stride, share: unused, mark: unused };
      table.set(slot, instantiate(bytes, own).phase);
    } catch {
      return; // no memory for more code: the other threads do the work
    }
    words[known / 4 + slot] = id;
  }
}
if (typeof require === "function") start(require("node:worker_threads").workerData);
else onmessage = ({ data }) => start(data);
`;

/** Starts a thread if the host lets us; one that never comes, or leaves, is only late for ever. */
function startWorker(start: WorkerStart): void {
  const threads = builtin("node:worker_threads");
  try {
    if (threads) {
      // The user's loaders and flags are not for us; a worker must not keep the process alive.
      const worker = new threads.Worker(WORKER, { eval: true, workerData: start, execArgv: [], name: "chainrule" });
      worker.on("error", () => {});
      worker.unref();
    } else {
      const url = URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
      new Worker(url, { name: "chainrule" }).postMessage(start);
    }
  } catch {
    // A permission model or a content security policy forbids it.
  }
}
