import type { Operator } from "./operators.ts";

export const NORMALIZATION: Readonly<Record<string, Operator<never>>> = {};
