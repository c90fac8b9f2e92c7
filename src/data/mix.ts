/** Batches in which examples are mixed with one another: between the loader and the step, outside of compiled functions. */

import { ArgumentError, IndexError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { arange, defaultGenerator, type Generator, oneHot, randperm, type Tensor, where } from "../tensor/index.ts";
import { beta, uniforms } from "./beta.ts";

export interface MixOptions {
  /** α of Beta(α, α), from which the part λ of the first examples comes: small ones mix little; 1 by default */
  alpha?: number;
  /** how many classes there are, which integer targets need */
  numClasses?: number;
  /** where random numbers come from; the default generator, which `manualSeed` seeds, by default */
  generator?: Generator;
}

/** Draws λ, and who is mixed with whom. */
function drawMix(
  op: string,
  x: Tensor,
  y: Tensor,
  { alpha = 1, numClasses, generator = defaultGenerator }: MixOptions,
) {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`${op}: alpha is a number above 0, but is ${alpha}.`);
  }
  if (x.ndim === 0 || y.ndim === 0 || x.shape[0] !== y.shape[0]) {
    throw new ShapeError(
      `${op} needs a batch (N, …) of inputs and of targets, but got ${showShape(x.shape)} and ${showShape(y.shape)}.`,
    );
  }
  const soft = softTargets(op, y, numClasses);
  const source = uniforms(generator);
  const uniform = () => source.next().value;
  const lambda = beta(alpha, alpha, uniform);
  const order = randperm(x.shape[0], { generator });
  const other = (z: Tensor): Tensor => z.indexSelect(0, order);
  const blend = (z: Tensor, part: number): Tensor => z.mul(part).add(other(z).mul(1 - part));
  return { soft, uniform, lambda, other, blend };
}

/** Float targets as they are, classes as probabilities. */
function softTargets(op: string, y: Tensor, numClasses: number | undefined): Tensor {
  if (y.isFloatingPoint()) return y;
  if (numClasses === undefined) throw new ArgumentError(`${op}: targets that are classes need numClasses.`);
  const wrong = y.dataSync().find((label) => label < 0 || label >= numClasses);
  if (wrong !== undefined) throw new IndexError(`${op}: there is no class ${wrong} among ${numClasses}.`);
  return oneHot(y, numClasses).float();
}

/**
 * Each example with another one of the batch: x̃ = λ·xᵢ + (1 − λ)·xⱼ, and the targets the same way, with one λ from
 * Beta(α, α) for the batch.
 *
 * Shapes: x (N, …), y (N) of classes or (N, …) of floats ─► x's, and (N, numClasses) or y's. Throws a ShapeError if the
 * batches differ, an ArgumentError for α ≤ 0 or classes without `numClasses`, an IndexError for a class that is none.
 * Zhang et al., mixup: Beyond empirical risk minimization, 2018.
 *
 * ```ts
 * const [x, y] = [tensor([[0], [0], [1], [1]]), tensor([0, 0, 1, 1], { dtype: "i32" })];
 * const [mixed, soft] = mixup(x, y, { alpha: 0.4, numClasses: 2 });
 * soft.sum(1); // tensor([1., 1., 1., 1.])
 * (await soft.select(1, 1).sub(mixed.select(1, 0)).abs().amax().item()) < 1e-6; // true
 * ```
 */
export function mixup(x: Tensor, y: Tensor, options: MixOptions = {}): [Tensor, Tensor] {
  const { soft, lambda, blend } = drawMix("mixup", x, y, options);
  return [blend(x, lambda), blend(soft, lambda)];
}

interface Patch {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Rows and columns from, and up to but without, where a patch of the part 1 − λ around a centre lies in an image. */
export function patch(lambda: number, [height, width]: readonly number[], [y, x]: readonly number[]): Patch {
  const side = Math.sqrt(1 - lambda);
  const span = (centre: number, size: number): [number, number] => {
    const half = Math.floor(Math.floor(size * side) / 2);
    return [Math.max(0, centre - half), Math.min(size, centre + half)];
  };
  return { rows: span(y, height), columns: span(x, width) };
}

/**
 * Each image with a patch of another one of the batch: a rectangle of the part 1 − λ of the area, λ from Beta(α, α), around
 * a random centre and cut at the border; the targets are mixed by the area that remained.
 *
 * Shapes: x (N, …, H, W), y (N) of classes or (N, …) of floats ─► x's, and (N, numClasses) or y's. Throws as `mixup` does,
 * and a ShapeError if x has no height and width. Yun et al., CutMix: Regularization strategy to train strong classifiers
 * with localizable features, 2019.
 *
 * ```ts
 * const [x, y] = [tensor([0, 1]).reshape([2, 1, 1, 1]).expand([2, 1, 8, 8]), tensor([0, 1], { dtype: "i32" })];
 * const [mixed, soft] = cutmix(x, y, { numClasses: 2 });
 * (await soft.select(1, 1).sub(mixed.mean([1, 2, 3])).abs().amax().item()) < 1e-6; // true
 * ```
 */
export function cutmix(x: Tensor, y: Tensor, options: MixOptions = {}): [Tensor, Tensor] {
  if (x.ndim < 3) throw new ShapeError(`cutmix needs images (N, …, H, W), but got ${showShape(x.shape)}.`);
  const { soft, uniform, lambda, other, blend } = drawMix("cutmix", x, y, options);
  const [height, width] = x.shape.slice(-2);
  const centre = [height, width].map((size) => Math.floor(uniform() * size));
  const { rows, columns } = patch(lambda, [height, width], centre);
  const within = (size: number, [from, to]: readonly number[]): Tensor => {
    const at = arange(size);
    return at.ge(from).logicalAnd(at.lt(to));
  };
  const inside = within(height, rows).unsqueeze(1).logicalAnd(within(width, columns)); // (H, W)
  const area = (rows[1] - rows[0]) * (columns[1] - columns[0]);
  return [where(inside, other(x), x), blend(soft, 1 - area / (height * width))];
}
