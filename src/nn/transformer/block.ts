/** What layers of encoders and decoders share. */

import { ArgumentError } from "../../core/errors.ts";
import { type DType, relu, type Tensor } from "../../tensor/index.ts";
import { gelu } from "../activation/index.ts";
import { MultiheadAttention, type MultiheadMasks } from "../attention/multihead.ts";
import { Linear } from "../linear.ts";
import { Module } from "../module.ts";
import { LayerNorm } from "../normalization/layer.ts";
import { Dropout } from "../regularization/dropout.ts";

export interface TransformerLayerOptions {
  /** the hidden width of the two linear layers; 2048 by default */
  dimFeedforward?: number;
  /** the part of the weights of attention, of hidden activities and of each branch's results that training drops; 0.1 by default */
  dropout?: number;
  /** what stands between the two linear layers; "relu" by default */
  activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  /** added to the variance in normalisations; 1e-5 by default */
  layerNormEps?: number;
  /** whether sequences are (N, L, E) instead of (L, N, E); false by default */
  batchFirst?: boolean;
  /** whether each branch normalises what it takes, x + f(norm(x)), instead of the sum, norm(x + f(x)); false by default */
  normFirst?: boolean;
  /** whether linear layers and normalisations have a bias; true by default */
  bias?: boolean;
  /** of the parameters; f32 by default */
  dtype?: DType;
}

const ACTIVATIONS = { relu, gelu: (x: Tensor) => gelu(x) };

/** Branches of a transformer's layer, each added to what it takes. */
export abstract class TransformerLayer extends Module {
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  constructor(options: TransformerLayerOptions) {
    super();
    const { activation = "relu", normFirst = false } = options;
    if (typeof activation === "string" && !Object.hasOwn(ACTIVATIONS, activation)) {
      throw new ArgumentError(
        `${this.constructor.name}: activation is "relu", "gelu" or a function, but got "${activation}".`,
      );
    }
    this.normFirst = normFirst;
    this.activation = typeof activation === "string" ? ACTIVATIONS[activation] : activation;
  }

  /** norm(x + f(x)), or x + f(norm(x)). */
  protected residual(x: Tensor, norm: LayerNorm, branch: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? x.add(branch(norm.forward(x))) : norm.forward(x.add(branch(x)));
  }
}

/** Makes what a layer consists of. */
interface Parts {
  attention(): MultiheadAttention;
  widening(): Linear;
  narrowing(): Linear;
  norm(): LayerNorm;
  dropout(): Dropout;
}

export function parts(dModel: number, nhead: number, options: TransformerLayerOptions): Parts {
  const { dimFeedforward = 2048, dropout = 0.1, layerNormEps = 1e-5, batchFirst, bias, dtype } = options;
  return {
    attention: () => new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, dtype }),
    widening: () => new Linear(dModel, dimFeedforward, { bias, dtype }),
    narrowing: () => new Linear(dimFeedforward, dModel, { bias, dtype }),
    norm: () => new LayerNorm(dModel, { eps: layerNormEps, bias, dtype }),
    dropout: () => new Dropout(dropout),
  };
}

/** The output of attention alone. */
export function attended(attention: MultiheadAttention, query: Tensor, source: Tensor, masks: MultiheadMasks): Tensor {
  return attention.forward(query, source, source, { ...masks, needWeights: false })[0];
}
