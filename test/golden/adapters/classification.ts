import type { Operator } from "./operators.ts";

export const CLASSIFICATION: Readonly<Record<string, Operator<never>>> = {};
