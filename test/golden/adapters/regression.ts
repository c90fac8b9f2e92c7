import type { Operator } from "./operators.ts";

export const REGRESSION: Readonly<Record<string, Operator<never>>> = {};
