import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import {
  alibiSlopes,
  Dropout,
  Embedding,
  gelu,
  init,
  LayerNorm,
  LearnedPositions,
  Linear,
  Module,
  RMSNorm,
  RotaryEmbedding,
  SinusoidalPositions,
} from "../../nn/index.ts";
import {
  arange,
  type Parameter,
  pad,
  type Shape,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  where,
} from "../../tensor/index.ts";
import type { LanguageModel } from "../decoding/generate.ts";

export interface GPTOptions {
  /** how many tokens there are */
  vocabSize: number;
  /** most tokens of a text that are looked at */
  contextLength: number;
  /** features of a token */
  width: number;
  /** blocks on one another */
  depth: number;
  /** of attention; they divide the width */
  heads: number;
  /** heads of keys and values, which divide `heads`: groups of queries share them (Ainslie et al., 2023); `heads` by default */
  kvHeads?: number;
  /** what tells tokens where they stand; `"learned"` by default, as in GPT-2 */
  positions?: "learned" | "sinusoidal" | "rotary" | "alibi";
  /** layer normalisation, the default, or by the root of the mean square */
  norm?: "layer" | "rms";
  /** whether layers have biases; true by default */
  bias?: boolean;
  /** the probability of zero, after the embedding, of attention's weights and at the end of each branch, while training; 0 by default */
  dropout?: number;
  /** whether the last layer's weight is the embedding's; true by default */
  tied?: boolean;
}

/** What a GPT remembers of texts that it has read: keys and values of each block, and how many tokens these are of. */
export interface GPTMemory {
  /** (B, kvHeads, contextLength, width / heads) */
  keys: Tensor[];
  values: Tensor[];
  /** i32 (B) */
  length: Tensor;
}

/** Where the tokens stand that attention is asked for, and what they see. */
interface Place {
  /** i32 (B, 1), of one token; 0 to L − 1 by default */
  positions?: Tensor;
  /** the keys and values of before, (B, kvHeads, contextLength, D): the token's own take their place in them */
  past?: readonly [keys: Tensor, values: Tensor];
}

const normOf = ({ norm = "layer", width, bias }: GPTOptions): LayerNorm | RMSNorm =>
  norm === "layer" ? new LayerNorm(width, { bias }) : new RMSNorm(width, { eps: 1e-5 });

/** A layer that begins as N(0, std²) with a bias of zero. */
function normalLinear(inFeatures: number, outFeatures: number, bias: boolean, std: number): Linear {
  const layer = new Linear(inFeatures, outFeatures, { bias });
  init.normal(layer.weight, { std });
  if (layer.bias) init.zeros(layer.bias);
  return layer;
}

/** Attention of each token to itself and those before it. */
class CausalAttention extends Module {
  readonly heads: number;
  readonly kvHeads: number;
  readonly c_attn: Linear;
  readonly c_proj: Linear;
  readonly rotary: RotaryEmbedding | undefined;
  readonly #dropout: number;
  readonly #slopes: number[] | undefined;

  constructor(options: GPTOptions) {
    super();
    const { width, depth, heads, kvHeads = heads, contextLength, positions, bias = true, dropout = 0 } = options;
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.#dropout = dropout;
    const D = width / heads;
    this.c_attn = normalLinear(width, (heads + 2 * kvHeads) * D, bias, 0.02);
    this.c_proj = normalLinear(width, width, bias, 0.02 / Math.sqrt(2 * depth));
    if (positions === "rotary") this.rotary = new RotaryEmbedding(D, { maxLength: contextLength });
    if (positions === "alibi") this.#slopes = alibiSlopes(heads);
  }

