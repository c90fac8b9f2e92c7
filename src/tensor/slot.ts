import type { Aval, Value } from "../core/graph.ts";
import { aliasOf } from "../core/primitives.ts";
import type { Storage } from "../core/storage.ts";
import { flush, isPending, knownValue, type Pending, postpone, withdraw } from "./evaluate.ts";
import { drain } from "./queue.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { activeTrace } from "./trace.ts";

/**
 * A mutable cell that holds a tensor or nothing: all state lives in slots (parameters, buffers, moments, gradients,
 * the random counter), which is how `compile` finds what a function reads and assigns.
 *
 * Tensors never change: assigning puts another one in the slot, and who has read the last one keeps it.
 */
export class Slot implements Pending {
  #current: Tensor | undefined;
  // What to go back to when the current tensor cannot be computed.
  #evaluated: Tensor | undefined;

  constructor(initial?: Tensor) {
    if (initial) this.set(initial);
  }

  /** The tensor, or undefined if the slot is empty. */
  get(): Tensor | undefined {
    const trace = activeTrace();
    if (trace) return trace.read(this);
    drain();
    const storage = this.#current?.value.storage;
    if (storage) storage.captured = true;
    return this.#current;
  }

  /** Whether there is a tensor; while tracing, the answer guards the compiled program. */
  exists(): boolean {
    const trace = activeTrace();
    if (trace) return trace.exists(this);
    drain();
    return this.#current !== undefined;
  }

  /** Puts a tensor in the slot, cut from what it was computed from unless `keepGraph`. `undefined` empties the slot. */
  set(tensor: Tensor | undefined, options: { keepGraph?: boolean } = {}): void {
    const next = tensor && wrap(options.keepGraph ? tensor.value : detached(tensor.value));
    const trace = activeTrace();
    if (trace) {
      trace.write(this, next);
      return;
    }
    drain();
    const storage = next?.value.storage;
    if (next === undefined || storage) {
      withdraw(this);
      if (storage) storage.captured = true;
      this.#current = this.#evaluated = next;
      return;
    }
    if (isPending(this)) flush(); // assigned again before anything was read: a chain of steps must not grow
    this.#current = next;
    postpone(this);
  }

  pendingValue(): Value {
    return this.#current!.value;
  }

  settle(): void {
    this.#evaluated = this.#current;
    // Values that were built on it while it was pending may read it later.
    this.#evaluated!.value.storage!.captured = true;
  }

  revert(): void {
    this.#current = this.#evaluated;
  }

  /** Shape and dtype, without reading. */
  aval(): Aval | undefined {
    return this.#current?.value;
  }

  /** The bytes that a compiled program reads. Everything pending has been computed before. */
  storage(): Storage | undefined {
    return this.#current?.value.storage;
  }

  /** What a compiled program left in the slot. */
  accept(like: Aval, storage: Storage | undefined): void {
    if (storage === this.#current?.value.storage) return;
    this.#current = this.#evaluated = storage && wrap(knownValue(like, storage));
  }
}

/** The value without its history. */
function detached(value: Value): Value {
  return value.storage ? knownValue(value, value.storage) : aliasOf(value, false);
}
