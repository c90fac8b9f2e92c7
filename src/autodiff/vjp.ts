/**
 * The derivative of every primitive, in one table.
 *
 * A rule takes g, the cotangent of a node's output (∂loss/∂output), and gives one cotangent for each input: Jᵀg, written
 * in primitives again, so that it can be differentiated in turn. `undefined` is "no derivative flows here". Kinks follow
 * PyTorch: abs′(0) = 0, max gives to the first extremum, maximum halves ties, steps have derivative 0.
 */

import { isFloat } from "../core/dtype.ts";
import type { Node, Value } from "../core/graph.ts";
import {
  type AttrsOf,
  apply,
  apply1,
  type BinaryOp,
  type Primitive,
  placeholder,
  type UnaryOp,
} from "../core/primitives.ts";
import { numel, type Shape } from "../core/shape.ts";
import { attentionGradVjp } from "./attention.ts";
import { scanVjp } from "./scan.ts";

export type Cotangents = readonly (Value | undefined)[];

/** Nodes of several outputs, some of which may have no cotangent; that of any other node is its first output's. */
export const SEVERAL = ["scan", "attentionGrad"] as const;

type Rule<P extends Primitive> = (
  g: P extends (typeof SEVERAL)[number] ? Cotangents : Value,
  node: Node<P>,
) => Cotangents;

// What rules are written in

const unary =
  (op: UnaryOp) =>
  (x: Value): Value =>
    apply1(op, [x], {});
const binary =
  (op: BinaryOp) =>
  (a: Value, b: Value): Value =>
    apply1(op, [a, b], {});

const neg = unary("neg");
const exp = unary("exp");
const log = unary("log");
const sin = unary("sin");
const cos = unary("cos");
const sign = unary("sign");
const trunc = unary("trunc");
export const add: (a: Value, b: Value) => Value = binary("add");
const sub = binary("sub");
const mul = binary("mul");
const div = binary("div");
const pow = binary("pow");
const and = binary("and");
const or = binary("or");
const not = unary("not");
const equal = (a: Value, b: Value): Value => apply1("eq", [a, b], {});
const less = (a: Value, b: Value): Value => apply1("lt", [a, b], {});
const lessEqual = (a: Value, b: Value): Value => apply1("le", [a, b], {});
const where = (condition: Value, a: Value, b: Value): Value => apply1("where", [condition, a, b], {});

const reshape = (x: Value, shape: Shape): Value => apply1("reshape", [x], { shape });
const expand = (x: Value, shape: Shape): Value => apply1("expand", [x], { shape });
const permute = (x: Value, perm: readonly number[]): Value => apply1("permute", [x], { perm });

/** A constant in the shape and dtype of `like`. */
function full(like: Value, value: number): Value {
  const { shape, dtype } = like;
  const scalar = apply1("constant", [], { value, dtype });
  if (shape.length === 0) return scalar;
  return expand(reshape(scalar, new Array<number>(shape.length).fill(1)), shape);
}

export const zeros = (like: Value): Value => full(like, 0);
const scale = (x: Value, factor: number): Value => mul(x, full(x, factor));

/** The shape with reduced axes of size one. */
const keptShape = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** A reduced value (…) repeated over the axes that were reduced. */
const spread = (g: Value, shape: Shape, axes: readonly number[]): Value =>
  expand(reshape(g, keptShape(shape, axes)), shape);

/** Shifts by one along an axis: the first (or, from the end, the last) place takes `value`, the other end falls out. */
function shift(x: Value, axis: number, fromEnd: boolean, value: number): Value {
  const one = x.shape.map((_, i) => (i === axis ? 1 : 0));
  const minusOne = one.map((n) => 0 - n);
  const interior = one.map(() => 0);
  return apply1(
    "pad",
    [x],
    fromEnd ? { low: minusOne, high: one, interior, value } : { low: one, high: minusOne, interior, value },
  );
}

/** The product of all that came before along an axis. */
const exclusiveProduct = (x: Value, axis: number, reverse: boolean): Value =>
  apply1("cumprod", [shift(x, axis, reverse, 1)], { axis, reverse });

const none = (): Cotangents => [];
const flat: Rule<"sign" | "floor" | "ceil" | "round" | "trunc"> = (_, { inputs: [x] }) => [zeros(x)];

