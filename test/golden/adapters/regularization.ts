/** What each golden regulariser is in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import {
  activityPenalty,
  alphaDropout,
  type DropoutOptions,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type ElasticNetOptions,
  elasticNetPenalty,
  featureAlphaDropout,
  l1Penalty,
  l2Penalty,
  type StochasticDepthMode,
  stochasticDepth,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What a regulariser takes beside tensors. Each one's cases have the options that it reads. */
type RegularizerOptions = DropoutOptions &
  ElasticNetOptions & { readonly p: number; readonly mode: StochasticDepthMode };

type Regularizer = Operator<RegularizerOptions>;

const dropping =
  (f: (x: Tensor, options: DropoutOptions) => Tensor): Regularizer =>
  ([x], options) =>
    f(x, options);

export const REGULARIZATION: Readonly<Record<string, Regularizer>> = {
  dropout: dropping(dropout),
  dropout1d: dropping(dropout1d),
  dropout2d: dropping(dropout2d),
  dropout3d: dropping(dropout3d),
  alphaDropout: dropping(alphaDropout),
  featureAlphaDropout: dropping(featureAlphaDropout),
  stochasticDepth: ([x], { p, mode, training }) => stochasticDepth(x, p, mode, { training }),
  l1Penalty: (xs) => l1Penalty(xs),
  l2Penalty: (xs) => l2Penalty(xs),
  elasticNetPenalty: (xs, options) => elasticNetPenalty(xs, options),
  activityPenalty: ([y], options) => activityPenalty(y, options),
};
