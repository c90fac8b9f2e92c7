export type { EncoderDecoder } from "./encoder-decoder.ts";
export {
  RecurrentEncoderDecoder,
  type RecurrentEncoderDecoderOptions,
  type RecurrentMemory,
  type TeacherOptions,
} from "./recurrent-encoder-decoder.ts";
export {
  TransformerEncoderDecoder,
  type TransformerEncoderDecoderOptions,
  type TransformerMemory,
} from "./transformer-encoder-decoder.ts";