  /** (B, L, C) ─► (B, L, C), and the keys and values that were looked at. */
  override forward(x: Tensor, { positions, past }: Place): [Tensor, keys: Tensor, values: Tensor] {
    const { heads, kvHeads } = this;
    const [B, L, C] = x.shape;
    const D = C / heads;
    const [q, k, v] = this.c_attn
      .forward(x)
      .unflatten(2, [-1, D])
      .transpose(1, 2) // (B, heads + 2·kvHeads, L, D)
      .split([heads, kvHeads, kvHeads], 1);
    const place = positions?.unsqueeze(1); // (B, 1, 1)
    const [query, key] = this.rotary ? [q, k].map((part) => this.rotary!.forward(part, { positions: place })) : [q, k];

    let [keys, values] = [key, v];
    if (past && positions) {
      const here = arange(past[0].shape[2], { dtype: "i32" }).eq(positions).reshape([B, 1, -1, 1]);
      [keys, values] = [key, v].map((own, i) => where(here, own, past[i]));
    }
    // Queries of a group look at one head of keys: (B, kvHeads, group, L, D) beside (B, kvHeads, 1, S, D).
    const mixed = scaledDotProductAttention(query.unflatten(1, [kvHeads, -1]), keys.unsqueeze(2), values.unsqueeze(2), {
      ...this.#mask(L, keys.shape[2], positions),
      dropoutP: this.training ? this.#dropout : 0,
    });
    return [this.c_proj.forward(mixed.flatten(1, 2).transpose(1, 2).reshape([B, L, C])), keys, values];
  }

  /** The products of all queries with all keys, and of weights with values; what is hidden counts too. */
  override multiplyAdds([B, L, C]: Shape): number {
    return 2 * B * L * L * C;
  }

