/** Attention as native/abi.h states it, for the interpreter: each query by itself, its keys one after another. */

import type { TypedArray } from "../core/dtype.ts";
import type { Value } from "../core/graph.ts";
import { type AttentionAttrs, maskAndState } from "../core/primitives.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";

/** The arithmetic of a dtype. */
export interface Arithmetic {
  readonly allocate: (length: number) => TypedArray;
  readonly add: (a: number, b: number) => number;
  readonly sub: (a: number, b: number) => number;
  readonly mul: (a: number, b: number) => number;
  readonly div: (a: number, b: number) => number;
  /** a·b + c, rounded once where devices do that */
  readonly fused: (a: number, b: number, c: number) => number;
  readonly exp: (x: number) => number;
  readonly log: (x: number) => number;
  /** where elements stay with probability 1 − p */
  readonly stays: (state: TypedArray, shape: Shape, p: number) => TypedArray;
  /** the least float, and from where on exp is taken for 0 */
  readonly least: number;
  readonly tiny: number;
}

/** Keys of a block, and the multiples of queries at which what they see of causal keys grows. */
export const ATTENTION_KEYS = 64;
export const ATTENTION_DIAGONAL = 32;

interface Sizes {
  readonly batches: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
}

function sizesOf(q: Value, k: Value, v: Value): Sizes {
  const [queries, width] = q.shape.slice(-2);
  const batches = numel(q.shape.slice(0, -2));
  return { batches, queries, keys: k.shape[k.shape.length - 2], width, valueWidth: v.shape[v.shape.length - 1] };
}

/** A number for (batch, query, key). */
type Score = (b: number, i: number, j: number) => number;

/** What a mask that broadcasts to the scores holds. */
function maskReader(mask: Value, data: TypedArray, { queries, keys }: Sizes, like: Value): Score {
  const strides = rowMajor(mask.shape).map((stride, axis) => (mask.shape[axis] === 1 ? 0 : stride));
  const outer = rowMajor([...like.shape.slice(0, -2), queries, keys]);
  const batch = like.shape.slice(0, -2);
  return (b, i, j) => {
    let at = i * strides[batch.length] + j * strides[batch.length + 1];
    const flat = b * queries * keys;
    batch.forEach((size, axis) => {
      at += (Math.floor(flat / outer[axis]) % size) * strides[axis];
    });
    return data[at];
  };
}

function scorer(
  { mul, add, fused, allocate }: Arithmetic,
  sizes: Sizes,
  [q, k]: readonly TypedArray[],
  added: Score | undefined,
  { causal, scale }: AttentionAttrs,
): Score {
  const { queries, keys, width } = sizes;
  const factor = allocate(1).fill(scale)[0];
  const scaled = allocate(q.length).map((_, i) => mul(q[i], factor));
  return (b, i, j) => {
    if (causal && j > i) return Number.NEGATIVE_INFINITY;
    const [from, key] = [(b * queries + i) * width, (b * keys + j) * width];
    let sum = 0;
    for (let e = 0; e < width; e++) sum = fused(k[key + e], scaled[from + e], sum);
    return added ? add(sum, added(b, i, j)) : sum;
  };
}

/** What a mask adds to scores, and what weights are multiplied by. */
function maskAndDropout(
  { allocate, stays }: Arithmetic,
  sizes: Sizes,
  values: readonly Value[],
  inputs: readonly TypedArray[],
  rest: readonly Value[],
  attrs: AttentionAttrs,
): [added: Score | undefined, kept: Score] {
  const { queries, keys } = sizes;
  const { dropout = 0 } = attrs;
  const [mask, state] = maskAndState(rest, attrs);
  const dataOf = (value: Value): TypedArray => inputs[values.indexOf(value)];
  const added = mask && maskReader(mask, dataOf(mask), sizes, values[0]);
  if (!state) return [added, () => 1];
  const kept = allocate(1).fill(1 / (1 - dropout))[0];
  const all = stays(dataOf(state), [...values[0].shape.slice(0, -1), keys], dropout);
  return [added, (b, i, j) => (all[(b * queries + i) * keys + j] ? kept : 0)];
}

const keysSeen = (i: number, keys: number, causal: boolean): number =>
  causal ? Math.min(keys, (Math.floor(i / ATTENTION_DIAGONAL) + 1) * ATTENTION_DIAGONAL) : keys;

