export type { TransformerLayerOptions } from "./block.ts";
export { type DecoderMasks, TransformerDecoder, TransformerDecoderLayer } from "./decoder.ts";
export {
  type EncoderMasks,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerStackOptions,
} from "./encoder.ts";
export { Transformer, type TransformerMasks, type TransformerOptions } from "./transformer.ts";
