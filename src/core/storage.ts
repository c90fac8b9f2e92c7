/** A device's copy of a storage's bytes, which may be newer than the host's. */
export interface Resident {
  /** whether the host's bytes are stale */
  dirty: boolean;
  /** copies the device's bytes to the host */
  read(into: Uint8Array<ArrayBuffer>): void;
}

/**
 * The bytes of a computed value.
 *
 * They live in a plain `ArrayBuffer` (or a part of one), which JavaScript's collector sees and frees; a device may hold
 * a copy and, for state that a compiled step updates, the newest one.
 */
export class Storage {
  readonly byteLength: number;
  /** Somebody may still read this version: the next write must go elsewhere. */
  captured = false;
  resident: Resident | undefined;
  #host: Uint8Array<ArrayBuffer> | undefined;

  /** The storage of a typed array that nobody else holds or changes. */
  static of(array: ArrayBufferView): Storage {
    const bytes = new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
    return new Storage(array.byteLength, bytes);
  }

  constructor(byteLength: number, host?: Uint8Array<ArrayBuffer>) {
    this.byteLength = byteLength;
    this.#host = host;
  }

  /** The bytes, brought back from the device if it has newer ones. Not to be written. */
  bytes(): Uint8Array<ArrayBuffer> {
    this.#host ??= new Uint8Array(this.byteLength);
    if (this.resident?.dirty) {
      this.resident.read(this.#host);
      this.resident.dirty = false;
    }
    return this.#host;
  }
}
