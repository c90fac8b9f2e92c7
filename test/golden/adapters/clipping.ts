/** Gradients after clipping. */

import { Parameter, type Tensor, zerosLike } from "../../../src/index.ts";
import { clipGradNorm, clipGradValue } from "../../../src/optim/index.ts";
import type { Operator } from "./operators.ts";

const holders = (grads: readonly Tensor[]): Parameter[] =>
  grads.map((grad) => {
    const p = new Parameter(zerosLike(grad));
    p.grad = grad;
    return p;
  });

const gradsOf = (parameters: readonly Parameter[]): Tensor[] => parameters.flatMap(({ grad }) => grad ?? []);

export const CLIPPING: Readonly<Record<string, Operator<never>>> = {
  clipGradNorm: (grads, { maxNorm, normType }: { maxNorm: number; normType: number }) => {
    const parameters = holders(grads);
    return [clipGradNorm(parameters, maxNorm, { normType }), ...gradsOf(parameters)];
  },
  clipGradValue: (grads, { value }: { value: number }) => {
    const parameters = holders(grads);
    clipGradValue(parameters, value);
    return gradsOf(parameters);
  },
};
