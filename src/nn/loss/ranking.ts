/** Losses of orders: which of two comes first, and which order a whole list has. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { arange, ones, softplus, type Tensor, where } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

export interface MarginRankingLossOptions extends LossOptions {
  /** by how much the first is to score higher; 0 by default */
  margin?: number;
}

export interface ListLossOptions extends LossOptions {
  /** true (…, L) where an item is part of its list, false where it pads it; all are by default */
  mask?: Tensor;
}

export interface RankNetLossOptions extends ListLossOptions {
  /** σ, which scales the differences of scores; 1 by default */
  sigma?: number;
}

/**
 * max(0, −y·(x₁ − x₂) + margin): y is 1 where x₁ is to be the larger, −1 where x₂ is.
 *
 * Shapes: x₁, x₂ and y alike. Throws a ShapeError if they differ.
 * PyTorch documentation, torch.nn.MarginRankingLoss.
 *
 * ```ts
 * marginRankingLoss(tensor([2, 1]), tensor([1, 4]), tensor([1, 1]), { reduction: "none" }); // tensor([0., 3.])
 * ```
 */
export function marginRankingLoss(x1: Tensor, x2: Tensor, y: Tensor, options: MarginRankingLossOptions = {}): Tensor {
  const { margin = 0, reduction = "mean" } = options;
  expectSameShape("marginRankingLoss", x1, x2);
  expectSameShape("marginRankingLoss", x1, y);
  return reduced("marginRankingLoss", y.neg().mul(x1.sub(x2)).add(margin).clamp(0), reduction);
}

/**
 * The cross-entropy of which of two items comes first: softplus(−d) + (1 − y)·d with d = x₁ − x₂.
 *
 * The model says σ(x₁ − x₂) for the probability that the first does, and y is the wanted one: 1, 0, or ½ for a tie.
 *
 * Shapes: scores x₁ and x₂ and y alike. Throws a ShapeError if they differ.
 *
 * ```ts
 * rankNetPairLoss(tensor([2, 2]), tensor([1, 1]), tensor([1, 0.5]), { reduction: "none" }); // tensor([0.3133, 0.8133])
 * ```
 *
 * Burges et al., Learning to rank using gradient descent, 2005.
 */
export function rankNetPairLoss(x1: Tensor, x2: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("rankNetPairLoss", x1, x2);
  expectSameShape("rankNetPairLoss", x1, y);
  const difference = x1.sub(x2);
  return reduced("rankNetPairLoss", softplus(difference.neg()).sub(y.sub(1).mul(difference)), options.reduction);
}

/** What is part of a list: a mask (…, L), all true without one. */
function expectLists(op: string, scores: Tensor, relevances: Tensor, mask: Tensor | undefined): Tensor {
  expectSameShape(op, scores, relevances);
  if (scores.ndim === 0) throw new ShapeError(`${op} needs lists (…, L), but got a single number.`);
  if (mask && !sameShape(mask.shape, scores.shape)) {
    throw new ShapeError(
      `${op}: the mask of lists ${showShape(scores.shape)} needs their shape, but is ${showShape(mask.shape)}.`,
    );
  }
  return mask?.bool() ?? ones(scores.shape, { dtype: "bool" });
}

/**
 * The cross-entropy of the order of all pairs in a list: log(1 + e^(−σ·(sᵢ − sⱼ))) where i is more relevant than j.
 *
 * Pairs of equal relevance cost nothing. The mean is over the pairs that count, or 0 without any.
 *
 * Shapes: scores and relevances (…, L) ─► (…, L, L), 0 where a pair does not count. Throws a ShapeError if they differ,
 * an ArgumentError for σ ≤ 0.
 *
 * ```ts
 * rankNetLoss(tensor([[2, 1, 0]]), tensor([[1, 0, 0]])); // tensor(0.2201)
 * ```
 *
 * Burges et al., Learning to rank using gradient descent, 2005.
 */
export function rankNetLoss(scores: Tensor, relevances: Tensor, options: RankNetLossOptions = {}): Tensor {
  const { sigma = 1, reduction = "mean" } = options;
  if (!(sigma > 0)) throw new ArgumentError(`rankNetLoss: sigma is greater than 0, but is ${sigma}.`);
  const mask = expectLists("rankNetLoss", scores, relevances, options.mask);
  const listed = where(mask, scores, 0); // what pads a list may be anything
  const difference = listed.unsqueeze(-1).sub(listed.unsqueeze(-2)); // (…, L, L)
  const ordered = relevances.unsqueeze(-1).gt(relevances.unsqueeze(-2));
  const counts = ordered.logicalAnd(mask.unsqueeze(-1)).logicalAnd(mask.unsqueeze(-2));
  const losses = where(counts, softplus(difference.mul(-sigma)), 0);
  return reduction === "mean" ? losses.sum().div(counts.sum().clamp(1)) : reduced("rankNetLoss", losses, reduction);
}

/**
 * −log σ(p − n): an item that was chosen scores higher than one that was not.
 *
 * The paper adds an L2 penalty of the parameters, which is an optimizer's `weightDecay`.
 *
 * Shapes: the scores of positive and negative items, alike. Throws a ShapeError if they differ.
 *
 * ```ts
 * bprLoss(tensor([2, 0]), tensor([1, 0])); // tensor(0.5032)
 * ```
 *
 * Rendle, Freudenthaler, Gantner, Schmidt-Thieme, BPR: Bayesian personalized ranking from implicit feedback, 2009.
 */
