import type { Metric } from "./metric.ts";
import { expectPairs, type MetricTokenizer, type TextOrTokens, tokensOf } from "./tokens.ts";

/** A step from one sequence to another: positions `from` in the one and `to` in the other, where it has them. */
export type Edit =
  | { readonly kind: "keep" | "substitute"; readonly from: number; readonly to: number }
  | { readonly kind: "delete"; readonly from: number }
  | { readonly kind: "insert"; readonly to: number };

/** A text is a sequence of code points. */
const items = (sequence: string | readonly unknown[]): readonly unknown[] =>
  typeof sequence === "string" ? [...sequence] : sequence;

/** Row i, column j: the distance of the first i of a and the first j of b. */
function distances(a: readonly unknown[], b: readonly unknown[]): Uint32Array[] {
  const rows = [Uint32Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [rows[i - 1], new Uint32Array(b.length + 1)];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    rows.push(row);
  }
  return rows;
}

/**
 * The Levenshtein distance: how many items must at least be substituted, inserted or deleted to make one sequence the
 * other. Texts are sequences of code points; of lists, items are compared by ===. It takes time and memory in proportion to
 * the product of the lengths. Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966.
 *
 * ```ts
 * editDistance("kitten", "sitting"); // 3
 * editDistance(["to", "be"], ["to", "be", "or"]); // 1
 * ```
 */
export function editDistance(from: string | readonly unknown[], to: string | readonly unknown[]): number {
  const [a, b] = [items(from), items(to)];
  return distances(a, b)[a.length][b.length];
}

/**
 * The fewest edits that make one sequence the other, in order, with what is kept between them. Of several ways it is the
 * one that, seen from the end, keeps or substitutes before it deletes, and deletes before it inserts.
 * Wagner and Fischer, The string-to-string correction problem, 1974.
 *
 * ```ts
 * editOperations("ant", "at"); // [ { kind: 'keep', from: 0, to: 0 }, { kind: 'delete', from: 1 }, { kind: 'keep', from: 2, to: 1 } ]
 * ```
 */
export function editOperations(from: string | readonly unknown[], to: string | readonly unknown[]): Edit[] {
  const [a, b] = [items(from), items(to)];
  const rows = distances(a, b);
  const edits: Edit[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 || j > 0) {
    const same = i > 0 && j > 0 && a[i - 1] === b[j - 1];
    if (i > 0 && j > 0 && rows[i][j] === rows[i - 1][j - 1] + (same ? 0 : 1)) {
      edits.push({ kind: same ? "keep" : "substitute", from: --i, to: --j });
    } else if (i > 0 && rows[i][j] === rows[i - 1][j] + 1) edits.push({ kind: "delete", from: --i });
    else edits.push({ kind: "insert", to: --j });
  }
  return edits.reverse();
}

/** Edits for each token of the references. */
abstract class ErrorRate
  implements Metric<[predicted: readonly TextOrTokens[], references: readonly TextOrTokens[]], number>
{
  readonly #name: string;
  readonly #tokenizer: MetricTokenizer;
  #edits = 0;
  #tokens = 0;

  constructor(name: string, tokenizer: MetricTokenizer) {
    this.#name = name;
    this.#tokenizer = tokenizer;
  }

  update(predicted: readonly TextOrTokens[], references: readonly TextOrTokens[]): void {
    expectPairs(this.#name, predicted, references);
    for (const [i, reference] of references.entries()) {
      const truth = tokensOf(this.#name, reference, this.#tokenizer);
      this.#edits += editDistance(tokensOf(this.#name, predicted[i], this.#tokenizer), truth);
      this.#tokens += truth.length;
    }
  }

  compute(): number {
    return this.#edits / this.#tokens;
  }

  reset(): void {
    this.#edits = 0;
    this.#tokens = 0;
  }
}

/**
 * The word error rate: Σ edits / Σ words of the references, over all pairs, from 0, and above 1 if too much is predicted.
 * Words stand between white space; lists of tokens, such as an example's phonemes, are taken as they are. Without a word in
 * the references it is NaN, or +∞ if something is predicted. `update` throws an ArgumentError unless there is a reference
 * for each prediction. Source: torchmetrics.text.WordErrorRate.
 *
 * ```ts
 * const metric = new WordErrorRate();
 * metric.update(["this is the text"], ["this is a text"]);
 * metric.update(["and so on"], ["and on"]);
 * metric.compute().toFixed(4); // "0.3333"
 * ```
 */
export class WordErrorRate extends ErrorRate {
  constructor() {
    super("WordErrorRate", "whitespace");
  }
}

/**
 * The character error rate: `WordErrorRate` of code points.
 *
 * ```ts
 * const metric = new CharErrorRate();
 * metric.update(["sitting"], ["kitten"]);
 * metric.compute(); // 0.5
 * ```
 */
export class CharErrorRate extends ErrorRate {
  constructor() {
    super("CharErrorRate", "characters");
  }
}

/**
 * `WordErrorRate` of one batch.
 *
 * ```ts
 * wordErrorRate(["this is the text"], ["this is a text"]); // 0.25
 * ```
 */
export function wordErrorRate(predicted: readonly TextOrTokens[], references: readonly TextOrTokens[]): number {
  const metric = new WordErrorRate();
  metric.update(predicted, references);
  return metric.compute();
}

/**
 * `CharErrorRate` of one batch.
 *
 * ```ts
 * charErrorRate(["0427"], ["0421"]); // 0.25
 * ```
 */
export function charErrorRate(predicted: readonly TextOrTokens[], references: readonly TextOrTokens[]): number {
  const metric = new CharErrorRate();
  metric.update(predicted, references);
  return metric.compute();
}
