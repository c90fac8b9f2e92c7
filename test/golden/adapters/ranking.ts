import type { Operator } from "./operators.ts";

export const RANKING: Readonly<Record<string, Operator<never>>> = {};
