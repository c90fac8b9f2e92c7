import type { Layer } from "../../nn/index.ts";
import { grad, type Tensor } from "../../tensor/index.ts";
import { requirePictures, scoresOf, type TargetOptions } from "./score.ts";

/**
 * How much each pixel would change the score of a class: max over channels of |∂score / ∂pixel|.
 *
 * Shapes: x (N, C, H, W) ─► (N, H, W); the model gives logits (N, K). Throws a ShapeError for other shapes, a StateError
 * while the model trains. Simonyan et al., Deep inside convolutional networks, 2014.
 *
 * ```ts
 * const model = new Sequential(new Flatten(), new Linear(4, 2)).eval();
 * model.loadStateDict({ "1.weight": tensor([[1, -2, 0, 0], [0, 0, 3, 0]]), "1.bias": zeros([2]) });
 * saliency(model, ones([1, 1, 2, 2]), { target: 0 }); // tensor([[[1., 2.], [0., 0.]]])
 * ```
 */
export function saliency(model: Layer, x: Tensor, options: TargetOptions = {}): Tensor {
  requirePictures("saliency", model, x);
  const gradient = grad((pictures: Tensor) => scoresOf("saliency", model.forward(pictures), options.target).sum())(x);
  return gradient.abs().amax(1).detach(); // (N, C, H, W) ─► (N, H, W)
}
