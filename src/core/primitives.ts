/**
 * The one table of primitives: what each takes, what it gives, how it prints.
 *
 * The set is closed under differentiation (autodiff/vjp.ts has a rule for every name here, whose result
 * is made of names from here), so every derivative of every order is a graph like any other.
 */

import { type DType, isFloat, isInteger } from "./dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "./errors.ts";
import { type Aval, type Graph, makeNode, type Node, type Value } from "./graph.ts";
import { checkShape, numel, type Shape, sameShape, showShape } from "./shape.ts";

export type UnaryOp =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "sqrt"
  | "sin"
  | "cos"
  | "floor"
  | "ceil"
  | "round" // half to even
  | "trunc"
  | "not"; // bitwise for integers, logical for bool

export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div" // floats: IEEE; integers: truncated, x / 0 = 0
  | "mod" // truncated remainder, with the sign of the dividend; integers: x mod 0 = 0
  | "pow" // floats only
  | "maximum" // NaN propagates
  | "minimum"
  | "and"
  | "or"
  | "xor"
  | "shl" // integers; the shift count is taken modulo 32
  | "shr"; // arithmetic for i32, logical for u32 and u8

export type CompareOp = "eq" | "ne" | "lt" | "le";
export type ReduceOp = "sum" | "prod" | "max" | "min";
export type ArgReduceOp = "argmax" | "argmin";
export type CumulativeOp = "cumsum" | "cumprod";

/** One padded spatial axis of a convolution: negative padding crops. */
export type Padding = readonly [low: number, high: number];

export interface ConvAttrs {
  readonly stride: readonly number[];
  readonly padding: readonly Padding[];
  /** distance of neighbours of the input, where it was 1; no tap reads what lies between them */
  readonly inputDilation: readonly number[];
  readonly kernelDilation: readonly number[];
  readonly featureGroups: number;
  readonly batchGroups: number;
}

export interface AttentionAttrs {
  /** whether query i sees keys 0 to i only */
  readonly causal: boolean;
  /** what products of queries and keys are multiplied by */
  readonly scale: number;
  /** the probability with which a weight is dropped, decided by the random state that is then the last input */
  readonly dropout?: number;
}

/** What stands behind attention's other inputs, or its gradient's. */
export function maskAndState(rest: readonly Value[], { dropout }: AttentionAttrs): [mask?: Value, state?: Value] {
  return dropout === undefined ? [rest[0]] : [rest.length > 1 ? rest[0] : undefined, rest[rest.length - 1]];
}

export interface WindowAttrs {
  /** the axes that are windowed, ascending */
  readonly axes: readonly number[];
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

export interface CustomAttrs {
  readonly name: string;
  /** cotangents of the node's outputs ─► cotangents of its inputs (undefined: none) */
  readonly vjp: (cotangents: readonly (Value | undefined)[]) => readonly (Value | undefined)[];
}

export interface IndexAttrs {
  readonly axis: number;
  /** the function that the user called, for the error of an index that turns out to be out of range */
  readonly asker?: string;
  /** what that error says instead, where the index stands for something else */
  readonly complaint?: string;
}

type Empty = Readonly<Record<never, never>>;

/** What each primitive carries beside its inputs. */
export type Attrs = {
  // leaves
  input: { readonly shape: Shape; readonly dtype: DType };
  constant: { readonly value: number; readonly dtype: DType };
  iota: { readonly shape: Shape; readonly axis: number; readonly dtype: DType };
  // identity
  alias: Empty;
  custom: CustomAttrs;
  // elementwise: all inputs have one shape
  cast: { readonly dtype: DType };
  bitcast: { readonly dtype: DType; readonly word?: 0 | 1 };
  where: Empty;
  threefry: { readonly word: 0 | 1 };
  // movement
  reshape: { readonly shape: Shape };
  permute: { readonly perm: readonly number[] };
  expand: { readonly shape: Shape };
  slice: { readonly start: readonly number[]; readonly stop: readonly number[]; readonly step: readonly number[] };
  pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
    readonly value: number;
  };
  flip: { readonly axes: readonly number[] };
  concat: { readonly axis: number };
  windows: WindowAttrs;
  // reductions over windows' taps, in gather form: the transpose of `windows`
  fold: WindowAttrs & { readonly shape: Shape };
  // contractions
  dot: Empty;
  conv: ConvAttrs;
  attention: AttentionAttrs;
  attentionGrad: AttentionAttrs;
  // indexing
  take: IndexAttrs;
  gather: IndexAttrs;
  indexAdd: IndexAttrs;
  scatterAdd: IndexAttrs;
  argsort: Empty;
  // recurrence
  scan: {
    readonly body: Graph;
    readonly length: number;
    readonly consts: number;
    readonly carries: number;
    readonly reverse: boolean;
  };
} & Record<UnaryOp, Empty> &
  Record<BinaryOp, Empty> &
  Record<CompareOp, Empty> &
  Record<ReduceOp | ArgReduceOp, { readonly axes: readonly number[] }> &
  Record<CumulativeOp, { readonly axis: number; readonly reverse: boolean }>;

