import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";

export interface LocalResponseNormOptions {
  /** 1e-4 by default */
  alpha?: number;
  /** the exponent; 0.75 by default */
  beta?: number;
  /** what is added to the squares; 1 by default */
  k?: number;
  /** whether α multiplies the mean of the window's squares (the default) or their sum, as in AlexNet's paper */
  form?: "mean" | "sum";
}

/**
 * x / (k + α·s)^β with s the mean of x² over `size` neighbouring channels, of which those beyond the ends are 0; an even
 * size looks back size / 2 and ahead one less. With `form: "sum"`, s is the sum.
 *
 * Shapes: x (N, C, *S) ─► the same. Throws a ShapeError below three dimensions, an ArgumentError for another size than a
 * whole number above 0. Krizhevsky et al., ImageNet classification with deep convolutional neural networks, 2012.
 *
 * ```ts
 * const x = tensor([[[1], [2], [3]]]);
 * localResponseNorm(x, 2, { alpha: 2, beta: 1 }).flatten(); // tensor([0.5000, 0.3333, 0.2143])
 * localResponseNorm(x, 2, { beta: 1, alpha: 1, form: "sum" }).flatten(); // tensor([0.5000, 0.3333, 0.2143])
 * ```
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1, form = "mean" } = options;
  expectSize("localResponseNorm", size);
  if (x.ndim < 3) throw new ShapeError(`localResponseNorm needs an input (N, C, *S), but got ${showShape(x.shape)}.`);
  if (x.numel() === 0) return x;
  const ends = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const rest = x.shape.slice(2).flatMap(() => [0, 0]);
  const squares = x.square().pad([...rest, ...ends]); // (N, C + size − 1, *S)
  const sums = Array.from({ length: size }, (_, i) => squares.narrow(1, i, x.shape[1])).reduce((a, b) => a.add(b));
  return x.div(
    sums
      .mul(form === "mean" ? alpha / size : alpha)
      .add(k)
      .pow(beta),
  );
}

function expectSize(op: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError(`${op}: size is a number of channels, from 1, but is ${size}.`);
  }
}

/** `localResponseNorm` with options of its own. */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: LocalResponseNormOptions;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    expectSize("LocalResponseNorm", size);
    this.size = size;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => localResponseNorm(x, this.size, this.options));
  }

  override extraRepr(): string {
    return [this.size, ...Object.entries(this.options).map(([name, value]) => `${name}=${value}`)].join(", ");
  }
}
