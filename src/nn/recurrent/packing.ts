/** Batches of sequences of several lengths: padded to one length, or packed without padding. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { cat, full, stack, Tensor, tensor, where } from "../../tensor/index.ts";

export interface BatchFirstOptions {
  /** whether a padded batch is (B, T, …) in place of (T, B, …); false by default */
  batchFirst?: boolean;
}

export interface PadSequenceOptions extends BatchFirstOptions {
  /** what stands after a sequence's end; 0 by default */
  paddingValue?: number;
}

export interface PackSequenceOptions {
  /** whether the sequences must come longest first; with false, any order is taken and given back; true by default */
  enforceSorted?: boolean;
}

export interface PadPackedSequenceOptions extends PadSequenceOptions {
  /** how many times the padded batch has; as many as the longest sequence by default */
  totalLength?: number;
}

/**
 * Sequences of several lengths without padding: what all have at time 0, then what those that go on have at time 1, …,
 * longest first. Recurrent layers take one in place of a tensor, and give one.
 *
 * ```ts
 * const packed = packSequence([tensor([1, 2, 3]), tensor([4])]);
 * packed.data; // tensor([1., 4., 2., 3.])
 * packed.batchSizes; // [ 2, 1, 1 ]
 * packed.lengths; // [ 3, 1 ]
 * ```
 */
export class PackedSequence {
  /** (Σ lengths, …) */
  readonly data: Tensor;
  /** how many sequences there are at each time */
  readonly batchSizes: readonly number[];
  /** which of the sequences that came is the longest, the next, …; undefined if they came so */
  readonly sortedIndices: readonly number[] | undefined;

  constructor(data: Tensor, batchSizes: readonly number[], sortedIndices?: readonly number[]) {
    const total = batchSizes.reduce((sum, size) => sum + size, 0);
    if (data.ndim === 0 || data.shape[0] !== total) {
      throw new ShapeError(
        `PackedSequence: the batch sizes add up to ${total}, but the data is ${showShape(data.shape)}.`,
      );
    }
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
  }

  /** Where each of the sequences that came stands among the sorted ones; undefined if they came so. */
  get unsortedIndices(): readonly number[] | undefined {
    const { sortedIndices: sorted } = this;
    return sorted && inverse(sorted);
  }

  /** The number of times that each sequence has, in the order in which they came. */
  get lengths(): readonly number[] {
    return ranks(this).map((rank) => this.batchSizes.filter((size) => size > rank).length);
  }
}

const inverse = (order: readonly number[]): number[] => {
  const places: number[] = new Array(order.length);
  for (const [rank, index] of order.entries()) places[index] = rank;
  return places;
};

/** For each sequence as it came, how many are longer or stand before it. */
const ranks = ({ batchSizes: [count = 0], unsortedIndices }: PackedSequence): readonly number[] =>
  unsortedIndices ?? Array.from({ length: count }, (_, i) => i);

const indices = (list: readonly number[]): Tensor => tensor(list, { dtype: "i32", shape: [list.length] });

/** Lengths as numbers; a tensor of them is read, which a compiled function cannot do. */
const numbersOf = (lengths: Tensor | readonly number[]): readonly number[] =>
  lengths instanceof Tensor ? Array.from(lengths.dataSync()) : lengths;

/**
 * Takes the padding out of a batch of sequences.
 *
 * Shapes: (T, B, …), with `batchFirst` (B, T, …); lengths (B), each in [1, T]. The lengths decide the shapes: as a tensor they
 * are read at once, so in a compiled function they must be numbers. Throws a ShapeError if there are not B of them, an
 * ArgumentError if one is out of [1, T], or if they grow while `enforceSorted` is true.
 *
 * ```ts
 * const batch = tensor([[1, 0, 0], [2, 3, 4]]); // one time, then three
 * const packed = packPaddedSequence(batch, [1, 3], { batchFirst: true, enforceSorted: false });
 * packed.data; // tensor([2., 1., 3., 4.])
 * packed.sortedIndices; // [ 1, 0 ]
 * packPaddedSequence(batch, [1, 3], { batchFirst: true }); // throws ArgumentError
 * ```
 */
