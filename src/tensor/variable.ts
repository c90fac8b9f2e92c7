import { ShapeError, TraceError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { aliasOf, placeholder } from "../core/primitives.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { collectGradient } from "./autograd.ts";
import { requireDifferentiable } from "./creation.ts";
import { Slot } from "./slot.ts";
import { Tensor } from "./tensor.ts";

/**
 * A tensor that can be assigned: a buffer, a moment, a counter. Its numbers live in a slot, which `compile` finds.
 *
 * Reading it gives the numbers of now; what was computed from it keeps those of then.
 *
 * ```ts
 * const count = new Variable(tensor(0));
 * const before = count.add(1);
 * count.assign(count.add(10));
 * before; // tensor(1.)
 * count.add(1); // tensor(11.)
 * ```
 */
export class Variable extends Tensor {
  readonly slot: Slot;
  #wantsGrad = false;
  // The leaf of the graph for the current version: a variable read twice is one leaf.
  #version: Value | undefined;
  #leaf: Value | undefined;

  constructor(initial: Tensor) {
    // The numbers are the slot's alone: held here as well, the first version would never be freed.
    super(placeholder(initial));
    this.slot = new Slot(initial);
  }

  override get value(): Value {
    const current = this.slot.get()?.value;
    if (!current)
      throw new TraceError("This variable was made inside a compiled function whose trace failed: make it outside.");
    if (!this.#wantsGrad) return current;
    if (this.#version !== current) {
      this.#version = current;
      this.#leaf = aliasOf(current, true);
      this.#leaf.storage = current.storage;
      collectGradient(this.#leaf, this);
    }
    return this.#leaf!;
  }

  override get requiresGrad(): boolean {
    return this.#wantsGrad;
  }

  override set requiresGrad(wanted: boolean) {
    if (wanted) requireDifferentiable(this);
    this.#wantsGrad = wanted;
    this.#version = undefined;
  }

  /**
   * Puts other numbers in, cast to this variable's dtype; no derivative flows through an assignment.
   *
   * Throws a ShapeError if the shape differs.
   */
  assign(next: Tensor): this {
    if (!sameShape(next.shape, this.shape)) {
      throw new ShapeError(`assign: the variable is ${showShape(this.shape)}, but got ${showShape(next.shape)}.`);
    }
    this.slot.set(next.to(this.dtype));
    return this;
  }
}

/**
 * A variable that is learned: it requires a gradient, and modules find it among their fields.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * w.mul(w).sum().backward();
 * w.grad; // tensor([2., 4.])
 * ```
 */
export class Parameter extends Variable {
  constructor(initial: Tensor, options: { requiresGrad?: boolean } = {}) {
    super(initial);
    this.requiresGrad = options.requiresGrad ?? true;
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}