export type Primitive = keyof Attrs;
export type AttrsOf<P extends Primitive> = Attrs[P];

export type PrimitiveKind =
  | "leaf"
  | "identity"
  | "elementwise"
  | "movement"
  | "reduction"
  | "cumulative"
  | "contraction"
  | "indexing"
  | "scan";

interface Rule<P extends Primitive> {
  readonly kind: PrimitiveKind;
  /** number of inputs; undefined where it varies */
  readonly arity?: number;
  /** shape and dtype of every output; throws what the user should read */
  readonly infer: (inputs: readonly Value[], attrs: AttrsOf<P>) => readonly Aval[];
}

const aval = (shape: Shape, dtype: DType): readonly Aval[] => [{ shape, dtype }];

function expectFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype)) throw new DTypeError(`${op} needs a float tensor, but got ${dtype}: convert it with .float().`);
}

function expectSame(op: string, inputs: readonly Value[]): void {
  for (const value of inputs) {
    if (!sameShape(value.shape, inputs[0].shape)) {
      throw new ShapeError(
        `${op} needs operands of one shape, but got ${inputs.map((v) => showShape(v.shape)).join(" and ")}.`,
      );
    }
  }
}

function expectSameDType(op: string, inputs: readonly Value[]): void {
  for (const value of inputs) {
    if (value.dtype !== inputs[0].dtype) {
      throw new DTypeError(`${op} needs operands of one dtype, but got ${inputs.map((v) => v.dtype).join(" and ")}.`);
    }
  }
}

function expectAxis(op: string, axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw new ShapeError(`${op}: axis ${axis} is out of range for ${rank} dimensions.`);
  }
}

const unary = (op: UnaryOp, accepts: "any" | "float" | "number" | "bits"): Rule<UnaryOp> => ({
  kind: "elementwise",
  arity: 1,
  infer([x]) {
    if (accepts === "float") expectFloat(op, x.dtype);
    if (accepts === "number" && x.dtype === "bool")
      throw new DTypeError(`${op} is not defined for bool: convert it with .to("i32").`);
    if (accepts === "bits" && isFloat(x.dtype))
      throw new DTypeError(`${op} needs an integer or bool tensor, but got ${x.dtype}.`);
    return aval(x.shape, x.dtype);
  },
});

const binary = (op: BinaryOp, accepts: "any" | "float" | "number" | "bits" | "integer"): Rule<BinaryOp> => ({
  kind: "elementwise",
  arity: 2,
  infer(inputs) {
    expectSame(op, inputs);
    expectSameDType(op, inputs);
    const { shape, dtype } = inputs[0];
    if (accepts === "float") expectFloat(op, dtype);
    if (accepts === "number" && dtype === "bool")
      throw new DTypeError(`${op} is not defined for bool: convert it with .to("i32").`);
    if (accepts === "bits" && isFloat(dtype))
      throw new DTypeError(`${op} needs integer or bool tensors, but got ${dtype}.`);
    if (accepts === "integer" && !isInteger(dtype))
      throw new DTypeError(`${op} needs integer tensors, but got ${dtype}.`);
    return aval(shape, dtype);
  },
});

const compare = (op: CompareOp): Rule<CompareOp> => ({
  kind: "elementwise",
  arity: 2,
  infer(inputs) {
    expectSame(op, inputs);
    expectSameDType(op, inputs);
    return aval(inputs[0].shape, "bool");
  },
});

