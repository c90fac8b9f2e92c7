/** Word2vec's way around a softmax over all classes: against a few that are drawn. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { type Shape, sameShape, showShape } from "../../core/shape.ts";
import { type Generator, rand, randint, softplus, type Tensor, tensor, where } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

/**
 * −log σ(⟨u, v⟩) − Σₖ log σ(−⟨u, nₖ⟩): u is near the vector v that it was seen with, and far from K that were drawn.
 *
 * Shapes: u and v (N, D), negatives (N, K, D) ─► (N). Throws a ShapeError if they do not fit.
 *
 * ```ts
 * const [u, v] = [tensor([[1, 0]]), tensor([[2, 1]])];
 * negativeSamplingLoss(u, v, tensor([[[0, 3], [-1, 0]]])); // tensor(1.1333)
 * ```
 *
 * Mikolov, Sutskever, Chen, Corrado, Dean, Distributed representations of words and phrases and their compositionality,
 * 2013.
 */
export function negativeSamplingLoss(u: Tensor, v: Tensor, negatives: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("negativeSamplingLoss", u, v);
  const [n, d] = u.shape;
  if (u.ndim !== 2 || negatives.ndim !== 3 || !sameShape(negatives.shape, [n, negatives.shape[1], d])) {
    throw new ShapeError(
      `negativeSamplingLoss needs vectors (N, D) and negatives (N, K, D), but got ${showShape(u.shape)} and ${showShape(negatives.shape)}.`,
    );
  }
  const near = softplus(u.mul(v).sum(1).neg()); // (N)
  const far = softplus(negatives.matmul(u.unsqueeze(2)).squeeze(2)).sum(1); // (N)
  return reduced("negativeSamplingLoss", near.add(far), options.reduction);
}

/** `negativeSamplingLoss` with options of its own. */
export class NegativeSamplingLoss extends Loss<LossOptions> {
  override forward(u: Tensor, v: Tensor, negatives: Tensor): Tensor {
    return negativeSamplingLoss(u, v, negatives, this.options);
  }
}

export interface NegativeSamplerOptions {
  /** of the counts: 1 draws classes as often as they occur, 0 all alike; 0.75 by default */
  power?: number;
}

/**
 * Draws classes with odds count^0.75, each in constant time: a random place of a table, which names two classes.
 *
 * Throws an ArgumentError unless counts are finite, at least 0, and one is more.
 *
 * ```ts
 * const sampler = new NegativeSampler([5, 0, 3]);
 * sampler.sample([2, 4]).ne(1).all(); // tensor(True)
 * ```
 *
 * Mikolov et al., Distributed representations of words and phrases and their compositionality, 2013; the table: Walker,
 * An efficient method for generating discrete random variables with general distributions, 1977.
 */
export class NegativeSampler {
  /** the share of a place that is its own class's (V) */
  readonly #own: Tensor;
  /** whose the rest is (V) */
  readonly #other: Tensor;

  constructor(counts: readonly number[], options: NegativeSamplerOptions = {}) {
    const { power = 0.75 } = options;
    const weights = counts.map((count) => (count === 0 ? 0 : count ** power));
    const total = weights.reduce((a, b) => a + b, 0);
    if (!(counts.every((count) => count >= 0) && total > 0 && Number.isFinite(total))) {
      throw new ArgumentError("NegativeSampler needs finite counts of at least 0, and one that is more.");
    }
    // A place has room for the average; what a class has too much fills up the places of those that have less.
    const own = weights.map((weight) => (weight / total) * weights.length);
    const other = own.map((_, i) => i);
    const short = other.filter((i) => own[i] < 1);
    const long = other.filter((i) => own[i] >= 1);
    for (let to = short.pop(), from = long.pop(); to !== undefined && from !== undefined; to = short.pop()) {
      other[to] = from;
      own[from] -= 1 - own[to];
      if (own[from] < 1) {
        short.push(from);
        from = long.pop();
      }
    }
    this.#own = tensor(own);
    this.#other = tensor(other, { dtype: "i32" });
  }

  /** Classes, i32, independent of each other. */
  sample(shape: Shape, options: { generator?: Generator } = {}): Tensor {
    const place = randint(0, this.#own.shape[0], shape, options);
    return where(rand(shape, options).lt(this.#own.take(place)), place, this.#other.take(place));
  }
}
