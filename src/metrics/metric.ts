import type { TypedArray } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import type { Tensor } from "../tensor/index.ts";

/** A figure of merit of everything that it has seen, batch by batch. */
export interface Metric<Batch extends readonly unknown[], Result> {
  /** takes in a batch */
  update(...batch: Batch): void;
  /** the figure of all batches since the last reset */
  compute(): Result;
  /** forgets what it has seen */
  reset(): void;
}

/** The values of predictions and targets of one shape. */
export function read(op: string, predicted: Tensor, target: Tensor): readonly [TypedArray, TypedArray] {
  if (!sameShape(predicted.shape, target.shape)) {
    throw new ShapeError(
      `${op} needs predictions and targets of one shape, but got ${showShape(predicted.shape)} and ${showShape(target.shape)}.`,
    );
  }
  return [predicted.dataSync(), target.dataSync()];
}
