import type { Operator } from "./operators.ts";

export const OVERLAP: Readonly<Record<string, Operator<never>>> = {};
