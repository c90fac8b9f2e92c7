import type { Operator } from "./operators.ts";
export const LAYERS: Readonly<Record<string, Operator>> = {};
