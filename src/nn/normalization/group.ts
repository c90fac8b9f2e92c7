import { ShapeError } from "../../core/errors.ts";
import { numel, showShape } from "../../core/shape.ts";
import { type DType, ones, Parameter, type Tensor, where, zeros } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { Module } from "../module.ts";
import { expectChannels, expectGroups, perChannel, perPosition } from "./channels.ts";
import { standardize } from "./standardize.ts";

export interface GroupNormOptions {
  weight?: Tensor;
  bias?: Tensor;
  /** added to the variance; 1e-5 by default */
  eps?: number;
  /** bool (N, …), true where x counts: what it leaves out is in no statistic and comes out as 0 */
  mask?: Tensor;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, with the mean and the biased variance of each example's groups of
 * channels: one group normalises over all of them, as many groups as channels each by itself.
 *
 * Shapes: x (N, C, …), mask (N, …), weight and bias (C) ─► (N, C, …). Throws a ShapeError if they do not fit, or if the
 * whole input has one value a group; an ArgumentError if the channels do not fall into equal groups.
 * Wu and He, Group normalization, 2018.
 *
 * ```ts
 * groupNorm(tensor([[1, 3, 10, 30]]), 2); // tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
 * ```
 */
export function groupNorm(x: Tensor, numGroups: number, options: GroupNormOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options;
  expectChannels("groupNorm", x, [weight, bias]);
  const [n, channels, ...sizes] = x.shape;
  expectGroups("groupNorm", channels, numGroups);
  const perGroup = channels / numGroups;
  if (n * perGroup * numel(sizes) === 1) {
    throw new ShapeError(
      `groupNorm needs more than one value a group, but got an input ${showShape(x.shape)} and ${numGroups} groups: use fewer.`,
    );
  }
  const mask = options.mask && perPosition("groupNorm", options.mask, x); // (N, 1, …)
  const y = standardize(
    x.reshape([n, numGroups, perGroup, numel(sizes)]),
    (weight ?? ones([channels], { dtype: x.dtype })).reshape([1, numGroups, perGroup, 1]),
    [2, 3],
    eps,
    { mask: mask?.reshape([n, 1, 1, numel(sizes)]) },
  ).reshape(x.shape);
  const shifted = bias ? y.add(perChannel(bias, x)) : y;
  return mask ? where(mask, shifted, 0) : shifted;
}

/**
 * Group normalisation of (N, C, …): see `groupNorm`. Weight 1 and bias 0 at first.
 *
 * ```ts
 * const layer = new GroupNorm(2, 6);
 * layer; // GroupNorm(2, 6, eps=0.00001, affine=true)
 * layer.forward(ones([1, 6, 5])).shape; // [ 1, 6, 5 ]
 * new GroupNorm(4, 6); // throws ArgumentError
 * ```
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  constructor(
    numGroups: number,
    numChannels: number,
    options: {
      /** added to the variance; 1e-5 by default */
      eps?: number;
      /** whether weight and bias are learned; true by default */
      affine?: boolean;
      /** of the parameters; f32 by default */
      dtype?: DType;
    } = {},
  ) {
    super();
    const { eps = 1e-5, affine = true, dtype } = options;
    checkCounts("GroupNorm", { numChannels });
    expectGroups("GroupNorm", numChannels, numGroups);
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    if (affine) {
      this.weight = new Parameter(ones([numChannels], { dtype }));
      this.bias = new Parameter(zeros([numChannels], { dtype }));
    }
  }

  override forward(x: Tensor, mask?: Tensor): Tensor {
    const { weight, bias, eps, numGroups, numChannels } = this;
    return this.within(() => {
      if (x.shape[1] !== numChannels) {
        throw new ShapeError(`the input has ${numChannels} channels, (N, C, …), but got ${showShape(x.shape)}.`);
      }
      return groupNorm(x, numGroups, { weight, bias, eps, mask });
    });
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== undefined}`;
  }
}
