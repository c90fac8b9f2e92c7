import { IndexError, ShapeError, StateError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Layer } from "../../nn/index.ts";
import { fullLike, type Tensor } from "../../tensor/index.ts";

export interface TargetOptions {
  /** the class to explain: one for all pictures, or one each, (N) i32; what the model takes each for by default */
  target?: number | Tensor;
}

/** The pictures' scores for what is to be explained, (N), of all of a model's scores (logits), (N, K). */
export function scoresOf(op: string, logits: Tensor, target: number | Tensor | undefined): Tensor {
  if (logits.ndim !== 2) {
    throw new ShapeError(`${op} explains scores of classes (N, K), but the model gives ${showShape(logits.shape)}.`);
  }
  const [, classCount] = logits.shape;
  if (typeof target === "number" && !(Number.isInteger(target) && target >= 0 && target < classCount)) {
    throw new IndexError(`${op}: the model has scores of classes 0 to ${classCount - 1}, but target is ${target}.`);
  }
  const best = logits.detach().argmax(1); // (N)
  const classes = target === undefined ? best : typeof target === "number" ? fullLike(best, target) : target;
  return logits.gather(1, classes.unsqueeze(1)).squeeze(1); // (N, K), (N, 1) ─► (N)
}

/** Throws a ShapeError unless x is a batch of pictures, a StateError while the model trains. */
export function requirePictures(op: string, model: Layer, x: Tensor): void {
  if (x.ndim !== 4) throw new ShapeError(`${op} needs pictures (N, C, H, W), but got ${showShape(x.shape)}.`);
  if (model.training) {
    throw new StateError(
      `${op} explains what a model does when it is used, but it is in training mode: call model.eval().`,
    );
  }
}
