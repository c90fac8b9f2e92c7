import { ArgumentError } from "../../core/errors.ts";
import { randnLike, type Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";

export interface GaussianNoiseOptions {
  /** the noise's standard deviation; 0.1 by default */
  std?: number;
  /** whether there is noise at all; true by default */
  training?: boolean;
}

/**
 * x + n with n from N(0, std²).
 *
 * Shapes: any, kept. Throws an ArgumentError for a negative `std`. Bishop, Training with noise is equivalent to Tikhonov
 * regularization, 1995.
 *
 * ```ts
 * gaussianNoise(tensor([1, 2]), { training: false }); // tensor([1., 2.])
 * ```
 */
export function gaussianNoise(x: Tensor, options: GaussianNoiseOptions = {}): Tensor {
  const { std = 0.1, training = true } = options;
  expectStd("gaussianNoise", std);
  return training && std > 0 ? x.add(randnLike(x).mul(std)) : x;
}

function expectStd(op: string, std: number): void {
  if (!(std >= 0)) throw new ArgumentError(`${op}: a standard deviation is at least 0, but is ${std}.`);
}

export interface GaussianDropoutOptions {
  /** the dropout that has the same variance; 0.5 by default */
  p?: number;
  /** whether there is noise at all; true by default */
  training?: boolean;
}

/**
 * x · n with n from N(1, p / (1 − p)): mean and variance are those of `dropout`, but nothing is lost altogether.
 *
 * Shapes: any, kept. Throws an ArgumentError unless 0 ≤ p < 1. Srivastava et al., Dropout, 2014.
 *
 * ```ts
 * gaussianDropout(tensor([1, 2]), { p: 0 }); // tensor([1., 2.])
 * gaussianDropout(tensor([1, 2]), { p: 1 }); // throws ArgumentError
 * ```
 */
export function gaussianDropout(x: Tensor, options: GaussianDropoutOptions = {}): Tensor {
  const { p = 0.5, training = true } = options;
  expectBelowOne("gaussianDropout", p);
  return training && p > 0
    ? x.mul(
        randnLike(x)
          .mul(Math.sqrt(p / (1 - p)))
          .add(1),
      )
    : x;
}

function expectBelowOne(op: string, p: number): void {
  if (!(p >= 0 && p < 1)) throw new ArgumentError(`${op}: p lies in [0, 1), but is ${p}.`);
}

/** `gaussianNoise` with options of its own, while training. */
export class GaussianNoise extends Module {
  readonly std: number;

  constructor(std = 0.1) {
    super();
    expectStd("GaussianNoise", std);
    this.std = std;
  }

  override forward(x: Tensor): Tensor {
    return gaussianNoise(x, this);
  }

  override extraRepr(): string {
    return `std=${this.std}`;
  }
}

/** `gaussianDropout` with options of its own, while training. */
export class GaussianDropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    expectBelowOne("GaussianDropout", p);
    this.p = p;
  }

  override forward(x: Tensor): Tensor {
    return gaussianDropout(x, this);
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
