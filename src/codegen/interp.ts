/**
 * The interpreter: the oracle that every device is compared with.
 *
 * It evaluates a graph node by node, straight from the definition of each primitive, and shares nothing with the
 * lowering but the order of reductions. In mode "exact" every operation rounds as its dtype does, so that devices must
 * agree bit for bit; in mode "f64" f32 is computed in doubles, for derivatives and error bounds.
 */

import { allocate, castValue, type DType, isFloat, type TypedArray, view } from "../core/dtype.ts";
import { IndexError, InternalError } from "../core/errors.ts";
import type { Ops } from "../core/float.ts";
import { type Graph, type Node, topological, type Value } from "../core/graph.ts";
import { type ElementaryOp, FLOAT32, FLOAT64, threefry } from "../core/numerics.ts";
import { pow32, pow64 } from "../core/pow.ts";
import {
  type ArgReduceOp,
  type BinaryOp,
  type CompareOp,
  type CumulativeOp,
  type IndexAttrs,
  type Primitive,
  placeholder,
  type ReduceOp,
  type UnaryOp,
  type WindowAttrs,
} from "../core/primitives.ts";
import { staysIn } from "../core/random.ts";
import { type ContractionPlan, contractionPlan, reducedSizes, reductionPlan } from "../core/reduction.ts";
import { COMBINE, COMPARE, exactBinary, exactUnary, fma32, identityOf, joinWords, wordOf } from "../core/scalar.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";
import { type Arithmetic, evaluateAttention, evaluateAttentionGrad } from "./interp-attention.ts";

export interface InterpretOptions {
  /** "exact": each dtype's own arithmetic; "f64": f32 is computed, and given back, in doubles */
  readonly mode: "exact" | "f64";
  /** whether blocked f32 contractions fuse multiply and add, as devices with such an instruction do */
  readonly fma: boolean;
}

/** Evaluates a graph. Throws an IndexError that names the op, the index and the valid range. */
export function interpret(graph: Graph, inputs: readonly TypedArray[], options: InterpretOptions): TypedArray[] {
  return prepare(graph, options)(inputs);
}

/** The graph's nodes in order, found once for all the times it is run. */
function prepare(graph: Graph, options: InterpretOptions): (inputs: readonly TypedArray[]) => TypedArray[] {
  const given = new Set(graph.inputs);
  const nodes = topological(graph.outputs, (value) => given.has(value));
  return (inputs) => {
    const known = new Map<Value, TypedArray>();
    const evaluation = new Evaluation(options);
    graph.inputs.forEach((value, i) => {
      if (inputs[i]?.length !== numel(value.shape)) {
        throw new InternalError(
          `interpret: input ${i} holds ${inputs[i]?.length} elements, not ${numel(value.shape)}.`,
        );
      }
      known.set(value, evaluation.given(value, inputs[i]));
    });
    for (const node of nodes) {
      const results = evaluation.node(
        node,
        node.inputs.map((value) => known.get(value)!),
      );
      node.outputs.forEach((value, i) => {
        known.set(value, results[i]);
      });
    }
    return graph.outputs.map((value) => known.get(value)!);
  };
}

type Evaluate<P extends Primitive> = (
  evaluation: Evaluation,
  inputs: readonly TypedArray[],
  node: Node<P>,
) => TypedArray | readonly TypedArray[];

class Evaluation {
  readonly options: InterpretOptions;

  constructor(options: InterpretOptions) {
    this.options = options;
  }

  node<P extends Primitive>(node: Node<P>, inputs: readonly TypedArray[]): readonly TypedArray[] {
    const rule: Evaluate<P> = EVALUATE[node.op];
    const result = rule(this, inputs, node);
    return ArrayBuffer.isView(result) ? [result] : result;
  }

  /** an input, in the array type that it is computed in */
  given(value: Value, data: TypedArray): TypedArray {
    if (this.computed(value.dtype) === value.dtype) return data;
    return Float64Array.from(data);
  }

  /** the dtype in which a dtype is computed */
  computed(dtype: DType): DType {
    return this.options.mode === "f64" && dtype === "f32" ? "f64" : dtype;
  }

  allocate(dtype: DType, length: number): TypedArray {
    return allocate(this.computed(dtype), length);
  }

