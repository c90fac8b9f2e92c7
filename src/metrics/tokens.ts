import { ArgumentError } from "../core/errors.ts";

/**
 * How a metric takes a text apart, for a figure means nothing without it: `"whitespace"` between white space; `"13a"` as
 * NIST's mteval-v13a does, which sets punctuation off, but not within numbers; `"characters"` into code points;
 * `"alphanumeric"` into runs of a to z and 0 to 9 of the text in lower case, as ROUGE's reference does.
 */
export type MetricTokenizer = "whitespace" | "13a" | "characters" | "alphanumeric";

/** A text, which the metric takes apart, or the tokens that it was taken apart into. */
export type TextOrTokens = string | readonly string[];

const words = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== "");

const TOKENIZERS: Readonly<Record<MetricTokenizer, (text: string) => string[]>> = {
  whitespace: words,
  "13a": (text) =>
    words(
      ` ${text
        .replaceAll("<skipped>", "")
        .replaceAll("-\n", "") // a word divided at the end of a line
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")} `
        .replace(/[{-~[-` -&(-+:-@/]/g, " $& ") // ASCII's punctuation but ' , - .
        .replace(/([^0-9])([.,])/g, "$1 $2 ")
        .replace(/([.,])([^0-9])/g, " $1 $2")
        .replace(/([0-9])(-)/g, "$1 $2 "),
    ),
  characters: (text) => [...text],
  alphanumeric: (text) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [],
};

/** The tokens of a text; those that are given stay as they are. */
export function tokensOf(op: string, text: TextOrTokens, tokenizer: MetricTokenizer): readonly string[] {
  if (typeof text !== "string") return text;
  const split = TOKENIZERS[tokenizer];
  if (split) return split(text);
  throw new ArgumentError(
    `${op}: there is no tokenizer "${tokenizer}": take "whitespace", "13a", "characters" or "alphanumeric", or give tokens.`,
  );
}

/** Throws an ArgumentError unless there is a prediction for each reference. */
export function expectPairs(op: string, predicted: readonly unknown[], references: readonly unknown[]): void {
  if (predicted.length === references.length) return;
  throw new ArgumentError(
    `${op} needs a reference for each prediction, but got ${predicted.length} predictions and ${references.length} references.`,
  );
}
