/** What a function does to state while `compile` traces it: reads become inputs, assignments become outputs. */

import type { Aval, Value } from "../core/graph.ts";
import { placeholder } from "../core/primitives.ts";
import { sameShape } from "../core/shape.ts";
import type { Slot } from "./slot.ts";
import { type Tensor, wrap } from "./tensor.ts";

/** A slot that a trace has touched. */
export interface TracedSlot {
  /** shape and dtype when the trace began; undefined: it was empty */
  readonly initial: Aval | undefined;
  /** stands for the tensor that the slot holds when the program begins */
  readonly input: Value | undefined;
  /** what the slot holds now */
  current: Tensor | undefined;
  written: boolean;
}

/** Something outside the graph that the trace has depended on: the program is valid as long as it reads the same. */
export interface Guard {
  readonly read: () => unknown;
  readonly seen: unknown;
}

export class Trace {
  readonly slots: Map<Slot, TracedSlot> = new Map();
  readonly guards: Guard[] = [];

  read(slot: Slot): Tensor | undefined {
    return this.#touch(slot).current;
  }

  exists(slot: Slot): boolean {
    return this.#touch(slot).current !== undefined;
  }

  write(slot: Slot, tensor: Tensor | undefined): void {
    const traced = this.#touch(slot);
    traced.current = tensor;
    traced.written = true;
  }

  observe<T>(read: () => T): T {
    const seen = read();
    this.guards.push({ read, seen });
    return seen;
  }

  #touch(slot: Slot): TracedSlot {
    let traced = this.slots.get(slot);
    if (!traced) {
      const now = slot.aval();
      const initial = now && { shape: now.shape, dtype: now.dtype }; // not the value itself, which would live as long
      const input = initial && placeholder(initial);
      traced = { initial, input, current: input && wrap(input), written: false };
      this.slots.set(slot, traced);
    }
    return traced;
  }
}

/** Whether a slot still is as a trace found it: empty, or with this shape and dtype. */
export function isUnchanged(slot: Slot, initial: Aval | undefined): boolean {
  const now = slot.aval();
  if (!now || !initial) return now === initial;
  return now.dtype === initial.dtype && sameShape(now.shape, initial.shape);
}

let active: Trace | undefined;

export const activeTrace = (): Trace | undefined => active;

/** Runs `f` while `trace` records what it does to state. */
export function withTrace<T>(trace: Trace | undefined, f: () => T): T {
  const before = active;
  active = trace;
  try {
    return f();
  } finally {
    active = before;
  }
}

/**
 * Reads something outside the graph (a train flag, a setting) on which the result depends. Inside `compile` the
 * answer guards the compiled program: when it changes, the function is traced again.
 *
 * ```ts
 * const module = { training: true };
 * observe(() => module.training); // true
 * ```
 */
export function observe<T>(read: () => T): T {
  return active ? active.observe(read) : read();
}
