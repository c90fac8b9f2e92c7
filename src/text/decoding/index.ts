export * from "./beam.ts";
export * from "./generate.ts";
export type { NextToken } from "./next-token.ts";
export * from "./sampling.ts";
