import { describe, expect, test } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import { spellOutAttention } from "../../src/core/attention.ts";
import { isFloat, type TypedArray, viewBytes } from "../../src/core/dtype.ts";
import type { Graph } from "../../src/core/graph.ts";
import { aliasOf, apply1 } from "../../src/core/primitives.ts";
import { Storage } from "../../src/core/storage.ts";
import { lower } from "../../src/lower/lower.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { cases } from "./cases.ts";
import { checkDerivatives, type Runner } from "./check.ts";

const device = wasmDevice({ threads: 1 });

function onWasm(graph: Graph, fuse: boolean): (data: readonly TypedArray[]) => readonly TypedArray[] {
  const traced = { graph, args: graph.inputs.length, results: graph.outputs.length, states: [] };
  const executable = device.load(lower(traced, { fuse }));
  return (data) => {
    const args = data.map((x) => Storage.of(x.slice()));
    const { results } = executable.run(args, []);
    return graph.outputs.map(({ dtype }, i) => viewBytes(dtype, results[i].bytes()));
  };
}

/** Fused, once it is seen that this, every node alone, and the interpreter give the same bits. */
const runner: Runner = (graph) => {
  const fused = onWasm(graph, true);
  let unseen = true;
  return (data) => {
    const results = fused(data);
    if (unseen) {
      // There is no kernel for attention.
      const plain = spellOutAttention(graph, () => false);
      expect(results).toEqual(interpret(plain, data, { mode: "exact", fma: device.features.relaxedMadd }));
      expect(onWasm(graph, false)(data)).toEqual(results);
      unseen = false;
    }
    return results;
  };
};

describe("derivatives on wasm are the interpreter's, and agree with central differences", () => {
  // The differences of something that passes through f32 are lost in its rounding.
  const smooth = cases.filter(({ op }) => op !== "cast");
  test.each(smooth.map((c) => [c.name, c] as const))("%s", (_, { operands, order, build }) => {
    const inputs = operands.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
    const given = inputs.map((x) => (isFloat(x.dtype) ? aliasOf(x, true) : x));
    const variables = given.filter((x) => x.requiresGrad);
    const data = operands.map((x) => x.data);
    checkDerivatives({ inputs, data, variables, outputs: build(given) }, order, runner);
  });
});
