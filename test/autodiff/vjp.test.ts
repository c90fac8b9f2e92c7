import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backward, leavesOf } from "../../src/autodiff/grad.ts";
import { savingCarries, substitute } from "../../src/autodiff/scan.ts";
import { VJP } from "../../src/autodiff/vjp.ts";
import { interpret } from "../../src/codegen/interp.ts";
import { allocate, type DType, isFloat, type TypedArray } from "../../src/core/dtype.ts";
import type { Graph, Value } from "../../src/core/graph.ts";
import {
  type AttrsOf,
  aliasOf,
  apply,
  apply1,
  type ConvAttrs,
  PRIMITIVES,
  type Primitive,
  withGrad,
} from "../../src/core/primitives.ts";
import { numel, type Shape } from "../../src/core/shape.ts";
import { randomGraph } from "../graphs.ts";
import { checkDerivatives } from "./check.ts";

interface Operand {
  shape: Shape;
  dtype: DType;
  data: TypedArray;
}

let count = 0;
/** Generic numbers in (low, high), no two equal. */
function real(shape: Shape, low = -1.5, high = 1.5): Operand {
  const data = Float64Array.from({ length: numel(shape) }, () => {
    count++;
    return low + (high - low) * ((count * 0.6180339887498949) % 1);
  });
  return { shape, dtype: "f64", data };
}
const exactly = (shape: Shape, ...data: number[]): Operand => ({ shape, dtype: "f64", data: Float64Array.from(data) });
const ints = (shape: Shape, ...data: number[]): Operand => ({ shape, dtype: "i32", data: Int32Array.from(data) });
const bools = (shape: Shape, ...data: number[]): Operand => ({ shape, dtype: "bool", data: Uint8Array.from(data) });

/** Makes variables of the float operands, applies `build`, and checks derivatives. */
function check(
  operands: readonly Operand[],
  order: number,
  build: (x: Value[]) => Value | readonly Value[],
): TypedArray[] {
  const inputs = operands.map(({ shape, dtype }) => apply1("input", [], { shape, dtype }));
  const variables = inputs.map((x) => (isFloat(x.dtype) ? aliasOf(x, true) : x));
  const built = build(variables);
  const outputs = Array.isArray(built) ? built : [built];
  return checkDerivatives(
    { inputs, data: operands.map(({ data }) => data), variables: variables.filter((x) => x.requiresGrad), outputs },
    order,
  );
}

interface Case<P extends Primitive = Primitive> {
  op: P;
  attrs: AttrsOf<P>;
  operands: Operand[];
  order: number;
}
const cases: Case[] = [];
function add<P extends Primitive>(op: P, attrs: AttrsOf<P>, operands: Operand[], order = 2): void {
  cases.push({ op, attrs, operands, order } as Case);
}

