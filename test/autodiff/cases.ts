/** One case or more for each primitive through which derivatives flow, for whatever can run a graph. */

import { saving } from "../../src/autodiff/scan.ts";
import type { DType, TypedArray } from "../../src/core/dtype.ts";
import type { Graph, Value } from "../../src/core/graph.ts";
import {
  type AttentionAttrs,
  type AttrsOf,
  apply,
  apply1,
  type ConvAttrs,
  type Primitive,
} from "../../src/core/primitives.ts";
import { numel, type Shape } from "../../src/core/shape.ts";

export interface Operand {
  shape: Shape;
  dtype: DType;
  data: TypedArray;
}

let count = 0;
/** Generic numbers in (low, high), no two equal. */
export function real(shape: Shape, low = -1.5, high = 1.5): Operand {
  const data = Float64Array.from({ length: numel(shape) }, () => {
    count++;
    return low + (high - low) * ((count * 0.6180339887498949) % 1);
  });
  return { shape, dtype: "f64", data };
}
export const exactly = (shape: Shape, ...data: number[]): Operand => ({
  shape,
  dtype: "f64",
  data: Float64Array.from(data),
});
export const ints = (shape: Shape, ...data: number[]): Operand => ({
  shape,
  dtype: "i32",
  data: Int32Array.from(data),
});
export const bools = (shape: Shape, ...data: number[]): Operand => ({
  shape,
  dtype: "bool",
  data: Uint8Array.from(data),
});

/** A function of operands, and how often to differentiate it. */
export interface Case {
  readonly op: Primitive;
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly order: number;
  readonly build: (x: readonly Value[]) => readonly Value[];
}

export const cases: Case[] = [];

