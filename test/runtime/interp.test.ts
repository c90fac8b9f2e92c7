import { expect, it } from "vitest";
import { IndexError } from "../../src/core/errors.ts";
import type { Value } from "../../src/core/graph.ts";
import { apply1 } from "../../src/core/primitives.ts";
import type { Shape } from "../../src/core/shape.ts";
import { Storage } from "../../src/core/storage.ts";
import { interpDevice } from "../../src/runtime/interp.ts";

const input = (shape: Shape, dtype: "f32" | "i32" = "f32"): Value => apply1("input", [], { shape, dtype });
const floats = (...numbers: number[]): Storage => Storage.of(Float32Array.from(numbers));
const read = (storage: Storage | undefined): number[] => [...new Float32Array(storage!.bytes().buffer)];

/** a counter that is read and written, a total that is only written, a weight that is only read; gives x·weight */
function program() {
  const [x, counter, weight] = [input([2]), input([]), input([2])];
  const y = apply1("mul", [x, weight], {});
  const next = apply1("add", [counter, apply1("constant", [], { value: 1, dtype: "f32" })], {});
  return interpDevice().compile({
    graph: { inputs: [x, counter, weight], outputs: [y, next, y] },
    args: 1,
    results: 1,
    states: [
      { input: 1, output: 1 },
      { input: undefined, output: 2 },
      { input: 2, output: undefined },
    ],
  });
}

it("gives results and the states that were written", () => {
  const [counter, weight] = [floats(4), floats(10, 20)];
  const { results, states } = program().run([floats(1, 2)], [counter, undefined, weight]);
  expect(results.map(read)).toEqual([[10, 40]]);
  expect([read(states[0]), read(states[1])]).toEqual([[5], [10, 40]]);
  expect(states[2]).toBe(weight);
  expect(read(counter)).toEqual([4]);
});

it("gives fresh storages, even for an input that is an output", () => {
  const x = input([2]);
  const run = interpDevice().compile({ graph: { inputs: [x], outputs: [x, x] }, args: 1, results: 2, states: [] });
  const given = floats(1, 2);
  const { results } = run.run([given], []);
  expect(new Set([given.bytes(), ...results.map((storage) => storage.bytes())]).size).toBe(3);
});

it("changes no state when an index is out of range", () => {
  const [table, index] = [input([2]), input([1], "i32")];
  const taken = apply1("take", [table, index], { axis: 0 });
  const graph = { inputs: [index, table], outputs: [apply1("concat", [taken, taken], { axis: 0 })] };
  const run = interpDevice().compile({ graph, args: 1, results: 0, states: [{ input: 1, output: 0 }] });
  const state = floats(1, 2);
  expect(() => run.run([Storage.of(Int32Array.of(2))], [state])).toThrow(IndexError);
  expect(read(state)).toEqual([1, 2]);
});

it("shows the graph", () => {
  expect(program().inspect().graph).toContain("%3 = mul f32(2,) %0 %2");
});
