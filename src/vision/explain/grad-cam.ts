import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { createFeatureExtractor, interpolate, type Layer } from "../../nn/index.ts";
import { grad, noGrad, type Tensor } from "../../tensor/index.ts";
import { requirePictures, scoresOf, type TargetOptions } from "./score.ts";

/**
 * Where a convolutional layer found what speaks for a class: M = relu(Σ α_k·A_k), where A_k are the layer's feature maps
 * and α_k the mean over places of ∂score / ∂A_k.
 *
 * Shapes: x (N, C, H, W) ─► (N, H, W), enlarged from the layer's size bilinearly, in the units of score; `layer` is a name
 * out of `model.namedModules()`, usually of the last block of convolutions. Throws an ArgumentError if there is no such
 * layer, a ShapeError if it gives no feature maps, a StateError while the model trains.
 * Selvaraju et al., Grad-CAM: Visual explanations from deep networks via gradient-based localization, 2017.
 *
 * ```ts
 * const model = new Sequential(new Conv2d(1, 4, 3, { padding: 1 }), new ReLU(), new Flatten(), new Linear(256, 3)).eval();
 * gradCam(model, "1", rand([2, 1, 8, 8])).shape; // [ 2, 8, 8 ]
 * ```
 */
export function gradCam(model: Layer, layer: string, x: Tensor, options: TargetOptions = {}): Tensor {
  requirePictures("gradCam", model, x);
  const layers = new Map(model.namedModules());
  const within = layers.get(layer);
  if (!within) {
    const names = [...layers.keys()].filter((name) => name !== "").join(", ");
    throw new ArgumentError(`gradCam: there is no layer "${layer}"; there are ${names}.`);
  }
  const maps = noGrad(() => createFeatureExtractor(model, [layer]).forward(x))[layer];
  if (maps.ndim !== 4)
    throw new ShapeError(`gradCam needs feature maps (N, K, h, w), but "${layer}" gives ${showShape(maps.shape)}.`);
  // What the layer gives is replaced by a variable, by which the rest of the model is differentiated.
  const gradient = grad((maps: Tensor) => {
    const handle = within.registerForwardHook(() => maps);
    try {
      return scoresOf("gradCam", model.forward(x), options.target).sum();
    } finally {
      handle.remove();
    }
  })(maps);
  const alpha = gradient.mean([2, 3], { keepdim: true }); // (N, K, 1, 1)
  const small = alpha.mul(maps).sum(1, { keepdim: true }).relu(); // (N, 1, h, w)
  return interpolate(small, { size: x.shape.slice(2), mode: "bilinear" })
    .squeeze(1)
    .detach(); // (N, H, W)
}
