import { ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { arange, type Tensor, where } from "../../tensor/index.ts";
import { crossEntropy } from "./classification.ts";
import { Loss, type Reduction } from "./loss.ts";

export interface SequenceCrossEntropyOptions {
  /** true (N, T) at the tokens that count; all do by default */
  mask?: Tensor;
  /** how many tokens each sequence has (N), from its start; T by default */
  lengths?: Tensor;
  /** targets of this number count for nothing; −100 by default */
  ignoreIndex?: number;
  /** ε: the target distribution becomes (1 − ε) · target + ε / C; 0 by default */
  labelSmoothing?: number;
  /** `"mean"` over the tokens that count, the default; `"batchmean"`: their sum, divided by the number of sequences */
  reduction?: Reduction | "batchmean";
}

/**
 * The cross-entropy of each token of sequences, −log softmax(logits)[target].
 *
 * The mean is over the tokens that count (by `mask`, `lengths` and `ignoreIndex`, where all of them agree), and NaN
 * without any. Its exponential is the perplexity of the sequences. What stands at other tokens does not matter.
 *
 * Shapes: logits (N, T, C), targets (N, T) of integers ─► (N, T). Throws a ShapeError if they do not fit, and an
 * IndexError, when it is computed, for a target outside of [0, C) that counts.
 * Jurafsky and Martin, Speech and language processing, 2025, chapter 3.
 *
 * ```ts
 * const logits = tensor([[[2, 0], [0, 2], [9, 9]]]);
 * const targets = tensor([[0, 0, 1]], { dtype: "i32" });
 * const loss = sequenceCrossEntropy(logits, targets, { lengths: tensor([2], { dtype: "i32" }) });
 * loss; // tensor(1.1269)
 * loss.exp(); // tensor(3.0862)
 * ```
 */
export function sequenceCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: SequenceCrossEntropyOptions = {},
): Tensor {
  const { mask, lengths, ignoreIndex = -100, labelSmoothing, reduction = "mean" } = options;
  if (logits.ndim !== 3 || !sameShape(targets.shape, logits.shape.slice(0, 2))) {
    throw new ShapeError(
      `sequenceCrossEntropy needs logits (N, T, C) and targets (N, T), but got ${showShape(logits.shape)} and ${showShape(targets.shape)}.`,
    );
  }
  const [n, t, c] = logits.shape;
  if ((mask && !sameShape(mask.shape, [n, t])) || (lengths && !sameShape(lengths.shape, [n]))) {
    throw new ShapeError(
      `sequenceCrossEntropy: targets ${showShape([n, t])} need a mask ${showShape([n, t])} and lengths ${showShape([n])}, but got ${[mask, lengths].flatMap((x) => (x ? [showShape(x.shape)] : [])).join(" and ")}.`,
    );
  }
  let counts = targets.ne(ignoreIndex);
  if (mask) counts = counts.logicalAnd(mask);
  if (lengths) counts = counts.logicalAnd(arange(t, { dtype: "i32" }).lt(lengths.unsqueeze(1)));
  const losses = crossEntropy(
    where(counts.unsqueeze(2), logits, 0).reshape([n * t, c]),
    where(counts, targets, ignoreIndex).reshape([n * t]),
    {
      ignoreIndex,
      reduction: reduction === "batchmean" ? "sum" : reduction,
      ...(labelSmoothing && { labelSmoothing }),
    },
  );
  if (reduction === "batchmean") return losses.div(n);
  return reduction === "none" ? losses.reshape([n, t]) : losses;
}

/** `sequenceCrossEntropy` with options of its own; mask and lengths are given to each call. */
export class SequenceCrossEntropyLoss extends Loss<Omit<SequenceCrossEntropyOptions, "mask" | "lengths">> {
  override forward(
    logits: Tensor,
    targets: Tensor,
    counted: Pick<SequenceCrossEntropyOptions, "mask" | "lengths"> = {},
  ): Tensor {
    return sequenceCrossEntropy(logits, targets, { ...this.options, ...counted });
  }
}
