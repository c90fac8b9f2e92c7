/** Whole modules: outputs, gradients, and what ten compiled steps of training make of their weights. */

import { createHash } from "node:crypto";
import { compile, type DType, noGrad, Parameter, type Tensor, tensor, Variable } from "../../src/index.ts";
import type { Module } from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { MODULES } from "./adapters/modules.ts";
import type { GoldenCase, Numbers, Options } from "./cases.ts";

/** What scripts/golden/modules.py writes beside the module's own options. */
interface Recorded extends Options {
  /** how many inputs the module takes: those that follow are the cotangents of its outputs */
  readonly taken: number;
  /** none: only outputs in evaluation, if there are inputs */
  readonly steps: number;
  /** 0.01 by default */
  readonly lr?: number;
  /** names and shapes of the state dict; of a whole network, what they hash to */
  readonly state: string | readonly (readonly [name: string, shape: readonly number[]])[];
}

/** A module that gives a tensor or several. */
export type Recordable = Module & { forward(...inputs: Tensor[]): Tensor | readonly Tensor[] };

/** Numbers in [−½, ½) that a formula gives, as in scripts/golden/modules.py. */
function scattered(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const h = Math.imul(i + seed * 1_000_003, 2654435761) >>> 0;
    const mixed = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** The value at the beginning of entry `position` of a state dict, as in scripts/golden/modules.py. */
function initial(name: string, shape: readonly number[], position: number): Float64Array {
  const values = scattered(
    shape.reduce((n, size) => n * size, 1),
    position,
  );
  if (name.endsWith("num_batches_tracked")) return values.fill(0);
  if (name.endsWith("running_var")) return values.map((x) => 1 + x);
  if (shape.length > 1) return values.map((x) => x * Math.sqrt(24 / shape.slice(1).reduce((n, size) => n * size, 1)));
  return name.endsWith("weight") ? values.map((x) => 1 + x) : values;
}

/** Gives every float parameter and buffer this dtype; what two modules share they share afterwards. */
function convert(module: Module, dtype: DType): void {
  const converted = new Map<Variable, Variable>();
  for (const part of module.modules()) {
    for (const [field, value] of Object.entries(part)) {
      if (!(value instanceof Variable) || !value.isFloatingPoint()) continue;
      const values = value.detach().to(dtype);
      const own = converted.get(value) ?? (value instanceof Parameter ? new Parameter(values) : new Variable(values));
      converted.set(value, own);
      Reflect.set(part, field, own);
    }
  }
}

function filled(make: () => Recordable, dtype: DType): Recordable {
  const module = make();
  convert(module, dtype);
  const entries = Object.entries(module.stateDict()).map(([name, { shape }], i): [string, Tensor] => [
    name,
    tensor(initial(name, shape, i), { dtype, shape }),
  ]);
  module.loadStateDict(Object.fromEntries(entries));
  return module;
}

const create = ({ dtype, shape, data }: Numbers): Tensor => tensor(data, { dtype, shape });

const read = async (x: Tensor): Promise<Numbers> => ({ dtype: x.dtype, shape: x.shape, data: await x.data() });

/** ⟨values, scattered numbers⟩ of each tensor: one number that stands for many. */
async function digests(tensors: readonly Tensor[]): Promise<Numbers> {
  const all = await Promise.all(tensors.map((x) => x.data()));
  const data = all.map((values, i) => scattered(values.length, i).reduce((sum, y, k) => sum + y * values[k], 0));
  return { dtype: "f64", shape: [all.length], data: Float64Array.from(data) };
}

/** Outputs and gradients of the first step, the state after the last, and outputs in evaluation after it. */
export async function runModule({ op, options, inputs }: GoldenCase): Promise<Numbers[]> {
  const { taken, steps, lr = 0.01, state } = options as Recorded;
  const whole = typeof state === "string";
  const dtype = inputs.at(-1)?.dtype ?? "f32"; // a cotangent's: the inputs may be integers
  const make = () => MODULES[op](options as never);
  const module = inputs.length === 0 ? make() : filled(make, dtype); // without inputs, only names and shapes count
  const names = Object.entries(module.stateDict()).map(([name, { shape }]) => [name, [...shape]] as const);
  const lines = names.map(([name, shape]) => `${name} ${shape.join()}\n`).join("");
  const found = whole ? createHash("sha256").update(lines).digest("hex") : JSON.stringify(names);
  const wanted = whole ? state : JSON.stringify(state);
  if (found !== wanted) throw new Error(`the state dict is ${whole ? lines : found}, not ${wanted}`);
  const tensors = inputs.map(create);
  const evaluated = async () => {
    const given = noGrad(() => module.eval().forward(...tensors.slice(0, taken)));
    return Promise.all(("shape" in given ? [given] : given).map(read));
  };
  if (steps === 0) return inputs.length === 0 ? [] : evaluated();

  const cotangents = tensors.slice(taken);
  // inputs that have gradients must be state of the step
  const leaves = tensors.slice(0, taken).map((x) => (x.isFloatingPoint() ? new Parameter(x) : x));
  const optimizer = new SGD(module.parameters(), { lr, momentum: 0.9 });
  const step = compile(() => {
    const given = module.forward(...leaves);
    const outs = "shape" in given ? [given] : [...given];
    const along = outs.map((out, i) => out.mul(cotangents[i]).sum()).reduce((a, b) => a.add(b));
    along.backward();
    const learned = [...leaves.filter((x) => x instanceof Parameter), ...module.parameters()];
    const grads = learned.map((x) => x.grad!);
    optimizer.step();
    for (const x of learned) x.grad = undefined;
    return { outs, grads };
  });
  const first = step();
  for (let i = 1; i < steps; i++) step();
  const all = (xs: readonly Tensor[]) => (whole ? digests(xs).then((x) => [x]) : Promise.all(xs.map(read)));
  const results = [...(await Promise.all(first.outs.map(read))), ...(await all(first.grads))];
  if (steps === 1) return results;
  const after = Object.values(module.stateDict());
  return [...results, ...(await all(after)), ...(await evaluated())];
}
