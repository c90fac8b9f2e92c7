import { type SigmoidFocalLossOptions, sigmoidFocalLoss, smoothL1Loss } from "../../nn/index.ts";
import { oneHot, ShapeError, type Tensor, where } from "../../tensor/index.ts";

export interface DetectionLossOptions extends Pick<SigmoidFocalLossOptions, "alpha" | "gamma"> {
  /** where the loss of offsets becomes linear; 0, the default, is the absolute difference, as in torchvision */
  beta?: number;
}

/**
 * What a detector's outputs lack, the mean over pictures of (Σ focal loss of what its anchors show + Σ smooth L1 loss of
 * its positive anchors' offsets) / max(1, number of positive anchors).
 *
 * Shapes: logits (N, A, K), offsets (N, A, 4); targets as `encodeTargets` gives them, stacked: labels (N, A) i32, a class,
 * −1 for background or −2 for what does not count, and offsets (N, A, 4). Throws a ShapeError if they do not fit, and what
 * `sigmoidFocalLoss` and `smoothL1Loss` throw. torchvision's loss of RetinaNet. Lin et al., Focal loss for dense object
 * detection, 2017.
 *
 * ```ts
 * const logits = tensor([[[0, 2], [-3, -3]]]);
 * const labels = tensor([[1, -1]], { dtype: "i32" });
 * const targets = tensor([[[1, 0, 0, 0], [0, 0, 0, 0]]]);
 * detectionLoss(logits, zeros([1, 2, 4]), labels, targets); // tensor(1.1306)
 * ```
 */
export function detectionLoss(
  logits: Tensor,
  offsets: Tensor,
  labels: Tensor,
  targetOffsets: Tensor,
  options: DetectionLossOptions = {},
): Tensor {
  const { alpha, gamma, beta = 0 } = options;
  const [batch, anchors, numClasses] = logits.shape;
  const wanted = { offsets: [batch, anchors, 4], labels: [batch, anchors], targetOffsets: [batch, anchors, 4] };
  for (const [name, { shape }] of Object.entries({ offsets, labels, targetOffsets })) {
    const expected = wanted[name as keyof typeof wanted];
    if (logits.ndim === 3 && shape.join() === expected.join()) continue;
    throw new ShapeError(
      `detectionLoss: logits (${logits.shape.join(", ")}) are to be (N, A, K), and need ${name} (${expected.join(", ")}), but got (${shape.join(", ")}).`,
    );
  }
  const positive = labels.ge(0); // (N, A)
  const classes = oneHot(labels.clamp(0), numClasses).mul(positive.unsqueeze(2)).to(logits.dtype); // (N, A, K)
  const counts = labels.ge(-1).unsqueeze(2); // (N, A, 1)
  const shown = where(counts, sigmoidFocalLoss(logits, classes, { alpha, gamma }), 0).sum([1, 2]); // (N)
  const wrong = smoothL1Loss(offsets, where(positive.unsqueeze(2), targetOffsets, 0), { beta, reduction: "none" });
  const off = where(positive.unsqueeze(2), wrong, 0).sum([1, 2]); // (N)
  return shown.add(off).div(positive.to(logits.dtype).sum(1).clamp(1)).mean();
}
