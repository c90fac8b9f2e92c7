export { GRUCell, type GRUCellOptions, LSTMCell, type LSTMCellOptions, RNNCell, type RNNCellOptions } from "./cells.ts";
export { GRU, type GRUOptions } from "./gru.ts";
export { LSTM, type LSTMOptions } from "./lstm.ts";
export {
  type BatchFirstOptions,
  PackedSequence,
  type PackSequenceOptions,
  type PadPackedSequenceOptions,
  type PadSequenceOptions,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpadSequence,
} from "./packing.ts";
export type { Merge, RecurrentForwardOptions, RecurrentOptions } from "./recurrent.ts";
export { RNN, type RNNOptions } from "./rnn.ts";
export type { RNNNonlinearity } from "./units.ts";
