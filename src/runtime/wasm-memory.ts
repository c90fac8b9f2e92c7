import { DeviceError } from "../core/errors.ts";

const PAGE = 65536;
// 4 GiB less one page: lengths of views and ends of regions then fit in 32 bits.
const MOST_PAGES = 65535;

/** Regions begin at multiples of this: a cache line, and the widest vector that any engine uses. */
export const ALIGNMENT = 64;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

interface Block {
  address: number;
  size: number;
}

/**
 * One WebAssembly.Memory and the heap inside it.
 *
 * `bytes` and `words` are the only views: growth makes older ones stale, so nobody keeps them across an `allocate`.
 */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** the most bytes that it may grow to */
  readonly limit: number;
  bytes!: Uint8Array<ArrayBuffer>;
  words!: Int32Array<ArrayBuffer>;
  /** free blocks by ascending address; no two of them touch */
  readonly #free: Block[] = [];
  readonly #sizes = new Map<number, number>();

  constructor(shared: boolean, limit: number) {
    this.shared = shared;
    this.limit = Math.min(Math.floor(limit / PAGE), MOST_PAGES) * PAGE;
    this.memory = reserve(shared);
    this.#look();
    // Address 0 stays unused: a pointer that was never set is then easy to tell.
    this.#free.push({ address: ALIGNMENT, size: this.#end - ALIGNMENT });
  }

  /** The address of so many bytes (their content is undefined), or undefined if they do not fit below the limit. */
  allocate(bytes: number): number | undefined {
    const size = Math.max(align(bytes), ALIGNMENT);
    const block = this.#smallest(size) ?? this.#grow(size);
    if (!block) return undefined;
    const { address } = block;
    block.address += size;
    block.size -= size;
    if (block.size === 0) this.#free.splice(this.#free.indexOf(block), 1);
    this.#sizes.set(address, size);
    return address;
  }

  free(address: number): void {
    const size = this.#sizes.get(address)!;
    this.#sizes.delete(address);
    const found = this.#free.findIndex((block) => block.address > address);
    const at = found < 0 ? this.#free.length : found;
    const before = this.#free[at - 1];
    const after = this.#free[at];
    const joinsBefore = before !== undefined && before.address + before.size === address;
    const joinsAfter = after !== undefined && address + size === after.address;
    if (joinsBefore) {
      before.size += size + (joinsAfter ? after.size : 0);
      if (joinsAfter) this.#free.splice(at, 1);
    } else if (joinsAfter) {
      after.address = address;
      after.size += size;
    } else {
      this.#free.splice(at, 0, { address, size });
    }
  }

  /** bytes that are allocated now */
  get used(): number {
    let sum = 0;
    for (const size of this.#sizes.values()) sum += size;
    return sum;
  }

  #smallest(size: number): Block | undefined {
    let best: Block | undefined;
    for (const block of this.#free) {
      if (block.size >= size && (best === undefined || block.size < best.size)) best = block;
    }
    return best;
  }

  /** Grows so that a free block of that size stands at the end. */
  #grow(size: number): Block | undefined {
    const end = this.#end;
    let last: Block | undefined = this.#free[this.#free.length - 1];
    if (last && last.address + last.size !== end) last = undefined;
    const missing = size - (last?.size ?? 0);
    const room = this.limit - this.bytes.length;
    if (missing > room) return undefined;
    // A quarter more than there is, so that many small regions do not grow it as many times.
    const pages = Math.ceil(Math.min(Math.max(missing, end / 4), room) / PAGE);
    try {
      this.memory.grow(pages);
    } catch {
      return undefined; // the engine or the machine has no more
    }
    this.#look();
    const grown = this.#end - end;
    if (last) last.size += grown;
    else this.#free.push((last = { address: end, size: grown }));
    return last;
  }

  /** Where regions end: a vector that begins in the last one may be read beyond it, but not beyond the memory. */
  get #end(): number {
    return this.bytes.length - ALIGNMENT;
  }

  #look(): void {
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
  }
}

/** A shared memory reserves its maximum as addresses at once, which small devices may refuse. */
function reserve(shared: boolean): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; maximum > 4096; maximum = Math.floor(maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared });
    } catch {}
  }
  throw new DeviceError(
    "The wasm device cannot reserve memory: this machine or browser tab has too few addresses left.",
  );
}
