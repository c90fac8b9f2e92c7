import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backward, leavesOf } from "../../src/autodiff/grad.ts";
import { substitute } from "../../src/autodiff/scan.ts";
import { VJP } from "../../src/autodiff/vjp.ts";
import { interpret } from "../../src/codegen/interp.ts";
import { allocate, isFloat } from "../../src/core/dtype.ts";
import { type Node, topological, type Value } from "../../src/core/graph.ts";
import { aliasOf, apply, apply1, PRIMITIVES, type Primitive, withGrad } from "../../src/core/primitives.ts";
import { numel } from "../../src/core/shape.ts";
import { randomGraph } from "../graphs.ts";
import { cases, exactly, type Operand, place, plus, real, sin, tanh, times } from "./cases.ts";
import { checkDerivatives } from "./check.ts";

/** Makes variables of the float operands, applies `build`, and checks derivatives. */
function check(operands: readonly Operand[], order: number, build: (x: readonly Value[]) => readonly Value[]): void {
  const inputs = operands.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
  const variables = inputs.map((x) => (isFloat(x.dtype) ? aliasOf(x, true) : x));
  const outputs = build(variables);
  checkDerivatives(
    { inputs, data: operands.map(({ data }) => data), variables: variables.filter((x) => x.requiresGrad), outputs },
    order,
  );
}

describe("every derivative agrees with central differences", () => {
  it.each(cases.map((c) => [c.name, c] as const))("%s", (_, { operands, order, build }) => {
    check(operands, order, build);
  });

  it("covers every primitive through which derivatives flow", () => {
    const covered = new Set<string>([...cases.map(({ op }) => op), "custom"]);
    const without = ["leaf"];
    const discrete = "not and or xor shl shr eq ne lt le bitcast threefry argmax argmin argsort".split(" ");
    for (const op of Object.keys(VJP) as Primitive[]) {
      if (without.includes(PRIMITIVES[op].kind) || discrete.includes(op)) continue;
      expect(covered, op).toContain(op);
    }
  });
});

describe("scan", () => {
  it("lets nothing through a detached carry", () => {
    const [w, h, x] = [place([]), place([]), place([])];
    const body = { inputs: [w, h, x], outputs: [plus(times(w, aliasOf(h, false)), x)] };
    const inputs = [real([]), real([]), real([2])];
    const variables = inputs.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
    const [W, H, X] = variables.map((value) => aliasOf(value, true));
    const { outputs } = apply("scan", [W, H, X], { body, length: 2, consts: 1, carries: 1, reverse: false });
    const seed = place([]);
    const found = backward(outputs, [seed], [W, H, X]).map((value) => value!);
    const data = [Float64Array.of(3), Float64Array.of(5), Float64Array.of(7, 11), Float64Array.of(1)];
    const [dw, dh, dx] = interpret({ inputs: [...variables, seed], outputs: found }, data, { mode: "f64", fma: false });
    // h₁ = 3·5 + 7 = 22, h₂ = 3·h₁ + 11 with h₁ held: ∂w = 22, ∂h = 0, ∂x = (0, 1)
    expect([dw[0], dh[0], ...dx]).toEqual([22, 0, 0, 1]);
  });

  it("multiplies once, after the loop, for weights; and does not repeat what the way forward has multiplied", () => {
    // h ─► tanh(x·w + h·u + b)
    const [w, u, b, h, x] = [place([4, 3]), place([3, 3]), place([2, 3]), place([2, 3]), place([2, 4])];
    const dot = (p: Value, q: Value) => apply1("dot", [p, q], {});
    const body = { inputs: [w, u, b, h, x], outputs: [tanh(plus(plus(dot(x, w), dot(h, u)), b))] };
    const operands = [
      [4, 3],
      [3, 3],
      [2, 3],
      [2, 3],
      [5, 2, 4],
    ].map((shape) => aliasOf(place(shape), true));
    const { outputs } = apply("scan", operands, { body, length: 5, consts: 3, carries: 1, reverse: false });
    const found = backward(outputs, [place([2, 3])], operands).map((value) => value!);
    const stop = new Set(operands);
    const nodes = topological(found, (value) => stop.has(value));
    const back = nodes.filter(({ op }) => op === "scan").at(-1)! as Node<"scan">;
    const count = (all: readonly Node[]) => all.filter(({ op }) => op === "dot").length;
    expect(count(topological(back.attrs.body.outputs))).toBe(1); // ∂h
    expect(count(nodes)).toBe(3); // ∂w, ∂u, ∂x
    expect(back.attrs.carries).toBe(2); // ∂h and ∂b
  });

  it("replaces what a custom derivative closes over", () => {
    // y = x² whose derivative is written by hand, from x, inside the body
    const [h, x] = [place([2]), place([2])];
    const sum = plus(h, x);
    const square = apply1("custom", [times(aliasOf(sum, false), aliasOf(sum, false)), sum], {
      name: "square",
      vjp: ([g]) => [undefined, g && times(g, plus(sum, sum))],
    });
    const body = { inputs: [h, x], outputs: [sin(square), square] };
    check(
      [real([2]), real([3, 2])],
      1,
      (v) => apply("scan", v, { body, length: 3, consts: 0, carries: 1, reverse: false }).outputs,
    );
  });
});

