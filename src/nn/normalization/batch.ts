import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type DType, ones, type Tensor, type Variable, where } from "../../tensor/index.ts";
import { ChannelNorm } from "./channel-norm.ts";
import { expectChannels, perChannel, perPosition, track } from "./channels.ts";
import { standardize } from "./standardize.ts";

/**
 * What momentum means, and which variance is kept: in `"torch"`, momentum is the new value's part, and the kept variance
 * that of a sample; in `"keras"`, it is the old value's part, and the kept variance is the one that normalises.
 */
export type BatchNormForm = "torch" | "keras";

/** The defaults of each form. */
const FORMS = { torch: { momentum: 0.1, eps: 1e-5 }, keras: { momentum: 0.99, eps: 1e-3 } } as const;

export interface BatchNormOptions {
  weight?: Tensor;
  bias?: Tensor;
  /** whether to normalise by the batch and to update the running statistics; false by default */
  training?: boolean;
  /** the part of the new value in the running statistics, 0.1 by default; in the Keras form that of the old, 0.99 */
  momentum?: number | Tensor;
  /** added to the variance; 1e-5 by default, 1e-3 in the Keras form */
  eps?: number;
  /** bool (N, …), true where x counts: what it leaves out is in no statistic and comes out as 0 */
  mask?: Tensor;
  /** `"torch"` by default */
  form?: BatchNormForm;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, channel by channel (Ioffe and Szegedy, Batch normalization, 2015).
 *
 * In training, mean and (biased) variance are the batch's, and the running ones become (1 − momentum) · running +
 * momentum · batch, with the unbiased variance. Otherwise, the running ones are used, or the batch's without any. The
 * Keras form keeps momentum · running + (1 − momentum) · batch, with the biased variance.
 *
 * Shapes: x (N, C, …), mask (N, …), all others (C) ─► (N, C, …). Throws a ShapeError if they do not fit, or in training
 * if there is only one value a channel, which has no variance (where a mask leaves one, the running statistics stay).
 *
 * ```ts
 * const [m, v] = [new Variable(zeros([1])), new Variable(ones([1]))];
 * batchNorm(tensor([[1], [3]]), m, v, { training: true }); // tensor([[-1.0000], [ 1.0000]])
 * m; // tensor([0.2000])
 * const mask = tensor([true, true, false]);
 * batchNorm(tensor([[1], [3], [100]]), m, v, { training: true, mask }); // tensor([[-1.0000], [ 1.0000], [ 0.0000]])
 * ```
 */
export function batchNorm(
  x: Tensor,
  runningMean: Variable | undefined,
  runningVar: Variable | undefined,
  options: BatchNormOptions = {},
): Tensor {
  const { weight, bias, training = false, form = "torch" } = options;
  const { momentum = FORMS[form].momentum, eps = FORMS[form].eps } = options;
  if (!(eps > 0)) throw new ArgumentError(`batchNorm: eps must be above 0, but is ${eps}.`);
  expectChannels("batchNorm", x, [runningMean, runningVar, weight, bias]);
  const mask = options.mask && perPosition("batchNorm", options.mask, x);
  const channels = x.shape[1];
  const dims = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const finished = (y: Tensor): Tensor => {
    const shifted = bias ? y.add(perChannel(bias, x)) : y;
    return mask ? where(mask, shifted, 0) : shifted;
  };
  const factor = weight ?? ones([channels], { dtype: x.dtype });
  if (!training && runningMean && runningVar) {
    const scale = runningVar.add(eps).rsqrt().mul(factor);
    const input = mask ? where(mask, x, 0) : x;
    return finished(input.sub(perChannel(runningMean, x)).mul(perChannel(scale, x)));
  }
  if (training && x.numel() > 0) {
    const unbiased = form === "torch";
    if (unbiased && x.numel() === channels) {
      throw new ShapeError(
        `batchNorm needs more than one value a channel to train, but got an input ${showShape(x.shape)}: use a larger batch, or eval().`,
      );
    }
    const part = unbiased ? momentum : typeof momentum === "number" ? 1 - momentum : momentum.neg().add(1);
    track(x.detach(), dims, { mean: runningMean, variance: runningVar, momentum: part, unbiased }, mask);
  }
  return finished(standardize(x, perChannel(factor, x), dims, eps, { mask }));
}

export interface BatchNormLayerOptions {
  /** added to the variance; 1e-5 by default, 1e-3 in the Keras form */
  eps?: number;
  /**
   * the part of the new value in the running statistics, 0.1 by default; in the Keras form that of the old, 0.99;
   * `null` averages all batches evenly
   */
  momentum?: number | null;
  /** whether weight and bias are learned; true by default */
  affine?: boolean;
  /** whether running statistics are kept; without them, evaluation normalises by the batch too */
  trackRunningStats?: boolean;
  /** `"torch"` by default */
  form?: BatchNormForm;
  /** of parameters and statistics; f32 by default */
  dtype?: DType;
}

abstract class BatchNorm extends ChannelNorm {
  readonly momentum: number | null;
  readonly form: BatchNormForm;

  constructor(numFeatures: number, options: BatchNormLayerOptions) {
    const { affine = true, trackRunningStats = true, form = "torch", dtype } = options;
    const { eps = FORMS[form].eps, momentum = FORMS[form].momentum } = options;
    super(numFeatures, { eps, affine, trackRunningStats, dtype });
    this.momentum = momentum;
    this.form = form;
  }

  /** The numbers of dimensions that an input may have. */
  protected abstract readonly ranks: readonly number[];

  override forward(x: Tensor, mask?: Tensor): Tensor {
    return this.within(() => {
      if (!this.ranks.includes(x.ndim)) {
        throw new ShapeError(`the input has ${this.ranks.join(" or ")} dimensions, but got ${showShape(x.shape)}.`);
      }
      const { weight, bias, training, eps, form } = this;
      const momentum = this.momentum ?? this.#evenly();
      const y = batchNorm(x, this.runningMean, this.runningVar, { weight, bias, training, momentum, eps, form, mask });
      if (training) this.numBatchesTracked?.assign(this.numBatchesTracked.add(1));
      return y;
    });
  }

  /** The momentum with which the running statistics become the mean of all batches'. */
  #evenly(): Tensor | undefined {
    if (!this.runningMean || !this.numBatchesTracked) return undefined;
    const part = this.numBatchesTracked.add(1).to(this.runningMean.dtype).reciprocal();
    return this.form === "torch" ? part : part.neg().add(1);
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
