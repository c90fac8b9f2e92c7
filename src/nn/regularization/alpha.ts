import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Shape, type Tensor, where } from "../../tensor/index.ts";
import { stays } from "../../tensor/random.ts";
import { type DropoutOptions, Dropping, expectProbability } from "./dropout.ts";

/** −λ·α of SELU, what it gives far below 0: a dropped unit is one that is off. */
const OFF = -1.7580993408473766;

/** a·(x or, where it is dropped, OFF) + b, with a and b such that mean 0 and variance 1 stay. */
function alphaDrop(op: string, x: Tensor, fates: (x: Tensor) => Shape, options: DropoutOptions): Tensor {
  const { p = 0.5, training = true } = options;
  expectProbability(op, p);
  if (!training || p === 0) return x;
  if (p === 1) return x.mul(0);
  const a = 1 / Math.sqrt((1 - p) * (1 + p * OFF ** 2));
  const b = -a * OFF * p;
  return where(stays(fates(x), p), x.mul(a).add(b), a * OFF + b);
}

/**
 * Dropout for SELU: with probability p, x becomes α′ = −1.7581, which is SELU's limit; then a·x + b with
 * a = ((1 − p)·(1 + p·α′²))^(−1/2) and b = −a·p·α′, so that a mean of 0 and a variance of 1 stay.
 *
 * Shapes: any, kept. Throws an ArgumentError unless 0 ≤ p ≤ 1. Klambauer et al., Self-normalizing neural networks, 2017.
 *
 * ```ts
 * const y = alphaDropout(zeros([100]), { p: 0.5 });
 * [...new Set(y.dataSync())].map((value) => value.toFixed(4)).sort(); // [ '-0.7792', '0.7792' ]
 * ```
 */
export function alphaDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return alphaDrop("alphaDropout", x, ({ shape }) => shape, options);
}

/**
 * `alphaDropout` of whole channels.
 *
 * Shapes: (N, C, …), kept. Throws a ShapeError for others, an ArgumentError unless 0 ≤ p ≤ 1.
 * PyTorch documentation, torch.nn.FeatureAlphaDropout.
 *
 * ```ts
 * const y = featureAlphaDropout(zeros([1, 100, 3]));
 * y.amax(2).sub(y.amin(2)).sum(); // tensor(0.)
 * ```
 */
export function featureAlphaDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  if (x.ndim < 2) throw new ShapeError(`featureAlphaDropout needs an input (N, C, …), but got ${showShape(x.shape)}.`);
  return alphaDrop("featureAlphaDropout", x, ({ shape }) => shape.map((size, i) => (i < 2 ? size : 1)), options);
}

/** `alphaDropout` with options of its own, while training. */
export class AlphaDropout extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return alphaDropout(x, this);
  }
}

/** `featureAlphaDropout` with options of its own, while training. */
export class FeatureAlphaDropout extends Dropping {
  constructor(p = 0.5) {
    super(p);
  }

  override forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, this);
  }
}
