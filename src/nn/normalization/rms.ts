import { ArgumentError } from "../../core/errors.ts";
import { numel, type Shape, showShape } from "../../core/shape.ts";
import { type DType, ones, Parameter, type Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { expectEnding } from "./layer.ts";
import { standardize } from "./standardize.ts";

export interface RMSNormOptions {
  weight?: Tensor;
  /** added to the mean square; the machine epsilon of x's dtype by default, 2⁻²³ for f32 and 2⁻⁵² for f64 */
  eps?: number;
}

/**
 * x / √(mean x² + eps) · weight over the last dimensions.
 *
 * Shapes: x (…, *normalizedShape), weight (*normalizedShape) ─► x's. Throws a ShapeError if they do not fit.
 * Zhang and Sennrich, Root mean square layer normalization, 2019.
 *
 * ```ts
 * rmsNorm(tensor([[1, 2, 2]]), [3]); // tensor([[0.5774, 1.1547, 1.1547]])
 * ```
 */
export function rmsNorm(x: Tensor, normalizedShape: Shape, options: RMSNormOptions = {}): Tensor {
  const { weight, eps = x.dtype === "f64" ? 2 ** -52 : 2 ** -23 } = options;
  const { dims, factor } = expectEnding("rmsNorm", x, normalizedShape, { weight });
  return standardize(x, factor, dims, eps, { centred: false });
}

/**
 * Root mean square normalisation over the last dimensions: see `rmsNorm`. Weight 1 at first.
 *
 * ```ts
 * const layer = new RMSNorm(3);
 * layer; // RMSNorm((3,), eps=undefined, elementwiseAffine=true)
 * layer.forward(ones([2, 5])); // throws ShapeError
 * ```
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number | undefined;
  readonly weight: Parameter | undefined;

  constructor(
    normalizedShape: number | Shape,
    options: {
      /** added to the mean square; the machine epsilon of the input's dtype by default */
      eps?: number;
      /** whether a weight is learned; true by default */
      elementwiseAffine?: boolean;
      /** of the weight; f32 by default */
      dtype?: DType;
    } = {},
  ) {
    super();
    const { eps, elementwiseAffine = true, dtype } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    if (numel(this.normalizedShape) === 0 || this.normalizedShape.length === 0) {
      throw new ArgumentError(`RMSNorm: there is nothing to normalise over in ${showShape(this.normalizedShape)}.`);
    }
    if (elementwiseAffine) this.weight = new Parameter(ones(this.normalizedShape, { dtype }));
  }

  override forward(x: Tensor): Tensor {
    const { weight, eps } = this;
    return this.within(() => rmsNorm(x, this.normalizedShape, { weight, eps }));
  }

  override extraRepr(): string {
    return `${showShape(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== undefined}`;
  }
}
