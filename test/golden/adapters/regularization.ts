import type { Operator } from "./operators.ts";

export const REGULARIZATION: Readonly<Record<string, Operator<never>>> = {};
