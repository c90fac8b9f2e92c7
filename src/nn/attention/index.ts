export {
  AdditiveAttention,
  LuongAttention,
  type LuongAttentionOptions,
  type ScoredAttentionOptions,
} from "./additive.ts";
export { alibi, alibiSlopes } from "./alibi.ts";
export { attentionMaps } from "./maps.ts";
export { maskedSoftmax } from "./masked-softmax.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
  type MultiheadForwardOptions,
  type MultiheadMasks,
} from "./multihead.ts";
export {
  LearnedPositions,
  type LearnedPositionsOptions,
  type PositionsOptions,
  type SinusoidalOptions,
  SinusoidalPositions,
  sinusoidalPositions,
} from "./positions.ts";
export { RotaryEmbedding, type RotaryOptions } from "./rotary.ts";
