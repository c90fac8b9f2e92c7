/** Attention from before transformers, whose weights a small network gives, or a bilinear form. */

import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { DType, Tensor } from "../../tensor/index.ts";
import { Linear } from "../linear.ts";
import { Module } from "../module.ts";
import { maskedSoftmax } from "./masked-softmax.ts";

export interface ScoredAttentionOptions {
  /** which keys a query sees: bool, true where it does; or float, added to the scores. Broadcasts to the weights */
  mask?: Tensor;
  /** what `project(key)` gave, so that a loop over queries projects the keys once */
  projected?: Tensor;
}

/** A query's mean of the values with the weights of its scores; a query without the dimension of times is one time. */
abstract class ScoredAttention extends Module {
  /** What scores need of the keys, the same for all queries: (…, S, K) ─► (…, S, h). */
  abstract project(key: Tensor): Tensor;
  /** (…, L, Q) and projected keys (…, S, h) ─► (…, L, S) */
  abstract scores(query: Tensor, projected: Tensor): Tensor;

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor = key,
    options: ScoredAttentionOptions = {},
  ): [context: Tensor, weights: Tensor] {
    return this.within(() => {
      const single = query.ndim === key.ndim - 1;
      if ((query.ndim !== key.ndim && !single) || key.ndim !== value.ndim || key.shape.at(-2) !== value.shape.at(-2)) {
        throw new ShapeError(
          `a query ${showShape(query.shape)}, a key ${showShape(key.shape)} and a value ${showShape(value.shape)} do not fit: (…, L, Q) or (…, Q), (…, S, K) and (…, S, V) are needed.`,
        );
      }
      const { mask, projected = this.project(key) } = options;
      const scores = this.scores(single ? query.unsqueeze(-2) : query, projected); // (…, L, S)
      const weights = maskedSoftmax(scores, single ? mask?.unsqueeze(-2) : mask);
      const context = weights.matmul(value); // (…, L, V)
      return single ? [context.squeeze(-2), weights.squeeze(-2)] : [context, weights];
    });
  }
}

/** Σ v·tanh(q + k) of every pair: (…, L, h) and (…, S, h) ─► (…, L, S). */
const additiveScores = (query: Tensor, key: Tensor, score: Linear): Tensor =>
  score.forward(query.unsqueeze(-2).add(key.unsqueeze(-3)).tanh()).squeeze(-1);

/**
 * Additive attention: the score of query q and key k is vᵀ·tanh(W·q + U·k), and each query gets the mean of the values
 * weighted by the softmax of its scores.
 *
 * Shapes: query (…, L, queryDim), or (…, queryDim) for one time, key (…, S, keyDim), value (…, S, V), the keys by default
 * ─► context (…, L, V) and weights (…, L, S), without L for one time. A query that sees no key gets zeros. Throws a
 * ShapeError for others.
 * Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015, appendix A.1.2.
 *
 * ```ts
 * const attention = new AdditiveAttention(4, 6, 8);
 * const [context, weights] = attention.forward(ones([2, 4]), ones([2, 5, 6]));
 * context.shape; // [ 2, 6 ]
 * weights.detach(); // tensor([[0.2000, 0.2000, 0.2000, 0.2000, 0.2000], [0.2000, 0.2000, 0.2000, 0.2000, 0.2000]])
 * Object.keys(attention.stateDict()); // [ 'query_proj.weight', 'key_proj.weight', 'score.weight' ]
 * ```
 */
export class AdditiveAttention extends ScoredAttention {
  readonly queryProj: Linear;
  readonly keyProj: Linear;
  readonly score: Linear;

  constructor(queryDim: number, keyDim: number, hiddenDim: number, options: { dtype?: DType } = {}) {
    super();
    const { dtype } = options;
    this.queryProj = new Linear(queryDim, hiddenDim, { bias: false, dtype });
    this.keyProj = new Linear(keyDim, hiddenDim, { bias: false, dtype });
    this.score = new Linear(hiddenDim, 1, { bias: false, dtype });
  }

  override project(key: Tensor): Tensor {
    return this.keyProj.forward(key);
  }

  override scores(query: Tensor, projected: Tensor): Tensor {
    return additiveScores(this.queryProj.forward(query), projected, this.score);
  }
}

export interface LuongAttentionOptions {
  /** qᵀ·k (`"dot"`), qᵀ·W·k (`"general"`, the default) or vᵀ·tanh(W·[q, k]) (`"concat"`) */
  score?: "dot" | "general" | "concat";
  /** rows of the W of `"concat"`; queryDim by default */
  hiddenDim?: number;
  /** of the parameters; f32 by default */
  dtype?: DType;
}

/**
 * Luong's attention: the score of query q and key k is qᵀ·k, qᵀ·W·k or vᵀ·tanh(W·[q, k]), and each query gets the mean of
 * the values weighted by the softmax of its scores.
 *
 * Shapes: query (…, L, queryDim), or (…, queryDim) for one time, key (…, S, keyDim), value (…, S, V), the keys by default
 * ─► context (…, L, V) and weights (…, L, S), without L for one time. A query that sees no key gets zeros. Throws a
 * ShapeError for others, or if widths differ that `"dot"` needs to be the same.
 * Luong, Pham and Manning, Effective approaches to attention-based neural machine translation, 2015, section 3.1.
 *
 * ```ts
 * const attention = new LuongAttention(2, 2, { score: "dot" });
 * const [context, weights] = attention.forward(tensor([[0, 1]]), tensor([[[1, 0], [0, 2]]]));
 * weights; // tensor([[0.1192, 0.8808]])
 * context; // tensor([[0.1192, 1.7616]])
 * ```
 */
export class LuongAttention extends ScoredAttention {
  readonly keyProj: Linear | undefined;
  readonly concatProj: Linear | undefined;
  readonly score: Linear | undefined;
  readonly #queryDim: number;

  constructor(queryDim: number, keyDim: number, options: LuongAttentionOptions = {}) {
    super();
    this.#queryDim = queryDim;
    const { score = "general", hiddenDim = queryDim, dtype } = options;
    if (score === "dot" && queryDim !== keyDim) {
      throw new ShapeError(
        `LuongAttention: "dot" needs queries and keys of one width, but they have ${queryDim} and ${keyDim}: "general" joins others.`,
      );
    }
    if (score === "general") this.keyProj = new Linear(keyDim, queryDim, { bias: false, dtype });
    if (score !== "concat") return;
    this.concatProj = new Linear(queryDim + keyDim, hiddenDim, { bias: false, dtype });
    this.score = new Linear(hiddenDim, 1, { bias: false, dtype });
  }

  override project(key: Tensor): Tensor {
    const { keyProj, concatProj } = this;
    if (concatProj) return key.matmul(concatProj.weight.narrow(1, this.#queryDim, key.shape[key.ndim - 1]).t());
    return keyProj?.forward(key) ?? key;
  }

  override scores(query: Tensor, projected: Tensor): Tensor {
    const { concatProj, score } = this;
    if (!concatProj || !score) return query.matmul(projected.transpose(-2, -1));
    // W·[q, k] = W₁·q + W₂·k: the pairs need not stand side by side
    return additiveScores(query.matmul(concatProj.weight.narrow(1, 0, this.#queryDim).t()), projected, score);
  }
}
