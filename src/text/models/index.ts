export { BERT, BERTClassifier, type BERTInputs, BERTMaskedLM, type BERTOptions } from "./bert.ts";
export type { EncoderDecoder } from "./encoder-decoder.ts";
export * from "./gpt.ts";
export * from "./lstm-language-model.ts";
export * from "./n-gram.ts";
export {
  RecurrentEncoderDecoder,
  type RecurrentEncoderDecoderOptions,
  type RecurrentMemory,
  type TeacherOptions,
} from "./recurrent-encoder-decoder.ts";
export { Tagger, type TaggerOptions } from "./tagger.ts";
export {
  BagClassifier,
  type BagClassifierOptions,
  LSTMClassifier,
  type LSTMClassifierOptions,
  TextCNN,
  type TextCNNOptions,
  TransformerClassifier,
  type TransformerClassifierOptions,
} from "./text-classifier.ts";
export {
  TransformerEncoderDecoder,
  type TransformerEncoderDecoderOptions,
  type TransformerMemory,
} from "./transformer-encoder-decoder.ts";
