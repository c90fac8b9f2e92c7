import type { Operator } from "./operators.ts";

export const GAN: Readonly<Record<string, Operator<never>>> = {};
