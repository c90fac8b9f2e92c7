import { ArgumentError } from "../../core/errors.ts";
import { numel } from "../../core/shape.ts";
import { defaultGenerator, type Shape, stack, type Tensor, where } from "../../tensor/index.ts";
import { Module } from "../module.ts";

export interface DropoutOptions {
  /** the probability of zero; 0.5 by default */
  p?: number;
  /** whether anything is dropped at all; true by default */
  training?: boolean;
}

/**
 * Zeros with probability p, and the rest divided by 1 − p, so that the expected value stays (Srivastava et al., 2014).
 *
 * Shapes: any, kept. Throws an ArgumentError unless 0 ≤ p ≤ 1.
 *
 * ```ts
 * dropout(ones([3]), { training: false }); // tensor([1., 1., 1.])
 * dropout(ones([3]), { p: 1 }); // tensor([0., 0., 0.])
 * ```
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  const { p = 0.5, training = true } = options;
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`dropout: p is a probability, but got ${p}.`);
  if (!training || p === 0) return x;
  if (p === 1) return x.mul(0);
  return where(stays(x.shape, p), x.mul(1 / (1 - p)), 0);
}

/** True with probability 1 − p, to 16 bits: a block of two words serves four elements. */
function stays(shape: Shape, p: number): Tensor {
  const count = numel(shape);
  const words = defaultGenerator.draw(Math.ceil(count / 4)); // (count / 4) twice
  const halves = stack(words.flatMap((word) => [word.bitwiseAnd(0xffff), word.bitwiseRightShift(16)])); // (4, count / 4)
  return halves
    .reshape([-1])
    .narrow(0, 0, count)
    .reshape(shape)
    .ge(Math.round(p * 0x10000));
}

/**
 * While training, zeros with probability p, and the rest divided by 1 − p; nothing in evaluation.
 *
 * ```ts
 * const layer = new Dropout(0.2).eval();
 * layer.forward(tensor([1, 2])); // tensor([1., 2.])
 * ```
 */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`Dropout: p is a probability, but got ${p}.`);
    this.p = p;
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