/** The shape with the reduced axes left out. Reductions drop their axes; a front door's keepdim is a reshape. */
export function reducedShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, i) => !axes.includes(i));
}

function expectAxes(op: string, axes: readonly number[], rank: number): void {
  for (let i = 0; i < axes.length; i++) {
    expectAxis(op, axes[i], rank);
    if (i > 0 && axes[i] <= axes[i - 1])
      throw new ArgumentError(`${op}: axes must ascend, but got [${axes.join(", ")}].`);
  }
}

const reduce = (op: ReduceOp | ArgReduceOp, dtype: (dtype: DType) => DType): Rule<ReduceOp | ArgReduceOp> => ({
  kind: "reduction",
  arity: 1,
  infer([x], { axes }) {
    expectAxes(op, axes, x.shape.length);
    if (x.dtype === "bool")
      throw new DTypeError(`${op} is not defined for bool: convert it with .to("i32"), or use any() or all().`);
    const empty = axes.some((axis) => x.shape[axis] === 0);
    if (empty && op !== "sum" && op !== "prod") {
      throw new ShapeError(
        `${op} has no identity: the reduced axes [${axes.join(", ")}] of ${showShape(x.shape)} hold no element.`,
      );
    }
    return aval(reducedShape(x.shape, axes), dtype(x.dtype));
  },
});

const cumulative = (op: CumulativeOp): Rule<CumulativeOp> => ({
  kind: "cumulative",
  arity: 1,
  infer([x], { axis }) {
    expectAxis(op, axis, x.shape.length);
    if (x.dtype === "bool") throw new DTypeError(`${op} is not defined for bool: convert it with .to("i32").`);
    return aval(x.shape, x.dtype);
  },
});

/** Number of windows along an axis. */
function windowCount(length: number, size: number, stride: number, dilation: number): number {
  const span = (size - 1) * dilation + 1;
  return length < span ? 0 : Math.floor((length - span) / stride) + 1;
}

/** Spatial output size of a convolution along axis `d`. */
export function convOutput(input: number, kernel: number, attrs: ConvAttrs, d: number): number {
  const dilated = input === 0 ? 0 : (input - 1) * attrs.inputDilation[d] + 1;
  const [low, high] = attrs.padding[d];
  return windowCount(dilated + low + high, kernel, attrs.stride[d], attrs.kernelDilation[d]);
}

const expectIndices = (op: string, index: Value): void => {
  if (index.dtype !== "i32")
    throw new DTypeError(`${op} needs i32 indices, but got ${index.dtype}: convert them with .to("i32").`);
};

type Table = { readonly [P in Primitive]: Rule<P> };