export function bprLoss(positive: Tensor, negative: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("bprLoss", positive, negative);
  return reduced("bprLoss", softplus(negative.sub(positive)), options.reduction);
}

/** x with what pads a list at −∞; in a list that has nothing at all, at 0, of which a softmax exists. */
const padded = (x: Tensor, mask: Tensor): Tensor =>
  where(mask, x, where(mask.any(-1, { keepdim: true }), Number.NEGATIVE_INFINITY, 0));

/**
 * The cross-entropy between the odds of each item to come first: −Σ softmax(relevances) · log softmax(scores).
 *
 * A list without items costs nothing.
 *
 * Shapes: scores and relevances (…, L) ─► (…). Throws a ShapeError if they differ.
 *
 * ```ts
 * listNetLoss(tensor([[1, 2, 3]]), tensor([[0, 1, 2]])); // tensor(0.8324)
 * ```
 *
 * Cao, Qin, Liu, Tsai, Li, Learning to rank: from pairwise approach to listwise approach, 2007.
 */
export function listNetLoss(scores: Tensor, relevances: Tensor, options: ListLossOptions = {}): Tensor {
  const mask = expectLists("listNetLoss", scores, relevances, options.mask);
  const wanted = padded(relevances, mask).softmax(-1);
  const logs = where(mask, padded(scores, mask).logSoftmax(-1), 0); // 0 · −∞ would be NaN
  return reduced("listNetLoss", where(mask, wanted.mul(logs), 0).sum(-1).neg(), options.reduction);
}

/**
 * −log of the probability of the order that the relevances give: Σᵢ log Σ_{j not before i} e^(sⱼ) − sᵢ.
 *
 * It is Plackett and Luce's model: places are given from the top, each with odds e^s among the items that are left.
 * Equal relevances are in the order of the list. A list without items costs nothing.
 *
 * Shapes: scores and relevances (…, L) ─► (…). Throws a ShapeError if they differ.
 *
 * ```ts
 * listMleLoss(tensor([[1, 2, 3]]), tensor([[0, 1, 2]])); // tensor(0.7209)
 * ```
 *
 * Xia, Liu, Wang, Zhang, Li, Listwise approach to learning to rank: theory and algorithm, 2008.
 */
export function listMleLoss(scores: Tensor, relevances: Tensor, options: ListLossOptions = {}): Tensor {
  const mask = expectLists("listMleLoss", scores, relevances, options.mask);
  const [mine, others] = [relevances.unsqueeze(-1), relevances.unsqueeze(-2)];
  const place = arange(scores.shape[scores.ndim - 1], { dtype: "i32" });
  const tied = others.eq(mine).logicalAnd(place.ge(place.unsqueeze(-1)));
  const left = others.lt(mine).logicalOr(tied).logicalAnd(mask.unsqueeze(-2)).logicalAnd(mask.unsqueeze(-1)); // (…, L, L)
  const listed = where(mask, scores, 0);
  const total = padded(listed.unsqueeze(-2).expand(left.shape), left).logsumexp(-1); // (…, L)
  return reduced("listMleLoss", where(mask, total.sub(listed), 0).sum(-1), options.reduction);
}

/** `marginRankingLoss` with options of its own. */
export class MarginRankingLoss extends Loss<MarginRankingLossOptions> {
  override forward(x1: Tensor, x2: Tensor, y: Tensor): Tensor {
    return marginRankingLoss(x1, x2, y, this.options);
  }
}

/** `rankNetPairLoss` with options of its own. */
export class RankNetPairLoss extends Loss<LossOptions> {
  override forward(x1: Tensor, x2: Tensor, y: Tensor): Tensor {
    return rankNetPairLoss(x1, x2, y, this.options);
  }
}

/** `rankNetLoss` with options of its own; the mask is given to each call. */
export class RankNetLoss extends Loss<Omit<RankNetLossOptions, "mask">> {
  override forward(scores: Tensor, relevances: Tensor, mask?: Tensor): Tensor {
    return rankNetLoss(scores, relevances, { ...this.options, ...(mask && { mask }) });
  }
}

/** `bprLoss` with options of its own. */
export class BPRLoss extends Loss<LossOptions> {
  override forward(positive: Tensor, negative: Tensor): Tensor {
    return bprLoss(positive, negative, this.options);
  }
}

/** `listNetLoss` with options of its own; the mask is given to each call. */
export class ListNetLoss extends Loss<LossOptions> {
  override forward(scores: Tensor, relevances: Tensor, mask?: Tensor): Tensor {
    return listNetLoss(scores, relevances, { ...this.options, ...(mask && { mask }) });
  }
}

/** `listMleLoss` with options of its own; the mask is given to each call. */
export class ListMLELoss extends Loss<LossOptions> {
  override forward(scores: Tensor, relevances: Tensor, mask?: Tensor): Tensor {
    return listMleLoss(scores, relevances, { ...this.options, ...(mask && { mask }) });
  }
}
