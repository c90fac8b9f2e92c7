/** State is written over its old value only where nothing reads the old value afterwards. */

import { expect, test } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import { viewBytes } from "../../src/core/dtype.ts";
import type { Value } from "../../src/core/graph.ts";
import { apply1 } from "../../src/core/primitives.ts";
import type { Shape } from "../../src/core/shape.ts";
import { Storage } from "../../src/core/storage.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";

const device = wasmDevice({ threads: 1 });

const input = (shape: Shape): Value => apply1("input", [], { shape, dtype: "f32" });
const mul = (a: Value, b: Value): Value => apply1("mul", [a, b], {});
const add = (a: Value, b: Value): Value => apply1("add", [a, b], {});

/** Runs a program of one argument, one state and one result, and compares with the interpreter. */
function expectAsInterpreted(x: Value, state: Value, result: Value, next: Value): Program {
  const graph = { inputs: [x, state], outputs: [result, next] };
  const data = graph.inputs.map(({ shape }, k) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1) + k),
  );
  const [wantedResult, wantedState] = interpret(graph, data, { mode: "exact", fma: device.features.relaxedMadd });
  const program = lower({ graph, args: 1, results: 1, states: [{ input: 1, output: 1 }] });
  const [argument, before] = data.map((array) => Storage.of(array.slice()));
  const { results, states } = device.load(program).run([argument], [before]);
  expect(viewBytes("f32", results[0].bytes())).toEqual(wantedResult);
  expect(viewBytes("f32", states[0]!.bytes())).toEqual(wantedState);
  return program;
}

test("a number of a row, of the old value, is used in the row's loop after the new value is written", () => {
  const [x, state] = [input([]), input([])];
  const next = apply1("sin", [x], {});
  const both = apply1("exp", [mul(next, state)], {});
  const wide = apply1("expand", [apply1("reshape", [both], { shape: [1] })], { shape: [100] });
  expectAsInterpreted(x, state, wide, next);
});

test("the new value, which the old one goes into, is used in the row's loop after it is written", () => {
  const [x, state] = [input([]), input([])];
  const next = apply1("exp", [mul(x, state)], {});
  const wide = apply1("expand", [apply1("reshape", [next], { shape: [1] })], { shape: [100] });
  expectAsInterpreted(x, state, wide, next);
});

test("a reduction stands between writing the new value and reading the old one", () => {
  const [x, state] = [input([4, 8]), input([8])];
  const next = apply1("sin", [state], {});
  const rows = apply1("expand", [apply1("reshape", [next], { shape: [1, 8] })], { shape: [4, 8] });
  const sum = apply1("sum", [mul(x, rows)], { axes: [0] });
  expectAsInterpreted(x, state, add(state, sum), next);
});

const spread = (rows: Value, shape: Shape): Value =>
  apply1("expand", [apply1("reshape", [rows], { shape: [shape[0], 1] })], { shape });

test("the softmax of a state's rows is written over them, and keeps nothing beside", () => {
  const [x, state] = [input([]), input([40, 50])];
  const most = apply1("max", [state], { axes: [1] });
  const exp = apply1("exp", [apply1("sub", [state, spread(most, state.shape)], {})], {});
  const sum = apply1("sum", [exp], { axes: [1] });
  const next = apply1("div", [exp, spread(sum, state.shape)], {});
  const { kernels, buffers } = expectAsInterpreted(x, state, mul(x, x), next);
  expect(kernels.map((kernel) => kernel.name)).not.toContain("copy");
  expect(buffers.filter(({ role }) => role === "temp")).toEqual([]);
});

test("a row that goes into others is not written before they are", () => {
  const [x, state] = [input([]), input([40, 50])];
  const sum = apply1("sum", [apply1("flip", [state], { axes: [0] })], { axes: [1] });
  const exp = apply1("exp", [mul(state, spread(sum, state.shape))], {});
  const next = apply1("div", [exp, spread(apply1("sum", [exp], { axes: [1] }), state.shape)], {});
  const mean = apply1("sum", [apply1("flip", [state], { axes: [0] })], { axes: [1] });
  expectAsInterpreted(x, state, mul(x, x), add(next, spread(mean, state.shape)));
});

test("a row is read again after the row's work has begun", () => {
  const [x, state] = [input([]), input([40, 50])];
  const exp = apply1("exp", [state], {});
  const sum = apply1("sum", [mul(exp, exp)], { axes: [1] });
  const next = add(mul(exp, state), spread(sum, state.shape));
  expectAsInterpreted(x, state, mul(x, x), next);
});