export function evaluateAttention(
  arithmetic: Arithmetic,
  values: readonly Value[],
  inputs: readonly TypedArray[],
  attrs: AttentionAttrs,
): [out: TypedArray, lse: TypedArray] {
  const { add, sub, mul, div, fused, exp, log, allocate, least, tiny } = arithmetic;
  const [q, k, v] = inputs;
  const sizes = sizesOf(values[0], values[1], values[2]);
  const { batches, queries, keys, valueWidth } = sizes;
  const [added, kept] = maskAndDropout(arithmetic, sizes, values, inputs, values.slice(3), attrs);
  const score = scorer(arithmetic, sizes, [q, k], added, attrs);
  const weigh = (x: number): number => (x < tiny ? 0 : exp(x));
  const out = allocate(batches * queries * valueWidth);
  const lse = allocate(batches * queries);
  for (let row = 0; row < batches * queries; row++) {
    const [b, i] = [Math.floor(row / queries), row % queries];
    const o = allocate(valueWidth);
    const seen = keysSeen(i, keys, attrs.causal);
    let [most, sum] = [least, 0];
    for (let first = 0; first < seen; first += ATTENTION_KEYS) {
      const end = Math.min(seen, first + ATTENTION_KEYS);
      const p: number[] = [];
      let m = most;
      for (let j = first; j < end; j++) {
        p.push(score(b, i, j));
        if (p[j - first] > m) m = p[j - first];
      }
      const correction = weigh(sub(most, m));
      most = m;
      sum = mul(sum, correction);
      p.forEach((s, j) => {
        const weight = weigh(sub(s, m));
        sum = add(sum, weight);
        p[j] = mul(weight, kept(b, i, first + j));
      });
      for (let e = 0; e < valueWidth; e++) {
        o[e] = mul(o[e], correction);
        p.forEach((weight, j) => {
          o[e] = fused(v[(b * keys + first + j) * valueWidth + e], weight, o[e]);
        });
      }
    }
    for (let e = 0; e < valueWidth; e++) out[row * valueWidth + e] = sum === 0 ? o[e] : div(o[e], sum);
    lse[row] = sum === 0 ? Number.POSITIVE_INFINITY : add(most, log(sum));
  }
  return [out, lse];
}

export function evaluateAttentionGrad(
  arithmetic: Arithmetic,
  values: readonly Value[],
  inputs: readonly TypedArray[],
  attrs: AttentionAttrs,
): [dq: TypedArray, dk: TypedArray, dv: TypedArray] {
  const { sub, mul, fused, exp, allocate, tiny } = arithmetic;
  const [q, k, v, out, lse, g] = inputs;
  const sizes = sizesOf(values[0], values[1], values[2]);
  const { batches, queries, keys, width, valueWidth } = sizes;
  const [added, kept] = maskAndDropout(arithmetic, sizes, values, inputs, values.slice(6), attrs);
  const score = scorer(arithmetic, sizes, [q, k], added, attrs);
  const scale = allocate(1).fill(attrs.scale)[0];
  const [dq, dk, dv] = [q, k, v].map(({ length }) => allocate(length));
  for (let row = 0; row < batches * queries; row++) {
    const [b, i] = [Math.floor(row / queries), row % queries];
    const [query, result] = [row * width, row * valueWidth];
    let delta = 0;
    for (let e = 0; e < valueWidth; e++) delta = fused(g[result + e], out[result + e], delta);
    for (let j = 0; j < keysSeen(i, keys, attrs.causal); j++) {
      const [key, value] = [(b * keys + j) * width, (b * keys + j) * valueWidth];
      const x = sub(score(b, i, j), lse[row]);
      const p = x < tiny ? 0 : exp(x);
      let dp = 0;
      for (let e = 0; e < valueWidth; e++) dp = fused(v[value + e], g[result + e], dp);
      const r = kept(b, i, j);
      const d = mul(mul(p, sub(mul(dp, r), delta)), scale);
      for (let e = 0; e < width; e++) dq[query + e] = fused(k[key + e], d, dq[query + e]);
      for (let e = 0; e < width; e++) dk[key + e] = fused(d, q[query + e], dk[key + e]);
      for (let e = 0; e < valueWidth; e++) dv[value + e] = fused(mul(p, r), g[result + e], dv[value + e]);
    }
  }
  return [dq, dk, dv];
}
