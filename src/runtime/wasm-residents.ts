import { MemoryError } from "../core/errors.ts";
import type { Resident, Storage } from "../core/storage.ts";
import type { LinearMemory } from "./wasm-memory.ts";

/** A storage's bytes in linear memory. Regions do not know their storages, so a storage that nobody holds can go. */
export class Region implements Resident {
  readonly address: number;
  readonly byteLength: number;
  dirty = false;
  /** whether some storage has it; a run that fails frees those that none has */
  owned = false;
  /** the run that used it last, and how many bytes of regions had been made by then */
  used = 0;
  usedAt = 0;
  /** the run that wrote it last */
  written = 0;
  readonly #memory: LinearMemory;
  /** what it held when it had to leave linear memory */
  #saved: Uint8Array<ArrayBuffer> | undefined;

  constructor(memory: LinearMemory, address: number, byteLength: number) {
    this.#memory = memory;
    this.address = address;
    this.byteLength = byteLength;
  }

  read(into: Uint8Array<ArrayBuffer>): void {
    into.set(this.#saved ?? this.#bytes());
    this.#saved = undefined; // the host has it now
  }

  fill(from: Uint8Array<ArrayBuffer>): void {
    this.#bytes().set(from);
  }

  /** Before its place in linear memory is used for something else. */
  leave(): void {
    if (this.dirty) this.#saved = this.#bytes().slice();
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.bytes.subarray(this.address, this.address + this.byteLength);
  }
}

// What was not used while so many bytes of regions were made is taken for forgotten: the collector may not tell for long.
const FORGOTTEN = 2 ** 26;
// Bytes made between two looks for such regions.
const PERIOD = 2 ** 24;

/**
 * The storages whose bytes the device holds: a cache with a budget, least recently used out first.
 *
 * What leaves keeps its bytes outside of linear memory if they are newer than the host's, so that leaving is always
 * allowed. When JavaScript's collector reports that a storage is gone, its region is free at once; when it never does,
 * age and budget bound what is held.
 */
export class Residents {
  /** counts runs; what the present run uses does not leave */
  run = 1;
  /** bytes held */
  total = 0;
  /** bytes of regions that were ever made: the clock by which they age */
  #made = 0;
  #nextLook = 0;
  readonly #memory: LinearMemory;
  readonly #budget: number;
  readonly #regions = new Set<Region>();
  readonly #gone = new FinalizationRegistry<Region>((region) => this.#regions.has(region) && this.free(region));

  constructor(memory: LinearMemory, budget: number) {
    this.#memory = memory;
    this.#budget = budget;
  }

  /** The region of a storage that is here. */
  find(storage: Storage): Region | undefined {
    const { resident } = storage;
    return resident instanceof Region && this.#regions.has(resident) ? resident : undefined;
  }

  /** Copies a storage in. */
  admit(storage: Storage): Region {
    const region = this.create(storage.byteLength);
    region.fill(storage.bytes()); // from another device, if that one has newer bytes
    this.give(region, storage);
    return region;
  }

  /** A region that belongs to nobody yet: `give` it to a storage, or `free` it. */
  create(byteLength: number): Region {
    const address = this.allocate(byteLength, "tensors");
    const region = new Region(this.#memory, address, byteLength);
    this.#regions.add(region);
    this.total += byteLength;
    this.#made += byteLength;
    this.use(region);
    return region;
  }

  /** Says that the present run needs the region. */
  use(region: Region): void {
    region.used = this.run;
    region.usedAt = this.#made;
  }

  /** Makes the region a storage's; the storage that had it must have its bytes on the host. */
  give(region: Region, storage: Storage): void {
    if (region.owned) this.#gone.unregister(region);
    this.#gone.register(storage, region, region);
    region.owned = true;
    storage.resident = region;
  }

  free(region: Region): void {
    if (region.owned) this.#gone.unregister(region);
    this.#regions.delete(region);
    this.total -= region.byteLength;
    this.#memory.free(region.address);
  }

  /** After a run: lets regions leave until the budget holds, and now and then the forgotten ones. */
  trim(): void {
    while (this.total > this.#budget && this.#evict()) {}
    if (this.#made < this.#nextLook) return;
    this.#nextLook = this.#made + PERIOD;
    for (const region of this.#regions) if (this.#made - region.usedAt > FORGOTTEN) this.#leave(region);
  }

  /** Memory for whatever purpose, at the expense of storages that the present run does not use. */
  allocate(bytes: number, purpose: string): number {
    for (;;) {
      const address = this.#memory.allocate(bytes);
      if (address !== undefined) return address;
      if (!this.#evict()) throw this.#exhausted(bytes, purpose);
    }
  }

  #evict(): boolean {
    let oldest: Region | undefined;
    for (const region of this.#regions) {
      if (region.used !== this.run && (oldest === undefined || region.used < oldest.used)) oldest = region;
    }
    if (oldest) this.#leave(oldest);
    return oldest !== undefined;
  }

  #leave(region: Region): void {
    region.leave();
    this.free(region);
  }

  #exhausted(bytes: number, purpose: string): MemoryError {
    const mib = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
    return new MemoryError(
      `The wasm device needs ${mib(bytes)} for ${purpose}, but of its limit of ${mib(this.#memory.limit)} it uses ${mib(this.#memory.used)}. Use a smaller batch or model, or raise CHAINRULE_MEMORY_LIMIT (bytes; WebAssembly allows 4 GiB).`,
    );
  }
}