/** Arity, kind and inference of every primitive. */
export const PRIMITIVES: Table = {
  input: { kind: "leaf", arity: 0, infer: (_, { shape, dtype }) => aval(shape, dtype) },
  constant: { kind: "leaf", arity: 0, infer: (_, { dtype }) => aval([], dtype) },
  iota: {
    kind: "leaf",
    arity: 0,
    infer(_, { shape, axis, dtype }) {
      checkShape("iota", shape);
      expectAxis("iota", axis, shape.length);
      return aval(shape, dtype);
    },
  },
  alias: { kind: "identity", arity: 1, infer: ([x]) => aval(x.shape, x.dtype) },
  custom: { kind: "identity", infer: (inputs) => aval(inputs[0].shape, inputs[0].dtype) },

  neg: unary("neg", "number"),
  abs: unary("abs", "number"),
  sign: unary("sign", "number"),
  exp: unary("exp", "float"),
  expm1: unary("expm1", "float"),
  log: unary("log", "float"),
  log1p: unary("log1p", "float"),
  tanh: unary("tanh", "float"),
  sigmoid: unary("sigmoid", "float"),
  erf: unary("erf", "float"),
  sqrt: unary("sqrt", "float"),
  sin: unary("sin", "float"),
  cos: unary("cos", "float"),
  floor: unary("floor", "float"),
  ceil: unary("ceil", "float"),
  round: unary("round", "float"),
  trunc: unary("trunc", "float"),
  not: unary("not", "bits"),

  add: binary("add", "number"),
  sub: binary("sub", "number"),
  mul: binary("mul", "number"),
  div: binary("div", "number"),
  mod: binary("mod", "number"),
  pow: binary("pow", "float"),
  maximum: binary("maximum", "number"),
  minimum: binary("minimum", "number"),
  and: binary("and", "bits"),
  or: binary("or", "bits"),
  xor: binary("xor", "bits"),
  shl: binary("shl", "integer"),
  shr: binary("shr", "integer"),
  eq: compare("eq"),
  ne: compare("ne"),
  lt: compare("lt"),
  le: compare("le"),

  cast: { kind: "elementwise", arity: 1, infer: ([x], { dtype }) => aval(x.shape, dtype) },
  // the bits as another dtype of as many; of an f64, one of its two words as u32, the low one first
  bitcast: {
    kind: "elementwise",
    arity: 1,
    infer([x], { dtype, word }) {
      if (x.dtype === "f64" && dtype === "u32" && word !== undefined) return aval(x.shape, dtype);
      const four: readonly DType[] = ["f32", "i32", "u32"];
      if (!four.includes(x.dtype) || !four.includes(dtype) || word !== undefined) {
        throw new DTypeError(
          `bitcast is between f32, i32 and u32, or from f64 to a word as u32, but got ${x.dtype} to ${dtype}.`,
        );
      }
      return aval(x.shape, dtype);
    },
  },
  where: {
    kind: "elementwise",
    arity: 3,
    infer(inputs) {
      const [condition, a, b] = inputs;
      expectSame("where", inputs);
      expectSameDType("where", [a, b]);
      if (condition.dtype !== "bool") throw new DTypeError(`where needs a bool condition, but got ${condition.dtype}.`);
      return aval(a.shape, a.dtype);
    },
  },
  // inputs: key words k0, k1 and counter words c0, c1 ─► one of the two words of Threefry2x32-20
  threefry: {
    kind: "elementwise",
    arity: 4,
    infer(inputs) {
      expectSame("threefry", inputs);
      for (const x of inputs)
        if (x.dtype !== "u32") throw new DTypeError(`threefry needs u32 words, but got ${x.dtype}.`);
      return aval(inputs[0].shape, "u32");
    },
  },

  reshape: {
    kind: "movement",
    arity: 1,
    infer([x], { shape }) {
      checkShape("reshape", shape);
      if (numel(shape) !== numel(x.shape)) {
        throw new ShapeError(
          `reshape cannot turn ${showShape(x.shape)}, ${numel(x.shape)} elements, into ${showShape(shape)}, ${numel(shape)} elements.`,
        );
      }
      return aval(shape, x.dtype);
    },
  },
  permute: {
    kind: "movement",
    arity: 1,
    infer([x], { perm }) {
      if (perm.length !== x.shape.length || [...perm].sort((a, b) => a - b).some((p, i) => p !== i)) {
        throw new ShapeError(
          `permute: [${perm.join(", ")}] is not an order of the ${x.shape.length} dimensions of ${showShape(x.shape)}.`,
        );
      }
      return aval(
        perm.map((p) => x.shape[p]),
        x.dtype,
      );
    },
  },
  // sizes of 1 grow; the rank stays
  expand: {
    kind: "movement",
    arity: 1,
    infer([x], { shape }) {
      checkShape("expand", shape);
      if (shape.length !== x.shape.length || shape.some((size, i) => size !== x.shape[i] && x.shape[i] !== 1)) {
        throw new ShapeError(`expand cannot grow ${showShape(x.shape)} to ${showShape(shape)}: only sizes of 1 grow.`);
      }
      return aval(shape, x.dtype);
    },
  },
  // step > 0; a negative step at the front door is a flip
  slice: {
    kind: "movement",
    arity: 1,
    infer([x], { start, stop, step }) {
      const shape = x.shape.map((size, i) => {
        if (start[i] < 0 || stop[i] > size || step[i] < 1 || start[i] > stop[i]) {
          throw new ShapeError(
            `slice ${start[i]}:${stop[i]}:${step[i]} is out of range for size ${size} at dimension ${i}.`,
          );
        }
        return Math.ceil((stop[i] - start[i]) / step[i]);
      });
      return aval(shape, x.dtype);
    },
  },
  // negative low or high crops; interior puts that many values between neighbours
  pad: {
    kind: "movement",
    arity: 1,
    infer([x], { low, high, interior }) {
      const shape = x.shape.map((size, i) => {
        const inner = size === 0 ? 0 : (size - 1) * (interior[i] + 1) + 1;
        const out = inner + low[i] + high[i];
        if (interior[i] < 0 || out < 0) {
          throw new ShapeError(
            `pad (${low[i]}, ${high[i]}) leaves a negative size at dimension ${i} of ${showShape(x.shape)}.`,
          );
        }
        return out;
      });
      return aval(shape, x.dtype);
    },
  },
  flip: {
    kind: "movement",
    arity: 1,
    infer([x], { axes }) {
      expectAxes("flip", axes, x.shape.length);
      return aval(x.shape, x.dtype);
    },
  },
  concat: {
    kind: "movement",
    infer(inputs, { axis }) {
      expectSameDType("cat", inputs);
      const [first] = inputs;
      expectAxis("cat", axis, first.shape.length);
      for (const x of inputs) {
        if (x.shape.length !== first.shape.length || x.shape.some((size, i) => i !== axis && size !== first.shape[i])) {
          throw new ShapeError(
            `cat along dimension ${axis} needs equal sizes elsewhere, but got ${inputs.map((v) => showShape(v.shape)).join(", ")}.`,
          );
        }
      }
      const total = inputs.reduce((sum, x) => sum + x.shape[axis], 0);
      return aval(
        first.shape.map((size, i) => (i === axis ? total : size)),
        first.dtype,
      );
    },
  },
  // (…, L, …) ─► (…, count, …, size): window number in place of each axis, the taps appended in order
  windows: {
    kind: "movement",
    arity: 1,
    infer([x], { axes, size, stride, dilation }) {
      expectAxes("windows", axes, x.shape.length);
      const shape = [...x.shape];
      axes.forEach((axis, i) => {
        shape[axis] = windowCount(x.shape[axis], size[i], stride[i], dilation[i]);
      });
      return aval([...shape, ...size], x.dtype);
    },
  },
  // the transpose of windows: every element sums the taps that read it, ascending in tap order
  fold: {
    kind: "reduction",
    arity: 1,
    infer([x], { axes, size, stride, dilation, shape }) {
      expectFloat("fold", x.dtype);
      const expected = [...shape, ...size];
      axes.forEach((axis, i) => {
        expected[axis] = windowCount(shape[axis], size[i], stride[i], dilation[i]);
      });
      if (!sameShape(x.shape, expected)) {
        throw new ShapeError(
          `fold into ${showShape(shape)} needs windows of shape ${showShape(expected)}, but got ${showShape(x.shape)}.`,
        );
      }
      return aval(shape, x.dtype);
    },
  },

  sum: reduce("sum", (dtype) => dtype),
  prod: reduce("prod", (dtype) => dtype),
  max: reduce("max", (dtype) => dtype),
  min: reduce("min", (dtype) => dtype),
  // the flat position within the reduced axes (row-major) of the first extremum; NaN is the extremum
  argmax: reduce("argmax", () => "i32"),
  argmin: reduce("argmin", () => "i32"),
  cumsum: cumulative("cumsum"),
  cumprod: cumulative("cumprod"),

  // (B…, M, K) × (B…, K, N) ─► (B…, M, N); batch shapes are equal (the front door broadcasts them)
  dot: {
    kind: "contraction",
    arity: 2,
    infer([a, b]) {
      expectSameDType("dot", [a, b]);
      const rank = a.shape.length;
      const fits =
        rank >= 2 &&
        b.shape.length === rank &&
        a.shape[rank - 1] === b.shape[rank - 2] &&
        sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      if (!fits)
        throw new ShapeError(
          `dot cannot multiply ${showShape(a.shape)} by ${showShape(b.shape)}: (…, M, K) × (…, K, N) is needed.`,
        );
      if (a.dtype === "bool") throw new DTypeError(`dot is not defined for bool: convert with .float().`);
      return aval([...a.shape.slice(0, -1), b.shape[rank - 1]], a.dtype);
    },
  },
  // x (N, C, *S) ⋆ w (O, C / featureGroups, *K) ─► (N / batchGroups, O, *S'); cross-correlation, as in deep learning.
  // Taps on padding multiply zeros (so an infinite weight gives NaN there); taps between the elements of a dilated input
  // are left out of the sum.
  conv: {
    kind: "contraction",
    arity: 2,
    infer([x, w], attrs) {
      expectSameDType("conv", [x, w]);
      expectFloat("conv", x.dtype);
      const { featureGroups, batchGroups } = attrs;
      const d = x.shape.length - 2;
      const [n, c] = x.shape;
      const [o, cg] = w.shape;
      // Neither layers nor derivatives need both, and then the derivative would be no convolution.
      if (featureGroups > 1 && batchGroups > 1) {
        throw new ArgumentError(
          `conv takes feature groups or batch groups, but got ${featureGroups} and ${batchGroups}: convolve each part of the batch on its own.`,
        );
      }
      if (d < 1 || w.shape.length !== d + 2) {
        throw new ShapeError(
          `conv needs an input (N, C, …) and a weight (O, C, …) of equal rank, but got ${showShape(x.shape)} and ${showShape(w.shape)}.`,
        );
      }
      if (c !== cg * featureGroups || o % featureGroups !== 0) {
        throw new ShapeError(
          `conv: an input ${showShape(x.shape)} with ${c} channels in ${featureGroups} group(s) does not fit a weight ${showShape(w.shape)}, which takes ${cg} channels a group and gives ${o}.`,
        );
      }
      if (n % batchGroups !== 0 || o % batchGroups !== 0) {
        throw new ShapeError(
          `conv: ${batchGroups} batch groups divide neither ${n} examples nor ${o} output channels.`,
        );
      }
      const spatial = x.shape.slice(2).map((size, i) => convOutput(size, w.shape[i + 2], attrs, i));
      return aval([n / batchGroups, o, ...spatial], x.dtype);
    },
  },

  // q (B…, L, E), k (B…, S, E), v (B…, S, Ev) and perhaps a mask, which broadcasts to (B…, L, S) and is added to the scores
  // ─► softmax(q·kᵀ·scale + mask)·v (B…, L, Ev), and the logarithm of each row's sum of exponentials (B…, L). Of weights of
  // which some are dropped the others are divided by 1 − dropout, as random.ts says for the shape of the scores.
  attention: {
    kind: "contraction",
    infer(inputs, attrs) {
      expectAttention("attention", inputs.slice(0, 3), inputs.slice(3), attrs);
      const [q, , v] = inputs;
      const rows = q.shape.slice(0, -1);
      return [
        { shape: [...rows, v.shape[v.shape.length - 1]], dtype: q.dtype },
        { shape: rows, dtype: q.dtype },
      ];
    },
  },
  // q, k, v, both outputs of their attention, the cotangent of the first, mask and state ─► the cotangents of q, k and v
  attentionGrad: {
    kind: "contraction",
    infer(inputs, attrs) {
      expectAttention("attentionGrad", inputs.slice(0, 3), inputs.slice(6), attrs);
      const [q, k, v, out, lse, g] = inputs;
      expectSame("attentionGrad", [out, g]);
      expectSameDType("attentionGrad", inputs.slice(0, 6));
      const rows = q.shape.slice(0, -1);
      if (!sameShape(lse.shape, rows) || !sameShape(g.shape, [...rows, v.shape[v.shape.length - 1]])) {
        throw new ShapeError(
          `attentionGrad needs the results of attention with q ${showShape(q.shape)} and v ${showShape(v.shape)}, but got ${showShape(out.shape)} and ${showShape(lse.shape)}.`,
        );
      }
      return [q, k, v].map(({ shape, dtype }) => ({ shape, dtype }));
    },
  },

  // x (…, V, …), indices I ─► (…, *I, …): whole slices along an axis (torch.index_select, embedding)
  take: {
    kind: "indexing",
    arity: 2,
    infer([x, index], { axis }) {
      expectAxis("take", axis, x.shape.length);
      expectIndices("take", index);
      return aval([...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)], x.dtype);
    },
  },
  // out[…i…] = x[…index[…i…]…]: one element each (torch.gather); sizes elsewhere are equal
  gather: {
    kind: "indexing",
    arity: 2,
    infer([x, index], { axis }) {
      expectAxis("gather", axis, x.shape.length);
      expectIndices("gather", index);
      expectAligned("gather", x.shape, index.shape, axis);
      return aval(index.shape, x.dtype);
    },
  },
  // base (…, V, …), indices I (one axis), source (…, |I|, …): base + source's slices at their indices, in index order
  indexAdd: {
    kind: "indexing",
    arity: 3,
    infer([base, index, source], { axis }) {
      expectAxis("indexAdd", axis, base.shape.length);
      expectIndices("indexAdd", index);
      expectSameDType("indexAdd", [base, source]);
      const wanted = base.shape.map((size, i) => (i === axis ? index.shape[0] : size));
      if (index.shape.length !== 1 || !sameShape(source.shape, wanted)) {
        throw new ShapeError(
          `indexAdd into ${showShape(base.shape)} along dimension ${axis} with indices ${showShape(index.shape)} needs a source ${showShape(wanted)}, but got ${showShape(source.shape)}.`,
        );
      }
      return aval(base.shape, base.dtype);
    },
  },
  // base[…index[…i…]…] += source[…i…], in index order (torch.scatter_add)
  scatterAdd: {
    kind: "indexing",
    arity: 3,
    infer([base, index, source], { axis }) {
      expectAxis("scatterAdd", axis, base.shape.length);
      expectIndices("scatterAdd", index);
      expectSameDType("scatterAdd", [base, source]);
      expectAligned("scatterAdd", base.shape, index.shape, axis);
      if (!sameShape(index.shape, source.shape)) {
        throw new ShapeError(
          `scatterAdd needs one index for each source element, but got ${showShape(index.shape)} and ${showShape(source.shape)}.`,
        );
      }
      return aval(base.shape, base.dtype);
    },
  },
  // the stable ascending order of u32 keys along the last axis
  argsort: {
    kind: "indexing",
    arity: 1,
    infer([x]) {
      if (x.dtype !== "u32") throw new DTypeError(`argsort needs u32 keys, but got ${x.dtype}.`);
      expectAxis("argsort", 0, x.shape.length);
      return aval(x.shape, "i32");
    },
  },

  // inputs: consts, carries, then xs (length, …). The body maps (consts, carries, x slices) ─► (carries, y slices).
  // outputs: the last carries, then ys (length, …). reverse walks from the end, and writes ys where it read xs.
  scan: {
    kind: "scan",
    infer(inputs, { body, length, consts, carries }) {
      if (inputs.length !== body.inputs.length) {
        throw new ArgumentError(`scan: the body takes ${body.inputs.length} values, but got ${inputs.length}.`);
      }
      inputs.forEach((value, i) => {
        const want = body.inputs[i];
        const shape = i < consts + carries ? want.shape : [length, ...want.shape];
        if (!sameShape(shape, value.shape) || value.dtype !== want.dtype) {
          throw new ShapeError(
            `scan: input ${i} is ${value.dtype}${showShape(value.shape)}, but the body needs ${want.dtype}${showShape(shape)}.`,
          );
        }
      });
      const outputs = body.outputs.map((value, i) => ({
        shape: i < carries ? value.shape : [length, ...value.shape],
        dtype: value.dtype,
      }));
      for (let i = 0; i < carries; i++) {
        const want = inputs[consts + i];
        if (!sameShape(outputs[i].shape, want.shape) || outputs[i].dtype !== want.dtype) {
          throw new ShapeError(
            `scan: carry ${i} comes in as ${want.dtype}${showShape(want.shape)} and leaves as ${outputs[i].dtype}${showShape(outputs[i].shape)}: a carry keeps its shape and dtype.`,
          );
        }
      }
      return outputs;
    },
  },
};

