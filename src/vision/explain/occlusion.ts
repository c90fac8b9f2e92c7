import { ArgumentError } from "../../core/errors.ts";
import type { Layer } from "../../nn/index.ts";
import { compile, noGrad, type Tensor, tensor, where } from "../../tensor/index.ts";
import { requirePictures, scoresOf, type TargetOptions } from "./score.ts";

export interface OcclusionOptions extends TargetOptions {
  /** the side of the patch, in pixels; 5 by default */
  size?: number;
  /** pixels from one place of the patch to the next; 2 by default */
  stride?: number;
  /** what the patch holds, as the model sees pixels; 0 by default */
  fill?: number;
}

/**
 * How much worse the score of a class gets where a patch hides the picture: score − score with the patch there.
 *
 * Shapes: x (N, C, H, W) ─► (N, H′, W′), one number for each place of the patch, H′ = ⌊(H − size) / stride⌋ + 1. Throws an
 * ArgumentError for a patch that does not fit, a StateError while the model trains.
 * Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014.
 *
 * ```ts
 * const model = new Sequential(new Flatten(), new Linear(4, 1)).eval();
 * model.loadStateDict({ "1.weight": tensor([[1, -2, 5, 0]]), "1.bias": zeros([1]) });
 * await occlusion(model, ones([1, 1, 2, 2]), { size: 1, stride: 1 }); // tensor([[[ 1., -2.], [ 5.,  0.]]])
 * ```
 */
export async function occlusion(model: Layer, x: Tensor, options: OcclusionOptions = {}): Promise<Tensor> {
  requirePictures("occlusion", model, x);
  const { size = 5, stride = 2, fill = 0, target } = options;
  const [n, , height, width] = x.shape;
  const starts = (length: number) =>
    Array.from({ length: Math.floor((length - size) / stride) + 1 }, (_, i) => i * stride);
  const [rows, columns] = [starts(height), starts(width)];
  if (
    !(
      Number.isInteger(size) &&
      size >= 1 &&
      Number.isInteger(stride) &&
      stride >= 1 &&
      rows.length * columns.length > 0
    )
  ) {
    throw new ArgumentError(`occlusion: a patch of ${size}, every ${stride} pixels, does not fit ${height}×${width}.`);
  }
  // The class is that of the whole picture, whatever the patch makes of it.
  const logits = noGrad(() => model.forward(x));
  const classes = target ?? logits.argmax(1);
  const whole = scoresOf("occlusion", logits, classes);
  const drop = compile((x: Tensor, hidden: Tensor) =>
    noGrad(() => whole.sub(scoresOf("occlusion", model.forward(where(hidden, fill, x)), classes))),
  );
  const drops: number[][] = [];
  for (const top of rows) {
    for (const left of columns) {
      const hidden = new Uint8Array(height * width);
      for (let y = top; y < top + size; y++) hidden.fill(1, y * width + left, y * width + left + size);
      drops.push([...(await drop(x, tensor(hidden, { shape: [height, width], dtype: "bool" })).data())]);
    }
  }
  return tensor(drops).t().reshape([n, rows.length, columns.length]); // (places, N) ─► (N, H′, W′)
}
