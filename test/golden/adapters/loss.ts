import type { Tensor } from "../../../src/index.ts";
import type { Operator } from "./operators.ts";

/** A loss of two tensors. In its options "@2" stands for input 2; where none is named, a third input is the weight. */
export const loss =
  <Options>(f: (input: Tensor, target: Tensor, options: Options) => Tensor): Operator<never> =>
  (inputs, options: Readonly<Record<string, unknown>>) => {
    const [input, target, weight] = inputs;
    const named = Object.entries(options).filter(([, value]) => typeof value === "string" && value.startsWith("@"));
    const tensors = named.map(([key, value]) => [key, inputs[Number(String(value).slice(1))]]);
    const given = named.length > 0 ? Object.fromEntries(tensors) : weight && { weight };
    return f(input, target, { ...options, ...given } as Options);
  };
