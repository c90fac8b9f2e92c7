import { ArgumentError, IndexError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { type CTCOptions, emissionsOf, type Rows, wholeNumbers } from "./emissions.ts";

export interface ForcedAlignOptions extends CTCOptions {
  /** how many labels of each target count; all by default */
  targetLengths?: Tensor | readonly number[];
}

/** The best alignment of each target. */
export interface Alignment {
  /** the class at each time (N, T) i32; blank beyond a sequence's length */
  readonly path: Tensor;
  /** its log-probability at each time (N, T); 0 beyond a sequence's length */
  readonly scores: Tensor;
}

/**
 * The most probable alignment of each target with its input: argmax over the paths that read as it of Σₜ log pₜ(pathₜ).
 *
 * Viterbi's algorithm on the states of the CTC loss, the target's labels between blanks. Of equal paths the one that stays
 * longer is taken. Shapes: log-probabilities (N, T, C), batch first; targets (N, S), padded with anything ─► path and scores
 * (N, T). Throws a ShapeError if shapes do not fit, an IndexError for a target that is no class or the blank, an
 * ArgumentError for one that needs more times than its input has.
 *
 * ```ts
 * const logProbabilities = tensor([[[0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4]]]).log();
 * const { path, scores } = forcedAlign(logProbabilities, tensor([[1, 2]], { dtype: "i32" }));
 * path; // tensor([[1, 0, 2]])
 * scores.exp(); // tensor([[0.8000, 0.6000, 0.4000]])
 * ```
 *
 * Source: torchaudio.functional.forced_align; Kürzinger et al., CTC-segmentation of large corpora for German end-to-end
 * speech recognition, 2020.
 */
export function forcedAlign(logProbabilities: Tensor, targets: Tensor, options: ForcedAlignOptions = {}): Alignment {
  const { blank = 0 } = options;
  const sequences = emissionsOf("forcedAlign", logProbabilities, options);
  const [n, t, classes] = logProbabilities.shape;
  if (targets.ndim !== 2 || targets.shape[0] !== n) {
    throw new ShapeError(`forcedAlign needs targets (${n}, S), but got ${showShape(targets.shape)}.`);
  }
  const s = targets.shape[1];
  const lengths = wholeNumbers("forcedAlign", "targetLengths", options.targetLengths ?? new Array(n).fill(s), n, s);
  const labels = targets.dataSync();
  const path = new Int32Array(n * t).fill(blank);
  const scores = logProbabilities.dtype === "f64" ? new Float64Array(n * t) : new Float32Array(n * t);
  for (const [i, rows] of sequences.entries()) {
    const target = [...labels.subarray(i * s, i * s + lengths[i])];
    for (const label of target) {
      if (Number.isInteger(label) && label >= 0 && label < classes && label !== blank) continue;
      throw new IndexError(`forcedAlign: a target is one of ${classes} classes and not the blank, but is ${label}.`);
    }
    for (const [time, label] of bestPath(rows, target, blank).entries()) {
      path[i * t + time] = label;
      scores[i * t + time] = rows[time][label];
    }
  }
  return {
    path: tensor(path, { shape: [n, t], dtype: "i32" }),
    scores: tensor(scores, { shape: [n, t], dtype: logProbabilities.dtype }),
  };
}

function bestPath(rows: Rows, target: readonly number[], blank: number): number[] {
  const needed = target.length + target.filter((label, i) => label === target[i - 1]).length;
  if (needed > rows.length) {
    throw new ArgumentError(
      `forcedAlign: ${target.length} labels need at least ${needed} times, but there are ${rows.length}.`,
    );
  }
  if (rows.length === 0) return [];
  const line = [blank, ...target.flatMap((label) => [label, blank])]; // (2S + 1): blank, label, blank, …
  const states = line.length;
  let best = new Float64Array(states).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0; // before the first time, all paths stand at the first blank
  const cameFrom = rows.map((row) => {
    const next = new Float64Array(states).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(states);
    for (let state = 0; state < states; state++) {
      from[state] = state;
      const skips = line[state] !== blank && line[state] !== line[state - 2];
      for (const before of skips ? [state - 1, state - 2] : [state - 1]) {
        if (before >= 0 && best[before] > best[from[state]]) from[state] = before;
      }
      next[state] = best[from[state]] + row[line[state]];
    }
    best = next;
    return from;
  });
  let state = states === 1 || best[states - 1] > best[states - 2] ? states - 1 : states - 2;
  const path: number[] = [];
  for (let t = rows.length - 1; t >= 0; t--) {
    path.push(line[state]);
    state = cameFrom[t][state];
  }
  return path.reverse();
}

/** A label of an alignment, from time `start` up to and without `end`. */
export interface TokenSpan {
  readonly token: number;
  readonly start: number;
  readonly end: number;
  /** the mean of its times' scores */
  readonly score: number;
}

/**
 * The labels of one alignment: its path (T) with equal times merged and blanks left out, each with the mean of its scores.
 *
 * Throws a ShapeError unless path and scores are (T) both. Source: torchaudio.functional.merge_tokens.
 *
 * ```ts
 * const path = tensor([0, 1, 1, 0, 2], { dtype: "i32" });
 * mergeTokens(path, tensor([-1, -0.5, -1.5, 0, -2])); // [ { token: 1, start: 1, end: 3, score: -1 }, { token: 2, start: 4, end: 5, score: -2 } ]
 * ```
 */
export function mergeTokens(path: Tensor, scores: Tensor, options: { /** 0 */ blank?: number } = {}): TokenSpan[] {
  if (path.ndim !== 1 || scores.ndim !== 1 || path.shape[0] !== scores.shape[0]) {
    throw new ShapeError(
      `mergeTokens needs a path and scores (T), but got ${showShape(path.shape)} and ${showShape(scores.shape)}.`,
    );
  }
  const { blank = 0 } = options;
  const tokens = path.dataSync();
  const values = Float64Array.from(scores.dataSync());
  const spans: TokenSpan[] = [];
  for (let start = 0, end = 0; start < tokens.length; start = end) {
    const token = tokens[start];
    for (end = start; end < tokens.length && tokens[end] === token; ) end++;
    const score = values.subarray(start, end).reduce((sum, value) => sum + value, 0) / (end - start);
    if (token !== blank) spans.push({ token, start, end, score });
  }
  return spans;
}
