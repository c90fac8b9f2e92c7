/** Operators and modules that only PyTorch's refused calls are run on: their results are random, or have no samples. */

import { bernoulli, cross, multinomial, Parameter, type Tensor, tensor } from "../../../src/index.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  CrossEntropyLoss,
  Embedding,
  GRU,
  GRUCell,
  GroupNorm,
  HuberLoss,
  init,
  LSTM,
  LSTMCell,
  layerNorm,
  MaxPool2d,
  MultiMarginLoss,
  NLLLoss,
  RNN,
  RNNCell,
  rrelu,
} from "../../../src/nn/index.ts";
import { type Argument, camelCase, OPERATORS, type Operator, op } from "../operators.ts";

/** A module that is made, and applied where there is something to apply it to: `[…constructor's, forward's or null]`. */
function module<Made extends (...args: never[]) => { forward(...inputs: never[]): unknown }>(make: Made): Operator {
  return ([made, inputs], kwargs) => {
    const options = Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [camelCase(name), value]));
    const layer = make(...([...(made as Argument[]), options] as Parameters<Made>));
    return inputs === null ? [] : (layer.forward(...(inputs as never[])) as Tensor | Tensor[]);
  };
}

/** Options, and an argument before them that is an option here. */
const named = (name: string, more: readonly unknown[]): object => ({
  ...(more.at(-1) as object),
  ...(more.length > 1 && { [name]: more[0] }),
});

const parameter = (x: Tensor) => new Parameter(x);

export const ONLY_REFUSED: Readonly<Record<string, Operator>> = {
  // Copies, of which PyTorch makes operators of their own.
  diagonal_copy: OPERATORS["diagonal"],
  narrow_copy: OPERATORS["narrow"],
  t_copy: OPERATORS["t"],
  unbind_copy: OPERATORS["unbind"],
  view_copy: OPERATORS["view"],
  "linalg.cross": op("other dim", (x, { other, dim }) => cross(x, other, dim ?? -1)),
  "linalg.diagonal": op("", (x, { offset, dim1 = -2, dim2 = -1 }) => x.diagonal(offset, dim1, dim2)),

  bernoulli: op("", (x) => bernoulli(x)),
  item: op("", async (x) => [tensor(await x.item())]),
  multinomial: op("numSamples replacement", (x, { numSamples, replacement }) =>
    multinomial(x, numSamples, { replacement }),
  ),
  native_layer_norm: op("normalizedShape weight bias eps", (x, { normalizedShape, ...options }) =>
    layerNorm(x, normalizedShape, options),
  ),
  "nn.functional.rrelu": op("lower upper", (x, options) => rrelu(x, options)),
  normal: op("mean std", (x, options) => init.normal(parameter(x), options)),
  uniform: op("low high", (x, { low, high }) => init.uniform(parameter(x), { a: low, b: high })),

  "nn.BatchNorm1d": module((features, options) => new BatchNorm1d(features, options)),
  "nn.BatchNorm2d": module((features, options) => new BatchNorm2d(features, options)),
  "nn.BatchNorm3d": module((features, options) => new BatchNorm3d(features, options)),
  "nn.CircularPad1d": module((padding) => new CircularPad1d(padding)),
  "nn.CircularPad2d": module((padding) => new CircularPad2d(padding)),
  "nn.CircularPad3d": module((padding) => new CircularPad3d(padding)),
  "nn.CrossEntropyLoss": module((options) => new CrossEntropyLoss(options)),
  "nn.Embedding": module(({ numEmbeddings, embeddingDim }) => new Embedding(numEmbeddings, embeddingDim)),
  "nn.GRU": module((inputSize, hiddenSize, ...more) => new GRU(inputSize, hiddenSize, named("numLayers", more))),
  "nn.GRUCell": module((inputSize, hiddenSize, ...more) => new GRUCell(inputSize, hiddenSize, named("bias", more))),
  "nn.GroupNorm": module((groups, channels, options) => new GroupNorm(groups, channels, options)),
  "nn.HuberLoss": module((options) => new HuberLoss(options)),
  "nn.LSTM": module((inputSize, hiddenSize, ...more) => new LSTM(inputSize, hiddenSize, named("numLayers", more))),
  "nn.LSTMCell": module((inputSize, hiddenSize, ...more) => new LSTMCell(inputSize, hiddenSize, named("bias", more))),
  "nn.MaxPool2d": module((size, options) => new MaxPool2d(size, options)),
  "nn.MultiMarginLoss": module((options) => new MultiMarginLoss(options)),
  "nn.NLLLoss": module((options) => new NLLLoss(options)),
  "nn.RNN": module((inputSize, hiddenSize, ...more) => new RNN(inputSize, hiddenSize, named("numLayers", more))),
  "nn.RNNCell": module((inputSize, hiddenSize, ...more) => new RNNCell(inputSize, hiddenSize, named("bias", more))),
};
