/** What the golden classifiers of texts, the golden tagger and the golden language models are in chainrule. */

import type { Tensor } from "../../../src/index.ts";
import { type BagForwardOptions, type EmbeddingBagOptions, embeddingBag } from "../../../src/nn/index.ts";
import {
  BagClassifier,
  BERT,
  BERTClassifier,
  BERTMaskedLM,
  type BERTOptions,
  GPT,
  type GPTOptions,
  LSTMClassifier,
  LSTMLanguageModel,
  type LSTMLanguageModelOptions,
  Tagger,
  TextCNN,
  TransformerClassifier,
} from "../../../src/text/models/index.ts";
import type { Recordable } from "../modules.ts";
import type { MakesModule } from "./modules.ts";
import type { Operator } from "./operators.ts";

export const EMBEDDING_BAGS: Readonly<Record<string, Operator<EmbeddingBagOptions>>> = {
  embeddingBag([index, weight, ...others], options) {
    const offsets = others.find(({ dtype }) => dtype === "i32");
    const perSampleWeights = others.find((x) => x.isFloatingPoint());
    const given: BagForwardOptions = { ...(offsets && { offsets }), ...(perSampleWeights && { perSampleWeights }) };
    return embeddingBag(index, weight, { ...options, ...given });
  },
};

/** Takes segments and a mask as inputs: those of the golden cases are tensors. */
const taking = <M extends BERT | BERTMaskedLM | BERTClassifier>(model: M): Recordable => {
  const forward = model.forward.bind(model);
  return Object.assign(model, {
    forward: (tokens: Tensor, segments?: Tensor, mask?: Tensor) => forward(tokens, { segments, mask }),
  });
};

export const TEXT_MODELS = {
  BagClassifier: () => new BagClassifier(7, 2, { embeddingDim: 3, dropout: 0 }),
  TextCNN: ({ widths }: { widths: number[] }) =>
    new TextCNN(7, 2, { embeddingDim: 3, channels: 4, widths, dropout: 0 }),
  LSTMClassifier: () => new LSTMClassifier(7, 2, { embeddingDim: 3, hiddenSize: 4, dropout: 0 }),
  TransformerClassifier: ({ numLayers }: { numLayers: number }) =>
    new TransformerClassifier(7, 2, {
      dModel: 4,
      nhead: 2,
      dimFeedforward: 6,
      numLayers,
      maxLength: 8,
      dropout: 0,
    }),
  Tagger: ({ numLayers }: { numLayers: number }) =>
    new Tagger(
      { words: 7, characters: 5, labels: 3 },
      { wordDim: 3, charDim: 2, charChannels: 3, hiddenSize: 4, numLayers, dropout: 0 },
    ),
  GPT: (options: GPTOptions) => new GPT(options),
  LSTMLanguageModel(options: LSTMLanguageModelOptions) {
    const model = new LSTMLanguageModel(options);
    const forward = model.forward.bind(model);
    const own = (tokens: Tensor, h?: Tensor, c?: Tensor) => forward(tokens, h && c && [h, c]).flat();
    return Object.assign(model, { forward: own }) as unknown as Recordable;
  },
  BERT: (options: BERTOptions) => taking(new BERT({ ...options, dropout: 0 })),
  BERTMaskedLM: (options: BERTOptions) => taking(new BERTMaskedLM({ ...options, dropout: 0 })),
  BERTClassifier: (options: BERTOptions) => taking(new BERTClassifier(3, { ...options, dropout: 0 })),
} satisfies Readonly<Record<string, MakesModule>>;