  like(value: Value): TypedArray {
    return this.allocate(value.dtype, numel(value.shape));
  }

  numbers({ dtype }: Value, data: TypedArray): Numbers {
    return { dtype: this.computed(dtype), data };
  }
}

// Offsets

const NOWHERE = -1;

/** The offset of every element of a grid, row-major, as the sum of one offset an axis; outside of any axis is nowhere. */
function grid(axes: readonly (readonly number[])[]): Int32Array {
  let offsets = Int32Array.of(0);
  for (const axis of axes) {
    const next = new Int32Array(offsets.length * axis.length);
    let n = 0;
    for (const base of offsets) {
      for (const step of axis) next[n++] = base === NOWHERE || step === NOWHERE ? NOWHERE : base + step;
    }
    offsets = next;
  }
  return offsets;
}

const range = (size: number, at: (i: number) => number): number[] => Array.from({ length: size }, (_, i) => at(i));

/** Reads the element at every offset. */
function pick(x: TypedArray, offsets: Int32Array, out: TypedArray): TypedArray {
  for (let i = 0; i < out.length; i++) out[i] = x[offsets[i]];
  return out;
}

/** Sizes before, at and after an axis. */
function around(shape: Shape, axis: number): { outer: number; size: number; inner: number } {
  return { outer: numel(shape.slice(0, axis)), size: shape[axis], inner: numel(shape.slice(axis + 1)) };
}

function checkIndex(op: string, { asker = op, complaint }: IndexAttrs, index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  const range = size === 0 ? "the dimension is empty" : `valid indices are 0 to ${size - 1}`;
  throw new IndexError(`${asker}: ${complaint ?? `index ${index} is out of range: ${range}.`}`);
}

// Elementwise

