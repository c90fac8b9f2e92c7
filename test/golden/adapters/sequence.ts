import type { Operator } from "./operators.ts";

export const SEQUENCE: Readonly<Record<string, Operator<never>>> = {};
