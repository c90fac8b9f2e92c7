/** The path of an optimizer on the loss that scripts/golden/trajectory.py has. */

import { Parameter, stack, type Tensor } from "../../../src/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  NAdam,
  Nesterov,
  type NesterovOptions,
  type Optimizer,
  type ParamsOrGroups,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  type SGDOptions,
} from "../../../src/optim/index.ts";
import type { Options } from "../cases.ts";

type Groups = ParamsOrGroups<Record<never, never>>;

export const OPTIMIZERS: Readonly<
  Record<string, (params: Groups, options: Options) => Pick<Optimizer, "step" | "zeroGrad">>
> = {
  SGD: (params, options) => new SGD(params, options as unknown as SGDOptions),
  Adam: (params, options) => new Adam(params, options),
  AdamW: (params, options) => new AdamW(params, options),
  Adagrad: (params, options) => new Adagrad(params, options),
  Adadelta: (params, options) => new Adadelta(params, options),
  RMSprop: (params, options) => new RMSprop(params, options),
  Rprop: (params, options) => new Rprop(params, options),
  Adamax: (params, options) => new Adamax(params, options),
  NAdam: (params, options) => new NAdam(params, options),
  RAdam: (params, options) => new RAdam(params, options),
  Nesterov: (params, options) => new Nesterov(params, options as unknown as NesterovOptions),
};

/** Σ a·(p − b)² + ¼ Σ q⁴ + Σp·Σq. */
function loss(p: Tensor, q: Tensor, a: Tensor, b: Tensor): Tensor {
  return a.mul(p.sub(b).pow(2)).sum().add(q.pow(4).sum().mul(0.25)).add(p.sum().mul(q.sum()));
}

const STEPS = 50;
/** The steps that the cases hold. */
const isKept = (step: number): boolean => step < 4 || step % 5 === 4;

/** How a case runs beside the optimizer's own options. */
interface Course {
  /** settings of each parameter's own group */
  readonly groups?: readonly Options[];
  /** whether q has no gradient in steps 1, 4, 7, … and p none in step 2 */
  readonly sparse?: boolean;
}

/** Both parameters after the kept steps: (kept, 2, 3) and (kept, 4). */
export function trajectory(name: string, options: Options, [p, q, a, b]: readonly Tensor[]): Tensor[] {
  const { groups, sparse, ...settings }: Options & Course = options;
  const params = [new Parameter(p), new Parameter(q)];
  const given = groups ? params.map((parameter, i) => ({ params: [parameter], ...groups[i] })) : params;
  const optimizer = OPTIMIZERS[name](given, settings);
  const seen: Tensor[][] = [[], []];
  for (let i = 0; i < STEPS; i++) {
    const [p, q] = params;
    optimizer.step(() => {
      optimizer.zeroGrad();
      const value = loss(sparse && i === 2 ? p.detach() : p, sparse && i % 3 === 1 ? q.detach() : q, a, b);
      value.backward();
      return value;
    });
    if (isKept(i)) for (const [k, parameter] of params.entries()) seen[k].push(parameter.detach());
  }
  return seen.map((values) => stack(values));
}
