export { type Alignment, type ForcedAlignOptions, forcedAlign, mergeTokens, type TokenSpan } from "./align.ts";
export { type CTCBeamSearchOptions, type CTCHypothesis, ctcBeamSearch, type PrefixScore } from "./beam.ts";
export type { CTCOptions } from "./emissions.ts";
export { ctcGreedyDecode } from "./greedy.ts";
