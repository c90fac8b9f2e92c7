import { describe, expect, it } from "vitest";
import { ArgumentError, InternalError } from "../../src/core/errors.ts";
import { cutHistory, makeNode, topological, type Value } from "../../src/core/graph.ts";
import { aliasOf, apply, apply1 } from "../../src/core/primitives.ts";
import { printGraph } from "../../src/core/print.ts";
import type { Shape } from "../../src/core/shape.ts";
import { Storage } from "../../src/core/storage.ts";
import { verifyGraph } from "../../src/core/verify.ts";
import { randomGraph } from "../graphs.ts";

const input = (shape: Shape): Value => apply1("input", [], { shape, dtype: "f32" });

function cumulative() {
  const [w, h, x] = [input([2]), input([2]), input([2])];
  const next = apply1("add", [apply1("mul", [w, h], {}), x], {});
  const inputs = [input([2]), input([2]), input([3, 2])];
  const attrs = {
    body: { inputs: [w, h, x], outputs: [next, next] },
    length: 3,
    consts: 1,
    carries: 1,
    reverse: false,
  };
  return { inputs, outputs: apply("scan", inputs, attrs).outputs };
}

describe("printGraph", () => {
  it("shows a node a line, attributes included", () => {
    const [a, b] = [input([2, 3]), input([3, 4])];
    const unused = input([]);
    const sum = apply1("sum", [apply1("dot", [a, b], {})], { axes: [0] });
    expect(printGraph({ inputs: [a, unused, b], outputs: [sum, a] })).toBe(
      [
        "%0 = input f32(2, 3)",
        "%1 = input f32()",
        "%2 = input f32(3, 4)",
        "%3 = dot f32(2, 4) %0 %2",
        "%4 = sum f32(4,) %3 axes=[0]",
        "return %4 %0",
      ].join("\n"),
    );
  });

  it("indents the body of a scan and names each of its outputs", () => {
    expect(printGraph(cumulative())).toBe(
      [
        "%0 = input f32(2,)",
        "%1 = input f32(2,)",
        "%2 = input f32(3, 2)",
        "%3, %4 = scan f32(2,) f32(3, 2) %0 %1 %2 length=3 consts=1 carries=1 reverse=false",
        "  %0 = input f32(2,)",
        "  %1 = input f32(2,)",
        "  %2 = input f32(2,)",
        "  %3 = mul f32(2,) %0 %1",
        "  %4 = add f32(2,) %3 %2",
        "  return %4 %4",
        "return %3 %4",
      ].join("\n"),
    );
  });

  it("prints equal graphs equally, whenever they were built", () => {
    expect(printGraph(randomGraph(7).graph)).toBe(printGraph(randomGraph(7).graph));
  });
});

describe("verifyGraph", () => {
  it("accepts what apply builds", () => {
    verifyGraph(cumulative());
    for (let seed = 0; seed < 100; seed++) verifyGraph(randomGraph(seed, { steps: 20 }).graph);
  });

  it("refuses a graph that reads what it does not take", () => {
    const [a, b] = [input([2]), input([2])];
    expect(() => verifyGraph({ inputs: [a], outputs: [apply1("add", [a, b], {})] })).toThrow(/does not take/);
    const open = { inputs: [a], outputs: [apply1("add", [a, b], {})] };
    const scan = apply("scan", [a], { body: open, length: 2, consts: 0, carries: 1, reverse: false });
    expect(() => verifyGraph({ inputs: [a], outputs: scan.outputs })).toThrow(InternalError);
  });

  it("refuses inputs that are twice there, or no inputs", () => {
    const a = input([2]);
    expect(() => verifyGraph({ inputs: [a, a], outputs: [a] })).toThrow(/twice/);
    const b = aliasOf(a, false);
    expect(() => verifyGraph({ inputs: [b], outputs: [b] })).toThrow(/not an input node/);
  });

  it("refuses nodes that do not fit the table of primitives", () => {
    const a = input([2]);
    const wrongShape = makeNode("neg", [a], {}, [{ shape: [3], dtype: "f32" }], false).outputs;
    expect(() => verifyGraph({ inputs: [a], outputs: wrongShape })).toThrow(/f32\(3,\), but f32\(2,\) is inferred/);
    const wrongArity = makeNode("add", [a], {}, [{ shape: [2], dtype: "f32" }], false).outputs;
    expect(() => verifyGraph({ inputs: [a], outputs: wrongArity })).toThrow(/1 inputs instead of 2/);
    const misfit = makeNode("add", [a, input([3])], {}, [{ shape: [2], dtype: "f32" }], false);
    expect(() => verifyGraph({ inputs: [a, misfit.inputs[1]], outputs: misfit.outputs })).toThrow(/ill-formed/);
  });

  it("refuses a node that comes before what it reads", () => {
    const early = input([2]);
    const late = apply1("neg", [early], {});
    const node = { ...apply("neg", [early], {}), id: -1, inputs: [late] };
    const outputs = [{ ...node.outputs[0], node }];
    expect(() => verifyGraph({ inputs: [early], outputs })).toThrow(/comes after it/);
  });
});

it("orders nodes of a graph deeper than the stack", () => {
  let x = input([]);
  for (let i = 0; i < 50_000; i++) x = apply1("neg", [x], {});
  expect(topological([x])).toHaveLength(50_001);
});

describe("conv", () => {
  it("takes feature groups or batch groups, not both", () => {
    const [x, w] = [input([2, 4, 5]), input([4, 2, 3])];
    const attrs = { stride: [1], padding: [[0, 0]] as const, inputDilation: [1], kernelDilation: [1] };
    expect(() => apply("conv", [x, w], { ...attrs, featureGroups: 2, batchGroups: 2 })).toThrow(ArgumentError);
  });
});

describe("cutHistory", () => {
  it("drops inputs once every output is known", () => {
    const { outputs } = cumulative();
    const { node } = outputs[0];
    outputs[0].storage = new Storage(8);
    cutHistory(node);
    expect(node.inputs).toHaveLength(3);
    outputs[1].storage = new Storage(24);
    cutHistory(node);
    expect(node.inputs).toHaveLength(0);
  });
});
