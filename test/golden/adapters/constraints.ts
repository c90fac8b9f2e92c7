/** What each golden constraint is in chainrule. */

import { maxNorm, type NormConstraintOptions, nonNegative, unitNorm } from "../../../src/optim/index.ts";
import type { Operator } from "./operators.ts";

export const CONSTRAINTS: Readonly<Record<string, Operator<NormConstraintOptions & { readonly max: number }>>> = {
  maxNorm: ([p], { max, ...options }) => maxNorm(max, options)(p),
  unitNorm: ([p], options) => unitNorm(options)(p),
  nonNegative: ([p]) => nonNegative()(p),
};
