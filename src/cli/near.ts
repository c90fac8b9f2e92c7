import { UsageError } from "./errors.ts";

/** The one of `known` that has this name, however it is spelled: `leakyRelu` for `LeakyReLU`, `L-BFGS` for `lbfgs`. */
export function named(kind: string, name: string, known: readonly string[]): string {
  const bare = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, "");
  const found = known.find((word) => bare(word) === bare(name));
  if (found !== undefined) return found;
  throw new UsageError(`there is no ${kind} "${name}"${didYouMean(name, known) || "."} There are ${known.join(", ")}.`);
}

/** `; did you mean tanh?` where known names are near to this one or have it within, otherwise nothing. */
function didYouMean(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase();
  const distances = known.map((word) => edits(wanted, word.toLowerCase()));
  const least = Math.min(...distances, name.length / 2);
  const near = known.filter(
    (word, i) => distances[i] <= least || (name.length > 2 && word.toLowerCase().includes(wanted)),
  );
  return near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
}

/** How many letters must be put in, left out or replaced to make b of a (Levenshtein, 1966). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let k = 0; k < b.length; k++) {
      next.push(Math.min(row[k] + (letter === b[k] ? 0 : 1), row[k + 1] + 1, next[k] + 1));
    }
    row = next;
  }
  return row[b.length];
}