/** An array and the dtype that it is computed in (bool and u8 share an array type). */
interface Numbers {
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** The elementwise operations on arrays of one length: of nodes, and of the formulas behind exp and the others. */
function arrays(length: number): Ops<Numbers> {
  const make = (dtype: DType, at: (i: number) => number): Numbers => ({
    dtype,
    data: allocate(dtype, length).map((_, i) => at(i)),
  });
  const ops: Ops<Numbers> = {
    constant: (value, dtype) => ({ dtype, data: allocate(dtype, length).fill(value) }),
    unary(op, x) {
      const { dtype, data } = x;
      if (isElementary(op)) return (dtype === "f32" ? FLOAT32 : FLOAT64)[op](ops, x);
      const f = exactUnary(op, dtype);
      return make(dtype, (i) => f(data[i]));
    },
    binary(op, x, y) {
      const [{ dtype, data: a }, { data: b }] = [x, y];
      if (op === "pow") return (dtype === "f32" ? pow32 : pow64)(ops, x, y);
      const f = exactBinary(op, dtype);
      return make(dtype, (i) => f(a[i], b[i]));
    },
    compare: (op, { data: a }, { data: b }) => make("bool", (i) => (COMPARE[op](a[i], b[i]) ? 1 : 0)),
    where: ({ data: condition }, { dtype, data: a }, { data: b }) => make(dtype, (i) => (condition[i] ? a[i] : b[i])),
    cast(x, dtype) {
      if (x.dtype === dtype) return x; // bits of NaN included
      return make(dtype, (i) => castValue(x.data[i], x.dtype, dtype));
    },
    bitcast: ({ data }, dtype) => ({ dtype, data: view(dtype, data.slice().buffer) }),
    word: ({ data }, word) => make("u32", (i) => wordOf(data[i], word)),
    join: ({ data: low }, { data: high }) => make("f64", (i) => joinWords(low[i], high[i])),
  };
  return ops;
}

const isElementary = (op: UnaryOp): op is ElementaryOp => op in FLOAT32;

const unary =
  <P extends UnaryOp>(op: P): Evaluate<P> =>
  (evaluation, [x], { inputs: [value] }) =>
    arrays(x.length).unary(op, evaluation.numbers(value, x)).data;

const binary =
  <P extends BinaryOp>(op: P): Evaluate<P> =>
  (evaluation, [a, b], { inputs: [left, right] }) =>
    arrays(a.length).binary(op, evaluation.numbers(left, a), evaluation.numbers(right, b)).data;

const compare =
  <P extends CompareOp>(op: P): Evaluate<P> =>
  (evaluation, [a, b], { inputs: [left, right] }) =>
    arrays(a.length).compare(op, evaluation.numbers(left, a), evaluation.numbers(right, b)).data;

// Reductions

/** a[i] ∘= a[i + w] for w = half, …, 2, 1; gives a[0]. */
function foldHalves(a: TypedArray, f: (a: number, b: number) => number): number {
  for (let w = a.length / 2; w >= 1; w /= 2) for (let i = 0; i < w; i++) a[i] = f(a[i], a[i + w]);
  return a[0];
}

/** The offsets of the outputs of a reduction, and those of what one output reduces. */
function reductionGrids(shape: Shape, axes: readonly number[]): { kept: Int32Array; reduced: Int32Array } {
  const strides = rowMajor(shape);
  const along = shape.map((size, axis) => range(size, (i) => i * strides[axis]));
  return {
    kept: grid(along.filter((_, axis) => !axes.includes(axis))),
    reduced: grid(along.filter((_, axis) => axes.includes(axis))),
  };
}

const reduce =
  <P extends ReduceOp>(op: P): Evaluate<P> =>
  (evaluation, [x], { inputs: [{ shape, dtype }], attrs: { axes }, outputs: [value] }) => {
    const f = exactBinary(COMBINE[op], evaluation.computed(dtype));
    const identity = identityOf(op, dtype);
    const { kept, reduced } = reductionGrids(shape, axes);
    const { lanes, parts, run: innermostAxes } = reductionPlan(shape, axes);
    const sizes = reducedSizes(shape, axes, innermostAxes);
    const run = Math.ceil((sizes[0] ?? 1) / parts); // of the outermost axis, in one part
    const partLength = run * numel(sizes.slice(1));
    const innermost = sizes.length > 1 ? sizes[sizes.length - 1] : run;
    const partial = evaluation.allocate(dtype, parts);
    const accumulators = evaluation.allocate(dtype, lanes);
    return evaluation.like(value).map((_, o) => {
      for (let part = 0; part < parts; part++) {
        const start = part * partLength;
        const end = Math.min(start + partLength, reduced.length);
        accumulators.fill(identity);
        for (let i = start; i < end; i++) {
          const lane = ((i - start) % innermost) % lanes;
          accumulators[lane] = f(accumulators[lane], x[kept[o] + reduced[i]]);
        }
        partial[part] = foldHalves(accumulators, f);
      }
      return foldHalves(partial, f);
    });
  };

const argReduce =
  <P extends ArgReduceOp>(op: P): Evaluate<P> =>
  (evaluation, [x], { inputs: [{ shape }], attrs: { axes }, outputs: [value] }) => {
    const { kept, reduced } = reductionGrids(shape, axes);
    const better = op === "argmax" ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
    return evaluation.like(value).map((_, o) => {
      let best = 0;
      for (let i = 1; i < reduced.length; i++) {
        const have = x[kept[o] + reduced[best]];
        const next = x[kept[o] + reduced[i]];
        if (!Number.isNaN(have) && (Number.isNaN(next) || better(next, have))) best = i;
      }
      return best;
    });
  };

const cumulate =
  <P extends CumulativeOp>(op: P): Evaluate<P> =>
  (evaluation, [x], { attrs: { axis, reverse }, outputs: [value] }) => {
    const reduction = op === "cumsum" ? "sum" : "prod";
    const f = exactBinary(COMBINE[reduction], evaluation.computed(value.dtype));
    const { outer, size, inner } = around(value.shape, axis);
    const out = evaluation.like(value);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        let sum = identityOf(reduction, value.dtype);
        for (let step = 0; step < size; step++) {
          const at = (o * size + (reverse ? size - 1 - step : step)) * inner + k;
          out[at] = sum = f(sum, x[at]);
        }
      }
    }
    return out;
  };

/** For each window and each of its taps (row-major), which element it reads. */
function windowGrid(shape: Shape, counts: Shape, { axes, size, stride, dilation }: WindowAttrs): Int32Array {
  const strides = rowMajor(shape);
  const positions = shape.map((_, axis) => {
    const w = axes.indexOf(axis);
    return range(counts[axis], (i) => i * (w < 0 ? 1 : stride[w]) * strides[axis]);
  });
  const taps = axes.map((axis, w) => range(size[w], (i) => i * dilation[w] * strides[axis]));
  return grid([...positions, ...taps]);
}

