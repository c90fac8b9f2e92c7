import { expect, test } from "vitest";
import type { Value } from "../../src/core/graph.ts";
import { apply1 } from "../../src/core/primitives.ts";
import { lower } from "../../src/lower/lower.ts";
import { showProgram } from "../../src/lower/print.ts";

function printed(inputs: readonly Value[], output: Value): string {
  const graph = { inputs, outputs: [output] };
  return showProgram(lower({ graph, args: inputs.length, results: 1, states: [] }));
}

test("what is used twice is printed once: the text of a chain grows with its length", () => {
  const x = apply1("input", [], { shape: [8], dtype: "f32" });
  const chain = (length: number): string => {
    let y = x;
    for (let i = 0; i < length; i++) y = apply1("tanh", [y], {});
    return printed([x], y);
  };
  expect(chain(8).length).toBeLessThan(10 * chain(1).length);
});

test("equal programs print equally", () => {
  const text = (): string => {
    const x = apply1("input", [], { shape: [4, 8], dtype: "f32" });
    const row = apply1("reshape", [apply1("sum", [x], { axes: [1] })], { shape: [4, 1] });
    return printed([x], apply1("div", [x, apply1("expand", [row], { shape: [4, 8] })], {}));
  };
  expect(text()).toBe(text());
  expect(text()).toContain("t0 = sum");
});

test("an index that is read from data tells from where", () => {
  const table = apply1("input", [], { shape: [5, 8], dtype: "f32" });
  const index = apply1("input", [], { shape: [3], dtype: "i32" });
  expect(printed([table, index], apply1("take", [table, index], { axis: 0 }))).toContain("8*check(b1[i0], 5)");
});
