/**
 * Attention in the other primitives, with the table of all scores: what it means, what devices without a kernel for it run,
 * and what its second derivative is made of.
 */

import type { Graph, Node, Value } from "./graph.ts";
import { topological } from "./graph.ts";
import { type AttentionAttrs, aliasOf, apply, apply1, maskAndState } from "./primitives.ts";
import { staysIn } from "./random.ts";
import type { Shape } from "./shape.ts";

const expand = (x: Value, shape: Shape): Value => apply1("expand", [x], { shape });

/** A number in the shape and dtype of `like`. */
function full(like: Value, value: number): Value {
  const { dtype } = like;
  const scalar = apply1("constant", [], { value: dtype === "f32" ? Math.fround(value) : value, dtype });
  const ones = apply1("reshape", [scalar], { shape: like.shape.map(() => 1) });
  return expand(ones, like.shape);
}

const add = (a: Value, b: Value): Value => apply1("add", [a, b], {});
const sub = (a: Value, b: Value): Value => apply1("sub", [a, b], {});
const mul = (a: Value, b: Value): Value => apply1("mul", [a, b], {});
const div = (a: Value, b: Value): Value => apply1("div", [a, b], {});
const exp = (x: Value): Value => apply1("exp", [x], {});
const dot = (a: Value, b: Value): Value => apply1("dot", [a, b], {});
const where = (condition: Value, a: Value, b: Value): Value => apply1("where", [condition, a, b], {});
const transposed = (x: Value): Value => {
  const rank = x.shape.length;
  return apply1("permute", [x], { perm: [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2) });
};

/** The sum or the largest of each row: (…, R, C) ─► (…, R). */
const ofRows = (op: "sum" | "max", x: Value): Value => apply1(op, [x], { axes: [x.shape.length - 1] });
/** (…, R) ─► (…, R, C). */
const alongRows = (x: Value, like: Value): Value =>
  expand(apply1("reshape", [x], { shape: [...x.shape, 1] }), like.shape);

/** Rows of fewer elements are added up in another order than the beginnings of longer ones are (reduction.ts). */
const SHORTEST = 8;
/** Rows with zeros behind them, so that a query which sees few keys has the bits that it has where later keys are masked. */
function atLeast(length: number, x: Value): Value {
  const last = x.shape.length - 1;
  if (x.shape[last] >= length) return x;
  const none = x.shape.map(() => 0);
  return apply1("pad", [x], { low: none, high: none.with(last, length - x.shape[last]), interior: none, value: 0 });
}

const LEAST = { f32: -3.4028234663852886e38, f64: -Number.MAX_VALUE };

/** (…, L, S) */
function scoresOf(q: Value, k: Value, mask: Value | undefined, { causal, scale }: AttentionAttrs): Value {
  let scores = dot(mul(q, full(q, scale)), transposed(k));
  if (mask) scores = add(scores, expand(mask, scores.shape));
  if (!causal) return scores;
  const { shape } = scores;
  const place = (axis: number): Value => apply1("iota", [], { shape, axis, dtype: "i32" });
  const sees = apply1("le", [place(shape.length - 1), place(shape.length - 2)], {});
  return where(sees, scores, full(scores, Number.NEGATIVE_INFINITY));
}

/** What weights of this shape or their cotangents are multiplied by, if some are dropped: times 0 or 1 / (1 − p). */
function dropper(like: Value, state: Value | undefined, p = 0): (x: Value) => Value {
  if (!state) return (x) => x;
  const factor = where(staysIn(state, like.shape, p), full(like, 1 / (1 - p)), full(like, 0));
  return (x) => mul(x, factor);
}

/** The result (…, L, Ev), and the logarithms of its rows' sums (…, L): infinity where the mask leaves no key. */
export function plainAttention(
  q: Value,
  k: Value,
  v: Value,
  rest: readonly Value[],
  attrs: AttentionAttrs,
): [out: Value, lse: Value] {
  const [mask, state] = maskAndState(rest, attrs);
  const scores = scoresOf(q, k, mask, attrs);
  const most = ofRows("max", scores);
  // Neither output depends on the shift, so no derivative need go through it.
  const shift = aliasOf(apply1("maximum", [most, full(most, LEAST[q.dtype as "f32" | "f64"])], {}), false);
  const weights = exp(sub(scores, alongRows(shift, scores)));
  const sums = ofRows("sum", atLeast(SHORTEST, weights));
  const none = apply1("eq", [sums, full(sums, 0)], {});
  const divisor = where(none, full(sums, 1), sums);
  const out = dot(dropper(scores, state, attrs.dropout)(weights), v);
  const lse = add(shift, apply1("log", [divisor], {}));
  return [div(out, alongRows(divisor, out)), where(none, full(lse, Number.POSITIVE_INFINITY), lse)];
}

/** ∂⟨g, out⟩/∂q, k, v, from the outputs of `plainAttention`. */
export function plainAttentionGrad(
  q: Value,
  k: Value,
  v: Value,
  rest: readonly Value[],
  [out, lse]: readonly [Value, Value],
  g: Value,
  attrs: AttentionAttrs,
): [dq: Value, dk: Value, dv: Value] {
  const [mask, state] = maskAndState(rest, attrs);
  const scores = scoresOf(q, k, mask, attrs);
  const weights = exp(sub(scores, alongRows(lse, scores)));
  const dropped = dropper(scores, state, attrs.dropout);
  const dWeights = sub(dropped(dot(g, transposed(v))), alongRows(ofRows("sum", mul(g, out)), scores));
  const dScores = mul(mul(weights, dWeights), full(scores, attrs.scale));
  return [dot(dScores, k), dot(transposed(dScores), q), dot(transposed(dropped(weights)), g)];
}

/** The graph with attention spelled out, in the bodies of its scans too, but for nodes that are to stay. */
export function spellOutAttention(graph: Graph, stays: (node: Node) => boolean): Graph {
  const known = new Map<Value, Value>();
  const now = (value: Value): Value => known.get(value) ?? value;
  for (const node of topological(graph.outputs, (value) => graph.inputs.includes(value))) {
    const outputs = spelledOut(node, node.inputs.map(now), stays);
    for (const [i, value] of outputs.entries()) known.set(node.outputs[i], value);
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(now) };
}

/** What stands for a node's outputs. */
function spelledOut(node: Node, inputs: readonly Value[], stays: (node: Node) => boolean): readonly Value[] {
  if (node.op === "attention" && !stays(node)) {
    const [q, k, v, ...rest] = inputs;
    return plainAttention(q, k, v, rest, (node as Node<"attention">).attrs);
  }
  if (node.op === "attentionGrad" && !stays(node)) {
    const [q, k, v, out, lse, g, ...rest] = inputs;
    return plainAttentionGrad(q, k, v, rest, [out, lse], g, (node as Node<"attentionGrad">).attrs);
  }
  let { attrs } = node;
  if (node.op === "scan") {
    const { body } = (node as Node<"scan">).attrs;
    const spelled = spellOutAttention(body, stays);
    if (spelled.outputs.some((value, i) => value !== body.outputs[i])) attrs = { ...attrs, body: spelled };
  }
  if (attrs === node.attrs && inputs.every((value, i) => value === node.inputs[i])) return node.outputs;
  return apply(node.op, inputs, attrs).outputs;
}
