/** Runs golden cases on chainrule's public API. */

import { compile, grad, type Tensor, tensor } from "../../src/index.ts";
import { ADAPTERS, DATA_SIDE } from "./adapters/index.ts";
import { MODULES } from "./adapters/modules.ts";
import { OPTIMIZERS, trajectory } from "./adapters/optimizers.ts";
import { PICTURES } from "./adapters/pictures.ts";
import { SCHEDULES } from "./adapters/schedules.ts";
import type { GoldenCase, Numbers } from "./cases.ts";
import { type Difference, difference, PATH } from "./compare.ts";
import { runModule } from "./modules.ts";

const create = ({ dtype, shape, data }: Numbers, requiresGrad = false): Tensor =>
  tensor(data, { dtype, shape, requiresGrad });

async function read(x: Tensor): Promise<Numbers> {
  return { dtype: x.dtype, shape: x.shape, data: await x.data() };
}

const failed = (wrong: string): Difference => ({ wrong, error: Number.POSITIVE_INFINITY });

/** The first thing that is wrong, and the largest error. */
const worst = (differences: readonly Difference[]): Difference => ({
  wrong: differences.find(({ wrong }) => wrong !== undefined)?.wrong,
  error: Math.max(0, ...differences.map(({ error }) => error)),
});

/** The operator's results as a list. */
function apply({ op, options }: GoldenCase, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = (ADAPTERS[op] ?? DATA_SIDE[op])(inputs, options as never);
  return "shape" in result ? [result] : result;
}

/** Σ ⟨output, cotangent⟩: its gradients are those that the case holds. */
function along(outputs: readonly Tensor[], cotangents: readonly (Numbers | undefined)[]): Tensor {
  return outputs
    .flatMap((output, i) => (cotangents[i] ? [output.mul(create(cotangents[i])).sum()] : []))
    .reduce((a, b) => a.add(b));
}

/** Outputs and first derivatives of what `operator` makes of the inputs. */
export async function checkFirst(
  golden: GoldenCase,
  operator: (inputs: Tensor[]) => readonly Tensor[] | Promise<readonly Tensor[]>,
): Promise<Difference> {
  const inputs = golden.inputs.map((input, i) => create(input, golden.grads[i] !== undefined));
  const outputs = await operator(inputs);
  if (outputs.length !== golden.outputs.length) {
    return failed(`gives ${outputs.length} outputs, not ${golden.outputs.length}`);
  }
  const found: Difference[] = [];
  for (const [i, want] of golden.outputs.entries())
    found.push(difference(`output ${i}`, await read(outputs[i]), want, golden.tolerance));
  if (!golden.grads.some((want) => want)) return worst(found);
  along(outputs, golden.cotangents).backward();
  for (const [i, want] of golden.grads.entries()) {
    if (!want) continue;
    const gradient = inputs[i].grad;
    if (!gradient) return failed(`gradient of input ${i} is missing`);
    found.push(difference(`gradient of input ${i}`, await read(gradient), want, golden.tolerance));
  }
  return worst(found);
}

/** The Hessian of ⟨output, cotangent⟩ times the case's vector. */
async function checkSecond(golden: GoldenCase): Promise<Difference> {
  const inputs = golden.inputs.map((input) => create(input));
  const { directions = [], squared } = golden;
  const argnums = [...golden.inputs.keys()].filter((i) => directions[i]);
  const loss = (...xs: Tensor[]) => {
    const [y] = apply(golden, xs);
    return along([squared ? y.mul(y) : y], golden.cotangents);
  };
  const directional = (...xs: Tensor[]) =>
    grad(loss, { argnums })(...xs)
      .map((g, k) => g.mul(create(directions[argnums[k]]!)).sum())
      .reduce((a, b) => a.add(b));
  const gradients = grad(directional, { argnums })(...inputs);
  const found: Difference[] = [];
  for (const [k, i] of argnums.entries()) {
    found.push(difference(`second derivative by input ${i}`, await read(gradients[k]), golden.grads[i]!));
  }
  return worst(found);
}

/** An optimizer's parameters after each step. */
async function checkTrajectory({ op, inputs, options, outputs }: GoldenCase): Promise<Difference> {
  const seen = await trajectory(
    op,
    options,
    inputs.map((x) => create(x)),
  );
  const found: Difference[] = [];
  for (const [i, want] of outputs.entries()) {
    found.push(difference(`parameter ${i}`, await read(seen[i]), want, want.dtype === "f64" ? PATH : undefined));
  }
  return worst(found);
}

/** A module's outputs, gradients, and weights after some steps. */
async function checkModule(golden: GoldenCase): Promise<Difference> {
  const got = await runModule(golden);
  if (got.length !== golden.outputs.length) {
    return failed(`gives ${got.length} arrays, not ${golden.outputs.length}`);
  }
  return worst(golden.outputs.map((want, i) => difference(`array ${i}`, got[i], want)));
}

/** A schedule's learning rates, and momenta where they move: rates may be tiny. */
function checkSchedule({ op, options, inputs: [metrics], outputs }: GoldenCase): Difference {
  const { rates, momenta } = SCHEDULES[op](options, outputs[0].shape[0], metrics);
  const found = outputs.map((want, i) => {
    const values = i === 0 ? rates : momenta;
    const got: Numbers = { dtype: "f64", shape: want.shape, data: Float64Array.from(values.flat()) };
    return difference(i === 0 ? "rate" : "momentum", got, want, [1e-9, 1e-15]);
  });
  return worst(found);
}

function checkPicture({ op, options, inputs: [picture], outputs: [want], tolerance }: GoldenCase): Difference {
  return difference("picture", PICTURES[op](picture, options), want, tolerance);
}

/** How chainrule differs from a case's reference. */
export async function check(golden: GoldenCase): Promise<Difference> {
  try {
    if (golden.directions) return await checkSecond(golden);
    if (golden.op in OPTIMIZERS) return await checkTrajectory(golden);
    if (golden.op in SCHEDULES) return checkSchedule(golden);
    if (golden.op in PICTURES) return checkPicture(golden);
    if (golden.op in MODULES) return await checkModule(golden);
    return await checkFirst(golden, (inputs) => apply(golden, inputs));
  } catch (error) {
    return failed(String(error));
  }
}

/** Whether a compiled function gives the bits that uncompiled code gives: outputs and gradients. */
export async function sameCompiled(golden: GoldenCase): Promise<boolean> {
  const wanted = golden.grads.flatMap((want, i) => (want ? [i] : []));
  const all = (...inputs: Tensor[]): Tensor[] => {
    const outputs = apply(golden, inputs);
    if (wanted.length === 0) return [...outputs];
    const sum = (...xs: Tensor[]) => along(apply(golden, xs), golden.cotangents);
    return [...outputs, ...grad(sum, { argnums: wanted })(...inputs)];
  };
  const inputs = golden.inputs.map((x) => create(x));
  const bytes = async (xs: readonly Tensor[]) => (await Promise.all(xs.map((x) => x.data()))).map((x) => [...x]);
  const [eager, compiled] = [await bytes(all(...inputs)), await bytes(compile(all)(...inputs))];
  return eager.every((row, i) => row.every((x, k) => Object.is(x, compiled[i][k])));
}
