import type { Var } from "../lower/index-expr.ts";
import type { Kernel } from "../lower/loop-ir.ts";

/** The variables of a program's scans, outer ones first: a control block holds the position of each. */
export function* scanVariables(kernels: readonly Kernel[]): Generator<Var> {
  for (const kernel of kernels) {
    if (kernel.kind !== "scan") continue;
    yield kernel.variable;
    yield* scanVariables(kernel.body);
  }
}
