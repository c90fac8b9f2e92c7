import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";

export interface PadSequencesOptions {
  /** the tensor's length; that of the longest sequence */
  length?: number;
  /** what stands behind a sequence's end; 0 */
  paddingValue?: number;
}

export interface PaddedSequences {
  /** (N, T) i32 */
  readonly tokens: Tensor;
  /** (N) i32 */
  readonly lengths: Tensor;
  /** (N, T) bool: true where a token is, false where it is padded; `MultiheadAttention`'s `keyPaddingMask` is its opposite */
  readonly mask: Tensor;
}

/**
 * Sequences of token numbers as the rows of one tensor, padded at their ends.
 *
 * Shapes: N sequences ─► (N, T). Throws an ArgumentError if one is longer than `length`.
 *
 * ```ts
 * const { tokens, lengths, mask } = padSequences([[5, 6, 7], [8]]);
 * tokens.arraySync(); // [ [ 5, 6, 7 ], [ 8, 0, 0 ] ]
 * lengths.arraySync(); // [ 3, 1 ]
 * mask.arraySync(); // [ [ true, true, true ], [ true, false, false ] ]
 * ```
 */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  options: PadSequencesOptions = {},
): PaddedSequences {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const { length = longest, paddingValue = 0 } = options;
  if (!Number.isInteger(length) || longest > length) {
    throw new ArgumentError(
      `padSequences: a sequence of ${longest} does not fit the length ${length}: cut it off with .slice(0, ${length}).`,
    );
  }
  const shape = [sequences.length, length];
  const tokens = new Int32Array(sequences.length * length).fill(paddingValue);
  const mask = new Uint8Array(tokens.length);
  for (const [row, sequence] of sequences.entries()) {
    tokens.set(sequence, row * length);
    mask.fill(1, row * length, row * length + sequence.length);
  }
  const lengths = Int32Array.from(sequences, (sequence) => sequence.length);
  return {
    tokens: tensor(tokens, { shape }),
    lengths: tensor(lengths),
    mask: tensor(mask, { shape, dtype: "bool" }),
  };
}
