import type { Tensor } from "../tensor/index.ts";
import { Module } from "./module.ts";

/** A module of one input and one output. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/**
 * Layers one after the other; `model[i]` is layer i.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * model.forward(ones([3, 4])).shape; // [ 3, 2 ]
 * Object.keys(model.stateDict()); // [ '0.weight', '0.bias', '2.weight', '2.bias' ]
 * ```
 */
export class Sequential extends Module implements Iterable<Layer> {
  readonly [position: number]: Layer;

  constructor(...layers: Layer[]) {
    super();
    Object.assign(this, layers);
  }

  *[Symbol.iterator](): Iterator<Layer> {
    for (let i = 0; i in this; i++) yield this[i];
  }

  override forward(x: Tensor): Tensor {
    for (const layer of this) x = layer.forward(x);
    return x;
  }
}

/** What comes in. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * Dimensions `start` to `end`, inclusive, made one; by default all but the batch.
 *
 * ```ts
 * new Flatten().forward(zeros([2, 3, 4])).shape; // [ 2, 12 ]
 * ```
 */
export class Flatten extends Module {
  readonly start: number;
  readonly end: number;

  constructor(start = 1, end = -1) {
    super();
    this.start = start;
    this.end = end;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => x.flatten(this.start, this.end));
  }

  override extraRepr(): string {
    return `start=${this.start}, end=${this.end}`;
  }
}
