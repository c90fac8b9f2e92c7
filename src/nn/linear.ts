import { ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { type DType, matmul, type Parameter, type Shape, type Tensor } from "../tensor/index.ts";
import { checkCounts } from "./counts.ts";
import { uniformFanIn } from "./init/scaled.ts";
import { Module } from "./module.ts";

/**
 * y = x·Wᵀ + b.
 *
 * Shapes: x (…, in), weight (out, in), bias (out) ─► (…, out). Throws a ShapeError if `in` differs.
 *
 * ```ts
 * linear(tensor([1, 2]), tensor([[1, 1], [0, 3]]), tensor([10, 20])); // tensor([13., 26.])
 * ```
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.ndim === 0 || x.shape[x.ndim - 1] !== weight.shape[1]) {
    throw new ShapeError(
      `linear: the input ${showShape(x.shape)} does not end in the ${weight.shape[1]} features that the weight (out, in) = ${showShape(weight.shape)} takes.`,
    );
  }
  const y = matmul(x, weight.t());
  return bias ? y.add(bias) : y;
}

/** What a layer with weights can be made with. */
export interface WeightOptions {
  /** whether there is a bias; true by default */
  bias?: boolean;
  /** of the parameters; f32 by default */
  dtype?: DType;
}

/**
 * A fully connected layer, y = x·Wᵀ + b; W and b begin as U(±1/√in).
 *
 * Shapes: (…, in) ─► (…, out), weight (out, in), bias (out).
 *
 * ```ts
 * const layer = new Linear(3, 2);
 * layer; // Linear(inFeatures=3, outFeatures=2, bias=true)
 * layer.forward(ones([4, 3])).shape; // [ 4, 2 ]
 * layer.forward(ones([4, 5])); // throws ShapeError
 * ```
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(inFeatures: number, outFeatures: number, options: WeightOptions = {}) {
    super();
    checkCounts("Linear", { inFeatures, outFeatures });
    const { bias = true, dtype } = options;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = uniformFanIn([outFeatures, inFeatures], inFeatures, dtype);
    this.bias = bias ? uniformFanIn([outFeatures], inFeatures, dtype) : undefined;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => linear(x, this.weight, this.bias));
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== undefined}`;
  }

  override multiplyAdds(output: Shape): number {
    return output.reduce((product, size) => product * size, this.inFeatures);
  }
}
