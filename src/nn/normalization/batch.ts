import { ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { type DType, ones, Parameter, type Tensor, Variable, zeros } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { standardize } from "./standardize.ts";

export interface BatchNormOptions {
  weight?: Tensor;
  bias?: Tensor;
  /** whether to normalise by the batch and to update the running statistics; false by default */
  training?: boolean;
  /** the part of the new value in the running statistics; 0.1 by default */
  momentum?: number;
  /** added to the variance; 1e-5 by default */
  eps?: number;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, channel by channel (Ioffe and Szegedy, 2015).
 *
 * In training, mean and (biased) variance are the batch's, and the running ones become (1 − momentum) · running +
 * momentum · batch, with the unbiased variance. Otherwise, the running ones are used, or the batch's without any.
 *
 * Shapes: x (N, C, …), all others (C) ─► (N, C, …). Throws a ShapeError if C differs, or in training if there is only
 * one value a channel, which has no variance.
 *
 * ```ts
 * const [m, v] = [new Variable(zeros([1])), new Variable(ones([1]))];
 * batchNorm(tensor([[1], [3]]), m, v, { training: true }); // tensor([[-1.0000], [ 1.0000]])
 * m; // tensor([0.2000])
 * ```
 */
export function batchNorm(
  x: Tensor,
  runningMean: Variable | undefined,
  runningVar: Variable | undefined,
  options: BatchNormOptions = {},
): Tensor {
  const { weight, bias, training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2) throw new ShapeError(`batchNorm needs an input (N, C, …), but got ${showShape(x.shape)}.`);
  const channels = x.shape[1];
  for (const tensor of [runningMean, runningVar, weight, bias]) {
    if (tensor && !sameShape(tensor.shape, [channels])) {
      throw new ShapeError(
        `batchNorm: the input ${showShape(x.shape)} has ${channels} channels, but statistics, weight or bias have shape ${showShape(tensor.shape)}.`,
      );
    }
  }
  const dims = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const perChannel = (y: Tensor): Tensor => y.reshape(x.shape.map((_, i) => (i === 1 ? -1 : 1))); // (C) ─► (1, C, 1, …)
  const shifted = (y: Tensor): Tensor => (bias ? y.add(perChannel(bias)) : y);
  const factor = weight ?? ones([channels], { dtype: x.dtype });
  if (!training && runningMean && runningVar) {
    const scale = runningVar.add(eps).rsqrt().mul(factor);
    return shifted(x.sub(perChannel(runningMean)).mul(perChannel(scale)));
  }
  if (training) {
    const count = x.numel() / channels;
    if (count <= 1) {
      throw new ShapeError(
        `batchNorm needs more than one value a channel to train, but got an input ${showShape(x.shape)}: use a larger batch, or eval().`,
      );
    }
    const batch = x.detach();
    const blend = (running: Variable, now: Tensor) => running.assign(running.mul(1 - momentum).add(now.mul(momentum)));
    if (runningMean) blend(runningMean, batch.mean(dims));
    if (runningVar) blend(runningVar, batch.var(dims, { correction: 0 }).mul(count / (count - 1)));
  }
  return shifted(standardize(x, perChannel(factor), dims, eps));
}

export interface BatchNormLayerOptions {
  /** added to the variance; 1e-5 by default */
  eps?: number;
  /** the part of the new value in the running statistics; 0.1 by default */
  momentum?: number;
  /** whether weight and bias are learned; true by default */
  affine?: boolean;
  /** whether running statistics are kept; without them, evaluation normalises by the batch too */
  trackRunningStats?: boolean;
  /** of parameters and statistics; f32 by default */
  dtype?: DType;
}

abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Variable | undefined;
  readonly runningVar: Variable | undefined;
  readonly numBatchesTracked: Variable | undefined;

  constructor(numFeatures: number, options: BatchNormLayerOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, dtype } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    if (affine) {
      this.weight = new Parameter(ones([numFeatures], { dtype }));
      this.bias = new Parameter(zeros([numFeatures], { dtype }));
    }
    if (trackRunningStats) {
      this.runningMean = new Variable(zeros([numFeatures], { dtype }));
      this.runningVar = new Variable(ones([numFeatures], { dtype }));
      this.numBatchesTracked = new Variable(zeros([], { dtype: "i32" }));
    }
  }

  /** The numbers of dimensions that an input may have. */
  protected abstract readonly ranks: readonly number[];

  override forward(x: Tensor): Tensor {
    return this.within(() => {
      if (!this.ranks.includes(x.ndim)) {
        throw new ShapeError(`the input has ${this.ranks.join(" or ")} dimensions, but got ${showShape(x.shape)}.`);
      }
      const { weight, bias, training, momentum, eps } = this;
      const y = batchNorm(x, this.runningMean, this.runningVar, { weight, bias, training, momentum, eps });
      if (training) this.numBatchesTracked?.assign(this.numBatchesTracked.add(1));
      return y;
    });
  }

  override extraRepr(): string {
    const flags = `affine=${this.weight !== undefined}, trackRunningStats=${this.runningMean !== undefined}`;
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}, ${flags}`;
  }
}

/** Batch normalisation of (N, C) or (N, C, L), as `BatchNorm2d`. */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(numFeatures, options);
  }

  protected override get ranks(): readonly number[] {
    return [2, 3];
  }
}

/**
 * Batch normalisation of (N, C, H, W): see `batchNorm`. Weight 1, bias 0, running mean 0 and variance 1 at first.
 *
 * Throws a ShapeError if C is not `numFeatures`, or in training if there is only one value a channel.
 *
 * ```ts
 * const layer = new BatchNorm2d(3);
 * layer.forward(ones([2, 3, 4, 4]));
 * layer.runningMean; // tensor([0.1000, 0.1000, 0.1000])
 * layer.forward(ones([1, 3, 1, 1])); // throws ShapeError
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(numFeatures, options);
  }

  protected override get ranks(): readonly number[] {
    return [4];
  }
}

/** Batch normalisation of (N, C, D, H, W), as `BatchNorm2d`. */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(numFeatures, options);
  }

  protected override get ranks(): readonly number[] {
    return [5];
  }
}
