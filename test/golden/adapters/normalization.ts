/** What each golden normalisation is in chainrule. */

import { noGrad, stack, type Tensor, Variable } from "../../../src/index.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormLayerOptions,
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
  instanceNorm,
  type LocalResponseNormOptions,
  layerNorm,
  localResponseNorm,
  type NormalizeOptions,
  normalize,
  rmsNorm,
} from "../../../src/nn/index.ts";
import { SpectralNorm } from "../../../src/nn/normalization/spectral.ts";
import { WeightNorm } from "../../../src/nn/normalization/weight.ts";
import type { Operator } from "./operators.ts";

/** What a normalisation takes beside tensors. Each one's cases have the options that it reads. */
type NormOptions = BatchNormOptions &
  InstanceNormOptions &
  LocalResponseNormOptions &
  NormalizeOptions & {
    readonly normalizedShape: number[];
    readonly numGroups: number;
    readonly size: number;
    readonly nPowerIterations: number;
    readonly eps: number;
    readonly dim: number | null;
  };

type Norm = Operator<NormOptions>;

/** A mask is the bool among the inputs. */
function withoutMask(inputs: readonly Tensor[]): { mask: Tensor | undefined; rest: Tensor[] } {
  return { mask: inputs.find((x) => x.dtype === "bool"), rest: inputs.filter((x) => x.dtype !== "bool") };
}

type RunningNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d | InstanceNorm1d;

/** Outputs of batches one after the other, of the first in evaluation, and what is kept: all of a fresh module. */
const steps =
  (make: (numFeatures: number, options: BatchNormLayerOptions) => RunningNorm): Norm =>
  ([batches], options) => {
    const layer = make(batches.shape[2], { ...options, affine: false, dtype: batches.dtype });
    const seen = stack(batches.unbind().map((x) => layer.forward(x)));
    layer.eval();
    const first = layer.forward(batches.select(0, 0));
    // as they are now: what is read later would be what they are then
    return [seen, first, ...[layer.runningMean, layer.runningVar].flatMap((kept) => (kept ? [kept.detach()] : []))];
  };

export const NORMALIZATION: Readonly<Record<string, Norm>> = {
  // the running statistics are results too; where there are none, there is no momentum
  batchNorm(inputs, options) {
    const { mask, rest } = withoutMask(inputs);
    const x = rest[0];
    if (options.momentum === undefined) {
      const [, weight, bias] = rest;
      return batchNorm(x, undefined, undefined, { ...options, weight, bias, mask });
    }
    const [, mean, variance, weight, bias] = rest;
    const running = [new Variable(mean), new Variable(variance)];
    return [batchNorm(x, running[0], running[1], { ...options, weight, bias, mask }), ...running];
  },
  layerNorm: ([x, weight, bias], options) => layerNorm(x, options.normalizedShape, { ...options, weight, bias }),
  groupNorm(inputs, options) {
    const { mask, rest } = withoutMask(inputs);
    const [x, weight, bias] = rest;
    return groupNorm(x, options.numGroups, { ...options, weight, bias, mask });
  },
  instanceNorm(inputs, options) {
    const { mask, rest } = withoutMask(inputs);
    const [x, ...others] = rest;
    if (options.momentum === undefined) return instanceNorm(x, { weight: others[0], bias: others[1], mask });
    const [mean, variance, weight, bias] = others;
    const [runningMean, runningVar] = [new Variable(mean), new Variable(variance)];
    const y = instanceNorm(x, { ...options, runningMean, runningVar, weight, bias, mask });
    return [y, runningMean, runningVar];
  },
  rmsNorm: ([x, weight], options) => rmsNorm(x, options.normalizedShape, { ...options, weight }),
  localResponseNorm: ([x], { size, ...options }) => localResponseNorm(x, size, options),
  normalize: ([x], options) => normalize(x, options),
  weightNorm: ([g, v], { dim }) => new WeightNorm(dim).forward(g, v),
  spectralNorm([weight, u, v], { nPowerIterations, eps, dim, training }) {
    const norm = new SpectralNorm(weight.detach(), nPowerIterations, eps, dim ?? 0).train(training);
    noGrad(() => norm._u?.assign(u));
    noGrad(() => norm._v?.assign(v));
    return [norm.forward(weight), norm._u?.detach() ?? u, norm._v?.detach() ?? v];
  },
  BatchNorm1d: steps((n, options) => new BatchNorm1d(n, options)),
  BatchNorm2d: steps((n, options) => new BatchNorm2d(n, options)),
  BatchNorm3d: steps((n, options) => new BatchNorm3d(n, options)),
  InstanceNorm1d: steps(
    (n, { momentum, ...options }) => new InstanceNorm1d(n, { ...options, momentum: momentum ?? 0.1 }),
  ),
  InstanceNorm2d: steps(
    (n, { momentum, ...options }) => new InstanceNorm2d(n, { ...options, momentum: momentum ?? 0.1 }),
  ),
  InstanceNorm3d: steps(
    (n, { momentum, ...options }) => new InstanceNorm3d(n, { ...options, momentum: momentum ?? 0.1 }),
  ),
};
