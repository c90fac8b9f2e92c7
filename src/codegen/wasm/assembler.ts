/**
 * A small WebAssembly assembler: modules with imports, functions, globals, tables and exports; code by method calls.
 *
 * ```ts
 * const module = new ModuleBuilder();
 * module.function(["i32", "i32"], ["i32"], (f) => {
 *   f.get(f.params[0]).get(f.params[1]).op("i32.add");
 * }, "add");
 * const { add } = new WebAssembly.Instance(new WebAssembly.Module(module.build())).exports;
 * ```
 *
 * Source: the WebAssembly core specification, chapter "Binary Format".
 */

import { InternalError } from "../../core/errors.ts";
import {
  ATOMIC,
  type AtomicOp,
  LANE,
  type LaneOp,
  MEMORY,
  MEMORY_LANE,
  type MemoryLaneOp,
  type MemoryOp,
  PLAIN,
  type PlainOp,
} from "./opcodes.ts";

export type ValType = "i32" | "i64" | "f32" | "f64" | "v128";

const VAL_TYPES: Readonly<Record<ValType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** A local variable or parameter. */
export interface Local {
  readonly type: ValType;
  readonly index: number;
}

/** Where a branch goes: the end of a block or of an if, the beginning of a loop. */
export interface Label {
  readonly depth: number;
}

// Imports come before a module's own items in every index space, so indices are known only when the module is built.
interface Item {
  index: number;
}

export interface Func extends Item {
  readonly type: number;
}

export interface Global extends Item {
  readonly type: ValType;
}

export type Table = Item;

/** Limits of a memory, in pages of 64 KiB; a shared one needs a maximum. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

/** What a piece of code leaves in place of an index that is not known yet. */
interface Fixup {
  readonly at: number;
  readonly item: Item;
}

function unsigned(out: number[], value: number): void {
  while (value >= 0x80) {
    out.push((value % 0x80) | 0x80);
    value = Math.floor(value / 0x80);
  }
  out.push(value);
}

function signed(out: number[], value: bigint): void {
  for (;;) {
    const byte = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && (byte & 0x40) === 0) || (value === -1n && (byte & 0x40) !== 0)) {
      out.push(byte);
      return;
    }
    out.push(byte | 0x80);
  }
}

function opcode(out: number[], code: number): void {
  if (code < 0x100) out.push(code);
  else {
    out.push(code >>> 16);
    unsigned(out, code & 0xffff);
  }
}

function text(out: number[], value: string): void {
  const bytes = new TextEncoder().encode(value);
  unsigned(out, bytes.length);
  out.push(...bytes);
}

const scratch = new DataView(new ArrayBuffer(16));

function scratchBytes(out: number[], length: number): void {
  for (let i = 0; i < length; i++) out.push(scratch.getUint8(i));
}

const FIXUP_BYTES = 5; // a LEB128 of 32 bits, padded to its longest form

/** The code of one function. Emitting methods return the builder, so that short sequences read as one line. */
export class FunctionBuilder {
  readonly params: readonly Local[];
  readonly #module: ModuleBuilder;
  readonly #code: number[] = [];
  readonly #fixups: Fixup[] = [];
  /** types of all locals, parameters first */
  readonly #locals: ValType[];
  /** locals that scopes have given back */
  readonly #free: Local[] = [];
  /** locals declared in each open scope */
  readonly #scopes: Local[][] = [[]];
  #depth = 0;

  constructor(module: ModuleBuilder, params: readonly ValType[]) {
    this.#module = module;
    this.#locals = [...params];
    this.params = params.map((type, index) => ({ type, index }));
  }

  /** A local for the rest of the innermost scope. It holds whatever a former scope left there. */
  local(type: ValType): Local {
    const at = this.#free.findLastIndex((local) => local.type === type);
    const local = at >= 0 ? this.#free.splice(at, 1)[0] : { type, index: this.#locals.push(type) - 1 };
    this.#scopes[this.#scopes.length - 1].push(local);
    return local;
  }

