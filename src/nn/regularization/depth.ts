import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Dropping, drop } from "./dropout.ts";

/** Whether each example of the batch has a fate of its own, or all have one. */
export type StochasticDepthMode = "row" | "batch";

export interface StochasticDepthOptions {
  /** whether anything is dropped at all; true by default */
  training?: boolean;
}

/**
 * The branch of a residual block, with probability p as zeros, so that the block is skipped; else divided by 1 − p. In
 * mode `"row"`, which is also called DropPath, for each example of the batch; in mode `"batch"`, for all of them at once.
 *
 * Shapes: (N, …), kept. Throws a ShapeError for a single number, an ArgumentError unless 0 ≤ p ≤ 1.
 * Huang et al., Deep networks with stochastic depth, 2016.
 *
 * ```ts
 * const y = stochasticDepth(ones([100, 2]), 0.5, "row");
 * [...new Set(y.sum(1).dataSync())].sort(); // [ 0, 4 ]
 * ```
 */
export function stochasticDepth(
  x: Tensor,
  p: number,
  mode: StochasticDepthMode,
  options: StochasticDepthOptions = {},
): Tensor {
  if (x.ndim === 0) throw new ShapeError(`stochasticDepth needs a batch (N, …), but got ${showShape(x.shape)}.`);
  const fates = ({ shape }: Tensor) => shape.map((size, i) => (i === 0 && mode === "row" ? size : 1));
  return drop("stochasticDepth", x, fates, { ...options, p });
}

/**
 * `stochasticDepth` with options of its own, while training: at the end of a residual block's branch.
 *
 * ```ts
 * new StochasticDepth(0.2, "row"); // StochasticDepth(p=0.2, mode="row")
 * ```
 */
export class StochasticDepth extends Dropping {
  readonly mode: StochasticDepthMode;

  constructor(p: number, mode: StochasticDepthMode) {
    super(p);
    this.mode = mode;
  }

  override forward(x: Tensor): Tensor {
    const { p, mode, training } = this;
    return this.within(() => stochasticDepth(x, p, mode, { training }));
  }

  override extraRepr(): string {
    return `${super.extraRepr()}, mode="${this.mode}"`;
  }
}
