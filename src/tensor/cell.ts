import type { DType } from "../core/dtype.ts";
import { TraceError } from "../core/errors.ts";
import { tensor } from "./creation.ts";
import { Slot } from "./slot.ts";
import type { Tensor } from "./tensor.ts";
import { activeTrace, observe } from "./trace.ts";

/**
 * A number that changes between steps (a learning rate): an input of compiled programs, never a constant of them.
 *
 * ```ts
 * const lr = new Cell(0.5);
 * const scale = compile((x: Tensor) => x.mul(lr.as(x.dtype)));
 * scale(tensor([2])); // tensor([1.])
 * lr.value = 2;
 * scale(tensor([2])); // tensor([4.])
 * ```
 */
export class Cell {
  readonly #slot: Slot;
  #number: number;

  constructor(value: number) {
    this.#number = value;
    this.#slot = new Slot(tensor(value, { dtype: "f64" }));
  }

  /** The number. Reading it inside `compile` makes it a constant there, and another number traces anew. */
  get value(): number {
    return observe(() => this.#number);
  }

  set value(next: number) {
    if (activeTrace())
      throw new TraceError(
        "A cell, such as a learning rate, was set inside a compiled function, which would happen once: set it, or step the schedule, between steps.",
      );
    this.#number = next;
    this.#slot.set(tensor(next, { dtype: "f64" }));
  }

  /** The number as a tensor without dimensions. */
  as(dtype: DType): Tensor {
    return this.#slot.get()!.to(dtype);
  }
}
