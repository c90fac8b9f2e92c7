/** Runs a sample of PyTorch's on chainrule's public API. */

import { type Tensor, tensor } from "../../src/index.ts";
import type { GoldenCase } from "../golden/cases.ts";
import { checkFirst } from "../golden/check.ts";
import type { Difference } from "../golden/compare.ts";
import { type Argument, OPERATORS, type Result } from "./operators.ts";

/** A call as the case holds it: "@0" is the first tensor. */
interface Call {
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
}

/** An argument with the tensors in their places. */
function filled(argument: Argument, inputs: readonly Tensor[]): Argument {
  if (typeof argument === "string" && argument.startsWith("@")) return inputs[Number(argument.slice(1))];
  return Array.isArray(argument) ? argument.map((item) => filled(item, inputs)) : argument;
}

const flat = (result: Result): Tensor[] => {
  if (typeof result === "boolean") return [tensor(result)];
  return "shape" in result ? [result] : result.flatMap(flat);
};

/** The adapter of an operator or of its variant. */
export const operatorOf = (name: string) => OPERATORS[name] ?? OPERATORS[name.replace(/\.[^.]+$/, "")];

/** How chainrule differs from PyTorch. */
export async function check(sample: GoldenCase): Promise<Difference> {
  const { args, kwargs } = sample.options as unknown as Call;
  try {
    return await checkFirst(sample, async (inputs) => {
      const named = Object.entries(kwargs).map(([name, value]) => [name, filled(value, inputs)]);
      return flat(await operatorOf(sample.op)(filled(args, inputs) as Argument[], Object.fromEntries(named)));
    });
  } catch (error) {
    return { wrong: String(error), error: Number.POSITIVE_INFINITY };
  }
}