// Contractions

/** Σ a[i]·b[i] over `k` terms in the order of the plan. */
type Contract = (k: number, a: TypedArray, aStart: number, b: TypedArray, bStart: number, bStep: number) => number;

function contraction(evaluation: Evaluation, dtype: DType, { order, lanes, run, parts }: ContractionPlan): Contract {
  const computed = evaluation.computed(dtype);
  const add = exactBinary("add", computed);
  const multiply = exactBinary("mul", computed);
  const fuse = order === "blocked" && computed === "f32" && evaluation.options.fma;
  const step = fuse ? fma32 : (a: number, b: number, sum: number) => add(sum, multiply(a, b));
  const partial = evaluation.allocate(dtype, parts);
  const sums = evaluation.allocate(dtype, lanes);
  return (k, a, aStart, b, bStart, bStep) => {
    const partLength = Math.ceil(k / parts);
    for (let part = 0; part < parts; part++) {
      const start = part * partLength;
      const end = Math.min(k, start + partLength);
      sums.fill(0);
      for (let i = start; i < end; i++) {
        const lane = ((i - start) % run) % lanes;
        sums[lane] = step(a[aStart + i], b[bStart + i * bStep], sums[lane]);
      }
      partial[part] = foldHalves(sums, add);
    }
    return foldHalves(partial, add);
  };
}

const dot: Evaluate<"dot"> = (evaluation, [a, b], { inputs: [{ shape, dtype }], outputs: [value] }) => {
  const [m, n] = value.shape.slice(-2);
  const k = shape[shape.length - 1];
  const plan = contractionPlan("dot", dtype, { outputs: numel(value.shape), rows: m, cols: n, k });
  const sum = contraction(evaluation, dtype, plan);
  return evaluation.like(value).map((_, at) => {
    const batch = Math.floor(at / (m * n));
    const row = Math.floor(at / n); // of all batches
    return sum(k, a, row * k, b, batch * k * n + (at % n), n);
  });
};

const conv: Evaluate<"conv"> = (evaluation, [x, w], { inputs: [input, weight], attrs, outputs: [value] }) => {
  const { stride, padding, inputDilation, kernelDilation, featureGroups, batchGroups } = attrs;
  const [, c, ...spatial] = input.shape;
  const [o, groupChannels, ...kernel] = weight.shape;
  const [n, , ...positions] = value.shape;
  const strides = rowMajor(spatial);
  const at = (axis: number, position: number, tap: number): number =>
    position * stride[axis] + tap * kernelDilation[axis] - padding[axis][0];
  const area = numel(spatial);
  const kernelStrides = rowMajor(kernel);
  const places = numel(positions);
  const placeStrides = rowMajor(positions);
  const k = groupChannels * numel(kernel);
  const rows = o / (featureGroups * batchGroups);
  const innermost = inputDilation.some((d) => d > 1)
    ? undefined
    : { pixels: positions[positions.length - 1], taps: kernel[kernel.length - 1] };
  const sizes = { outputs: numel(value.shape), rows, cols: n * places, k, innermost };
  const plan = contractionPlan("conv", value.dtype, sizes);
  const sum = contraction(evaluation, value.dtype, plan);
  const patch = evaluation.allocate(value.dtype, k);
  const weights = evaluation.allocate(value.dtype, o * k);
  const out = evaluation.like(value);
  for (let place = 0; place < places; place++) {
    // The taps that fall on elements of the dilated input or on padding, not between them …
    const taps = kernel.map((size, axis) => {
      const position = Math.floor(place / placeStrides[axis]) % positions[axis];
      return {
        position,
        on: range(size, (tap) => tap).filter((tap) => at(axis, position, tap) % inputDilation[axis] === 0),
      };
    });
    const kernelOffsets = grid(taps.map(({ on }, axis) => on.map((tap) => tap * kernelStrides[axis])));
    // … and which element of a channel each reads; on padding it reads 0.
    const offsets = grid(
      taps.map(({ position, on }, axis) =>
        on.map((tap) => {
          const from = at(axis, position, tap) / inputDilation[axis];
          return from >= 0 && from < spatial[axis] ? from * strides[axis] : NOWHERE;
        }),
      ),
    );
    const terms = groupChannels * offsets.length;
    for (let i = 0; i < o * terms; i++) {
      const tap = i % offsets.length;
      weights[i] = w[Math.floor(i / offsets.length) * numel(kernel) + kernelOffsets[tap]];
    }
    for (let example = 0; example < n; example++) {
      let from = NOWHERE;
      for (let channel = 0; channel < o; channel++) {
        const batchGroup = Math.floor(channel / (o / batchGroups));
        const featureGroup = Math.floor(channel / (o / featureGroups));
        const start = ((batchGroup * n + example) * c + featureGroup * groupChannels) * area;
        if (start !== from) {
          for (let i = 0; i < terms; i++) {
            const offset = offsets[i % offsets.length];
            patch[i] = offset === NOWHERE ? 0 : x[start + Math.floor(i / offsets.length) * area + offset];
          }
          from = start;
        }
        out[(example * o + channel) * places + place] = sum(terms, patch, 0, weights, channel * terms, 1);
      }
    }
  }
  return out;
};

