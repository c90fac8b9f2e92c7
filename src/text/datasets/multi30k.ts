import { DataError } from "../../core/errors.ts";
import { obtainFile, readTarGz, type SingleFile } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";

export interface Multi30kOptions extends FetchOptions {
  /** 29,000, 1,014 or 1,000 pairs */
  split: "train" | "valid" | "test";
}

/** A sentence in two languages. */
export interface SentencePair {
  readonly de: string;
  readonly en: string;
}

export interface PairSource extends SingleFile {
  /** the files are <prefix>.de and <prefix>.en */
  readonly prefix: string;
}

const mirrors = ["https://raw.githubusercontent.com/neychev/small_DL_repo/master/datasets/Multi30k"];

// Mirror and digests are those of torchtext.datasets.Multi30k; the makers' server is gone.
const MULTI30K: Readonly<Record<Multi30kOptions["split"], PairSource>> = {
  train: {
    title: "Multi30k",
    file: "training.tar.gz",
    mirrors,
    integrity: "sha256-IBQNAT0F3Zpy395GR4ZjugVzfOmD9Hj5YMESPGZxvl4=",
    prefix: "train",
  },
  valid: {
    title: "Multi30k",
    file: "validation.tar.gz",
    mirrors,
    integrity: "sha256-p6og6evVulrc55CUmLlEEJlgQIVxVNqwKYUa86hm2ow=",
    prefix: "val",
  },
  test: {
    title: "Multi30k",
    file: "mmt16_task1_test.tar.gz",
    mirrors,
    integrity: "sha256-bRyh26meLF3VTK4SJv8RwlUebOY1J+uwcqH3D3KlzTY=",
    prefix: "test",
  },
};

/**
 * Descriptions of photographs in German and English.
 *
 * Looked for in `root` if that is given, else in $XDG_CACHE_HOME/chainrule/files (~/.cache by default), as
 * training.tar.gz, validation.tar.gz and mmt16_task1_test.tar.gz; downloaded otherwise (1.3 MB). Digests are checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: Elliott et al., Multi30K: multilingual English-German image descriptions, 2016.
 *
 * ```ts
 * await multi30k({ split: "valid", root: "nowhere", download: false }); // throws DataError
 * ```
 */
export async function multi30k(options: Multi30kOptions): Promise<SentencePair[]> {
  return readPairs(MULTI30K[options.split], options);
}

export async function readPairs(source: PairSource, options: FetchOptions): Promise<SentencePair[]> {
  const files = await readTarGz(await obtainFile(source, options), source.file);
  const lines = (language: string): string[] => {
    const name = `${source.prefix}.${language}`;
    const [, bytes] = [...files].find(([path]) => path.split("/").at(-1) === name) ?? [];
    if (!bytes) throw new DataError(`${source.title}: ${source.file} has no ${name}.`);
    return new TextDecoder().decode(bytes).trimEnd().split("\n");
  };
  const [de, en] = [lines("de"), lines("en")];
  if (de.length !== en.length) {
    throw new DataError(
      `${source.title}: ${source.file} has ${de.length} German sentences and ${en.length} English ones.`,
    );
  }
  return de.map((sentence, i) => ({ de: sentence.trim(), en: en[i].trim() }));
}