export function packPaddedSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options: BatchFirstOptions & PackSequenceOptions = {},
): PackedSequence {
  const { batchFirst = false, enforceSorted = true } = options;
  const counts = numbersOf(lengths);
  checkLengths("packPaddedSequence", padded, counts, batchFirst);
  const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a]); // stable
  if (enforceSorted && order.some((index, rank) => index !== rank)) {
    throw new ArgumentError(
      `packPaddedSequence: the lengths ${counts.join(", ")} are not sorted from the longest; sort them, or pass { enforceSorted: false }.`,
    );
  }
  const longest = counts[order[0]] ?? 0;
  const batchSizes = Array.from({ length: longest }, (_, t) => counts.filter((count) => count > t).length);
  return packedRows(padded, batchSizes, enforceSorted ? undefined : order, batchFirst);
}

/** The steps of a padded batch that `batchSizes` and the order leave. */
function packedRows(
  padded: Tensor,
  batchSizes: readonly number[],
  sorted: readonly number[] | undefined,
  batchFirst: boolean,
): PackedSequence {
  const [steps, batch] = batchFirst ? [1, padded.shape[1]] : [padded.shape[1], 1]; // how far apart neighbours are
  const rows = batchSizes.flatMap((size, t) =>
    Array.from({ length: size }, (_, rank) => t * steps + (sorted?.[rank] ?? rank) * batch),
  );
  return new PackedSequence(padded.flatten(0, 1).indexSelect(0, indices(rows)), batchSizes, sorted);
}

/** Packs a padded batch (T, B, …) as another was packed. */
export const packLike = (padded: Tensor, { batchSizes, sortedIndices }: PackedSequence): PackedSequence =>
  packedRows(padded, batchSizes, sortedIndices, false);

function checkLengths(op: string, padded: Tensor, lengths: readonly number[], batchFirst: boolean): void {
  const [times, batch] = batchFirst ? [padded.shape[1], padded.shape[0]] : padded.shape;
  if (padded.ndim < 2 || lengths.length !== batch) {
    throw new ShapeError(
      `${op}: got ${lengths.length} lengths for a batch ${batchFirst ? "(B, T, …)" : "(T, B, …)"} = ${showShape(padded.shape)}; there must be one for each sequence.`,
    );
  }
  const wrong = lengths.find((length) => !(Number.isInteger(length) && length >= 1 && length <= times));
  if (wrong !== undefined) {
    throw new ArgumentError(`${op}: a length is ${wrong}, but a sequence of this batch has 1 to ${times} times.`);
  }
}

/**
 * A packed batch with padding again, and the lengths of its sequences, in the order in which they came.
 *
 * Shapes: ─► (T, B, …), with `batchFirst` (B, T, …), where T is `totalLength` or the longest length. Throws an ArgumentError
 * if `totalLength` is below the longest length.
 *
 * ```ts
 * const packed = packSequence([tensor([1]), tensor([2, 3])], { enforceSorted: false });
 * const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
 * padded; // tensor([[1., 0.], [2., 3.]])
 * lengths; // [ 1, 2 ]
 * ```
 */
