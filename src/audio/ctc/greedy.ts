import type { Tensor } from "../../tensor/index.ts";
import { type CTCOptions, emissionsOf } from "./emissions.ts";

/**
 * The labels of the most probable class at each time: repeated ones merge, then blanks are dropped.
 *
 * That is the labelling of the one best alignment, which is not always the best labelling: {@link ctcBeamSearch} adds up all
 * alignments. Shapes: log-probabilities (N, T, C), such as `logits.logSoftmax(2)`, batch first as torchaudio's decoders have
 * them. Throws a ShapeError or ArgumentError if lengths or blank do not fit.
 *
 * ```ts
 * const scores = tensor([[[0, 9, 1], [0, 9, 1], [9, 0, 0], [0, 9, 2], [0, 1, 9]]]); // 1 1 ␣ 1 2
 * ctcGreedyDecode(scores); // [ [ 1, 1, 2 ] ]
 * ctcGreedyDecode(scores, { lengths: [3] }); // [ [ 1 ] ]
 * ```
 *
 * Graves, Fernández, Gomez, Schmidhuber, Connectionist temporal classification: labelling unsegmented sequence data with
 * recurrent neural networks, 2006, section 3.2.
 */
export function ctcGreedyDecode(logProbabilities: Tensor, options: CTCOptions = {}): number[][] {
  const { blank = 0 } = options;
  return emissionsOf("ctcGreedyDecode", logProbabilities, options).map((rows) => {
    const best = rows.map(argmax);
    return best.filter((label, t) => label !== blank && label !== best[t - 1]);
  });
}

function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < row.length; k++) if (row[k] > row[best]) best = k;
  return best;
}