const anywhere = ["neg", "exp", "expm1", "tanh", "sigmoid", "erf", "sin", "cos", "alias"] as const;
for (const op of anywhere) add(op, {}, [real([2, 3])], 3);
for (const op of ["abs", "sign", "floor", "ceil", "round", "trunc"] as const) {
  add(op, {}, [exactly([2, 3], -1.7, -0.4, 0.3, 0.7, 1.2, 2.8)]);
}
for (const op of ["log", "sqrt"] as const) add(op, {}, [real([2, 3], 0.5, 3)], 3);
add("log1p", {}, [real([4], -0.5, 2)], 3);
for (const op of ["add", "sub", "mul"] as const) add(op, {}, [real([2, 3]), real([2, 3])]);
add("div", {}, [real([2, 3]), real([2, 3], 0.5, 2)], 3);
add("mod", {}, [exactly([4], 5.3, -5.3, 5.3, -5.3), exactly([4], 2, 2, -2, -2)]);
add("pow", {}, [real([2, 3], 0.5, 2), real([2, 3])], 3);
for (const op of ["maximum", "minimum"] as const) add(op, {}, [real([2, 3]), real([2, 3])]);
add("cast", { dtype: "f32" }, [real([3])]);
add("where", {}, [bools([2, 2], 1, 0, 0, 1), real([2, 2]), real([2, 2])]);
add("reshape", { shape: [3, 2] }, [real([2, 3])]);
add("reshape", { shape: [] }, [real([1, 1])]);
add("permute", { perm: [2, 0, 1] }, [real([2, 3, 2])]);
add("expand", { shape: [2, 3, 4] }, [real([2, 1, 1])]);
add("expand", { shape: [2, 0] }, [real([2, 1])]);
add("slice", { start: [0, 1], stop: [3, 5], step: [2, 3] }, [real([3, 6])]);
add("slice", { start: [2], stop: [2], step: [2] }, [real([4])]);
add("pad", { low: [1, -1], high: [-1, 2], interior: [2, 0], value: 3 }, [real([3, 4])]);
add("pad", { low: [-2], high: [4], interior: [1], value: 0 }, [real([3])]);
add("flip", { axes: [0, 2] }, [real([2, 2, 3])]);
add("concat", { axis: 1 }, [real([2, 1]), real([2, 3]), real([2, 2])]);
const windows = { axes: [1, 2], size: [2, 3], stride: [1, 2], dilation: [2, 1] };
add("windows", windows, [real([2, 4, 6])]);
add("fold", { ...windows, shape: [2, 4, 6] }, [real([2, 2, 2, 2, 3])]);
add("fold", { axes: [0], size: [2], stride: [3], dilation: [1], shape: [7] }, [real([2, 2])]);
for (const op of ["sum", "prod", "max", "min"] as const) {
  add(op, { axes: [1] }, [real([2, 3])]);
  add(op, { axes: [0, 2] }, [real([2, 3, 2])]);
  add(op, { axes: [] }, [real([2])]);
}
for (const op of ["cumsum", "cumprod"] as const) {
  for (const reverse of [false, true]) {
    add(op, { axis: 0, reverse }, [real([4])], 3);
    add(op, { axis: 1, reverse }, [real([2, 3, 2])]);
  }
}
// products are right where factors are zero: one, two, or all of them
add("prod", { axes: [1] }, [exactly([3, 3], 2, 0, 3, 0, 0, 4, 0, 0, 0)], 3);
add("cumprod", { axis: 1, reverse: false }, [exactly([3, 4], 2, 0, 3, 5, 0, 4, 0, 2, 0, 0, 0, 0)], 3);
add("cumprod", { axis: 1, reverse: true }, [exactly([2, 4], 2, 0, 3, 5, 0, 4, 0, 2)], 3);
add("dot", {}, [real([2, 3]), real([3, 4])], 3);
add("dot", {}, [real([2, 2, 2, 3]), real([2, 2, 3, 1])]);

const plain = (d: number): ConvAttrs => ({
  stride: new Array(d).fill(1),
  padding: new Array(d).fill([0, 0]),
  inputDilation: new Array(d).fill(1),
  kernelDilation: new Array(d).fill(1),
  featureGroups: 1,
  batchGroups: 1,
});
const convolutions: [ConvAttrs, Shape, Shape][] = [
  [plain(1), [2, 2, 5], [3, 2, 3]],
  [{ ...plain(1), stride: [2] }, [1, 2, 6], [2, 2, 3]], // a rest of the input that no window reads
  [{ ...plain(1), stride: [3], padding: [[2, 1]] }, [1, 1, 5], [1, 1, 2]],
  [{ ...plain(1), padding: [[-1, 2]] }, [1, 1, 5], [1, 1, 3]],
  [{ ...plain(1), padding: [[3, -2]], kernelDilation: [2] }, [1, 1, 5], [1, 1, 2]],
  [{ ...plain(1), inputDilation: [3], padding: [[1, 2]], stride: [2] }, [1, 2, 3], [1, 2, 2]],
  [{ ...plain(1), inputDilation: [2], kernelDilation: [3], stride: [2], padding: [[4, 3]] }, [2, 1, 4], [2, 1, 3]],
  [{ ...plain(1), featureGroups: 2 }, [2, 4, 4], [6, 2, 2]],
  [{ ...plain(1), featureGroups: 3, stride: [2], padding: [[1, 1]] }, [1, 3, 5], [3, 1, 3]], // depthwise
  [{ ...plain(1), batchGroups: 2 }, [4, 2, 4], [6, 2, 2]],
  [{ ...plain(1), batchGroups: 3, kernelDilation: [2], padding: [[0, 1]] }, [3, 2, 4], [3, 2, 2]],
  [
    {
      ...plain(2),
      stride: [2, 1],
      padding: [
        [1, 0],
        [-1, 2],
      ],
      kernelDilation: [1, 2],
    },
    [1, 2, 4, 5],
    [2, 2, 2, 2],
  ],
  [
    {
      ...plain(2),
      stride: [1, 2],
      inputDilation: [2, 1],
      padding: [
        [0, 1],
        [1, 1],
      ],
      featureGroups: 2,
    },
    [2, 2, 3, 3],
    [2, 1, 2, 3],
  ],
  [
    {
      ...plain(3),
      stride: [1, 2, 1],
      padding: [
        [0, 0],
        [1, 1],
        [0, 1],
      ],
    },
    [1, 1, 2, 3, 2],
    [2, 1, 2, 2, 2],
  ],
  [{ ...plain(3), batchGroups: 2 }, [2, 1, 2, 2, 2], [2, 1, 1, 2, 1]],
  [plain(1), [1, 1, 2], [1, 1, 3]], // the kernel does not fit: an empty output
];
for (const [attrs, x, w] of convolutions) add("conv", attrs, [real(x), real(w)], 3);

