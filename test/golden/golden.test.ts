import { describe, expect, test } from "vitest";

import { grad, setDevice, type Tensor, tensor } from "../../src/index.ts";
import { type GoldenCase, loadGroup, manifest, type Numbers } from "./cases.ts";
import { difference } from "./compare.ts";
import { LAYERS } from "./layers.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { trajectory } from "./trajectory.ts";

setDevice("wasm"); // test/native/recorded.ts has them run natively

// What a case's options are, its operator knows.
const TABLE: Readonly<Record<string, Operator<never>>> = { ...OPERATORS, ...LAYERS };

const create = ({ dtype, shape, data }: Numbers, requiresGrad = false): Tensor =>
  tensor(data, { dtype, shape, requiresGrad });

async function read(x: Tensor): Promise<Numbers> {
  return { dtype: x.dtype, shape: x.shape, data: await x.data() };
}

/** The operator's results as a list. */
function apply({ op, options }: GoldenCase, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = TABLE[op](inputs, options as never);
  return "shape" in result ? [result] : result;
}

/** Σ ⟨output, cotangent⟩: its gradients are those that the case holds. */
function along(outputs: readonly Tensor[], cotangents: readonly (Numbers | undefined)[]): Tensor {
  return outputs
    .flatMap((output, i) => (cotangents[i] ? [output.mul(create(cotangents[i])).sum()] : []))
    .reduce((a, b) => a.add(b));
}

/** Outputs and first derivatives. Gives what is wrong. */
async function checkFirst(golden: GoldenCase): Promise<string | undefined> {
  const inputs = golden.inputs.map((input, i) => create(input, golden.grads[i] !== undefined));
  const outputs = apply(golden, inputs);
  if (outputs.length !== golden.outputs.length) return `gives ${outputs.length} outputs, not ${golden.outputs.length}`;
  for (const [i, want] of golden.outputs.entries()) {
    const wrong = difference(`output ${i}`, await read(outputs[i]), want);
    if (wrong) return wrong;
  }
  if (!golden.grads.some((want) => want)) return undefined;
  along(outputs, golden.cotangents).backward();
  for (const [i, want] of golden.grads.entries()) {
    if (!want) continue;
    const gradient = inputs[i].grad;
    if (!gradient) return `gradient of input ${i} is missing`;
    const wrong = difference(`gradient of input ${i}`, await read(gradient), want);
    if (wrong) return wrong;
  }
  return undefined;
}

/** The Hessian of ⟨output, cotangent⟩ times the case's vector. Gives what is wrong. */
async function checkSecond(golden: GoldenCase): Promise<string | undefined> {
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
  for (const [k, i] of argnums.entries()) {
    const wrong = difference(`second derivative by input ${i}`, await read(gradients[k]), golden.grads[i]!);
    if (wrong) return wrong;
  }
  return undefined;
}

/** An optimizer's parameters after each step. Gives what is wrong. */
async function checkTrajectory({ op, inputs, options, outputs }: GoldenCase): Promise<string | undefined> {
  const seen = await trajectory(
    op,
    options,
    inputs.map((x) => create(x)),
    outputs[0].shape[0],
  );
  for (const [i, want] of outputs.entries()) {
    const wrong = difference(`parameter ${i}`, await read(seen[i]), want);
    if (wrong) return wrong;
  }
  return undefined;
}

function check(golden: GoldenCase): Promise<string | undefined> {
  if (golden.directions) return checkSecond(golden);
  return golden.op in TABLE ? checkFirst(golden) : checkTrajectory(golden);
}

for (const group of Object.keys(manifest.groups)) {
  describe(`PyTorch ${manifest.torch}: ${group}`, () => {
    const cases = loadGroup(group);

    test("all cases are there, each under its own name", () => {
      expect(cases).toHaveLength(manifest.groups[group].cases);
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    });

    for (const op of new Set(cases.map((golden) => golden.op))) {
      const mine = cases.filter((golden) => golden.op === op);
      test(`${op}, ${mine.length} cases`, async () => {
        for (const golden of mine) {
          const wrong = await check(golden).catch((error: unknown) => String(error));
          expect.soft(wrong, `${golden.name}: ${wrong}`).toBeUndefined();
        }
      });
    }
  });
}
