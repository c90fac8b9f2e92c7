import { DataError } from "../../core/errors.ts";
import { obtainFile, readTarGz, type SingleFile } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";

export interface ImdbOptions extends FetchOptions {
  /** the 25,000 reviews to train on, or the 25,000 to test on */
  train: boolean;
}

export interface Review {
  readonly label: "neg" | "pos";
  /** stars: 1 to 4 or 7 to 10 */
  readonly rating: number;
  /** as it was written; lines end in "<br />" */
  readonly text: string;
}

// The digest is the one that several projects publish for the archive (c40f74a1…58fe in hexadecimal digits).
const IMDB: SingleFile = {
  title: "IMDB",
  file: "aclImdb_v1.tar.gz",
  mirrors: ["https://ai.stanford.edu/~amaas/data/sentiment"],
  integrity: "sha256-xA90oY07YfkP66HhdzDg046Ll8Bf3nAIlC6Rkj0WWP4=",
};

/**
 * Film reviews, half of them bad (first) and half good.
 *
 * Looked for in `root` if that is given, else in $XDG_CACHE_HOME/chainrule/files (~/.cache by default), as
 * aclImdb_v1.tar.gz; downloaded otherwise (84 MB). The digest is checked.
 * Throws a DataError that says what to do if the file is altered, or missing and cannot be fetched.
 * Source: Maas et al., Learning word vectors for sentiment analysis, 2011.
 *
 * ```ts
 * await imdb({ train: true, root: "nowhere", download: false }); // throws DataError
 * ```
 */
export async function imdb(options: ImdbOptions): Promise<Review[]> {
  return readReviews(IMDB, options);
}

export async function readReviews(source: SingleFile, options: ImdbOptions): Promise<Review[]> {
  const files = await readTarGz(await obtainFile(source, options), source.file);
  const pattern = options.train ? /\/train\/(neg|pos)\/(\d+)_(\d+)\.txt$/ : /\/test\/(neg|pos)\/(\d+)_(\d+)\.txt$/;
  const found = [...files].flatMap(([path, bytes]) => {
    const [, label, number, rating] = pattern.exec(path) ?? [];
    return label ? [{ label: label as Review["label"], number: Number(number), rating: Number(rating), bytes }] : [];
  });
  if (found.length === 0) throw new DataError(`${source.title}: ${source.file} holds no reviews.`);
  found.sort((a, b) => Number(a.label > b.label) - Number(a.label < b.label) || a.number - b.number);
  return found.map(({ label, rating, bytes }) => ({ label, rating, text: new TextDecoder().decode(bytes) }));
}
