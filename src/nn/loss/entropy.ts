import { customGrad, sub, type Tensor, where } from "../../tensor/index.ts";
import { Loss, type LossOptions, type Reduction, reduced } from "./loss.ts";

/** x·log x with 0·log 0 = 0. The logarithm in its derivative is at least −100, which is finite at 0 and still points away. */
export const xLogX: (x: Tensor) => Tensor = customGrad(
  "xLogX",
  (x) => where(x.eq(0), 0, x.mul(x.log())),
  (g, _, x) => [g.mul(x.log().clamp(-100).add(1))],
);

export interface EntropyOptions extends LossOptions {
  /** the dimension of the classes; −1 by default */
  dim?: number;
  /** `"none"` by default: the entropy of each distribution */
  reduction?: Reduction;
}

/**
 * The entropy of probabilities in nats, −Σ p·log p along `dim`, with 0·log 0 = 0; divide by log 2 for bits.
 *
 * Shapes: (…, C, …) ─► (…, …). Throws a ShapeError if there is no such dimension.
 * Shannon, A mathematical theory of communication, 1948.
 *
 * ```ts
 * entropy(tensor([[0.5, 0.5], [1, 0]])); // tensor([0.6931, 0.0000])
 * entropy(tensor([0.25, 0.25, 0.25, 0.25])).div(Math.LN2); // tensor(2.)
 * ```
 */
export function entropy(probabilities: Tensor, options: EntropyOptions = {}): Tensor {
  const { dim = -1, reduction = "none" } = options;
  return reduced("entropy", sub(0, xLogX(probabilities).sum(dim)), reduction);
}

/**
 * The entropy of softmax(x) in nats, from logits x: −Σ p·log p with log p = log softmax(x), which does not underflow.
 *
 * A logit of −∞ is a class of probability 0. Shapes: (…, C, …) ─► (…, …). Throws a ShapeError if there is no such
 * dimension. Shannon, A mathematical theory of communication, 1948.
 *
 * ```ts
 * entropyWithLogits(tensor([[0, 0], [0, 1000]])); // tensor([0.6931, 0.0000])
 * ```
 */
export function entropyWithLogits(logits: Tensor, options: EntropyOptions = {}): Tensor {
  const { dim = -1, reduction = "none" } = options;
  return reduced("entropyWithLogits", ofLogits(dim)(logits), reduction);
}

/** With log p = x − logsumexp(x), ∂H/∂x = −p·(log p + H). */
const ofLogits = (dim: number): ((logits: Tensor) => Tensor) =>
  customGrad(
    "entropyWithLogits",
    (x) => surprise(x, dim).sum(dim),
    (g, y, x) => [
      surprise(x, dim)
        .sub(x.softmax(dim).mul(y.unsqueeze(dim)))
        .mul(g.unsqueeze(dim)),
    ],
  );

/** −p·log p of each class. */
function surprise(x: Tensor, dim: number): Tensor {
  const log = x.logSoftmax(dim);
  const impossible = log.eq(Number.NEGATIVE_INFINITY);
  return where(
    impossible,
    0,
    log
      .exp()
      .mul(where(impossible, 0, log))
      .neg(),
  );
}

export interface EntropyPenaltyOptions extends LossOptions {
  /** β, how much entropy counts beside the loss; 0.1 by default */
  weight?: number;
  /** the dimension of the classes; −1 by default */
  dim?: number;
}

/**
 * Entropy regularisation, −β·H(softmax(x)): added to a loss, it punishes predictions that are too sure.
 *
 * A negative β rewards sure predictions instead (Grandvalet and Bengio, 2004). Shapes: logits (…, C, …), of which the
 * mean over all but `dim` is taken. Throws a ShapeError if there is no such dimension.
 * Pereyra et al., Regularizing neural networks by penalizing confident output distributions, 2017.
 *
 * ```ts
 * const logits = tensor([[2, 0, 0]]);
 * const loss = crossEntropy(logits, tensor([0], { dtype: "i32" }));
 * loss.add(entropyPenalty(logits)); // tensor(0.1730)
 * ```
 */
export function entropyPenalty(logits: Tensor, options: EntropyPenaltyOptions = {}): Tensor {
  const { weight = 0.1, dim, reduction = "mean" } = options;
  return entropyWithLogits(logits, { dim, reduction }).mul(-weight);
}

/** `entropyPenalty` with options of its own. */
export class EntropyPenalty extends Loss<EntropyPenaltyOptions> {
  override forward(logits: Tensor): Tensor {
    return entropyPenalty(logits, this.options);
  }
}
