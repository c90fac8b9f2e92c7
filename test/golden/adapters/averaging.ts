/** Averages after each update. */

import { Parameter, stack, type Tensor, Variable } from "../../../src/index.ts";
import { AveragedModel, getEmaAvgFn } from "../../../src/optim/index.ts";
import type { Operator } from "./operators.ts";

export const AVERAGING: Readonly<Record<string, Operator<never>>> = {
  AveragedModel: ([weights, buffers], { decay, useBuffers }: { decay?: number; useBuffers: boolean }) => {
    const [weight, buffer] = [new Parameter(weights.select(0, 0).add(1)), new Variable(buffers.select(0, 0))];
    const averaged = new AveragedModel(
      { namedParameters: () => [["weight", weight]], namedBuffers: () => [["buffer", buffer]] },
      { useBuffers, avgFn: decay === undefined ? undefined : getEmaAvgFn(decay) },
    );
    const seen: [Tensor[], Tensor[]] = [[], []];
    for (let i = 0; i < weights.shape[0]; i++) {
      weight.assign(weights.select(0, i));
      buffer.assign(buffers.select(0, i));
      averaged.updateParameters();
      const state = averaged.stateDict();
      seen[0].push(state["module.weight"]);
      seen[1].push(state["module.buffer"]);
    }
    return seen.map((values) => stack(values));
  },
};
