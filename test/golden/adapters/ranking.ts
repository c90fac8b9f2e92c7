/** What each golden loss of orders is in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import {
  bprLoss,
  type ListLossOptions,
  listMleLoss,
  listNetLoss,
  type MarginRankingLossOptions,
  marginRankingLoss,
  type RankNetLossOptions,
  rankNetLoss,
  rankNetPairLoss,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a loss takes beside tensors. Each loss's cases have the options that it reads. */
type RankingOptions = MarginRankingLossOptions & RankNetLossOptions;

const lists =
  (f: (scores: Tensor, relevances: Tensor, options: ListLossOptions) => Tensor): Operator<RankingOptions> =>
  ([scores, relevances, mask], options) =>
    f(scores, relevances, { ...options, ...(mask && { mask }) });

export const RANKING: Readonly<Record<string, Operator<RankingOptions>>> = {
  marginRankingLoss: ([x1, x2, y], options) => marginRankingLoss(x1, x2, y, options),
  rankNetPairLoss: ([x1, x2, y], options) => rankNetPairLoss(x1, x2, y, options),
  bprLoss: ([positive, negative], options) => bprLoss(positive, negative, options),
  rankNetLoss: lists(rankNetLoss),
  listNetLoss: lists(listNetLoss),
  listMleLoss: lists(listMleLoss),
};