function add<P extends Primitive>(op: P, attrs: AttrsOf<P>, operands: Operand[], order = 2): void {
  const name = `${op} ${JSON.stringify(attrs)} on ${operands.map((x) => `(${x.shape})`).join(" ")}`;
  cases.push({ op, name, operands, order, build: (x) => [apply1(op, x, attrs)] });
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

/** 0, −1, −2, … along the last axis */
const falling = (dtype: DType, shape: Shape): Value =>
  apply1("neg", [apply1("iota", [], { shape, axis: shape.length - 1, dtype })], {});
const attentions: [AttentionAttrs, Operand[], number][] = [
  [{ causal: false, scale: 0.7 }, [real([3, 2]), real([4, 2]), real([4, 3])], 3],
  [{ causal: true, scale: 0.5 }, [real([2, 3, 2]), real([2, 3, 2]), real([2, 3, 1])], 2],
  [{ causal: true, scale: 0.5 }, [real([4, 2]), real([2, 2]), real([2, 2])], 2],
  [{ causal: false, scale: 1.1 }, [real([2, 3, 2]), real([2, 4, 2]), real([2, 4, 2])], 2],
];
for (const [attrs, operands, order] of attentions) {
  const mask = ({ dtype }: Value): Value[] => (attrs.scale > 1 ? [falling(dtype, [1, 3, 4])] : []);
  const name = `${JSON.stringify(attrs)} on ${operands.map((x) => `(${x.shape})`).join(" ")}`;
  const build = ([q, k, v]: readonly Value[]) => [apply("attention", [q, k, v, ...mask(q)], attrs).outputs[0]];
  cases.push({ op: "attention", name: `attention ${name}`, operands, order, build });
  const result = [...operands[0].shape.slice(0, -1), operands[2].shape.at(-1)!];
  cases.push({
    op: "attentionGrad",
    name: `attentionGrad ${name}`,
    operands: [...operands, real(result)],
    order: order - 1,
    build: ([q, k, v, g]) => {
      const { outputs } = apply("attention", [q, k, v, ...mask(q)], attrs);
      return apply("attentionGrad", [q, k, v, ...outputs, g, ...mask(q)], attrs).outputs;
    },
  });
}

add("take", { axis: 1 }, [real([2, 3, 2]), ints([2, 2], 2, 0, 2, 2)]);
add("take", { axis: 0 }, [real([3]), ints([], 1)]);
add("gather", { axis: 1 }, [real([2, 3]), ints([2, 4], 0, 2, 2, 1, 1, 1, 0, 1)]);
add("indexAdd", { axis: 0 }, [real([3, 2]), ints([4], 2, 0, 2, 1), real([4, 2])]);
add("scatterAdd", { axis: 0 }, [real([3, 2]), ints([2, 2], 2, 0, 2, 1), real([2, 2])]);

export const place = (shape: Shape, dtype: DType = "f64"): Value => apply1("input", [], { shape, dtype });
const unary = (op: "tanh" | "sin") => (x: Value) => apply1(op, [x], {});
const binary = (op: "add" | "mul") => (a: Value, b: Value) => apply1(op, [a, b], {});
export const [tanh, sin, plus, times] = [unary("tanh"), unary("sin"), binary("add"), binary("mul")];

/** h ─► tanh(w·h + x), gives h·sin x; and a counter that is an integer */
function cell(): Graph {
  const [w, h, n, x] = [place([2]), place([2]), place([], "i32"), place([2])];
  const one = apply1("constant", [], { value: 1, dtype: "i32" });
  const next = tanh(plus(times(w, h), x));
  return { inputs: [w, h, n, x], outputs: [next, plus(n, one), times(h, sin(x))] };
}

function addScan(name: string, length: number, order: number, build: (x: readonly Value[]) => readonly Value[]): void {
  cases.push({
    op: "scan",
    name: `scan ${name}`,
    operands: [real([2]), real([2]), ints([], 0), real([length, 2])],
    order,
    build,
  });
}
const attrs = { body: cell(), length: 3, consts: 1, carries: 2, reverse: false };
for (const reverse of [false, true]) {
  for (const save of [false, true]) {
    const plain = cell();
    const body = save ? saving(plain, 2, plain.inputs.slice(1, 3)) : plain;
    addScan(`(reverse: ${reverse}, carries saved: ${save})`, 3, 3, (x) => {
      const { outputs } = apply("scan", x, { body, length: 3, consts: 1, carries: 2, reverse });
      return [outputs[0], outputs[2]];
    });
  }
}
addScan("through the last carry alone", 3, 2, (x) => [apply("scan", x, attrs).outputs[0]]);
addScan("through ys alone", 3, 2, (x) => [apply("scan", x, attrs).outputs[2]]);
addScan("over no steps", 0, 2, (x) => [apply("scan", x, { ...attrs, length: 0 }).outputs[0]]);

const [w, h, n, xs] = [place([2]), place([2]), place([], "i32"), place([2, 2])];
const inner = apply("scan", [w, h, n, xs], { body: cell(), length: 2, consts: 1, carries: 2, reverse: true }).outputs;
const outer = { inputs: [w, h, n, xs], outputs: [sin(inner[0]), inner[1], inner[2]] };
cases.push({
  op: "scan",
  name: "scan in a scan",
  operands: [real([2]), real([2]), ints([], 0), real([2, 2, 2])],
  order: 2,
  build: (x) => {
    const { outputs } = apply("scan", x, { body: outer, length: 2, consts: 1, carries: 2, reverse: false });
    return [outputs[0], outputs[2]];
  },
});

// Weights in every step: products with slices and carries, from either side, and a bias, which are summed after the loop.
const dot = (a: Value, b: Value): Value => apply1("dot", [a, b], {});
const turned = (x: Value): Value => {
  const axes = [...x.shape.keys()];
  return apply1("permute", [x], { perm: [...axes.slice(0, -2), ...axes.slice(-2).reverse()] });
};
const repeated = (x: Value, shape: Shape): Value =>
  apply1("expand", [apply1("reshape", [x], { shape: [...shape.slice(0, -1).map(() => 1), x.shape[0]] })], { shape });

/** h ─► tanh(x·w + h·uᵀ + b), gives u·hᵀ·w */
function network(): Graph {
  const [w, u, b, h, x] = [place([3, 2]), place([2, 2]), place([2]), place([3, 2]), place([3, 3])];
  const next = tanh(plus(plus(dot(x, w), repeated(b, [3, 2])), dot(h, turned(u))));
  return { inputs: [w, u, b, h, x], outputs: [next, dot(dot(u, turned(h)), w)] };
}
for (const [length, reverse] of [
  [2, false],
  [2, true],
  [0, false],
] as const) {
  cases.push({
    op: "scan",
    name: `scan of matrix products over ${length} steps (reverse: ${reverse})`,
    operands: [real([3, 2]), real([2, 2]), real([2]), real([3, 2]), real([length, 3, 3])],
    order: 2,
    build: (x) => apply("scan", x, { body: network(), length, consts: 3, carries: 1, reverse }).outputs,
  });
}

/** h ─► sin(h·w), batch by batch, w the same for all; a slice scales the weight of its step */
function batches(): Graph {
  const [w, h, x] = [place([2, 2]), place([2, 1, 2]), place([2])];
  const all = apply1("expand", [apply1("reshape", [times(w, repeated(x, [2, 2]))], { shape: [1, 2, 2] })], {
    shape: [2, 2, 2],
  });
  return { inputs: [w, h, x], outputs: [sin(dot(h, all)), dot(h, all)] };
}
cases.push({
  op: "scan",
  name: "scan of batches of products",
  operands: [real([2, 2]), real([2, 1, 2]), real([2, 2])],
  order: 2,
  build: (x) => apply("scan", x, { body: batches(), length: 2, consts: 1, carries: 1, reverse: false }).outputs,
});
