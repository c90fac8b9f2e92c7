/** The path of an optimizer on the loss that scripts/golden/cases/optimizers.py has. */

import { Parameter, stack, type Tensor } from "../../../src/index.ts";
import { Adam, AdamW, type Optimizer, SGD, type SGDOptions } from "../../../src/optim/index.ts";
import type { Options } from "../cases.ts";

export const OPTIMIZERS: Readonly<
  Record<string, (params: Parameter[], options: Options) => Pick<Optimizer, "step" | "zeroGrad">>
> = {
  SGD: (params, options) => new SGD(params, options as unknown as SGDOptions),
  Adam: (params, options) => new Adam(params, options),
  AdamW: (params, options) => new AdamW(params, options),
};

/** Σ a·(p − b)² + ¼ Σ q⁴ + Σp·Σq. */
function loss(p: Tensor, q: Tensor, a: Tensor, b: Tensor): Tensor {
  return a.mul(p.sub(b).pow(2)).sum().add(q.pow(4).sum().mul(0.25)).add(p.sum().mul(q.sum()));
}

/** Both parameters after each step: (steps, 2, 3) and (steps, 4). */
export function trajectory(name: string, options: Options, [p, q, a, b]: readonly Tensor[], steps: number): Tensor[] {
  const params = [new Parameter(p), new Parameter(q)];
  const optimizer = OPTIMIZERS[name](params, options);
  const seen: Tensor[][] = [[], []];
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    loss(params[0], params[1], a, b).backward();
    optimizer.step();
    params.forEach((parameter, k) => {
      seen[k].push(parameter.detach());
    });
  }
  return seen.map((values) => stack(values));
}
