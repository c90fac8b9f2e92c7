import { normalizeDim } from "../../core/shape.ts";
import { noGrad, Parameter, type Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { parameterOf, parametrize } from "./parametrization.ts";

export interface WeightNormOptions {
  /** the parameter; `"weight"` by default */
  name?: string;
  /** the dimension along which each slice has a length of its own, 0 by default; `null`: one length for all of it */
  dim?: number | null;
}

/** g · v / ‖v‖. */
export class WeightNorm extends Module {
  readonly dim: number | null;

  constructor(dim: number | null) {
    super();
    this.dim = dim;
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(this.lengths(v)));
  }

  /** ‖v‖ of each slice along `dim`, with 1s elsewhere; of all of it, as a single number, without `dim`. */
  lengths(v: Tensor): Tensor {
    if (this.dim === null) return v.norm();
    const own = normalizeDim("weightNorm", this.dim, v.ndim);
    return v.norm(
      2,
      v.shape.map((_, i) => i).filter((i) => i !== own),
      { keepdim: true },
    );
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * Learns the length g and the direction v of a weight apart: w = g · v / ‖v‖, slice by slice along `dim`, which are the
 * outputs by default. At first w is what it was. Gives the module.
 *
 * The state has `parametrizations.weight.original0` (g) and `original1` (v) in place of `weight`, as
 * torch.nn.utils.parametrizations.weight_norm; make the optimizer afterwards. Throws an ArgumentError if there is no such
 * parameter, a StateError if it is parametrized. Salimans and Kingma, Weight normalization, 2016.
 *
 * ```ts
 * const layer = weightNorm(new Linear(3, 2));
 * const { "parametrizations.weight.original0": g, ...rest } = layer.stateDict();
 * g.shape; // [ 2, 1 ]
 * Object.keys(rest); // [ 'bias', 'parametrizations.weight.original1' ]
 * ```
 */
export function weightNorm<M extends Module>(module: M, options: WeightNormOptions = {}): M {
  const { name = "weight", dim = 0 } = options;
  const weight = parameterOf("weightNorm", module, name);
  const norm = new WeightNorm(dim);
  const g = new Parameter(noGrad(() => norm.lengths(weight)));
  parametrize(module, name, { original0: g, original1: weight }, norm);
  return module;
}
