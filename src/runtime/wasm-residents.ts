import { MemoryError } from "../core/errors.ts";
import type { Resident, Storage } from "../core/storage.ts";
import type { LinearMemory } from "./wasm-memory.ts";

/** A storage's bytes in linear memory. */
export class Region implements Resident {
  readonly address: number;
  readonly byteLength: number;
  dirty = false;
  /** the run that used it last */
  used = 0;
  /** the run that wrote it last */
  written = 0;
  /** whose bytes these are; undefined until the run that fills it has succeeded */
  storage: Storage | undefined;
  readonly #memory: LinearMemory;

  constructor(memory: LinearMemory, address: number, byteLength: number) {
    this.#memory = memory;
    this.address = address;
    this.byteLength = byteLength;
  }

  read(into: ArrayBuffer): void {
    new Uint8Array(into).set(this.#memory.bytes.subarray(this.address, this.address + this.byteLength));
  }

  fill(from: ArrayBuffer): void {
    this.#memory.bytes.set(new Uint8Array(from), this.address);
  }
}

/**
 * The storages whose bytes the device holds: a cache with a budget, least recently used out first.
 *
 * What is evicted goes back to the host if the device's bytes are newer, so that forgetting is always allowed.
 */
export class Residents {
  /** counts runs; what the present run uses is not evicted */
  run = 1;
  /** bytes held */
  total = 0;
  readonly #memory: LinearMemory;
  readonly #budget: number;
  readonly #regions = new Set<Region>();

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
    const address = this.allocate(byteLength, "state");
    const region = new Region(this.#memory, address, byteLength);
    region.used = this.run;
    this.#regions.add(region);
    this.total += byteLength;
    return region;
  }

  /** Makes the storage the region's owner; a former owner keeps only its host bytes. */
  give(region: Region, storage: Storage): void {
    disown(region);
    region.storage = storage;
    storage.resident = region;
  }

  free(region: Region): void {
    disown(region);
    this.#regions.delete(region);
    this.total -= region.byteLength;
    this.#memory.free(region.address);
  }

  /** Evicts until the budget holds. */
  trim(): void {
    while (this.total > this.#budget && this.#evict()) {}
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
    if (!oldest) return false;
    if (oldest.dirty) oldest.storage?.bytes();
    this.free(oldest);
    return true;
  }

  #exhausted(bytes: number, purpose: string): MemoryError {
    const mib = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
    return new MemoryError(
      `The wasm device needs ${mib(bytes)} for ${purpose}, but of its limit of ${mib(this.#memory.limit)} it uses ${mib(this.#memory.used)}. Use a smaller batch or model, or raise CHAINRULE_MEMORY_LIMIT (bytes; WebAssembly allows 4 GiB).`,
    );
  }
}

/** A storage that another engine has taken in meanwhile is not ours to touch. */
function disown(region: Region): void {
  if (region.storage?.resident === region) region.storage.resident = undefined;
}
