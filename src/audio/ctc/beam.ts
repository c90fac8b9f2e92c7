import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { type CTCOptions, emissionsOf, type Rows } from "./emissions.ts";

/** log p(last label | those before it). */
export type PrefixScore = (labels: readonly number[]) => number;

export interface CTCBeamSearchOptions extends CTCOptions {
  /** how many beginnings are kept from one time to the next; 100 by default */
  beam?: number;
  /** asked once for each beginning that is looked at, with at least one label; none by default */
  languageModel?: PrefixScore;
  /** α, the weight of the language model's log-probabilities; 1 by default */
  alpha?: number;
  /** β, what each label adds to the score, against a language model's liking for short ones; 0 by default */
  beta?: number;
  /** how many labellings to give; 1 by default */
  best?: number;
}

/** A labelling with its score. */
export interface CTCHypothesis {
  readonly labels: readonly number[];
  /** log p(labels | input) + α · log p(labels) + β · their number, over the alignments that the search has met */
  readonly score: number;
}

/**
 * The best labellings by prefix search: log p(labels | input) + α · log p(labels) + β · |labels|, best first.
 *
 * The alignments that read as one beginning are added up at each time, those that end in a blank apart from those that
 * end in its last label, and the `beam` best beginnings go on. With a beam that holds all of them the result is
 * exact. Shapes: log-probabilities (N, T, C) as {@link ctcGreedyDecode} takes them; the result has for each of N up to
 * `best` labellings. Throws a ShapeError or ArgumentError if options do not fit.
 *
 * ```ts
 * const logProbabilities = tensor([[[0.6, 0.4], [0.6, 0.4]]]).log();
 * ctcGreedyDecode(logProbabilities); // [ [] ]
 * const [[best]] = ctcBeamSearch(logProbabilities);
 * best.labels; // [ 1 ]
 * Math.exp(best.score).toFixed(2); // "0.64"
 * const languageModel = () => Math.log(0.1);
 * ctcBeamSearch(logProbabilities, { languageModel })[0][0].labels; // []
 * ```
 *
 * Hannun, Maas, Jurafsky, Ng, First-pass large vocabulary continuous speech recognition using bi-directional recurrent
 * DNNs, 2014, algorithm 1.
 */
export function ctcBeamSearch(logProbabilities: Tensor, options: CTCBeamSearchOptions = {}): CTCHypothesis[][] {
  const { beam = 100, best = 1 } = options;
  for (const [name, value] of Object.entries({ beam, best })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new ArgumentError(`ctcBeamSearch: ${name} is a whole number from 1, but is ${value}.`);
    }
  }
  return emissionsOf("ctcBeamSearch", logProbabilities, options).map((rows) => search(rows, options));
}

/** A beginning of a labelling, and the alignments up to now that read as it. */
class Prefix {
  readonly labels: readonly number[];
  /** α · log p(labels) + β · |labels| */
  readonly prior: number;
  readonly #children = new Map<number, Prefix>();
  /** log-probability of those that end in a blank, and of those that end in the last label */
  blank = Number.NEGATIVE_INFINITY;
  label = Number.NEGATIVE_INFINITY;
  /** the same one time later */
  nextBlank = Number.NEGATIVE_INFINITY;
  nextLabel = Number.NEGATIVE_INFINITY;

  constructor(labels: readonly number[], prior: number) {
    this.labels = labels;
    this.prior = prior;
  }

  get total(): number {
    return logAdd(this.blank, this.label);
  }

  get score(): number {
    return this.total + this.prior;
  }

  /** This beginning with one label more. */
  child(label: number, { languageModel, alpha = 1, beta = 0 }: CTCBeamSearchOptions): Prefix {
    let child = this.#children.get(label);
    if (!child) {
      const labels = [...this.labels, label];
      child = new Prefix(labels, this.prior + beta + (languageModel ? alpha * languageModel(labels) : 0));
      this.#children.set(label, child);
    }
    return child;
  }

  advance(): void {
    [this.blank, this.label] = [this.nextBlank, this.nextLabel];
    this.nextBlank = this.nextLabel = Number.NEGATIVE_INFINITY;
  }
}

function search(rows: Rows, options: CTCBeamSearchOptions): CTCHypothesis[] {
  const { blank = 0, beam = 100, best = 1 } = options;
  const root = new Prefix([], 0);
  root.blank = 0;
  let kept = [root];
  for (const row of rows) {
    const met = new Set<Prefix>();
    for (const prefix of kept) {
      met.add(prefix);
      const last = prefix.labels.at(-1);
      prefix.nextBlank = logAdd(prefix.nextBlank, prefix.total + row[blank]);
      if (last !== undefined) prefix.nextLabel = logAdd(prefix.nextLabel, prefix.label + row[last]);
      for (let label = 0; label < row.length; label++) {
        // The last label again is another one only behind a blank.
        const before = label === last ? prefix.blank : prefix.total;
        if (label === blank || before + row[label] === Number.NEGATIVE_INFINITY) continue;
        const child = prefix.child(label, options);
        child.nextLabel = logAdd(child.nextLabel, before + row[label]);
        met.add(child);
      }
    }
    for (const prefix of met) prefix.advance();
    const alive = [...met].filter(({ score }) => score > Number.NEGATIVE_INFINITY).sort((a, b) => b.score - a.score);
    // What falls out of the beam may come back as another's child, and begins anew then.
    for (const prefix of alive.slice(beam)) prefix.blank = prefix.label = Number.NEGATIVE_INFINITY;
    kept = alive.slice(0, beam);
  }
  return kept.slice(0, best).map(({ labels, score }) => ({ labels, score }));
}

/** log(eᵃ + eᵇ). */
function logAdd(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === Number.NEGATIVE_INFINITY ? top : top + Math.log1p(Math.exp(-Math.abs(a - b)));
}