/** One number at a time, as `dtype` computes. */
function arithmetic(evaluation: Evaluation, { dtype }: Value): Arithmetic {
  const computed = evaluation.computed(dtype);
  const [add, sub, mul, div] = (["add", "sub", "mul", "div"] as const).map((op) => exactBinary(op, computed));
  const ops = arrays(1);
  const number = (op: ElementaryOp) => (x: number) =>
    (computed === "f32" ? FLOAT32 : FLOAT64)[op](ops, { dtype: computed, data: allocate(computed, 1).fill(x) }).data[0];
  const fuse = computed === "f32" && evaluation.options.fma;
  return {
    allocate: (length) => allocate(computed, length),
    add,
    sub,
    mul,
    div,
    fused: fuse ? fma32 : (a, b, sum) => add(sum, mul(a, b)),
    exp: number("exp"),
    log: number("log"),
    stays: (data, shape, p) => {
      const state = placeholder({ shape: [4], dtype: "u32" });
      return interpret({ inputs: [state], outputs: [staysIn(state, shape, p)] }, [data], evaluation.options)[0];
    },
    ...(computed === "f32" ? { least: -3.4028234663852886e38, tiny: -87 } : { least: -Number.MAX_VALUE, tiny: -700 }),
  };
}

// Indexing

/** base[place(i)] += source[i], ascending. */
function addAt(
  evaluation: Evaluation,
  value: Value,
  base: TypedArray,
  source: TypedArray,
  place: (i: number) => number,
): TypedArray {
  const add = exactBinary("add", evaluation.computed(value.dtype));
  const out = evaluation.like(value);
  out.set(base);
  for (let i = 0; i < source.length; i++) {
    const at = place(i);
    out[at] = add(out[at], source[i]);
  }
  return out;
}

const scan: Evaluate<"scan"> = (evaluation, inputs, { attrs: { body, length, consts, carries, reverse }, outputs }) => {
  const step = prepare(body, evaluation.options);
  const fixed = inputs.slice(0, consts);
  const xs = inputs.slice(consts + carries);
  const ys = outputs.slice(carries).map((value) => evaluation.like(value));
  let carry = inputs.slice(consts, consts + carries);
  for (let i = 0; i < length; i++) {
    const at = reverse ? length - 1 - i : i;
    const slices = xs.map((x) => x.subarray((at * x.length) / length, ((at + 1) * x.length) / length));
    const results = step([...fixed, ...carry, ...slices]);
    carry = results.slice(0, carries);
    results.slice(carries).forEach((y, k) => {
      ys[k].set(y, at * y.length);
    });
  }
  return [...carry, ...ys];
};

