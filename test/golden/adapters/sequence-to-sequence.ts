/** What each golden encoder-decoder is in chainrule. */

import { Module } from "../../../src/nn/index.ts";
import type { Tensor } from "../../../src/tensor/index.ts";
import {
  type EncoderDecoder,
  RecurrentEncoderDecoder,
  type RecurrentEncoderDecoderOptions,
  TransformerEncoderDecoder,
  type TransformerEncoderDecoderOptions,
} from "../../../src/text/index.ts";

/** With a number of the dtype that the case is of as the first input, since tokens have none. */
class Scaled extends Module {
  readonly model: EncoderDecoder;

  constructor(model: EncoderDecoder) {
    super();
    this.model = model;
  }

  override forward(scale: Tensor, source: Tensor, target: Tensor): Tensor {
    return this.model.forward(source, target).mul(scale);
  }
}

const SOURCE = 6;
const TARGET = 7;

export const SEQUENCE_TO_SEQUENCE = {
  RecurrentEncoderDecoder: ({ hiddenSize, ...options }: { hiddenSize: number } & RecurrentEncoderDecoderOptions) =>
    new Scaled(new RecurrentEncoderDecoder(SOURCE, TARGET, hiddenSize, options)),
  TransformerEncoderDecoder: ({
    dModel,
    nhead,
    ...options
  }: { dModel: number; nhead: number } & TransformerEncoderDecoderOptions) =>
    new Scaled(new TransformerEncoderDecoder(SOURCE, TARGET, dModel, nhead, { ...options, dropout: 0 })),
};
