import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { type Shape, sameShape, showShape } from "../../core/shape.ts";
import {
  arange,
  cat,
  type DType,
  Parameter,
  scaledDotProductAttention,
  type Tensor,
  where,
  zeros,
} from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { xavierNormal, xavierUniform } from "../init/scaled.ts";
import { Linear, linear } from "../linear.ts";
import { Module } from "../module.ts";
import { dropout, expectProbability } from "../regularization/dropout.ts";
import { expectMask, maskedSoftmax } from "./masked-softmax.ts";
import type { RotaryEmbedding } from "./rotary.ts";

export interface MultiheadAttentionOptions {
  /** the part of the weights that training drops; 0 by default */
  dropout?: number;
  /** whether projections have a bias; true by default */
  bias?: boolean;
  /** whether there is a learned key and value beside those that are given; false by default */
  addBiasKv?: boolean;
  /** whether there is a key and a value of zeros beside those that are given; false by default */
  addZeroAttn?: boolean;
  /** the keys' width; embedDim by default */
  kdim?: number;
  /** the values' width; embedDim by default */
  vdim?: number;
  /** whether sequences are (N, L, E) instead of (L, N, E); false by default */
  batchFirst?: boolean;
  /** heads of keys and values, each shared by numHeads / numKvHeads neighbouring heads of queries; numHeads by default */
  numKvHeads?: number;
  /** turns queries and keys by their positions, of embedDim / numHeads features; none by default */
  rotary?: RotaryEmbedding;
  /** of the parameters; f32 by default */
  dtype?: DType;
}

export interface MultiheadMasks {
  /** keys that nobody sees, (N, S): bool, true where one is hidden; or float, added to the scores */
  keyPaddingMask?: Tensor;
  /** keys that a query does not see, (L, S), (N·H, L, S) or what broadcasts to (N, H, L, S): bool, true where one is hidden; or float, added to the scores */
  attnMask?: Tensor;
  /** whether query i sees keys 0 to i only, of those that masks leave; false by default */
  isCausal?: boolean;
}

export interface MultiheadForwardOptions extends MultiheadMasks {
  /** whether to give the weights, which costs a table of them; true by default */
  needWeights?: boolean;
  /** whether the weights are the heads' mean; true by default */
  averageAttnWeights?: boolean;
}

/** Queries, keys and values in heads, and what is added to their scores. */
interface Heads {
  readonly q: Tensor; // (N, H, L, d)
  readonly k: Tensor; // (N, Hkv, S, d)
  readonly v: Tensor; // (N, Hkv, S, d)
  readonly bias: Tensor | undefined; // broadcasts to (N, H, L, S)
  /** whether query i sees keys 0 to i only */
  readonly isCausal: boolean;
}