/** g for the larger of two (of the negated, the smaller), half of it each where they are equal. */
function larger(g: Value, a: Value, b: Value, aLoses: Value, bLoses: Value): Cotangents {
  const shared = where(equal(a, b), scale(g, 0.5), g);
  return [where(aLoses, zeros(g), shared), where(bLoses, zeros(g), shared)];
}

/** g at the place of the first extremum of the reduced axes. */
function toExtremum(op: "argmax" | "argmin", g: Value, x: Value, axes: readonly number[]): Value {
  const length = numel(axes.map((axis) => x.shape[axis]));
  const order = apply1("iota", [], { shape: [length], axis: 0, dtype: "i32" });
  const place = expand(
    reshape(
      order,
      x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
    ),
    x.shape,
  );
  const first = equal(place, spread(apply1(op, [x], { axes }), x.shape, axes));
  return where(first, spread(g, x.shape, axes), zeros(x));
}

/** ∂prod/∂x: the product of all the others, from the left and from the right, so that zeros do no harm. */
function othersProduct(x: Value, axes: readonly number[]): Value {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const perm = [...kept, ...axes];
  const moved = permute(x, perm); // (kept…, reduced…)
  const rows = reshape(moved, [...kept.map((axis) => x.shape[axis]), numel(axes.map((axis) => x.shape[axis]))]); // (kept…, R)
  const others = mul(exclusiveProduct(rows, kept.length, false), exclusiveProduct(rows, kept.length, true));
  return permute(reshape(others, moved.shape), inverse(perm));
}

/**
 * yⱼ = Πₖ≤ⱼ xₖ, so ∂loss/∂xᵢ = (Πₖ<ᵢ xₖ)·sᵢ with sᵢ = gᵢ + xᵢ₊₁·sᵢ₊₁: a scan from the end, right where x has zeros.
 */
function cumprodVjp(g: Value, x: Value, { axis, reverse }: AttrsOf<"cumprod">): Value {
  const perm = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
  const next = permute(shift(x, axis, !reverse, 0), perm); // (L, …)
  const rows = permute(g, perm); // (L, …)
  const place = (): Value => placeholder({ shape: rows.shape.slice(1), dtype: x.dtype });
  const [s, factor, gi] = [place(), place(), place()];
  const sum = add(gi, mul(factor, s));
  const sums = apply("scan", [zeros(s), next, rows], {
    body: { inputs: [s, factor, gi], outputs: [sum, sum] },
    length: rows.shape[0],
    consts: 0,
    carries: 1,
    reverse: !reverse,
  }).outputs[1];
  return mul(exclusiveProduct(x, axis, reverse), permute(sums, inverse(perm)));
}

function inverse(perm: readonly number[]): number[] {
  const out = new Array<number>(perm.length);
  perm.forEach((from, to) => {
    out[from] = to;
  });
  return out;
}

const transposed = (x: Value): Value => {
  const rank = x.shape.length;
  return permute(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2));
};

const swapFirst = (x: Value): Value => permute(x, [1, 0, ...[...x.shape.keys()].slice(2)]);

/** The size that n elements span with a distance between them. */
const spanOf = (n: number, distance: number): number => (n === 0 ? 0 : (n - 1) * distance + 1);

/**
 * y = x ⋆ w reads x at s·stride + t·kernelDilation − low for output position s and tap t. Solved for the input position,
 * that is a convolution of g, spread by the stride, with the flipped kernel; in and out channels of a group change places.
 */
function convInputVjp(g: Value, x: Value, w: Value, attrs: AttrsOf<"conv">): Value {
  const { stride, padding, inputDilation, kernelDilation, featureGroups, batchGroups } = attrs;
  const groups = featureGroups * batchGroups; // one of them is 1
  const [n, c, ...size] = x.shape;
  const [o, cg, ...kernel] = w.shape;
  const spatial = [...size.keys()];
  const flipped = apply1("flip", [w], { axes: spatial.map((d) => d + 2) });
  const grouped = reshape(flipped, [groups, o / groups, cg, ...kernel]); // (G, O/G, C, …K)
  const weight = reshape(permute(grouped, [0, 2, 1, ...spatial.map((d) => d + 3)]), [
    groups * cg,
    o / groups,
    ...kernel,
  ]);
  const dx = apply1("conv", [g, weight], {
    stride: inputDilation,
    padding: spatial.map((d) => {
      const reach = (kernel[d] - 1) * kernelDilation[d];
      const low = reach - padding[d][0];
      return [low, spanOf(size[d], inputDilation[d]) + reach - spanOf(g.shape[d + 2], stride[d]) - low] as const;
    }),
    inputDilation: stride,
    kernelDilation,
    featureGroups: groups,
    batchGroups: 1,
  });
  if (batchGroups === 1) return dx;
  const split = reshape(dx, [n / batchGroups, batchGroups, c, ...size]); // (N/B, B, C, …)
  return reshape(permute(split, [1, 0, 2, ...spatial.map((d) => d + 3)]), x.shape); // (N, C, …)
}

