import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, sameShape, showShape } from "../../core/shape.ts";
import { type DType, ones, Parameter, type Shape, type Tensor, zeros } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { standardize } from "./standardize.ts";

export interface LayerNormOptions {
  weight?: Tensor;
  bias?: Tensor;
  /** added to the variance; 1e-5 by default */
  eps?: number;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last dimensions, with the biased variance (Ba et al., 2016).
 *
 * Shapes: x (…, *normalizedShape), weight and bias (*normalizedShape) ─► x's. Throws a ShapeError if they do not fit.
 *
 * ```ts
 * layerNorm(tensor([[1, 2, 3]]), [3]); // tensor([[-1.2247,  0.0000,  1.2247]])
 * ```
 */
export function layerNorm(x: Tensor, normalizedShape: Shape, options: LayerNormOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options;
  const { dims, factor } = expectEnding("layerNorm", x, normalizedShape, { weight, bias });
  const y = standardize(x, factor, dims, eps);
  return bias ? y.add(bias) : y;
}

/** The last dimensions, and the weight as it broadcasts to x. Throws a ShapeError if x does not end in `ending`. */
export function expectEnding(
  op: string,
  x: Tensor,
  ending: Shape,
  { weight, bias }: { weight?: Tensor; bias?: Tensor },
): { dims: number[]; factor: Tensor } {
  const lead = x.ndim - ending.length;
  if (ending.length === 0 || lead < 0 || !sameShape(x.shape.slice(lead), ending)) {
    throw new ShapeError(`${op}: the input ${showShape(x.shape)} does not end in ${showShape(ending)}.`);
  }
  for (const tensor of [weight, bias]) {
    if (tensor && !sameShape(tensor.shape, ending)) {
      throw new ShapeError(
        `${op}: weight and bias must have shape ${showShape(ending)}, but one has ${showShape(tensor.shape)}.`,
      );
    }
  }
  const factor = (weight ?? ones(ending, { dtype: x.dtype })).reshape(
    x.shape.map((size, i) => (i < lead ? 1 : size)), // (*ending) ─► (1, …, *ending)
  );
  return { dims: ending.map((_, i) => lead + i), factor };
}

/**
 * Layer normalisation over the last dimensions: see `layerNorm`. Weight 1 and bias 0 at first.
 *
 * ```ts
 * const layer = new LayerNorm(3);
 * layer; // LayerNorm((3,), eps=0.00001, elementwiseAffine=true)
 * layer.forward(ones([2, 5])); // throws ShapeError
 * ```
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  constructor(
    normalizedShape: number | Shape,
    options: { eps?: number; elementwiseAffine?: boolean; bias?: boolean; dtype?: DType } = {},
  ) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true, dtype } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    if (numel(this.normalizedShape) === 0 || this.normalizedShape.length === 0) {
      throw new ArgumentError(`LayerNorm: there is nothing to normalise over in ${showShape(this.normalizedShape)}.`);
    }
    if (elementwiseAffine) this.weight = new Parameter(ones(this.normalizedShape, { dtype }));
    if (elementwiseAffine && bias) this.bias = new Parameter(zeros(this.normalizedShape, { dtype }));
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return this.within(() => layerNorm(x, this.normalizedShape, { weight, bias, eps }));
  }

  override extraRepr(): string {
    return `${showShape(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== undefined}`;
  }
}