function expectAttention(op: string, inputs: readonly Value[], rest: readonly Value[], attrs: AttentionAttrs): void {
  const [mask, state] = maskAndState(rest, attrs);
  const states = attrs.dropout === undefined ? 0 : 1;
  if (inputs.length < 3 || rest.length < states || rest.length > states + 1)
    throw new ArgumentError(
      `${op} takes queries, keys, values, perhaps a mask, and where weights are dropped a random state, but got ${inputs.length + rest.length} operand(s).`,
    );
  if (state && (state.dtype !== "u32" || !sameShape(state.shape, [4])))
    throw new DTypeError(`${op} needs a random state u32 (4), but got ${state.dtype} ${showShape(state.shape)}.`);
  expectSameDType(op, mask ? [...inputs, mask] : inputs);
  expectFloat(op, inputs[0].dtype);
  const [q, k, v] = inputs;
  const rank = q.shape.length;
  const batch = q.shape.slice(0, -2);
  const fits =
    rank >= 2 &&
    [k, v].every(({ shape }) => shape.length === rank && sameShape(shape.slice(0, -2), batch)) &&
    q.shape[rank - 1] === k.shape[rank - 1] &&
    k.shape[rank - 2] === v.shape[rank - 2];
  if (!fits) {
    throw new ShapeError(
      `${op} cannot take ${[q, k, v].map(({ shape }) => showShape(shape)).join(", ")}: (…, L, E), (…, S, E) and (…, S, Ev) are needed.`,
    );
  }
  const scores = [...q.shape.slice(0, -1), k.shape[rank - 2]];
  if (mask && (mask.shape.length !== rank || mask.shape.some((size, i) => size !== 1 && size !== scores[i])))
    throw new ShapeError(
      `${op}: a mask of ${showShape(mask.shape)} does not broadcast to scores of ${showShape(scores)}.`,
    );
}

