export { BucketedDataset, type BucketedDatasetOptions } from "./bucketing.ts";
export { type MaskedTokens, type MaskTokensOptions, maskTokens } from "./masking.ts";
export { type PaddedSequences, type PadSequencesOptions, padSequences } from "./padding.ts";
export { LanguageModelWindows, type LanguageModelWindowsOptions } from "./windows.ts";
