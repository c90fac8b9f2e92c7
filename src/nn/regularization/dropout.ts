import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { normalizeDim, showShape } from "../../core/shape.ts";
import { type Shape, type Tensor, where } from "../../tensor/index.ts";
import { stays } from "../../tensor/random.ts";
import { Module } from "../module.ts";

export interface DropoutOptions {
  /** the probability of zero; 0.5 by default */
  p?: number;
  /** whether anything is dropped at all; true by default */
  training?: boolean;
}

/** Throws an ArgumentError unless p is a probability. */
export function expectProbability(op: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`${op}: p is a probability, but got ${p}.`);
}

/** Zeros with probability p, and the rest divided by 1 − p; what is 1 in `fates`, a shape that broadcasts to x's, shares its fate. */
export function drop(op: string, x: Tensor, fates: (x: Tensor) => Shape, options: DropoutOptions): Tensor {
  const { p = 0.5, training = true } = options;
  expectProbability(op, p);
  if (!training || p === 0) return x;
  if (p === 1) return x.mul(0);
  return where(stays(fates(x), p), x.mul(1 / (1 - p)), 0);
}

/**
 * Zeros with probability p, and the rest divided by 1 − p, so that the expected value stays (Srivastava et al., 2014).
 *
 * Shapes: any, kept. Throws an ArgumentError unless 0 ≤ p ≤ 1.
 *
 * ```ts
 * dropout(ones([3]), { training: false }); // tensor([1., 1., 1.])
 * dropout(ones([3]), { p: 1 }); // tensor([0., 0., 0.])
 * ```
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("dropout", x, ({ shape }) => shape, options);
}

/** A shape in which each channel of each example has a fate of its own: (N, C, *S) ─► (N, C, 1, …), without a batch (C, 1, …). */
const channels =
  (op: string, d: number) =>
  (x: Tensor): Shape => {
    if (x.ndim !== d + 1 && x.ndim !== d + 2) {
      const sizes = "S, ".repeat(d).slice(0, -2);
      throw new ShapeError(`${op} needs an input (N, C, ${sizes}) or (C, ${sizes}), but got ${showShape(x.shape)}.`);
    }
    return x.shape.map((size, i) => (i < x.ndim - d ? size : 1));
  };

/**
 * Whole channels of zeros with probability p, and the rest divided by 1 − p: neighbours are alike, so that dropping single
 * ones would hide nothing (Tompson et al., Efficient object localization using convolutional networks, 2015).
 *
 * Shapes: (N, C, L) or (C, L), kept. Throws a ShapeError for others, an ArgumentError unless 0 ≤ p ≤ 1.
 *
 * ```ts
 * const y = dropout1d(ones([1, 100, 3]));
 * [...new Set(y.sum(2).dataSync())].sort(); // [ 0, 6 ]
 * ```
 */
export function dropout1d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("dropout1d", x, channels("dropout1d", 1), options);
}

/**
 * Whole channels of zeros: (N, C, H, W) or (C, H, W), as `dropout1d`.
 *
 * Tompson et al., Efficient object localization using convolutional networks, 2015.
 */
export function dropout2d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("dropout2d", x, channels("dropout2d", 2), options);
}

/**
 * Whole channels of zeros: (N, C, D, H, W) or (C, D, H, W), as `dropout1d`.
 *
 * Tompson et al., Efficient object localization using convolutional networks, 2015.
 */
export function dropout3d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("dropout3d", x, channels("dropout3d", 3), options);
}

export interface VariationalDropoutOptions extends DropoutOptions {
  /** the dimension of time; 1 by default */
  dim?: number;
}

/**
 * Dropout with one mask for all times of a sequence, so that a recurrent network loses the same units at each.
 *
 * Shapes: (N, T, …), kept. Throws an ArgumentError unless 0 ≤ p ≤ 1.
 * Gal and Ghahramani, A theoretically grounded application of dropout in recurrent neural networks, 2016.
 *
 * ```ts
 * const y = variationalDropout(ones([1, 5, 100]));
 * [...new Set(y.sum(1).dataSync())].sort(); // [ 0, 10 ]
 * ```
 */
export function variationalDropout(x: Tensor, options: VariationalDropoutOptions = {}): Tensor {
  const time = normalizeDim("variationalDropout", options.dim ?? 1, x.ndim);
  return drop("variationalDropout", x, ({ shape }) => shape.map((size, i) => (i === time ? 1 : size)), options);
}

/**
 * A table of vectors with whole rows of zeros: `embedding(index, embeddingDropout(weight))` forgets a word wherever it
 * stands (Gal and Ghahramani, 2016).
 *
 * Shapes: (rows, d), kept. Throws a ShapeError for others, an ArgumentError unless 0 ≤ p ≤ 1.
 *
 * ```ts
 * const table = embeddingDropout(ones([100, 2]));
 * [...new Set(table.sum(1).dataSync())].sort(); // [ 0, 4 ]
 * ```
 */
export function embeddingDropout(weight: Tensor, options: DropoutOptions = {}): Tensor {
  if (weight.ndim !== 2) {
    throw new ShapeError(`embeddingDropout needs a table (rows, d), but got ${showShape(weight.shape)}.`);
  }
  return drop("embeddingDropout", weight, ({ shape }) => [shape[0], 1], options);
}

/** What drops with a probability, while training. */
export abstract class Dropping extends Module {
  readonly p: number;

  constructor(p: number) {
    super();
    expectProbability(this.constructor.name, p);
    this.p = p;
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/**
 * While training, zeros with probability p, and the rest divided by 1 − p; nothing in evaluation.
 *
 * ```ts
 * const layer = new Dropout(0.2).eval();
 * layer.forward(tensor([1, 2])); // tensor([1., 2.])
 * ```
 */
export class Dropout extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, this);
  }
}

/** `dropout1d` with options of its own, while training: whole channels of (N, C, L). */
export class Dropout1d extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => dropout1d(x, this));
  }
}

/** `dropout2d` with options of its own, while training: whole channels of (N, C, H, W). */
export class Dropout2d extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => dropout2d(x, this));
  }
}

/** `dropout3d` with options of its own, while training: whole channels of (N, C, D, H, W). */
export class Dropout3d extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => dropout3d(x, this));
  }
}

/**
 * `variationalDropout` with options of its own, while training: one mask for all times of (N, T, …).
 *
 * ```ts
 * new VariationalDropout(0.3, { dim: 0 }); // VariationalDropout(p=0.3, dim=0)
 * ```
 */
export class VariationalDropout extends Dropping {
  readonly dim: number;

  constructor(p = 0.5, options: { /** the dimension of time; 1 by default */ dim?: number } = {}) {
    super(p);
    this.dim = options.dim ?? 1;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => variationalDropout(x, this));
  }

  override extraRepr(): string {
    return `${super.extraRepr()}, dim=${this.dim}`;
  }
}
