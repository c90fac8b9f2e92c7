/** What the normalisations of channels share: checks, masks of positions, and running statistics. */

import { ArgumentError, DTypeError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { type Tensor, type Variable, where } from "../../tensor/index.ts";
import { averaging } from "./standardize.ts";

/** Throws a ShapeError unless x is (N, C, …) and the others, where they are, (C). */
export function expectChannels(op: string, x: Tensor, others: readonly (Tensor | undefined)[]): void {
  if (x.ndim < 2) throw new ShapeError(`${op} needs an input (N, C, …), but got ${showShape(x.shape)}.`);
  for (const tensor of others) {
    if (tensor && !sameShape(tensor.shape, [x.shape[1]])) {
      throw new ShapeError(
        `${op}: the input ${showShape(x.shape)} has ${x.shape[1]} channels, but statistics, weight or bias have shape ${showShape(tensor.shape)}.`,
      );
    }
  }
}

/** A vector of the channels as it broadcasts to x: (C) ─► (1, C, 1, …). */
export const perChannel = (y: Tensor, x: Tensor): Tensor => y.reshape(x.shape.map((_, i) => (i === 1 ? -1 : 1)));

/** A mask of positions, which all channels share, as it broadcasts to x: (N, …) ─► (N, 1, …). */
export function perPosition(op: string, mask: Tensor, x: Tensor): Tensor {
  if (mask.dtype !== "bool") {
    throw new DTypeError(
      `${op}: a mask is bool, true where x counts, but got ${mask.dtype}: compare it, as in x.ne(0).`,
    );
  }
  const wanted = x.shape.filter((_, i) => i !== 1);
  if (!sameShape(mask.shape, wanted)) {
    throw new ShapeError(
      `${op}: an input ${showShape(x.shape)} has the positions ${showShape(wanted)}, but the mask is ${showShape(mask.shape)}.`,
    );
  }
  return mask.unsqueeze(1);
}

/** Throws an ArgumentError unless 0 ≤ groups and the channels fall into them. */
export function expectGroups(op: string, channels: number, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ArgumentError(`${op}: ${channels} channels do not fall into ${groups} equal groups.`);
  }
}

/** The running statistics, and how new ones enter them. */
export interface Running {
  readonly mean: Variable | undefined;
  readonly variance: Variable | undefined;
  /** the part of the new value */
  readonly momentum: number | Tensor;
  /** whether the variance is kept as that of a sample, Σ (x − mean)² / (n − 1) */
  readonly unbiased: boolean;
}

/**
 * running ← (1 − momentum) · running + momentum · that of x over `dims`, the mean of all examples where they are apart.
 *
 * What a mask leaves fewer than two values of has no variance and does not count.
 */
export function track(x: Tensor, dims: readonly number[], running: Running, mask: Tensor | undefined): void {
  const { momentum, unbiased } = running;
  const { count, average } = averaging(x.shape, dims, mask); // (1 or N, C, 1, …)
  const mean = average(x);
  const deviation = x.sub(mean);
  const biased = average(deviation.mul(deviation));
  const rest = typeof momentum === "number" ? 1 - momentum : momentum.neg().add(1);
  const blend = (kept: Variable, now: Tensor): Tensor => kept.mul(rest).add(now.reshape(kept.shape).mul(momentum));
  if (typeof count === "number") {
    const variance = unbiased ? biased.mul(count / (count - 1)) : biased;
    const update = (kept: Variable, now: Tensor) => kept.assign(blend(kept, now.shape[0] === 1 ? now : now.mean(0)));
    if (running.mean) update(running.mean, mean);
    if (running.variance) update(running.variance, variance);
    return;
  }
  const known = count.gt(1);
  const examples = known.sum(0, { keepdim: true }); // (1, C, 1, …)
  const variance = unbiased ? biased.mul(count).div(count.sub(1).clamp(1)) : biased;
  const update = (kept: Variable, now: Tensor): void => {
    const average = where(known, now, 0).sum(0).div(examples.clamp(1).squeeze(0));
    kept.assign(where(examples.flatten().gt(0), blend(kept, average), kept));
  };
  if (running.mean) update(running.mean, mean);
  if (running.variance) update(running.variance, variance);
}