/**
 * Attention in several subspaces at once: headₕ = softmax(Qₕ·Kₕᵀ / √d + mask)·Vₕ with Q = query·W_qᵀ, K = key·W_kᵀ,
 * V = value·W_vᵀ in parts of d = embedDim / numHeads features, and the heads side by side go through a linear layer.
 *
 * Shapes: query (L, N, E), key (S, N, kdim), value (S, N, vdim) ─► output (L, N, E), weights (N, L, S) or, each head's,
 * (N, H, L, S); with `batchFirst` (N, L, E) and so on, without a batch (L, E). In masks true hides, as PyTorch has it here
 * (in `scaledDotProductAttention` true shows). A query that sees no key gets zeros from its heads, where PyTorch's
 * layer gives NaN; weights are given as dropped. Without `needWeights` the scores are never in memory on the native
 * device, unless weights are dropped. Parameters, names and beginnings are PyTorch's.
 * Throws a ShapeError if shapes do not fit, a DTypeError for a mask that is neither bool nor float, an ArgumentError for
 * heads that do not divide the width.
 * Vaswani et al., Attention is all you need, 2017; shared keys: Ainslie et al., GQA, 2023.
 *
 * ```ts
 * const attention = new MultiheadAttention(8, 2, { batchFirst: true });
 * const x = randn([3, 5, 8]);
 * const [output, weights] = attention.forward(x, x, x, { isCausal: true });
 * output.shape; // [ 3, 5, 8 ]
 * weights!.shape; // [ 3, 5, 5 ]
 * weights!.select(1, 0).detach(); // tensor([[1., 0., 0., 0., 0.], [1., 0., 0., 0., 0.], [1., 0., 0., 0., 0.]])
 * Object.keys(attention.stateDict()); // [ 'in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias' ]
 * ```
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  readonly rotary: RotaryEmbedding | undefined;
  /** of queries, keys and values, one below the other: (E + 2·E·Hkv/H, E); undefined if keys or values are of another width */
  readonly inProjWeight: Parameter | undefined;
  readonly qProjWeight: Parameter | undefined;
  readonly kProjWeight: Parameter | undefined;
  readonly vProjWeight: Parameter | undefined;
  readonly inProjBias: Parameter | undefined;
  readonly biasK: Parameter | undefined;
  readonly biasV: Parameter | undefined;
  readonly outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { numKvHeads = numHeads, kdim = embedDim, vdim = embedDim, dropout = 0 } = options;
    const { bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false, rotary, dtype } = options;
    checkCounts("MultiheadAttention", { embedDim, numHeads, numKvHeads, kdim, vdim });
    expectProbability("MultiheadAttention", dropout);
    if (embedDim % numHeads !== 0 || numHeads % numKvHeads !== 0) {
      throw new ArgumentError(
        `MultiheadAttention: ${embedDim} features do not fall into ${numHeads} equal heads, or these into ${numKvHeads} equal groups.`,
      );
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.numKvHeads = numKvHeads;
    this.kdim = kdim;
    this.vdim = vdim;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    this.rotary = rotary;
    const shared = (embedDim / numHeads) * numKvHeads;
    const weight = (...shape: number[]) => xavierUniform(new Parameter(zeros(shape, { dtype })));
    if (kdim === embedDim && vdim === embedDim) {
      this.inProjWeight = weight(embedDim + 2 * shared, embedDim);
    } else {
      this.qProjWeight = weight(embedDim, embedDim);
      this.kProjWeight = weight(shared, kdim);
      this.vProjWeight = weight(shared, vdim);
    }
    if (bias) this.inProjBias = new Parameter(zeros([embedDim + 2 * shared], { dtype }));
    if (addBiasKv) {
      this.biasK = xavierNormal(new Parameter(zeros([1, 1, shared], { dtype })));
      this.biasV = xavierNormal(new Parameter(zeros([1, 1, shared], { dtype })));
    }
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype });
    this.outProj.bias?.assign(zeros([embedDim], { dtype }));
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadForwardOptions = {},
  ): [output: Tensor, weights: Tensor | undefined] {
    return this.within(() => {
      const { needWeights = true, averageAttnWeights = true } = options;
      const batched = query.ndim === 3;
      const heads = this.#heads(query, key, value, options);
      const dropoutP = this.training ? this.dropout : 0;
      if (!needWeights) {
        const { q, k, v, bias, isCausal } = heads;
        const enableGqa = this.numKvHeads !== this.numHeads;
        const mixed = scaledDotProductAttention(q, k, v, { attnMask: bias, isCausal, dropoutP, enableGqa });
        return [this.#joined(mixed, batched), undefined];
      }
      const weights = dropout(this.#weights(heads), { p: dropoutP }); // (N, H, L, S)
      const mixed = this.#grouped(weights).matmul(heads.v.unsqueeze(2)).flatten(1, 2); // (N, H, L, d)
      const shown = averageAttnWeights ? weights.mean(1) : weights;
      return [this.#joined(mixed, batched), batched ? shown : shown.squeeze(0)];
    });
  }

  /** The weights of each head, of none dropped: (N, H, L, S), without a batch (H, L, S). Takes what `forward` takes. */
  weights(query: Tensor, key: Tensor, value: Tensor, options: MultiheadMasks = {}): Tensor {
    const weights = this.within(() => this.#weights(this.#heads(query, key, value, options)));
    return query.ndim === 3 ? weights : weights.squeeze(0);
  }

  #weights({ q, k, bias, isCausal }: Heads): Tensor {
    const scale = 1 / Math.sqrt(q.shape[3]);
    const scores = this.#grouped(q.mul(scale)).matmul(k.unsqueeze(2).transpose(-2, -1)).flatten(1, 2); // (N, H, L, S)
    return maskedSoftmax(scores, isCausal ? sum(bias, causalBias(q.shape[2], k.shape[2])) : bias);
  }

  /** (N, H, …) ─► (N, Hkv, H / Hkv, …), where keys are (N, Hkv, 1, …). */
  #grouped(x: Tensor): Tensor {
    return x.unflatten(1, [this.numKvHeads, this.numHeads / this.numKvHeads]);
  }

  #heads(query: Tensor, key: Tensor, value: Tensor, options: MultiheadMasks): Heads {
    this.#expectShapes(query, key, value);
    const [plainQ, plainK, v] = this.#projected(query, key, value).map((x) => this.#split(x));
    const [q, k] = [plainQ, plainK].map((x) => this.rotary?.forward(x) ?? x);
    const [N, H, L, S] = [q.shape[0], this.numHeads, q.shape[2], k.shape[2]];
    const added = this.#addedKeys(N, q.dtype);
    const { keyPaddingMask, attnMask, isCausal = false } = options;
    const padding = keyPaddingMask && toBias("keyPaddingMask", keyPaddingMask, query.ndim === 3 ? [N, S] : [S]);
    const bias = sum(padding?.reshape([N, 1, 1, S]), attnMask && this.#pairBias(attnMask, [N, H, L, S]));
    if (added.length === 0) return { q, k, v, bias, isCausal };
    // Every query sees the keys that are added, which stand behind the others.
    const all = isCausal ? sum(bias, causalBias(L, S)) : bias;
    const lead = all?.shape.slice(0, -1) ?? [];
    return {
      q,
      k: cat([k, ...added.map(([extra]) => extra)], 2),
      v: cat([v, ...added.map(([, extra]) => extra)], 2),
      bias: all && cat([all.expand([...lead, S]), zeros([...lead, added.length], { dtype: all.dtype })], -1),
      isCausal: false,
    };
  }

  /** What an attnMask adds to the scores (N, H, L, S), as it broadcasts to them. */
  #pairBias(mask: Tensor, [N, H, L, S]: Shape): Tensor {
    if (mask.ndim === 3) return toBias("attnMask", mask, [N * H, L, S]).reshape([N, H, L, S]);
    return toBias("attnMask", mask, mask.ndim === 4 ? mask.shape : [L, S]);
  }

  /** Keys and values beside those that are given: (N, Hkv, 1, d) each. */
  #addedKeys(N: number, dtype: DType): (readonly [key: Tensor, value: Tensor])[] {
    const shape = [N, this.numKvHeads, 1, this.embedDim / this.numHeads];
    const spread = (x: Parameter) => x.reshape([1, ...shape.slice(1)]).expand(shape); // (1, 1, Hkv·d) ─► (N, Hkv, 1, d)
    const none = zeros(shape, { dtype });
    return [
      ...(this.biasK && this.biasV ? [[spread(this.biasK), spread(this.biasV)] as const] : []),
      ...(this.addZeroAttn ? [[none, none] as const] : []),
    ];
  }

  #expectShapes(query: Tensor, key: Tensor, value: Tensor): void {
    const [q, k, v] = [query, key, value].map(({ shape }) => shape);
    const ranks = q.length === k.length && k.length === v.length && (q.length === 2 || q.length === 3);
    const widths = q.at(-1) === this.embedDim && k.at(-1) === this.kdim && v.at(-1) === this.vdim;
    const batch = this.batchFirst ? 0 : 1;
    if (ranks && widths && sameShape(k.slice(0, -1), v.slice(0, -1)) && (q.length === 2 || q[batch] === k[batch]))
      return;
    const [L, S] = this.batchFirst ? ["N, L", "N, S"] : ["L, N", "S, N"];
    throw new ShapeError(
      `a query ${showShape(q)}, a key ${showShape(k)} and a value ${showShape(v)} do not fit: (${L}, ${this.embedDim}), (${S}, ${this.kdim}) and (${S}, ${this.vdim}) are needed, or all without N.`,
    );
  }

  /** Queries, keys and values, in as few products as their sources allow. */
  #projected(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const shared = (this.embedDim / this.numHeads) * this.numKvHeads;
    const sizes = [this.embedDim, shared, shared];
    const { inProjWeight: weight, inProjBias: bias } = this;
    if (weight && query === key && key === value) return linear(query, weight, bias).split(sizes, -1);
    const biases = bias?.split(sizes, 0) ?? [];
    if (weight && key === value) {
      const [forQuery, forKeys] = weight.split([this.embedDim, 2 * shared], 0);
      const q = linear(query, forQuery, biases[0]);
      return [q, ...linear(key, forKeys, bias?.narrow(0, this.embedDim, 2 * shared)).split(shared, -1)];
    }
    const weights = weight?.split(sizes, 0) ?? [this.qProjWeight!, this.kProjWeight!, this.vProjWeight!];
    return [query, key, value].map((x, i) => linear(x, weights[i], biases[i]));
  }

  /** In heads: (L, N, H·d), (N, L, H·d) or (L, H·d) ─► (N, H, L, d). */
  #split(x: Tensor): Tensor {
    const heads = x.unflatten(-1, [-1, this.embedDim / this.numHeads]); // (…, H, d)
    if (heads.ndim === 3) return heads.transpose(0, 1).unsqueeze(0);
    return heads.permute(this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
  }

  /** Heads side by side again, through the last layer. */
  #joined(mixed: Tensor, batched: boolean): Tensor {
    const rows = !batched
      ? mixed.squeeze(0).transpose(0, 1)
      : mixed.permute(this.batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]);
    return this.outProj.forward(rows.flatten(-2)); // (…, H, d) ─► (…, E)
  }

  override extraRepr(): string {
    const { embedDim, numHeads, numKvHeads } = this;
    return `${embedDim}, ${numHeads}${numKvHeads === numHeads ? "" : `, numKvHeads=${numKvHeads}`}`;
  }

  /** The projections' and, for as many keys as queries, the attention's. */
  override multiplyAdds(output: Shape): number {
    const { embedDim, numHeads, numKvHeads, kdim, vdim } = this;
    const tokens = output.reduce((product, size) => product * size, 1) / embedDim;
    const keys = output.length === 2 || !this.batchFirst ? output[0] : output[1];
    const shared = (embedDim / numHeads) * numKvHeads;
    return tokens * (embedDim * embedDim + shared * (kdim + vdim) + 2 * embedDim * keys);
  }
}

/** What is added to the scores for a mask whose true hides. Throws a ShapeError unless it is of this shape. */
function toBias(name: string, mask: Tensor, shape: Shape): Tensor {
  if (!sameShape(mask.shape, shape)) {
    throw new ShapeError(`${name} is ${showShape(mask.shape)}, but ${showShape(shape)} is needed.`);
  }
  return expectMask(`MultiheadAttention: ${name}`, mask).dtype === "bool" ? where(mask, -Infinity, 0) : mask;
}

/** −∞ for key j and query i < j, else 0: (L, S). */
export function causalBias(queries: number, keys: number, dtype: DType = "f32"): Tensor {
  const later = arange(keys).gt(arange(queries).unsqueeze(1)); // (L, S)
  return where(later, -Infinity, zeros([], { dtype }));
}

const sum = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined => (a && b ? a.add(b) : (a ?? b));
