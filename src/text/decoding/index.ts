export * from "./beam.ts";
export type { NextToken } from "./next-token.ts";