export function padPackedSequence(
  packed: PackedSequence,
  options: PadPackedSequenceOptions = {},
): [padded: Tensor, lengths: readonly number[]] {
  const { data, batchSizes } = packed;
  const { batchFirst = false, paddingValue = 0, totalLength: times = batchSizes.length } = options;
  if (times < batchSizes.length) {
    throw new ArgumentError(
      `padPackedSequence: totalLength is ${times}, but the longest sequence has ${batchSizes.length} times.`,
    );
  }
  const before = batchSizes.map((_, t) => batchSizes.slice(0, t).reduce((sum, size) => sum + size, 0));
  const row = (t: number, rank: number): number => (rank < (batchSizes[t] ?? 0) ? before[t] + rank : -1);
  const [each, all] = [ranks(packed), Array.from({ length: times }, (_, t) => t)];
  const rows = batchFirst
    ? each.flatMap((rank) => all.map((t) => row(t, rank)))
    : all.flatMap((t) => each.map((rank) => row(t, rank)));
  const shape = batchFirst ? [each.length, times] : [times, each.length];
  const inner = data.shape.slice(1);
  const steps = data.indexSelect(0, indices(rows.map((i) => Math.max(i, 0)))).reshape([...shape, ...inner]);
  const isStep = tensor(
    rows.map((i) => i >= 0),
    { dtype: "bool", shape: [...shape, ...inner.map(() => 1)] },
  );
  return [where(isStep, steps, paddingValue), packed.lengths];
}

/**
 * Sequences side by side, the shorter ones padded at their ends.
 *
 * Shapes: each (Tᵢ, …) ─► (max Tᵢ, B, …), with `batchFirst` (B, max Tᵢ, …). Throws a ShapeError if they differ in more than
 * their length, an ArgumentError if there is none.
 *
 * ```ts
 * padSequence([tensor([1, 2]), tensor([3])], { batchFirst: true, paddingValue: -1 }); // tensor([[ 1., 2.], [ 3., -1.]])
 * ```
 */
export function padSequence(sequences: readonly Tensor[], options: PadSequenceOptions = {}): Tensor {
  const { batchFirst = false, paddingValue = 0 } = options;
  checkSequences("padSequence", sequences);
  const longest = Math.max(...sequences.map(({ shape }) => shape[0]));
  const padded = sequences.map((x) => {
    const [length, ...inner] = x.shape;
    const missing = full([longest - length, ...inner], paddingValue, { dtype: x.dtype });
    return length === longest ? x : cat([x, missing], 0); // (T, …)
  });
  return stack(padded, batchFirst ? 0 : 1);
}

function checkSequences(op: string, sequences: readonly Tensor[]): void {
  if (sequences.length === 0) throw new ArgumentError(`${op} needs at least one sequence.`);
  const inner = (x: Tensor) => showShape(x.shape.slice(1));
  if (sequences.some((x) => x.ndim === 0 || inner(x) !== inner(sequences[0]))) {
    throw new ShapeError(
      `${op} needs sequences (T, …) that differ in T alone, but got ${sequences.map(({ shape }) => showShape(shape)).join(", ")}.`,
    );
  }
}

/**
 * The sequences of a padded batch, without padding.
 *
 * Shapes: (T, B, …), with `batchFirst` (B, T, …), and lengths (B) ─► B of (length, …). Throws what `packPaddedSequence`
 * throws; lengths are taken as there.
 *
 * ```ts
 * unpadSequence(tensor([[1, 2], [3, 0]]), [2, 1], { batchFirst: true })[1]; // tensor([3.])
 * ```
 */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options: BatchFirstOptions = {},
): Tensor[] {
  const { batchFirst = false } = options;
  const counts = numbersOf(lengths);
  checkLengths("unpadSequence", padded, counts, batchFirst);
  const sequences = padded.unbind(batchFirst ? 0 : 1); // (T, …) each
  return counts.map((length, i) => sequences[i].narrow(0, 0, length));
}

/**
 * Packs sequences (Tᵢ, …): `packPaddedSequence` of `padSequence`, whose errors it throws.
 *
 * ```ts
 * packSequence([tensor([1, 2]), tensor([3])]).data; // tensor([1., 3., 2.])
 * ```
 */
export function packSequence(sequences: readonly Tensor[], options: PackSequenceOptions = {}): PackedSequence {
  const lengths = sequences.map(({ shape }) => shape[0]);
  return packPaddedSequence(padSequence(sequences), lengths, options);
}
