import { ArgumentError } from "../../core/errors.ts";
import { normalizeDim } from "../../core/shape.ts";
import { noGrad, randn, type Tensor, Variable } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { normalize } from "./normalize.ts";
import { parameterOf, parametrize } from "./parametrization.ts";

export interface SpectralNormOptions {
  /** the parameter; `"weight"` by default */
  name?: string;
  /** power iterations each time that the weight is read in training; 1 by default */
  nPowerIterations?: number;
  /** the least that vectors are divided by; 1e-12 by default */
  eps?: number;
  /** the dimension of the outputs, the rows of the matrix; 0 by default (transposed convolutions: 1) */
  dim?: number;
}

/** How many iterations the vectors begin with. */
const FIRST = 15;

const unit = (x: Tensor, eps: number): Tensor => normalize(x, { dim: 0, eps });

/** W / σ with W's largest singular value σ, whose vectors u and v are kept and improved. */
export class SpectralNorm extends Module {
  readonly nPowerIterations: number;
  readonly eps: number;
  readonly dim: number;
  readonly _u: Variable | undefined;
  readonly _v: Variable | undefined;

  constructor(weight: Tensor, nPowerIterations: number, eps: number, dim: number) {
    super();
    this.nPowerIterations = nPowerIterations;
    this.eps = eps;
    this.dim = normalizeDim("spectralNorm", dim, weight.ndim);
    if (weight.ndim < 2) return; // the singular value of a vector is its length
    const [rows, columns] = this.#matrix(weight).shape;
    this._u = new Variable(unit(randn([rows], { dtype: weight.dtype }), eps));
    this._v = new Variable(unit(randn([columns], { dtype: weight.dtype }), eps));
    noGrad(() => this.#iterate(this.#matrix(weight), FIRST));
  }

  override forward(weight: Tensor): Tensor {
    if (!this._u || !this._v) return unit(weight, this.eps);
    const matrix = this.#matrix(weight);
    if (this.training) noGrad(() => this.#iterate(matrix.detach(), this.nPowerIterations));
    // u and v are constants: the derivative of σ is u·vᵀ.
    return weight.div(this._u.detach().dot(matrix.mv(this._v.detach())));
  }

  /** The outputs as rows: (…, out, …) ─► (out, rest). */
  #matrix(weight: Tensor): Tensor {
    return weight.movedim(this.dim, 0).flatten(1);
  }

  #iterate(matrix: Tensor, times: number): void {
    if (!this._u || !this._v) return;
    let [u, v]: [Tensor, Tensor] = [this._u, this._v];
    for (let i = 0; i < times; i++) {
      u = unit(matrix.mv(v), this.eps);
      v = unit(matrix.t().mv(u), this.eps);
    }
    this._u.assign(u);
    this._v.assign(v);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, nPowerIterations=${this.nPowerIterations}, eps=${this.eps}`;
  }
}

/**
 * Divides a weight by its largest singular value σ, so that the layer stretches nothing: w = W / σ, with σ = uᵀ·W·v from
 * power iterations, which go on in training only. Gives the module.
 *
 * The state has `parametrizations.weight.original` in place of `weight`, and the vectors as `parametrizations.weight.0._u`
 * and `_v`, as torch.nn.utils.parametrizations.spectral_norm. Throws an ArgumentError if there is no such parameter or
 * iterations are not above 0, a StateError if it is parametrized.
 * Miyato et al., Spectral normalization for generative adversarial networks, 2018.
 *
 * ```ts
 * const layer = new Linear(2, 2);
 * layer.loadStateDict({ weight: tensor([[3, 0], [0, 4]]), bias: zeros([2]) });
 * spectralNorm(layer).eval();
 * layer.weight; // tensor([[0.7500, 0.0000], [0.0000, 1.0000]], requiresGrad=true)
 * ```
 */
export function spectralNorm<M extends Module>(module: M, options: SpectralNormOptions = {}): M {
  const { name = "weight", nPowerIterations = 1, eps = 1e-12, dim = 0 } = options;
  if (!Number.isInteger(nPowerIterations) || nPowerIterations < 1) {
    throw new ArgumentError(`spectralNorm: nPowerIterations is a number from 1, but is ${nPowerIterations}.`);
  }
  const weight = parameterOf("spectralNorm", module, name);
  parametrize(module, name, { original: weight }, new SpectralNorm(weight, nPowerIterations, eps, dim));
  return module;
}
