/** What tells a layer that sees a set of tokens where they stand: vectors that are added to them. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type DType, Parameter, randn, type Tensor, tensor } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { embedding } from "../embedding.ts";
import { Module } from "../module.ts";

export interface SinusoidalOptions {
  /** what the wavelengths grow to, 2π·base; 10000 by default */
  base?: number;
  /** f32 by default */
  dtype?: DType;
}

/**
 * A table of sines and cosines: PE[t, 2i] = sin(t / base^(2i/d)), PE[t, 2i + 1] = cos(t / base^(2i/d)).
 *
 * Shapes: (length, d). Throws an ArgumentError unless length and d are whole numbers above 0.
 * Vaswani et al., Attention is all you need, 2017, section 3.5.
 *
 * ```ts
 * sinusoidalPositions(2, 4); // tensor([[0.0000, 1.0000, 0.0000, 1.0000], [0.8415, 0.5403, 0.0100, 0.9999]])
 * ```
 */
export function sinusoidalPositions(length: number, dim: number, options: SinusoidalOptions = {}): Tensor {
  checkCounts("sinusoidalPositions", { length, dim });
  const { base = 10000, dtype } = options;
  const values = Float64Array.from({ length: length * dim }, (_, at) => {
    const [position, column] = [Math.floor(at / dim), at % dim];
    const angle = position / base ** ((column - (column % 2)) / dim);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return tensor(values, { shape: [length, dim], dtype: dtype ?? "f32" });
}

export interface PositionsOptions {
  /** where the tokens stand, integers (…, L); 0, 1, …, L − 1 by default */
  positions?: Tensor;
}

/** The rows of a table (maxLength, …) for L tokens: the first ones, or those at `positions`, (…, L, …). */
export function rowsAt(op: string, table: Tensor, length: number, { positions }: PositionsOptions): Tensor {
  if (positions) return embedding(positions, table);
  if (length > table.shape[0]) {
    throw new ArgumentError(`${op}: ${length} tokens are more than its maxLength of ${table.shape[0]}: raise it.`);
  }
  return table.narrow(0, 0, length);
}

/** Adds the vector of its position to each token. */
abstract class Positions extends Module {
  readonly maxLength: number;
  readonly dim: number;

  constructor(maxLength: number, dim: number) {
    super();
    checkCounts(this.constructor.name, { maxLength, dim });
    this.maxLength = maxLength;
    this.dim = dim;
  }

  /** (maxLength, d) */
  protected abstract table(): Tensor;

  override forward(x: Tensor, options: PositionsOptions = {}): Tensor {
    const { name } = this.constructor;
    const [length, dim] = x.shape.slice(-2);
    if (x.ndim < 2 || dim !== this.dim) {
      throw new ShapeError(`${name} needs tokens (…, L, ${this.dim}), but got ${showShape(x.shape)}.`);
    }
    return x.add(rowsAt(name, this.table(), length, options));
  }

  override extraRepr(): string {
    return `${this.maxLength}, ${this.dim}`;
  }
}

/**
 * Adds sines and cosines of the position to each token: see `sinusoidalPositions`; nothing is learned.
 *
 * Shapes: (…, L, d), kept; `positions` (…, L) of integers, where tokens do not stand at 0 to L − 1. Throws a ShapeError for
 * others, an ArgumentError for more than maxLength tokens, and an IndexError, when it is computed, for a position outside.
 * Vaswani et al., Attention is all you need, 2017, section 3.5.
 *
 * ```ts
 * const layer = new SinusoidalPositions(100, 2);
 * layer.forward(zeros([1, 2, 2])); // tensor([[[0.0000, 1.0000], [0.8415, 0.5403]]])
 * layer.forward(zeros([1, 1, 2]), { positions: tensor([1], { dtype: "i32" }) }); // tensor([[[0.8415, 0.5403]]])
 * ```
 */
export class SinusoidalPositions extends Positions {
  readonly #table: Tensor;

  constructor(maxLength: number, dim: number, options: SinusoidalOptions = {}) {
    super(maxLength, dim);
    this.#table = sinusoidalPositions(maxLength, dim, options);
  }

  protected override table(): Tensor {
    return this.#table;
  }
}

export interface LearnedPositionsOptions {
  /** the standard deviation at the beginning; 0.02 by default, as in BERT and GPT-2 */
  std?: number;
  /** of the parameter; f32 by default */
  dtype?: DType;
}

/**
 * Adds a learned vector of the position to each token; the vectors begin as N(0, std²).
 *
 * Shapes: (…, L, d), kept; weight (maxLength, d); `positions` (…, L) of integers, where tokens do not stand at 0 to L − 1.
 * Throws a ShapeError for others, an ArgumentError for more than maxLength tokens, and an IndexError, when it is computed,
 * for a position outside. Gehring et al., Convolutional sequence to sequence learning, 2017.
 *
 * ```ts
 * const layer = new LearnedPositions(100, 8);
 * layer.forward(zeros([2, 5, 8])).shape; // [ 2, 5, 8 ]
 * Object.keys(layer.stateDict()); // [ 'weight' ]
 * ```
 */
export class LearnedPositions extends Positions {
  readonly weight: Parameter;

  constructor(maxLength: number, dim: number, options: LearnedPositionsOptions = {}) {
    super(maxLength, dim);
    const { std = 0.02, dtype } = options;
    this.weight = new Parameter(randn([maxLength, dim], { dtype }).mul(std));
  }

  protected override table(): Tensor {
    return this.weight;
  }
}
