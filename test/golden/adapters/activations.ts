import type { Operator } from "./operators.ts";

export const ACTIVATIONS: Readonly<Record<string, Operator<never>>> = {};
