import type { Operator } from "./operators.ts";

export const METRIC: Readonly<Record<string, Operator<never>>> = {};
