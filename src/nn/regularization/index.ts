export { AlphaDropout, alphaDropout, FeatureAlphaDropout, featureAlphaDropout } from "./alpha.ts";
export { StochasticDepth, type StochasticDepthMode, type StochasticDepthOptions, stochasticDepth } from "./depth.ts";
export {
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  type DropoutOptions,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  embeddingDropout,
  VariationalDropout,
  type VariationalDropoutOptions,
  variationalDropout,
} from "./dropout.ts";
export {
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
  gaussianDropout,
  gaussianNoise,
} from "./noise.ts";
export { activityPenalty, type ElasticNetOptions, elasticNetPenalty, l1Penalty, l2Penalty } from "./penalty.ts";