/** Solved for the tap: x, whose examples become channels, convolved with g as a kernel spread by the stride. */
function convWeightVjp(g: Value, x: Value, w: Value, attrs: AttrsOf<"conv">): Value {
  const { stride, padding, inputDilation, kernelDilation, featureGroups, batchGroups } = attrs;
  const dw = apply1("conv", [swapFirst(x), swapFirst(g)], {
    stride: kernelDilation,
    padding: padding.map(([low], d) => {
      const needed = spanOf(w.shape[d + 2], kernelDilation[d]) + spanOf(g.shape[d + 2], stride[d]) - 1;
      return [low, needed - spanOf(x.shape[d + 2], inputDilation[d]) - low] as const;
    }),
    inputDilation,
    kernelDilation: stride,
    featureGroups: batchGroups,
    batchGroups: featureGroups,
  });
  return swapFirst(dw); // (C/G, O, …K) ─► (O, C/G, …K)
}

/** Every primitive's rule; the type makes a missing one a compile-time error. */
export const VJP: { readonly [P in Primitive]: Rule<P> } = {
  input: none,
  constant: none,
  iota: none,
  alias: (g) => [g],
  custom: (g, { attrs }) => attrs.vjp([g]),

  neg: (g) => [neg(g)],
  abs: (g, { inputs: [x] }) => [mul(g, sign(x))],
  sign: flat,
  exp: (g, { outputs: [y] }) => [mul(g, y)],
  expm1: (g, { outputs: [y] }) => [mul(g, add(y, full(y, 1)))],
  log: (g, { inputs: [x] }) => [div(g, x)],
  log1p: (g, { inputs: [x] }) => [div(g, add(x, full(x, 1)))],
  tanh: (g, { outputs: [y] }) => [mul(g, sub(full(y, 1), mul(y, y)))],
  sigmoid: (g, { outputs: [y] }) => [mul(g, mul(y, sub(full(y, 1), y)))],
  erf: (g, { inputs: [x] }) => [mul(g, scale(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  sqrt: (g, { outputs: [y] }) => [div(scale(g, 0.5), y)],
  sin: (g, { inputs: [x] }) => [mul(g, cos(x))],
  cos: (g, { inputs: [x] }) => [neg(mul(g, sin(x)))],
  floor: flat,
  ceil: flat,
  round: flat,
  trunc: flat,
  not: none,

  add: (g) => [g, g],
  sub: (g) => [g, neg(g)],
  mul: (g, { inputs: [a, b] }) => [mul(g, b), mul(g, a)],
  div: (g, { inputs: [, b], outputs: [y] }) => [div(g, b), neg(div(mul(g, y), b))],
  mod: (g, { inputs: [a, b] }) => [g, neg(mul(g, trunc(div(a, b))))],
  // b·aᵇ⁻¹ and aᵇ·log a, where a⁰ and 0ᵇ (b ≥ 0) are flat: there 1 stands for the base, which keeps 0·∞ and NaN out
  pow(g, { inputs: [a, b], outputs: [y] }) {
    const [zero, one] = [full(a, 0), full(a, 1)];
    const harmless = and(lessEqual(a, a), not(equal(a, zero))); // neither NaN nor 0
    const base = where(or(harmless, not(equal(b, zero))), a, one);
    const positive = where(and(equal(a, zero), lessEqual(zero, b)), one, a);
    return [mul(g, mul(b, pow(base, sub(b, one)))), mul(g, mul(y, log(positive)))];
  },
  maximum: (g, { inputs: [a, b] }) => larger(g, a, b, less(a, b), less(b, a)),
  minimum: (g, { inputs: [a, b] }) => larger(g, a, b, less(b, a), less(a, b)),
  and: none,
  or: none,
  xor: none,
  shl: none,
  shr: none,
  eq: none,
  ne: none,
  lt: none,
  le: none,

  cast: (g, { inputs: [{ dtype }] }) => [isFloat(dtype) ? apply1("cast", [g], { dtype }) : undefined],
  bitcast: none,
  where: (g, { inputs: [condition] }) => [undefined, where(condition, g, zeros(g)), where(condition, zeros(g), g)],
  threefry: none,

  reshape: (g, { inputs: [x] }) => [reshape(g, x.shape)],
  permute: (g, { attrs: { perm } }) => [permute(g, inverse(perm))],
  expand(g, { inputs: [{ shape }] }) {
    const axes = [...shape.keys()].filter((axis) => shape[axis] !== g.shape[axis]);
    return [reshape(apply1("sum", [g], { axes }), shape)];
  },
  slice(g, { inputs: [{ shape }], attrs: { start, step } }) {
    const high = shape.map((size, axis) => size - start[axis] - spanOf(g.shape[axis], step[axis]));
    return [apply1("pad", [g], { low: start, high, interior: step.map((s) => s - 1), value: 0 })];
  },
  pad(g, { inputs: [{ shape }], attrs: { low, high, interior } }) {
    const negate = (sizes: readonly number[]) => sizes.map((size) => 0 - size);
    const none = interior.map(() => 0);
    const inner = apply1("pad", [g], { low: negate(low), high: negate(high), interior: none, value: 0 });
    const step = interior.map((n) => n + 1);
    const stop = shape.map((size, axis) => spanOf(size, step[axis]));
    return [apply1("slice", [inner], { start: none, stop, step })];
  },
  flip: (g, { attrs }) => [apply1("flip", [g], attrs)],
  concat(g, { inputs, attrs: { axis } }) {
    let end = 0;
    return inputs.map(({ shape }) => {
      const at = (i: number, along: number, across: number): number => (i === axis ? along : across);
      const start = shape.map((_, i) => at(i, end, 0));
      end += shape[axis];
      const stop = shape.map((size, i) => at(i, end, size));
      return apply1("slice", [g], { start, stop, step: shape.map(() => 1) });
    });
  },
  windows: (g, { inputs: [{ shape }], attrs }) => [apply1("fold", [g], { ...attrs, shape })],
  fold: (g, { attrs: { axes, size, stride, dilation } }) => [apply1("windows", [g], { axes, size, stride, dilation })],

  sum: (g, { inputs: [{ shape }], attrs: { axes } }) => [spread(g, shape, axes)],
  prod: (g, { inputs: [x], attrs: { axes } }) => [mul(spread(g, x.shape, axes), othersProduct(x, axes))],
  max: (g, { inputs: [x], attrs: { axes } }) => [toExtremum("argmax", g, x, axes)],
  min: (g, { inputs: [x], attrs: { axes } }) => [toExtremum("argmin", g, x, axes)],
  argmax: none,
  argmin: none,
  cumsum: (g, { attrs: { axis, reverse } }) => [apply1("cumsum", [g], { axis, reverse: !reverse })],
  cumprod: (g, { inputs: [x], attrs }) => [cumprodVjp(g, x, attrs)],

  dot: (g, { inputs: [a, b] }) => [
    a.requiresGrad ? apply1("dot", [g, transposed(b)], {}) : undefined,
    b.requiresGrad ? apply1("dot", [transposed(a), g], {}) : undefined,
  ],
  conv(g, { inputs: [x, w], attrs }) {
    if (numel(g.shape) === 0) return [zeros(x), zeros(w)];
    return [
      x.requiresGrad ? convInputVjp(g, x, w, attrs) : undefined,
      w.requiresGrad ? convWeightVjp(g, x, w, attrs) : undefined,
    ];
  },
  attention(g, { inputs: [q, k, v, ...rest], outputs, attrs }) {
    const { outputs: cotangents } = apply("attentionGrad", [q, k, v, ...outputs, g, ...rest], attrs);
    return cotangents;
  },
  attentionGrad: attentionGradVjp,

  take(g, { inputs: [x, index], attrs: { axis } }) {
    const count = numel(index.shape);
    const source = reshape(g, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
    return [apply1("indexAdd", [zeros(x), reshape(index, [count]), source], { axis }), undefined];
  },
  gather: (g, { inputs: [x, index], attrs }) => [apply1("scatterAdd", [zeros(x), index, g], attrs), undefined],
  indexAdd: (g, { inputs: [, index], attrs }) => [g, undefined, apply1("take", [g, index], attrs)],
  scatterAdd: (g, { inputs: [, index], attrs }) => [g, undefined, apply1("gather", [g, index], attrs)],
  argsort: none,

  scan: scanVjp,
};
