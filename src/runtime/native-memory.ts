import { type Resident, Storage } from "../core/storage.ts";
import type { NativeLoader } from "./native-loader.ts";

/** Where a storage's bytes are: they live in an ArrayBuffer and never move, so that they are asked for once. */
export class Address implements Resident {
  readonly dirty = false;
  readonly low: number;
  readonly high: number;

  constructor(address: number) {
    this.low = address >>> 0;
    this.high = Math.floor(address / 2 ** 32);
  }

  read(): void {}
}

// A cache line, the widest vector that there is.
const ALIGNMENT = 64;
// Small storages are cut from a piece that they share: JavaScript's collector works for each ArrayBuffer.
const SMALL = 256;
const PIECE = 4096;

/** Makes storages whose bytes programs can write to: in ArrayBuffers, which JavaScript's collector frees. */
export class NativeMemory {
  readonly #loader: NativeLoader;
  #piece = { buffer: new ArrayBuffer(0), address: 0, used: 0 };

  constructor(loader: NativeLoader) {
    this.#loader = loader;
  }

  /** So many zeroed bytes; they begin on a cache line unless they are few. */
  allocate(bytes: number): Storage {
    if (bytes <= SMALL) return this.#cut(bytes);
    const buffer = new ArrayBuffer(bytes + ALIGNMENT);
    const address = this.#loader.address(buffer);
    const offset = (ALIGNMENT - (address % ALIGNMENT)) % ALIGNMENT;
    return located(new Uint8Array(buffer, offset, bytes), address + offset);
  }

  /** The address of a storage's bytes; what another device knows of it does not count here. */
  addressOf(storage: Storage): Address {
    const { resident } = storage;
    if (resident instanceof Address) return resident;
    const address = new Address(this.#loader.address(storage.bytes()));
    storage.resident = address;
    return address;
  }

  #cut(bytes: number): Storage {
    if (this.#piece.used + bytes > this.#piece.buffer.byteLength) {
      const buffer = new ArrayBuffer(PIECE);
      this.#piece = { buffer, address: this.#loader.address(buffer), used: 0 };
    }
    const { buffer, address, used } = this.#piece;
    this.#piece.used += Math.ceil(bytes / 8) * 8;
    return located(new Uint8Array(buffer, used, bytes), address + used);
  }
}

function located(bytes: Uint8Array<ArrayBuffer>, address: number): Storage {
  const storage = new Storage(bytes.byteLength, bytes);
  storage.resident = new Address(address);
  return storage;
}