  /** What queries see: keys at their own place and before. */
  #mask(L: number, S: number, positions: Tensor | undefined): { isCausal?: boolean; attnMask?: Tensor } {
    if (!positions && !this.#slopes) return { isCausal: true };
    const at = positions ?? arange(L, { dtype: "i32" }).unsqueeze(0); // (B, 1) or (1, L)
    const distance = at
      .unsqueeze(2)
      .sub(arange(S, { dtype: "i32" }))
      .unsqueeze(1)
      .unsqueeze(1); // (B, 1, 1, L, S)
    const seen = distance.ge(0);
    if (!this.#slopes) return { attnMask: seen };
    const slopes = tensor(this.#slopes).reshape([1, this.kvHeads, -1, 1, 1]);
    return { attnMask: where(seen, distance.to("f32").mul(slopes).neg(), -Infinity) };
  }
}

class FeedForward extends Module {
  readonly c_fc: Linear;
  readonly c_proj: Linear;

  constructor({ width, depth, bias = true }: GPTOptions) {
    super();
    this.c_fc = normalLinear(width, 4 * width, bias, 0.02);
    this.c_proj = normalLinear(4 * width, width, bias, 0.02 / Math.sqrt(2 * depth));
  }

  override forward(x: Tensor): Tensor {
    return this.c_proj.forward(gelu(this.c_fc.forward(x), { approximate: "tanh" }));
  }
}

class Block extends Module {
  readonly ln_1: LayerNorm | RMSNorm;
  readonly attn: CausalAttention;
  readonly ln_2: LayerNorm | RMSNorm;
  readonly mlp: FeedForward;
  readonly drop: Dropout;

  constructor(options: GPTOptions) {
    super();
    this.ln_1 = normOf(options);
    this.attn = new CausalAttention(options);
    this.ln_2 = normOf(options);
    this.mlp = new FeedForward(options);
    this.drop = new Dropout(options.dropout ?? 0);
  }

  override forward(x: Tensor, place: Place): [Tensor, keys: Tensor, values: Tensor] {
    const [mixed, keys, values] = this.attn.forward(this.ln_1.forward(x), place);
    const y = x.add(this.drop.forward(mixed));
    return [y.add(this.drop.forward(this.mlp.forward(this.ln_2.forward(y)))), keys, values];
  }
}

/**
 * GPT: a Transformer that says of each token of a text how likely each token is to follow it.
 *
 * Embedding and positions, `depth` blocks x + attention(norm(x)) and x + feedForward(norm(x)), where a token sees itself
 * and those before it, a last norm, and the logits. Weights begin as N(0, 0.02²), those of layers that end a branch as
 * N(0, 0.02² / (2·depth)), biases as zero. Names in the state dict are those of GPT-2 in Hugging Face's library, whose
 * `c_attn`, `c_proj` and `c_fc` hold the transposed matrices.
 *
 * Shapes: tokens (B, T) of i32, T ≤ contextLength ─► (B, T, vocabSize). Throws a ShapeError for others, an ArgumentError
 * for heads that do not divide the width.
 * Radford et al., Language models are unsupervised multitask learners, 2019.
 *
 * ```ts
 * const model = new GPT({ vocabSize: 65, contextLength: 16, width: 32, depth: 2, heads: 4, positions: "rotary" });
 * model.forward(zeros([2, 16], { dtype: "i32" })).shape; // [ 2, 16, 65 ]
 * Object.keys(model.stateDict()).slice(0, 4); // [ 'wte.weight', 'h.0.ln_1.weight', 'h.0.ln_1.bias', 'h.0.attn.c_attn.weight' ]
 * ```
 */
export class GPT extends Module implements LanguageModel<GPTMemory> {
  readonly contextLength: number;
  readonly wte: Embedding;
  readonly wpe: LearnedPositions | SinusoidalPositions | undefined;
  readonly drop: Dropout;
  readonly h: Block[];
  readonly ln_f: LayerNorm | RMSNorm;
  readonly lmHead: Linear;

  constructor(options: GPTOptions) {
    super();
    const { vocabSize, contextLength, width, depth, heads, kvHeads = heads, positions = "learned" } = options;
    if (width % heads !== 0 || heads % kvHeads !== 0) {
      throw new ArgumentError(
        `GPT: ${heads} heads must divide a width of ${width}, and ${kvHeads} kvHeads must divide the heads.`,
      );
    }
    this.contextLength = contextLength;
    this.wte = new Embedding(vocabSize, width);
    init.normal(this.wte.weight, { std: 0.02 });
    if (positions === "learned") this.wpe = new LearnedPositions(contextLength, width);
    if (positions === "sinusoidal") this.wpe = new SinusoidalPositions(contextLength, width);
    this.drop = new Dropout(options.dropout ?? 0);
    this.h = Array.from({ length: depth }, () => new Block(options));
    this.ln_f = normOf(options);
    this.lmHead = normalLinear(width, vocabSize, false, 0.02);
    if (options.tied ?? true) (this.lmHead as { weight: Parameter }).weight = this.wte.weight;
  }

  override forward(tokens: Tensor): Tensor {
    return this.lmHead.forward(this.#blocks(tokens, () => ({})).x);
  }

  read(tokens: Tensor, length: Tensor): readonly [logits: Tensor, memory: GPTMemory] {
    const { x, keys, values } = this.#blocks(tokens, () => ({}));
    const [B, T] = tokens.shape;
    const last = x.indexSelect(1, length.sub(1).expand([1])).squeeze(1); // (B, C)
    const room = (part: Tensor) => pad(part, [0, 0, 0, this.contextLength - T]); // (B, kvHeads, contextLength, D)
    return [this.lmHead.forward(last), { keys: keys.map(room), values: values.map(room), length: length.expand([B]) }];
  }

  /** The memory must have room: `length` below contextLength. */
  next(tokens: Tensor, memory: GPTMemory): readonly [logits: Tensor, memory: GPTMemory] {
    const positions = memory.length.unsqueeze(1); // (B, 1)
    const past = (i: number): Place => ({ positions, past: [memory.keys[i], memory.values[i]] });
    const { x, keys, values } = this.#blocks(tokens.unsqueeze(1), past); // (B, 1, C)
    return [this.lmHead.forward(x.squeeze(1)), { keys, values, length: memory.length.add(1) }];
  }

  /** (B, L) ─► (B, L, C), and each block's keys and values. */
  #blocks(tokens: Tensor, placeIn: (block: number) => Place): { x: Tensor; keys: Tensor[]; values: Tensor[] } {
    if (tokens.ndim !== 2 || tokens.shape[1] > this.contextLength) {
      throw new ShapeError(
        `GPT needs tokens (B, T), T up to its contextLength of ${this.contextLength}, but got ${showShape(tokens.shape)}.`,
      );
    }
    const embedded = this.wte.forward(tokens);
    let x = this.drop.forward(this.wpe ? this.wpe.forward(embedded, placeIn(0)) : embedded);
    const [keys, values]: [Tensor[], Tensor[]] = [[], []];
    this.h.forEach((block, i) => {
      [x, keys[i], values[i]] = block.forward(x, placeIn(i));
    });
    return { x: this.ln_f.forward(x), keys, values };
  }
}
