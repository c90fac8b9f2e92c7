import type { Operator } from "./operators.ts";

export const INITIALIZATION: Readonly<Record<string, Operator<never>>> = {};
