/** Text: tokenizers, data sets, language models and how they write. */
export * from "./datasets/index.ts";
export * from "./decoding/index.ts";
export * from "./draw/index.ts";
export * from "./models/index.ts";
export * from "./sequences/index.ts";
export * from "./tokenizers/index.ts";
export * from "./vocabulary.ts";