  /** Emits `body`; the locals that it declares may be reused afterwards. */
  scope<T>(body: () => T): T {
    this.#scopes.push([]);
    const result = body();
    this.#free.push(...this.#scopes.pop()!);
    return result;
  }

  get(local: Local): this {
    return this.#emit(0x20, local.index);
  }

  set(local: Local): this {
    return this.#emit(0x21, local.index);
  }

  tee(local: Local): this {
    return this.#emit(0x22, local.index);
  }

  globalGet(global: Global): this {
    return this.#emit(0x23).#index(global);
  }

  globalSet(global: Global): this {
    return this.#emit(0x24).#index(global);
  }

  /** Pushes a constant; unsigned values above 2³¹ are taken by their bits. */
  i32(value: number): this {
    this.#code.push(0x41);
    signed(this.#code, BigInt(value | 0));
    return this;
  }

  i64(value: bigint): this {
    this.#code.push(0x42);
    signed(this.#code, BigInt.asIntN(64, value));
    return this;
  }

  f32(value: number): this {
    this.#code.push(0x43);
    scratch.setFloat32(0, value, true);
    scratchBytes(this.#code, 4);
    return this;
  }

  f64(value: number): this {
    this.#code.push(0x44);
    scratch.setFloat64(0, value, true);
    scratchBytes(this.#code, 8);
    return this;
  }

  /** Pushes a vector of four floats; one value fills all lanes. */
  f32x4(...lanes: [number] | [number, number, number, number]): this {
    opcode(this.#code, 0xfd_000c);
    for (let i = 0; i < 4; i++) scratch.setFloat32(4 * i, lanes[i] ?? lanes[0], true);
    scratchBytes(this.#code, 16);
    return this;
  }

  f64x2(...lanes: [number] | [number, number]): this {
    opcode(this.#code, 0xfd_000c);
    for (let i = 0; i < 2; i++) scratch.setFloat64(8 * i, lanes[i] ?? lanes[0], true);
    scratchBytes(this.#code, 16);
    return this;
  }

  /** Pushes a vector of four integers, signed or unsigned; one value fills all lanes. */
  i32x4(...lanes: [number] | [number, number, number, number]): this {
    opcode(this.#code, 0xfd_000c);
    for (let i = 0; i < 4; i++) scratch.setInt32(4 * i, lanes[i] ?? lanes[0], true);
    scratchBytes(this.#code, 16);
    return this;
  }

  i64x2(...lanes: [bigint] | [bigint, bigint]): this {
    opcode(this.#code, 0xfd_000c);
    for (let i = 0; i < 2; i++) scratch.setBigInt64(8 * i, lanes[i] ?? lanes[0], true);
    scratchBytes(this.#code, 16);
    return this;
  }

  /** Emits instructions that have no immediates. */
  op(...ops: PlainOp[]): this {
    for (const op of ops) opcode(this.#code, PLAIN[op]);
    return this;
  }

  lane(op: LaneOp, lane: number): this {
    opcode(this.#code, LANE[op]);
    this.#code.push(lane);
    return this;
  }

  /** Picks 16 bytes out of two vectors: 0 to 15 from the first, 16 to 31 from the second. */
  shuffle(...bytes: number[]): this {
    if (bytes.length !== 16) throw new InternalError(`i8x16.shuffle takes 16 bytes, but got ${bytes.length}.`);
    opcode(this.#code, 0xfd_000d);
    this.#code.push(...bytes);
    return this;
  }

  /** Picks four 32-bit lanes out of two vectors: 0 to 3 from the first, 4 to 7 from the second. */
  shuffle32(a: number, b: number, c: number, d: number): this {
    return this.shuffle(...[a, b, c, d].flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));
  }

  /** A load (address ─► value) or a store (address, value ─►) at address + offset. */
  memory(op: MemoryOp, offset = 0): this {
    const [code, bytes] = MEMORY[op];
    opcode(this.#code, code);
    return this.#memarg(bytes, offset);
  }

  /** A load (address, vector ─► vector) or a store (address, vector ─►) of one lane. */
  memoryLane(op: MemoryLaneOp, lane: number, offset = 0): this {
    const [code, bytes] = MEMORY_LANE[op];
    opcode(this.#code, code);
    this.#memarg(bytes, offset);
    this.#code.push(lane);
    return this;
  }

  atomic(op: AtomicOp, offset = 0): this {
    const [code, bytes] = ATOMIC[op];
    opcode(this.#code, code);
    return this.#memarg(bytes, offset);
  }

  /** Orders this thread's memory accesses before it and after it. */
  fence(): this {
    return this.#emit(0xfe, 0x03, 0x00);
  }

  /** (target, source, bytes ─►) */
  memoryCopy(): this {
    return this.#emit(0xfc, 0x0a, 0x00, 0x00);
  }

  /** (target, byte, bytes ─►) */
  memoryFill(): this {
    return this.#emit(0xfc, 0x0b, 0x00);
  }

  call(func: Func): this {
    return this.#emit(0x10).#index(func);
  }

  /** (arguments…, position in the table ─► results…) */
  callIndirect(table: Table, params: readonly ValType[], results: readonly ValType[]): this {
    this.#code.push(0x11);
    unsigned(this.#code, this.#module.type(params, results));
    return this.#index(table);
  }

  /** A block; a branch to its label leaves it. */
  block(body: (end: Label) => void, result?: ValType): this {
    return this.#structure(0x02, body, result);
  }

  /** A loop; a branch to its label starts the next round. Without one, it ends. */
  loop(body: (again: Label) => void): this {
    return this.#structure(0x03, body);
  }

  /** Pops a condition. Both branches leave a value if `result` is given. */
  if(then: (end: Label) => void, otherwise?: (end: Label) => void, result?: ValType): this {
    return this.#structure(
      0x04,
      (label) => {
        then(label);
        if (!otherwise) return;
        this.#code.push(0x05);
        otherwise(label);
      },
      result,
    );
  }

  br(label: Label): this {
    return this.#emit(0x0c, this.#depth - label.depth);
  }

  /** Pops a condition and branches if it is not zero. */
  brIf(label: Label): this {
    return this.#emit(0x0d, this.#depth - label.depth);
  }

  /** Pops a position and branches to that label, or to `otherwise` beyond the last. */
  brTable(labels: readonly Label[], otherwise: Label): this {
    this.#emit(0x0e, labels.length);
    for (const label of [...labels, otherwise]) unsigned(this.#code, this.#depth - label.depth);
    return this;
  }

  /** The function's entry in the code section, once every item has its index. */
  finish(): number[] {
    const code = this.#code.slice();
    for (const { at, item } of this.#fixups) {
      for (let i = 0; i < FIXUP_BYTES; i++) {
        code[at + i] = ((item.index >>> (7 * i)) & 0x7f) | (i < FIXUP_BYTES - 1 ? 0x80 : 0);
      }
    }
    const own = this.#locals.slice(this.params.length);
    const runs: [ValType, number][] = [];
    for (const type of own) {
      const last = runs[runs.length - 1];
      if (last?.[0] === type) last[1]++;
      else runs.push([type, 1]);
    }
    const out: number[] = [];
    unsigned(out, runs.length);
    for (const [type, count] of runs) {
      unsigned(out, count);
      out.push(VAL_TYPES[type]);
    }
    for (const byte of code) out.push(byte);
    out.push(0x0b);
    return out;
  }

  #structure(code: number, body: (label: Label) => void, result?: ValType): this {
    this.#code.push(code, result ? VAL_TYPES[result] : 0x40);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.push(0x0b);
    return this;
  }

  #memarg(bytes: number, offset: number): this {
    return this.#emit(Math.log2(bytes), offset);
  }

  #emit(code: number, ...immediates: number[]): this {
    this.#code.push(code);
    for (const value of immediates) unsigned(this.#code, value);
    return this;
  }

  #index(item: Item): this {
    this.#fixups.push({ at: this.#code.length, item });
    for (let i = 0; i < FIXUP_BYTES; i++) this.#code.push(0);
    return this;
  }
}

interface Import {
  readonly module: string;
  readonly name: string;
  readonly item: Item;
  readonly description: readonly number[];
}

interface Export {
  readonly name: string;
  readonly kind: Kind;
  readonly item: Item;
}

interface OwnGlobal {
  readonly item: Global;
  readonly mutable: boolean;
  readonly initial: number;
}

interface OwnTable {
  readonly item: Table;
  readonly functions: readonly Func[];
}

type Kind = "function" | "table" | "memory" | "global";

const KINDS: Readonly<Record<Kind, number>> = { function: 0, table: 1, memory: 2, global: 3 };
const FUNCREF = 0x70;

/** A module under construction. It has at most one memory. */
export class ModuleBuilder {
  readonly #types: number[][] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #imports: Record<Kind, Import[]> = { function: [], table: [], memory: [], global: [] };
  readonly #functions: { item: Func; code: FunctionBuilder }[] = [];
  readonly #globals: OwnGlobal[] = [];
  readonly #tables: OwnTable[] = [];
  readonly #exports: Export[] = [];
  #memory: MemoryLimits | undefined;

  /** The index of a function type. */
  type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params}>${results}`;
    let index = this.#typeIndex.get(key);
    if (index === undefined) {
      const out = [0x60];
      for (const list of [params, results]) {
        unsigned(out, list.length);
        for (const type of list) out.push(VAL_TYPES[type]);
      }
      index = this.#types.push(out) - 1;
      this.#typeIndex.set(key, index);
    }
    return index;
  }

  /** A function from outside; asking again for the same one gives the same. */
  importFunction(module: string, name: string, params: readonly ValType[], results: readonly ValType[]): Func {
    const known = this.#imports.function.find((other) => other.module === module && other.name === name);
    if (known) return known.item as Func;
    const item: Func = { type: this.type(params, results), index: -1 };
    const description: number[] = [];
    unsigned(description, item.type);
    this.#imports.function.push({ module, name, item, description });
    return item;
  }

  importMemory(module: string, name: string, limits: MemoryLimits): void {
    this.#imports.memory.push({ module, name, item: { index: 0 }, description: memoryType(limits) });
  }

  importGlobal(module: string, name: string, type: ValType, mutable: boolean): Global {
    const item: Global = { type, index: -1 };
    this.#imports.global.push({ module, name, item, description: [VAL_TYPES[type], mutable ? 1 : 0] });
    return item;
  }

  /** A table of at least `size` functions that somebody else fills. */
  importTable(module: string, name: string, size: number): Table {
    const item: Table = { index: -1 };
    const description = [FUNCREF, 0];
    unsigned(description, size);
    this.#imports.table.push({ module, name, item, description });
    return item;
  }

  /** The module's own memory, exported under `name`. */
  memory(limits: MemoryLimits, name: string): void {
    this.#memory = limits;
    this.#exports.push({ name, kind: "memory", item: { index: 0 } });
  }

  /** The module's own global of type i32, i64, f32 or f64. */
  global(type: Exclude<ValType, "v128">, mutable: boolean, initial: number): Global {
    const item: Global = { type, index: -1 };
    this.#globals.push({ item, mutable, initial });
    return item;
  }

  /** A table that holds these functions, for `callIndirect`. */
  table(functions: readonly Func[]): Table {
    const item: Table = { index: -1 };
    this.#tables.push({ item, functions });
    return item;
  }

  /** Defines a function, and exports it if it is given a name. */
  function(
    params: readonly ValType[],
    results: readonly ValType[],
    body: (f: FunctionBuilder) => void,
    name?: string,
  ): Func {
    const item: Func = { type: this.type(params, results), index: -1 };
    const code = new FunctionBuilder(this, params);
    body(code);
    this.#functions.push({ item, code });
    if (name !== undefined) this.export(name, "function", item);
    return item;
  }

  export(name: string, kind: Exclude<Kind, "memory">, item: Func | Global | Table): void {
    this.#exports.push({ name, kind, item });
  }

  /** The module's bytes. */
  build(): Uint8Array<ArrayBuffer> {
    const number = (imports: readonly Import[], own: readonly { item: Item }[]) => {
      for (const [index, { item }] of [...imports, ...own].entries()) item.index = index;
    };
    number(this.#imports.function, this.#functions);
    number(this.#imports.global, this.#globals);
    number(this.#imports.table, this.#tables);

    const out: number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    const section = (id: number, entries: readonly (readonly number[])[]) => {
      if (entries.length === 0) return;
      const count: number[] = [];
      unsigned(count, entries.length);
      out.push(id);
      unsigned(
        out,
        entries.reduce((sum, entry) => sum + entry.length, count.length),
      );
      out.push(...count);
      for (const entry of entries) for (const byte of entry) out.push(byte);
    };
    const entry = (write: (out: number[]) => void): number[] => {
      const bytes: number[] = [];
      write(bytes);
      return bytes;
    };

    section(1, this.#types);
    section(
      2,
      Object.entries(this.#imports).flatMap(([kind, imports]) =>
        imports.map(({ module, name, description }) =>
          entry((bytes) => {
            text(bytes, module);
            text(bytes, name);
            bytes.push(KINDS[kind as Kind], ...description);
          }),
        ),
      ),
    );
    section(
      3,
      this.#functions.map(({ item }) => entry((bytes) => unsigned(bytes, item.type))),
    );
    section(
      4,
      this.#tables.map(({ functions }) =>
        entry((bytes) => {
          bytes.push(FUNCREF, 0);
          unsigned(bytes, functions.length);
        }),
      ),
    );
    section(5, this.#memory ? [memoryType(this.#memory)] : []);
    section(
      6,
      this.#globals.map(({ item, mutable, initial }) => [
        VAL_TYPES[item.type],
        mutable ? 1 : 0,
        ...constant(item.type, initial),
        0x0b,
      ]),
    );
    section(
      7,
      this.#exports.map(({ name, kind, item }) =>
        entry((bytes) => {
          text(bytes, name);
          bytes.push(KINDS[kind]);
          unsigned(bytes, item.index);
        }),
      ),
    );
    section(
      9,
      this.#tables.map(({ item, functions }) =>
        entry((bytes) => {
          bytes.push(0x02);
          unsigned(bytes, item.index);
          bytes.push(0x41, 0x00, 0x0b, 0x00);
          unsigned(bytes, functions.length);
          for (const func of functions) unsigned(bytes, func.index);
        }),
      ),
    );
    section(
      10,
      this.#functions.map(({ code }) => {
        const body = code.finish();
        return entry((bytes) => {
          unsigned(bytes, body.length);
          for (const byte of body) bytes.push(byte);
        });
      }),
    );
    return new Uint8Array(out);
  }
}

function memoryType({ initial, maximum, shared = false }: MemoryLimits): number[] {
  const out = [(maximum === undefined ? 0 : 1) | (shared ? 2 : 0)];
  unsigned(out, initial);
  if (maximum !== undefined) unsigned(out, maximum);
  return out;
}

function constant(type: ValType, value: number): number[] {
  const out: number[] = [];
  if (type === "i32" || type === "i64") {
    out.push(type === "i32" ? 0x41 : 0x42);
    signed(out, type === "i32" ? BigInt(value | 0) : BigInt(value));
  } else {
    out.push(type === "f32" ? 0x43 : 0x44);
    if (type === "f32") scratch.setFloat32(0, value, true);
    else scratch.setFloat64(0, value, true);
    scratchBytes(out, type === "f32" ? 4 : 8);
  }
  return out;
}