describe("ties, kinks and zeros follow PyTorch", () => {
  /** ∂(sum of all outputs)/∂inputs */
  function gradients(operands: Operand[], build: (x: Value[]) => Value): number[][] {
    const inputs = operands.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
    const variables = inputs.map((x) => aliasOf(x, true));
    const y = build(variables);
    const one = apply1("input", [], { shape: y.shape, dtype: y.dtype });
    const outputs = backward([y], [one], variables).map((value) => value!);
    const ones = allocate(y.dtype, numel(y.shape)).fill(1);
    const data = [...operands.map((x) => x.data), ones];
    return interpret({ inputs: [...inputs, one], outputs }, data, { mode: "exact", fma: false }).map((x) => [...x]);
  }

  it("gives a maximum's derivative to the first extremum, or to NaN", () => {
    expect(gradients([exactly([4], 1, 3, 3, 2)], (x) => apply1("max", x, { axes: [0] }))).toEqual([[0, 1, 0, 0]]);
    expect(gradients([exactly([3], 1, Number.NaN, 3)], (x) => apply1("min", x, { axes: [0] }))).toEqual([[0, 1, 0]]);
  });

  it("halves ties of maximum and minimum", () => {
    const operands = () => [exactly([3], 1, 2, 5), exactly([3], 1, 3, 4)];
    expect(gradients(operands(), (x) => apply1("maximum", x, {}))).toEqual([
      [0.5, 0, 1],
      [0.5, 1, 0],
    ]);
    expect(gradients(operands(), (x) => apply1("minimum", x, {}))).toEqual([
      [0.5, 1, 0],
      [0.5, 0, 1],
    ]);
  });

  it("has no slope at the kink of abs, and none in steps", () => {
    expect(gradients([exactly([3], -2, 0, 2)], (x) => apply1("abs", x, {}))).toEqual([[-1, 0, 1]]);
    expect(gradients([exactly([2], -2, 0.5)], (x) => apply1("round", x, {}))).toEqual([[0, 0]]);
  });

  it("knows that x⁰ and 0ʸ are flat", () => {
    const operands = [exactly([5], 0, 3, 0, 0, 2), exactly([5], 0, 0, 2, 1, 3)];
    const [da, db] = gradients(operands, (x) => apply1("pow", x, {}));
    expect(da).toEqual([0, 0, 0, 1, 12]);
    expect(db).toEqual([0, Math.log(3), 0, 0, 8 * Math.log(2)]);
  });
});

describe("backward", () => {
  const scalar = (): Value => apply1("input", [], { shape: [], dtype: "f64" });

  it("stops at what it is asked for, and gives undefined where no derivative arrives", () => {
    const [a, b, c] = [aliasOf(scalar(), true), aliasOf(scalar(), true), scalar()];
    const middle = apply1("exp", [a], {});
    const y = apply1("mul", [middle, middle], {});
    const found = backward([y], [scalar()], [middle, b, c]);
    expect(found[0]?.shape).toEqual([]);
    expect(found.slice(1)).toEqual([undefined, undefined]);
    expect(backward([y], [scalar()], [middle, a]).every((value) => value !== undefined)).toBe(true);
  });

  it("gives the cotangent itself for an output", () => {
    const [x, seed] = [aliasOf(scalar(), true), scalar()];
    expect(backward([x], [seed], [x])).toEqual([seed]);
  });

  it("records derivatives only when asked to", () => {
    const x = aliasOf(scalar(), true);
    const y = apply1("mul", [x, x], {});
    expect(backward([y], [scalar()], [x])[0]?.requiresGrad).toBe(true);
    expect(withGrad(false, () => backward([y], [scalar()], [x]))[0]?.requiresGrad).toBe(false);
  });

  it("walks graphs deeper than the stack", () => {
    const x = aliasOf(scalar(), true);
    let y = x;
    for (let i = 0; i < 50_000; i++) y = apply1("neg", [y], {});
    expect(backward([y], [scalar()], [x])[0]?.shape).toEqual([]);
  });

  it("finds the leaves", () => {
    const [a, b, c] = [aliasOf(scalar(), true), aliasOf(scalar(), true), scalar()];
    const y = apply1("add", [apply1("mul", [a, c], {}), apply1("exp", [apply1("mul", [a, b], {})], {})], {});
    expect(leavesOf([y])).toEqual([a, b]);
    expect(leavesOf([c])).toEqual([]);
  });
});

describe("random graphs", () => {
  it("differentiate as differences do", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { graph, inputs: data } = randomGraph(seed, { steps: 5, smooth: true });
        const variables = graph.inputs.map((x) => (isFloat(x.dtype) ? aliasOf(x, true) : x));
        const outputs = substitute(graph.outputs, new Map(graph.inputs.map((x, i) => [x, variables[i]])));
        checkDerivatives(
          { inputs: graph.inputs, data, variables: variables.filter((x) => x.requiresGrad), outputs },
          2,
        );
      }),
      { numRuns: 40, interruptAfterTimeLimit: 3000 }, // now and then a graph takes long
    );
  });
});
