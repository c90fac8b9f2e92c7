/** Text: tokenizers, data sets, language models and how they write. */
export * from "./decoding/index.ts";
