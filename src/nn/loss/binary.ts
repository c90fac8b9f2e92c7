import { customGrad, softplus, type Tensor } from "../../tensor/index.ts";
import { expectSameShape, type LossOptions, reduced } from "./loss.ts";

/**
 * −t · log p − (1 − t) · log(1 − p), from probabilities p; logarithms are at least −100, as in PyTorch.
 *
 * Shapes: input and target alike. From logits, `binaryCrossEntropyWithLogits` is more accurate.
 *
 * ```ts
 * binaryCrossEntropy(tensor([0.9, 0.2]), tensor([1, 0])); // tensor(0.1643)
 * ```
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("binaryCrossEntropy", input, target);
  const negative = target.sub(1);
  const losses = customGrad(
    "binaryCrossEntropy",
    (p, t) => negative.mul(p.neg().log1p().clamp(-100)).sub(t.mul(p.log().clamp(-100))),
    // (p − t) / (p·(1 − p)), which PyTorch keeps finite at the ends
    (g, _, p, t) => [
      g.mul(p.sub(t)).div(p.sub(p.mul(p)).clamp(1e-12)),
      g.mul(p.neg().log1p().clamp(-100).sub(p.log().clamp(-100))),
    ],
  )(input, target);
  return reduced(losses, options.reduction ?? "mean");
}

/**
 * Binary cross-entropy of sigmoid(x), as (1 − t) · x + softplus(−x): no overflow and no cancellation.
 *
 * Shapes: input and target alike.
 *
 * ```ts
 * binaryCrossEntropyWithLogits(tensor([2, -1]), tensor([1, 0])); // tensor(0.2201)
 * ```
 */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("binaryCrossEntropyWithLogits", input, target);
  const negative = target.sub(1).neg();
  return reduced(negative.mul(input).add(softplus(input.neg())), options.reduction ?? "mean");
}
