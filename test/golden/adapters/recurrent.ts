/** What each golden recurrent layer is in chainrule. */

import { arange, type Tensor, tensor } from "../../../src/index.ts";
import {
  type BatchFirstOptions,
  GRU,
  GRUCell,
  type GRUCellOptions,
  type GRUOptions,
  LSTM,
  LSTMCell,
  type LSTMCellOptions,
  type LSTMOptions,
  PackedSequence,
  type PackSequenceOptions,
  type PadPackedSequenceOptions,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  RNN,
  RNNCell,
  type RNNCellOptions,
  type RNNOptions,
  unpadSequence,
} from "../../../src/nn/index.ts";
import type { Recordable } from "../modules.ts";
import type { MakesModule } from "./modules.ts";
import type { Operator } from "./operators.ts";

/** How a case tells its lengths: as such, as a mask, or by packing the input. */
interface Lengths {
  readonly lengths?: number[];
  readonly mask?: true;
  readonly packed?: true;
}

const [INPUT, HIDDEN] = [3, 4];

const list = (values: readonly number[]): Tensor => tensor(values, { dtype: "i32", shape: [values.length] });

/** A layer whose `forward` takes and gives the parts of its state as tensors of their own. */
function flat(layer: RNN | GRU | LSTM, { lengths, mask, packed }: Lengths): Recordable {
  const { batchFirst } = layer;
  const forward = layer.forward.bind(layer) as (x: unknown, state: unknown, known?: object) => [unknown, unknown];
  const parts = (last: unknown) => (layer instanceof LSTM ? (last as Tensor[]) : [last as Tensor]);
  const own = (x: Tensor, ...given: Tensor[]): Tensor[] => {
    const state = given.length === 0 ? undefined : layer instanceof LSTM ? given : given[0];
    if (lengths && packed) {
      const [y, last] = forward(packPaddedSequence(x, lengths, { batchFirst, enforceSorted: false }), state);
      const totalLength = x.shape[batchFirst ? 1 : 0];
      return [padPackedSequence(y as PackedSequence, { batchFirst, totalLength })[0], ...parts(last)];
    }
    const times = mask && lengths && arange(x.shape[0], { dtype: "i32" }).unsqueeze(1).lt(list(lengths));
    const [y, last] = forward(x, state, times ? { mask: times } : { lengths });
    return [y as Tensor, ...parts(last)];
  };
  return Object.assign(layer, { forward: own }) as unknown as Recordable;
}

export const RECURRENT_MODULES = {
  RNN: (options: RNNOptions & Lengths) => flat(new RNN(INPUT, HIDDEN, options), options),
  GRU: (options: GRUOptions & Lengths) => flat(new GRU(INPUT, HIDDEN, options), options),
  LSTM: (options: LSTMOptions & Lengths) => flat(new LSTM(INPUT, HIDDEN, options), options),
  RNNCell: (options: RNNCellOptions) => new RNNCell(INPUT, HIDDEN, options),
  GRUCell: (options: GRUCellOptions) => new GRUCell(INPUT, HIDDEN, options),
  LSTMCell: (options: LSTMCellOptions) => {
    const cell = new LSTMCell(INPUT, HIDDEN, options);
    const forward = cell.forward.bind(cell);
    const own = (x: Tensor, h?: Tensor, c?: Tensor) => forward(x, h && c && [h, c]);
    return Object.assign(cell, { forward: own }) as unknown as Recordable;
  },
} satisfies Record<string, MakesModule>;

/** A PackedSequence as tensors. */
function order({ data, batchSizes, sortedIndices, unsortedIndices }: PackedSequence): Tensor[] {
  const same = Array.from({ length: batchSizes[0] }, (_, i) => i);
  return [data, list(batchSizes), list(sortedIndices ?? same), list(unsortedIndices ?? same)];
}

type PackingOptions = BatchFirstOptions & PackSequenceOptions & PadPackedSequenceOptions & { lengths: number[] };

export const PACKING: Readonly<Record<string, Operator<PackingOptions>>> = {
  packPaddedSequence: ([x], { lengths, ...options }) => order(packPaddedSequence(x, lengths, options)),
  padPackedSequence([x], { lengths, ...options }) {
    const { data, batchSizes, sortedIndices } = packPaddedSequence(x, lengths, options);
    const doubled = new PackedSequence(data.mul(2), batchSizes, sortedIndices);
    const [padded, counts] = padPackedSequence(doubled, options);
    return [padded, list(counts)];
  },
  padSequence: (sequences, options) => padSequence(sequences, options),
  packSequence: (sequences, options) => order(packSequence(sequences, options)),
  unpadSequence: ([x], { lengths, ...options }) => unpadSequence(x, lengths, options),
};
