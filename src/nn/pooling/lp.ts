import { ArgumentError } from "../../core/errors.ts";
import { numel } from "../../core/shape.ts";
import { type Tensor, where } from "../../tensor/index.ts";
import { perDimension, type Sizes } from "../spatial.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./average.ts";
import { Pool } from "./windowing.ts";

export interface LPPoolOptions {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** whether a last window may reach over the end; it counts as if it had as many elements as the others */
  ceilMode?: boolean;
}

function lpPool(
  op: string,
  d: number,
  average: typeof avgPool2d,
  x: Tensor,
  normType: number,
  kernelSize: Sizes,
  options: LPPoolOptions,
): Tensor {
  if (!Number.isFinite(normType) || normType === 0)
    throw new ArgumentError(`${op}: the norm is of a number other than 0 and infinity, but is ${normType}.`);
  const size = numel(perDimension(op, "kernelSize", kernelSize, d, 1));
  const sums = average(x.pow(normType), kernelSize, options).mul(size);
  const none = sums.eq(0); // where the root has no derivative
  return where(none, 0, where(none, 1, sums).pow(1 / normType));
}

/**
 * The p-norm of each window over one dimension, (Σ xᵖ)^(1/p) with p = `normType`: for 1 the sum, towards ∞ the maximum. x has
 * no absolute value taken, so that an odd p wants x ≥ 0. Where the sum is 0, so is the gradient.
 *
 * Shapes: (N, C, L) or (C, L) ─► (N, C, L′) with L′ = ⌊(L − size) / stride⌋ + 1. Throws an ArgumentError for p = 0 or ∞.
 *
 * ```ts
 * lpPool1d(tensor([[[3, 4, 6, 8]]]), 2, 2); // tensor([[[ 5., 10.]]])
 * ```
 */
export function lpPool1d(x: Tensor, normType: number, kernelSize: Sizes, options: LPPoolOptions = {}): Tensor {
  return lpPool("lpPool1d", 1, avgPool1d, x, normType, kernelSize, options);
}

/** The p-norm of each window over two dimensions: (N, C, H, W) or (C, H, W) ─► (N, C, H′, W′), as `lpPool1d`. */
export function lpPool2d(x: Tensor, normType: number, kernelSize: Sizes, options: LPPoolOptions = {}): Tensor {
  return lpPool("lpPool2d", 2, avgPool2d, x, normType, kernelSize, options);
}

/** The p-norm of each window over three dimensions: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `lpPool1d`. */
export function lpPool3d(x: Tensor, normType: number, kernelSize: Sizes, options: LPPoolOptions = {}): Tensor {
  return lpPool("lpPool3d", 3, avgPool3d, x, normType, kernelSize, options);
}

abstract class LPPool extends Pool<LPPoolOptions> {
  readonly normType: number;

  constructor(normType: number, kernelSize: Sizes, options: LPPoolOptions = {}) {
    super(kernelSize, options);
    this.normType = normType;
  }

  override extraRepr(): string {
    return `normType=${this.normType}, ${super.extraRepr()}`;
  }
}

/** The p-norm of each window: (N, C, L) ─► (N, C, L′), as `lpPool1d`. */
export class LPPool1d extends LPPool {
  override forward(x: Tensor): Tensor {
    return this.within(() => lpPool1d(x, this.normType, this.kernelSize, this.options));
  }
}

/** The p-norm of each window: (N, C, H, W) ─► (N, C, H′, W′), as `lpPool2d`. */
export class LPPool2d extends LPPool {
  override forward(x: Tensor): Tensor {
    return this.within(() => lpPool2d(x, this.normType, this.kernelSize, this.options));
  }
}

/** The p-norm of each window: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `lpPool3d`. */
export class LPPool3d extends LPPool {
  override forward(x: Tensor): Tensor {
    return this.within(() => lpPool3d(x, this.normType, this.kernelSize, this.options));
  }
}
