import { Adam, AdamW, type Optimizer, SGD } from "../../src/optim/index.ts";
import { Parameter, stack, type Tensor } from "../../src/tensor/index.ts";

type Options = Record<string, unknown> & { lr: number };

const OPTIMIZERS: Readonly<Record<string, (params: Parameter[], options: Options) => Optimizer>> = {
  SGD: (params, options) => new SGD(params, options),
  Adam: (params, options) => new Adam(params, options),
  AdamW: (params, options) => new AdamW(params, options),
};

/** The parameters p and q after each of `steps` steps on the loss of README.md. */
export async function trajectory(
  op: string,
  options: object,
  [p0, q0, a, b]: readonly Tensor[],
  steps: number,
): Promise<Tensor[]> {
  const [p, q] = [new Parameter(p0), new Parameter(q0)];
  const optimizer = OPTIMIZERS[op]([p, q], options as Options);
  const seen: [Tensor[], Tensor[]] = [[], []];
  for (let i = 0; i < steps; i++) {
    const error = p.sub(b);
    const loss = a.mul(error).mul(error).sum().add(q.pow(4).sum().mul(0.25)).add(p.sum().mul(q.sum()));
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    seen[0].push(p.detach());
    seen[1].push(q.detach());
  }
  return seen.map((all) => stack(all));
}
