export { BPETokenizer, type BPETokenizerOptions } from "./bpe.ts";
export { CharTokenizer } from "./char.ts";
export { loadTokenizer, saveTokenizer } from "./files.ts";
export { HuggingFaceTokenizer, huggingFaceTokenizer } from "./hugging-face.ts";
export type { Merge } from "./hugging-face-form.ts";
export {
  type SpecialIds,
  type SpecialRole,
  type SpecialTokens,
  type Tokenizer,
  type TrainTokenizerOptions,
  VocabularyTokenizer,
} from "./tokenizer.ts";
export { splitWords, WordTokenizer, type WordTokenizerOptions } from "./word.ts";
export { WordPieceTokenizer, type WordPieceTokenizerOptions } from "./word-piece.ts";
