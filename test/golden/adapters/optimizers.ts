/** The path of an optimizer on the loss that scripts/golden/trajectory.py has. */

import { Parameter, stack, type Tensor } from "../../../src/index.ts";
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  Nesterov,
  type NesterovOptions,
  type ParamsOrGroups,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  type SGDOptions,
} from "../../../src/optim/index.ts";
import type { Options } from "../cases.ts";

type Groups = ParamsOrGroups<Record<never, never>>;

/** What a path needs of an optimizer. */
interface Stepping {
  zeroGrad(): void;
  step(closure: () => Tensor): unknown;
}

export const OPTIMIZERS: Readonly<Record<string, (params: Groups, options: Options) => Stepping>> = {
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
  Lion: (params, options) => new Lion(params, options),
  LAMB: (params, options) => new LAMB(params, options),
  Adafactor: (params, options) => new Adafactor(params, options),
  LBFGS: (params, options) => new LBFGS(params as Parameter[], options),
  Muon: (params, options) => {
    const [p, q] = params as Parameter[];
    const [muon, rest] = [new Muon([p], options), new AdamW([q], { lr: 0.05 })];
    return {
      zeroGrad() {
        muon.zeroGrad();
        rest.zeroGrad();
      },
      step(closure) {
        muon.step(closure);
        rest.step();
      },
    };
  },
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

/** A parameter after each step along gradients (steps, …p). */
function along(name: string, options: Options, p: Tensor, gradients: Tensor): Tensor[] {
  const parameter = new Parameter(p);
  const optimizer = OPTIMIZERS[name]([parameter], options);
  const seen = gradients.unbind().map((gradient) => {
    optimizer.step(() => {
      parameter.grad = gradient;
      return gradient;
    });
    return parameter.detach();
  });
  return [stack(seen)];
}

/** Both parameters after the kept steps: (kept, …p) and (kept, …q); of two inputs, `along`. */
export async function trajectory(name: string, options: Options, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const [p, q, a, b] = inputs;
  if (inputs.length === 2) return along(name, options, p, q);
  const { groups, sparse, ...settings }: Options & Course = options;
  const params = [new Parameter(p), new Parameter(q)];
  const given = groups ? params.map((parameter, i) => ({ params: [parameter], ...groups[i] })) : params;
  const optimizer = OPTIMIZERS[name](given, settings);
  const seen: Tensor[][] = [[], []];
  for (let i = 0; i < STEPS; i++) {
    const [p, q] = params;
    await optimizer.step(() => {
      optimizer.zeroGrad();
      const value = loss(sparse && i === 2 ? p.detach() : p, sparse && i % 3 === 1 ? q.detach() : q, a, b);
      value.backward();
      return value;
    });
    if (isKept(i)) for (const [k, parameter] of params.entries()) seen[k].push(parameter.detach());
  }
  return seen.map((values) => stack(values));
}
