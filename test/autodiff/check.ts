import { expect } from "vitest";
import { backward } from "../../src/autodiff/grad.ts";
import { interpret } from "../../src/codegen/interp.ts";
import type { TypedArray } from "../../src/core/dtype.ts";
import type { Graph, Value } from "../../src/core/graph.ts";
import { apply1 } from "../../src/core/primitives.ts";
import { verifyGraph } from "../../src/core/verify.ts";

const EPS = 1e-6;

/** A closed function of the inputs: `variables` are the inputs, or aliases of them, through which derivatives flow. */
export interface Checked {
  readonly inputs: readonly Value[];
  readonly data: readonly TypedArray[];
  readonly variables: readonly Value[];
  readonly outputs: readonly Value[];
}

/** Something that runs graphs. */
export type Runner = (graph: Graph) => (data: readonly TypedArray[]) => readonly TypedArray[];

const interpreted: Runner = (graph) => (data) => interpret(graph, data, { mode: "f64", fma: false });

/**
 * Compares the derivative of a fixed weighted sum of the outputs with central differences, element by element of every
 * variable; then the derivative's derivative, up to `order`. Gives the first derivatives.
 */
export function checkDerivatives(
  { inputs, data, variables, outputs }: Checked,
  order: number,
  runner: Runner = interpreted,
): readonly TypedArray[] {
  const seeds = outputs.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
  const seedData = seeds.map(({ shape }, o) =>
    Float64Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => Math.cos(1 + i * 1.3 + o)),
  );
  const given = [...inputs, ...seeds];
  const givenData = [...data, ...seedData];

  const gradients = backward(outputs, seeds, variables);
  const found = gradients.filter((gradient) => gradient !== undefined);
  verifyGraph({ inputs: given, outputs: found });
  const values = runner({ inputs: given, outputs: found })(givenData);
  const forward = runner({ inputs, outputs });

  const loss = (at: readonly TypedArray[]): number => {
    let sum = 0;
    forward(at).forEach((output, o) => {
      output.forEach((y, i) => {
        sum += y * seedData[o][i];
      });
    });
    return sum;
  };
  const scale = Math.abs(loss(data));
  let next = 0;
  gradients.forEach((gradient, v) => {
    const value = gradient ? values[next++] : undefined;
    const input = sourceOf(variables[v], inputs);
    for (let i = 0; i < data[input].length; i++) {
      const moved = (by: number): TypedArray[] =>
        data.map((x, k) => (k === input ? x.map((old, at) => (at === i ? old + by : old)) : x));
      const difference = (loss(moved(EPS)) - loss(moved(-EPS))) / (2 * EPS);
      const have = value ? value[i] : 0;
      const tolerance = 1e-5 + 1e-3 * Math.abs(difference) + 1e-9 * scale;
      if (!(Math.abs(have - difference) <= tolerance)) {
        expect.fail(`∂/∂input ${input}[${i}] is ${have}, but differences give ${difference} (${order} orders to go)`);
      }
    }
  });
  if (order > 1 && found.length > 0) {
    checkDerivatives({ inputs: given, data: givenData, variables, outputs: found }, order - 1, runner);
  }
  return values;
}

function sourceOf(variable: Value, inputs: readonly Value[]): number {
  const source = variable.node.op === "alias" ? variable.node.inputs[0] : variable;
  return inputs.indexOf(source);
}