add("take", { axis: 1 }, [real([2, 3, 2]), ints([2, 2], 2, 0, 2, 2)]);
add("take", { axis: 0 }, [real([3]), ints([], 1)]);
add("gather", { axis: 1 }, [real([2, 3]), ints([2, 4], 0, 2, 2, 1, 1, 1, 0, 1)]);
add("indexAdd", { axis: 0 }, [real([3, 2]), ints([4], 2, 0, 2, 1), real([4, 2])]);
add("scatterAdd", { axis: 0 }, [real([3, 2]), ints([2, 2], 2, 0, 2, 1), real([2, 2])]);

describe("every derivative agrees with central differences", () => {
  it.each(
    cases.map(
      (c) => [`${c.op} ${JSON.stringify(c.attrs)} on ${c.operands.map((x) => `(${x.shape})`).join(" ")}`, c] as const,
    ),
  )("%s", (_, { op, attrs, operands, order }) => {
    check(operands, order, (x) => apply1(op, x, attrs));
  });

  it("covers every primitive through which derivatives flow", () => {
    const covered = new Set<string>([...cases.map(({ op }) => op), "scan", "custom"]);
    const without = ["leaf"];
    const discrete = "not and or xor shl shr eq ne lt le bitcast threefry argmax argmin argsort".split(" ");
    for (const op of Object.keys(VJP) as Primitive[]) {
      if (without.includes(PRIMITIVES[op].kind) || discrete.includes(op)) continue;
      expect(covered, op).toContain(op);
    }
  });
});

describe("scan", () => {
  const place = (shape: Shape, dtype: DType = "f64"): Value => apply1("input", [], { shape, dtype });
  const unary = (op: "tanh" | "sin") => (x: Value) => apply1(op, [x], {});
  const binary = (op: "add" | "mul") => (a: Value, b: Value) => apply1(op, [a, b], {});
  const [tanh, sin, plus, times] = [unary("tanh"), unary("sin"), binary("add"), binary("mul")];

  /** h ─► tanh(w·h + x), gives h·x; and a counter that is an integer */
  function cell(): Graph {
    const [w, h, n, x] = [place([2]), place([2]), place([], "i32"), place([2])];
    const one = apply1("constant", [], { value: 1, dtype: "i32" });
    const next = tanh(plus(times(w, h), x));
    return { inputs: [w, h, n, x], outputs: [next, plus(n, one), times(h, sin(x))] };
  }
  const operands = (length: number): Operand[] => [real([2]), real([2]), ints([], 0), real([length, 2])];

  for (const reverse of [false, true]) {
    for (const save of [false, true]) {
      it(`differentiates three times (reverse: ${reverse}, carries saved: ${save})`, () => {
        const body = save ? savingCarries(cell(), 1, 2) : cell();
        check(operands(3), 3, (x) => {
          const { outputs } = apply("scan", x, { body, length: 3, consts: 1, carries: 2, reverse });
          return [outputs[0], outputs[2]];
        });
      });
    }
  }

  it("differentiates through the last carry alone, through ys alone, and over no steps", () => {
    const attrs = { body: cell(), length: 3, consts: 1, carries: 2, reverse: false };
    check(operands(3), 2, (x) => apply("scan", x, attrs).outputs[0]);
    check(operands(3), 2, (x) => apply("scan", x, attrs).outputs[2]);
    check(operands(0), 2, (x) => apply("scan", x, { ...attrs, length: 0 }).outputs[0]);
  });

  it("differentiates a scan in a scan", () => {
    const inner = cell();
    const [w, h, n, xs] = [place([2]), place([2]), place([], "i32"), place([2, 2])];
    const { outputs } = apply("scan", [w, h, n, xs], { body: inner, length: 2, consts: 1, carries: 2, reverse: true });
    const body = { inputs: [w, h, n, xs], outputs: [sin(outputs[0]), outputs[1], outputs[2]] };
    check([real([2]), real([2]), ints([], 0), real([2, 2, 2])], 2, (x) => {
      const results = apply("scan", x, { body, length: 2, consts: 1, carries: 2, reverse: false }).outputs;
      return [results[0], results[2]];
    });
  });

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
      { numRuns: 40 },
    );
  });
});
