/** What each golden stand-in for a softmax is in chainrule. */

import { HierarchicalSoftmax, type LossOptions, negativeSamplingLoss } from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a loss takes beside tensors. Each loss's cases have the options that it reads. */
type SampledOptions = LossOptions & { readonly counts: number[]; readonly all?: boolean };

export const SAMPLED: Readonly<Record<string, Operator<SampledOptions>>> = {
  negativeSamplingLoss: ([u, v, negatives], options) => negativeSamplingLoss(u, v, negatives, options),
  // its weight is one of the case's inputs, by which it is differentiated
  HierarchicalSoftmax([hidden, ...rest], { counts, all, ...options }) {
    const weight = rest[rest.length - 1];
    const output = Object.assign(new HierarchicalSoftmax(hidden.shape[1], counts, options), { weight });
    return all ? output.logProbabilities(hidden) : output.forward(hidden, rest[0]);
  },
};
