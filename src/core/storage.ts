/** A device's copy of a storage's bytes, which may be newer than the host's. */
export interface Resident {
  /** whether the host's bytes are stale */
  dirty: boolean;
  /** copies the device's bytes to the host */
  read(into: ArrayBuffer): void;
}

/**
 * The bytes of a computed value.
 *
 * They live in a plain `ArrayBuffer`, which JavaScript's collector sees and frees; a device may hold
 * a copy and, for state that a compiled step updates, the newest one.
 */
export class Storage {
  readonly byteLength: number;
  /** Somebody may still read this version: the next write must go elsewhere. */
  captured = false;
  resident: Resident | undefined;
  #host: ArrayBuffer | undefined;

  constructor(byteLength: number, host?: ArrayBuffer) {
    this.byteLength = byteLength;
    this.#host = host;
  }

  /** The bytes, brought back from the device if it has newer ones. Not to be written. */
  bytes(): ArrayBuffer {
    this.#host ??= new ArrayBuffer(this.byteLength);
    if (this.resident?.dirty) {
      this.resident.read(this.#host);
      this.resident.dirty = false;
    }
    return this.#host;
  }
}
