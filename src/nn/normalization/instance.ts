import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, showShape } from "../../core/shape.ts";
import { type DType, ones, type Tensor, type Variable, where } from "../../tensor/index.ts";
import { batched } from "../spatial.ts";
import { ChannelNorm } from "./channel-norm.ts";
import { expectChannels, perChannel, perPosition, track } from "./channels.ts";
import { standardize } from "./standardize.ts";

export interface InstanceNormOptions {
  weight?: Tensor;
  bias?: Tensor;
  /** mean of the examples' means, which `useInputStats` updates */
  runningMean?: Variable;
  /** mean of the examples' unbiased variances, which `useInputStats` updates */
  runningVar?: Variable;
  /** whether to normalise by the input rather than by the running statistics; true by default */
  useInputStats?: boolean;
  /** the part of the new value in the running statistics; 0.1 by default */
  momentum?: number;
  /** added to the variance; 1e-5 by default */
  eps?: number;
  /** bool (N, …), true where x counts: what it leaves out is in no statistic and comes out as 0 */
  mask?: Tensor;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, with the mean and the biased variance of each example's channel.
 *
 * Shapes: x (N, C, *S), mask (N, *S), all others (C) ─► (N, C, *S). Throws a ShapeError if they do not fit, or if there is
 * only one value a channel to normalise by. Ulyanov et al., Instance normalization, 2016.
 *
 * ```ts
 * instanceNorm(tensor([[[1, 3], [10, 30]]])); // tensor([[[-1.0000,  1.0000], [-1.0000,  1.0000]]])
 * ```
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = {}): Tensor {
  const { weight, bias, runningMean, runningVar, useInputStats = true, momentum = 0.1, eps = 1e-5 } = options;
  expectChannels("instanceNorm", x, [runningMean, runningVar, weight, bias]);
  const mask = options.mask && perPosition("instanceNorm", options.mask, x);
  const [n, channels, ...sizes] = x.shape;
  const dims = sizes.map((_, i) => i + 2);
  const factor = weight ?? ones([channels], { dtype: x.dtype });
  const finished = (y: Tensor): Tensor => {
    const shifted = bias ? y.add(perChannel(bias, x)) : y;
    return mask ? where(mask, shifted, 0) : shifted;
  };
  if (!useInputStats) {
    if (!runningMean || !runningVar) {
      throw new ArgumentError("instanceNorm needs runningMean and runningVar where useInputStats is false.");
    }
    const scale = runningVar.add(eps).rsqrt().mul(factor);
    const input = mask ? where(mask, x, 0) : x;
    return finished(input.sub(perChannel(runningMean, x)).mul(perChannel(scale, x)));
  }
  if (numel(sizes) === 1) {
    throw new ShapeError(
      `instanceNorm needs more than one position to normalise over, but got an input ${showShape(x.shape)}.`,
    );
  }
  if (x.numel() > 0)
    track(x.detach(), dims, { mean: runningMean, variance: runningVar, momentum, unbiased: true }, mask);
  const each = perChannel(factor, x).expand([n, channels, ...sizes.map(() => 1)]);
  return finished(standardize(x, each, dims, eps, { mask }));
}

export interface InstanceNormLayerOptions {
  /** added to the variance; 1e-5 by default */
  eps?: number;
  /** the part of the new value in the running statistics; 0.1 by default */
  momentum?: number;
  /** whether weight and bias are learned; false by default */
  affine?: boolean;
  /** whether running statistics are kept, and used in evaluation; false by default */
  trackRunningStats?: boolean;
  /** of parameters and statistics; f32 by default */
  dtype?: DType;
}

abstract class InstanceNorm extends ChannelNorm {
  readonly momentum: number;
  readonly #positions: number;

  constructor(positions: number, numFeatures: number, options: InstanceNormLayerOptions) {
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false, dtype } = options;
    super(numFeatures, { eps, affine, trackRunningStats, dtype });
    this.#positions = positions;
    this.momentum = momentum;
  }

  override forward(x: Tensor, mask?: Tensor): Tensor {
    const { weight, bias, eps, momentum, runningMean, runningVar, numFeatures } = this;
    const useInputStats = this.training || !runningMean;
    const masks = mask && (x.ndim === this.#positions + 1 ? mask.unsqueeze(0) : mask);
    return this.within(() =>
      batched("instanceNorm", x, this.#positions, (x) => {
        if (x.shape[1] !== numFeatures) {
          throw new ShapeError(`the input has ${numFeatures} channels, (N, C, …), but got ${showShape(x.shape)}.`);
        }
        return instanceNorm(x, { weight, bias, runningMean, runningVar, useInputStats, momentum, eps, mask: masks });
      }),
    );
  }
}

/**
 * Instance normalisation of (N, C, L) or (C, L): see `instanceNorm`.
 *
 * ```ts
 * const layer = new InstanceNorm1d(2);
 * layer; // InstanceNorm1d(2, eps=0.00001, momentum=0.1, affine=false, trackRunningStats=false)
 * layer.forward(tensor([[1, 3], [10, 30]])); // tensor([[-1.0000,  1.0000], [-1.0000,  1.0000]])
 * ```
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super(1, numFeatures, options);
  }
}

/** Instance normalisation of (N, C, H, W) or (C, H, W), as `InstanceNorm1d`. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super(2, numFeatures, options);
  }
}

/** Instance normalisation of (N, C, D, H, W) or (C, D, H, W), as `InstanceNorm1d`. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super(3, numFeatures, options);
  }
}
