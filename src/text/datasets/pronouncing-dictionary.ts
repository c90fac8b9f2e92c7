import { DataError } from "../../core/errors.ts";
import { type DataPackage, obtainPackage } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";

export interface PronouncingDictionaryOptions extends FetchOptions {
  /** whether vowels carry their stress: "AH0" (none), "AH1" (primary), "AH2" (secondary), or plain "AH"; true */
  stress?: boolean;
}

/** The ways to say each word, the usual one first, as phonemes. */
export type PronouncingDictionary = ReadonlyMap<string, readonly (readonly string[])[]>;

/** The phonemes of the dictionary without stress: fifteen vowels, then consonants. */
export const ARPABET: readonly string[] = (
  "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW " + "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
).split(" ");

const CMU: DataPackage = {
  title: "the CMU pronouncing dictionary",
  name: "cmu-pronouncing-dictionary",
  version: "3.0.0",
  integrity: "sha512-6y5X4OxsYFnHERo6WSVPnLrk53G07MOQ8aUb2z555JgwynpbZsHR0a//WdN6DUcmE1j2auTF2TtL4PpoKze8QQ==",
  files: /^index\.js$/,
  sha256: "ef8b2b976d2e5801b7541ebcc7714f538d1ffa0ebb28645259536e2666bd2948",
};

/**
 * How North Americans say 126,046 words, in the 39 phonemes of {@link ARPABET}: 135,155 pronunciations.
 *
 * The file's variants "read", "read(2)" are one headword here; those that differ by stress alone are one without it.
 * Looked for in `root` if that is given; else in the npm package `cmu-pronouncing-dictionary` if it is installed, then in
 * $XDG_CACHE_HOME/chainrule/files (~/.cache by default); downloaded otherwise (1 MB). The digest is checked.
 * Throws a DataError that says what to do if the file is altered, or missing and cannot be fetched.
 * Source: The CMU Pronouncing Dictionary, Carnegie Mellon University, 2014.
 *
 * ```ts
 * const dictionary = await pronouncingDictionary({ stress: false });
 * dictionary.get("read"); // [ [ 'R', 'EH', 'D' ], [ 'R', 'IY', 'D' ] ]
 * ```
 */
export async function pronouncingDictionary(
  options: PronouncingDictionaryOptions = {},
): Promise<PronouncingDictionary> {
  const [[path, bytes]] = await obtainPackage(CMU, options);
  return parsePronunciations(new TextDecoder().decode(bytes), path, options.stress ?? true);
}

const PHONEMES = new Set(ARPABET);

/** The entries in the source of the package's only module: a line `"word(2)": "W ER1 D # remark",` each. */
export function parsePronunciations(source: string, name: string, stress: boolean): PronouncingDictionary {
  const words = new Map<string, string[][]>();
  for (const [, word, spoken] of source.matchAll(/^ *"(.+?)(?:\(\d+\))?": "([^"#]+?) *(?:#[^"]*)?",?$/gm)) {
    const phonemes = spoken.split(" ");
    const plain = phonemes.map((phoneme) => phoneme.replace(/[012]$/, ""));
    const unknown = plain.find((phoneme) => !PHONEMES.has(phoneme));
    if (unknown !== undefined) throw new DataError(`${name}: "${word}" has the unknown phoneme "${unknown}".`);
    const said = stress ? phonemes : plain;
    const known = words.get(word);
    if (!known) words.set(word, [said]);
    else if (!known.some((other) => other.join(" ") === said.join(" "))) known.push(said);
  }
  return words;
}
