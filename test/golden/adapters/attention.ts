/** What the golden attention, positions and transformers are in chainrule. */

import { type DType, type Tensor, tensor } from "../../../src/index.ts";
import {
  AdditiveAttention,
  alibi,
  alibiSlopes,
  LayerNorm,
  LearnedPositions,
  LuongAttention,
  type LuongAttentionOptions,
  type Module,
  MultiheadAttention,
  type MultiheadAttentionOptions,
  type MultiheadForwardOptions,
  maskedSoftmax,
  sinusoidalPositions,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerOptions,
} from "../../../src/nn/index.ts";
import type { Recordable } from "../modules.ts";
import type { MakesModule } from "./modules.ts";
import type { Operator } from "./operators.ts";

/** What a case's inputs are: so many sources, the last of which stands for others, then masks by name. */
interface Call {
  readonly sources: number;
  readonly masks?: readonly string[];
}

type Taking = Module & { forward(...inputs: never[]): Tensor | readonly (Tensor | undefined)[] };

/** A layer that takes `count` sources and an object of options, as one that takes tensors. */
function taking(layer: Taking, count: number, { sources, masks = [] }: Call, options: object = {}): Recordable {
  const { forward } = layer;
  const call = (...inputs: Tensor[]): Tensor | readonly Tensor[] => {
    const given = Array.from({ length: count }, (_, i) => inputs[Math.min(i, sources - 1)]);
    const named = Object.fromEntries(masks.map((name, i) => [name, inputs[sources + i]]));
    const found = forward.apply(layer, [...given, { ...options, ...named }] as never[]);
    return "shape" in found ? found : found.filter((x) => x !== undefined);
  };
  return Object.assign(layer, { forward: call }) as Recordable;
}

interface Scored extends Call {
  readonly queryDim: number;
  readonly keyDim: number;
}

const luong = ({ queryDim, keyDim, sources, ...options }: Scored & LuongAttentionOptions): Recordable =>
  taking(new LuongAttention(queryDim, keyDim, options), 3, { sources, masks: ["mask"] });

interface Positioned {
  readonly maxLength: number;
  readonly dim: number;
}

/** Positions follow the tokens, where a case has some. */
export function positioned(
  layer: Module & { forward(x: Tensor, options: { positions?: Tensor }): Tensor },
): Module & { forward(...inputs: Tensor[]): Tensor } {
  const { forward } = layer;
  const call = (x: Tensor, positions?: Tensor): Tensor => forward.call(layer, x, { positions });
  return Object.assign(layer, { forward: call }) as Module & { forward(...inputs: Tensor[]): Tensor };
}

type LayerCase = Call &
  Omit<TransformerOptions, "activation"> & {
    readonly dModel: number;
    readonly nhead: number;
    readonly activation?: "relu" | "gelu";
    readonly numLayers: number;
  };

const stackOptions = ({ numLayers, dModel }: LayerCase) => (numLayers === 2 ? { norm: new LayerNorm(dModel) } : {});

export const ATTENTION_MODULES = {
  MultiheadAttention: (
    options: Call & { embedDim: number; numHeads: number } & MultiheadAttentionOptions & MultiheadForwardOptions,
  ) => taking(new MultiheadAttention(options.embedDim, options.numHeads, options), 3, options, options),
  AdditiveAttention: ({ queryDim, keyDim, sources, hiddenDim }: Scored & { hiddenDim: number }) =>
    taking(new AdditiveAttention(queryDim, keyDim, hiddenDim), 3, { sources, masks: ["mask"] }),
  LuongAttention: luong,
  LearnedPositions: ({ maxLength, dim }: Positioned) => positioned(new LearnedPositions(maxLength, dim)),
  TransformerEncoderLayer: (options: LayerCase) =>
    taking(new TransformerEncoderLayer(options.dModel, options.nhead, options), 1, options, options),
  TransformerDecoderLayer: (options: LayerCase) =>
    taking(new TransformerDecoderLayer(options.dModel, options.nhead, options), 2, options, options),
  TransformerEncoder: (options: LayerCase) => {
    const layer = () => new TransformerEncoderLayer(options.dModel, options.nhead, options);
    return taking(new TransformerEncoder(layer, options.numLayers, stackOptions(options)), 1, options, options);
  },
  TransformerDecoder: (options: LayerCase) => {
    const layer = () => new TransformerDecoderLayer(options.dModel, options.nhead, options);
    return taking(new TransformerDecoder(layer, options.numLayers, stackOptions(options)), 2, options, options);
  },
  Transformer: (options: LayerCase) =>
    taking(new Transformer(options.dModel, options.nhead, options), 2, options, options),
} satisfies Record<string, MakesModule>;

/** What a function takes beside tensors. Each one's cases have the options that it reads. */
interface Own extends Scored, LuongAttentionOptions {
  readonly dim: number;
  readonly length: number;
  readonly numHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly base: number;
  readonly dtype: DType;
}

export const ATTENTION: Readonly<Record<string, Operator<Own>>> = {
  maskedSoftmax: ([scores, mask], { dim }) => maskedSoftmax(scores, mask, dim),
  "LuongAttention.dot": (inputs, options) => luong(options).forward(...inputs),
  sinusoidalPositions: (_, { length, dim, ...options }) => sinusoidalPositions(length, dim, options),
  alibi: (_, { numHeads, queries, keys, dtype }) => alibi(numHeads, queries, keys, { dtype }),
  alibiSlopes: (_, { numHeads }) => tensor(alibiSlopes(numHeads), { dtype: "f64" }),
};