function expectAligned(op: string, shape: Shape, index: Shape, axis: number): void {
  if (shape.length !== index.length || shape.some((size, i) => i !== axis && size !== index[i])) {
    throw new ShapeError(
      `${op} along dimension ${axis} needs indices of ${showShape(shape)} except there, but got ${showShape(index)}.`,
    );
  }
}

let gradEnabled = true;

/** Runs `f` while new nodes record (or do not record) that derivatives flow through them. */
export function withGrad<T>(enabled: boolean, f: () => T): T {
  const before = gradEnabled;
  gradEnabled = enabled;
  try {
    return f();
  } finally {
    gradEnabled = before;
  }
}

export const isGradEnabled = (): boolean => gradEnabled;

let asking: Pick<IndexAttrs, "asker" | "complaint"> | undefined;

/**
 * Runs `f`; an index of a node made there that is out of range when the program runs is reported as `asker`'s, with the
 * words of `complaint` if there are any.
 */
export function askedBy<T>(asker: string, f: () => T, complaint?: string): T {
  const before = asking;
  asking = complaint === undefined ? { asker } : { asker, complaint };
  try {
    return f();
  } finally {
    asking = before;
  }
}

/** Applies a primitive: checks, infers, and gives the new node. All nodes are made here and in the two functions below. */
export function apply<P extends Primitive>(op: P, inputs: readonly Value[], attrs: AttrsOf<P>): Node<P> {
  const rule: Rule<P> = PRIMITIVES[op];
  if (rule.arity !== undefined && inputs.length !== rule.arity) {
    throw new ArgumentError(`${op} takes ${rule.arity} operand(s), but got ${inputs.length}.`);
  }
  const avals = rule.infer(inputs, attrs);
  const flows = gradEnabled && inputs.some((value) => value.requiresGrad);
  const named = asking && rule.kind === "indexing" ? { ...asking, ...attrs } : attrs;
  return makeNode(op, inputs, named, avals, flows);
}

/** Applies a primitive that has one output. */
export function apply1<P extends Primitive>(op: P, inputs: readonly Value[], attrs: AttrsOf<P>): Value {
  return apply(op, inputs, attrs).outputs[0];
}

/** A leaf that stands for a value yet to be given: a function is built on it, and may be differentiated by it. */
export function placeholder({ shape, dtype }: Aval, requiresGrad = false): Value {
  const aval: Aval = { shape, dtype }; // not what was passed, which may be a value with all its history
  return makeNode("input", [], aval, [aval], requiresGrad).outputs[0];
}

/** An alias through which derivatives flow (a variable) or do not (a detached value). */
export function aliasOf(x: Value, requiresGrad: boolean): Value {
  return makeNode("alias", [x], {}, [x], requiresGrad).outputs[0];
}
