import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { arange, askedBy, cat, full, pad, scan, stack, Tensor, tensor, where } from "../../tensor/index.ts";
import { Loss, type LossOptions, reduced } from "./loss.ts";

export interface CTCLossOptions extends LossOptions {
  /** the class that stands for no label; 0 by default */
  blank?: number;
  /** whether an impossible alignment costs 0 and not +∞ */
  zeroInfinity?: boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** log Σ eˣ of tensors alike: −∞ where all are, with derivatives of 0 there. */
function logSum(terms: readonly Tensor[]): Tensor {
  const top = terms.reduce((a, b) => a.maximum(b)).detach();
  const some = top.ne(NEVER);
  const shift = where(some, top, 0); // −∞ − −∞ would be NaN
  const total = terms.map((x) => x.sub(shift).exp()).reduce((a, b) => a.add(b));
  return where(some, where(some, total, 1).log().add(shift), NEVER);
}

/** x moved along the last dimension by some places, with −∞ where nothing comes from. */
const moved = (x: Tensor, places: number): Tensor =>
  pad(x, [places, 0], { value: NEVER }).narrow(-1, 0, x.shape[x.ndim - 1]);

/** Lengths (N) as a tensor; numbers are checked. */
function lengthsOf(name: string, lengths: Tensor | readonly number[], n: number, most: number): Tensor {
  if (lengths instanceof Tensor) {
    if (sameShape(lengths.shape, [n])) return lengths.to("i32");
    throw new ShapeError(`ctcLoss: ${name} needs a length for each of ${n}, but is ${showShape(lengths.shape)}.`);
  }
  if (lengths.length !== n) {
    throw new ShapeError(`ctcLoss: ${name} needs a length for each of ${n}, but has ${lengths.length}.`);
  }
  for (const length of lengths) {
    if (Number.isInteger(length) && length >= 0 && length <= most) continue;
    throw new ArgumentError(`ctcLoss: ${name} are whole numbers from 0 to ${most}, but one is ${length}.`);
  }
  return tensor(lengths, { dtype: "i32", shape: [n] });
}

/** Targets one after the other (sum) as rows (N, longest): what is behind a row's end is another row's. */
function rowsOf(targets: Tensor, targetLengths: Tensor | readonly number[], lengths: Tensor): Tensor {
  const [total] = targets.shape;
  // How long the longest is, a tensor does not tell while it is traced.
  const longest = targetLengths instanceof Tensor ? total : Math.max(0, ...targetLengths);
  const begin = lengths.cumsum(0).sub(lengths); // (N)
  const at = begin.unsqueeze(1).add(arange(longest, { dtype: "i32" })); // (N, longest)
  return longest === 0 ? at : targets.take(at.clamp(0, total - 1));
}

/**
 * Connectionist temporal classification: −log of the probability of all alignments that read as the target.
 *
 * An alignment has a class for each time; repeated ones merge, then blanks are dropped. With the target's labels set
 * between blanks, l = (␣, t₁, ␣, …, ␣), the logarithm of αₜ(s) = yₜ(lₛ) · (αₜ₋₁(s) + αₜ₋₁(s − 1) + αₜ₋₁(s − 2)) adds up
 * the beginnings of all alignments; the last term only between different labels. The derivative is exact for any
 * numbers, whether they are normalised or not. The mean is over loss / length of the target (at least 1).
 *
 * A target too long for its input costs +∞, or 0 with `zeroInfinity`, and its derivative is 0.
 *
 * Shapes: log-probabilities (T, N, C), such as `logits.logSoftmax(2)`; targets (N, S), padded with anything, or (sum of
 * lengths), one after the other; lengths (N), as tensors, or as arrays, which are checked, and cost less where targets
 * stand one after the other ─► (N). Throws a ShapeError or ArgumentError if they do not fit, and an IndexError, when it
 * is computed, for a class outside of [0, C).
 *
 * ```ts
 * const logProbabilities = tensor([[[0.5, 0.5]], [[0.5, 0.5]]]).log(); // two times, one sequence, blank and a label
 * const one = tensor([[1]], { dtype: "i32" });
 * ctcLoss(logProbabilities, one, [2], [1]).neg().exp(); // tensor(0.7500)
 * ```
 *
 * Graves, Fernández, Gomez, Schmidhuber, Connectionist temporal classification: labelling unsegmented sequence data with
 * recurrent neural networks, 2006.
 */
export function ctcLoss(
  logProbabilities: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[],
  targetLengths: Tensor | readonly number[],
  options: CTCLossOptions = {},
): Tensor {
  const { blank = 0, zeroInfinity = false, reduction = "mean" } = options;
  const { dtype, shape } = logProbabilities;
  const [t, n, classes] = shape;
  if (shape.length !== 3 || !(targets.ndim === 1 || (targets.ndim === 2 && targets.shape[0] === n))) {
    throw new ShapeError(
      `ctcLoss needs log-probabilities (T, N, C) and targets (N, S) or (sum of lengths), but got ${showShape(shape)} and ${showShape(targets.shape)}.`,
    );
  }
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new ArgumentError(`ctcLoss: the blank is one of ${classes} classes, from 0, but is ${blank}.`);
  }
  const times = lengthsOf("inputLengths", inputLengths, n, t);
  const ends = lengthsOf("targetLengths", targetLengths, n, targets.shape[targets.ndim - 1]);
  const labels = targets.ndim === 2 ? targets.to("i32") : rowsOf(targets.to("i32"), targetLengths, ends);

  const s = labels.shape[1];
  const states = 2 * s + 1;
  const spoken = where(arange(s, { dtype: "i32" }).lt(ends.unsqueeze(1)), labels, blank); // (N, S)
  const between = stack([spoken, full([n, s], blank, { dtype: "i32" })], 2).reshape([n, 2 * s]);
  const line = pad(between, [1, 0], { value: blank }); // (N, 2S + 1): blank, label, blank, …
  const skips = line.ne(blank).logicalAnd(line.ne(pad(line, [2, 0], { value: blank }).narrow(1, 0, states)));
  const heard = askedBy("ctcLoss", () => logProbabilities.gather(2, line.expand([t, n, states]))); // (T, N, 2S + 1)

  // Before the first time all alignments stand at the first blank.
  const start = cat([full([n, 1], 0, { dtype }), full([n, 2 * s], NEVER, { dtype })], 1);
  const step = (before: Tensor, now: Tensor): [Tensor, readonly Tensor[]] => {
    const skipped = where(skips, moved(before, 2), NEVER);
    return [logSum([before, moved(before, 1), skipped]).add(now), []];
  };
  const [last] = scan(step, start, heard, { lengths: times }); // (N, 2S + 1)

  const end = ends.unsqueeze(1).mul(2); // alignments end in the last blank, or in the last label if there is one
  const label = last.gather(1, end.sub(1).clamp(0));
  const losses = logSum([last.gather(1, end), where(end.gt(0), label, NEVER)])
    .squeeze(1)
    .neg(); // (N)
  const finite = zeroInfinity ? where(losses.eq(Number.POSITIVE_INFINITY), 0, losses) : losses;
  return reduction === "mean" ? finite.div(ends.clamp(1)).mean() : reduced("ctcLoss", finite, reduction);
}

/** `ctcLoss` with options of its own. */
export class CTCLoss extends Loss<CTCLossOptions> {
  override forward(
    logProbabilities: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return ctcLoss(logProbabilities, targets, inputLengths, targetLengths, this.options);
  }
}