/** Every primitive, as its entry in core/primitives.ts defines it. */
const EVALUATE: { readonly [P in Primitive]: Evaluate<P> } = {
  input: (_, __, node) => {
    throw new InternalError(`interpret: input %${node.id} is not among the graph's inputs.`);
  },
  constant: (evaluation, _, { attrs: { value }, outputs: [out] }) =>
    evaluation.like(out).fill(isFloat(out.dtype) ? value : castValue(value, "f64", out.dtype)),
  iota: (evaluation, _, { attrs: { axis, shape }, outputs: [out] }) => {
    const { size, inner } = around(shape, axis);
    return evaluation.like(out).map((_, i) => Math.floor(i / inner) % size);
  },
  alias: (_, [x]) => x,
  custom: (_, [x]) => x,

  neg: unary("neg"),
  abs: unary("abs"),
  sign: unary("sign"),
  exp: unary("exp"),
  expm1: unary("expm1"),
  log: unary("log"),
  log1p: unary("log1p"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid"),
  erf: unary("erf"),
  sqrt: unary("sqrt"),
  sin: unary("sin"),
  cos: unary("cos"),
  floor: unary("floor"),
  ceil: unary("ceil"),
  round: unary("round"),
  trunc: unary("trunc"),
  not: unary("not"),

  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  mod: binary("mod"),
  pow: binary("pow"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  and: binary("and"),
  or: binary("or"),
  xor: binary("xor"),
  shl: binary("shl"),
  shr: binary("shr"),
  eq: compare("eq"),
  ne: compare("ne"),
  lt: compare("lt"),
  le: compare("le"),

  cast: (evaluation, [x], { inputs: [value], attrs: { dtype } }) =>
    arrays(x.length).cast(evaluation.numbers(value, x), evaluation.computed(dtype)).data,
  // In mode "f64" the bits are still those of an f32.
  bitcast: (evaluation, [x], { inputs: [{ dtype: from }], attrs: { dtype, word } }) => {
    const ops = arrays(x.length);
    if (word !== undefined) return ops.word({ dtype: "f64", data: x }, word).data;
    const narrow = ops.cast({ dtype: evaluation.computed(from), data: x }, from);
    return ops.cast(ops.bitcast(narrow, dtype), evaluation.computed(dtype)).data;
  },
  where: (evaluation, [condition, a, b], { inputs: [, left, right] }) =>
    arrays(a.length).where(
      { dtype: "bool", data: condition },
      evaluation.numbers(left, a),
      evaluation.numbers(right, b),
    ).data,
  threefry: (_, inputs, { attrs: { word } }) => {
    const [k0, k1, c0, c1] = inputs.map((data): Numbers => ({ dtype: "u32", data }));
    return threefry(arrays(inputs[0].length), k0, k1, c0, c1)[word].data;
  },

  reshape: (_, [x]) => x,
  permute: (evaluation, [x], { inputs: [{ shape }], attrs: { perm }, outputs: [value] }) => {
    const strides = rowMajor(shape);
    return pick(x, grid(perm.map((p) => range(shape[p], (i) => i * strides[p]))), evaluation.like(value));
  },
  expand: (evaluation, [x], { inputs: [{ shape }], outputs: [value] }) => {
    const strides = rowMajor(shape);
    const offsets = grid(
      value.shape.map((size, axis) => range(size, (i) => (shape[axis] === 1 ? 0 : i * strides[axis]))),
    );
    return pick(x, offsets, evaluation.like(value));
  },
  slice: (evaluation, [x], { inputs: [{ shape }], attrs: { start, step }, outputs: [value] }) => {
    const strides = rowMajor(shape);
    const offsets = grid(
      value.shape.map((size, axis) => range(size, (i) => (start[axis] + i * step[axis]) * strides[axis])),
    );
    return pick(x, offsets, evaluation.like(value));
  },
  pad: (evaluation, [x], { inputs: [{ shape }], attrs: { low, interior, value: filler }, outputs: [value] }) => {
    const strides = rowMajor(value.shape);
    const offsets = grid(
      shape.map((size, axis) =>
        range(size, (i) => {
          const at = low[axis] + i * (interior[axis] + 1);
          return at >= 0 && at < value.shape[axis] ? at * strides[axis] : NOWHERE;
        }),
      ),
    );
    const out = evaluation.like(value).fill(filler);
    for (let i = 0; i < x.length; i++) if (offsets[i] !== NOWHERE) out[offsets[i]] = x[i];
    return out;
  },
  flip: (evaluation, [x], { attrs: { axes }, outputs: [value] }) => {
    const strides = rowMajor(value.shape);
    const offsets = grid(
      value.shape.map((size, axis) => range(size, (i) => (axes.includes(axis) ? size - 1 - i : i) * strides[axis])),
    );
    return pick(x, offsets, evaluation.like(value));
  },
  concat: (evaluation, inputs, { attrs: { axis }, outputs: [value] }) => {
    const { outer } = around(value.shape, axis);
    const out = evaluation.like(value);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const x of inputs) {
        const block = x.length / outer;
        out.set(x.subarray(o * block, (o + 1) * block), at);
        at += block;
      }
    }
    return out;
  },
  windows: (evaluation, [x], { inputs: [{ shape }], attrs, outputs: [value] }) =>
    pick(x, windowGrid(shape, value.shape, attrs), evaluation.like(value)),
  fold: (evaluation, [x], { inputs: [{ shape }], attrs, outputs: [value] }) => {
    const offsets = windowGrid(value.shape, shape, attrs);
    const add = exactBinary("add", evaluation.computed(value.dtype));
    const taps = numel(attrs.size);
    const out = evaluation.like(value);
    // An element is read at most once by each tap: taps outermost gives it its taps in ascending order.
    for (let tap = 0; tap < taps; tap++) {
      for (let i = tap; i < x.length; i += taps) out[offsets[i]] = add(out[offsets[i]], x[i]);
    }
    return out;
  },

  sum: reduce("sum"),
  prod: reduce("prod"),
  max: reduce("max"),
  min: reduce("min"),
  argmax: argReduce("argmax"),
  argmin: argReduce("argmin"),
  cumsum: cumulate("cumsum"),
  cumprod: cumulate("cumprod"),

  dot,
  conv,
  attention: (evaluation, inputs, { inputs: values, attrs }) =>
    evaluateAttention(arithmetic(evaluation, values[0]), values, inputs, attrs),
  attentionGrad: (evaluation, inputs, { inputs: values, attrs }) =>
    evaluateAttentionGrad(arithmetic(evaluation, values[0]), values, inputs, attrs),

  take: (evaluation, [x, index], { inputs: [{ shape }], attrs, outputs: [value] }) => {
    const { size, inner } = around(shape, attrs.axis);
    for (const i of index) checkIndex("take", attrs, i, size);
    return evaluation.like(value).map((_, at) => {
      const slice = Math.floor(at / inner);
      const outer = Math.floor(slice / index.length);
      return x[(outer * size + index[slice % index.length]) * inner + (at % inner)];
    });
  },
  gather: (evaluation, [x, index], { inputs: [{ shape }, { shape: places }], attrs, outputs: [value] }) => {
    const { size, inner } = around(shape, attrs.axis);
    return evaluation.like(value).map((_, at) => {
      const outer = Math.floor(at / (places[attrs.axis] * inner));
      return x[(outer * size + checkIndex("gather", attrs, index[at], size)) * inner + (at % inner)];
    });
  },
  indexAdd: (evaluation, [base, index, source], { attrs, outputs: [value] }) => {
    const { size, inner } = around(value.shape, attrs.axis);
    for (const i of index) checkIndex("indexAdd", attrs, i, size);
    return addAt(evaluation, value, base, source, (at) => {
      const slice = Math.floor(at / inner);
      const outer = Math.floor(slice / index.length);
      return (outer * size + index[slice % index.length]) * inner + (at % inner);
    });
  },
  scatterAdd: (evaluation, [base, index, source], { inputs: [, { shape: places }], attrs, outputs: [value] }) => {
    const { size, inner } = around(value.shape, attrs.axis);
    return addAt(evaluation, value, base, source, (at) => {
      const outer = Math.floor(at / (places[attrs.axis] * inner));
      return (outer * size + checkIndex("scatterAdd", attrs, index[at], size)) * inner + (at % inner);
    });
  },
  argsort: (evaluation, [x], { outputs: [value] }) => {
    const n = value.shape[value.shape.length - 1];
    const out = evaluation.like(value);
    for (let row = 0; row < x.length; row += n) {
      const order = range(n, (i) => i).sort((i, j) => x[row + i] - x[row + j]); // JavaScript's sort is stable
      out.set(order, row);
    }
    return out;
  },

  scan,
};
