import { customGrad, softplus, type Tensor } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced, weighted } from "./loss.ts";

export interface BCELossOptions extends LossOptions {
  /** of each element, or of what broadcasts to the input; the mean still divides by the number of elements */
  weight?: Tensor;
}

/**
 * −t · log p − (1 − t) · log(1 − p), from probabilities p; logarithms are at least −100, as in PyTorch.
 *
 * From logits, `binaryCrossEntropyWithLogits` is more accurate. Outside of [0, 1] the loss is NaN, where PyTorch throws.
 * Shapes: input and target alike. Throws a ShapeError if they differ, or the weight does not broadcast to them.
 * Bishop, Pattern recognition and machine learning, 2006, section 4.3.
 *
 * ```ts
 * binaryCrossEntropy(tensor([0.9, 0.2]), tensor([1, 0])); // tensor(0.1643)
 * ```
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BCELossOptions = {}): Tensor {
  expectSameShape("binaryCrossEntropy", input, target);
  const negative = target.sub(1);
  const losses = customGrad(
    "binaryCrossEntropy",
    (p, t) => negative.mul(p.neg().log1p().clamp(-100)).sub(t.mul(p.log().clamp(-100))),
    // (p − t) / (p·(1 − p)), which PyTorch keeps finite at the ends
    (g, _, p, t) => [
      g.mul(p.sub(t)).div(p.neg().add(1).mul(p).clamp(1e-12)),
      g.mul(p.neg().log1p().clamp(-100).sub(p.log().clamp(-100))),
    ],
  )(input, target);
  return reduced("binaryCrossEntropy", weighted("binaryCrossEntropy", losses, options.weight), options.reduction);
}

export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** how much a positive target counts, one a class or what broadcasts: above 1 favours recall, below 1 precision */
  posWeight?: Tensor;
}

/**
 * Binary cross-entropy of sigmoid(x), as (1 − t) · x + softplus(−x): no overflow and no cancellation.
 *
 * With `posWeight` w it is −w·t · log σ(x) − (1 − t) · log(1 − σ(x)). Shapes: input and target alike. Throws a ShapeError
 * if they differ, or a weight does not broadcast to them. Bishop, Pattern recognition and machine learning, 2006, section 4.3.
 *
 * ```ts
 * binaryCrossEntropyWithLogits(tensor([2, -1]), tensor([1, 0])); // tensor(0.2201)
 * binaryCrossEntropyWithLogits(tensor([2, -1]), tensor([1, 0]), { posWeight: tensor([3]) }); // tensor(0.3470)
 * ```
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BCEWithLogitsLossOptions = {},
): Tensor {
  const { weight, posWeight, reduction } = options;
  const op = "binaryCrossEntropyWithLogits";
  expectSameShape(op, input, target);
  const negative = target.sub(1).neg();
  const surprise = softplus(input.neg());
  const positive = posWeight ? surprise.mul(weighted(op, target, posWeight.sub(1), "posWeight").add(1)) : surprise;
  return reduced(op, weighted(op, negative.mul(input).add(positive), weight), reduction);
}

/** `binaryCrossEntropy` with options of its own. */
export class BCELoss extends Loss<BCELossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.options);
  }
}

/** `binaryCrossEntropyWithLogits` with options of its own. */
export class BCEWithLogitsLoss extends Loss<BCEWithLogitsLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.options);
  }
}
