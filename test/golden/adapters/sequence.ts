/** What each golden loss of sequences is in chainrule. */

import {
  type CTCLossOptions,
  ctcLoss,
  type SequenceCrossEntropyOptions,
  sequenceCrossEntropy,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a loss takes beside tensors. Each loss's cases have the options that it reads. */
type SequenceOptions = SequenceCrossEntropyOptions &
  CTCLossOptions & { readonly inputLengths: number[]; readonly targetLengths: number[] };

export const SEQUENCE: Readonly<Record<string, Operator<SequenceOptions>>> = {
  sequenceCrossEntropy([logits, targets, ...counted], options) {
    const mask = counted.find(({ ndim }) => ndim === 2);
    const lengths = counted.find(({ ndim }) => ndim === 1);
    return sequenceCrossEntropy(logits, targets, { ...options, ...(mask && { mask }), ...(lengths && { lengths }) });
  },
  // of logits, by which alone PyTorch's derivative is right
  ctcLoss: ([logits, targets], { inputLengths, targetLengths, ...options }) =>
    ctcLoss(logits.logSoftmax(2), targets, inputLengths, targetLengths, options),
};
