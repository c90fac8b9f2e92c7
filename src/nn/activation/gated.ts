/** Units of several linear pieces each: one gates the other, or the largest wins. */

import { ShapeError } from "../../core/errors.ts";
import { normalizeDim, showShape } from "../../core/shape.ts";
import { relu, sigmoid, type Tensor } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { Linear, type WeightOptions } from "../linear.ts";
import { Module } from "../module.ts";
import { Activation } from "./activation.ts";
import { gelu, silu } from "./self-gated.ts";

/** The first half of x along `dim`, times what `gate` makes of the second. */
function gated(name: string, x: Tensor, dim: number, gate: (half: Tensor) => Tensor): Tensor {
  const axis = normalizeDim(name, dim, x.ndim);
  const half = x.shape[axis] / 2;
  if (!Number.isInteger(half)) {
    throw new ShapeError(`${name} halves dimension ${axis} of ${showShape(x.shape)}, whose size is odd.`);
  }
  return x.narrow(axis, 0, half).mul(gate(x.narrow(axis, half, half)));
}

/**
 * a · sigmoid(b), the gated linear unit, where a and b are the halves of x along `dim`.
 *
 * Shapes: (…, 2n, …) ─► (…, n, …). Throws a ShapeError if the size is odd. Dauphin et al., Language modeling with gated
 * convolutional networks, 2017.
 *
 * ```ts
 * glu(tensor([1, 2, 0, 100])); // tensor([0.5000, 2.0000])
 * ```
 */
export function glu(x: Tensor, dim = -1): Tensor {
  return gated("glu", x, dim, sigmoid);
}

/**
 * a · relu(b), where a and b are the halves of x along `dim`.
 *
 * Shapes: (…, 2n, …) ─► (…, n, …). Throws a ShapeError if the size is odd. Shazeer, GLU variants improve transformer,
 * 2020.
 *
 * ```ts
 * reglu(tensor([1, 2, -3, 3])); // tensor([0., 6.])
 * ```
 */
export function reglu(x: Tensor, dim = -1): Tensor {
  return gated("reglu", x, dim, relu);
}

/**
 * a · gelu(b), where a and b are the halves of x along `dim`.
 *
 * Shapes: (…, 2n, …) ─► (…, n, …). Throws a ShapeError if the size is odd. Shazeer, GLU variants improve transformer,
 * 2020.
 *
 * ```ts
 * geglu(tensor([1, 2, -1, 2])); // tensor([-0.1587,  3.9090])
 * ```
 */
export function geglu(x: Tensor, dim = -1): Tensor {
  return gated("geglu", x, dim, gelu);
}

/**
 * a · silu(b), where a and b are the halves of x along `dim`.
 *
 * Shapes: (…, 2n, …) ─► (…, n, …). Throws a ShapeError if the size is odd. Shazeer, GLU variants improve transformer,
 * 2020.
 *
 * ```ts
 * swiglu(tensor([1, 2, -1, 2])); // tensor([-0.2689,  3.5232])
 * ```
 */
export function swiglu(x: Tensor, dim = -1): Tensor {
  return gated("swiglu", x, dim, silu);
}

export interface GluOptions {
  /** what is halved; −1 by default */
  dim?: number;
}

/** `glu` with options of its own. */
export class GLU extends Activation<GluOptions> {
  override forward(x: Tensor): Tensor {
    return this.within(() => glu(x, this.options.dim));
  }
}

/** `reglu` with options of its own. */
export class ReGLU extends Activation<GluOptions> {
  override forward(x: Tensor): Tensor {
    return this.within(() => reglu(x, this.options.dim));
  }
}

/** `geglu` with options of its own. */
export class GEGLU extends Activation<GluOptions> {
  override forward(x: Tensor): Tensor {
    return this.within(() => geglu(x, this.options.dim));
  }
}

/** `swiglu` with options of its own. */
export class SwiGLU extends Activation<GluOptions> {
  override forward(x: Tensor): Tensor {
    return this.within(() => swiglu(x, this.options.dim));
  }
}

/**
 * The largest of every `pieces` numbers that follow one another along `dim`; the first of equals has the gradient.
 *
 * Shapes: (…, n·pieces, …) ─► (…, n, …). Throws a ShapeError if the size cannot be divided. Goodfellow et al., Maxout
 * networks, 2013.
 *
 * ```ts
 * maxout(tensor([1, 5, 3, -2, -4, -3]), 3); // tensor([ 5., -2.])
 * ```
 */
export function maxout(x: Tensor, pieces: number, dim = -1): Tensor {
  checkCounts("maxout", { pieces });
  const axis = normalizeDim("maxout", dim, x.ndim);
  const units = x.shape[axis] / pieces;
  if (!Number.isInteger(units)) {
    throw new ShapeError(
      `maxout: dimension ${axis} of ${showShape(x.shape)} cannot be divided into units of ${pieces} pieces.`,
    );
  }
  return x.unflatten(axis, [units, pieces]).max(axis + 1).values;
}

/**
 * A layer of maxout units: each gives the largest of `pieces` linear functions of its input, a convex function that is
 * learned.
 *
 * Shapes: (…, in) ─► (…, out); linear.weight (out·pieces, in), linear.bias (out·pieces).
 *
 * ```ts
 * const layer = new Maxout(4, 2, 3);
 * layer.forward(ones([5, 4])).shape; // [ 5, 2 ]
 * layer.linear.weight.shape; // [ 6, 4 ]
 * ```
 */
export class Maxout extends Module {
  readonly pieces: number;
  readonly linear: Linear;

  constructor(inFeatures: number, outFeatures: number, pieces: number, options: WeightOptions = {}) {
    super();
    checkCounts("Maxout", { inFeatures, outFeatures, pieces });
    this.pieces = pieces;
    this.linear = new Linear(inFeatures, outFeatures * pieces, options);
  }

  override forward(x: Tensor): Tensor {
    return maxout(this.linear.forward(x), this.pieces);
  }

  override extraRepr(): string {
    return `pieces=${this.pieces}`;
  }
}
