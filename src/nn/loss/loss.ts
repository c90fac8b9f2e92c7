/** What every loss shares: how a batch is weighed and reduced, and a module that keeps a loss's options. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";

/** What becomes of the losses of a batch: their mean, their sum, or a tensor of them. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** `"mean"` by default */
  reduction?: Reduction;
}

export function reduced(op: string, losses: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "mean") return losses.mean();
  if (reduction === "sum") return losses.sum();
  if (reduction === "none") return losses;
  throw new ArgumentError(`${op}: there is no reduction "${reduction}": take "mean", "sum" or "none".`);
}

/** A target of another shape would broadcast, and the loss be of something else. */
export function expectSameShape(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  throw new ShapeError(
    `${op} needs an input and a target of one shape, but got ${showShape(input.shape)} and ${showShape(target.shape)}.`,
  );
}

/** A weight for each of the losses, or one that broadcasts to them. */
export function weighted(op: string, losses: Tensor, weight: Tensor | undefined, name = "weight"): Tensor {
  if (!weight) return losses;
  const product = losses.mul(weight);
  if (sameShape(product.shape, losses.shape)) return product;
  throw new ShapeError(
    `${op}: ${name} must broadcast to the losses ${showShape(losses.shape)}, but is ${showShape(weight.shape)}.`,
  );
}

/** A loss with options of its own. */
export abstract class Loss<Options extends object> extends Module {
  readonly options: Options;

  constructor(options: Options = {} as Options) {
    super();
    this.options = options;
  }
}
