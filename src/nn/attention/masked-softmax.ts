import { DTypeError } from "../../core/errors.ts";
import { type Tensor, where } from "../../tensor/index.ts";

/**
 * Softmax along `dim` of what a mask leaves; where it leaves nothing, zeros.
 *
 * Shapes: scores any, a mask that broadcasts to them: bool, true where a score counts, or float, added to the scores.
 * Without a mask it is `softmax`. Throws a DTypeError for other masks.
 * Vaswani et al., Attention is all you need, 2017, section 3.2.3.
 *
 * ```ts
 * const mask = tensor([[true, true, false], [false, false, false]]);
 * maskedSoftmax(zeros([2, 3]), mask); // tensor([[0.5000, 0.5000, 0.0000], [0.0000, 0.0000, 0.0000]])
 * ```
 */
export function maskedSoftmax(scores: Tensor, mask?: Tensor, dim = -1): Tensor {
  if (!mask) return scores.softmax(dim);
  const left = expectMask("maskedSoftmax", mask).dtype === "bool" ? where(mask, scores, -Infinity) : scores.add(mask);
  const most = left.amax(dim, { keepdim: true }).detach(); // the same shift for all changes nothing
  const weights = left.sub(where(most.eq(-Infinity), 0, most)).exp();
  const sums = weights.sum(dim, { keepdim: true });
  return weights.div(where(sums.eq(0), 1, sums));
}

/** Throws a DTypeError unless a mask is bool or float. */
export function expectMask(op: string, mask: Tensor): Tensor {
  if (mask.dtype === "bool" || mask.isFloatingPoint()) return mask;
  throw new DTypeError(`${op} needs a bool or float mask, but got ${mask.dtype}: .ne(0) makes it bool.`);
}
