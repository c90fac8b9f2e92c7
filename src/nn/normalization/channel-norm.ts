import { type DType, ones, Parameter, Variable, zeros } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { Module } from "../module.ts";

export interface ChannelNormOptions {
  /** added to the variance */
  eps: number;
  /** whether weight and bias are learned */
  affine: boolean;
  /** whether running statistics are kept */
  trackRunningStats: boolean;
  /** of parameters and statistics; f32 by default */
  dtype?: DType;
}

/** What norms of channels keep: a weight and a bias, running statistics and how many batches they come from. */
export abstract class ChannelNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  abstract readonly momentum: number | null;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Variable | undefined;
  readonly runningVar: Variable | undefined;
  readonly numBatchesTracked: Variable | undefined;

  constructor(numFeatures: number, { eps, affine, trackRunningStats, dtype }: ChannelNormOptions) {
    super();
    checkCounts(this.constructor.name, { numFeatures });
    this.numFeatures = numFeatures;
    this.eps = eps;
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

  override extraRepr(): string {
    const flags = `affine=${this.weight !== undefined}, trackRunningStats=${this.runningMean !== undefined}`;
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}, ${flags}`;
  }
}
