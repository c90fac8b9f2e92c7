/** Scaled dot-product attention. */

import { plainAttention } from "../core/attention.ts";
import { isFloat, promote } from "../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { apply1 } from "../core/primitives.ts";
import { blocksFor } from "../core/random.ts";
import { broadcastShapes, numel, type Shape, showShape } from "../core/shape.ts";
import { flatten, unflatten, unsqueeze } from "./movement.ts";
import { defaultGenerator } from "./random.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { castTo, constant, expandTo, reshapeTo } from "./values.ts";

export interface AttentionOptions {
  /** which keys a query sees: bool, true where it does; or float, added to the scores. Broadcasts to (…, L, S) */
  attnMask?: Tensor;
  /** the probability with which a weight is dropped, the others divided by 1 − p: in evaluation too; 0 by default */
  dropoutP?: number;
  /** whether query i sees keys 0 to i only, of those that a mask leaves */
  isCausal?: boolean;
  /** what products of queries and keys are multiplied by; 1 / √E by default */
  scale?: number;
  /** whether neighbouring heads of queries (…, Hq, L, E) share one of the keys and values (…, H, S, E); false by default */
  enableGqa?: boolean;
}

/**
 * For each query the mean of the values, weighted by the softmax of its products with the keys:
 * softmax(query · keyᵀ · scale + mask) · value.
 *
 * Shapes: query (…, L, E), key (…, S, E), value (…, S, Ev) ─► (…, L, Ev); leading dimensions broadcast. A query that sees
 * no key gets zeros. On the native device the scores, (…, L, S), are never in memory, neither here nor in the gradient,
 * nor is what of them is dropped. Throws a ShapeError if shapes do not fit, a DTypeError for queries that are no floats, an
 * ArgumentError if dropoutP is no probability.
 * Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1; heads that share keys: Ainslie et al., "GQA"
 * (2023).
 *
 * ```ts
 * const query = tensor([[1, 0], [0, 1]]);
 * const value = tensor([[1, 2], [3, 4]]);
 * scaledDotProductAttention(query, query, value);
 * // tensor([[1.6605, 2.6605],
 * //         [2.3395, 3.3395]])
 * scaledDotProductAttention(query, query, value, { isCausal: true });
 * // tensor([[1.0000, 2.0000],
 * //         [2.3395, 3.3395]])
 * ```
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  if (options.enableGqa) return groupedQueries(query, key, value, options);
  const operands = [query, key, value];
  const dtype = operands.map((x) => x.dtype).reduce(promote);
  if (!isFloat(dtype))
    throw new DTypeError(
      `scaledDotProductAttention needs float tensors, but got ${dtype}: convert them with .float().`,
    );
  const [L, S] = expectShapes(query, key, value);
  const batch = broadcastShapes("scaledDotProductAttention", ...operands.map((x) => x.shape.slice(0, -2)));
  const [q, k, v] = operands.map((x) => expandTo(castTo(x.value, dtype), [...batch, ...x.shape.slice(-2)]));
  const {
    attnMask,
    dropoutP = 0,
    isCausal: causal = false,
    scale = 1 / Math.sqrt(query.shape[query.ndim - 1]),
  } = options;
  if (!(dropoutP >= 0 && dropoutP <= 1))
    throw new ArgumentError(`scaledDotProductAttention: dropoutP is a probability, but got ${dropoutP}.`);
  const result = [...batch, L, v.shape[v.shape.length - 1]];
  if (S === 0 || numel(result) === 0) return wrap(constant(0, dtype, result));
  const mask = attnMask ? [toBias(attnMask, q, [...batch, L, S])] : [];
  const state = dropoutP > 0 ? [defaultGenerator.take(blocksFor([...batch, L, S])).value] : [];
  const attrs = { causal, scale, ...(dropoutP > 0 && { dropout: dropoutP }) };
  const rest = [...mask, ...state];
  // A mask's own gradient has a number for each score.
  if (mask.some((x) => x.requiresGrad)) return wrap(plainAttention(q, k, v, rest, attrs)[0]);
  return wrap(apply1("attention", [q, k, v, ...rest], attrs));
}

/** Heads of queries (…, Hq, L, E) in groups (…, H, Hq / H, L, E), each of which meets one head of the keys (…, H, 1, S, E). */
function groupedQueries(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor {
  const [heads, shared, values] = [query, key, value].map(({ ndim, shape }) => shape[ndim - 3]);
  if (!(heads % shared === 0) || values !== shared) {
    throw new ShapeError(
      `scaledDotProductAttention: with enableGqa the heads of a query ${showShape(query.shape)} must be a multiple of those of a key ${showShape(key.shape)} and a value ${showShape(value.shape)}.`,
    );
  }
  const grouped = (x: Tensor) => unflatten(x, -3, x.shape[x.ndim - 3] === 1 ? [1, 1] : [shared, heads / shared]);
  const { attnMask, ...others } = options;
  const mask = attnMask && (attnMask.ndim > 2 ? grouped(attnMask) : attnMask);
  const result = scaledDotProductAttention(grouped(query), unsqueeze(key, -3), unsqueeze(value, -3), {
    ...others,
    attnMask: mask,
    enableGqa: false,
  }); // (…, H, Hq / H, L, Ev)
  return flatten(result, -4, -3);
}

function expectShapes(query: Tensor, key: Tensor, value: Tensor): [L: number, S: number] {
  const shapes = [query, key, value].map((x) => x.shape);
  const [q, k, v] = shapes.map((shape) => shape.slice(-2));
  if (shapes.some((shape) => shape.length < 2) || q[1] !== k[1] || k[0] !== v[0]) {
    throw new ShapeError(
      `scaledDotProductAttention cannot take a query ${showShape(query.shape)}, a key ${showShape(key.shape)} and a value ${showShape(value.shape)}: (…, L, E), (…, S, E) and (…, S, Ev) are needed.`,
    );
  }
  return [q[0], k[0]];
}

/** The mask as what is added to the scores, of as many dimensions as they have. */
function toBias(mask: Tensor, { dtype }: Value, scores: Shape): Value {
  const lead = scores.length - mask.ndim;
  const shape = [...new Array<number>(Math.max(0, lead)).fill(1), ...mask.shape];
  if (lead < 0 || shape.some((size, axis) => size !== 1 && size !== scores[axis])) {
    throw new ShapeError(
      `scaledDotProductAttention: a mask ${showShape(mask.shape)} does not broadcast to the scores ${showShape(scores)}.`,
    );
  }
  const x = reshapeTo(mask.value, shape);
  if (isFloat(mask.dtype)) return castTo(x, dtype);
  if (mask.dtype !== "bool")
    throw new DTypeError(
      `scaledDotProductAttention needs a bool or float mask, but got ${mask.dtype}: .ne(0) makes it bool.`,
    );
  return apply1("where", [x, constant(0, dtype, shape), constant(Number.NEGATIVE_INFINITY, dtype, shape)], {});
}
